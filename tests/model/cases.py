"""Messages to judge: valid ones of every form, and ones that are wrong in one place, drawn from a random generator.

Everything here is made by the model's own encoders. What is wrong inside a sealed part is sealed again, so that it reaches the
code behind the tag.
"""
import base64
from dataclasses import dataclass, field

from model import formats
from model.formats import METHODS, REQUEST, RESPONSE, Method
from model.primitives import TAG

NOW = 1_700_000_000
STAMPS = (-31, -30, -29, 29, 30, 31)
WILD_STAMPS = (0, 1 << 63, (1 << 64) - 1, NOW + (1 << 32), NOW - (1 << 20), (1 << 63) + NOW)
TYPES = (0, 2, 5, 0x11, 0x81, 255)
# Some spell an address, some only look like one.
NAMES = (b"192.0.2.1", b"::1", b"[::1]", b"2001:db8::ff", b"::ffff:192.0.2.1", b"::", b"1.2.3", b"01.2.3.4", b"[192.0.2.1]", b"fe80::1%1", b"[]", b"1")


def draw_host(rng):
    kind = rng.randrange(10)
    if kind < 3:
        return bytearray(rng.randbytes(4))
    if kind < 6:
        return bytearray(rng.randbytes(16))
    if kind == 6:
        return rng.choice(NAMES + formats.PORTLESS)
    if kind == 7:
        return bytes(rng.randrange(1, 256) for _ in range(rng.choice((1, 2, 254, 255))))
    return bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz0123456789.-", k=rng.choice((1, 9, 15, 16, 17, 60, 255))))


def draw_address(rng, names=True, literal=False):
    """As it may stand on the wire; with `literal` false a name that spells an address stands as a name."""
    host = draw_host(rng)
    while not names and isinstance(host, bytes):
        host = draw_host(rng)
    port = rng.choice((1, 53, 80, 443, 65535, rng.randrange(1, 65536)))
    if literal or isinstance(host, bytearray):
        return formats.address(host, port)
    return bytes([3, len(host)]) + host + formats.u16(port)


def bad_address(rng):
    """An address that is refused, or that wants more than is there."""
    name = bytes(rng.choices(b"abc", k=rng.randrange(1, 9)))
    kind = rng.randrange(6)
    if kind == 0:
        return bytes([rng.choice(TYPES)]) + rng.randbytes(rng.randrange(0, 20))
    if kind == 1:
        return bytes([3, 0]) + formats.u16(80)
    if kind == 2:
        at = rng.randrange(len(name))
        return bytes([3, len(name) + 1]) + name[:at] + b"\0" + name[at:] + formats.u16(80)
    if kind == 3:
        return draw_address(rng)[:-2] + bytes(2)
    if kind == 4:
        return bytes([3, 255]) + name
    whole = draw_address(rng)
    return whole[:rng.randrange(len(whole))]


def draw_payload(rng, most=3000):
    return rng.randbytes(rng.choice((0, 1, 2, 15, 16, 17, 100, 899, 900, 901, rng.randrange(most), rng.randrange(most))))


@dataclass
class Keys:
    """Whose keys both sides have: as the C++ code is given them, and as the model is."""
    method: Method
    secret: bytes
    users: list = field(default_factory=list)

    def __post_init__(self):
        self.key = self.method.key_of(self.secret)
        self.user_keys = [self.method.key_of(user) for user in self.users]

    def chain(self, user):
        return [self.key] if not self.users else [self.key, self.user_keys[user]] if self.method.is_2022 else [self.user_keys[user]]


def draw_secret(rng, method):
    return base64.b64encode(rng.randbytes(method.key)) if method.is_2022 else rng.randbytes(rng.randrange(8, 40))


def draw_keys(rng):
    method = METHODS[rng.choice(list(METHODS))]
    users = rng.randrange(1, 4) if rng.random() < 0.4 and (method.has_identities or not method.is_2022) else 0
    return Keys(method, draw_secret(rng, method), [draw_secret(rng, method) for _ in range(users)])


def draw_chain(rng, keys):
    """The keys that a client seals with: now and then others than the server's."""
    chain = list(keys.chain(rng.randrange(max(1, len(keys.users)))))
    kind = rng.randrange(24)
    if kind == 0:
        chain[rng.randrange(len(chain))] = rng.randbytes(keys.method.key)
    elif kind == 1:
        chain = chain[-1:]
    elif kind == 2:
        chain = [keys.key]
    elif kind == 3 and keys.method.has_identities:
        chain.insert(0, rng.choice((chain[0], rng.randbytes(keys.method.key))))
    return chain


def draw_stamp(rng, wrong):
    return (NOW + rng.choice(STAMPS) if rng.random() < 0.7 else rng.choice(WILD_STAMPS)) if wrong else NOW + rng.randrange(-30, 31)


def flip(rng, data):
    at = rng.randrange(len(data) * 8)
    return data[:at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1:]


# Streams

def draw_lengths(rng, method):
    """Of the chunks behind the first."""
    most = method.most if rng.random() < 0.03 else 600
    lengths = [rng.choice((1, 2, rng.randrange(1, most + 1), min(most, 100))) for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5)))]
    if lengths and rng.random() < 0.02:
        lengths[rng.randrange(len(lengths))] = method.most
    return lengths


def draw_chunks(rng, method):
    return formats.chunks(rng.randbytes(length) for length in draw_lengths(rng, method))


def spoil_chunks(rng, method, records, first):
    """Makes one chunk wrong, from `first` on; the records are sealed afterwards."""
    at = rng.randrange(first, len(records) + 1, 2)
    kind = rng.randrange(8)
    if kind == 0:
        records[at:at] = [formats.u16(0), b""]
    elif kind == 1:
        records[at:at] = formats.chunks([b""] * rng.choice((1, 2, 15, 16, 17, 18, 33)))
    elif kind == 2:
        length = rng.choice((0x3FFF, 0x4000, 0x4001, 0x8000 | 5, 0xC005, 0xFFFF))
        records[at:at] = [formats.u16(length), bytes(rng.choice((length, length & 0x3FFF)))]
    elif kind == 3 and at < len(records):
        records[at] = formats.u16(rng.choice((0, 1, len(records[at + 1]) + 1, max(0, len(records[at + 1]) - 1), 0x3FFF, 0x4000, 0xFFFF)))
    elif kind == 4 and at < len(records):
        records[at:at + 2] = records[at + 1::-1][:2] if at == 0 else records[at + 1:at - 1:-1]
    elif kind == 5 and at < len(records):
        del records[at + rng.randrange(2)]
    elif kind == 6 and at < len(records):
        records[at + 1:at + 1] = [records[at]]
    else:
        records.append(rng.randbytes(rng.choice((0, 1, 2, 3))))


def spoil_wire(rng, wire, ends):
    """Changes bytes that have been sealed. `ends` are the ends of its parts."""
    kind = rng.randrange(10)
    if kind < 4:
        return flip(rng, wire)
    if kind < 7:
        near = rng.choice(ends) + rng.randrange(-1, 2)
        return wire[:rng.choice((near, rng.randrange(len(wire) + 1)))]
    if kind == 7:
        return wire + rng.randbytes(rng.choice((1, 17, 18, 19, 40)))
    if kind == 8 and len(ends) > 4:  # two chunks change places
        at = rng.randrange(len(ends) - 4)
        a, b, c = ends[at], ends[at + 2], ends[at + 4]
        return wire[:a] + wire[b:c] + wire[a:b] + wire[c:]
    at = rng.randrange(len(ends))  # a part comes twice, or not at all
    start = ends[at - 1] if at else 0
    return wire[:start] + wire[start:ends[at]] * rng.choice((0, 2)) + wire[ends[at]:]


def ends_of(head, records):
    ends = [*head]
    for record in records:
        ends.append(ends[-1] + len(record) + TAG)
    return ends


def split(rng, wire, ends, first):
    """Cuts a stream into reads, of which the first mostly has `first` bytes at least."""
    kind = rng.randrange(8)
    if kind == 0 and len(wire) < 700:
        cuts = set(range(len(wire)))
    elif kind < 4:
        cuts = {end + rng.randrange(-1, 2) for end in ends if rng.random() < 0.6}
    else:
        cuts = {rng.randrange(len(wire) + 1) for _ in range(rng.randrange(4))}
    if rng.random() > 0.06:
        cuts = {cut for cut in cuts if cut >= first}
    places = [0, *sorted(cut for cut in cuts if 0 < cut < len(wire)), len(wire)]
    return [wire[a:b] for a, b in zip(places, places[1:])]


def request_2022(rng, chunks, spoilt):
    """The records of a request."""
    wrong = rng.choice(("stamp", "kind", "padding", "address", "length", "cut")) if spoilt else ""
    payload, target = draw_payload(rng), draw_address(rng)
    least = 0 if payload else 1
    padding = rng.randbytes(rng.choice((least, least, 1, 899, 900, 901, rng.randrange(1, 901))))
    claimed = len(padding)
    if wrong == "padding":
        if rng.random() < 0.4:
            padding, payload, claimed = b"", b"", 0
        else:
            claimed = rng.choice((0, len(padding) + len(payload), len(padding) + len(payload) + 1, 901, 0xFFFF))
    if wrong == "address":
        target = bad_address(rng)
    variable = target + formats.u16(claimed) + padding + payload
    if wrong == "cut":
        variable = variable[:rng.randrange(min(len(variable), 40))]
    length = len(variable)
    if wrong == "length":
        length = rng.choice((0, 1, length - 1, length + 1, 0xFFFF))
    kind = rng.choice((1, 2, 255)) if wrong == "kind" else REQUEST
    return [formats.fixed_header(draw_stamp(rng, wrong == "stamp"), length, kind), variable, *chunks]


def request_2017(rng, chunks, spoilt):
    target = bad_address(rng) if spoilt else draw_address(rng)
    text, first = target + draw_payload(rng), []
    for _ in range(rng.choice((0, 0, 0, 1, 2, 4))):
        length = rng.choice((1, 2, rng.randrange(1, len(text) + 2)))
        first, text = [*first, text[:length]], text[length:]
    return formats.chunks(part for part in (*first, text) if part) + chunks


def draw_request(rng, keys):
    """A client's stream as reads, and its salt."""
    method, chain, salt = keys.method, draw_chain(rng, keys), rng.randbytes(keys.method.key)
    wrong = rng.choice(("", "", "inside", "inside", "chunks", "wire"))
    records = (request_2022 if method.is_2022 else request_2017)(rng, draw_chunks(rng, method), wrong == "inside")
    if wrong == "chunks":
        spoil_chunks(rng, method, records, 2 if method.is_2022 else 0)
    wire = formats.seal_stream(method, chain, salt, records)
    head = [method.key + 16 * at for at in range(len(chain) if method.is_2022 else 1)]
    ends = ends_of(head, records)
    if wrong == "wire":
        wire = spoil_wire(rng, wire, ends) or wire[:1]
    least = method.key + (16 if keys.users else 0) + 11 + TAG if method.is_2022 else 0
    return split(rng, wire, ends, least), salt


def draw_response(rng, method, key):
    """A server's stream as reads, and the salt of the request that it claims to answer."""
    request_salt, salt = rng.randbytes(method.key), rng.randbytes(method.key)
    wrong = rng.choice(("", "", "inside", "inside", "chunks", "wire"))
    records = draw_chunks(rng, method)
    if wrong == "inside" and not method.is_2022:
        salt = rng.choice((salt, request_salt))
    if wrong == "inside" and rng.random() < 0.1:
        key = rng.randbytes(method.key)
    if method.is_2022:
        payload = draw_payload(rng)
        inside = rng.choice(("stamp", "kind", "salt", "length")) if wrong == "inside" else ""
        echoed = rng.choice((flip(rng, request_salt), salt, bytes(method.key))) if inside == "salt" else request_salt
        length = rng.choice((0, len(payload) + 1, 0xFFFF)) if inside == "length" else len(payload)
        kind = rng.choice((0, 2, 255)) if inside == "kind" else RESPONSE
        records = [formats.response_header(draw_stamp(rng, inside == "stamp"), echoed, length, kind), payload, *records]
    if wrong == "chunks":
        spoil_chunks(rng, method, records, 2 if method.is_2022 else 0)
    wire = formats.seal_stream(method, [key], salt, records)
    ends = ends_of([method.key], records)
    if wrong == "wire":
        wire = spoil_wire(rng, wire, ends)
    return split(rng, wire, ends, 0), request_salt


# Packets

def draw_packet_id(rng, newest):
    """Around the edges of a window whose newest ID is known."""
    kind = rng.randrange(12)
    if kind < 5:
        return newest + 1 & (1 << 64) - 1
    if kind < 9:
        return max(0, newest - rng.choice((0, 1, 2, 63, 64, 1919, 1920, 1983, 1984, 1985, 1986, 2047, 2048, 8128)))
    return min((1 << 64) - 1, rng.choice((0, newest + rng.choice((2, 63, 64, 65, 1984, 1985, 2048, 5000)), 1 << 32, 1 << 63, (1 << 64) - 1)))


def draw_packet(rng, method, chain, kind, separate, session_id=b""):
    """A packet; `session_id` is what a server's packet echoes."""
    wrong = rng.choice(("", "", "", "inside", "wire"))
    addressed = draw_address(rng) + draw_payload(rng, 1400)
    if not method.is_2022:
        if wrong == "inside":
            addressed = bad_address(rng)
        packet = formats.seal_packet_2017(method, chain[-1], rng.randbytes(method.key), addressed)
        return spoil_packet(rng, packet) if wrong == "wire" else packet
    inside = rng.choice(("stamp", "kind", "padding", "address", "cut", "session")) if wrong == "inside" else ""
    padding = rng.randbytes(rng.choice((0, 0, 1, 900, 901, rng.randrange(1000))))
    if inside == "address":
        addressed = bad_address(rng)
    length = None
    if inside == "padding":
        length = rng.choice((0, len(padding + addressed), len(padding + addressed) + 1, max(0, len(padding) - 1), 0xFFFF))
    if inside == "session" and session_id:
        session_id = rng.choice((flip(rng, session_id), bytes(8), separate[:8]))
    if inside == "kind":
        kind = rng.choice((1 - kind, 2, 255))
    text = formats.body(kind, draw_stamp(rng, inside == "stamp"), padding, addressed, session_id, length)
    if inside == "cut":
        text = text[:rng.randrange(min(len(text), 60))]
    packet = formats.seal_packet_2022(method, chain, separate, text, rng.randbytes(24))
    return spoil_packet(rng, packet) if wrong == "wire" else packet


def spoil_packet(rng, packet):
    kind = rng.randrange(4)
    if kind < 2:
        return flip(rng, packet)
    if kind == 2:
        return packet[:rng.randrange(len(packet))]
    return packet + rng.randbytes(rng.choice((1, 16, 40)))
