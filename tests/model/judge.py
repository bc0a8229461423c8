"""A model of what ss-server and ss-local take and refuse, written from the specifications, and not from the C++ code.

It is plain where the code is fast: a stream is judged as a whole, however it was cut into reads, windows are sets, and
nothing is opened in place.
"""
from dataclasses import dataclass, field

from model import formats, primitives
from model.formats import REQUEST, RESPONSE, Method, Reader, Records, Refused, Stream
from model.primitives import TAG

WINDOW = 1984  # packet IDs before the newest one that are remembered
TIMELY = 62  # seconds for which a new session of the server stays the only new one


class Window:
    """Packet IDs that have come."""

    def __init__(self):
        self.newest, self.seen = None, set()

    def is_fresh(self, packet_id):
        return packet_id not in self.seen and (self.newest is None or packet_id >= self.newest - WINDOW)

    def add(self, packet_id):
        self.seen.add(packet_id)
        self.newest = packet_id if self.newest is None else max(self.newest, packet_id)


@dataclass
class Accepted:
    """A request, or a packet, that was taken."""
    user: int = 0
    target: bytes = b""
    padding: int = 0
    payload: bytes = b""
    session_id: int = 0
    packet_id: int = 0
    stream: Stream = None


@dataclass
class Server:
    """ss-server: what it opens with and what it remembers. `users` are keys; without any the server's key is user 0."""
    method: Method
    key: bytes
    users: list = field(default_factory=list)
    salts: set = field(default_factory=set)
    windows: dict = field(default_factory=dict)

    @property
    def keys(self):
        return self.users or [self.key]

    def take_stream(self, reads, now):
        """Accepted; None where more is needed. Refused is raised."""
        return (self._take_2022 if self.method.is_2022 else self._take_2017)(reads, now)

    def _remember(self, salt):
        if salt in self.salts:
            raise Refused("repeated_salt")
        self.salts.add(salt)

    def _user_of(self, hashed):
        hashes = [formats.hash16(key) for key in self.users]
        if hashed not in hashes:
            raise Refused("unknown_user")
        return hashes.index(hashed)

    def _take_2022(self, reads, now):
        method, reader, user = self.method, Reader(b"".join(reads)), 0
        if len(reads[0]) < method.key + (16 if self.users else 0) + 11 + TAG:
            raise Refused("short_first_read")
        salt = reader.take(method.key)
        if self.users:
            user = self._user_of(primitives.block_decrypt(formats.identity_subkey(method, self.key, salt), reader.take(16)))
        records = Records(method, self.keys[user], salt)
        fixed = records.open(reader.take(11 + TAG))
        if fixed[0] != REQUEST:
            raise Refused("bad_header_type")
        formats.require_timely(fixed[1:9], now)
        self._remember(salt)
        sealed = reader.take(formats.number(fixed[9:]) + TAG)
        if sealed is None:
            return None
        target, padding, payload = formats.parse_variable_header(records.open(sealed))
        stream = Stream(payload)
        stream.read_all(stream.each_chunk(method, records, reader))
        return Accepted(user, target, padding, stream=stream)

    def _take_2017(self, reads, _):
        method, reader = self.method, Reader(b"".join(reads))
        salt = reader.take(method.key)
        if salt is None or reader.left() < 2 + TAG:
            return None
        user = self._tried(lambda key: Records(method, key, salt).open(reader.data[method.key:method.key + 2 + TAG]))
        stream, text, parsed = Stream(), b"", None
        payloads = stream.each_chunk(method, Records(method, self.keys[user], salt), reader)
        for count, payload in enumerate(payloads):
            if count == 0:
                self._remember(salt)
            text += payload
            parsed = formats.parse_address(text)
            if parsed:
                break
        if stream.error:
            raise Refused(stream.error)
        if not parsed:
            return None
        target, length = parsed
        formats.require_port(target, formats.PORTLESS)
        stream.plain = text[length:]
        return Accepted(user, target, stream=stream.read_all(payloads))

    def _tried(self, attempt):
        """The first user whose key opens it."""
        for user, key in enumerate(self.keys):
            try:
                attempt(key)
                return user
            except Refused:
                pass
        raise Refused("unknown_user" if self.users else "auth_failed")

    def take_packet(self, packet, now):
        """Accepted; Refused is raised, and nothing has changed then."""
        if not self.method.is_2022:
            user, text = self._open_packet_2017(packet)
            target, length = formats.whole_address(text)
            formats.require_port(target)
            self._remember(packet[:self.method.key])
            return Accepted(user, target, 0, text[length:])
        user, separate, body = formats.open_packet_2022(self.method, self.key, packet, REQUEST, self._packet_key, self._look, 16 if self.users else 0)
        target, padding, payload = formats.parse_body(body, REQUEST, now, b"")
        formats.require_port(target)
        self._look(user, separate)
        self.windows.setdefault((user, separate[:8]), Window()).add(formats.number(separate[8:]))
        return Accepted(user, target, padding, payload, formats.number(separate[:8]), formats.number(separate[8:]))

    def _open_packet_2017(self, packet):
        if len(packet) < self.method.key + TAG + 1:
            raise Refused("truncated")
        user = self._tried(lambda key: formats.open_packet_2017(self.method, key, packet))
        return user, formats.open_packet_2017(self.method, self.keys[user], packet)

    def _packet_key(self, packet):
        """Of an AES packet: user, key and separate header."""
        separate = primitives.block_decrypt(self.key, packet[:16])
        if not self.users:
            return 0, self.key, separate
        user = self._user_of(formats.xor(primitives.block_decrypt(self.key, packet[16:32]), separate))
        return user, self.users[user], separate

    def _look(self, user, separate):
        window = self.windows.get((user, separate[:8]))
        if window and not window.is_fresh(formats.number(separate[8:])):
            raise Refused("repeated_packet")


@dataclass
class Client:
    """One association of ss-local, or one stream, under the last key of its chain."""
    method: Method
    key: bytes
    session_id: bytes = bytes(8)
    salts: set = field(default_factory=set)
    windows: dict = field(default_factory=dict)  # of at most two sessions of the server, the current one last
    changed: int = None  # when the second came

    def take_response(self, data, request_salt, now):
        """The stream of a response, in which nothing is left to raise."""
        method, reader, stream = self.method, Reader(data), Stream()
        stream.may_end = not data
        salt = reader.take(method.key)
        if salt is None:
            return stream
        records = Records(method, self.key, salt)
        if not method.is_2022:
            if reader.left() < 2 + TAG:
                return stream
            if salt == request_salt:
                return Stream(error="repeated_salt", may_end=False)
            return stream.read_all(stream.each_chunk(method, records, reader))
        sealed = reader.take(11 + method.key + TAG)
        if sealed is None:
            return stream
        try:
            length = self._open_header(records.open(sealed), request_salt, now)
            sealed = reader.take(length + TAG)
            if sealed is None:
                return stream
            stream.plain = records.open(sealed)
        except Refused as refusal:
            stream.error = str(refusal)
            return stream
        stream.may_end = True
        return stream.read_all(stream.each_chunk(method, records, reader))

    @staticmethod
    def _open_header(header, request_salt, now):
        if header[0] != RESPONSE:
            raise Refused("bad_header_type")
        formats.require_timely(header[1:9], now)
        if header[9:-2] != request_salt:
            raise Refused("foreign_salt")
        return formats.number(header[-2:])

    def take_packet(self, packet, now, mono):
        """Source, padding and payload; Refused is raised, and nothing has changed then."""
        if not self.method.is_2022:
            return self._take_packet_2017(packet)
        _, separate, text = formats.open_packet_2022(self.method, self.key, packet, RESPONSE, self._packet_key, self._look)
        taken = formats.parse_body(text, RESPONSE, now, self.session_id)
        self._look(0, separate)
        server = separate[:8]
        if server not in self.windows:
            if self.changed is not None and mono - self.changed < TIMELY:
                raise Refused("foreign_session")
            if self.windows:
                self.changed = mono
                self.windows = dict(list(self.windows.items())[-1:])
            self.windows[server] = Window()
        self.windows[server].add(formats.number(separate[8:]))
        return taken

    def _take_packet_2017(self, packet):
        if len(packet) < self.method.key + TAG + 1:
            raise Refused("truncated")
        text = formats.open_packet_2017(self.method, self.key, packet)
        source, length = formats.whole_address(text)
        if packet[:self.method.key] in self.salts:
            raise Refused("repeated_salt")
        self.salts.add(packet[:self.method.key])
        return source, 0, text[length:]

    def _packet_key(self, packet):
        return 0, self.key, primitives.block_decrypt(self.key, packet[:16])

    def _look(self, _, separate):
        window = self.windows.get(separate[:8])
        if window and not window.is_fresh(formats.number(separate[8:])):
            raise Refused("repeated_packet")
