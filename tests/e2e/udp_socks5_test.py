"""SOCKS5 UDP to the letter, from outside: whom an association serves and for how long, fragments, address forms and sizes."""
import os
import socket
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, socks5, targets, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.socks5_udp import Association, datagram  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket  # noqa: E402

METHOD = "2022-blake3-aes-128-gcm"
PLAIN = 65_507  # the longest datagram of IPv4
# With an IPv4 target: salt, address and tag; or nonce, session and packet ID, main header, address and tag.
OVERHEAD = {"aes-128-gcm": 16 + 7 + 16, "chacha20-ietf-poly1305": 32 + 7 + 16, METHOD: 16 + 11 + 7 + 16,
            "2022-blake3-chacha20-poly1305": 24 + 16 + 11 + 7 + 16}
CLIENT_SESSION_ID = 8  # by which a 2022 answer is longer than what was sent


def new_pair(method=METHOD, **extra):
    return Pair(method, **{"mode": "tcp_and_udp", **extra})


class AssociationCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = UdpTarget().start()
        cls.pair = new_pair().start()

    @classmethod
    def tearDownClass(cls):
        alarms = cls.pair.stop()
        cls.target.stop()
        assert not alarms, alarms

    def setUp(self):
        while not self.target.seen.empty():
            self.target.seen.get()

    def associate(self, **extra):
        association = Association(self.pair.socks_port, **extra)
        self.addCleanup(association.close)
        return association

    def socket_at(self, host):
        sock = bound_socket(host)
        sock.settimeout(10)
        self.addCleanup(sock.close)
        return sock

    def seen(self):
        """Payloads that the target has got. Whoever asks has an answer to a later datagram already."""
        payloads = []
        while not self.target.seen.empty():
            payloads.append(self.target.seen.get()[1])
        return payloads

    def assert_serves(self, association, payload=b"served"):
        self.assertEqual(association.ask("127.0.0.1", self.target.port, payload), payload, self.pair.logs())


class LifeTest(AssociationCase):
    def test_reply_names_the_address_that_the_client_connected_to_and_a_port_of_its_own(self):
        first, second = self.associate(), self.associate()
        for association in (first, second):
            self.assertEqual(association.bound[0], "127.0.0.1")
            self.assertTrue(udp_targets.is_bound(association.bound[1]))
        self.assertNotEqual(first.bound[1], second.bound[1])
        self.assertNotEqual(first.bound[1], self.pair.socks_port)

    def test_association_ends_with_its_control_connection(self):
        for how, leave in (("closed", socket.socket.close), ("shut", lambda sock: sock.shutdown(socket.SHUT_WR)), ("reset", targets.reset)):
            with self.subTest(how):
                association = self.associate()
                self.assert_serves(association)
                leave(association.control)
                self.assertTrue(ports.wait_until(lambda: not udp_targets.is_bound(association.bound[1]), 10), "its port is still open")
                association.socket.connect(association.relay)
                association.socket.send(datagram("127.0.0.1", self.target.port, b"late"))
                with self.assertRaises(ConnectionRefusedError):
                    association.socket.recv(100)
                self.assert_serves(self.associate())
                self.assertNotIn(b"late", self.seen())

    def test_bytes_on_the_control_connection_do_not_end_it(self):
        association = self.associate()
        association.control.sendall(b"what the RFC says nothing about" * 1000)
        self.assert_serves(association)

    def test_an_association_outlives_others(self):
        first = self.associate()
        for _ in range(20):
            with Association(self.pair.socks_port) as other:
                self.assert_serves(other)
        self.assert_serves(first)


class SourceTest(AssociationCase):
    def test_datagrams_from_another_address_are_dropped(self):
        association, foreign = self.associate(), self.socket_at("127.0.0.2")
        for _ in range(2):  # before the port is known, and after
            foreign.sendto(datagram("127.0.0.1", self.target.port, b"foreign"), association.relay)
            self.assert_serves(association)
        self.assertEqual(self.seen(), [b"served"] * 2)

    def test_the_first_port_wins(self):
        association, other = self.associate(), self.socket_at("127.0.0.1")
        self.assert_serves(association)
        other.sendto(datagram("127.0.0.1", self.target.port, b"other"), association.relay)
        self.assert_serves(association)
        self.assertEqual(self.seen(), [b"served"] * 2)

    def test_a_datagram_that_is_none_does_not_take_the_port(self):
        association, other = self.associate(), self.socket_at("127.0.0.1")
        for stray in (b"", b"\0", b"\0\0\0\1", datagram("127.0.0.1", 0, b"port zero"), b"\0\0\0\7" + bytes(20)):
            other.sendto(stray, association.relay)
        self.assert_serves(association)
        self.assertEqual(self.seen(), [b"served"])

    def test_the_port_that_the_request_named_wins(self):
        mine, other = self.socket_at("127.0.0.1"), self.socket_at("127.0.0.1")
        for host in ("127.0.0.1", "0.0.0.0", "::", "::ffff:127.0.0.1"):
            with self.subTest(host):
                association = self.associate(named=(host, mine.getsockname()[1]))
                other.sendto(datagram("127.0.0.1", self.target.port, b"other"), association.relay)
                mine.sendto(datagram("127.0.0.1", self.target.port, b"mine"), association.relay)
                self.assertEqual(mine.recvfrom(100), (datagram("127.0.0.1", self.target.port, b"mine"), association.relay))
                self.assertEqual(self.seen(), [b"mine"])

    def test_a_request_that_names_a_foreign_address_serves_the_control_peer_all_the_same(self):
        for named in (("192.0.2.7", 4000), ("client.invalid", 4000), ("127.0.0.1", 0)):
            with self.subTest(named=named):
                self.assert_serves(self.associate(named=named))


class FormTest(AssociationCase):
    def test_rsv_is_not_looked_at_once_the_port_is_settled(self):
        association = self.associate()
        self.assertEqual(association.ask("127.0.0.1", self.target.port, b"settled"), b"settled")
        for reserved in (1, 0x8000, 0xFFFF):
            association.send("127.0.0.1", self.target.port, b"reserved", reserved=reserved)
            self.assertEqual(association.receive(), (("127.0.0.1", self.target.port), b"reserved"))

    def test_targets_of_every_form_are_reached_and_named_as_the_source(self):
        association = self.associate()
        hosts = ["127.0.0.1", "localhost", "::ffff:127.0.0.1"] + (["::1"] if ports.has_ipv6() else [])
        for host in hosts * 2:
            with self.subTest(host):
                self.assertEqual(association.ask(host, self.target.port, host.encode()), host.encode())

    def test_ipv4_asked_for_in_mapped_form_answers_in_mapped_form(self):
        association = self.associate()
        for host in ("::ffff:127.0.0.1", "127.0.0.1", "::ffff:127.0.0.1"):
            association.send(host, self.target.port, b"form")
            data = association.socket.recv(100)
            self.assertEqual(data, datagram(host, self.target.port, b"form"), "the address is not the one that was sent to")

    @unittest.skipUnless(ports.has_ipv6(), "this machine has no IPv6")
    def test_ipv6_answers_stay_as_they_are_where_ipv4_is_asked_for_in_mapped_form(self):
        with UdpTarget(udp_targets.listen_only) as quiet:
            association = self.associate()
            for _ in range(3):
                association.send("::1", quiet.port, b"question")
                mapped_port = quiet.next()[0]
                self.assertEqual(association.ask("::ffff:127.0.0.1", self.target.port, b"v4"), b"v4")
                quiet.send_from("::1", b"late answer", mapped_port)
                self.assertEqual(association.receive(), (("::1", quiet.port), b"late answer"), self.pair.logs())
                association.send("::ffff:127.0.0.1", quiet.port, b"question")
                mapped_port = quiet.next()[0]
                self.assertEqual(association.ask("::1", self.target.port, b"v6"), b"v6")
                quiet.send_from("127.0.0.1", b"late answer", mapped_port)
                self.assertEqual(association.receive(), (("::ffff:127.0.0.1", quiet.port), b"late answer"))

    def test_fragments_are_joined(self):
        association = self.associate()
        pieces = (b"first ", b"second ", b"third")
        for number, piece in enumerate(pieces, 1):
            last = 0x80 if number == len(pieces) else 0
            association.send("127.0.0.1", self.target.port, piece, fragment=number | last)
        self.assertEqual(association.receive(), (("127.0.0.1", self.target.port), b"first second third"))
        many = [os.urandom(100) for _ in range(127)]
        for number, piece in enumerate(many, 1):
            association.send("localhost", self.target.port, piece, fragment=number | (0x80 if number == 127 else 0))
        self.assertEqual(association.receive()[1], b"".join(many))
        association.send("127.0.0.1", self.target.port, b"alone", fragment=0x81)
        self.assertEqual(association.receive()[1], b"alone")

    def test_fragments_out_of_order_are_abandoned(self):
        association = self.associate()
        for positions in ((2, 0x83), (1, 0x83), (1, 2, 1, 0x83), (1, 0x80), (0x82,)):
            for position in positions:
                association.send("127.0.0.1", self.target.port, b"piece", fragment=position)
        association.send("127.0.0.1", self.target.port, b"begun", fragment=1)
        self.assert_serves(association, b"standalone")
        association.send("127.0.0.1", self.target.port, b"ended", fragment=0x82)
        self.assert_serves(association, b"barrier")
        self.assertEqual(self.seen(), [b"standalone", b"barrier"])

    def test_malformed_datagrams_disturb_nothing(self):
        association = self.associate()
        whole = datagram("name.invalid", 80, b"")
        for length in range(len(whole)):
            association.send_raw(whole[:length])
        for kind in (0, 2, 5, 255):
            association.send_raw(b"\0\0\0" + bytes([kind]) + bytes(30))
        association.send_raw(b"\0\0\0\3\0" + struct.pack("!H", self.target.port))
        association.send_raw(b"\0\0\0\3\3a\0b" + struct.pack("!H", self.target.port))
        for _ in range(50):
            association.send_raw(b"\0\0\0\7" + os.urandom(1000))
        self.assert_serves(association)
        self.assertEqual(self.seen(), [b"served"])
        self.assertTrue(association.quiet())


class SizeTest(unittest.TestCase):
    def assert_sizes(self, method, overhead):
        longest = PLAIN - overhead
        longest_answer = longest - (CLIENT_SESSION_ID if method.startswith("2022") else 0)
        with UdpTarget() as target, UdpTarget(udp_targets.listen_only) as listener, new_pair(method) as pair, \
                Association(pair.socks_port) as association:
            for size in (0, 1, 1_200, 1_472, 1_473, 9_000, 60_000, longest_answer):
                payload = os.urandom(size)
                self.assertTrue(association.ask("127.0.0.1", target.port, payload) == payload, f"{size} bytes differ\n{pair.logs()}")
            for size in (longest + 1, longest):
                association.send("127.0.0.1", listener.port, bytes(size))
            self.assertEqual(len(listener.next()[1]), longest, pair.logs())
            self.assertIn(f"up to {longest} would", pair.local.log())
            if longest_answer < longest:
                association.send("127.0.0.1", target.port, bytes(longest_answer + 1))
            self.assertEqual(association.ask("127.0.0.1", target.port, b"after"), b"after")
            if longest_answer < longest:
                self.assertIn(f"{longest_answer} would", pair.server.log())

    def test_datagrams_up_to_what_fits_come_through_and_longer_ones_are_dropped(self):
        for method, overhead in OVERHEAD.items():
            with self.subTest(method):
                self.assert_sizes(method, overhead)


class ListenerTest(unittest.TestCase):
    @unittest.skipUnless(ports.has_ipv6(), "this machine has no IPv6")
    def test_ipv6_listener_serves_ipv6_clients(self):
        with UdpTarget() as target, new_pair(local_extra={"local_address": "::1"}) as pair, Association(pair.socks_port, "::1") as association:
            self.assertEqual(association.bound[0], "::1")
            for host in ("127.0.0.1", "::1", "localhost"):
                self.assertEqual(association.ask(host, target.port, b"six"), b"six", pair.logs())

    @unittest.skipUnless(ports.has_ipv6(), "this machine has no IPv6")
    def test_ipv4_client_of_a_listener_for_both_families_is_served(self):
        with UdpTarget() as target, new_pair(local_extra={"local_address": "::"}) as pair:
            for host in ("127.0.0.1", "::1"):
                with self.subTest(host), Association(pair.socks_port, host) as association:
                    self.assertEqual(association.bound[0], host)
                    self.assertEqual(association.ask("127.0.0.1", target.port, b"both"), b"both", pair.logs())

    def test_udp_associate_address_is_what_replies_name(self):
        for address in ("203.0.113.9", "2001:db8::9"):
            with self.subTest(address), UdpTarget() as target, new_pair(local_extra={"udp_associate_address": address}) as pair, \
                    Association(pair.socks_port) as association:
                self.assertEqual(association.bound[0], address)
                association.relay = ("127.0.0.1", association.bound[1])  # what a NAT would do
                self.assertEqual(association.ask("127.0.0.1", target.port, b"mapped"), b"mapped")

    def test_user_and_password_guard_associations_too(self):
        port = ports.free_port()
        guarded = {"local_address": "127.0.0.1", "local_port": port, "users": [{"name": "me", "password": "mine"}]}
        with UdpTarget() as target, new_pair(local_port=port, local_without=("local_address", "local_port"),
                                             local_extra={"locals": [guarded]}) as pair:
            with self.assertRaises(PermissionError):
                Association(pair.socks_port)
            with Association(pair.socks_port, user=b"me", password=b"mine") as association:
                self.assertEqual(association.ask("127.0.0.1", target.port, b"guarded"), b"guarded")


class ModeTest(unittest.TestCase):
    def assert_modes(self, tcp, udp, **extra):
        with targets.Target(targets.echo) as target, UdpTarget() as udp_target, new_pair(**extra) as pair:
            def connect():
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"stream")
                    self.assertEqual(socks5.read_exactly(sock, 6), b"stream")

            def associate():
                with Association(pair.socks_port) as association:
                    self.assertEqual(association.ask("127.0.0.1", udp_target.port, b"datagram"), b"datagram")
            for serves, attempt in ((tcp, connect), (udp, associate)):
                if serves:
                    attempt()
                else:
                    with self.assertRaises(socks5.Refused) as caught:
                        attempt()
                    self.assertEqual(caught.exception.rep, 7)

    def test_modes_of_the_configuration(self):
        self.assert_modes(True, False, local_extra={"mode": "tcp_only"})
        self.assert_modes(False, True, local_extra={"mode": "udp_only"})
        self.assert_modes(True, True, local_without=("mode",))

    def test_flags_prevail_over_the_configuration(self):
        self.assert_modes(True, True, local_extra={"mode": "tcp_only"}, local_args=("-u",))
        self.assert_modes(False, True, local_extra={"mode": "tcp_and_udp"}, local_args=("-U",))


if __name__ == "__main__":
    unittest.main()
