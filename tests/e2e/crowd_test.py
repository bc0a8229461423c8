"""Many connections at once, and a process that runs out of descriptors."""
import os
import socket
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, process, procstat, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

CROWD = 1000
MESSAGE = 5000


def close_all(socks):
    for sock in socks:
        sock.close()


class CrowdTest(unittest.TestCase):
    def test_a_thousand_connections_at_once_each_get_their_own_bytes(self):
        self.assertGreater(process.raise_nofile(), 4 * CROWD, "the descriptor limit is too low for this test")
        for method in ("aes-128-gcm", "2022-blake3-aes-128-gcm"):
            with self.subTest(method=method), targets.Target(targets.echo) as target, Pair(method) as pair, ThreadPoolExecutor(32) as pool:
                socks = list(pool.map(lambda _: socks5.connect(pair.socks_port, "127.0.0.1", target.port), range(CROWD)))
                messages = [os.urandom(MESSAGE) for _ in socks]
                try:
                    ports.wait_until(lambda: len(target.open) == CROWD, 10)
                    self.assertEqual(len(target.open), CROWD)
                    for sock, message in zip(socks, messages):
                        sock.sendall(message)
                    wrong = [number for number, (sock, message) in enumerate(zip(socks, messages))
                             if socks5.read_exactly(sock, MESSAGE) != message]
                    self.assertEqual(wrong, [])
                finally:
                    close_all(socks)
                self.assertTrue(ports.wait_until(lambda: not target.open, 10), "connections stayed open after their clients had gone")


# UBSan looks at memory through a pipe; without a descriptor for one, it takes every object for a broken one.
@unittest.skipIf("undefined" in os.environ.get("SS_SANITIZE", ""), "UBSan itself needs descriptors")
class DescriptorTest(unittest.TestCase):
    LIMIT = 64

    def survive(self, side):
        """Floods a pair whose `side` has few descriptors, then frees them: new connections must be served again."""
        two = {"workers": 2}  # a fixed number, for each worker needs descriptors of its own
        with targets.Target(targets.echo) as target, \
                Pair("2022-blake3-aes-256-gcm", nofile={side: self.LIMIT}, server_extra=two, local_extra=two) as pair:
            socks = []
            try:
                while len(socks) < self.LIMIT and socks[-3:] != [None] * 3:
                    socks.append(self.try_connect(pair, target))
                self.assertIn(None, socks, "the limit was never reached, so this test shows nothing")
                socks += [socket.create_connection(("127.0.0.1", pair.socks_port), 5) for _ in range(self.LIMIT)]
                before = sum(procstat.cpu_seconds(one.pid) for one in pair.processes())
                time.sleep(1)
                spent = sum(procstat.cpu_seconds(one.pid) for one in pair.processes()) - before
                self.assertLess(spent, 0.5, "a process spins while it waits for descriptors")
            finally:
                close_all(sock for sock in socks if sock)
            self.assertTrue(all(one.alive() for one in pair.processes()), pair.logs())
            again = ports.wait_until(lambda: self.try_connect(pair, target, 3), 15)
            self.assertTrue(again, "not served after the descriptors were free again\n" + pair.logs())
            again.sendall(b"after")
            self.assertEqual(socks5.read_exactly(again, 5), b"after")
            again.close()

    def try_connect(self, pair, target, timeout=1):
        """A connection that echoes, or None."""
        sock = None
        try:
            sock = socks5.connect(pair.socks_port, "127.0.0.1", target.port, timeout=timeout)
            sock.sendall(b"x")
            socks5.read_exactly(sock, 1)
            return sock
        except (OSError, EOFError, socks5.Refused):
            if sock:
                sock.close()
            return None

    def test_local_survives_running_out(self):
        self.survive("local")

    def test_server_survives_running_out(self):
        self.survive("server")


if __name__ == "__main__":
    unittest.main()
