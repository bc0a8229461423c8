"""What a prober sends: lengths, first bytes of other protocols, recordings cut, altered and replayed; in several segmentations."""
import dataclasses
import random

SHORT = range(1, 1025)
LONG = (1448, 2920, 16384, 65535)
EARLY = 120  # bytes of a recording that are altered one by one
SPLITS = (43, 59)

TLS_HELLO = bytes.fromhex("16030102000100")
FIRST_BYTES = {
    "zeros": b"",
    "tls": TLS_HELLO,
    "http": b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "socks": bytes.fromhex("050100050100030b") + b"example.com" + bytes.fromhex("0050"),
}
# What the probers of 2019 changed in what they had recorded, by the place of each byte.
KNOWN_CHANGES = {"byte 0": (0,), "bytes 0-7, 62, 63": (*range(8), 62, 63), "byte 16": (16,), "bytes 6, 16": (6, 16)}


@dataclasses.dataclass(frozen=True)
class Case:
    kind: str
    data: bytes
    segments: tuple  # lengths; together those of data
    action: str      # what the client does behind its bytes: one of ACTIONS


def changed(data, places):
    copy = bytearray(data)
    for place in places:
        if place < len(copy):
            copy[place] ^= 0xFF
    return bytes(copy)


def contents(chance, recordings):
    """(kind, bytes) of every probe; `recordings` are first flights that were served."""
    for length in (*SHORT, *LONG):
        yield "random", chance.randbytes(length)
        for name, first in FIRST_BYTES.items():
            yield name, (first + chance.randbytes(length) if name != "zeros" else bytes(length))[:length]
    for flight in recordings:
        yield "replay", flight
        for name, places in KNOWN_CHANGES.items():
            yield f"replay, {name} changed", changed(flight, places)
        for length in range(1, len(flight)):
            yield "replay, cut", flight[:length]
        for place in (*range(min(EARLY, len(flight))), *range(EARLY, len(flight), 97)):
            yield "replay, a bit flipped", flight[:place] + bytes([flight[place] ^ 1 << chance.randrange(8)]) + flight[place + 1:]
        yield "replay, with more behind", flight + chance.randbytes(1000)


def segmentations(length):
    """In one; byte by byte at first; in two, around the lengths of headers."""
    yield (length,)
    if length > 1:
        bytewise = min(length - 1, 70)
        yield (*(1,) * bytewise, length - bytewise)
    for at in SPLITS:
        if length > at:
            yield (at, length - at)


# Waits; ends, once the server has had time to react (at once, its end would race with the reaction, whatever was sent); goes on sending.
ACTIONS = ("idle", "fin", "more")


def all_cases(seed, recordings):
    chance = random.Random(seed)
    for kind, data in contents(chance, recordings):
        for segments in segmentations(len(data)):
            for action in ACTIONS:
                yield Case(kind, data, segments, action)


def sample(seed, recordings, count):
    """`count` of all cases, of every kind some, the same for the same seed."""
    kinds = {}
    for case in all_cases(seed, recordings):
        kinds.setdefault((case.kind, case.action), []).append(case)
    chance = random.Random(seed)
    each = max(1, count // len(kinds))
    chosen = [case for group in kinds.values() for case in chance.sample(group, min(each, len(group)))]
    rest = [case for group in kinds.values() for case in group]
    chosen += chance.sample(rest, max(0, min(len(rest), count - len(chosen))))
    chance.shuffle(chosen)
    return chosen
