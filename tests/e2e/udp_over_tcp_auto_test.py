"""UDP that finds out by itself which way gets through: cut off it goes through TCP, healed it comes back.

The test makes a network of its own, where it stands for the resolver that ss-local asks.
"""
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.tap import Tap  # noqa: E402
from support.udp_tap import UdpTap  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket  # noqa: E402

RESOLVER = "1.1.1.1"
RETRY = 60  # seconds between two questions whether UDP gets through again


class UdpPath(UdpTap):
    """The way of the packets, on the port that TCP takes too; loses all of them while it is cut."""

    def __init__(self, to_port, port):
        super().__init__(to_port)
        self.entrance.close()
        self.entrance = bound_socket("127.0.0.1", port)
        self.cut = False
        self.lost = 0

    def _pass_on(self, sock):
        if not self.cut:
            super()._pass_on(sock)
            return
        sock.recvfrom(65536)
        self.lost += 1


def ask_until_answered(client, target, seconds):
    """How long it took until something came back."""
    began = time.monotonic()
    client.socket.settimeout(0.25)
    while time.monotonic() < began + seconds:
        try:
            client.ask("127.0.0.1", target.port, b"again")
            return time.monotonic() - began
        except TimeoutError:
            pass
    return None


def read_late_answers(client):
    client.socket.settimeout(0.5)
    try:
        while True:
            client.receive()
    except TimeoutError:
        client.socket.settimeout(10)


@unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
class UdpOverTcpAutoTest(unittest.TestCase):
    def test_udp_goes_through_tcp_while_it_is_cut_off_and_comes_back(self):
        server_port = free_port()
        with Tap(server_port) as tcp, UdpPath(server_port, tcp.port) as path, UdpTarget(hosts=(RESOLVER,), port=53), UdpTarget() as target:
            path.cut = True
            with Pair("2022-blake3-aes-256-gcm", server_port=server_port, mode="tcp_and_udp",
                      server_extra={"allow_targets": ["127.0.0.0/8", "::1/128", f"{RESOLVER}/32"]},
                      local_extra={"server_port": tcp.port, "udp_over_tcp": "auto", "workers": 1}) as pair:
                with Association(pair.socks_port) as first:
                    took = ask_until_answered(first, target, 20)
                    self.assertIsNotNone(took, pair.logs())
                    self.assertGreater(took, 2, "not before it was silent")
                    self.assertEqual(path.packets, [])
                    self.assertIn("carrying it over TCP", pair.local.log())
                    read_late_answers(first)
                    lost = path.lost
                    with Association(pair.socks_port) as second:
                        for client in (first, second):
                            self.assertEqual(client.ask("127.0.0.1", target.port, b"by TCP"), b"by TCP", pair.logs())
                        self.assertEqual(path.lost, lost, "no packet for either of them")
                        path.cut = False
                        ends = time.monotonic() + RETRY + 15
                        while not path.answers and time.monotonic() < ends:
                            time.sleep(0.1)
                        self.assertTrue(path.answers, pair.logs())
                        read_late_answers(first)
                        for client in (first, second):
                            packets = len(path.packets)
                            self.assertEqual(client.ask("127.0.0.1", target.port, b"by UDP"), b"by UDP", pair.logs())
                            self.assertEqual(len(path.packets), packets + 1)
                        self.assertIn("gets through to the server again", pair.local.log())


if __name__ == "__main__":
    if own_network.INSIDE:
        own_network.ip(f"address add {RESOLVER}/32 dev lo")
    own_network.main()
