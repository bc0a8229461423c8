#!/usr/bin/env python3
"""How the pair grows: with workers, with busy connections, with idle ones. Writes docs/SCALING.md and its curves with --write.

Idle connections are spread over as many pairs as the limit of descriptors forces: ss-local takes two for each.
"""
import argparse
import contextlib
import datetime
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import capacity, chart, rows, subjects  # noqa: E402
from bench.table import median, shown  # noqa: E402
from support import process, procstat  # noqa: E402
from support.programs import Ours  # noqa: E402

METHODS = subjects.DEFAULT_METHODS
WORKERS = (1, 2, 4, 8)
BUSY = (1, 10, 100, 1000)
IDLE = (1_000, 10_000, 50_000)
MANY = 10_000  # below it what else the system does hides what the kernel takes
SPARE = 300  # descriptors that are no connection's
SECONDS, BULK, ROUNDS = 1, rows.GIB, 3
WATCHED = 3  # seconds over which an idle pair's CPU is taken


def bulk(subject, connections):
    """CPU of each side, and the rate."""
    before = subject.cpu_of("server")
    figures = subject.load("bulk-down", connections=connections, bytes=BULK)
    server = subject.cpu_of("server") - before
    done = figures["bytes"] / rows.GIB
    return {"CPU s/GiB": figures["cpu"] / done, "ss-server's CPU s/GiB": server / done, "GiB/s": done / figures["seconds"]}, figures["errors"]


def timed(mode, unit):
    def run(subject, connections):
        before = subject.cpu_of("server")
        figures = subject.load(mode, connections=connections, seconds=SECONDS)
        server, count = subject.cpu_of("server") - before, figures[unit]
        return {"CPU us": figures["cpu"] / count * 1e6, "ss-server's CPU us": server / count * 1e6, "per second": count / figures["seconds"],
                "p99 us": figures["p99_us"]}, figures["errors"]
    return run


LOADS = {"bulk down": bulk, "64 B ping-pong": timed("ping", "messages"), "short connections": timed("short", "connections")}


def medians_of(subject, load, connections):
    """Medians of ROUNDS runs; fails where a byte was lost."""
    taken = {}
    for _ in range(ROUNDS):
        figures, errors = LOADS[load](subject, connections)
        if errors:
            raise SystemExit(f"{load}, {connections} connections: {errors} failed")
        for name, value in figures.items():
            taken.setdefault(name, []).append(value)
    return {name: median(values) for name, values in taken.items()}


def with_workers(method):
    """{load: {workers: figures}}: 8 bulk streams, 64 ping-pongs, 32 short connections at a time."""
    at_once = {"bulk down": 8, "64 B ping-pong": 64, "short connections": 32}
    found = {load: {} for load in LOADS}
    for workers in WORKERS:
        subject = subjects.Subject("ours", method, extra={"workers": workers})
        try:
            for load, connections in at_once.items():
                found[load][workers] = medians_of(subject, load, connections)
        finally:
            subject.stop()
    return found


def with_busy(method, name="ours"):
    """{load: {connections: figures}}."""
    subject = subjects.Subject(name, method)
    try:
        return {load: {connections: medians_of(subject, load, connections) for connections in BUSY} for load in LOADS}
    finally:
        subject.stop()


def with_idle(method):
    """{connections: figures} over as many pairs as it takes."""
    each = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE) // 2
    found = {}
    for connections in IDLE:
        count = -(-connections // each)
        pairs = [subjects.Subject("ours", method) for _ in range(count)]
        try:
            for pair in pairs:
                pair.hold_idle(rows.WARM_UP)
            before, free = [pair.memory() for pair in pairs], procstat.memory_available()
            with contextlib.ExitStack() as held:
                for pair in pairs:
                    held.enter_context(pair.holding("idle", connections // count))
                cpu = sum(pair.cpu() for pair in pairs)
                time.sleep(WATCHED)
                cpu = sum(pair.cpu() for pair in pairs) - cpu
                during, taken = [pair.memory() for pair in pairs], free - procstat.memory_available()
                beside = medians_of(pairs[0], "short connections", 32)
            opened = connections // count * count
            found[connections] = {f"{side} KiB": sum(d[side] - b[side] for d, b in zip(during, before)) / 1024 / opened for side in ("local", "server")}
            # Three connections stand for each: to ss-local, to ss-server, to the target; each program holds two of their six ends.
            user = sum(sum(d.values()) - sum(b.values()) for d, b in zip(during, before))
            found[connections]["kernel KiB"] = (taken - user) / 1024 / opened / 3 if connections >= MANY else None
            found[connections] |= {"pairs": count, "CPU % at rest": 100 * cpu / WATCHED, "a short connection beside them, CPU us": beside["CPU us"]}
        finally:
            for pair in pairs:
                pair.stop()
    return found


def table(first, found):
    """A table of {x: figures}."""
    names = list(next(iter(found.values())))
    yield f"| {first} | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for x, figures in found.items():
        yield f"| {x:,} | {' | '.join(shown(figures[name]) for name in names)} |"


def times(figures, of, to):
    """How many times what it takes at `of` it takes at `to`, of the figure that is CPU."""
    name = next(name for name in figures[of] if name.startswith("CPU"))
    return f"{figures[to][name] / figures[of][name]:.2f}"


def dearer(measured, x, of, to):
    """A sentence on how much dearer each load has become from `of` to `to`, by method."""
    parts = (f"{load} {' / '.join(times(found[x][load], of, to) for found in measured.values())} ×" for load in LOADS)
    return f"CPU at {to:,} {x}, beside that at {of:,} ({' / '.join(measured)}): {', '.join(parts)}."


CURVES = (  # file, title, of what, load, figure, x
    ("workers-rate", "8 bulk streams down", "workers", "bulk down", "GiB/s"),
    ("workers-cpu", "8 bulk streams down", "workers", "bulk down", "CPU s/GiB"),
    ("workers-short", "Short connections, 32 at a time", "workers", "short connections", "CPU us"),
    ("busy-cpu", "Bulk streams down", "connections", "bulk down", "CPU s/GiB"),
    ("busy-ping", "64 B ping-pongs", "connections", "64 B ping-pong", "CPU us"),
    ("busy-short", "Short connections at a time", "connections", "short connections", "CPU us"),
)


def page(measured, floor, folder):
    """The lines of the page; writes its curves into `folder`. `floor`: {load: {connections: figures}}."""
    yield from ("# Scaling", "", "Written by `tests/bench/scaling.py --write docs/SCALING.md`.", "",
                f"{datetime.date.today()}; {subjects.machine()}; {Ours().version()}; medians of {ROUNDS} rounds. Target and load generator share the cores.", "")
    for file, title, x, load, figure in CURVES:
        series = {method: {point: figures[figure] for point, figures in parts[x][load].items()}
                  for method, parts in (measured | ({"floor": {x: floor}} if x == "connections" else {})).items()}
        (folder / f"scaling-{file}.svg").write_text(chart.curves(title, figure, x, series), encoding="utf-8")
    idle = {f"{method}, {side}": {point: figures[f"{side} KiB"] for point, figures in parts["idle"].items()}
            for method, parts in measured.items() for side in ("local", "server")}
    (folder / "scaling-idle.svg").write_text(chart.curves("User memory of an idle connection", "KiB", "connections", idle), encoding="utf-8")
    yield from ("## Workers", "", "On two cores. `workers` is as many as there are cores, where it is not set.", "", dearer(measured, "workers", 2, 8),
                "Bulk loses nothing by more workers than cores. Small messages and connections do: what one round of a worker's loop costs, some calls "
                "of the kernel, is shared by as many fewer of them as there are more workers.", "")
    yield from (f"![{title}, {figure}](benchmarks/scaling-{file}.svg)" for file, title, x, _, figure in CURVES if x == "workers")
    both = {"floor": {"connections": floor}, **measured}
    yield from ("", "## Busy connections", "", dearer(both, "connections", 10, 1000), "Much of what grows grows for the floor too, which copies bytes between the "
                "same sockets and does nothing else: caches and queues of the kernel.", "")
    yield from (f"![{title}, {figure}](benchmarks/scaling-{file}.svg)" for file, title, x, _, figure in CURVES if x == "connections")
    yield from ("", "## Idle connections", "", "![User memory of an idle connection](benchmarks/scaling-idle.svg)", "")
    yield from capacity.page(measured)
    yield from ("", "## All figures", *all_figures(measured, floor))


def all_figures(measured, floor):
    for method, parts in measured.items():
        for x in ("workers", "connections"):
            for load, found in parts[x].items():
                yield from ("", f"{method}, {load}:", "", *table(x, found))
        yield from ("", f"{method}, idle:", "", *table("connections", parts["idle"]))
    for load, found in floor.items():
        yield from ("", f"floor, {load}:", "", *table("connections", found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", help="write the page to this file, and its curves into the folder benchmarks beside it")
    options = parser.parse_args()
    if options.write and (reason := Ours().uncommitted()):
        parser.error(reason)
    process.raise_nofile()
    measured = {method: {"workers": with_workers(method), "connections": with_busy(method), "idle": with_idle(method)} for method in METHODS}
    floor = with_busy(METHODS[0], "floor")
    target = Path(options.write) if options.write else None
    folder = (target.parent if target else Path(".")) / "benchmarks"
    if target:
        folder.mkdir(exist_ok=True)
        target.write_text("\n".join(page(measured, floor, folder)) + "\n", encoding="utf-8")
    else:
        print("\n".join(all_figures(measured, floor)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
