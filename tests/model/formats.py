"""Wire formats of Shadowsocks, written from SIP022, SIP023, SIP004 and docs/PROTOCOL.md, and not from the C++ code.

What is refused is refused with the names of `ss::Errc`.
"""
import base64
import ipaddress
from dataclasses import dataclass

from model import primitives
from model.primitives import TAG

REQUEST, RESPONSE = 0, 1
SESSION, IDENTITY = b"shadowsocks 2022 session subkey", b"shadowsocks 2022 identity subkey"
MOST_APART = 30  # seconds between a stamp and the clock
MOST_EMPTY = 16  # empty SIP004 chunks in a row
PORTLESS = (b"sp.udp-over-tcp.arpa", b"sp.v2.udp-over-tcp.arpa")  # targets of streams that stand for no host


class Refused(Exception):
    """Why bytes are refused: the name of an Errc."""


@dataclass(frozen=True)
class Method:
    name: str
    key: int  # bytes, and of a salt
    cipher: str
    nonce: int = 12

    @property
    def is_2022(self):
        return self.name.startswith("2022-")

    @property
    def has_identities(self):
        return self.is_2022 and "aes" in self.name

    @property
    def most(self):
        """Bytes of the longest chunk."""
        return 0xFFFF if self.is_2022 else 0x3FFF

    def key_of(self, secret):
        return base64.b64decode(secret) if self.is_2022 else primitives.bytes_to_key(secret, self.key)

    def subkey(self, key, salt):
        if self.is_2022:
            return primitives.blake3_derive(SESSION, key + salt)[:self.key]
        return primitives.hkdf_sha1(key, salt, b"ss-subkey", self.key)


METHODS = {method.name: method for method in (
    Method("aes-128-gcm", 16, "aes_128_gcm"),
    Method("aes-192-gcm", 24, "aes_192_gcm"),
    Method("aes-256-gcm", 32, "aes_256_gcm"),
    Method("chacha20-ietf-poly1305", 32, "chacha20_poly1305"),
    Method("xchacha20-ietf-poly1305", 32, "xchacha20_poly1305", 24),
    Method("2022-blake3-aes-128-gcm", 16, "aes_128_gcm"),
    Method("2022-blake3-aes-256-gcm", 32, "aes_256_gcm"),
    Method("2022-blake3-chacha20-poly1305", 32, "chacha20_poly1305"))}


def u16(value):
    return value.to_bytes(2, "big")


def u64(value):
    return value.to_bytes(8, "big")


def number(data):
    return int.from_bytes(data, "big")


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right))


# Addresses

def _literal(name):
    """The bytes of the address that a name spells, or None."""
    text = name.decode("latin-1")
    if text.startswith("[") and text.endswith("]") and ":" in text:
        text = text[1:-1]
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        return None


def address(host, port):
    """`host` is 4 or 16 bytes of an address (bytearray), or a name (bytes); a name that spells an address is that address."""
    packed = host if isinstance(host, bytearray) else _literal(host)
    if packed is not None:
        return bytes([1 if len(packed) == 4 else 4]) + bytes(packed) + u16(port)
    return bytes([3, len(host)]) + host + u16(port)


def parse_address(data):
    """The address as it is held, and its length; None where more is needed."""
    if not data:
        return None
    if data[0] not in (1, 3, 4):
        raise Refused("bad_address_type")
    if data[0] != 3:
        length = 1 + (4 if data[0] == 1 else 16) + 2
        return None if len(data) < length else (data[:length], length)
    if len(data) < 2:
        return None
    length = 2 + data[1] + 2
    if data[1] == 0:
        raise Refused("bad_domain")
    name = data[2:length - 2]
    if 0 in name:  # also where more of it is to come
        raise Refused("bad_domain")
    if len(data) < length:
        return None
    return address(name, number(data[length - 2:length])), length


def require_port(held, portless=()):
    if held[-2:] == bytes(2) and held[2:-2] not in portless:
        raise Refused("bad_port")


def whole_address(data):
    parsed = parse_address(data)
    if parsed is None:
        raise Refused("truncated")
    return parsed


# Records and chunks

class Records:
    """The records of one direction of a stream, under a nonce that counts them."""

    def __init__(self, method, key, salt):
        self.method, self.key, self.count = method, method.subkey(key, salt), 0

    def _next_nonce(self):
        nonce = self.count.to_bytes(self.method.nonce, "little")
        self.count += 1
        return nonce

    def seal(self, text):
        return primitives.seal(self.method.cipher, self.key, self._next_nonce(), text)

    def open(self, sealed):
        text = primitives.open_sealed(self.method.cipher, self.key, self._next_nonce(), sealed)
        if text is None:
            raise Refused("auth_failed")
        return text


class Reader:
    """What came, and how much of it is done with."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, length):
        """That many bytes, or None where they have not all come."""
        if self.left() < length:
            return None
        self.at += length
        return self.data[self.at - length:self.at]


@dataclass
class Stream:
    """What became of a stream's payload."""
    plain: bytes = b""
    error: str = ""  # of the chunk that broke it
    may_end: bool = True

    def each_chunk(self, method, records, reader):
        """Yields payloads until a chunk breaks the stream, or is not whole."""
        empty = 0
        try:
            while reader.left():
                self.may_end = False
                sealed = reader.take(2 + TAG)
                if sealed is None:
                    return
                length = number(records.open(sealed))
                if length > method.most:
                    raise Refused("chunk_too_long")
                empty = empty + 1 if length == 0 else 0
                if length == 0 and (method.is_2022 or empty > MOST_EMPTY):
                    raise Refused("zero_chunk")
                sealed = reader.take(length + TAG)
                if sealed is None:
                    return
                payload = records.open(sealed)
                self.may_end = True
                yield payload
        except Refused as refusal:
            self.error, self.may_end = str(refusal), False

    def read_all(self, payloads):
        self.plain = b"".join((self.plain, *payloads))
        return self


def require_timely(stamp, now):
    if abs(number(stamp) - now) > MOST_APART:
        raise Refused("bad_timestamp")


def identity_subkey(method, key, salt):
    return primitives.blake3_derive(IDENTITY, key + salt)[:method.key]


def hash16(key):
    return primitives.blake3(key)[:16]


def identity_headers(method, chain, salt):
    """Of a chain of keys of which the last is the user's."""
    return b"".join(primitives.block_encrypt(identity_subkey(method, key, salt), hash16(after)) for key, after in zip(chain, chain[1:]))


def seal_stream(method, chain, salt, records):
    """A stream of records, whatever stands in them, under the last key of `chain`."""
    sealing = Records(method, chain[-1], salt)
    return salt + identity_headers(method, chain, salt) + b"".join(sealing.seal(text) for text in records)


def chunks(payloads):
    """The records of chunks."""
    return [record for payload in payloads for record in (u16(len(payload)), payload)]


def fixed_header(now, length, kind=REQUEST):
    return bytes([kind]) + u64(now) + u16(length)


def response_header(now, request_salt, length, kind=RESPONSE):
    return bytes([kind]) + u64(now) + request_salt + u16(length)


def parse_variable_header(text):
    target, at = whole_address(text)
    require_port(target, PORTLESS)
    if len(text) < at + 2:
        raise Refused("bad_padding")
    padding, at = number(text[at:at + 2]), at + 2
    if padding > len(text) - at or padding == 0 and at == len(text):
        raise Refused("bad_padding")
    return target, padding, text[at + padding:]


# Packets

def seal_packet_2017(method, key, salt, text):
    return salt + primitives.seal(method.cipher, method.subkey(key, salt), bytes(method.nonce), text)


def open_packet_2017(method, key, packet):
    salt, sealed = packet[:method.key], packet[method.key:]
    text = primitives.open_sealed(method.cipher, method.subkey(key, salt), bytes(method.nonce), sealed)
    if text is None:
        raise Refused("auth_failed")
    return text


def body(kind, now, padding, addressed, session_id=b"", length=None):
    """The inside of a packet; `length` is what the padding claims to be, where it lies."""
    return bytes([kind]) + u64(now) + session_id + u16(len(padding) if length is None else length) + padding + addressed


def seal_packet_2022(method, chain, separate, text, nonce):
    """`nonce` is ChaCha20's, of 24 bytes."""
    if not method.has_identities:
        return nonce + primitives.seal("xchacha20_poly1305", chain[-1], nonce, separate + text)
    headers = b"".join(primitives.block_encrypt(key, xor(hash16(after), separate)) for key, after in zip(chain, chain[1:]))
    sealed = primitives.seal(method.cipher, method.subkey(chain[-1], separate[:8]), separate[4:], text)
    return primitives.block_encrypt(chain[0], separate) + headers + sealed


def open_packet_2022(method, key, packet, kind, key_of, look, names=0):
    """User, separate header and body. `key_of` says an AES packet's user, key and separate header, `look` refuses packet IDs; `names` is the
    length of the identity header."""
    main = 11 if kind == REQUEST else 19
    if not method.has_identities:
        if len(packet) < 24 + 16 + main + TAG:
            raise Refused("truncated")
        text = primitives.open_sealed("xchacha20_poly1305", key, packet[:24], packet[24:])
        if text is None:
            raise Refused("auth_failed")
        look(0, text[:16])
        return 0, text[:16], text[16:]
    if len(packet) < 16 + names + main + TAG:
        raise Refused("truncated")
    user, key, separate = key_of(packet)
    look(user, separate)
    text = primitives.open_sealed(method.cipher, method.subkey(key, separate[:8]), separate[4:], packet[16 + names:])
    if text is None:
        raise Refused("auth_failed")
    return user, separate, text


def parse_body(text, kind, now, session_id):
    if len(text) < 11 + len(session_id):
        raise Refused("truncated")
    if text[0] != kind:
        raise Refused("bad_header_type")
    require_timely(text[1:9], now)
    at = 9 + len(session_id)
    if text[9:at] != session_id:
        raise Refused("foreign_session")
    padding, at = number(text[at:at + 2]), at + 2
    if padding > len(text) - at:
        raise Refused("bad_padding")
    rest = text[at + padding:]
    source, length = whole_address(rest)
    return source, padding, rest[length:]
