"""What was recorded before ss-server went down is not served after it is back, where `replay_store` names a file."""
import contextlib
import os
import signal
import socket
import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.ports import wait_until  # noqa: E402
from support.process import DiedEarly  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.tap import Tap  # noqa: E402
from support.udp_tap import UdpTap  # noqa: E402
from support.udp_targets import UdpTarget, bound_socket  # noqa: E402

METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305")
GAP_AT = 88  # in the file; src/server/replay_store.hpp
SILENCE = 0.1  # seconds in which nothing comes
AT_ONCE = 5  # seconds that "at once" may take on a loaded machine
FLIGHTS, PACKETS = 20, 20


@contextlib.contextmanager
def server_with_store(method, age=3600):
    """A pair whose server has a store that was made `age` seconds ago."""
    with tempfile.TemporaryDirectory(prefix="ss-replay-") as folder:
        store = Path(folder) / "replay"
        extra = {"replay_store": str(store), "workers": 1}
        with Pair(method, mode="tcp_and_udp", server_extra=extra) as made:
            setup = made.setup
        with open(store, "r+b") as file:
            file.seek(GAP_AT)
            gap = struct.unpack("=Q", file.read(8))[0]
            file.seek(GAP_AT)
            file.write(struct.pack("=Q", gap - age))
        with Pair(method, setup=setup) as pair:
            yield pair, store


def end(pair, how):
    pair.server.signal(how)
    if pair.server.wait(20) is None:
        raise AssertionError(f"ss-server is still there after signal {how}")


def send(port, flight):
    """Sends a recorded flight and waits until the server has made up its mind, or for a moment where it is silent."""
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(flight)
        sock.settimeout(SILENCE)
        with contextlib.suppress(OSError):
            return sock.recv(1000)
    return b""


def answers(association, target):
    """Whether a datagram comes back. A session is opened by a stamp of a later second than those of before the restart."""
    association.socket.settimeout(SILENCE)
    try:
        return association.ask("127.0.0.1", target.port, b"new") == b"new"
    except TimeoutError:
        return False


class RestartTest(unittest.TestCase):
    def record_streams(self, pair, target):
        """First flights that were served, as they passed."""
        with Tap(pair.setup.server_port) as tap, \
                Pair(pair.setup.method, password=pair.setup.password, local_extra={"server_port": tap.port, "extension": "off"}) as through:
            for number in range(FLIGHTS):
                payload = f"flight {number:04}".encode()
                with socks5.connect_pipelined(through.socks_port, "127.0.0.1", target.port, payload) as sock:
                    self.assertEqual(socks5.read_exactly(sock, len(payload)), payload, pair.logs())
            return [b"".join(segments) for segments in tap.flights]

    def assert_no_stream_is_served(self, pair, target, flights, when):
        accepted = target.accepted
        for flight in flights:
            self.assertEqual(send(pair.setup.server_port, flight), b"", when)
        with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, b"new") as sock:
            self.assertEqual(socks5.read_exactly(sock, 3), b"new", f"{when}: a new client is served\n{pair.logs()}")
        self.assertEqual(target.accepted, accepted + 1, when)

    def test_no_recorded_stream_is_served_after_any_end(self):
        for method in METHODS:
            with self.subTest(method), targets.Target(targets.echo) as target, server_with_store(method) as (pair, _):
                flights = self.record_streams(pair, target)
                self.assertEqual(len(flights), FLIGHTS)
                self.assert_no_stream_is_served(pair, target, flights, "while it runs")
                for how in (signal.SIGTERM, signal.SIGKILL):
                    end(pair, how)
                    pair.start_server()
                    self.assert_no_stream_is_served(pair, target, flights, f"after signal {how.name}")

    def test_without_a_store_it_is(self):
        """Shows that the recording would be good: what holds it back above is the store."""
        method = METHODS[1]
        with targets.Target(targets.echo) as target, Pair(method) as pair:
            flight = self.record_streams(pair, target)[0]
            end(pair, signal.SIGKILL)
            pair.start_server()
            accepted = target.accepted
            send(pair.setup.server_port, flight)
            self.assertTrue(wait_until(lambda: target.accepted == accepted + 1, AT_ONCE), pair.logs())

    def test_no_recorded_packet_is_passed_on_after_any_end(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget() as target, server_with_store(method) as (pair, _), \
                    UdpTap(pair.setup.server_port) as tap, \
                    Pair(method, mode="tcp_and_udp", password=pair.setup.password, local_extra={"server_port": tap.port}) as through, \
                    bound_socket("127.0.0.1") as elsewhere:
                with Association(through.socks_port) as recorded:
                    for number in range(PACKETS):
                        payload = f"packet {number}".encode()
                        self.assertEqual(recorded.ask("127.0.0.1", target.port, payload), payload)
                        self.assertEqual(target.next()[1], payload)
                packets = list(tap.packets)
                for how in (signal.SIGTERM, signal.SIGKILL):
                    end(pair, how)
                    pair.start_server()
                    for packet in packets:
                        elsewhere.sendto(packet, ("127.0.0.1", pair.setup.server_port))
                    with Association(pair.socks_port) as fresh:
                        self.assertTrue(wait_until(lambda: answers(fresh, target), AT_ONCE), pair.logs())
                    while not target.seen.empty():
                        self.assertEqual(target.next()[1], b"new", how.name)


class StoreTest(unittest.TestCase):
    def test_a_new_store_refuses_for_half_a_minute_and_says_so(self):
        with tempfile.TemporaryDirectory(prefix="ss-replay-") as folder, targets.Target(targets.echo) as target:
            store = os.path.join(folder, "replay")
            with Pair(METHODS[1], server_extra={"replay_store": store}) as pair:
                self.assertIn(f"replay_store {store}: it is new: a request of before could not be told from a replay, "
                              "so clients are refused for about ", pair.server.log())
                # Whether ss-local could know of it in time for its reply is not what this is about.
                with contextlib.suppress(OSError, socks5.Refused), socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"hello")
                    self.assertEqual(sock.recv(100), b"")
                self.assertIn("may be a replay", pair.server.log())
            self.assertEqual(target.accepted, 0)
            self.assertEqual(os.stat(store).st_mode & 0o777, 0o600)

    def test_it_does_not_start_with_a_file_that_is_something_else(self):
        with tempfile.TemporaryDirectory(prefix="ss-replay-") as folder:
            other = Path(folder) / "notes.txt"
            other.write_text("my notes")
            with self.assertRaises(DiedEarly) as caught:
                Pair(METHODS[1], server_extra={"replay_store": str(other)}).start()
            self.assertIn("(exit 1)", str(caught.exception))
            self.assertEqual(other.read_text(), "my notes")

    def test_nothing_unauthenticated_enters_it(self):
        for method in METHODS[:2]:
            with self.subTest(method), targets.Target(targets.echo) as target, server_with_store(method) as (pair, store):
                before = store.read_bytes()
                for length in range(1, 400):
                    with socket.create_connection(("127.0.0.1", pair.setup.server_port), 10) as sock, contextlib.suppress(OSError):
                        sock.sendall(os.urandom(length))
                with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, b"barrier") as sock:
                    self.assertEqual(socks5.read_exactly(sock, 7), b"barrier")
                changed = sum(a != b for a, b in zip(before, store.read_bytes()))
                # One request's salt and stamp, with SIP004 its answer's too, and their counts.
                self.assertLess(changed, 100)


if __name__ == "__main__":
    unittest.main()
