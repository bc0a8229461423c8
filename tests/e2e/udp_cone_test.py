"""UDP at the far end: a full cone for every client, targets that are refused, and targets and servers that are away for a while."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.process import Process  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket, listen_only  # noqa: E402

METHODS = ("aes-128-gcm", "2022-blake3-aes-128-gcm")
HOSTS = ("127.0.0.1", "::1") if ports.has_ipv6() else ("127.0.0.1",)


def new_pair(method=METHODS[1], **extra):
    return Pair(method, mode="tcp_and_udp", **extra)


class FullConeTest(unittest.TestCase):
    def test_one_association_has_one_port_to_all_targets_and_is_heard_by_whoever_knows_it(self):
        for method in METHODS:
            with new_pair(method) as pair:
                for host in HOSTS:
                    with self.subTest(method=method, host=host), UdpTarget() as first, UdpTarget() as second, Association(pair.socks_port) as association:
                        self.assertEqual(association.ask(host, first.port, b"one"), b"one")
                        self.assertEqual(association.ask(host, second.port, b"two"), b"two")
                        mapped = first.next()[0]
                        self.assertEqual(second.next()[0], mapped, "another port for another target")
                        with bound_socket(host) as third:
                            third.sendto(b"nobody asked", mapped)
                            self.assertEqual(association.receive(), (third.getsockname()[:2], b"nobody asked"))

    def test_associations_of_one_client_have_ports_of_their_own(self):
        for method in METHODS:
            with self.subTest(method), new_pair(method) as pair, UdpTarget() as target, \
                    Association(pair.socks_port) as one, Association(pair.socks_port) as other:
                mapped = []
                for association, payload in ((one, b"one"), (other, b"other")):
                    self.assertEqual(association.ask("127.0.0.1", target.port, payload), payload)
                    mapped.append(target.next()[0])
                self.assertNotEqual(*mapped)
                target.send_from("127.0.0.1", b"for one", mapped[0])
                self.assertEqual(one.receive()[1], b"for one")
                self.assertTrue(other.quiet())


class PolicyTest(unittest.TestCase):
    NAMES = ("127.0.0.1", "localhost", "::ffff:127.0.0.1") + HOSTS[1:]

    def test_private_targets_are_refused_by_default(self):
        for host in self.NAMES:
            with self.subTest(host), UdpTarget(listen_only) as decoy, new_pair(server_extra={"allow_targets": []}) as pair, \
                    Association(pair.socks_port) as association:
                before = udp_targets.count_of(pair.server.pid)
                association.send(host, decoy.port, b"refused")
                self.assertTrue(ports.wait_until(lambda server=pair.server: "UDP target refused" in server.log(), 10), pair.logs())
                self.assertTrue(decoy.seen.empty(), "a refused datagram arrived")
                self.assertEqual(udp_targets.count_of(pair.server.pid), before, "a socket was opened for a refused target")

    def test_refused_datagrams_neither_arrive_nor_end_the_association(self):
        for method in METHODS:
            with self.subTest(method), new_pair(method, server_extra={"allow_targets": ["127.0.0.1/32"]}) as pair, UdpTarget() as target, \
                    UdpTarget(listen_only, hosts=("127.0.0.2",) + HOSTS[1:]) as decoy, Association(pair.socks_port) as association:
                for _ in range(20):
                    for host in ("127.0.0.2", "::ffff:127.0.0.2") + HOSTS[1:]:
                        association.send(host, decoy.port, b"refused")
                    self.assertEqual(association.ask("127.0.0.1", target.port, b"allowed"), b"allowed")
                self.assertTrue(decoy.seen.empty(), "a refused datagram arrived")

    def test_denied_target_stays_shut_where_all_else_is_open(self):
        rules = {"allow_targets": ["127.0.0.0/8", "::1/128"], "deny_targets": ["::1/128"]}
        with UdpTarget() as target, UdpTarget(listen_only) as denied, new_pair(server_extra=rules) as pair, \
                Association(pair.socks_port) as association:
            for host in HOSTS[1:]:
                association.send(host, denied.port, b"denied")
            self.assertEqual(association.ask("localhost", target.port, b"open"), b"open")
            self.assertTrue(denied.seen.empty())


class AbsenceTest(unittest.TestCase):
    def test_a_target_port_that_is_closed_for_a_while_ends_nothing(self):
        for method in METHODS:
            for host in HOSTS:
                with self.subTest(method=method, host=host), new_pair(method) as pair, UdpTarget() as observer, Association(pair.socks_port) as association:
                    port = ports.free_port()
                    self.assertEqual(association.ask(host, observer.port, b"before"), b"before")
                    mapped = observer.next()[0]
                    for _ in range(20):  # each is answered with an ICMP error
                        association.send(host, port, b"nobody")
                        self.assertEqual(association.ask(host, observer.port, b"meanwhile"), b"meanwhile")
                        self.assertEqual(observer.next()[0], mapped)
                    with UdpTarget(port=port, hosts=(host,)) as late:
                        self.assertEqual(association.ask(host, port, b"opened"), b"opened", pair.logs())
                        self.assertEqual(late.next()[0], mapped, "the association has another port")

    def test_an_application_that_closes_its_socket_for_a_while_ends_nothing(self):
        with new_pair() as pair, UdpTarget() as target, Association(pair.socks_port) as association:
            self.assertEqual(association.ask("127.0.0.1", target.port, b"before"), b"before")
            mapped, own = target.next()[0], association.socket.getsockname()
            association.socket.close()
            with Association(pair.socks_port) as barrier:
                for _ in range(10):
                    target.send_from("127.0.0.1", b"to a closed port", mapped)
                    self.assertEqual(barrier.ask("127.0.0.1", target.port, b"barrier"), b"barrier")
            association.socket = bound_socket(*own)
            association.socket.settimeout(10)
            association.send("127.0.0.1", target.port, b"after")
            got = b"to a closed port"
            while got == b"to a closed port":  # some may still be under way
                got = association.receive()[1]
            self.assertEqual(got, b"after")

    def test_a_server_that_is_away_for_a_while_ends_no_association(self):
        for method in METHODS:
            with self.subTest(method), new_pair(method) as pair, UdpTarget() as target, Association(pair.socks_port) as association:
                self.assertEqual(association.ask("127.0.0.1", target.port, b"before"), b"before")
                argv = pair.server.argv
                pair.server.stop()
                for _ in range(5):
                    association.send("127.0.0.1", target.port, b"lost")
                pair.server = Process(argv, pair.folder.name, "server")
                pair.server.wait_until_up(lambda pair=pair: udp_targets.is_bound(pair.setup.server_port), "has no UDP port")
                association.socket.settimeout(0.2)
                self.assertTrue(ports.wait_until(lambda a=association, t=target: self.gets_through(a, t), 10), pair.logs())

    def gets_through(self, association, target):
        try:
            return association.ask("127.0.0.1", target.port, b"after") == b"after"
        except TimeoutError:
            return False


if __name__ == "__main__":
    unittest.main()
