#!/usr/bin/env python3
"""Measures the floor, ours and the peers found here, side by side, and prints one table per method.

CPU is user and system time of both processes of a pair together. Rounds are interleaved: each row runs on every subject in turn.
Idle rows start fresh pairs. Exit code 1 if bytes were lost or wrong anywhere in our own pair.
"""
import argparse
import dataclasses
import datetime
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import rows, subjects, table  # noqa: E402
from support import process  # noqa: E402
from support.process import DiedEarly  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two short rounds, under three minutes")
    parser.add_argument("--rounds", type=int, help="how many rounds, instead of 2 (quick) or 5")
    parser.add_argument("--methods", default=",".join(subjects.DEFAULT_METHODS), help="comma list")
    parser.add_argument("--subjects", default=",".join(("floor", "ours") + subjects.PEERS), help="comma list of floor, ours, rust, libev, sing-box")
    parser.add_argument("--rows", default="", help="only rows whose name contains this")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    parser.add_argument("--json", help="write everything measured to this file")
    return parser.parse_args()


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)


class Bench:
    """Collects what one method's subjects do."""

    def __init__(self, method, names, size, wanted):
        self.method, self.size, self.wanted = method, size, wanted
        self.names, self.absent = subjects.available(names, method)
        self.results, self.errors = {}, {}

    def measure(self, subject, row, run):
        try:
            errors, figures = run(subject, self.size)
        except subjects.LoadFailed as error:  # the other subjects' figures stand
            print(f"FAILED: {row}: {error}")
            errors, figures = 1, {}
        if errors:
            self.errors[subject.name, row] = self.errors.get((subject.name, row), 0) + errors
        for figure, value in figures.items():
            self.results.setdefault((subject.name, row, figure), []).append(value)

    def start(self, name):
        """A subject, or None with the reason kept."""
        try:
            return subjects.Subject(name, self.method)
        except DiedEarly as error:
            self.absent[name] = str(error).splitlines()[0]
            return None

    def run(self):
        chosen = {row: run for row, run in rows.ROWS.items() if self.wanted in row}
        started = [subject for subject in map(self.start, self.names if chosen else []) if subject]
        try:
            for number in range(self.size.rounds):
                for row, run in chosen.items():
                    if row in rows.SELDOM and number >= self.size.idle_rounds:
                        continue
                    for subject in started:
                        progress(f"{self.method}: round {number + 1}, {row}, {subject.name}")
                        self.measure(subject, row, run)
        finally:
            for subject in started:
                subject.stop()
        for row, run in rows.IDLE_ROWS.items():
            for name in self.names if self.wanted in row else []:
                self.run_idle(name, row, run)
        progress("")

    def run_idle(self, name, row, run):
        for _ in range(self.size.idle_rounds):
            progress(f"{self.method}: {row}, {name}")
            subject = self.start(name)
            if not subject:
                return
            try:
                self.measure(subject, row, run)
            finally:
                subject.stop()


def main():
    options = arguments()
    if options.peer_dir:
        os.environ["SS_PEER_DIR"] = options.peer_dir
    size = rows.QUICK if options.quick else rows.FULL
    if options.rounds:
        size = dataclasses.replace(size, rounds=options.rounds, idle_rounds=options.rounds)
    process.raise_nofile()
    names = options.subjects.split(",")
    print(f"{datetime.date.today()}, {subjects.machine()}, load before the run {os.getloadavg()[0]:.1f}")
    lost, everything = 0, []
    for method in options.methods.split(","):
        bench = Bench(method, names, size, options.rows)
        bench.run()
        medians, spread = table.summarise(bench.results)
        table.print_table(method, [name for name in names if name in bench.names and name not in bench.absent], bench.absent, medians, spread)
        for (name, row), count in bench.errors.items():
            print(f"ERRORS: {name}, {row}: {count} connections failed, or they or datagrams carried wrong bytes")
            lost += count if name == table.OURS else 0
        everything.append({"method": method, "absent": bench.absent,
                           "results": [{"subject": name, "row": row, "figure": figure, "rounds": values, "median": table.median(values)}
                                       for (name, row, figure), values in bench.results.items()]})
    versions = {name: subjects.version_of(name) for name in names if any(name not in part["absent"] for part in everything)}
    print()
    for name, version in versions.items():
        print(f"{name}: {version}")
    if options.json:
        report = {"date": str(datetime.date.today()), "machine": subjects.machine(), "versions": versions, "methods": everything}
        Path(options.json).write_text(json.dumps(report, indent=1), encoding="utf-8")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
