"""UDP carried through a TCP connection between the two programs: what goes in comes out, and no datagram passes between them."""
import os
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.process import Process  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305", "chacha20-ietf-poly1305")
HOSTS = ("127.0.0.1", "::1", "localhost") if ports.has_ipv6() else ("127.0.0.1", "localhost")
PLAIN = 65_507
HEADER = 22  # of SOCKS5, with an IPv6 address


def new_pair(method=METHODS[0], **extra):
    extra.setdefault("local_extra", {}).setdefault("udp_over_tcp", "on")
    return Pair(method, mode="tcp_and_udp", **extra)


class UdpOverTcpTest(unittest.TestCase):
    def test_datagrams_of_every_size_come_back_from_every_kind_of_target(self):
        for method in METHODS:
            with new_pair(method) as pair, UdpTarget() as target, Association(pair.socks_port) as client:
                for host in HOSTS:
                    for size in (0, 1, 64, 1200, 16_384, 60_000, PLAIN - HEADER):
                        with self.subTest(method, host=host, size=size):
                            payload = os.urandom(size)
                            self.assertEqual(client.ask(host, target.port, payload), payload, pair.logs())

    def test_anybody_may_answer(self):
        with new_pair() as pair, UdpTarget() as target, bound_socket("127.0.0.1") as stranger, Association(pair.socks_port) as client:
            client.ask("127.0.0.1", target.port, b"first")
            mapping, _ = target.next()
            stranger.sendto(b"unasked", mapping)
            self.assertEqual(client.receive(), (stranger.getsockname(), b"unasked"))

    def test_another_connection_follows_where_the_server_has_been_away(self):
        with new_pair() as pair, UdpTarget() as target, Association(pair.socks_port) as client:
            self.assertEqual(client.ask("127.0.0.1", target.port, b"before"), b"before")
            pair.server.stop()
            pair.server = Process(pair.server_program.server_command(pair.folder.name, pair.setup), pair.folder.name, "server-again")
            pair.server.wait_listening(pair.setup.server_port)
            client.socket.settimeout(0.5)
            for _ in range(40):
                try:
                    self.assertEqual(client.ask("127.0.0.1", target.port, b"after"), b"after")
                    return
                except TimeoutError:
                    pass
            self.fail(pair.logs())

    def test_the_far_socket_ends_with_the_control_connection(self):
        with new_pair() as pair, UdpTarget() as target:
            with Association(pair.socks_port) as client:
                client.ask("127.0.0.1", target.port, b"open")
                mapping, _ = target.next()
                self.assertTrue(udp_targets.is_bound(mapping[1]))
            ends = time.monotonic() + 10
            while udp_targets.is_bound(mapping[1]) and time.monotonic() < ends:
                time.sleep(0.05)
            self.assertFalse(udp_targets.is_bound(mapping[1]), "still open")

    def test_a_server_of_tcp_alone_carries_none(self):
        with Pair(METHODS[0], mode="tcp_only", local_extra={"mode": "tcp_and_udp", "udp_over_tcp": "on"}) as pair:
            with UdpTarget() as target, Association(pair.socks_port) as client:
                client.socket.settimeout(1)
                client.send("127.0.0.1", target.port, b"no")
                with self.assertRaises(TimeoutError):
                    client.receive()


if __name__ == "__main__":
    unittest.main()
