"""The reject door from outside: what a stream that does not authenticate sees, by method family and `reject` setting."""
import os
import socket
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.tap import Tap  # noqa: E402

LENGTHS = (1, 15, 16, 17, 32, 43, 50, 58, 59, 60, 61, 200, 1448, 16384)
WATCH = 1.0  # seconds in which a silent server must do nothing
AT_ONCE = 5.0  # what "at once" may take on a loaded machine
SIP004, SIP022 = "aes-256-gcm", "2022-blake3-aes-256-gcm"


def what_happens(sock, watch=WATCH):
    """silence, fin, reset, or the bytes that came."""
    sock.settimeout(watch)
    try:
        return sock.recv(65536).hex() or "fin"
    except TimeoutError:
        return "silence"
    except ConnectionResetError:
        return "reset"


def probe(port, data, then_fin=False, watch=WATCH):
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        try:
            if data:
                sock.sendall(data)
            if then_fin:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # already reset: the read says so
        return what_happens(sock, watch)


class RejectTest(unittest.TestCase):
    def probe_all(self, port, payloads, then_fin=False, watch=AT_ONCE):
        with ThreadPoolExecutor(32) as pool:
            return list(pool.map(lambda data: probe(port, data, then_fin, watch), payloads))

    def assert_all(self, method, setting, expected):
        extra = {"reject": setting} if setting else {}
        with self.subTest(method=method, reject=setting), Pair(method, server_extra=extra) as pair:
            payloads = [os.urandom(length) for length in LENGTHS] + [b"GET / HTTP/1.1\r\n\r\n", bytes(200)]
            watch = WATCH if expected == "silence" else AT_ONCE
            seen = self.probe_all(pair.setup.server_port, payloads, watch=watch)
            classes = {len(data): result for data, result in zip(payloads, seen) if result != expected}
            self.assertEqual(classes, {}, f"expected {expected} for every length")
            self.assertEqual(probe(pair.setup.server_port, b""), "silence", "a probe of no byte")
            ended = self.probe_all(pair.setup.server_port, payloads, then_fin=True)
            self.assertEqual(len(set(ended)), 1, f"probes that end their sending side are told apart by length: {ended}")

    def test_2022_by_default_resets_every_probe_at_once(self):
        self.assert_all(SIP022, None, "reset")
        self.assert_all(SIP022, "reset", "reset")
        self.assert_all("2022-blake3-chacha20-poly1305", "auto", "reset")

    def test_2022_silent_answers_nothing(self):
        self.assert_all(SIP022, "silent", "silence")

    def test_2022_fin_ends_cleanly_at_once_and_reads_on(self):
        self.assert_all(SIP022, "fin", "fin")
        with Pair(SIP022, server_extra={"reject": "fin"}) as pair:
            with socket.create_connection(("127.0.0.1", pair.setup.server_port), 10) as sock:
                sock.sendall(os.urandom(100))
                self.assertEqual(what_happens(sock, AT_ONCE), "fin")
                for _ in range(100):
                    sock.sendall(os.urandom(10_000))  # more than socket buffers hold: the door must drain
                self.assertEqual(what_happens(sock, 0.2), "fin")

    def test_sip004_is_silent_before_the_deadline_whatever_the_setting(self):
        for setting in (None, "silent", "reset", "fin"):
            self.assert_all(SIP004, setting, "silence")

    def test_replayed_and_altered_first_flights_look_like_noise(self):
        for method, expected in ((SIP022, "reset"), (SIP004, "silence")):
            with self.subTest(method=method), targets.Target(targets.echo) as target, Pair(method) as direct, \
                    Tap(direct.setup.server_port) as tap, Pair(method, password=direct.setup.password, local_extra={"server_port": tap.port, "extension": "off"}) as pair:
                with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, b"first") as sock:
                    self.assertEqual(socks5.read_exactly(sock, 5), b"first")
                flight = tap.flights[0][0]
                accepted = target.accepted
                altered = [flight[:at] + bytes([flight[at] ^ 1]) + flight[at + 1:] for at in range(0, min(len(flight), 120), 7)]
                seen = self.probe_all(direct.setup.server_port, [flight] + altered, watch=WATCH if expected == "silence" else AT_ONCE)
                self.assertEqual(set(seen), {expected}, direct.logs())
                self.assertEqual(target.accepted, accepted, "a replay reached the target")

    def test_others_are_served_while_probes_wait(self):
        with targets.Target(targets.echo) as target, Pair(SIP004) as pair:
            probes = [socket.create_connection(("127.0.0.1", pair.setup.server_port), 10) for _ in range(200)]
            for number, sock in enumerate(probes):
                sock.sendall(os.urandom(number))
            with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                sock.sendall(b"served")
                self.assertEqual(socks5.read_exactly(sock, 6), b"served", pair.logs())
            for sock in probes:
                sock.close()


class FirstFlightTest(unittest.TestCase):
    def test_first_bytes_of_the_client_ride_in_one_segment_with_the_headers(self):
        for method, overhead in ((SIP004, 32), (SIP022, 32 + 16 + 11 + 16)):
            with self.subTest(method=method), targets.Target(targets.echo) as target, Pair(method) as direct, \
                    Tap(direct.setup.server_port) as tap, Pair(method, password=direct.setup.password, local_extra={"server_port": tap.port, "extension": "off"}) as pair:
                with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, b"p" * 500) as sock:
                    self.assertEqual(socks5.read_exactly(sock, 500), b"p" * 500)
                self.assertGreater(len(tap.flights[0][0]), overhead + 500)

    def test_first_bytes_of_the_server_ride_in_one_segment_with_the_headers(self):
        for method, overhead in ((SIP004, 32 + 18), (SIP022, 32 + 43 + 16)):
            with self.subTest(method=method), targets.Target(targets.echo) as target, Pair(method) as direct, \
                    Tap(direct.setup.server_port) as tap, Pair(method, password=direct.setup.password, local_extra={"server_port": tap.port, "extension": "off"}) as pair:
                with socks5.connect_pipelined(pair.socks_port, "127.0.0.1", target.port, b"p" * 500) as sock:
                    self.assertEqual(socks5.read_exactly(sock, 500), b"p" * 500)
                self.assertEqual(len(tap.answers[0][0]), overhead + 500 + 16)


if __name__ == "__main__":
    unittest.main()
