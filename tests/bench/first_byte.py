#!/usr/bin/env python3
"""Time to the first byte of a new connection, over a link with a round trip of 100 ms between the two programs: ours and the peers.

From the application's connect to the local side until the first byte of the target's answer. Prints a table.
"""
import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, ports, socks5, targets  # noqa: E402
from support.link import FAR, Link, Plan  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.programs import program_named  # noqa: E402

ROUND_TRIP = 0.1  # seconds
METHODS = ("2022-blake3-aes-256-gcm", "aes-256-gcm")
PEERS = ("rust", "libev", "sing-box")
WAIT = 5  # seconds for a warm connection to stand


@dataclass(frozen=True)
class Row:
    """One way to run one program."""
    program: str
    method: str
    name: str = "as it is"
    warm: bool = False
    local_extra: dict = field(default_factory=dict)


def our_rows():
    for method in METHODS:
        for reply in ("confirmed", "optimistic"):
            for warm in (False, True):
                yield Row("ours", method, f"{reply}, {'warm' if warm else 'cold'}", warm, {"socks5_reply": reply, "preconnect": 2 if warm else 0, "workers": 1})


def peer_rows(names):
    for name in names:
        program = program_named(name)
        for method in METHODS:
            if not program.missing() and not program.unsupported(method):
                yield Row(name, method)


class Samples:
    """Takes the time of new connections through one pair."""

    def __init__(self, pair, target, warm):
        self.pair, self.target, self.warm = pair, target, warm
        self.server_port = pair.setup.server_port

    def take(self):
        """Seconds of one connection; with `warm` it begins once an unused connection to the server stands."""
        if self.warm and not ports.wait_until(lambda: ports.connections_to(self.server_port), WAIT):
            raise RuntimeError(f"no warm connection stands\n{self.pair.logs()}")
        began = time.monotonic()
        with socks5.connect(self.pair.socks_port, "127.0.0.1", self.target.port) as sock:
            sock.sendall(b"?")
            socks5.read_exactly(sock, 1)
            took = time.monotonic() - began
            open_now = ports.connections_to(self.server_port)
        # Its own connection must not be taken for a warm one.
        ports.wait_until(lambda: open_now - ports.connections_to(self.server_port), WAIT)
        return took


def measure(link, row, target, count):
    """The seconds of `count` connections, after one that the local side may learn from."""
    program = program_named(row.program)
    with Pair(row.method, program, program, place=link.far, server_host=FAR, local_extra=row.local_extra) as pair:
        samples = Samples(pair, target, row.warm)
        samples.take()
        return [samples.take() for _ in range(count)]


def table(results):
    """Markdown lines of (row, seconds)."""
    yield "| program | method | how | first byte after | round trips |"
    yield "|---|---|---|---|---|"
    for row, took in results:
        median = statistics.median(took)
        yield f"| {program_named(row.program).name} | {row.method} | {row.name} | {median * 1000:.0f} ms | {median / ROUND_TRIP:.1f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="all", help="comma list of libev, rust, sing-box, or all, or none")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    parser.add_argument("--count", type=int, default=5, help="connections of each row")
    options = parser.parse_args()
    if own_network.WHY_NO_TUN:
        print(f"skipped: {own_network.WHY_NO_TUN}")
        return 77
    own_network.enter(needs_tun=True)
    if options.peer_dir:
        os.environ["SS_PEER_DIR"] = options.peer_dir
    names = {"all": PEERS, "none": ()}.get(options.peers) if options.peers in ("all", "none") else options.peers.split(",")
    results = []
    with Link(Plan(delay=ROUND_TRIP / 2)) as link:
        with link.far():
            target = targets.Target(targets.echo).start()
        for row in (*our_rows(), *peer_rows(names)):
            results.append((row, measure(link, row, target, options.count)))
        target.stop()
    print("\n".join(table(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
