"""SOCKS5 to the letter, from outside: order, splits, pipelining, and the answer to every malformed message."""
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

NO_ADDRESS = b"\x00\x01\x00\x00\x00\x00\x00\x00"


def error_reply(rep):
    return bytes([5, rep]) + NO_ADDRESS


class Socks5Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.echo = targets.Target(targets.echo).start()
        cls.pair = Pair("2022-blake3-aes-128-gcm").start()

    @classmethod
    def tearDownClass(cls):
        alarms = cls.pair.stop()
        cls.echo.stop()
        assert not alarms, alarms

    def exchange(self, message, pause_after=()):
        """Everything that ss-local answers to `message` until it closes; each cut of `pause_after` becomes a segment of its own."""
        with socket.create_connection(("127.0.0.1", self.pair.socks_port), 15) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            start = 0
            for cut in (*pause_after, len(message)):
                sock.sendall(message[start:cut])
                start = cut
            return socks5.read_to_end(sock)

    def test_malformed_messages_get_the_answer_that_the_rfc_names(self):
        good = b"\x05\x01\x00"
        cases = {
            "greeting without methods": (b"\x05\x00", b"\x05\xff"),
            "greeting with an unknown method only": (b"\x05\x01\x80", b"\x05\xff"),
            "password only, where none is configured": (b"\x05\x01\x02", b"\x05\xff"),
            "greeting of another version": (b"\x06\x01\x00", b""),
            "request of another version": (good + b"\x04\x01\x00\x01\x7f\x00\x00\x01\x00\x50", b"\x05\x00" + error_reply(1)),
            "unknown command": (good + b"\x05\x09\x00\x01\x7f\x00\x00\x01\x00\x50", b"\x05\x00" + error_reply(7)),
            "BIND": (good + b"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", b"\x05\x00" + error_reply(7)),
            "unknown address type": (good + b"\x05\x01\x00\x02\x7f\x00\x00\x01\x00\x50", b"\x05\x00" + error_reply(8)),
            "domain of length zero": (good + b"\x05\x01\x00\x03\x00\x00\x50", b"\x05\x00" + error_reply(1)),
            "domain with a NUL": (good + b"\x05\x01\x00\x03\x03a\x00b\x00\x50", b"\x05\x00" + error_reply(1)),
            "port zero": (good + b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x00", b"\x05\x00" + error_reply(1)),
        }
        for name, (message, answer) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.exchange(message), answer, self.pair.logs())

    def test_every_split_of_the_handshake_is_taken(self):
        message = socks5.greeting() + socks5.request("localhost", self.echo.port) + b"payload"
        for cut in range(1, len(message)):
            with self.subTest(cut=cut), socket.create_connection(("127.0.0.1", self.pair.socks_port), 10) as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.sendall(message[:cut])
                sock.sendall(message[cut:])
                self.assertEqual(socks5.read_exactly(sock, 2), b"\x05\x00")
                socks5.read_reply(sock)
                self.assertEqual(socks5.read_exactly(sock, 7), b"payload")

    def test_bytes_sent_before_the_reply_are_kept(self):
        payload = b"".join(targets.pattern(300_000))
        with socks5.connect_pipelined(self.pair.socks_port, "127.0.0.1", self.echo.port, payload[:100_000]) as sock:
            sock.sendall(payload[100_000:])
            self.assertTrue(socks5.read_exactly(sock, len(payload)) == payload)

    def test_half_close_right_behind_a_pipelined_handshake_loses_nothing(self):
        with socks5.connect_pipelined(self.pair.socks_port, "127.0.0.1", self.echo.port, b"all at once") as sock:
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(socks5.read_to_end(sock), b"all at once")

    def test_a_target_that_speaks_first_is_heard_from_a_silent_client(self):
        def banner(sock):
            sock.sendall(b"220 ready\r\n")
            sock.recv(1)
        with targets.Target(banner) as target, socks5.connect(self.pair.socks_port, "127.0.0.1", target.port) as sock:
            self.assertEqual(socks5.read_exactly(sock, 11), b"220 ready\r\n")

    def test_client_that_leaves_early_disturbs_nobody(self):
        message = socks5.greeting() + socks5.request("127.0.0.1", self.echo.port)
        for count in range(len(message)):
            for leave in (socket.socket.close, targets.reset):
                sock = socket.create_connection(("127.0.0.1", self.pair.socks_port), 10)
                sock.sendall(message[:count])
                leave(sock)
        with socks5.connect(self.pair.socks_port, "127.0.0.1", self.echo.port) as sock:
            sock.sendall(b"still here")
            self.assertEqual(socks5.read_exactly(sock, 10), b"still here")


class HandshakeDeadlineTest(unittest.TestCase):
    def test_handshake_ends_at_its_deadline_and_bytes_do_not_extend_it(self):
        message = socks5.greeting() + b"\x05\x01\x00\x03\xff" + b"a" * 255  # a name so long that its drips last
        with Pair("aes-128-gcm", local_extra={"handshake_timeout": 1}) as pair:
            for name, start, drip in (("silence", 0, False), ("after the greeting", 3, False), ("within the request", 8, False), ("drips", 8, True)):
                with self.subTest(name), socket.create_connection(("127.0.0.1", pair.socks_port), 10) as sock:
                    began = time.monotonic()
                    sock.sendall(message[:start])
                    sock.settimeout(0.1 if drip else 5)
                    self.assertEqual(self.read_while_dripping(sock, drip), b"\x05\x00" if start else b"")
                    self.assertTrue(0.9 < time.monotonic() - began < 2.5, f"ended after {time.monotonic() - began:.1f} s")

    def read_while_dripping(self, sock, drip):
        """What comes until the end of the stream; with `drip`, one byte is sent at each pause."""
        got = b""
        for _ in range(50):
            try:
                data = sock.recv(100)
                if not data:
                    break
                got += data
            except TimeoutError:
                if drip:
                    sock.sendall(b"a")
            except (ConnectionResetError, BrokenPipeError):
                break
        return got


if __name__ == "__main__":
    unittest.main()
