"""The link that tests of delay stand on: it does what its plan says, carries a whole transfer over losses, and ends by itself."""
import contextlib
import hashlib
import os
import socket
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, targets  # noqa: E402
from support.link import FAR, NEAR, Bottleneck, Fates, Link, Plan  # noqa: E402

COUNT = 200


def udp_socket(host):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.settimeout(2)
    return sock


class FatesTest(unittest.TestCase):
    def fates(self, plan, direction):
        one = Fates(plan, direction)
        return [one.next() for _ in range(COUNT)]

    def test_the_seed_decides_and_each_direction_has_chances_of_its_own(self):
        plan = Plan(loss=0.2, reorder=0.2, seed=7)
        self.assertEqual(self.fates(plan, "there"), self.fates(plan, "there"))
        self.assertNotEqual(self.fates(plan, "there"), self.fates(plan, "back"))
        self.assertNotEqual(self.fates(plan, "there"), self.fates(Plan(loss=0.2, reorder=0.2, seed=8), "there"))

    def test_without_chances_every_packet_takes_the_delay(self):
        self.assertEqual(set(self.fates(Plan(delay=0.01), "there")), {0.01})


class BottleneckTest(unittest.TestCase):
    def test_packets_pass_one_after_the_other_at_the_rate(self):
        bottleneck = Bottleneck(Plan(rate=1000, backlog=10))
        for turn in (0.1, 0.2, 0.3):
            self.assertAlmostEqual(bottleneck.admit(5.0, 100), turn)

    def test_what_has_waited_before_costs_nothing_later(self):
        bottleneck = Bottleneck(Plan(rate=1000, backlog=10))
        bottleneck.admit(5.0, 100)
        self.assertAlmostEqual(bottleneck.admit(7.0, 100), 0.1)

    def test_loses_what_comes_on_top_of_the_backlog(self):
        bottleneck = Bottleneck(Plan(rate=1000, backlog=0.25))
        taken = [bottleneck.admit(5.0, 100) is not None for _ in range(6)]
        self.assertEqual(taken, [True, True, True, False, False, False])

    def test_without_a_rate_nothing_waits(self):
        bottleneck = Bottleneck(Plan())
        self.assertEqual({bottleneck.admit(5.0, 1500) for _ in range(100)}, {0.0})


@unittest.skipIf(own_network.WHY_NO_TUN, own_network.WHY_NO_TUN)
class LinkTest(unittest.TestCase):
    def arrivals(self, plan):
        """Numbers of datagrams in the order in which they arrive at the far end."""
        with Link(plan) as link, udp_socket(NEAR) as sender:
            with link.far():
                receiver = udp_socket(FAR)
            with receiver:
                receiver.settimeout(0.5)
                for number in range(COUNT):
                    sender.sendto(struct.pack("!I", number), receiver.getsockname())
                numbers = []
                with contextlib.suppress(TimeoutError):
                    while len(numbers) < COUNT:
                        numbers.append(struct.unpack("!I", receiver.recv(100))[0])
                return numbers

    def test_a_round_trip_takes_both_delays(self):
        with Link(Plan(delay=0.05)) as link:
            with link.far():
                answerer = udp_socket(FAR)
            with answerer, udp_socket(NEAR) as asker:
                took = []
                for _ in range(5):
                    began = time.monotonic()
                    asker.sendto(b"question", answerer.getsockname())
                    answerer.sendto(*answerer.recvfrom(100))
                    asker.recv(100)
                    took.append(time.monotonic() - began)
                self.assertGreaterEqual(min(took), 0.1)
                self.assertLess(min(took), 0.12)

    def test_loses_what_the_plan_loses(self):
        plan = Plan(delay=0.002, loss=0.2, seed=3)
        fates = Fates(plan, "there")
        self.assertEqual(self.arrivals(plan), [number for number in range(COUNT) if fates.next() is not None])

    def test_holds_back_what_the_plan_holds_back(self):
        plan = Plan(delay=0.002, reorder=0.1, held_back=0.3, seed=4)
        fates = Fates(plan, "there")
        late = [number for number in range(COUNT) if fates.next() > plan.delay]
        self.assertTrue(late)
        self.assertEqual(self.arrivals(plan), [number for number in range(COUNT) if number not in late] + late)

    def test_carries_no_more_than_its_rate(self):
        sent = 20
        with Link(Plan(delay=0, rate=10_000, backlog=10)) as link, udp_socket(NEAR) as sender:
            with link.far():
                receiver = udp_socket(FAR)
            with receiver:
                receiver.settimeout(5)
                began = time.monotonic()
                for _ in range(sent):
                    sender.sendto(bytes(72), receiver.getsockname())  # 100 bytes with its headers
                for _ in range(sent):
                    receiver.recv(100)
                self.assertGreaterEqual(time.monotonic() - began, sent * 100 / 10_000 * 0.99)

    def test_tcp_comes_whole_through_loss_and_reordering(self):
        size = 1 << 20
        with Link(Plan(delay=0.002, loss=0.01, reorder=0.05, held_back=0.004, seed=5)) as link:
            with link.far():
                listener = socket.create_server((FAR, 0))
            with listener, socket.create_connection(listener.getsockname(), 10) as client:
                server, _ = listener.accept()
                with server:
                    server.settimeout(15)
                    client.settimeout(15)
                    digest, got = hashlib.sha256(), 0
                    for block in targets.pattern(size):
                        client.sendall(block)
                        want = got + len(block)
                        while got < want:
                            piece = server.recv(want - got)
                            self.assertTrue(piece)
                            digest.update(piece)
                            got += len(piece)
                    self.assertEqual(digest.hexdigest(), targets.pattern_hash(size))

    def test_ends_with_its_time_and_takes_its_device_along(self):
        with Link(life=0.3) as link:
            self.assertTrue(os.path.exists("/proc/sys/net/ipv4/conf/near"))
            self.assertEqual(link.child.wait(5), 0)
            self.assertFalse(os.path.exists("/proc/sys/net/ipv4/conf/near"))

    def test_a_thread_comes_back_from_the_far_end(self):
        with Link() as link:
            here = os.readlink("/proc/self/ns/net")
            with link.far():
                self.assertNotEqual(os.readlink("/proc/self/ns/net"), here)
                self.assertFalse(os.path.exists("/proc/sys/net/ipv4/conf/near"))
            self.assertEqual(os.readlink("/proc/self/ns/net"), here)


if __name__ == "__main__":
    own_network.main(needs_tun=True)
