"""What one cell of the matrix runs over TCP: a fetch over each address family, an echo, a download, and a half-close."""
import hashlib
import http.client
import socket
import struct

from support import ports, socks5, targets, udp_targets, web

SIZE = 1 << 20


class Targets:
    """The targets that all cells share."""

    def __init__(self):
        self.web, self.echo = web.web_target(), targets.Target(targets.echo)
        self.source, self.half_closer = targets.Target(targets.source), targets.Target(targets.half_closer(SIZE))
        self.udp_echo = udp_targets.UdpTarget()
        self.all = (self.web, self.echo, self.source, self.half_closer, self.udp_echo)

    def __enter__(self):
        for target in self.all:
            target.start()
        return self

    def __exit__(self, *_):
        for target in self.all:
            target.stop()


class Failed(Exception):
    """A check of the cell did not hold."""


def expect(condition, what):
    if not condition:
        raise Failed(what)


def fetch(socks_port, target):
    for host in ("127.0.0.1", "::1") if ports.has_ipv6() else ("127.0.0.1",):
        sock = socks5.connect(socks_port, host, target.port)
        connection = http.client.HTTPConnection(host, target.port)
        connection.sock = sock  # the request goes through the proxy
        connection.request("GET", f"/blob/{SIZE}")
        body = connection.getresponse().read()
        connection.close()
        expect(hashlib.sha256(body).hexdigest() == targets.pattern_hash(SIZE), f"HTTP from {host}: {len(body)} of {SIZE} bytes, or wrong ones")


def echo(socks_port, target):
    payload = b"".join(targets.pattern(SIZE))
    with socks5.connect(socks_port, "127.0.0.1", target.port) as sock:
        got = bytearray()
        for start in range(0, SIZE, 65536):
            sock.sendall(payload[start:start + 65536])
            got += socks5.read_exactly(sock, 65536)
        expect(bytes(got) == payload, "the echo differs")


def download(socks_port, target):
    with socks5.connect(socks_port, "127.0.0.1", target.port) as sock:
        sock.sendall(struct.pack("!Q", SIZE))
        expect(hashlib.sha256(socks5.read_to_end(sock)).hexdigest() == targets.pattern_hash(SIZE), "the download differs")


def keeps_half_close(socks_port, target):
    """Whether the whole answer comes after the client has closed its sending side."""
    try:
        with socks5.connect(socks_port, "127.0.0.1", target.port) as sock:
            sock.sendall(b"question")
            sock.shutdown(socket.SHUT_WR)
            return hashlib.sha256(socks5.read_to_end(sock)).hexdigest() == targets.pattern_hash(SIZE)
    except OSError:
        return False


def run_tcp(pair, shared, half_close_needed):
    """Runs every check against a running pair; returns whether the half-close kept the answer. Raises Failed."""
    try:
        fetch(pair.socks_port, shared.web)
        echo(pair.socks_port, shared.echo)
        download(pair.socks_port, shared.source)
    except (OSError, EOFError, http.client.HTTPException, socks5.Refused, socks5.Malformed) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    kept = keeps_half_close(pair.socks_port, shared.half_closer)
    expect(kept or not half_close_needed, "the answer after the client's half-close is lost")
    return kept
