"""Our pair with a stock relay between its two programs, which takes the first identity header off (SIP023): the truth comes through it."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import SingBox  # noqa: E402
from support.process import Process  # noqa: E402

REFUSED = 5


class RelayedPair(Pair):
    """Our pair, whose ss-local knows a relay in the server's place."""

    def __init__(self, method, **extra):
        server_key, self.relay_key = methods.new_secret(method), methods.new_secret(method)
        super().__init__(method, password=server_key, client_password=f"{self.relay_key}:{server_key}", **extra)
        self.relay = None

    def _start(self, side, command):
        if side == "server":
            return super()._start(side, command)
        port = ports.free_port()
        words = SingBox().relay_command(self.folder.name, self.setup, port, self.relay_key)
        self.relay = Process(words, self.folder.name, "relay").wait_listening(port)
        self.setup.server_port = port
        return super()._start(side, command)

    def processes(self):
        return super().processes() + ([self.relay] if self.relay else [])


@unittest.skipIf(SingBox().missing(), SingBox().missing())
class RelayTest(unittest.TestCase):
    def test_truth_and_streams_come_through(self):
        for method in methods.EIH_METHODS:
            with self.subTest(method), targets.Target(targets.echo) as target, \
                    RelayedPair(method, local_extra={"socks5_reply": "confirmed"}) as pair:
                for payload in (b"x", b"y" * 1000):
                    with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                        sock.sendall(payload)
                        self.assertEqual(socks5.read_exactly(sock, len(payload)), payload, pair.logs())
                with self.assertRaises(socks5.Refused) as refused:
                    socks5.connect(pair.socks_port, "127.0.0.1", ports.free_port()).close()
                self.assertEqual(refused.exception.rep, REFUSED, pair.logs())

    def test_streams_come_through_without_the_extension(self):
        for side in ("local_extra", "server_extra"):
            with self.subTest(side), targets.Target(targets.echo) as target, \
                    RelayedPair(methods.EIH_METHODS[0], **{side: {"extension": "off"}}) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"stock")
                    self.assertEqual(socks5.read_exactly(sock, 5), b"stock", pair.logs())


if __name__ == "__main__":
    unittest.main()
