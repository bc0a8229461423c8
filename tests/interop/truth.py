#!/usr/bin/env python3
"""What a client is told of a connection that cannot be made: cause x program, each behind its own pair, in a network of its own.

Exit code: 0, or 77 where no network of its own can be made.
"""
import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, ports, socks5, targets  # noqa: E402
from support.link import IFF_TAP, open_device  # noqa: E402
from support.long_way import LongWay  # noqa: E402
from support.name_server import NameServer  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import SingBox  # noqa: E402
from support.programs import program_named  # noqa: E402

SKIPPED = 77
PROGRAMS = ("ours", "rust", "libev", "sing-box")
PATIENCE = 12  # seconds for an answer
TOLD_AFTER = 4  # seconds that a stream which was called connected is watched
VOID, WIRE, CLOSED_NET, FORBIDDEN, PRIVATE = "198.51.100.7", "203.0.113.7", "192.0.2.7", "192.0.2.8", "10.1.2.3"
TOO_FAR, ROUTER, TOO_FAR_NET = "192.0.2.130", "192.0.2.129", "192.0.2.128/25"
TOO_FAR_V6, ROUTER_V6, TOO_FAR_NET_V6, NEAR_V6 = "2001:db8:6::7", "2001:db8:6::1", "2001:db8:6::/64", "2001:db8:5::1"
IPV6_TARGET = "2001:db8::7"
OURS_SERVER = {"connect_timeout": 2, "allow_targets": ["127.0.0.0/8", "::1/128", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"]}


@dataclass(frozen=True)
class Cause:
    """Why a target cannot be reached, the reply that RFC 1928 has for it, and the status of HTTP. Port 0: that of a target that works."""
    name: str
    host: str
    port: int
    rep: int
    status: int = 502


def causes(closed_port):
    return (Cause("nothing fails", "127.0.0.1", 0, 0, 200),
            Cause("nothing fails, by name", "here.example", 0, 0, 200),
            Cause("port closed", "127.0.0.1", closed_port, 5),
            Cause("port closed, by name", "here.example", closed_port, 5),
            Cause("no route to the network", CLOSED_NET, 80, 3),
            Cause("no such machine on its network", WIRE, 80, 4),
            Cause("TTL expired on the way", TOO_FAR, 80, 6, 504),
            Cause("no answer to the connect", VOID, 80, 4, 504),
            Cause("forbidden by the server's firewall", FORBIDDEN, 80, 2, 403),
            Cause("private target, denied by rule", PRIVATE, 80, 2, 403),
            Cause("IPv6 target, server without IPv6", IPV6_TARGET, 80, 8),
            Cause("name does not exist", "absent.example", 80, 4),
            Cause("name without an address", "empty.example", 80, 4),
            Cause("name server fails", "broken.example", 80, 4),
            Cause("name server is silent", "silent.example", 80, 4, 504),
            Cause("address reserved for the pair", "255.255.255.255", 0x5300, 2, 403))


@contextlib.contextmanager
def world():
    """The network in which each cause is one: devices whose other end says nothing, routes, and a name server that the resolver asks."""
    with contextlib.ExitStack() as stack:
        for name, kind in (("void", None), ("wire", IFF_TAP)):
            stack.callback(os.close, open_device(name) if kind is None else open_device(name, kind))
        stack.enter_context(LongWay("far", ROUTER, ROUTER_V6))
        _write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1")
        for words in ("address add 198.51.100.1/24 dev void", "address add 203.0.113.1/24 dev wire", "link set void up", "link set wire up", "link set far up",
                      f"route add prohibit {FORBIDDEN}", "route add 10.0.0.0/8 dev void", f"route add {TOO_FAR_NET} dev far src 198.51.100.1"):
            own_network.ip(words)
        _write("/proc/sys/net/ipv4/neigh/wire/retrans_time_ms", "100")
        with tempfile.NamedTemporaryFile("w", prefix="resolv-", encoding="ascii") as file:
            file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:2\n")
            file.flush()
            subprocess.run(["mount", "--bind", file.name, os.path.realpath("/etc/resolv.conf")], check=True)
            stack.enter_context(NameServer())
            yield


@contextlib.contextmanager
def way_over_ipv6():
    """Inside world(): a way of IPv6 as well, on which every packet's TTL expires."""
    _write("/proc/sys/net/ipv6/conf/far/disable_ipv6", "0")
    try:
        for words in (f"address add {NEAR_V6}/128 dev far nodad", f"route add {TOO_FAR_NET_V6} dev far src {NEAR_V6}"):
            own_network.ip(words)
        yield
    finally:
        _write("/proc/sys/net/ipv6/conf/far/disable_ipv6", "1")


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


@dataclass
class Answer:
    """What a client was told: a reply or status, when, and what a stream that was called connected did then."""
    code: int = -1
    seconds: float = 0
    then: str = ""
    bound: tuple = ()

    def __str__(self):
        code = f"{self.code:02x}" if 0 <= self.code < 100 else str(self.code)
        text = f"{code} after {self.seconds:.1f} s" if self.seconds >= 0.1 else code
        return f"{text}, then {self.then}" if self.then else text


def ask_socks5(port, host, to_port):
    answer, began = Answer(), time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
            socks5.negotiate(sock)
            sock.sendall(socks5.request(host, to_port))
            try:
                answer.bound = socks5.read_reply(sock)
                answer.code = 0
            except socks5.Refused as refused:
                answer.code = refused.rep
            answer.seconds = time.monotonic() - began
            if answer.code == 0:
                answer.then = _what_becomes_of(sock)
    except TimeoutError:
        answer.then = f"nothing for {PATIENCE} s"
    except (OSError, EOFError) as error:
        answer.then = type(error).__name__
    return answer


def ask_http(port, host, to_port):
    """The same by CONNECT of HTTP."""
    answer, began = Answer(), time.monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        authority = f"[{host}]:{to_port}" if ":" in host else f"{host}:{to_port}"
        sock.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        words = sock.makefile("rb").readline().split()
        answer.seconds = time.monotonic() - began
        if len(words) > 1 and words[0] == b"HTTP/1.1":
            answer.code = int(words[1])
        else:
            answer.then = "no status"
    return answer


def _what_becomes_of(sock):
    """What a stream that was called connected does when the client has said something; empty where it is answered."""
    began = time.monotonic()
    sock.settimeout(TOLD_AFTER)
    try:
        sock.sendall(b"?")
        if sock.recv(1) == b"?":
            return ""
        what = "end"
    except ConnectionResetError:
        what = "reset"
    except TimeoutError:
        return "silence"
    after = time.monotonic() - began
    return f"{what} after {after:.1f} s" if after >= 0.1 else what


def ask_all(pair, target, ask=ask_socks5):
    """(cause, answer) for every cause, all asked at once."""
    wanted = causes(ports.free_port())
    answers = {}

    def one(cause):
        answers[cause] = ask(pair.socks_port, cause.host, cause.port or target.port)
    threads = [threading.Thread(target=one, args=(cause,)) for cause in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [(cause, answers[cause]) for cause in wanted]


class AskingSingBox(SingBox):
    """sing-box that asks this network's name server."""

    def _command(self, folder, name, inbound, outbound):
        words = super()._command(folder, name, inbound, outbound)
        path = Path(words[-1])
        path.write_text(path.read_text(encoding="utf-8").replace('"type": "hosts"', '"type": "udp", "server": "127.0.0.1"'), encoding="utf-8")
        return words


def pair_of(name, method, **extra):
    program = AskingSingBox() if name == "sing-box" else program_named(name)
    return Pair(method, program, program, server_extra=OURS_SERVER, **extra)


def table(columns):
    """Markdown lines: a row for each cause, a column for each (program, answers)."""
    yield "| cause | RFC 1928 | " + " | ".join(name for name, _ in columns) + " |"
    yield "|---" * (len(columns) + 2) + "|"
    for row in zip(*(answers for _, answers in columns)):
        cause = row[0][0]
        yield f"| {cause.name} | {cause.rep:02x} | " + " | ".join(str(answer) for _, answer in row) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="all", help="comma list of libev, rust, sing-box, or all, or none")
    parser.add_argument("--peer-dir", help="folder with the peers' executables, looked at before PATH")
    options = parser.parse_args()
    if own_network.WHY_NO_TUN:
        print(f"skipped: {own_network.WHY_NO_TUN}")
        return SKIPPED
    own_network.enter(needs_tun=True)
    if options.peer_dir:
        os.environ["SS_PEER_DIR"] = options.peer_dir
    names = PROGRAMS if options.peers == "all" else ("ours", *filter(lambda name: name in PROGRAMS, options.peers.split(",")))
    columns = []
    with world(), targets.Target(targets.echo) as target:
        for name in names:
            if program_named(name).missing():
                continue
            with pair_of(name, "aes-256-gcm") as pair:
                ask_socks5(pair.socks_port, "127.0.0.1", target.port)  # from which ss-local learns whose server it is
                columns.append((program_named(name).name, ask_all(pair, target)))
    print("\n".join(table(columns)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
