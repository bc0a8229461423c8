"""A way on which no packet arrives: a TUN device whose other end is a router that finds every packet's TTL expired, and says so by ICMP."""
import contextlib
import ipaddress
import os
import select
import struct
import threading

from support.link import open_device

IPV4_HEADER = struct.Struct("!BBHHHBBH4s4s")
IPV6_HEADER = struct.Struct("!IHBB16s16s")
TIME_EXCEEDED, TIME_EXCEEDED_V6, IN_TRANSIT = 11, 3, 0
ICMP, ICMPV6 = 1, 58
QUOTED, QUOTED_V6 = 28, 48  # bytes: a header of IP and the ports behind it


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def icmp(kind, quoted, covered=b""):
    """A message with its checksum, which is over `covered` too."""
    text = struct.pack("!BBHI", kind, IN_TRANSIT, 0, 0) + quoted
    return text[:2] + struct.pack("!H", checksum(covered + text)) + text[4:]


def time_exceeded(packet, router):
    """What a router (4 bytes) answers to `packet`."""
    text = icmp(TIME_EXCEEDED, packet[:QUOTED])
    fields = [0x45, 0, IPV4_HEADER.size + len(text), 0, 0, 64, ICMP, 0, router, packet[12:16]]
    fields[7] = checksum(IPV4_HEADER.pack(*fields))
    return IPV4_HEADER.pack(*fields) + text


def time_exceeded_v6(packet, router):
    """The same for IPv6 (16 bytes)."""
    to, length = packet[8:24], 8 + QUOTED_V6
    text = icmp(TIME_EXCEEDED_V6, packet[:QUOTED_V6], router + to + struct.pack("!II", length, ICMPV6))
    return IPV6_HEADER.pack(6 << 28, length, ICMPV6, 64, router, to) + text


class LongWay:
    """Packets that are routed to device `name` are answered while `with` lasts, from `router` or `router_v6`."""

    def __init__(self, name, router, router_v6):
        self.name = name
        self.router, self.router_v6 = ipaddress.IPv4Address(router).packed, ipaddress.IPv6Address(router_v6).packed

    def __enter__(self):
        self.device = open_device(self.name)
        self.woken, self.wake = os.pipe()
        self.thread = threading.Thread(target=self._answer)
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.wake)
        self.thread.join()
        for descriptor in (self.device, self.woken):
            os.close(descriptor)

    def _answer(self):
        while self.woken not in select.select([self.device, self.woken], [], [])[0]:
            with contextlib.suppress(BlockingIOError):
                packet = os.read(self.device, 65536)
                if packet[0] >> 4 == 4 and len(packet) >= QUOTED:
                    os.write(self.device, time_exceeded(packet, self.router))
                if packet[0] >> 4 == 6 and len(packet) >= QUOTED_V6 and packet[6] != ICMPV6:
                    os.write(self.device, time_exceeded_v6(packet, self.router_v6))
