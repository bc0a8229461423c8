"""What one cell of the matrix runs over UDP: echoes of many sizes from each address family and from a name, and whose they are."""
import os

from interop.cells import Failed, expect
from support import ports, socks5
from support.socks5_udp import WAIT, Association

SIZES = (1, 2, 64, 511, 1200, 1472, 1473, 4096, 16_384, 60_000)
PLAIN = 65_507  # the longest datagram of IPv4
BEHIND_EACH_OTHER, ROUNDS = 32, 4  # datagrams of one association before the first answer is read; sing-box queues 64
# Salt or header, address and tag of the longest packet, which is an answer to an identity of its own at an IPv6 address.
MOST_OVERHEAD = 150


def sizes_for(*programs):
    """What every one of `programs` relays."""
    limits = [program.longest_datagram for program in programs if program.longest_datagram] + [PLAIN - MOST_OVERHEAD]
    most = min(limits)
    return [size for size in SIZES if size < most] + [most]


def note_of(program):
    """What `program` is known not to relay, for the matrix."""
    return f"{program.name} {program.datagrams_lost}; all else passes" if program.datagrams_lost else ""


def echo_all(pair, host, target, sizes):
    with Association(pair.socks_port) as association:
        for size in sizes:
            payload = os.urandom(size)
            expect(association.ask(host, target.port, payload) == payload, f"the echo of {size} bytes from {host} differs")


def one_after_another(pair, target):
    """Many datagrams of one association under way at once: each comes back once."""
    with Association(pair.socks_port) as association:
        for round_ in range(ROUNDS):
            sent = {bytes([round_, number]) + os.urandom(200) for number in range(BEHIND_EACH_OTHER)}
            for payload in sent:
                association.send("127.0.0.1", target.port, payload)
            try:
                got = {association.receive()[1] for _ in sent}
            except TimeoutError as error:
                raise Failed("a datagram was lost") from error
            expect(got == sent and association.quiet(), "a datagram was changed or doubled")


def run_udp(pair, shared):
    """Runs every check against a running pair; raises Failed."""
    programs = (pair.local_program, pair.server_program)
    sizes = sizes_for(*programs) + ([0] if all(program.empty_datagrams for program in programs) else [])
    try:
        for host in ("127.0.0.1", "localhost") + (("::1",) if ports.has_ipv6() else ()):
            try:
                echo_all(pair, host, shared.udp_echo, sizes)
            except TimeoutError as error:
                raise Failed(f"no answer from {host} in {WAIT} s") from error
        one_after_another(pair, shared.udp_echo)
    except (OSError, EOFError, socks5.Refused, socks5.Malformed) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
