"""How connections end: half-close in both orders, and a reset that follows the data before it."""
import hashlib
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")
SIZE = 2_000_000


class HalfCloseTest(unittest.TestCase):
    def test_client_closes_first_and_gets_the_whole_answer(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.half_closer(SIZE)) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"question")
                    sock.shutdown(socket.SHUT_WR)
                    answer = socks5.read_to_end(sock)
                self.assertEqual((len(answer), hashlib.sha256(answer).hexdigest()), (SIZE, targets.pattern_hash(SIZE)), pair.logs())

    def test_client_closes_at_once_without_a_byte_and_gets_the_whole_answer(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.half_closer(SIZE)) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.shutdown(socket.SHUT_WR)
                    self.assertEqual(len(socks5.read_to_end(sock)), SIZE, pair.logs())

    def test_target_closes_first_and_gets_every_byte_that_the_client_still_sends(self):
        for method in METHODS:
            handler = targets.first_closer(1000)
            with self.subTest(method=method), targets.Target(handler) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    self.assertEqual(len(socks5.read_to_end(sock)), 1000, pair.logs())
                    for block in targets.pattern(SIZE):
                        sock.sendall(block)
                    sock.shutdown(socket.SHUT_WR)
                    self.assertTrue(handler.done.wait(10), pair.logs())
                self.assertEqual(handler.received, SIZE)


class ResetTest(unittest.TestCase):
    def test_reset_of_the_target_reaches_the_client_after_the_data(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.resetter(SIZE)) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"1")
                    self.assertEqual(hashlib.sha256(socks5.read_exactly(sock, SIZE)).hexdigest(), targets.pattern_hash(SIZE))
                    sock.sendall(b"2")
                    with self.assertRaises(ConnectionResetError, msg="the client saw a clean end\n" + pair.logs()):
                        while sock.recv(65536):
                            pass

    def test_reset_right_behind_the_data_loses_none_of_it(self):
        """The client does not read while the reset overtakes the answer: what had reached ss-server must still arrive before it."""
        size = 100_000
        was_reset = threading.Event()

        def handle(sock):
            socks5.read_exactly(sock, 1)
            sock.sendall(b"".join(targets.pattern(size)))
            targets.wait_acknowledged(sock)
            targets.reset(sock)
            was_reset.set()
        for method in METHODS:
            was_reset.clear()
            with self.subTest(method=method), targets.Target(handle) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"1")
                    self.assertTrue(was_reset.wait(10), pair.logs())
                    time.sleep(0.2)  # lets the reset overtake
                    self.assertEqual(hashlib.sha256(socks5.read_exactly(sock, size)).hexdigest(), targets.pattern_hash(size), pair.logs())
                    with self.assertRaises(ConnectionResetError, msg=pair.logs()):
                        while sock.recv(65536):
                            pass

    def test_reset_of_the_client_reaches_the_target(self):
        for method in METHODS:
            ended = threading.Event()
            seen = []

            def handle(sock, seen=seen, ended=ended):
                try:
                    while data := sock.recv(65536):
                        seen.append(data)
                    seen.append("end")
                except ConnectionResetError:
                    seen.append("reset")
                ended.set()
            with self.subTest(method=method), targets.Target(handle) as target, Pair(method) as pair:
                sock = socks5.connect(pair.socks_port, "127.0.0.1", target.port)
                sock.sendall(b"hello")
                while not seen:
                    time.sleep(0.01)
                targets.reset(sock)
                self.assertTrue(ended.wait(8), pair.logs())
                self.assertEqual(seen, [b"hello", "reset"], pair.logs())


if __name__ == "__main__":
    unittest.main()
