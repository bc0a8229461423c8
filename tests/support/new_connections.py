"""A steady load of new connections: each says something that no other says, and is over once it is answered."""
import collections
import itertools
import socket
import threading
import time
from dataclasses import dataclass

from support import ports, socks5
from support.targets import Target

LENGTH = 16
PAUSE = 0.01  # seconds between two connections of one thread
PATIENCE = 10


@dataclass
class Outcome:
    """One connection: when it began and ended, and what went wrong."""
    number: int
    began: float
    ended: float = 0
    failure: str = ""


class CountingTarget(Target):
    """Answers each connection with what it said. `.arrived` counts how often each said it, `.sources` from which addresses."""

    def __init__(self):
        super().__init__(self._answer)
        self.arrived, self.sources = collections.Counter(), collections.Counter()

    def _answer(self, sock):
        while said := socks5.read_exactly(sock, LENGTH):
            self.arrived[said] += 1
            self.sources[sock.getpeername()[0]] += 1
            sock.sendall(said)


class NewConnections:
    """Opens them from `threads` threads inside `with`; `.outcomes` holds those that are over."""

    def __init__(self, socks_port, target, threads=4):
        self.socks_port, self.target = socks_port, target
        self.numbers, self.outcomes = itertools.count(), []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self):
        while not self.ending.wait(PAUSE):
            outcome = Outcome(next(self.numbers), time.monotonic())
            try:
                self._connect(outcome.number)
            except (OSError, EOFError, socks5.Refused, socks5.Malformed) as error:
                outcome.failure = f"{type(error).__name__} {error}"
            outcome.ended = time.monotonic()
            self.outcomes.append(outcome)

    def _connect(self, number):
        said = b"%0*d" % (LENGTH, number)
        with socks5.connect(self.socks_port, "127.0.0.1", self.target.port, timeout=PATIENCE) as sock:
            sock.sendall(said)
            if socks5.read_exactly(sock, LENGTH) != said:
                raise socks5.Malformed("another's answer")
            sock.shutdown(socket.SHUT_WR)
            socks5.read_to_end(sock)

    def go_on(self, count=100, seconds=PATIENCE):
        """Returns once `count` more connections have succeeded; False where they do not in time."""
        want = sum(not one.failure for one in self.outcomes) + count
        return ports.wait_until(lambda: sum(not one.failure for one in self.outcomes) >= want, seconds)

    def failures(self, after=0.0):
        """Those that began after a point of time and failed."""
        return [one for one in self.outcomes if one.failure and one.began > after]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join(PATIENCE + 5)
