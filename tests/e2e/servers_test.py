"""Several servers under a load of new connections: one dies and returns, or is another program's from one connection to the next.

Connections in flight when a server dies are lost; what is counted is those that begin after it.
"""
import itertools
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports  # noqa: E402
from support.fleet import Fleet, Member  # noqa: E402
from support.new_connections import CountingTarget, NewConnections  # noqa: E402
from support.peers import Libev  # noqa: E402
from support.tap import Tap  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "aes-256-gcm")


class MixedFleet(Tap):
    """One address behind which each new connection finds the next of several servers."""

    def __init__(self, *to_ports):
        super().__init__(None)
        self.to_ports = itertools.cycle(to_ports)

    def next_port(self):
        return next(self.to_ports)


def assert_once(test, target):
    """No payload came twice."""
    test.assertEqual([said for said, times in target.arrived.items() if times > 1], [])


class ServersTest(unittest.TestCase):
    def test_failover_fails_for_nobody_when_the_first_server_dies_and_returns(self):
        for method in METHODS:
            with self.subTest(method), CountingTarget() as target, \
                    Fleet(method, 2, policy="failover", preconnect=2) as fleet, NewConnections(fleet.socks_port, target) as load:
                first, second = fleet.members
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertEqual(set(target.sources), {first.outside}, "failover uses the first alone while it works")
                first.kill()
                died = time.monotonic()
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertIn(second.outside, target.sources)
                first.start()
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertEqual(load.failures(after=died), [], fleet.logs())
                self.assertIn("number 1", fleet.local.log(), "the log says where it moved")
            assert_once(self, target)

    def test_three_servers_of_which_one_dies_and_returns_and_the_others_die(self):
        for policy in ("latency", "round_robin", "sticky"):
            with self.subTest(policy), CountingTarget() as target, \
                    Fleet(METHODS[0], 3, policy=policy) as fleet, NewConnections(fleet.socks_port, target) as load:
                self.assertTrue(load.go_on(), fleet.logs())
                busiest = max(fleet.members, key=lambda member: target.sources[member.outside])
                busiest.kill()
                died = time.monotonic()
                self.assertTrue(load.go_on(), fleet.logs())
                busiest.start()
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertEqual(load.failures(after=died + 1), [], fleet.logs())
                for other in fleet.members:
                    if other is not busiest:
                        other.kill()
                left_alone = time.monotonic()
                before = target.sources[busiest.outside]
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertGreater(target.sources[busiest.outside], before)
                self.assertEqual(load.failures(after=left_alone + 1), [], fleet.logs())
            assert_once(self, target)

    def test_single_server_that_is_started_again_serves_at_once(self):
        with CountingTarget() as target, Fleet(METHODS[0], 1, preconnect=2) as fleet, NewConnections(fleet.socks_port, target) as load:
            member = fleet.members[0]
            self.assertTrue(load.go_on(), fleet.logs())
            member.kill()
            member.start()
            started = time.monotonic()
            self.assertTrue(load.go_on(), fleet.logs())
            self.assertEqual(load.failures(after=started), [], fleet.logs())
        assert_once(self, target)


@unittest.skipIf(Libev().missing(), Libev().missing())
class StockServerTest(unittest.TestCase):
    """A stock server under the address of ours: the connections go on as with any stock client."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        password = methods.new_secret(METHODS[1])
        self.ours, self.stock = (Member(folder.name, METHODS[1], password, number) for number in range(2))
        self.ours.start()
        self.stock.start(Libev())
        self.addCleanup(self.ours.process.stop)
        self.addCleanup(self.stock.process.stop)

    def local(self, tap, **local_extra):
        return Fleet(METHODS[1], 0, self.ours.setup.password, [tap.port], **local_extra)

    def test_swap_fails_for_nobody(self):
        for reply in ("auto", "optimistic"):
            with self.subTest(reply), CountingTarget() as target, Tap(self.ours.port) as tap, self.local(tap, socks5_reply=reply) as fleet, \
                    NewConnections(fleet.socks_port, target) as load:
                self.assertTrue(load.go_on(), fleet.logs())
                tap.to_port = self.stock.port
                self.assertTrue(load.go_on(), fleet.logs())
                tap.to_port = self.ours.port
                self.assertTrue(load.go_on(), fleet.logs())
                self.assertEqual(load.failures(), [], fleet.logs())
            assert_once(self, target)

    def test_server_that_is_killed_and_replaced_under_its_port_is_taken_for_what_it_is(self):
        with CountingTarget() as target, Tap(self.ours.port) as tap, self.local(tap, preconnect=2) as fleet, NewConnections(fleet.socks_port, target) as load:
            self.assertTrue(load.go_on(), fleet.logs())
            tap.to_port = self.stock.port
            before = ports.connections_to(tap.port)
            self.ours.kill()
            # The tap acknowledges what it may not be able to pass on any more: until its own connections have ended, some are in flight.
            self.assertTrue(ports.wait_until(lambda: not before & ports.connections_to(tap.port), 5), fleet.logs())
            died = time.monotonic()
            self.assertTrue(load.go_on(), fleet.logs())
            self.assertEqual(load.failures(after=died), [], fleet.logs())
            self.ours.start()
        assert_once(self, target)

    def test_mixed_fleet_loses_no_byte_and_hangs_nobody(self):
        with CountingTarget() as target, MixedFleet(self.ours.port, self.stock.port, self.stock.port) as tap, self.local(tap) as fleet, \
                NewConnections(fleet.socks_port, target) as load:
            self.assertTrue(load.go_on(), fleet.logs())
            self.assertEqual(load.failures(), [], fleet.logs())
            self.assertLess(max(one.ended - one.began for one in load.outcomes), 3)
        assert_once(self, target)


if __name__ == "__main__":
    unittest.main()
