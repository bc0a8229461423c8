#!/usr/bin/env python3
"""Measures ours and the floor in turn, and fails where ours / floor in CPU is dearer than recorded by more than the tolerance.

Ratios alone are compared, never times. Which cipher code runs depends on the processor, so figures recorded on another model are not
held against this one. Exit code: 0 within the tolerance, 1 not, or bytes were lost or wrong; 77 nothing to compare with, and it says why.
"""
import argparse
import datetime
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import rows, subjects, verdict  # noqa: E402
from bench.rounds import Bench  # noqa: E402
from support import process  # noqa: E402
from support.programs import Ours  # noqa: E402

RECORDED = Path(__file__).resolve().parent / "recorded.json"
SKIPPED = 77
SIZE = rows.Size(rounds=3, idle_rounds=1, bulk=rows.GIB // 2, seconds=1, idle=0, udp_ms=500, idle_udp=0, rate_steps=0, rate_ms=0)
FIGURES = (
    ("bulk up, 1 connection", "CPU s/GiB"),
    ("bulk down, 1 connection", "CPU s/GiB"),
    ("short connections, 32 at a time", "CPU us"),
    ("UDP echo 1200 B, 1 association", "CPU us"),
)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tolerance", type=float, default=0.2, help="how much dearer than recorded is allowed: 0.2 is 20 %%, and the default")
    parser.add_argument("--rounds", type=int, default=SIZE.rounds, help="at least 3")
    parser.add_argument("--record", action="store_true", help="write what was measured as the new record, on an idle machine")
    options = parser.parse_args()
    if options.rounds < SIZE.rounds:
        parser.error(f"--rounds must be at least {SIZE.rounds}")
    if options.record and (reason := Ours().uncommitted()):
        parser.error(reason)
    return options


def measure(method, rounds):
    """The ratios of `method`, and how many connections or datagrams of ours failed."""
    wanted = {row for row, _ in FIGURES}
    bench = Bench(method, ("floor", "ours"), rows.Size(**{**vars(SIZE), "rounds": rounds}), wanted.__contains__)
    if bench.absent:
        raise SystemExit("; ".join(f"{name}: {reason}" for name, reason in bench.absent.items()))
    bench.run()
    failed = sum(count for (name, _), count in bench.errors.items() if name == "ours")
    return {f"{method}, {name}": value for name, value in verdict.ratios(bench.results, FIGURES).items()}, failed


def main():
    options = arguments()
    machine = subjects.machine()
    recorded = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else None
    if not options.record and not recorded:
        print(f"skipped: nothing is recorded yet; {Path(__file__).stem}.sh --record does it")
        return SKIPPED
    if not options.record and recorded["processor"] != subjects.processor():
        print(f"skipped: recorded on {recorded['processor']}, and this is {subjects.processor()}")
        return SKIPPED
    process.raise_nofile()
    measured, failed = {}, 0
    for method in subjects.DEFAULT_METHODS:
        found, bad = measure(method, options.rounds)
        measured.update(found)
        failed += bad
    for name, value in measured.items():
        print(f"{name}: {'not measured' if value is None else f'{value:.2f} x floor'}")
    if failed or None in measured.values():
        print(f"FAILED: {failed} connections or datagrams of ours failed, or a figure is missing")
        return 1
    if options.record:
        record = {"date": str(datetime.date.today()), "processor": subjects.processor(), "machine": machine, "rounds": options.rounds,
                  "version": subjects.version_of("ours"), "ratios": {name: round(value, 3) for name, value in measured.items()}}
        RECORDED.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        return 0
    found = verdict.regressions(recorded["ratios"], measured, options.tolerance)
    for line in found:
        print(f"DEARER: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
