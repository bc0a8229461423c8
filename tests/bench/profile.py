#!/usr/bin/env python3
"""Where our pair's CPU goes while it works: by system call, and by function of what is not the kernel's. perf samples both sides.

Prints a table for each load. One worker.
"""
import argparse
import itertools
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import rows, subjects  # noqa: E402
from bench.connection_cost import short_name  # noqa: E402
from support import process  # noqa: E402
from support.programs import find_program, output_of  # noqa: E402

METHOD = "aes-256-gcm"
SECONDS = 3
LOADS = {
    "bulk down, 1 connection": ("bulk-down", {"connections": 1, "bytes": 4 * rows.GIB}),
    "short connections, 32 at a time": ("short", {"connections": 32, "seconds": SECONDS}),
    "64 B ping-pong x 64": ("ping", {"connections": 64, "seconds": SECONDS}),
}
LINES = 8  # of each table
SYSCALL = "__x64_sys_"
ENTRIES = {"__sys_sendmsg": "sendmsg", "do_readv": "readv", "__sys_recvmsg": "recvmsg"}  # whose own entry leaves no frame behind


def report(data, *options):
    """Lines of (percent, words) of perf's report, the largest first."""
    said = output_of("perf", "report", "-i", data, "--stdio", "-g", "none", "--percent-limit", "0.3", *options)
    for line in said.splitlines():
        words = line.split()
        if words and words[0].endswith("%"):
            yield float(words[0][:-1]), words[1:]


def sample(subject, mode, options, data):
    """Has perf look at both sides while the load runs."""
    pids = ",".join(str(side.pid) for side in subject.sides.values())
    command = ["perf", "record", "-q", "-F", "2000", "-g", "-e", "cpu-clock", "-o", data, "-p", pids]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as perf:
        subject.load(mode, **options)
        perf.send_signal(signal.SIGINT)


def table(data):
    by_object = {words[0]: share for share, words in report(data, "--no-children", "--sort", "dso")}
    kernel = by_object.pop("[kernel.kallsyms]", 0) + by_object.pop("[kernel]", 0)
    yield f"{kernel:.0f} % in the kernel; then " + ", ".join(f"{name} {share:.1f} %" for name, share in by_object.items() if share >= 0.5) + "."
    yield ""
    yield "| system call, with all that the kernel does in it | share | function outside of the kernel | share |"
    yield "|---|---|---|---|"
    inclusive = [(words[-1], share) for share, words in report(data, "--children", "--sort", "sym")]
    calls = [(ENTRIES.get(name) or name[len(SYSCALL):], share) for name, share in inclusive if name.startswith(SYSCALL) or name in ENTRIES]
    functions = [(short_name(" ".join(words[1:])), share) for share, words in report(data, "--no-children", "--sort", "sym") if words[0] == "[.]"]
    for call, function in itertools.zip_longest(calls[:LINES], functions[:LINES]):
        yield f"| {f'{call[0]} | {call[1]:.1f} %' if call else '| '} | {f'`{function[0]}` | {function[1]:.1f} %' if function else '| '} |"


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    process.raise_nofile()
    if not find_program("perf"):
        print("not measured: perf is not installed (scripts/install-deps.sh bench)")
        return 77
    with tempfile.TemporaryDirectory(prefix="ss-perf-") as folder:
        subject = subjects.Subject("ours", METHOD, extra={"workers": 1})
        try:
            for title, (mode, options) in LOADS.items():
                data = str(Path(folder) / mode)
                sample(subject, mode, options, data)
                print(f"**{title}**, {METHOD}: " + "\n".join(table(data)), end="\n\n")
        finally:
            subject.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
