"""TCP Fast Open where it is asked for: the first bytes ride in the SYN, to ss-server and to the target, once each.

The test makes a network of its own, in which the kernel lets both ends do so.
"""
import hashlib
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

FAST_OPEN = {"fast_open": True}
METHOD = "2022-blake3-aes-256-gcm"
ROUNDS = 3  # the first connection brings the cookie, unless an earlier test had one
BOTH = "3"  # bits 0 and 1: this machine offers, and takes, data in a SYN
REQUEST = 3000  # more than a SYN holds


def counter(name):
    """A figure of this network's TCP, by the name that the kernel has for it."""
    lines = [line.split() for line in Path("/proc/net/netstat").read_text(encoding="ascii").splitlines() if line.startswith("TcpExt:")]
    return int(lines[1][lines[0].index(name)])


@unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
class FastOpenTest(unittest.TestCase):
    def setUp(self):
        Path("/proc/sys/net/ipv4/tcp_fastopen").write_text(BOTH, encoding="ascii")

    def rides_in_syn(self, pair, target):
        """How many connections carried data in their SYN, both programs together, while some asked `target` through the pair."""
        before = counter("TCPFastOpenActive")
        asked = b"".join(targets.pattern(REQUEST))
        for _ in range(ROUNDS):
            with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, asked) as sock:
                sock.shutdown(socket.SHUT_WR)
                self.assertEqual(socks5.read_to_end(sock), hashlib.sha256(asked).hexdigest().encode(), pair.logs())
        return counter("TCPFastOpenActive") - before

    def ask(self, local_extra, server_extra):
        with targets.Target(targets.sink, fast_open=True) as target, \
                Pair(METHOD, local_extra=local_extra, server_extra=server_extra) as pair:
            return self.rides_in_syn(pair, target)

    def test_to_the_target(self):
        self.assertIn(self.ask({}, FAST_OPEN), (ROUNDS - 1, ROUNDS))

    def test_to_the_server(self):
        self.assertIn(self.ask(FAST_OPEN, FAST_OPEN), range(2 * (ROUNDS - 1), 2 * ROUNDS + 1))

    def test_nowhere_unless_asked_for(self):
        self.assertEqual(self.ask({}, {}), 0)


if __name__ == "__main__":
    own_network.main()
