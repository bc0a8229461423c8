"""A small, strict SOCKS5 client: it checks every byte of every answer."""
import ipaddress
import socket
import struct

BIND = 2
REPLIES = {0: "succeeded", 1: "general failure", 2: "not allowed", 3: "network unreachable", 4: "host unreachable",
           5: "connection refused", 6: "TTL expired", 7: "command not supported", 8: "address type not supported"}


class Refused(Exception):
    """The proxy answered with a reply code other than 00."""

    def __init__(self, rep):
        super().__init__(f"REP {rep:02x} ({REPLIES.get(rep, 'unknown')})")
        self.rep = rep


class Malformed(Exception):
    """The proxy sent something that RFC 1928 or 1929 does not allow."""


def read_exactly(sock, count):
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"end of stream after {len(data)} of {count} bytes")
        data += piece
    return bytes(data)


def read_to_end(sock, limit=1 << 30):
    data = bytearray()
    while len(data) < limit:
        piece = sock.recv(262144)
        if not piece:
            return bytes(data)
        data += piece
    raise Malformed("more bytes than expected")


def address(host, port):
    """ATYP + ADDR + PORT, with IP literals in their own types."""
    try:
        ip = ipaddress.ip_address(host)
        return bytes([1 if ip.version == 4 else 4]) + ip.packed + struct.pack("!H", port)
    except ValueError:
        name = host.encode()
        return bytes([3, len(name)]) + name + struct.pack("!H", port)


def greeting(user=None):
    return b"\x05\x02\x00\x02" if user is not None else b"\x05\x01\x00"


def auth(user, password):
    return bytes([1, len(user)]) + user + bytes([len(password)]) + password


def request(host, port, command=1):
    return bytes([5, command, 0]) + address(host, port)


def read_reply(sock):
    """The bound address of a good reply; Refused or Malformed otherwise."""
    version, rep, reserved, kind = read_exactly(sock, 4)
    if version != 5 or reserved != 0 or kind not in (1, 3, 4):
        raise Malformed(f"reply {version:02x} {rep:02x} {reserved:02x} {kind:02x}")
    size = {1: 4, 4: 16}.get(kind) or read_exactly(sock, 1)[0]
    bound = read_exactly(sock, size)
    port = struct.unpack("!H", read_exactly(sock, 2))[0]
    if rep != 0:
        raise Refused(rep)
    return (bound.decode() if kind == 3 else str(ipaddress.ip_address(bound))), port


def negotiate(sock, user=None, password=b""):
    sock.sendall(greeting(user))
    version, method = read_exactly(sock, 2)
    if version != 5 or method not in (0, 2, 255) or (method == 2 and user is None):
        raise Malformed(f"greeting answered {version:02x} {method:02x}")
    if method == 255:
        raise PermissionError("no acceptable method")
    if method == 2:
        sock.sendall(auth(user, password))
        version, status = read_exactly(sock, 2)
        if version != 1:
            raise Malformed(f"authentication answered {version:02x} {status:02x}")
        if status != 0:
            raise PermissionError(f"authentication status {status}")


def connect(proxy_port, host, port, user=None, password=b"", timeout=20, proxy_host="127.0.0.1"):
    """A socket whose other end is the target, or an exception that says what the proxy answered."""
    sock = socket.create_connection((proxy_host, proxy_port), timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        negotiate(sock, user, password)
        sock.sendall(request(host, port))
        read_reply(sock)
        return sock
    except BaseException:
        sock.close()
        raise


def connect_pipelined(proxy_port, host, port, payload, timeout=20):
    """Greeting, request and first payload in one write, before any answer."""
    sock = socket.create_connection(("127.0.0.1", proxy_port), timeout)
    try:
        sock.sendall(greeting() + request(host, port) + payload)
        if read_exactly(sock, 2) != b"\x05\x00":
            raise Malformed("greeting not answered 05 00")
        read_reply(sock)
        return sock
    except BaseException:
        sock.close()
        raise


def bind(proxy_port, host, port, timeout=20):
    """Asks for BIND with `host`, `port` as the expected peer; a socket, and where the peer may connect to. The next reply is the peer's address."""
    sock = socket.create_connection(("127.0.0.1", proxy_port), timeout)
    try:
        negotiate(sock)
        sock.sendall(request(host, port, BIND))
        return sock, read_reply(sock)
    except BaseException:
        sock.close()
        raise
