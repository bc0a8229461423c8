"""The goals that docs/BENCHMARKS.md is held against: ratios within one run, and few figures that stand for themselves."""
from dataclasses import dataclass

from bench.table import FLOOR, OURS, best_peer

SIP004, SIP022 = "SIP004", "2022"
BOTH = (SIP004, SIP022)
BULK = ("bulk up, 1 connection", "bulk down, 1 connection", "bulk up, 8 connections", "bulk down, 8 connections")
SHORT, PING = "short connections, 32 at a time", "64 B ping-pong x 64"
UDP = ("UDP echo 1200 B, 1 association", "UDP echo 1200 B, 8 associations")


@dataclass(frozen=True)
class Goal:
    """`against` is floor, best peer, or nothing for a plain value; `at_least` turns the limit round."""
    rows: tuple
    figure: str
    against: str
    limit: float
    families: tuple = BOTH
    at_least: bool = False

    def value(self, values):
        """What is held against the limit, from {subject: value}, or None where one of its sides was not measured."""
        ours = values.get(OURS)
        if not self.against or ours is None:
            return ours
        base = values.get(FLOOR) if self.against == "floor" else best_peer(values, self.figure)
        return ours / base if base else None

    def met(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def words(self):
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.limit:g}" + (f" × {self.against}" if self.against else "")


GOALS = (
    Goal(BULK, "CPU s/GiB", "floor", 1.35),
    Goal(BULK, "CPU s/GiB", "best peer", 0.55, (SIP004,)),
    Goal(BULK, "CPU s/GiB", "best peer", 0.75, (SIP022,)),
    Goal(BULK, "GiB/s", "best peer", 1.7, (SIP004,), True),
    Goal(BULK, "GiB/s", "best peer", 1.25, (SIP022,), True),
    Goal((SHORT,), "CPU us", "floor", 1.45),
    Goal((SHORT,), "CPU us", "best peer", 0.75),
    Goal((SHORT,), "per second", "best peer", 1.3, at_least=True),
    Goal((PING,), "CPU us", "floor", 1.05),
    Goal((PING,), "p99 us", "best peer", 1.0),
    Goal(UDP, "CPU us", "floor", 1.5),
    Goal(UDP, "per second", "best peer", 2.5, at_least=True),
    Goal(UDP[1:], "loss %", "", 0.1),
    Goal(("idle connection, user memory",), "local KiB", "", 4),
    Goal(("idle connection, user memory",), "server KiB", "", 4),
    Goal(("idle UDP association, user memory",), "server KiB", "", 1),
    Goal(("start to the first served byte",), "ms", "", 5),
)


def family(method):
    return SIP022 if method.startswith("2022-") else SIP004


def judged(method, medians):
    """(row, goal, value or None) for each goal of `method`; medians are {(row, figure): {subject: value}}."""
    for goal in GOALS:
        for row in goal.rows if family(method) in goal.families else ():
            yield row, goal, goal.value(medians.get((row, goal.figure), {}))
