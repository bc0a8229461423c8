"""Targets: small TCP servers on loopback, each a function that one connection is given to."""
import fcntl
import hashlib
import random
import socket
import struct
import termios
import threading

from support.ports import has_ipv6, wait_until
from support.socks5 import read_exactly

BLOCK = 1 << 16
_noise = random.Random(20221).randbytes(BLOCK)


def pattern(total, index=0):
    """`total` bytes in blocks, each with its own number in front so that lost or swapped blocks show in the hash."""
    while total > 0:
        yield (struct.pack("!Q", index) + _noise[8:])[:min(total, BLOCK)]
        total, index = total - BLOCK, index + 1


def pattern_hash(total):
    digest = hashlib.sha256()
    for block in pattern(total):
        digest.update(block)
    return digest.hexdigest()


def reset_at_close(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset(sock):
    """Closes with RST instead of FIN."""
    reset_at_close(sock)
    sock.close()


def unacknowledged(sock):
    """Bytes written that the other end's kernel has not acknowledged yet."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]


def wait_acknowledged(sock, seconds=10):
    wait_until(lambda: unacknowledged(sock) == 0, seconds, 0.001)


def echo(sock):
    buffer = memoryview(bytearray(262144))
    while count := sock.recv_into(buffer):
        sock.sendall(buffer[:count])


def sink(sock):
    """Reads to the end, then answers the SHA-256 of it all: the upload test and the half-close test in one."""
    digest, buffer = hashlib.sha256(), memoryview(bytearray(262144))
    while count := sock.recv_into(buffer):
        digest.update(buffer[:count])
    sock.sendall(digest.hexdigest().encode())


def source(sock):
    """Reads an 8-byte count, then sends that many bytes of the pattern and closes."""
    for block in pattern(struct.unpack("!Q", read_exactly(sock, 8))[0]):
        sock.sendall(block)


def half_closer(answer):
    """A target that reads to the end and then sends `answer` bytes of the pattern: what a half-close must not lose."""
    def handle(sock):
        buffer = memoryview(bytearray(262144))
        while sock.recv_into(buffer):
            pass
        for block in pattern(answer):
            sock.sendall(block)
    return handle


def first_closer(answer):
    """A target that closes its own sending side first and then answers nothing but counts what still comes; the count is kept."""
    def handle(sock):
        for block in pattern(answer):
            sock.sendall(block)
        sock.shutdown(socket.SHUT_WR)
        handle.received, buffer = 0, memoryview(bytearray(262144))
        while count := sock.recv_into(buffer):
            handle.received += count
        handle.done.set()
    handle.received, handle.done = 0, threading.Event()
    return handle


def resetter(before):
    """A target that waits for one byte, sends `before` bytes of the pattern and then resets once they are acknowledged."""
    def handle(sock):
        read_exactly(sock, 1)
        for block in pattern(before):
            sock.sendall(block)
        read_exactly(sock, 1)  # the client has all of it
        reset(sock)
    return handle


class Target:
    """Listens on 127.0.0.1 and, where there is one, ::1, on the same port, and gives each connection to `handler` in a thread."""

    def __init__(self, handler, fast_open=False):
        self.handler = handler
        self.fast_open = fast_open
        self.accepted = 0
        self.listeners, self.open = [], set()
        self.lock = threading.Lock()

    def start(self):
        for _ in range(20):
            first = _listen(socket.AF_INET, "127.0.0.1", 0, self.fast_open)
            self.port = first.getsockname()[1]
            try:
                self.listeners = [first] + ([_listen(socket.AF_INET6, "::1", self.port, self.fast_open)] if has_ipv6() else [])
                break
            except OSError:
                first.close()
        for listener in self.listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                self.open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.handler(sock)
        except (OSError, EOFError):
            pass  # the connection ended; what that means is for the test to say
        finally:
            sock.close()
            with self.lock:
                self.open.discard(sock)

    def stop(self):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept
            listener.close()
        with self.lock:
            remaining = list(self.open)
        for sock in remaining:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def _listen(family, host, port, fast_open):
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
        if fast_open:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 16)
        return listener
    except OSError:
        listener.close()
        raise
