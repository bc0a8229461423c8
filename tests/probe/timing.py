#!/usr/bin/env python3
"""How long ss-server takes to reset a stream that does not authenticate, by what is wrong with it: a prober with a clock must learn nothing either.

  tests/probe/timing.py [--probes N]      N of each cause, in turn; 20,000 unless told

Exit code: 0 where every cause's median lies within 5 us of the first one's; 1 otherwise. D is the greatest distance between the distributions (Kolmogorov-Smirnov): over loopback,
where nothing else varies, it shows tenths of a microsecond.
"""
import argparse
import os
import random
import socket
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from probe import cases, run  # noqa: E402
from support import targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.programs import Ours  # noqa: E402

METHOD, SALT, HEADER = "2022-blake3-aes-256-gcm", 32, 27
NEAR = 5.0  # us


def causes_of(flight):
    """What is wrong, and a function that makes such bytes; all of one length."""
    return {
        "random bytes": lambda: os.urandom(len(flight)),
        "a changed salt": lambda: cases.changed(flight, (0,)),
        "a changed header": lambda: cases.changed(flight, (SALT,)),
        "a changed tag": lambda: cases.changed(flight, (SALT + HEADER - 1,)),
        "a replay": lambda: flight,
        "a replay, changed behind its header": lambda: cases.changed(flight, (SALT + HEADER,)),
        "random bytes of 59": lambda: os.urandom(59),
        "random bytes of 10": lambda: os.urandom(10),
    }


def reset_after(port, data):
    """Microseconds from the bytes to the reset."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        began = time.perf_counter_ns()
        try:
            sock.sendall(data)
            answer = sock.recv(1)
        except ConnectionResetError:
            return (time.perf_counter_ns() - began) / 1000
    raise AssertionError(f"answered by {answer!r}, not by a reset")


def distance(one, other):
    """The greatest difference of two empirical distributions."""
    one, other = sorted(one), sorted(other)
    greatest = at = 0
    for number, value in enumerate(one):
        while at < len(other) and other[at] <= value:
            at += 1
        greatest = max(greatest, abs((number + 1) / len(one) - at / len(other)))
    return greatest


def measured(port, causes, probes):
    seen = {name: [] for name in causes}
    order = list(causes)
    chance = random.Random(1)
    for _ in range(probes):
        chance.shuffle(order)
        for name in order:
            seen[name].append(reset_after(port, causes[name]()))
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--probes", type=int, default=20_000, help="of each cause")
    options = parser.parse_args()
    with targets.Target(targets.echo) as target, Pair(METHOD, local=Ours(), server=Ours(), server_extra={"workers": 1}) as pair:
        causes = causes_of(run.record(pair, target)[0])
        seen = measured(pair.setup.server_port, causes, options.probes)
    first = next(iter(seen.values()))
    good = True
    print("| what is wrong | median, us | beside the first | D |", "|---|---|---|---|", sep="\n")
    for name, times in seen.items():
        median, apart = statistics.median(times), distance(first, times)
        difference = median - statistics.median(first)
        good &= abs(difference) <= NEAR
        print(f"| {name} | {median:.1f} | {difference:+.1f} | {apart:.3f} |")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
