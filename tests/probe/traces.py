"""What an observer sees of a connection: the server's packets, taken off the wire, and the class they make."""
import dataclasses
import mmap
import socket
import struct

ETH_P_IP = 0x0800
# From linux/if_packet.h.
SOL_PACKET, PACKET_RX_RING, PACKET_STATISTICS, PACKET_IGNORE_OUTGOING, TP_STATUS_USER = 263, 5, 6, 23, 1
FRAME, BLOCK, BLOCKS = 256, 1 << 20, 64  # headers alone are kept
FRAMES = BLOCK // FRAME * BLOCKS
FIN, SYN, RST, ACK = 1, 2, 4, 16
AT_ONCE = 0.5  # seconds behind what the client did last; what comes later is told apart from it


@dataclasses.dataclass(frozen=True)
class Packet:
    time: float  # seconds since 1970, by the kernel
    from_server: bool
    flags: int
    length: int  # of the payload


def parse(frame, server_port):
    """(client's address, from the server, flags, payload length) of an IPv4 TCP packet to or from that port; None for any other."""
    if len(frame) < 40 or frame[0] >> 4 != 4 or frame[9] != socket.IPPROTO_TCP:
        return None
    head = (frame[0] & 15) * 4
    total = struct.unpack_from("!H", frame, 2)[0]
    source, target = struct.unpack_from("!HH", frame, head)
    if server_port not in (source, target):
        return None
    offset = (frame[head + 12] >> 4) * 4
    # A segment that the kernel has joined may be longer than the field can say.
    length = (total or len(frame)) - head - offset
    from_server = source == server_port
    return socket.inet_ntoa(frame[16:20] if from_server else frame[12:16]), from_server, frame[head + 13], length


class Capture:
    """Every packet to and from `port` on loopback, by the client's address, into a ring of memory that is read at the end."""

    def __init__(self, port):
        self.port = port
        self.traces, self.dropped = {}, 0

    def __enter__(self):
        # Cooked: without an Ethernet header, which is of no interest.
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)  # loopback shows every packet twice
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("IIII", BLOCK, BLOCKS, FRAME, FRAMES))
        self.ring = mmap.mmap(self.socket.fileno(), BLOCK * BLOCKS)
        self.socket.bind(("lo", ETH_P_IP))
        return self

    def __exit__(self, *_):
        for number in range(FRAMES):
            status, _, length, _, net, seconds, micros = struct.unpack_from("LIIHHII", self.ring, number * FRAME)
            if not status & TP_STATUS_USER:
                break
            # `length` counts from the network header.
            at = number * FRAME + net
            parsed = parse(self.ring[at:at + min(length, FRAME - net)], self.port)
            if parsed:
                client, *rest = parsed
                self.traces.setdefault(client, []).append(Packet(seconds + micros / 1e6, *rest))
        self.dropped = struct.unpack("II", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        self.ring.close()
        self.socket.close()


def class_of(trace):
    """In words, what tells this connection from others: bytes of the server, its FIN and RST in their order, before or after the client's, and when.

    Acknowledgements are the kernel's own and not looked at.
    """
    payload = sum(packet.length for packet in trace if packet.from_server and not packet.flags & SYN)
    words = [f"{payload} bytes"] if payload else []
    since, client_ended, seen = trace[0].time, False, set()
    for packet in trace:
        if not packet.from_server:
            if packet.length > 0 or packet.flags & (FIN | RST):
                since = packet.time
            client_ended |= bool(packet.flags & (FIN | RST))
            continue
        for flag, name in ((FIN, "FIN"), (RST, "RST")):
            # A second RST answers what was still on its way; how many there are is the client's doing.
            if packet.flags & flag and name not in seen:
                seen.add(name)
                late = "" if packet.time - since <= AT_ONCE else ", late"
                after = " after the client's end" if client_ended else ""
                words.append(name + after + late)
    return ", then ".join(words) or "silence"
