"""docs/BENCHMARKS.md and its charts, from what a run has measured."""
from pathlib import Path

from bench import chart, goals
from bench.table import FLOOR, OURS, best_peer, ratio, shown

OWN = "generator"  # figures that begin so are what the load generator itself took
CHARTS = (  # file, title, figure, rows
    ("bulk-cpu", "Bulk TCP", "CPU s/GiB", goals.BULK),
    ("bulk-rate", "Bulk TCP", "GiB/s", goals.BULK),
    ("short", "Short connections", "CPU us", (goals.SHORT,)),
    ("ping", "64 B ping-pong on 64 connections", "CPU us", (goals.PING,)),
    ("udp-cpu", "UDP echo of 1200 B", "CPU us", goals.UDP),
    ("udp-rate", "UDP echo of 1200 B", "per second", goals.UDP),
    ("idle", "Idle connection, user memory in ss-server", "server KiB", ("idle connection, user memory",)),
)


class Part:
    """What one method's subjects did."""

    def __init__(self, bench, medians, spread):
        self.method, self.absent, self.medians, self.spread = bench.method, bench.absent, medians, spread
        self.results = bench.results
        self.names = [name for name in bench.names if name not in bench.absent]

    def ratio_spread(self, row, figure):
        """Lowest and highest of ours / floor among the rounds, as text."""
        ours, floor = (self.results.get((name, row, figure), []) for name in (OURS, FLOOR))
        each = [mine / base for mine, base in zip(ours, floor) if mine is not None and base]
        return f"{min(each):.2f}–{max(each):.2f}" if each else "-"

    def figures(self):
        yield f"| figure | {' | '.join(self.names)} | ours / floor | its rounds | ours / best peer |"
        yield "|---" * (len(self.names) + 4) + "|"
        for (row, figure), values in self.medians.items():
            if figure.startswith(OWN):
                continue
            cells = [shown(values.get(name)) + (f" ±{self.spread[name, row, figure] / 2:.0%}" if (name, row, figure) in self.spread else "")
                     for name in self.names]
            yield (f"| {row}: {figure} | {' | '.join(cells)} | {ratio(values.get(OURS), values.get(FLOOR))} | {self.ratio_spread(row, figure)} "
                   f"| {ratio(values.get(OURS), best_peer(values, figure))} |")
        for name, reason in self.absent.items():
            yield f"\n{name}: not measured, {reason}."

    def verdicts(self):
        yield "| figure | goal | measured | |"
        yield "|---|---|---|---|"
        for row, goal, value in goals.judged(self.method, self.medians):
            verdict = "not measured" if value is None else "met" if goal.met(value) else "**not met**"
            yield f"| {row}: {goal.figure} | {goal.words()} | {shown(value)} | {verdict} |"

    def own_cost(self):
        for (row, figure), values in self.medians.items():
            if figure.startswith(OWN) and values.get(FLOOR) is not None:
                yield f"| {self.method} | {row} | {shown(values[FLOOR])} {figure[len(OWN):].strip()} |"


def markdown(about, parts, versions, appendix):
    """The lines of the page; `about` are lines on the run, `appendix` (title, text) of what other programs printed."""
    yield from ("# Benchmarks", "", "Written by `tests/bench/run.sh --write`; docs/TESTING.md says how to run it.", "")
    yield from (*about, "", "| subject | version |", "|---|---|")
    yield from (f"| {name} | {version} |" for name, version in versions.items())
    yield from ("", "Where a goal is not met, [0021](decisions/0021-where-the-goals-stop.md) says what bounds it.", "", "CPU is user and system time of both processes of a pair together. Each figure is the median of the rounds, ± half of the distance between the lowest and",
                "the highest. *floor*: two bare relays in a row that only copy. *best peer*: the best of them in that figure. Every byte is checked.", "")
    for part in parts:
        yield from (f"## {part.method}", "", *part.figures(), "", "### Goals", "", *part.verdicts(), "")
        yield from (f"![{title}, {figure}, {part.method}](benchmarks/{part.method}-{name}.svg)" for name, title, figure, _ in CHARTS)
        yield ""
    yield from ("## The load generator", "", "What it took itself, beside the floor; no figure above includes it.", "", "| method | row | CPU |", "|---|---|---|")
    for part in parts:
        yield from part.own_cost()
    for title, text in appendix:
        yield from ("", f"## {title}", "", text.strip())


def write(page, about, parts, versions, appendix):
    """The page and, in a folder `benchmarks` beside it, the charts."""
    page = Path(page)
    folder = page.parent / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        for name, title, figure, rows in CHARTS:
            groups = [(row, {subject: part.medians.get((row, figure), {}).get(subject) for subject in part.names}) for row in rows]
            (folder / f"{part.method}-{name}.svg").write_text(chart.bars(f"{title}, {part.method}", figure, groups), encoding="utf-8")
    page.write_text("\n".join(markdown(about, parts, versions, appendix)) + "\n", encoding="utf-8")
