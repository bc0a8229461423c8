"""The rows of the table: what each runs, and the figures that it yields."""
from dataclasses import dataclass

GIB = 1 << 30
WARM_UP = 50  # connections before an idle measurement, so that start-up costs are not counted as theirs


@dataclass
class Size:
    """How much a run does."""
    rounds: int
    idle_rounds: int  # each with a fresh pair
    bulk: int      # bytes of a bulk run
    seconds: int   # of a timed run
    idle: int      # connections of the idle row


QUICK = Size(rounds=2, idle_rounds=2, bulk=GIB // 2, seconds=1, idle=500)
FULL = Size(rounds=5, idle_rounds=3, bulk=2 * GIB, seconds=3, idle=2000)


def bulk(mode, connections):
    def run(subject, size):
        figures = subject.load(mode, connections=connections, bytes=size.bulk)
        done = figures["bytes"] / GIB
        return figures["errors"], {"CPU s/GiB": figures["cpu"] / done if done else None, "GiB/s": done / figures["seconds"]}
    return run


def short(subject, size):
    figures = subject.load("short", connections=32, seconds=size.seconds)
    count = figures["connections"]
    return figures["errors"], {"CPU us": figures["cpu"] / count * 1e6 if count else None, "per second": count / figures["seconds"]}


def ping(subject, size):
    figures = subject.load("ping", connections=64, seconds=size.seconds)
    count = figures["messages"]
    return figures["errors"], {"CPU us": figures["cpu"] / count * 1e6 if count else None, "per second": count / figures["seconds"],
                               "p50 us": figures["p50_us"], "p99 us": figures["p99_us"]}


def idle(subject, size):
    """Needs a subject that has done nothing yet."""
    subject.hold_idle(WARM_UP)
    before = subject.memory()
    during, figures = subject.hold_idle(size.idle)
    return figures["errors"], {f"{side} KiB": max(0, during[side] - before[side]) / 1024 / size.idle for side in ("local", "server")}


# Name -> how to run it.
ROWS = {
    "bulk up, 1 connection": bulk("bulk-up", 1),
    "bulk down, 1 connection": bulk("bulk-down", 1),
    "bulk down, 8 connections": bulk("bulk-down", 8),
    "short connections, 32 at a time": short,
    "64 B ping-pong x 64": ping,
}
IDLE_ROW = "idle connection, user memory"
HIGHER_IS_BETTER = ("GiB/s", "per second")
