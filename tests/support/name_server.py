"""A name server on port 53 of 127.0.0.1, for tests in a network of their own: what it does with a name stands in the name."""
import socket
import struct
import threading

from support.udp_targets import bound_socket

TYPE_A = 1
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
ANSWERS = {"absent": NO_SUCH_NAME, "broken": SERVER_FAILURE, "empty": NO_ERROR}


class NameServer:
    """`silent.*` is never answered, `broken.*` and `empty.*` as they say, `absent.*` does not exist; all else is at 127.0.0.1."""

    def __init__(self, host="127.0.0.1", port=53):
        self.socket = bound_socket(host, port)
        self.asked = []
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            query, source = self.socket.recvfrom(4096)
            if not query:
                return
            answer = self._answer(query)
            if answer:
                self.socket.sendto(answer, source)

    def _answer(self, query):
        name, end = _name(query, 12)
        self.asked.append(name)
        kind = name.partition(".")[0]
        if kind == "silent":
            return None
        question = query[12:end + 4]
        has_address = kind not in ANSWERS and struct.unpack_from("!H", query, end)[0] == TYPE_A
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | ANSWERS.get(kind, NO_ERROR), 1, int(has_address), 0, 0)
        record = struct.pack("!HHHIH4s", 0xC00C, TYPE_A, 1, 60, 4, socket.inet_aton("127.0.0.1")) if has_address else b""
        return header + question + record

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self.socket.getsockname())
        self.thread.join(10)
        self.socket.close()


def _name(message, at):
    """The name that begins at `at`, in lower case, and where it ends."""
    labels = []
    while length := message[at]:
        labels.append(message[at + 1:at + 1 + length].decode("ascii", "replace").lower())
        at += 1 + length
    return ".".join(labels), at + 1
