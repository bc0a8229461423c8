"""Many associations at once, in ss-local and in ss-server; and a process that has no descriptor left for another.

SS_UDP_LOCAL and SS_UDP_SERVER set how many: 6000 and 15000 are what the project asks for; they need 20,000 descriptors a process.
"""
import os
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import packets, ports, process, procstat, socks5, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket, listen_only  # noqa: E402

IN_LOCAL = int(os.environ.get("SS_UDP_LOCAL", "2000"))
IN_SERVER = int(os.environ.get("SS_UDP_SERVER", "5000"))
LOCAL_DESCRIPTORS = 3  # control connection, client's socket, server's socket
SPARE = 400
AT_ONCE = 50           # datagrams under way; fits every receive buffer on the way
FIRST_PORT, PORTS_OF_ADDRESS = 12_000, 5_000
PER_ASSOCIATION = 4 << 10  # bytes of a process's own memory beside what the kernel has for its sockets
SLACK = 4 << 20
SANITIZED = bool(os.environ.get("SS_SANITIZE"))


def batches(items):
    for start in range(0, len(items), AT_ONCE):
        yield items[start:start + AT_ONCE]


def client_socket(number):
    """A socket with a port below those that the kernel gives to the server's sockets: there are not enough of these for both."""
    sock = bound_socket(f"127.0.0.{2 + number // PORTS_OF_ADDRESS}", FIRST_PORT + number % PORTS_OF_ADDRESS)
    sock.settimeout(10)
    return sock


def payload_of(number, turn):
    return f"association {number}, turn {turn}".encode()


class CrowdTest(unittest.TestCase):
    def check_limit(self, needed):
        limit = process.raise_nofile()
        self.assertGreater(limit, needed + SPARE, f"{needed + SPARE} descriptors are needed")

    def check_memory(self, one, before, count):
        grown = procstat.private_bytes(one.pid) - before
        print(f"{one.name}: {grown / count:.0f} bytes an association", file=sys.stderr)
        if not SANITIZED:
            self.assertLess(grown, count * PER_ASSOCIATION + SLACK)

    def test_associations_of_local_each_get_their_own_answers(self):
        self.check_limit(LOCAL_DESCRIPTORS * IN_LOCAL)
        with UdpTarget() as target, Pair("2022-blake3-aes-128-gcm", mode="tcp_and_udp") as pair, ThreadPoolExecutor(16) as pool:
            with Association(pair.socks_port) as first:
                first.ask("127.0.0.1", target.port, bytes(60_000))
                target.next()
            before = {one.name: procstat.private_bytes(one.pid) for one in pair.processes()}
            associations = list(pool.map(lambda _: Association(pair.socks_port), range(IN_LOCAL)))
            try:
                for turn in range(2):
                    for batch in batches(list(enumerate(associations))):
                        for number, association in batch:
                            association.send("127.0.0.1", target.port, payload_of(number, turn))
                        for number, association in batch:
                            self.assertEqual(association.receive()[1], payload_of(number, turn), pair.logs())
                seen = [target.next() for _ in range(2 * IN_LOCAL)]
                self.assertEqual(len({source for source, _ in seen}), IN_LOCAL, "two associations have one port")
                for one in pair.processes():
                    self.check_memory(one, before[one.name], IN_LOCAL)
            finally:
                for association in associations:
                    association.close()
            self.assertTrue(ports.wait_until(lambda: udp_targets.count_of(pair.local.pid) == 0, 15), "sockets stayed open")

    def open_next(self, sealer, sock, which, pair):
        try:
            return sealer.open(sock.recv(1000))
        except TimeoutError:
            self.fail(f"no answer to association {which[0]}, turn {which[1]}, of {udp_targets.count_of(pair.server.pid)}\n{pair.logs()}")

    @unittest.skipIf(packets.missing(), packets.missing())
    def test_associations_of_server_each_get_their_own_answers(self):
        self.check_limit(IN_SERVER * 5 // 4)  # the server leaves a fifth to TCP
        with UdpTarget() as target, Pair(packets.METHOD, mode="tcp_and_udp") as pair:
            sealer, server = packets.Sealer(pair.setup.password), ("127.0.0.1", pair.setup.server_port)
            before = procstat.private_bytes(pair.server.pid)
            address = socks5.address("127.0.0.1", target.port)
            sockets = []
            try:
                for number in range(IN_SERVER):
                    sockets.append(client_socket(number))
                for turn in range(2):
                    for batch in batches(list(enumerate(sockets))):
                        for number, sock in batch:
                            sock.sendto(sealer.seal(address + payload_of(number, turn)), server)
                        for number, sock in batch:
                            self.assertEqual(self.open_next(sealer, sock, (number, turn), pair), address + payload_of(number, turn), pair.logs())
                seen = [target.next() for _ in range(2 * IN_SERVER)]
                self.assertEqual(len({source for source, _ in seen}), IN_SERVER, "two associations have one port")
                self.assertGreaterEqual(udp_targets.count_of(pair.server.pid), IN_SERVER)
                self.check_memory(pair.server, before, IN_SERVER)
            finally:
                for sock in sockets:
                    sock.close()

    @unittest.skipIf(packets.missing(), packets.missing())
    def test_the_oldest_idle_association_leaves_where_the_limit_is_reached(self):
        limit = 20
        with UdpTarget() as target, UdpTarget(listen_only) as quiet, \
                Pair(packets.METHOD, mode="tcp_and_udp", server_extra={"udp_max_associations": limit, "workers": 1}) as pair:
            associations = [Association(pair.socks_port) for _ in range(limit + 5)]
            try:
                for association in associations:
                    self.assertEqual(association.ask("127.0.0.1", target.port, b"begin"), b"begin")
                self.assertTrue(ports.wait_until(lambda: udp_targets.count_of(pair.server.pid) == limit + 1, 10))
                mapped = [target.next()[0] for _ in associations]
                quiet.send_from("127.0.0.1", b"to the oldest", mapped[0])
                quiet.send_from("127.0.0.1", b"to the youngest", mapped[-1])
                self.assertEqual(associations[-1].receive()[1], b"to the youngest")
                self.assertTrue(associations[0].quiet())
                self.assertEqual(associations[0].ask("127.0.0.1", target.port, b"again"), b"again", pair.logs())
            finally:
                for association in associations:
                    association.close()


# UBSan looks at memory through a pipe; without a descriptor for one, it takes every object for a broken one.
@unittest.skipIf("undefined" in os.environ.get("SS_SANITIZE", ""), "UBSan itself needs descriptors")
class DescriptorTest(unittest.TestCase):
    # Each worker remembers as many sessions that have left as all of them may have at once: 153 with this limit, so
    # that 256 may come by any share of them.
    LIMIT = 256

    def pair_with_few(self, side):
        two = {"workers": 2}  # a fixed number, for each worker needs descriptors of its own
        return Pair("2022-blake3-aes-256-gcm", mode="tcp_and_udp", nofile={side: self.LIMIT},
                    server_extra={**two, "udp_timeout": 60}, local_extra=two)

    def try_one(self, pair, target, wait=1):
        """An association that echoes within `wait` seconds, or None."""
        association = None
        try:
            association = Association(pair.socks_port)
            association.control.settimeout(wait)
            association.socket.settimeout(wait)
            association.ask("127.0.0.1", target.port, b"x")
            return association
        except (OSError, EOFError, socks5.Refused):
            if association:
                association.close()
            return None

    def test_local_survives_running_out(self):
        with UdpTarget() as target, self.pair_with_few("local") as pair:
            associations, failed = [], 0
            while len(associations) < self.LIMIT and failed < 3:
                association = self.try_one(pair, target)
                failed = 0 if association else failed + 1
                associations += [association] if association else []
            self.assertEqual(failed, 3, "the limit was never reached, so this test shows nothing")
            self.assertEqual(associations[0].ask("127.0.0.1", target.port, b"others go on"), b"others go on", pair.logs())
            for association in associations[1:]:
                association.close()
            again = ports.wait_until(lambda: self.try_one(pair, target), 10)
            self.assertTrue(again, pair.logs())
            again.close()
            associations[0].close()

    def test_server_has_the_oldest_leave_before_it_runs_out(self):
        with UdpTarget() as target, self.pair_with_few("server") as pair:
            associations = []
            for _ in range(self.LIMIT):
                associations.append(self.try_one(pair, target, 10))
                self.assertTrue(associations[-1], f"after {len(associations) - 1}\n{pair.logs()}")
            self.assertLess(udp_targets.count_of(pair.server.pid), self.LIMIT)
            self.assertEqual(associations[0].ask("127.0.0.1", target.port, b"again"), b"again", pair.logs())
            for association in associations:
                association.close()


if __name__ == "__main__":
    unittest.main()
