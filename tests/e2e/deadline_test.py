"""The 60 s deadline of the reject door: the same for every cause, by the same exit, and a flood does not change it. Takes 65 s of waiting."""
import contextlib
import os
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.pair import Pair  # noqa: E402

DEADLINE, GRACE = 60.0, 1.5  # seconds; the grace is for a loaded machine
LENGTHS = (0, 1, 31, 32, 33, 49, 50, 51, 58, 59, 60, 200, 70_000)
SIP004, SIP022 = "aes-256-gcm", "2022-blake3-aes-256-gcm"

# Method, `reject` setting, how the connection ends, and which lengths wait for the deadline (with 2022 and reset only the empty probe does).
CASES = (
    (SIP004, "auto", "fin", LENGTHS),
    (SIP004, "reset", "reset", LENGTHS),
    (SIP004, "fin", "fin", LENGTHS),
    (SIP022, "silent", "fin", LENGTHS),
    (SIP022, "auto", "reset", (0,)),
)


class Probe(threading.Thread):
    """Sends `length` bytes, then waits for the end and keeps when and how it came."""

    def __init__(self, port, length, flood=False):
        super().__init__(daemon=True)
        self.port, self.length, self.flood = port, length, flood
        self.seconds, self.result = None, "nothing"

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as sock:
            start = time.monotonic()
            try:
                sock.sendall(os.urandom(self.length))
                sock.settimeout(0.05 if self.flood else DEADLINE + 10)
                while time.monotonic() - start < DEADLINE + 10:
                    if self.flood:
                        sock.send(b"x" * 1000)
                    with contextlib.suppress(TimeoutError):
                        self.result = sock.recv(65536).hex() or "fin"
                        break
                self.seconds = time.monotonic() - start
                if self.flood and self.result == "fin":
                    for _ in range(20):  # a second more: what comes after the FIN must be drained, not answered with a reset
                        sock.send(b"x" * 1000)
                        time.sleep(0.05)
            except (ConnectionResetError, BrokenPipeError):
                self.result = "reset"
                self.seconds = self.seconds or time.monotonic() - start


class DeadlineTest(unittest.TestCase):
    def test_every_cause_ends_at_the_deadline_by_the_same_exit(self):
        with contextlib.ExitStack() as stack:
            probes = []
            for method, setting, expected, lengths in CASES:
                pair = stack.enter_context(Pair(method, server_extra={"reject": setting}))
                port = pair.setup.server_port
                own = [Probe(port, length) for length in lengths]
                if expected == "fin":
                    own.append(Probe(port, 300, flood=True))
                probes.append((method, setting, expected, own))
            for *_, own in probes:
                for probe in own:
                    probe.start()
            for method, setting, expected, own in probes:
                for probe in own:
                    probe.join(DEADLINE + 20)
                with self.subTest(method=method, reject=setting):
                    ends = {(probe.length, probe.flood): probe.result for probe in own if probe.result != expected}
                    self.assertEqual(ends, {}, f"expected {expected}")
                    times = [probe.seconds for probe in own]
                    self.assertGreaterEqual(min(times), DEADLINE - 0.1)
                    self.assertLessEqual(max(times), DEADLINE + GRACE)


if __name__ == "__main__":
    unittest.main()
