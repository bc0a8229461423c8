"""A way on which no packet arrives: a TUN device whose other end is a router that finds every packet's TTL expired, and says so by ICMP."""
import contextlib
import os
import select
import struct
import threading

from support.link import open_device

IPV4_HEADER = struct.Struct("!BBHHHBBH4s4s")
TIME_EXCEEDED, IN_TRANSIT = 11, 0
ICMP = 1
QUOTED = 28  # bytes: a header of IPv4 and the ports behind it


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def time_exceeded(packet, router):
    """What a router (4 bytes) answers to `packet`."""
    text = struct.pack("!BBHI", TIME_EXCEEDED, IN_TRANSIT, 0, 0) + packet[:QUOTED]
    text = text[:2] + struct.pack("!H", checksum(text)) + text[4:]
    fields = [0x45, 0, IPV4_HEADER.size + len(text), 0, 0, 64, ICMP, 0, router, packet[12:16]]
    fields[7] = checksum(IPV4_HEADER.pack(*fields))
    return IPV4_HEADER.pack(*fields) + text


class LongWay:
    """Packets of IPv4 that are routed to device `name` are answered while `with` lasts."""

    def __init__(self, name, router):
        self.name, self.router = name, bytes(map(int, router.split(".")))

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
