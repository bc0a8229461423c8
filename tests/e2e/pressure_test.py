"""Receivers that do not read: memory stays bounded, others go on, and nothing is lost when they read again."""
import hashlib
import socket
import struct
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, procstat, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")
STALLED = 60
SIZE = 20_000_000         # far more than every buffer on the way together
PER_DIRECTION = 128 << 10  # what one direction may hold in one process
SLACK = 8 << 20           # for what grows once: scratch areas, caches


def settle(read_figure, seconds=15):
    """Waits until a figure that grows has stopped growing."""
    last = [None]

    def still():
        now = read_figure()
        same, last[0] = now == last[0], now
        return same
    ports.wait_until(still, seconds, 0.3)


class PressureTest(unittest.TestCase):
    def assert_bounded(self, pair, before):
        for process in pair.processes():
            grown = procstat.private_bytes(process.pid) - before[process.name]
            self.assertLess(grown, STALLED * PER_DIRECTION + SLACK, f"{process.name} grew by {grown >> 20} MiB for {STALLED} stalled connections")

    def memory(self, pair):
        return {process.name: procstat.private_bytes(process.pid) for process in pair.processes()}

    def echo_once(self, pair, echo):
        with socks5.connect(pair.socks_port, "127.0.0.1", echo.port) as sock:
            sock.sendall(b"others go on")
            self.assertEqual(socks5.read_exactly(sock, 12), b"others go on")

    def test_clients_that_do_not_read_a_download(self):
        for method in METHODS:
            with self.subTest(method), targets.Target(targets.source) as target, targets.Target(targets.echo) as echo, Pair(method) as pair:
                self.echo_once(pair, echo)
                before = self.memory(pair)
                socks = [socks5.connect(pair.socks_port, "127.0.0.1", target.port) for _ in range(STALLED)]
                for sock in socks:
                    sock.sendall(struct.pack("!Q", SIZE))
                settle(lambda pair=pair: self.memory(pair))
                self.assert_bounded(pair, before)
                self.echo_once(pair, echo)
                digest = hashlib.sha256(socks5.read_to_end(socks[0])).hexdigest()
                self.assertEqual(digest, targets.pattern_hash(SIZE), pair.logs())
                for sock in socks:
                    sock.close()

    def test_targets_that_do_not_read_an_upload(self):
        for method in METHODS:
            released = threading.Event()

            def stall(sock, released=released):
                released.wait(60)
                targets.sink(sock)
            with self.subTest(method), targets.Target(stall) as target, targets.Target(targets.echo) as echo, Pair(method) as pair:
                self.echo_once(pair, echo)
                before = self.memory(pair)
                socks = [socks5.connect(pair.socks_port, "127.0.0.1", target.port) for _ in range(STALLED)]
                sent = [self.push(sock) for sock in socks]
                settle(lambda pair=pair: self.memory(pair))
                self.assert_bounded(pair, before)
                self.echo_once(pair, echo)
                released.set()
                for sock, count in list(zip(socks, sent))[:5]:
                    sock.setblocking(True)
                    sock.shutdown(socket.SHUT_WR)
                    self.assertEqual(socks5.read_to_end(sock).decode(), targets.pattern_hash(count), pair.logs())
                for sock in socks:
                    sock.close()

    def push(self, sock):
        """Sends until nothing more goes in for a moment; how many bytes did."""
        sock.settimeout(0.05)
        count = 0
        for block in targets.pattern(SIZE):
            left = memoryview(block)
            while left:
                try:
                    done = sock.send(left)
                except TimeoutError:
                    return count
                count += done
                left = left[done:]
        return count


if __name__ == "__main__":
    unittest.main()
