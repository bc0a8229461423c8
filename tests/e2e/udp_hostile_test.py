"""What does not authenticate, and what was seen before: no answer, no socket, no memory, and nothing arrives twice."""
import os
import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import procstat, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.socks5_udp import Association, datagram  # noqa: E402
from support.udp_tap import UdpTap  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket  # noqa: E402

METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305")
# More by the environment for a long run: 1000000 and 100000 are what the project asks for.
GARBAGE = int(os.environ.get("SS_UDP_GARBAGE", "20000"))
REPLAYS = int(os.environ.get("SS_UDP_REPLAYS", "500"))
LARGE_EVERY = 100          # one in so many is longer than a frame
AT_ONCE = 50               # fits the smallest receive buffer in use, so that all of it is looked at
SLACK = 1 << 20            # of memory: pages that are written for the first time
SOURCES = 8
SANITIZED = bool(os.environ.get("SS_SANITIZE"))


def new_pair(method, **extra):
    return Pair(method, mode="tcp_and_udp", **extra)


class GarbageTest(unittest.TestCase):
    def flood(self, pair, association, target, packets, to):
        """Sends every packet to the address `to`, and waits often until the program has gone through them."""
        sources = [bound_socket("127.0.0.1") for _ in range(SOURCES)]
        try:
            self.let_grow(association, target)
            process = pair.server if to[1] == pair.setup.server_port else pair.local
            sockets, memory = udp_targets.count_of(process.pid), procstat.private_bytes(process.pid)
            for number, packet in enumerate(packets):
                sources[number % SOURCES].sendto(packet, to)
                if number % AT_ONCE == AT_ONCE - 1:
                    self.assertEqual(association.ask("127.0.0.1", target.port, b"barrier"), b"barrier", pair.logs())
            self.assertTrue(association.quiet())
            self.assertEqual(udp_targets.dropped(to[1]), 0, "the kernel dropped some, so this shows nothing")
            self.assertEqual(udp_targets.count_of(process.pid), sockets, "a socket was opened")
            if not SANITIZED:
                self.assertLess(procstat.private_bytes(process.pid) - memory, SLACK)
            for source in sources:
                source.setblocking(False)
                with self.assertRaises(BlockingIOError, msg="an answer came"):
                    source.recv(100)
        finally:
            for source in sources:
                source.close()

    def let_grow(self, association, target):
        """Has every buffer of the way written once."""
        for size in (60_000, 1, 1_400) * 10:
            association.ask("127.0.0.1", target.port, bytes(size))

    def garbage(self, count):
        noise = random.Random(4)
        for number in range(count):
            most = 65_507 if number % LARGE_EVERY == 0 else 1_500
            yield noise.randbytes(noise.randint(0, most) if number >= 1_500 else number)

    def test_server_answers_nothing_opens_nothing_and_keeps_nothing(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, new_pair(method, server_extra={"workers": 1}) as pair, \
                    Association(pair.socks_port) as association:
                self.flood(pair, association, target, self.garbage(GARBAGE // len(METHODS)), ("127.0.0.1", pair.setup.server_port))

    def test_altered_packets_are_garbage(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, new_pair(method, server_extra={"workers": 1}) as direct, \
                    UdpTap(direct.setup.server_port) as tap, \
                    new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                    Association(pair.socks_port) as association, Association(direct.socks_port) as barrier:
                association.send("127.0.0.1", target.port, b"a whole packet")
                association.receive()
                whole = tap.packets[0]
                altered = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1:] for at in range(len(whole))]
                altered += [whole[:length] for length in range(len(whole))] + [whole + b"\0"]
                while not target.seen.empty():
                    target.seen.get()
                self.flood(direct, barrier, target, altered, ("127.0.0.1", direct.setup.server_port))
                arrived = set()
                while not target.seen.empty():
                    arrived.add(target.seen.get()[1])
                self.assertNotIn(b"a whole packet", arrived)

    def test_local_takes_garbage_from_its_client_and_from_others(self):
        with UdpTarget() as target, new_pair(METHODS[1], local_extra={"workers": 1}) as pair, Association(pair.socks_port) as association:
            self.assertEqual(association.ask("127.0.0.1", target.port, b"begun"), b"begun")
            foreign = [datagram("127.0.0.1", target.port, b"foreign")] * 500
            self.flood(pair, association, target, [*foreign, *self.garbage(3_000)], association.relay)
            for packet in self.garbage(2_000):
                association.send_raw(b"\0\0\0\2" + packet)
                self.assertEqual(association.ask("127.0.0.1", target.port, b"barrier"), b"barrier")


class ReplayTest(unittest.TestCase):
    def test_a_packet_arrives_once_from_whichever_port_it_comes_again(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, new_pair(method, server_extra={"workers": 2}) as direct, \
                    UdpTap(direct.setup.server_port) as tap, \
                    new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                    Association(pair.socks_port) as association:
                for number in range(20):
                    payload = f"packet {number}".encode()
                    self.assertEqual(association.ask("127.0.0.1", target.port, payload), payload)
                recorded = list(tap.packets)
                for round_ in range(SOURCES + 1):
                    if round_:
                        tap.roam()
                    for number in range(REPLAYS // (SOURCES + 1) + 1):
                        tap.replay(recorded[number % len(recorded)])
                        if number % AT_ONCE == AT_ONCE - 1:
                            self.barrier(association, target)
                    self.barrier(association, target)
                arrived = []
                while not target.seen.empty():
                    payload = target.seen.get()[1]
                    arrived += [payload] if payload != b"barrier" else []
                self.assertEqual(arrived, [f"packet {number}".encode() for number in range(20)])

    def test_a_packet_arrives_once_whichever_address_of_the_server_it_comes_to_again(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, \
                    new_pair(method, server_extra={"server": ["127.0.0.1", "127.0.0.2"], "workers": 1},
                             local_extra={"server": "127.0.0.2"}) as direct, \
                    UdpTap(direct.setup.server_port) as tap, \
                    new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                    Association(pair.socks_port) as association, Association(direct.socks_port) as second, \
                    bound_socket("127.0.0.1", 0) as elsewhere:
                self.assertEqual(association.ask("127.0.0.1", target.port, b"once"), b"once")
                self.assertEqual(target.next()[1], b"once")
                for packet in list(tap.packets):
                    elsewhere.sendto(packet, ("127.0.0.2", direct.setup.server_port))
                # The other address has one socket: what was sent to it before has been judged by then.
                self.assertEqual(second.ask("127.0.0.1", target.port, b"barrier"), b"barrier")
                self.assertEqual(target.next()[1], b"barrier")
                self.assertTrue(association.quiet(), "an answer came twice")

    def barrier(self, association, target):
        """What leaves the tap now leaves from where the replays did, so it is looked at after them."""
        self.assertEqual(association.ask("127.0.0.1", target.port, b"barrier"), b"barrier")

    def test_answers_that_come_again_are_dropped_by_local(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, new_pair(method) as direct, UdpTap(direct.setup.server_port) as tap, \
                    new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                    Association(pair.socks_port) as association:
                for number in range(20):
                    payload = f"answer {number}".encode()
                    self.assertEqual(association.ask("127.0.0.1", target.port, payload), payload)
                for answer in list(tap.answers) * 5 + list(tap.packets):
                    tap.replay_answer(answer)
                self.assertEqual(association.ask("127.0.0.1", target.port, b"barrier"), b"barrier", "an answer came twice, or none")
                self.assertTrue(association.quiet())


class RoamingTest(unittest.TestCase):
    HOPS, BURST = 40, 10

    def roam(self, method, keep_old, burst):
        """A session whose client changes its port again and again; each port is served by the worker that the kernel chooses."""
        with UdpTarget() as target, new_pair(method, server_extra={"workers": 2}) as direct, UdpTap(direct.setup.server_port) as tap, \
                new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                Association(pair.socks_port) as association:
            mapped = set()
            for hop in range(self.HOPS):
                sent = {f"hop {hop}, {number}".encode() for number in range(burst)}
                for payload in sorted(sent):
                    association.send("127.0.0.1", target.port, payload)
                self.assertEqual({association.receive()[1] for _ in sent}, sent, direct.logs())
                mapped |= {target.next()[0] for _ in sent}
                tap.roam(keep_old)
            self.assertTrue(association.quiet())
            return len(mapped)

    def test_a_2022_session_that_roams_goes_on_without_loss(self):
        for method in METHODS[1:]:
            for keep_old, burst in ((False, 1), (True, self.BURST)):
                with self.subTest(method=method, burst=burst):
                    self.assertEqual(self.roam(method, keep_old, burst), 1, "the targets saw more than one client")

    def test_a_2022_session_whose_packets_come_by_many_ports_at_once_loses_none(self):
        method = METHODS[1]
        with UdpTarget() as target, new_pair(method, server_extra={"workers": 2}) as direct, UdpTap(direct.setup.server_port) as tap, \
                new_pair(method, password=direct.setup.password, local_extra={"server_port": tap.port}) as pair, \
                Association(pair.socks_port) as association:
            got, sent = [], [str(number).encode() for number in range(800)]
            for number, payload in enumerate(sent):
                association.send("127.0.0.1", target.port, payload)
                if number % 4 == 3:
                    tap.roam()
                if number % 40 == 39:
                    got += [association.receive()[1] for _ in range(40)]
            self.assertEqual(sorted(got), sorted(sent))
            self.assertEqual(len({target.next()[0] for _ in sent}), 1)

    def test_a_sip004_client_that_changes_its_port_is_another_client_and_served(self):
        self.assertEqual(self.roam(METHODS[0], False, 1), self.HOPS)


if __name__ == "__main__":
    unittest.main()
