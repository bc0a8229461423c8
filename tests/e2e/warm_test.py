"""A warm connection that the server has lost in the moment of its first use, over a path on which that moment is long."""
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, ports, socks5, targets  # noqa: E402
from support.link import FAR, Link, Plan  # noqa: E402
from support.pair import Pair  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305")
DELAY = 0.3  # seconds each way; within three times that the server has to be there again
TIMES = 2
SENT_AGAIN = "was not there any more"


class Client(threading.Thread):
    """One connection to the target; `.answer` is what came, or the exception."""

    def __init__(self, socks_port, target_port):
        super().__init__(daemon=True)
        self.socks_port, self.target_port, self.answer = socks_port, target_port, None

    def run(self):
        try:
            with socks5.connect(self.socks_port, "127.0.0.1", self.target_port) as sock:
                sock.sendall(b"?")
                self.answer = socks5.read_exactly(sock, 1)
        except (OSError, EOFError, socks5.Refused) as error:
            self.answer = error

    def result(self):
        self.join(20)
        return self.answer


@unittest.skipIf(own_network.WHY_NO_TUN, own_network.WHY_NO_TUN)
class WarmTest(unittest.TestCase):
    def test_server_that_starts_again_fails_for_nobody_whose_first_bytes_it_has_not_seen(self):
        with Link(Plan(delay=DELAY)) as link:
            with link.far():
                target = targets.Target(targets.echo).start()
            for method in METHODS:
                with Pair(method, place=link.far, server_host=FAR,
                          local_extra={"socks5_reply": "confirmed", "preconnect": 2, "workers": 1}, local_args=["--log-level", "debug"]) as pair:
                    for _ in range(TIMES):
                        with self.subTest(method=method):
                            self.go_through_restart(pair, target)
            target.stop()

    def go_through_restart(self, pair, target):
        first = Client(pair.socks_port, target.port)
        first.start()
        self.assertEqual(first.result(), b"?", pair.logs())
        self.assertTrue(ports.wait_until(lambda: len(ports.connections_to(pair.setup.server_port)) >= 2, 5), "no warm connections")
        before = pair.local.log().count(SENT_AGAIN)
        crossing = Client(pair.socks_port, target.port)
        pair.server.popen.kill()  # its FINs are on their way now
        crossing.start()
        pair.server.wait(5)
        pair.start_server()
        self.assertEqual(crossing.result(), b"?", pair.logs())
        self.assertEqual(pair.local.log().count(SENT_AGAIN), before + 1, pair.logs())


if __name__ == "__main__":
    own_network.main(needs_tun=True)
