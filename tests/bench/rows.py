"""The rows of the table: what each runs, and the figures that it yields."""
import math
from dataclasses import dataclass

GIB = 1 << 30
LOWEST_RATE, HIGHEST_RATE = 2_000, 400_000  # packets/s between which the loss-free rate is looked for
WARM_UP = 50  # connections before an idle measurement, so that start-up costs are not counted as theirs


@dataclass
class Size:
    """How much a run does."""
    rounds: int
    idle_rounds: int  # each with a fresh pair; also of SELDOM
    bulk: int      # bytes of a bulk run
    seconds: int   # of a timed run
    idle: int      # connections of the idle row
    udp_ms: int    # of a UDP run
    idle_udp: int  # associations of their idle row; libev holds 512
    rate_steps: int  # of the search for the loss-free rate
    rate_ms: int     # of each step


QUICK = Size(rounds=2, idle_rounds=1, bulk=GIB // 2, seconds=1, idle=500, udp_ms=300, idle_udp=200, rate_steps=5, rate_ms=200)
FULL = Size(rounds=3, idle_rounds=3, bulk=GIB, seconds=2, idle=2000, udp_ms=1000, idle_udp=400, rate_steps=7, rate_ms=500)


def own(figures, count):
    """What the load generator itself took for each unit."""
    return {"generator CPU us": figures["own_cpu"] / count * 1e6 if count else None}


def bulk(mode, connections):
    def run(subject, size):
        figures = subject.load(mode, connections=connections, bytes=size.bulk)
        done = figures["bytes"] / GIB
        return figures["errors"], {"CPU s/GiB": figures["cpu"] / done if done else None, "GiB/s": done / figures["seconds"],
                                   "generator CPU s/GiB": figures["own_cpu"] / done if done else None}
    return run


def short(subject, size):
    figures = subject.load("short", connections=32, seconds=size.seconds)
    count = figures["connections"]
    return figures["errors"], {"CPU us": figures["cpu"] / count * 1e6 if count else None, **own(figures, count), "per second": count / figures["seconds"]}


def ping(subject, size):
    figures = subject.load("ping", connections=64, seconds=size.seconds)
    count = figures["messages"]
    return figures["errors"], {"CPU us": figures["cpu"] / count * 1e6 if count else None, **own(figures, count), "per second": count / figures["seconds"],
                               "p50 us": figures["p50_us"], "p99 us": figures["p99_us"]}


PERCENTILES = {"p50 us": "p50_us", "p99 us": "p99_us", "p99.9 us": "p999_us"}


def beside_bulk(mode, connections):
    """How long each of `mode` takes while 8 streams of bulk run down the same pair: whether a busy stream lets the others through."""
    def run(subject, size):
        with subject.beside("bulk-down", 8):
            figures = subject.load(mode, connections=connections, seconds=size.seconds)
        return figures["errors"], {figure: figures[key] for figure, key in PERCENTILES.items()}
    return run


def idle(subject, size):
    """Needs a subject that has done nothing yet."""
    subject.hold_idle(WARM_UP)
    before = subject.memory()
    during, figures = subject.hold_idle(size.idle)
    return figures["errors"], {f"{side} KiB": max(0, during[side] - before[side]) / 1024 / size.idle for side in ("local", "server")}


def percent_lost(figures):
    sent = figures["packets"] + figures["lost"]
    return 100 * figures["lost"] / sent if sent else None


# Datagrams of 1200 B that an association keeps under way. 32 of a single one leave processors idle, so that latency would be measured, not
# a rate; of more than these some peer loses some, whose sockets have the buffers that the system gives.
WINDOW_OF_ONE, WINDOW_OF_EACH = 64, 32


def udp_echo(payload, associations, plain=0):
    """`plain`: the client sends and receives every datagram by itself, as an application that knows no GSO."""
    window = WINDOW_OF_ONE if associations == 1 else WINDOW_OF_EACH

    def run(subject, size):
        figures = subject.load("udp-echo", connections=associations, size=payload, window=window, milliseconds=size.udp_ms, plain=plain)
        count = figures["packets"]
        return figures["errors"], {"CPU us": figures["cpu"] / count * 1e6 if count else None, **own(figures, count), "per second": count / figures["seconds"],
                                   "loss %": percent_lost(figures)}
    return run


def loss_free_rate(subject, size):
    """Bisects, on a scale of ratios, for the highest rate at which nothing is lost on 8 associations of 1200 B."""
    low, high, errors, best = math.log(LOWEST_RATE), math.log(HIGHEST_RATE), 0, 0
    for _ in range(size.rate_steps):
        middle = (low + high) / 2
        figures = subject.load("udp-rate", connections=8, size=1200, rate=round(math.exp(middle)), milliseconds=size.rate_ms)
        errors += figures["errors"]
        if figures["lost"]:
            high = middle
        else:
            low, best = middle, max(best, figures["pps"])
    return errors, {"per second": best}


def idle_udp(subject, size):
    """Needs a subject that has done nothing yet."""
    with subject.holding("udp-idle", WARM_UP) as warm_up:
        before = subject.memory()
        with subject.holding("udp-idle", size.idle_udp) as figures:
            during = subject.memory()
    return warm_up["errors"] + figures["errors"], {
        f"{side} KiB": max(0, during[side] - before[side]) / 1024 / size.idle_udp for side in ("local", "server")}


def start(subject, _):
    """From before the first program was started; the ports are asked for every 0.2 ms at most."""
    return 0, {"ms": subject.first_served() * 1000}


PING_BESIDE_BULK, SHORT_BESIDE_BULK = "64 B ping-pong x 8 beside 8 bulk streams", "new connections, 4 at a time, beside 8 bulk streams"
LOSS_FREE_ROW = "UDP 1200 B, 8 associations, highest rate without loss"

# Name -> how to run it.
ROWS = {
    "bulk up, 1 connection": bulk("bulk-up", 1),
    "bulk down, 1 connection": bulk("bulk-down", 1),
    "bulk up, 8 connections": bulk("bulk-up", 8),
    "bulk down, 8 connections": bulk("bulk-down", 8),
    "short connections, 32 at a time": short,
    "64 B ping-pong x 64": ping,
    PING_BESIDE_BULK: beside_bulk("ping", 8),
    SHORT_BESIDE_BULK: beside_bulk("short", 4),
    "UDP echo 1200 B, 1 association": udp_echo(1200, 1),
    "UDP echo 1200 B, 8 associations": udp_echo(1200, 8),
    "UDP echo 64 B, 1 association": udp_echo(64, 1),
    "UDP echo 64 B, 8 associations": udp_echo(64, 8),
    "UDP echo 1200 B, 8 associations, plain client": udp_echo(1200, 8, plain=1),
    LOSS_FREE_ROW: loss_free_rate,
}
SELDOM = (LOSS_FREE_ROW, PING_BESIDE_BULK, SHORT_BESIDE_BULK)  # many runs each, or in need of time
# Each with a fresh pair.
START_ROW = "start to the first served byte"
IDLE_ROWS = {
    START_ROW: start,
    "idle connection, user memory": idle,
    "idle UDP association, user memory": idle_udp,
}


def estimate(size, subjects, wanted=lambda row: True):
    """Seconds that `subjects` (of all methods together) take: rounded up from runs on two cores."""
    chosen = [row for row in ROWS if wanted(row) and row not in SELDOM]
    bulk_rows = sum(row.startswith("bulk") for row in chosen)
    udp_rows = sum(row.startswith("UDP") for row in chosen)
    round_seconds = bulk_rows * 2.5 * size.bulk / GIB + udp_rows * size.udp_ms / 1000 + (len(chosen) - bulk_rows - udp_rows) * size.seconds + len(chosen) * 0.15
    seldom = wanted(LOSS_FREE_ROW) * size.rate_steps * (size.rate_ms / 1000 + 0.3) + sum(map(wanted, (PING_BESIDE_BULK, SHORT_BESIDE_BULK))) * (size.seconds + 0.3)
    idle_rows = sum(map(wanted, IDLE_ROWS)) * 2
    return subjects * (size.rounds * round_seconds + size.idle_rounds * (seldom + idle_rows))


HIGHER_IS_BETTER = ("GiB/s", "per second")
