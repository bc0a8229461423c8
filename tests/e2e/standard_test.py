"""Byte for byte a standard client and server towards everybody else: a recorder between the two compares lengths and connections.

Towards a stock server the extension adds one stream, HELLO, and nothing to any other. A stock client never gets a frame.
"""
import contextlib
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import Libev, Rust, SingBox  # noqa: E402
from support.programs import Ours  # noqa: E402
from support.tap import Tap  # noqa: E402

PEERS = tuple(peer for peer in (Libev(), Rust(), SingBox()) if not peer.missing())
METHODS = ("aes-128-gcm", "chacha20-ietf-poly1305", "2022-blake3-aes-256-gcm")
TAG, ADDRESS, MOST_PADDING = 16, 7, 900
PAYLOADS = (b"x", b"y" * 100, b"z" * 1000)


def request_lengths(method, payload):
    """The shortest and the longest stream that a stock client may send for one payload to an IPv4 target."""
    salt = methods.key_bytes(method)
    if methods.is_2022(method):
        bare = salt + 11 + TAG + ADDRESS + 2 + TAG  # fixed-length header, variable-length header
        in_header, in_chunk = bare + payload, bare + 1 + (2 + TAG + payload + TAG)
        return (in_header, in_chunk + MOST_PADDING) if payload else (bare + 1, bare + MOST_PADDING)
    together = salt + 2 + TAG + ADDRESS + payload + TAG
    return together, together + 2 + TAG + TAG if payload else together


def answer_length(method, payload):
    """What a stock server sends for one payload, in one chunk; with 2022 methods it is in the response header's."""
    salt = methods.key_bytes(method)
    return salt + 1 + 8 + salt + 2 + TAG + payload + TAG if methods.is_2022(method) else salt + 2 + TAG + payload + TAG


def exchange(pair, target):
    for payload in PAYLOADS:
        with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
            sock.sendall(payload)
            assert socks5.read_exactly(sock, len(payload)) == payload


@contextlib.contextmanager
def recorded(method, local, server, **local_extra):
    """A pair with a recorder between the two, whose local side has settled."""
    server_port = ports.free_port()
    with targets.Target(targets.echo) as target, Tap(server_port) as tap:
        setup = {"server_port": server_port, "local_extra": {"workers": 1} | local_extra}
        with RecordedPair(tap, method, local, server, **setup) as pair:
            yield tap, pair, target


class RecordedPair(Pair):
    """A pair whose local side knows the recorder's port as the server's."""

    def __init__(self, tap, *words, **extra):
        super().__init__(*words, **extra)
        self.tap = tap

    def _start(self, side, command):
        if side == "local":
            self.setup.server_port = self.tap.port
        return super()._start(side, command)


class ClientStandardTest(unittest.TestCase):
    def flights(self, method, peer, connections, **local_extra):
        """The lengths of what our ss-local sent to a stock server, connection by connection."""
        with recorded(method, Ours(), peer, **local_extra) as (tap, pair, target):
            exchange(pair, target)
            exchange(pair, target)
            self.assertTrue(ports.wait_until(lambda: len(tap.flights) >= connections, 5), f"{len(tap.flights)} connections\n{pair.logs()}")
        return [sum(map(len, flight)) for flight in tap.flights]

    def assert_fits(self, method, length, payload):
        shortest, longest = request_lengths(method, payload)
        self.assertTrue(shortest <= length <= longest, f"{length} bytes for a payload of {payload}, not {shortest} to {longest}")

    def test_extension_adds_one_stream_and_changes_no_other(self):
        own = [len(payload) for payload in PAYLOADS * 2]
        for peer in PEERS:
            for method in METHODS:
                if peer.unsupported(method):
                    continue
                with self.subTest(peer=peer.name, method=method):
                    plain = self.flights(method, peer, len(own), extension="off", preconnect=0)
                    self.assertEqual(len(plain), len(own))
                    for length, payload in zip(plain, own):
                        self.assert_fits(method, length, payload)
                    extended = self.flights(method, peer, len(own) + 1, extension="auto", preconnect=0)
                    self.assertEqual(len(extended), len(own) + 1, extended)
                    rest = list(extended)
                    for payload in sorted(own, reverse=True):
                        rest.remove(self.best_fit(method, rest, payload))
                    self.assert_fits(method, rest[0], 0)

    def best_fit(self, method, lengths, payload):
        shortest, longest = request_lengths(method, payload)
        fitting = [length for length in lengths if shortest <= length <= longest]
        self.assertTrue(fitting, f"none of {lengths} carries {payload} bytes")
        return max(fitting) if methods.is_2022(method) else fitting[0]


class ServerStandardTest(unittest.TestCase):
    def test_stock_client_gets_no_frame(self):
        for peer in PEERS:
            for method in METHODS:
                if peer.unsupported(method):
                    continue
                with self.subTest(peer=peer.name, method=method):
                    with recorded(method, peer, Ours()) as (tap, pair, target):
                        exchange(pair, target)
                    self.assertEqual([sum(map(len, answer)) for answer in tap.answers], [answer_length(method, len(payload)) for payload in PAYLOADS])

    def test_our_client_without_the_extension_gets_no_frame(self):
        for method in METHODS:
            with self.subTest(method):
                with recorded(method, Ours(), Ours(), extension="off", preconnect=0) as (tap, pair, target):
                    exchange(pair, target)
                self.assertEqual([sum(map(len, answer)) for answer in tap.answers], [answer_length(method, len(payload)) for payload in PAYLOADS])

    def test_refused_target_of_a_stock_client_gets_no_byte(self):
        for peer in PEERS:
            for method in METHODS:
                if peer.unsupported(method):
                    continue
                with self.subTest(peer=peer.name, method=method):
                    with recorded(method, peer, Ours()) as (tap, pair, _), socks5.connect(pair.socks_port, "127.0.0.1", ports.free_port()) as sock:
                        sock.sendall(b"?")
                        with contextlib.suppress(ConnectionResetError):
                            self.assertEqual(sock.recv(1), b"")
                    self.assertEqual([sum(map(len, answer)) for answer in tap.answers], [0])


if __name__ == "__main__":
    unittest.main()
