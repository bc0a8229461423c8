#!/usr/bin/env python3
"""What one connection costs: system calls of a short one, in every pair; allocations of a short one and the memory of an idle one, in ours.

strace counts the calls, heaptrack the allocations; the idle memory is what is allocated in as many places as there are connections. One
worker. Prints tables.
"""
import argparse
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import subjects  # noqa: E402
from support import process  # noqa: E402
from support.programs import Ours, find_program  # noqa: E402

METHOD = "aes-256-gcm"
ONE_WORKER = {"workers": 1}
SECONDS, AT_ONCE = 2, 32  # of short connections
IDLE, WARM_UP = 2000, 50
WORTH_A_LINE = 8  # bytes; below it are few of many calls, the rest of which was given back
HEAPTRACK = Path("/usr/lib/heaptrack")
GROUPS = {"read": ("readv", "read", "recvfrom", "recvmsg"), "write": ("sendmsg", "sendto", "write", "writev"), "epoll": ("epoll_ctl", "epoll_wait", "epoll_pwait"),
          "options": ("setsockopt", "getsockopt", "fcntl", "ioctl"), "open, close": ("socket", "accept", "accept4", "connect", "shutdown", "close")}
SIZES = {"B": 1, "K": 1e3, "M": 1e6, "G": 1e9}


def count_calls(subject, side):
    """{system call: count per connection} of one side."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as counts:
        with subprocess.Popen(["strace", "-c", "-f", "-o", counts.name, "-p", str(subject.sides[side].pid)], stderr=subprocess.PIPE, text=True) as tracer:
            if "attached" not in tracer.stderr.readline():
                raise SystemExit("strace could not attach")
            connections = subject.load("short", connections=AT_ONCE, seconds=SECONDS)["connections"]
            tracer.send_signal(signal.SIGINT)
        lines = [line.split() for line in counts.read().splitlines()]
    return {words[-1]: int(words[3]) / connections for words in lines if len(words) >= 5 and words[3].isdigit() and words[-1] != "total"}


def calls_table():
    yield f"| program | side | {' | '.join(GROUPS)} | others | all |"
    yield "|---" * (len(GROUPS) + 4) + "|"
    names, _ = subjects.available(("floor", "ours", *subjects.PEERS), METHOD)
    for name in names:
        subject = subjects.Subject(name, METHOD, extra=ONE_WORKER if name == "ours" else None)
        try:
            for side in ("local", "server"):
                calls = count_calls(subject, side)
                groups = [sum(calls.get(call, 0) for call in group) for group in GROUPS.values()]
                everything = sum(calls.values())
                yield f"| {name} | {side} | {' | '.join(f'{count:.1f}' for count in groups)} | {everything - sum(groups):.1f} | {everything:.1f} |"
        finally:
            subject.stop()


class Tracked(Ours):
    """Ours, with every allocation written down in `folder`."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def raw(self, side):
        return Path(self.folder) / f"{side}.raw"

    def _tracked(self, side, command):
        return ["env", f"LD_PRELOAD={HEAPTRACK / 'libheaptrack_preload.so'}", f"DUMP_HEAPTRACK_OUTPUT={self.raw(side)}", *command]

    def server_command(self, folder, setup):
        return self._tracked("server", super().server_command(folder, setup))

    def local_command(self, folder, setup):
        return self._tracked("local", super().local_command(folder, setup))

    def report(self, side):
        """What heaptrack says of the run, which has ended."""
        with open(self.raw(side), "rb") as raw, tempfile.NamedTemporaryFile() as interpreted:
            subprocess.run([HEAPTRACK / "libexec/heaptrack_interpret"], stdin=raw, stdout=interpreted, stderr=subprocess.DEVNULL, check=True, timeout=120)
            return subprocess.run(["heaptrack_print", "-f", interpreted.name, "-n", "40", "-s", "1", "--print-leaks", "0", "--print-temporary", "0"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout


def run_tracked(mode):
    """{side: report} and how many connections there were. `mode` drives the subject and says that."""
    with tempfile.TemporaryDirectory(prefix="ss-heap-") as folder:
        program = Tracked(folder)
        subject = subjects.Subject("ours", METHOD, program, ONE_WORKER)
        try:
            count = mode(subject)
        finally:
            subject.stop()
        return {side: program.report(side) for side in ("local", "server")}, count


def short_name(symbol):
    """A function's name without its arguments; of a coroutine the one that it was written as."""
    return re.split(r"[(<\[]", symbol.replace("(anonymous namespace)::", ""))[0].strip() or symbol[:40]


def idle_items(report):
    """(bytes per connection, function) of what is allocated once or more a connection, the largest first."""
    for block in report.replace("PEAK MEMORY CONSUMERS\n", "").split("\n\n"):
        lines = block.strip().splitlines()
        head = re.match(r"([\d.]+)([BKMG]) peak memory consumed over (\d+) calls from", lines[0]) if lines else None
        if head and int(head[3]) >= IDLE:
            callers = [short_name(line) for line in lines[1:] if line and not line.startswith(" ")]
            inner = [short_name(line) for line in lines if line.startswith("    ") and not line.startswith("      ")]
            name = callers[0] if callers else "?"
            if name.startswith("std::") and inner:
                name += f", in {inner[0]}"
            size = float(head[1]) * SIZES[head[2]] / (IDLE + WARM_UP)
            if size >= WORTH_A_LINE:
                yield size, name


def idle_table():
    def hold(subject):
        subject.hold_idle(WARM_UP)
        subject.hold_idle(IDLE)
        return IDLE
    reports, _ = run_tracked(hold)
    yield "| side | bytes | allocated by |"
    yield "|---|---|---|"
    for side, report in reports.items():
        items = sorted(idle_items(report), reverse=True)
        for size, name in items:
            yield f"| {side} | {size:.0f} | `{name}` |"
        yield f"| {side} | **{sum(size for size, _ in items):.0f}** | together |"


def allocations(seconds):
    """{side: allocations of a whole run} with short connections for `seconds`, and how many connections."""
    reports, count = run_tracked(lambda subject: subject.load("short", connections=AT_ONCE, seconds=seconds)["connections"])
    return {side: int(re.search(r"calls to allocation functions: (\d+)", report)[1]) for side, report in reports.items()}, count


def allocations_table():
    few, few_connections = allocations(1)
    many, many_connections = allocations(3)
    yield "| side | allocations of a short connection |"
    yield "|---|---|"
    for side, count in many.items():
        yield f"| {side} | {(count - few[side]) / (many_connections - few_connections):.1f} |"


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    process.raise_nofile()
    absent = [name for name in ("strace", "heaptrack_print") if not find_program(name)]
    if absent:
        print(f"not measured: {' and '.join(absent)} not installed (scripts/install-deps.sh bench)")
        return 77
    print("System calls of a short connection:\n")
    print("\n".join(calls_table()))
    print()
    print("\n".join(allocations_table()))
    print("\nHeap of an idle connection:\n")
    print("\n".join(idle_table()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
