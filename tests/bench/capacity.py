"""What one server carries, from what was measured, and how many carry a million users: a section of docs/SCALING.md."""
from dataclasses import dataclass

SERVER_BULK, SERVER_SHORT = "ss-server's CPU s/GiB", "ss-server's CPU us"  # of scaling.py
USERS = 1_000_000
# A user in the busiest hour; whoever plans with other habits puts his own numbers here.
MBIT, NEW_A_SECOND, OPEN = 0.5, 0.5, 40
BUSY = 0.5  # of its cores that a server may use: the rest is for bursts, and for the one beside it that fails


@dataclass(frozen=True)
class Machine:
    cores: int
    gib: int     # of memory
    gbit: float  # each way


MACHINES = (Machine(1, 1, 1), Machine(2, 4, 1), Machine(8, 16, 10), Machine(32, 64, 25))


def limits(machine, parts):
    """{limit: users} of one machine."""
    bulk, short = parts["workers"]["bulk down"][2], parts["workers"]["short connections"][2]
    most = max(parts["idle"])
    idle = parts["idle"][most]
    core = MBIT * 1e6 / 8 / 2**30 * bulk[SERVER_BULK] + NEW_A_SECOND * short[SERVER_SHORT] / 1e6
    return {"processor": machine.cores * BUSY / core,
            "memory": machine.gib * 2**20 * BUSY / (OPEN * (idle["server KiB"] + idle["kernel KiB"])),
            "network": machine.gbit * 1000 * BUSY / MBIT}


def page(measured):
    method = "2022-blake3-aes-256-gcm"
    parts = measured[method]
    bulk, short, idle = parts["workers"]["bulk down"][2], parts["workers"]["short connections"][2], parts["idle"][max(parts["idle"])]
    yield from ("", "## Past one machine", "",
                f"ss-server alone, with {method} on one core of the machine above: {1 / bulk[SERVER_BULK]:.1f} GiB/s, or {1e6 / short[SERVER_SHORT]:,.0f} new connections a second; "
                f"an open connection takes {idle['server KiB']:.1f} KiB of the process and about {idle['kernel KiB']:.0f} KiB of the kernel.", "",
                f"A user in the busiest hour, as assumed here (tests/bench/capacity.py): {MBIT} Mbit/s, {NEW_A_SECOND} new connections a second, {OPEN} open ones. "
                f"{BUSY:.0%} of a machine is planned with. Users that one server carries, and what limits it:", "",
                "| machine | processor | memory | network | it carries | servers for a million users |", "|---|---|---|---|---|---|")
    for machine in MACHINES:
        found = limits(machine, parts)
        least = min(found, key=found.get)
        yield (f"| {machine.cores} cores, {machine.gib} GiB, {machine.gbit:g} Gbit/s | {' | '.join(f'{users:,.0f}' for users in found.values())} "
               f"| {found[least]:,.0f}, by its {least} | {-(-USERS // int(found[least])):,} |")
    yield from ("",
                "What the kernel limits before that, on each server: descriptors (two a connection: `LimitNOFILE` of the unit), ports towards one target (28,000 at a time with the usual range; "
                "`net.ipv4.ip_local_port_range`), and the table of connection tracking where a firewall keeps one.", "",
                "How traffic is spread over servers:", "",
                "- **ss-local itself**, with several `servers` and a `policy`: no box in between, failures are seen in a second or two, and each server has a key of its own. The first choice.",
                "- **DNS** with several addresses of one name: ss-local tries them by Happy Eyeballs, so a dead one costs 250 ms.",
                "- **HAProxy** in `mode tcp` with `balance source`, for stock clients that know one server: UDP needs another way (`ipvsadm -s sh`, or DNS), and every server then sees HAProxy's address.",
                "",
                "Servers that share a key do not share what they remember of salts: what was recorded on its way to one of them is new to the others for as long as its timestamp passes (62 s with 2022 "
                "methods; with SIP004 without end). Keys of their own, or users' keys that each belong to one server, close that.")
