#!/usr/bin/env python3
"""How long a pair holds a byte back on a slow path: the age of bytes as they arrive, of a straight connection, ours and the peers.

A target beyond the link writes records that carry the time; the application reads them at once. *paced*: at half of the path's rate, or
1 MB/s where it has none, so that only what the programs themselves hold back adds to the path. *full*: as fast as the target may
write, so that all socket buffers on the way are full. Prints a table.
"""
import argparse
import contextlib
import os
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, socks5  # noqa: E402
from support.link import FAR, Link, Plan  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.programs import program_named  # noqa: E402

NARROW = "2 Mbit/s, 40 ms"
PATHS = {  # name -> plan, bytes/s of a paced writer
    NARROW: (Plan(delay=0.02, rate=250_000), 125_000),
    "100 ms": (Plan(delay=0.05), 1_000_000),
}
METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")
PEERS = ("rust", "libev", "sing-box")
STRAIGHT = "straight"
RECORD = 1000  # bytes
SECONDS = 3  # counted of each run
WARM_UP, FILLING = 1, 8  # seconds before them, paced and full: buffers must be full first


@dataclass(frozen=True)
class Row:
    """One program on one path."""
    program: str
    method: str = ""


def rows(names):
    yield Row(STRAIGHT)
    for name in ("ours", *names):
        program = program_named(name)
        for method in METHODS:
            if not program.missing() and not program.unsupported(method):
                yield Row(name, method)


def write_records(sock, pace):
    """Writes records until the reader goes, each with the time at which it was handed over; `pace` in bytes/s, 0: no limit."""
    began, count = time.monotonic(), 0
    with sock, contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            if pace:
                time.sleep(max(0.0, began + count * RECORD / pace - time.monotonic()))
            sock.sendall(struct.pack("!d", time.monotonic()) + bytes(RECORD - 8))
            count += 1


class Target:
    """Listens at the far end; each connection asks for its pace in 8 bytes."""

    def __init__(self, link):
        with link.far():
            self.listener = socket.create_server(("0.0.0.0", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                pace = struct.unpack("!Q", socks5.read_exactly(sock, 8))[0]
                threading.Thread(target=write_records, args=(sock, pace), daemon=True).start()


def ages(sock, pace):
    """Seconds that each record of one connection was under way, after the warm-up, sorted."""
    warm_up, taken = WARM_UP if pace else FILLING, []
    ends = time.monotonic() + warm_up + SECONDS
    sock.settimeout(warm_up + SECONDS)
    sock.sendall(struct.pack("!Q", pace))
    while time.monotonic() < ends:
        stamp = struct.unpack("!d", socks5.read_exactly(sock, RECORD)[:8])[0]
        arrived = time.monotonic()
        if arrived > ends - SECONDS:
            taken.append(arrived - stamp)
    return sorted(taken)


def measure(link, row, target, paces):
    """Yields (p50, p99) in seconds for each of `paces`."""
    with contextlib.ExitStack() as stack:
        if row.program == STRAIGHT:
            connect = lambda: socket.create_connection((FAR, target.port), 10)  # noqa: E731
        else:
            program = program_named(row.program)
            pair = stack.enter_context(Pair(row.method, program, program, place=link.far, server_host=FAR))
            connect = lambda: socks5.connect(pair.socks_port, "127.0.0.1", target.port)  # noqa: E731
        for pace in paces:
            with connect() as sock:
                taken = ages(sock, pace)
            yield taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def table(results):
    """Markdown lines of (path, row, the two of measure)."""
    yield "| path | program | method | paced: p50, p99 | full: p50, p99 |"
    yield "|---|---|---|---|---|"
    for path, row, found in results:
        cells = [", ".join(f"{age * 1000:.0f} ms" for age in pair) for pair in found]
        name = row.program if row.program == STRAIGHT else program_named(row.program).name
        yield f"| {path} | {name} | {row.method or '-'} | {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="all", help="comma list of libev, rust, sing-box, or all, or none")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    options = parser.parse_args()
    if own_network.WHY_NO_TUN:
        print(f"skipped: {own_network.WHY_NO_TUN}")
        return 77
    own_network.enter(needs_tun=True)
    if options.peer_dir:
        os.environ["SS_PEER_DIR"] = options.peer_dir
    names = {"all": PEERS, "none": ()}.get(options.peers) if options.peers in ("all", "none") else options.peers.split(",")
    results = []
    for path, (plan, pace) in PATHS.items():
        with Link(plan, life=600) as link:
            target = Target(link)
            for row in rows(names):
                results.append((path, row, list(measure(link, row, target, (pace, 0)))))
            target.listener.close()
    print("\n".join(table(results)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
