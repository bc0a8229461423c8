#!/usr/bin/env python3
"""Our programs with stock peers: transport x peer x direction x method, each supported cell must pass.

Exit code: 0 all supported cells pass, 1 one fails, 77 nothing could run because a peer is missing.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from interop import install  # noqa: E402
from interop.cells import Failed, Targets, run_tcp  # noqa: E402
from interop.report import EIH_ROW, Report  # noqa: E402
from interop.udp_cells import note_of, run_udp  # noqa: E402
from support import methods  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.process import DiedEarly  # noqa: E402
from support.programs import Ours, program_named  # noqa: E402

PEERS = ("libev", "rust", "sing-box")
TRANSPORTS = ("TCP", "UDP")
SKIPPED = 77
HERE = Path(__file__).resolve().parent
# What is measured beside the matrix where that is written: title, program, what the table shows.
MEASURED = (
    ("What the client is told", HERE / "truth.py",
     ("Each program behind its own pair, with aes-256-gcm, in a network where each cause is one: the SOCKS5 reply to CONNECT, and what became of",
      "a stream that was called connected (00) when the client had said something. *RFC 1928*: the reply that it has for the cause.")),
    ("First byte", HERE.parent / "bench" / "first_byte.py",
     ("Over a link with a round trip of 100 ms between the two programs: from the application's connect to the local side until the first byte of",
      "the target's answer, median of new connections, one after another.")),
)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="libev", help="comma list of libev, rust, sing-box, or all (which also installs what is missing)")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    parser.add_argument("--ours", default="ours", help="use another program in our place, to prove this harness")
    parser.add_argument("--cache", default=install.default_cache(), help="where missing peers are installed")
    parser.add_argument("--write", help="measure the rest beside the peers too, and write all of it to this file, e.g. docs/INTEROP.md")
    options = parser.parse_args()
    if options.write and (reason := Ours().uncommitted()):
        parser.error(reason)
    return options


def extra_of(method, eih):
    """What a pair needs beside its method."""
    if not eih:
        return {}
    server_key, user_key = methods.new_secret(method), methods.new_secret(method)
    return {"password": server_key, "client_password": f"{server_key}:{user_key}",
            "users": [("first", methods.new_secret(method)), ("second", user_key)]}


def try_tcp(pair, shared, ours, peer):
    kept = run_tcp(pair, shared, ours.half_close and peer.half_close)
    return "" if kept else f"{peer.name} loses the answer after a client's half-close; all else passes"


def try_udp(pair, shared, _, peer):
    run_udp(pair, shared)
    return note_of(peer)


def run_one(report, shared, ours, peer, direction, row, method, eih):
    """Fills one cell of each transport."""
    local, server = (ours, peer) if direction == "to" else (peer, ours)
    reason = peer.unsupported(method) or ours.unsupported(method)
    if not reason and eih and not (peer.eih_server if direction == "to" else peer.eih_local):
        reason = f"{peer.name} has no identity headers"
    for transport, attempt in zip(TRANSPORTS, (try_tcp, try_udp)):
        if reason:
            report.add(transport, peer.name, direction, row, "unsupported", reason)
            continue
        pair = Pair(method, local, server, mode="tcp_and_udp", **extra_of(method, eih))
        try:
            with pair:
                try:
                    note = attempt(pair, shared, ours, peer)
                except Failed:
                    print(pair.logs(), file=sys.stderr)
                    raise
            report.add(transport, peer.name, direction, row, "ok", note)
        except (Failed, DiedEarly, AssertionError, OSError) as error:
            report.add(transport, peer.name, direction, row, "failed", str(error))


def measure(report, names):
    """Adds the sections of `MEASURED`; one whose program is skipped says why in its place."""
    for title, program, words in MEASURED:
        done = subprocess.run([sys.executable, program, "--peers", ",".join(names)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, SKIPPED):
            raise SystemExit(f"{program.name} failed")
        report.add_measured(title, words, done.stdout)


def main():
    options = arguments()
    names = PEERS if options.peers == "all" else options.peers.split(",")
    folders = [folder for folder in (options.peer_dir, os.environ.get("SS_PEER_DIR"), str(Path(options.cache) / "bin")) if folder]
    os.environ["SS_PEER_DIR"] = os.pathsep.join(folders)
    hints = install.install_missing(options.cache) if options.peers == "all" else {}

    ours, report = program_named(options.ours), Report()
    if ours.missing():
        print(ours.missing(), file=sys.stderr)
        return 1
    report.versions[ours.name] = ours.version()
    rows = [(method, method, False) for method in methods.METHODS] + [(EIH_ROW.format(method), method, True) for method in methods.EIH_METHODS]
    with Targets() as shared:
        for name in names:
            peer = program_named(name)
            missing = peer.missing()
            report.versions[peer.name] = "; ".join(filter(None, (missing, hints.get(name)))) if missing else peer.version()
            for direction in ("to", "from"):
                for row, method, eih in rows:
                    if missing:
                        for transport in TRANSPORTS:
                            report.add(transport, peer.name, direction, row, "missing", report.versions[peer.name])
                    else:
                        run_one(report, shared, ours, peer, direction, row, method, eih)
    print(f"{report.count('ok')} passed, {report.count('failed')} failed, {report.count('unsupported')} not supported by the peer, "
          f"{report.count('missing')} not run")
    if options.write:
        measure(report, names)
        Path(options.write).write_text(report.markdown(), encoding="utf-8")
    if report.count("failed"):
        return 1
    return 0 if report.count("ok") else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
