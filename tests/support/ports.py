"""Loopback ports: finding a free one, and seeing from outside who listens."""
import errno
import random
import socket
import time

# Below the range that the kernel gives to outgoing connections (32768 and up), so that a port found free stays free.
FIRST, LAST = 20000, 31999
ESTABLISHED, LISTENING = "01", "0A"


def free_port():
    """A port that nothing uses on 127.0.0.1 and ::1, for TCP and UDP, and that no other test is given while this process lasts."""
    for _ in range(200):
        port = random.randint(FIRST, LAST)
        if all(_bindable(family, host, kind, port)
               for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
               for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)) and _reserve(port):
            return port
    raise RuntimeError("no free loopback port")


def _reserve(port):
    """By a name that exists once in a network namespace, as the port does, until this process ends."""
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0shadowsocks-asio test port {port}")
    except OSError:
        name.close()
        return False
    name.detach()
    return True


def _bindable(family, host, kind, port):
    with socket.socket(family, kind) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            return family == socket.AF_INET6 and error.errno != errno.EADDRINUSE  # no IPv6 on this machine
        return True


def has_ipv6():
    """Whether ::1 can be bound on this machine."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def listens(port):
    """Whether some TCP socket listens on `port`. Reads the kernel's table, so the listener never notices."""
    wanted = f":{port:04X}"
    return any(fields[1].endswith(wanted) and fields[3] == LISTENING for fields in _tcp_sockets())


def connections_to(port):
    """The local ports of this machine's TCP connections that stand open towards `port`."""
    wanted = f":{port:04X}"
    return {int(fields[1].rpartition(":")[2], 16) for fields in _tcp_sockets() if fields[2].endswith(wanted) and fields[3] == ESTABLISHED}


def _tcp_sockets():
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table, encoding="ascii") as lines:
                yield from (line.split() for line in lines)
        except FileNotFoundError:
            pass


def wait_until(condition, seconds, step=0.01):
    """Polls `condition` for at most `seconds`; gives its last value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(step)
