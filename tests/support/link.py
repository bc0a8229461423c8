"""A link between two network namespaces with delay, loss, reordering and a rate: a child process that carries packets between two TUN devices.

The caller's namespace is the near end; the far end is one of the child's own, and goes away with it.
"""
import contextlib
import ctypes
import dataclasses
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

NEAR, FAR = "10.77.0.1", "10.77.0.2"
LONGEST_LIFE = 120  # seconds
MTU = 1500

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_TAP, IFF_NO_PI = 0x0001, 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
QUEUE = 10_000  # packets under way in one direction; what comes on top is lost
_libc = ctypes.CDLL(None, use_errno=True)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What befalls packets, the same way for each direction but by chances of its own."""
    delay: float = 0.05      # seconds, each way
    loss: float = 0.0        # how likely a packet is lost
    reorder: float = 0.0     # how likely it is held back
    held_back: float = 0.02  # seconds on top of the delay
    rate: float = 0          # bytes/s that pass each way; 0: as many as this process can carry
    backlog: float = 0.2     # seconds of traffic that wait for their turn at `rate`; what comes on top is lost
    seed: int = 1


class Fates:
    """The fate of one direction's packets, one after the other: seconds under way, or None for one that is lost."""

    def __init__(self, plan, direction):
        self.plan, self.chance = plan, random.Random(f"{plan.seed} {direction}")

    def next(self):
        lost, late = self.chance.random() < self.plan.loss, self.chance.random() < self.plan.reorder
        return None if lost else self.plan.delay + (self.plan.held_back if late else 0)


class Bottleneck:
    """One direction's turn at the rate of the plan."""

    def __init__(self, plan):
        self.plan, self.free_at = plan, 0.0

    def admit(self, now, size):
        """Seconds from `now` until a packet of `size` bytes is through, or None where the backlog is full."""
        if not self.plan.rate:
            return 0.0
        begins = max(now, self.free_at)
        if begins - now > self.plan.backlog:
            return None
        self.free_at = begins + size / self.plan.rate
        return self.free_at - now


def open_device(name, kind=IFF_TUN):
    """The descriptor of a new TUN or TAP device in this thread's namespace; the device goes away with it."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    except OSError:
        os.close(device)
        raise
    return device


def enter(namespace):
    """Moves this thread, and what it starts from now on, into a network namespace; sockets stay where they were made."""
    if _libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Link:
    """Both ends up inside `with`; `far()` moves the calling thread over for a while. Call from the main thread: /proc/net is its view."""

    def __init__(self, plan=Plan(), life=LONGEST_LIFE):
        self.plan, self.life = plan, life
        self.child = self.near_end = self.far_end = None

    def __enter__(self):
        arguments = json.dumps({"plan": dataclasses.asdict(self.plan), "life": self.life})
        self.child = subprocess.Popen([sys.executable, __file__, arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if self.child.stdout.readline() != b"up\n":
                raise RuntimeError("the link did not come up")
            self.near_end = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            self.far_end = os.open(f"/proc/{self.child.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.child.stdin.close()  # the child ends at that, and if this process is killed
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        for end in (self.near_end, self.far_end):
            if end is not None:
                os.close(end)

    @contextlib.contextmanager
    def far(self):
        enter(self.far_end)
        try:
            yield
        finally:
            enter(self.near_end)


class Lane:
    """One direction: packets between the device that they left and the one that they are for."""

    def __init__(self, source, sink, plan, direction):
        self.source, self.sink = source, sink
        self.fates, self.bottleneck = Fates(plan, direction), Bottleneck(plan)
        self.queue, self.count = [], 0

    def take(self):
        """Takes what has left by now."""
        with contextlib.suppress(BlockingIOError):
            while packet := os.read(self.source, 65536):
                self.count += 1
                now, under_way = time.monotonic(), self.fates.next()
                if under_way is None or len(self.queue) >= QUEUE:
                    continue
                turn = self.bottleneck.admit(now, len(packet))
                if turn is not None:
                    heapq.heappush(self.queue, (now + turn + under_way, self.count, packet))

    def deliver(self):
        """Delivers what is due; seconds until the next is, or None."""
        while self.queue and self.queue[0][0] <= time.monotonic():
            with contextlib.suppress(OSError):  # a full device loses it, as a full queue of a router does
                os.write(self.sink, heapq.heappop(self.queue)[2])
        return max(0.0, self.queue[0][0] - time.monotonic()) if self.queue else None


def configure(name, own, other):
    """Gives a device its addresses. IPv6 is off there: the kernel's own announcements would take part in the plan."""
    with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w", encoding="ascii") as switch:
        switch.write("1")
    for words in (f"address add {own} peer {other} dev {name}", f"link set {name} mtu {MTU} up", "link set lo up"):
        subprocess.run(["ip", *words.split()], check=True, stdin=subprocess.DEVNULL)


def carry(lanes, life):
    """Carries packets until the standard input ends or `life` is over."""
    ends = time.monotonic() + life
    while True:
        waits = [wait for lane in lanes if (wait := lane.deliver()) is not None]
        left = ends - time.monotonic()
        ready = select.select([0, *(lane.source for lane in lanes)], [], [], max(0.0, min([left, *waits])))[0]
        if 0 in ready or left <= 0:
            return
        for lane in lanes:
            if lane.source in ready:
                lane.take()


def main():
    arguments = json.loads(sys.argv[1])
    plan = Plan(**arguments["plan"])
    near = open_device("near")
    configure("near", NEAR, FAR)
    if _libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    far = open_device("far")
    configure("far", FAR, NEAR)
    print("up", flush=True)
    carry((Lane(near, far, plan, "there"), Lane(far, near, plan, "back")), arguments["life"])


if __name__ == "__main__":
    main()
