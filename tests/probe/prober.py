"""Sends cases to a server, many at once, and gives the class of each by the packets on the wire."""
import asyncio
import collections
import contextlib
import socket
import time

from probe.traces import Capture, class_of

AT_A_TIME = 300
IN_A_CAPTURE = 2000  # what its ring has room for
WATCH = 1.0        # seconds of watching behind a client's last byte
MORE, EACH = 20, 4096  # what a client that goes on sends: so many times so much
REACTION = 0.3     # seconds that a server has for it
GAP = 0.002        # seconds between segments, so that each is one


async def send(loop, sock, data):
    """Whether the kernel took it."""
    try:
        await asyncio.wait_for(loop.sock_sendall(sock, data), WATCH)
        return True
    except (OSError, TimeoutError):
        return False


async def probe(loop, port, case, address):
    """Sends from `address`; when it closed."""
    with socket.socket() as sock:
        sock.bind((address, 0))
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        at = 0
        for number, length in enumerate(case.segments):
            if number:
                await asyncio.sleep(GAP)
            if not await send(loop, sock, case.data[at:at + length]):
                break
            at += length
        if case.action == "fin":
            await asyncio.sleep(REACTION)
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
        for _ in range(MORE if case.action == "more" else 0):
            await asyncio.sleep(GAP)
            if not await send(loop, sock, bytes(EACH)):
                break
        await asyncio.sleep(WATCH)
        return time.time()


async def probe_all(port, cases, addresses):
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(AT_A_TIME)

    async def one(case, address):
        async with turn:
            return await probe(loop, port, case, address)

    return await asyncio.gather(*map(one, cases, addresses))


def observed(port, cases):
    """The class of each case."""
    # Ports come back too soon.
    addresses = [f"127.77.{number // 256}.{number % 256}" for number in range(len(cases))]
    with Capture(port) as capture:
        closed = asyncio.run(probe_all(port, cases, addresses))
    if capture.dropped:
        raise RuntimeError(f"the capture missed {capture.dropped} packets")
    # What comes after the client's close answers that.
    return [class_of([packet for packet in capture.traces[address] if packet.time < end]) for address, end in zip(addresses, closed)]


def classes_of(port, cases):
    """{action: {class: [case]}}."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for first in range(0, len(cases), IN_A_CAPTURE):
        part = cases[first:first + IN_A_CAPTURE]
        for case, name in zip(part, observed(port, part)):
            found[case.action][name].append(case)
    return found
