"""Name servers that change while ss-server runs are followed, from inside its sandbox too."""
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, socks5, targets  # noqa: E402
from support.name_server import NameServer  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.ports import wait_until  # noqa: E402


class ResolverTest(unittest.TestCase):
    @unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
    def test_name_servers_that_change_are_followed(self):
        subprocess.run(["mount", "-t", "tmpfs", "etc", "/etc"], check=True)
        etc = Path("/etc")
        (etc / "resolv.conf").write_text("nameserver 127.0.0.99\n")  # nobody there

        def echoes(pair, target):
            try:
                with socks5.connect(pair.socks_port, "name.test", target.port, timeout=10) as sock:
                    sock.sendall(b"x")
                    return socks5.read_exactly(sock, 1) == b"x"
            except (OSError, EOFError, socks5.Refused):
                return False

        with targets.Target(targets.echo) as target, NameServer(), Pair("2022-blake3-aes-256-gcm", server_extra={"workers": 1}) as pair:
            self.assertFalse(echoes(pair, target))
            (etc / "new").write_text("nameserver 127.0.0.1\n")
            (etc / "new").rename(etc / "resolv.conf")
            self.assertTrue(wait_until(lambda: echoes(pair, target), 15), pair.logs())


if __name__ == "__main__":
    own_network.main()
