"""A UDP association through a SOCKS5 proxy (RFC 1928 sections 6 and 7): it checks every byte in front of an answer."""
import ipaddress
import select
import socket
import struct

from support import socks5

UDP_ASSOCIATE = 3
WAIT = 10  # seconds that an answer may take on a loaded machine


def datagram(host, port, payload, fragment=0, reserved=0):
    return struct.pack("!HB", reserved, fragment) + socks5.address(host, port) + payload


def parse(data):
    """(host, port) and payload of an answer; Malformed where a byte in front is wrong."""
    if len(data) < 4 or data[:3] != b"\0\0\0" or data[3] not in (1, 3, 4):
        raise socks5.Malformed(f"answer begins {data[:4].hex()}")
    size, start = ({1: 4, 4: 16}[data[3]], 4) if data[3] != 3 else (data[4], 5)
    host = data[start:start + size]
    if len(data) < start + size + 2:
        raise socks5.Malformed("answer without its whole address")
    port = struct.unpack("!H", data[start + size:start + size + 2])[0]
    return (host.decode() if data[3] == 3 else literal(host), port), data[start + size + 2:]


def literal(packed):
    """An address as text; an IPv4-mapped one as ::ffff:127.0.0.1."""
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if address.version == 6 else None
    return f"::ffff:{mapped}" if mapped else str(address)


class Association:
    """One association with a UDP socket of its own; ends with its control connection."""

    def __init__(self, proxy_port, proxy_host="127.0.0.1", bind=None, named=None, user=None, password=b""):
        """`bind` is the host that datagrams come from; `named` is what the request names, which else is nothing."""
        family = socket.AF_INET6 if ":" in proxy_host else socket.AF_INET
        any_host = "::" if family == socket.AF_INET6 else "0.0.0.0"
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(WAIT)
        self.control = None
        try:
            self.socket.bind((bind or proxy_host, 0))
            self.control = socket.create_connection((proxy_host, proxy_port), WAIT)
            socks5.negotiate(self.control, user, password)
            self.control.sendall(socks5.request(*(named or (any_host, 0)), command=UDP_ASSOCIATE))
            self.bound = socks5.read_reply(self.control)
            # A proxy that does not know its address means the one that the client reached it by.
            self.relay = (proxy_host if self.bound[0] == any_host else self.bound[0], self.bound[1])
        except BaseException:
            self.close()
            raise

    def send(self, host, port, payload, **extra):
        self.send_raw(datagram(host, port, payload, **extra))

    def send_raw(self, data):
        self.socket.sendto(data, self.relay)

    def receive(self):
        """Source and payload of the next answer; TimeoutError if none comes."""
        data, sender = self.socket.recvfrom(65536)
        if sender[:2] != self.relay:
            raise socks5.Malformed(f"answer from {sender}, not from {self.relay}")
        return parse(data)

    def ask(self, host, port, payload):
        """The payload that comes back from where it was sent to. A target that is named is on this machine.

        The source of its answer may be that name: sing-box has it so.
        """
        self.send(host, port, payload)
        source, answer = self.receive()
        expected = [host] if socks5.address(host, port)[0] != 3 else [host, "127.0.0.1", "::1"]
        if source[0] not in expected or source[1] != port:
            raise socks5.Malformed(f"answer from {source}, not from {(host, port)}")
        return answer

    def quiet(self):
        """Whether nothing has come that was not read."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return not poll.poll(0)

    def close(self):
        for one in (self.control, self.socket):
            if one:
                one.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
