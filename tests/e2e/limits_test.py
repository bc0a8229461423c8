"""The limits on connections under load: who is turned away, who is served, and what the counters say."""
import contextlib
import selectors
import socket
import struct
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, socks5, targets  # noqa: E402
from support.name_server import NameServer  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.ports import wait_until  # noqa: E402

SILENT = "aes-256-gcm"  # what does not authenticate stays until the deadline, and holds its place


def is_open(sock):
    """Whether the other end has said nothing yet, an end least of all."""
    try:
        return bool(sock.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


class Crowd:
    """Keeps `size` silent connections to a port open from some addresses, and comes again at once with each that is ended."""

    def __init__(self, port, sources, size):
        self.port, self.sources, self.size = port, sources, size
        self.came, self.full, self.done = 0, threading.Event(), threading.Event()
        self.selector = selectors.DefaultSelector()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _come(self):
        sock = socket.socket()
        sock.bind((self.sources[self.came % len(self.sources)], 0))
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            sock.connect(("127.0.0.1", self.port))
        self.selector.register(sock, selectors.EVENT_READ)
        self.came += 1

    def _run(self):
        for _ in range(self.size):
            self._come()
        while not self.done.is_set():
            ended = self.selector.select(0.05)
            if self.came > 3 * self.size:
                self.full.set()
            for key, _ in ended:
                self.selector.unregister(key.fileobj)
                key.fileobj.close()
                self._come()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()


class LimitsTest(unittest.TestCase):
    def ask(self, pair, target, text=b"still served?"):
        with socks5.connect(pair.socks_port, "127.0.0.1", target.port, timeout=5) as sock:
            sock.sendall(text)
            return socks5.read_exactly(sock, len(text)) == text

    def test_clients_are_served_while_a_crowd_wants_every_place(self):
        one = ["127.0.0.66"]
        many = [f"127.0.66.{n}" for n in range(1, 200)]
        limits = {"max_unauthenticated": 40, "workers": 2}
        for sources in (one, many):
            with self.subTest(sources=len(sources)), targets.Target(targets.echo) as target, \
                    Pair(SILENT, server_extra=limits, local_extra={"preconnect": 0}) as pair:
                # Who has never been served may be thinned out with the crowd; who was is known.
                self.assertTrue(self.ask(pair, target))
                with Crowd(pair.setup.server_port, sources, 120) as crowd:
                    self.serve_all(pair, target, crowd, limits)

    def serve_all(self, pair, target, crowd, limits):
        self.assertTrue(crowd.full.wait(20), "the crowd was never turned away, so this test shows nothing")
        served = sum(self.ask(pair, target) for _ in range(100))
        self.assertEqual(served, 100)
        seen = pair.server.counted()
        self.assertLessEqual(seen["unauthenticated"], limits["max_unauthenticated"] + limits["workers"])
        self.assertGreater(seen["turned_away"], 100)
        self.assertEqual(pair.server.log().count("to stay within `max_unauthenticated`"), 1, "one line in ten seconds")

    def test_no_more_connections_than_max_connections_and_those_go_on(self):
        with targets.Target(targets.echo) as target, Pair(SILENT, server_extra={"max_connections": 20}, local_extra={"preconnect": 0}) as pair:
            socks = [socks5.connect(pair.socks_port, "127.0.0.1", target.port) for _ in range(20)]
            for sock in socks:
                sock.sendall(b"first")
                self.assertEqual(socks5.read_exactly(sock, 5), b"first")
            with self.assertRaises((OSError, EOFError, socks5.Refused)):
                self.ask(pair, target)
            self.assertGreaterEqual(pair.server.counted()["turned_away"], 1)
            for sock in socks:
                sock.sendall(b"again")
                self.assertEqual(socks5.read_exactly(sock, 5), b"again")
            socks.pop().close()
            self.assertTrue(wait_until(lambda: pair.server.counted()["connections"] == 19, 5))
            self.assertTrue(self.ask(pair, target), "a place was given back")
            for sock in socks:
                sock.close()

    @unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
    def test_no_more_connections_of_a_source_than_max_connections_per_source(self):
        for last in (1, 2, 3):
            own_network.ip(f"addr add 10.9.0.{last}/32 dev lo")
        extra = {"server": ["127.0.0.1", "10.9.0.1"], "max_connections_per_source": 20}
        with targets.Target(targets.echo) as target, Pair(SILENT, server_extra=extra) as pair, contextlib.ExitStack() as stack:
            def come(source):
                sock = stack.enter_context(socket.socket())
                sock.bind((source, 0))
                sock.connect(("10.9.0.1", pair.setup.server_port))
                return sock
            greedy = [come("10.9.0.2") for _ in range(30)]
            self.assertTrue(wait_until(lambda: pair.server.counted()["turned_away"] == 10, 5))
            self.assertEqual(sum(map(is_open, greedy)), 20)
            self.assertTrue(is_open(come("10.9.0.3")))
            self.assertTrue(self.ask(pair, target), "others are served")

    def test_no_more_questions_under_way_than_dns_max_questions(self):
        with NameServer() as names, targets.Target(targets.echo) as target, \
                Pair(SILENT, server_extra={"dns": "127.0.0.1", "dns_max_questions": 10, "workers": 1}, local_extra={"preconnect": 0}) as pair, \
                contextlib.ExitStack() as stack:
            for n in range(30):
                sock = stack.enter_context(socket.create_connection(("127.0.0.1", pair.socks_port)))
                sock.sendall(b"\5\1\0" + socks5.request(f"silent.n{n}.test", 80))
            # Each name is asked for in both families.
            self.assertTrue(wait_until(lambda: pair.server.counted()["names_refused"] >= 50, 5), pair.server.counted())
            self.assertLessEqual(len([name for name in names.asked if name.startswith("silent.")]), 2 * 10, "each of ten is asked again once at most")
            self.assertTrue(self.ask(pair, target), "addresses need no question")

    def test_what_is_kept_for_slow_receivers_stays_below_max_buffered_and_a_little(self):
        stalled, limit, portion = 60, 1 << 20, 33 << 10  # a portion of the smallest size, once it is opened and once more on its way
        with targets.Target(targets.source) as target, Pair(SILENT, server_extra={"max_buffered": limit}, local_extra={"max_buffered": limit}) as pair, \
                contextlib.ExitStack() as stack:
            for _ in range(stalled):
                sock = stack.enter_context(socks5.connect(pair.socks_port, "127.0.0.1", target.port))
                sock.sendall(struct.pack("!Q", 20_000_000))
            self.assertTrue(wait_until(lambda: pair.local.counted()["buffered"] > limit, 10), "so little was kept that this test shows nothing")
            figures = []
            wait_until(lambda: figures.append(pair.local.counted()["buffered"]) or figures[-3:] == [figures[-1]] * 3, 10, 0.2)
            self.assertLess(figures[-1], limit + stalled * portion)


if __name__ == "__main__":
    own_network.main()
