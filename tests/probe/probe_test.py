"""The prober itself, and ours before it: one class of reaction for each setting, whatever is sent."""
import argparse
import os
import random
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from probe import cases, prober, run  # noqa: E402
from probe.traces import ACK, FIN, RST, SYN, Packet, class_of, parse  # noqa: E402
from support import own_network  # noqa: E402
from support.programs import Ours  # noqa: E402
from support.targets import Target  # noqa: E402


def trace(*packets):
    """Of (seconds, from the server, flags, length), behind a handshake."""
    return [Packet(0, False, SYN, 0), Packet(0, True, SYN | ACK, 0), *(Packet(*packet) for packet in packets)]


class ClassTest(unittest.TestCase):
    def test_tells_what_ends_and_when(self):
        sent, ended = (1, False, ACK, 50), (2, False, FIN | ACK, 0)
        for packets, name in (
                ((sent,), "silence"),
                ((sent, (1.1, True, ACK, 0)), "silence"),
                ((sent, (1.1, True, FIN | ACK, 0)), "FIN"),
                ((sent, (1.6, True, FIN | ACK, 0)), "FIN, late"),
                ((sent, (1.1, True, RST, 0), (1.2, True, RST, 0)), "RST"),
                ((sent, (1.1, True, FIN, 0), (1.2, True, RST, 0)), "FIN, then RST"),
                ((sent, ended, (2.1, True, FIN, 0)), "FIN after the client's end"),
                ((sent, (1.1, True, ACK, 30), (1.2, True, FIN | ACK, 4)), "34 bytes, then FIN")):
            self.assertEqual(class_of(trace(*packets)), name)

    def test_reads_headers(self):
        def packet(source, target, flags, payload, total=None):
            size = 40 + len(payload)
            return (bytes([0x45, 0]) + (size if total is None else total).to_bytes(2, "big") + bytes(5) + b"\x06" + bytes(2) + bytes([127, 0, 0, source, 127, 0, 0, target]) +
                    source.to_bytes(2, "big") + target.to_bytes(2, "big") + bytes(8) + bytes([0x50, flags]) + bytes(6) + payload)
        self.assertEqual(parse(packet(7, 9, ACK, b"abc"), 9), ("127.0.0.7", False, ACK, 3))
        self.assertEqual(parse(packet(9, 7, FIN, b""), 9), ("127.0.0.7", True, FIN, 0))
        self.assertIsNone(parse(packet(7, 8, ACK, b""), 9))
        self.assertIsNone(parse(b"short", 9))


class CaseTest(unittest.TestCase):
    RECORDINGS = [random.Random(5).randbytes(200)]

    def test_draws_the_same_for_the_same_seed_and_of_every_kind(self):
        drawn = cases.sample(7, self.RECORDINGS, 400)
        self.assertEqual(drawn, cases.sample(7, self.RECORDINGS, 400))
        self.assertNotEqual(drawn, cases.sample(8, self.RECORDINGS, 400))
        self.assertEqual(len(drawn), 400)
        every = {(case.kind, case.action) for case in cases.all_cases(7, self.RECORDINGS)}
        self.assertEqual({(case.kind, case.action) for case in drawn}, every)

    def test_segments_are_all_of_the_bytes(self):
        for case in cases.all_cases(7, self.RECORDINGS):
            self.assertEqual(sum(case.segments), len(case.data))
            self.assertGreater(min(case.segments), 0)


def ends_by_length(client):
    """What betrays a server: it reads 59 bytes and closes, which is a reset where more have come."""
    read = 0
    while read < 59:
        data = client.recv(59 - read)
        if not data:
            return
        read += len(data)
    client.shutdown(socket.SHUT_WR)


@unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
class ServerTest(unittest.TestCase):
    def test_finds_a_server_that_shows_how_much_it_reads(self):
        drawn = [case for case in cases.sample(3, [], 200) if case.action == "idle" and len(case.data) < 100 or len(case.data) > 1000]
        with Target(ends_by_length) as server:
            found = prober.classes_of(server.port, drawn)
        self.assertGreater(len(found["idle"]), 1)

    def test_ours_shows_one_class_for_each_setting_and_action(self):
        options = argparse.Namespace(quick=True, cases=int(os.environ.get("SS_PROBES", run.QUICK)), seed=1)
        rows = list(run.rows_of([Ours()], options))
        self.assertEqual(len(rows), 12)
        wrong = [line for row in rows if run.fails(row) for line in (run.line_of(row), *run.examples(row))]
        self.assertEqual(wrong, [], "\n".join(wrong))


if __name__ == "__main__":
    own_network.main()
