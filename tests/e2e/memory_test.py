"""Keys in the memory of running programs: as few copies as there are owners, and none left behind by serving, refusing or failing."""
import base64
import os
import re
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, socks5, socks5_udp, targets, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402

MAPPED = re.compile(r"(\w+)-(\w+) r\S* \S+ \S+ \d+ *(.*)")
ONE = {"workers": 1}
TEXTS = 1  # the configuration's own


def copies(process, needle):
    """How often `needle` stands in the memory of a process."""
    found = 0
    with open(f"/proc/{process.pid}/maps", encoding="ascii") as maps, open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for first, last, name in MAPPED.findall(maps.read()):
            if not name.startswith("[v"):
                memory.seek(int(first, 16))
                found += memory.read(int(last, 16) - int(first, 16)).count(needle)
    return found


def serve(pair, target, datagrams):
    """Streams and packets that are served, a stream that is refused, and a target that is not there."""
    for _ in range(20):
        with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
            sock.sendall(bytes(1000))
            socks5.read_exactly(sock, 1000)
    with socks5_udp.Association(pair.socks_port) as association:
        association.ask("127.0.0.1", datagrams.port, b"datagram")
    with socket.create_connection(("127.0.0.1", pair.setup.server_port)) as sock:
        sock.sendall(os.urandom(200))
    try:
        socks5.connect(pair.socks_port, "127.0.0.1", 1).close()
    except (OSError, EOFError, socks5.Refused):
        pass


@unittest.skipIf(os.environ.get("SS_SANITIZE"), "sanitizers keep what is freed for a while")
@unittest.skipIf(os.geteuid() != 0, "only root may look")
class MemoryTest(unittest.TestCase):
    def test_serving_leaves_no_copy_of_a_key_behind(self):
        for method in ("2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305", "aes-256-gcm"):
            with self.subTest(method), targets.Target(targets.echo) as target, udp_targets.UdpTarget(udp_targets.echo) as datagrams, \
                    Pair(method, mode="tcp_and_udp", server_extra=ONE, local_extra=ONE) as pair:
                text = pair.setup.password.encode()
                serve(pair, target, datagrams)
                # Credentials have it, and what seals packets: each worker its own.
                key = base64.b64decode(text) if methods.is_2022(method) else text
                try:
                    owners = {process.name: copies(process, key) for process in pair.processes()}
                except PermissionError:
                    self.skipTest("even root may not look into other processes here")
                for _ in range(3):
                    serve(pair, target, datagrams)
                for process in pair.processes():
                    self.assertEqual(copies(process, text), TEXTS, process.name)
                    self.assertLessEqual(copies(process, key), owners[process.name], process.name)

    def test_no_key_in_arguments_environment_or_log(self):
        with targets.Target(targets.echo) as target, udp_targets.UdpTarget(udp_targets.echo) as datagrams, \
                Pair("2022-blake3-aes-256-gcm", mode="tcp_and_udp") as pair:
            serve(pair, target, datagrams)
            text = pair.setup.password.encode()
            for process in pair.processes():
                for name in ("cmdline", "environ"):
                    self.assertNotIn(text, Path(f"/proc/{process.pid}/{name}").read_bytes())
                self.assertNotIn(text.decode(), process.log())


if __name__ == "__main__":
    unittest.main()
