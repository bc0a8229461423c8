"""UDP targets on loopback, and what the kernel says of UDP ports."""
import os
import queue
import socket
import threading

from support.ports import has_ipv6

BUFFER = 4 << 20
WAIT = 10  # seconds that a datagram may take on a loaded machine


def bound_socket(host, port=0):
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.bind((host, port))
        return sock
    except OSError:
        sock.close()
        raise


def echo(payload):
    return payload


def listen_only(_):
    return None


class UdpTarget:
    """Answers on 127.0.0.1 and, where there is one, ::1, on the same port, with what `answer` makes of a payload.

    `.seen` holds (source, payload) of each datagram, in order.
    """

    def __init__(self, answer=echo, hosts=None, port=0):
        self.answer, self.port = answer, port
        self.hosts = hosts or (("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",))
        self.seen = queue.SimpleQueue()
        self.sockets, self.threads = {}, []

    def start(self):
        wanted = self.port
        for attempt in range(20):
            try:
                for host in self.hosts:
                    self.sockets[host] = bound_socket(host, self.port)
                    self.port = self.sockets[host].getsockname()[1]
                break
            except OSError:
                self._close()
                self.port = wanted
                if wanted or attempt == 19:
                    raise
        for sock in self.sockets.values():
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            thread.start()
            self.threads.append(thread)
        return self

    def _serve(self, sock):
        own = sock.getsockname()
        while True:
            try:
                payload, source = sock.recvfrom(65536)
            except ConnectionRefusedError:
                continue  # an answer of before found its port closed
            except OSError:
                return
            if source == own:
                return
            self.seen.put((source[:2], payload))
            answer = self.answer(payload)
            if answer is not None:
                try:
                    sock.sendto(answer, source)
                except OSError:
                    pass  # who asked has gone

    def next(self, seconds=WAIT):
        """(source, payload) of the next datagram; raises queue.Empty if none comes."""
        return self.seen.get(timeout=seconds)

    def send_from(self, host, data, to):
        self.sockets[host].sendto(data, to)

    def _close(self):
        for sock in self.sockets.values():
            sock.close()
        self.sockets = {}

    def stop(self):
        for sock in self.sockets.values():
            sock.sendto(b"", sock.getsockname())  # wakes its thread, which takes its own address as the end
        for thread in self.threads:
            thread.join(WAIT)
        self.threads = []
        self._close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def rows(port):
    """The fields of each UDP socket of this machine that is bound to `port`."""
    found = []
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        try:
            with open(table, encoding="ascii") as lines:
                found += [line.split() for line in lines]
        except FileNotFoundError:
            pass
    return [fields for fields in found if fields[1].endswith(f":{port:04X}")]


def is_bound(port):
    return bool(rows(port))


def dropped(port):
    """Datagrams that the kernel dropped for want of buffer space, over all sockets of `port`."""
    return sum(int(fields[-1]) for fields in rows(port))


def count_of(pid):
    """How many UDP sockets a process has."""
    inodes = set()
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        try:
            with open(table, encoding="ascii") as lines:
                inodes |= {f"socket:[{line.split()[9]}]" for line in list(lines)[1:]}
        except FileNotFoundError:
            pass
    return sum(1 for link in _links(pid) if link in inodes)


def _links(pid):
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            pass  # closed meanwhile
