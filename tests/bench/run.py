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
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import report, rows, subjects, table  # noqa: E402
from bench.rounds import Bench  # noqa: E402
from interop import install  # noqa: E402
from support import process  # noqa: E402
from support.programs import Ours, program_named  # noqa: E402

HERE = Path(__file__).resolve().parent
SKIPPED = 77
BESIDE = (("First byte over a round trip of 100 ms", "first_byte.py"),
          ("Slow paths: the age of a byte that arrives, straight and through each pair", "slow_path.py"),
          ("Cipher libraries", "back_ends.py"),
          ("What one connection costs", "connection_cost.py"),
          ("Profile", "profile.py"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two short rounds, under three minutes")
    parser.add_argument("--rounds", type=int, help="how many rounds, instead of 2 (quick) or 3")
    parser.add_argument("--methods", help="comma list, instead of all that are compared (quick: two of them)")
    parser.add_argument("--no-install", action="store_true", help="use the peers that are there, install none")
    parser.add_argument("--cache", default=install.default_cache(), help="where missing peers are installed")
    parser.add_argument("--write", help="write the page with its charts to this file, e.g. docs/BENCHMARKS.md")
    parser.add_argument("--subjects", default=",".join(("floor", "ours") + subjects.PEERS), help="comma list of floor, ours, rust, libev, sing-box")
    parser.add_argument("--rows", default="", help="only rows whose name contains this")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    parser.add_argument("--json", help="write everything measured to this file")
    options = parser.parse_args()
    if options.write and (reason := Ours().uncommitted()):
        parser.error(reason)
    return options


def find_peers(options, names):
    """Installs what is missing among `names`, unless it shall not; says what no registry of a language has."""
    folders = [os.environ.get("SS_PEER_DIR", ""), str(Path(options.cache) / "bin")]
    os.environ["SS_PEER_DIR"] = os.pathsep.join(filter(None, folders))
    missing = [name for name in names if name in subjects.PEERS and program_named(name).missing()]
    if missing and not options.no_install and not options.quick:
        for name, hint in install.install_missing(options.cache).items():
            if name in missing and hint:
                print(f"{name}: {hint}")


def beside(options):
    """(title, text) of what other programs measure for the page."""
    found = []
    if not options.rows:
        for title, program in BESIDE:
            done = subprocess.run([sys.executable, HERE / program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode not in (0, SKIPPED):
                raise SystemExit(f"{program} failed")
            found.append((title, done.stdout))
        for room in ("cipher", "protocol", "config"):
            micro = subjects.our_bin() / f"{room}_bench"
            if micro.exists():
                done = subprocess.run([micro, "--benchmark_min_time=0.05"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
                found.append((f"Micro-benchmarks of {room}", f"```\n{done.stdout.strip()}\n```"))
    return found


def main():
    options = arguments()
    if options.peer_dir:
        os.environ["SS_PEER_DIR"] = options.peer_dir
    size = rows.QUICK if options.quick else rows.FULL
    if options.rounds:
        size = dataclasses.replace(size, rounds=options.rounds, idle_rounds=options.rounds)
    process.raise_nofile()
    names = options.subjects.split(",")
    find_peers(options, names)
    methods = options.methods.split(",") if options.methods else subjects.DEFAULT_METHODS if options.quick else subjects.WHOLE_METHODS
    wanted = lambda row: options.rows in row  # noqa: E731
    count = sum(len(subjects.available(names, method)[0]) for method in methods)
    print(f"about {rows.estimate(size, count, wanted) / 60:.0f} minutes")
    print(f"{datetime.date.today()}, {subjects.machine()}, load before the run {os.getloadavg()[0]:.1f}")
    lost, everything, parts = 0, [], []
    for method in methods:
        bench = Bench(method, names, size, wanted)
        bench.run()
        medians, spread = table.summarise(bench.results)
        table.print_table(method, [name for name in names if name in bench.names and name not in bench.absent], bench.absent, medians, spread)
        parts.append(report.Part(bench, medians, spread))
        for (name, row), failed in bench.errors.items():
            print(f"ERRORS: {name}, {row}: {failed} connections failed, or they or datagrams carried wrong bytes")
            lost += failed if name == table.OURS else 0
        everything.append({"method": method, "absent": bench.absent,
                           "results": [{"subject": name, "row": row, "figure": figure, "rounds": values, "median": table.median(values)}
                                       for (name, row, figure), values in bench.results.items()]})
    versions = {name: subjects.version_of(name) for name in names if any(name not in part["absent"] for part in everything)}
    print()
    for name, version in versions.items():
        print(f"{name}: {version}")
    if options.json:
        whole = {"date": str(datetime.date.today()), "machine": subjects.machine(), "versions": versions, "methods": everything}
        Path(options.json).write_text(json.dumps(whole, indent=1), encoding="utf-8")
    if options.write:
        about = (f"{datetime.date.today()}; {subjects.machine()}; {size.rounds} rounds, {size.idle_rounds} of the idle rows.",)
        report.write(options.write, about, parts, versions, beside(options))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
