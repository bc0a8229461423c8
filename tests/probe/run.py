#!/usr/bin/env python3
"""Probes ss-server, and the servers of peers, over raw capture in a network namespace: how many classes of reaction an observer can tell apart.

One class for each policy and action of the client is what ours must show; exit code 1 where it does not, 77 where nothing can be captured.
"""
import argparse
import datetime
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from probe import cases, prober  # noqa: E402
from support import methods, own_network, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.programs import Ours, program_named  # noqa: E402
from support.tap import Tap  # noqa: E402

QUICK, FULL = 1250, 5000  # cases of each server
METHODS = ("aes-256-gcm", "chacha20-ietf-poly1305", "2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305")
QUICK_METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")


def settings_of(program, method):
    """What `reject` is set to; peers have nothing to set. With SIP004 every setting acts at the deadline, which is not waited for."""
    if not isinstance(program, Ours):
        return (None,)
    return ("reset", "fin", "silent") if methods.is_2022(method) else ("silent",)


def record(pair, target):
    """First flights that the server has served, with and without a first payload."""
    flights = []
    with Tap(pair.setup.server_port) as tap, \
            Pair(pair.setup.method, password=pair.setup.password, local=Ours(), server=pair.server_program,
                 local_extra={"server_port": tap.port, "extension": "off"}) as through:
        with socks5.connect_pipelined(through.socks_port, "127.0.0.1", target.port, b"recorded") as sock:
            socks5.read_exactly(sock, 8)
        with socks5.connect(through.socks_port, "127.0.0.1", target.port) as sock:
            sock.sendall(b"later")
            socks5.read_exactly(sock, 5)
        flights = [flight[0] for flight in tap.flights if flight]
    return flights


def probed(program, method, setting, options):
    """{action: {class: cases}} of one server."""
    extra = {"reject": setting} if setting else {}
    with targets.Target(targets.echo) as target, Pair(method, local=Ours(), server=program, server_extra=extra) as pair:
        chosen = cases.sample(options.seed, record(pair, target), options.cases)
        return prober.classes_of(pair.setup.server_port, chosen)


def settled(program, options):
    """(method, setting) of every server of that program that is probed."""
    for method in QUICK_METHODS if options.quick else METHODS:
        if not program.missing() and not program.unsupported(method):
            yield from ((method, setting) for setting in settings_of(program, method))


def rows_of(programs, options):
    """One a server and action of the client: (program, method, setting, action, {class: cases})."""
    for program in programs:
        for method, setting in settled(program, options):
            for action, classes in sorted(probed(program, method, setting, options).items()):
                yield program, method, setting or "its own", action, classes


def line_of(row):
    program, method, setting, action, classes = row
    counts = sorted(((len(found), name) for name, found in classes.items()), reverse=True)
    words = "; ".join(f"{name} ({count:,})" if len(counts) > 1 else name for count, name in counts)
    return f"| {program.name} | {method} | {setting} | {action} | {sum(count for count, _ in counts):,} | {len(counts)} | {words} |"


def fails(row):
    return isinstance(row[0], Ours) and len(row[-1]) != 1


def examples(row):
    """Some cases of each class, to repeat by hand."""
    for name, found in row[-1].items():
        yield f"    {name}: {sorted({(case.kind, len(case.data), case.segments[:3]) for case in found})[:8]}"


HEAD = ("| server | method | `reject` | client | cases | classes | which |", "|---|---|---|---|---|---|---|")


def page(programs, lines, options):
    """The lines of docs/PROBES.md."""
    yield from ("# Probes", "", "Written by `tests/probe/run.py --peers libev,rust,sing-box --write docs/PROBES.md`.", "",
                f"{datetime.date.today()}; seed {options.seed}; {', '.join(f'{program.name}: {program.version()}' for program in programs)}.", "",
                "What an observer sees of the server when somebody without the key sends to it: lengths from 1 to 65,535, first bytes of other protocols, recorded first flights whole, cut, "
                "altered and with more behind, each in one segment, byte by byte, or cut around the lengths of headers. The client then waits (idle), ends its side (fin), or goes on sending (more). A *class* is "
                "what the server has sent, its FIN and RST in their order, before or after the client's end, and whether at once or later, all by the packets on the wire; "
                "each probe is watched for a second. One class for each setting and action of the client tells nothing. A count of bytes is the answer to a recording that was served again.", "",
                *HEAD, *lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} cases of each server in place of {FULL}, two methods")
    parser.add_argument("--cases", type=int, help="so many of each server")
    parser.add_argument("--seed", type=int, default=1, help="which cases are drawn; the same seed, the same cases")
    parser.add_argument("--peers", default="", help="libev,rust,sing-box: probed too")
    parser.add_argument("--write", help="write the page to this file")
    options = parser.parse_args()
    options.cases = options.cases or (QUICK if options.quick else FULL)
    if options.write and (reason := Ours().uncommitted()):
        parser.error(reason)
    if own_network.WHY_NOT:
        print(f"skipped: {own_network.WHY_NOT}")
        return 77
    own_network.enter()
    programs = [Ours(), *(program_named(name) for name in options.peers.split(",") if name)]
    print(f"seed {options.seed}, {options.cases} cases of each server", *HEAD, sep="\n")
    lines, failed = [], False
    for row in rows_of(programs, options):
        lines.append(line_of(row))
        print(lines[-1], *(examples(row) if fails(row) else ()), sep="\n", flush=True)
        failed |= fails(row)
    if options.write:
        Path(options.write).write_text("\n".join(page(programs, lines, options)) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
