"""What the bench measures: the floor, ours and each peer, every one a target, a local side and a server side."""
import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time

from support import methods, procstat, socks5
from support.pair import Pair
from support.ports import free_port, wait_until
from support.process import Process
from support.programs import Setup, our_bin, program_named

PEERS = ("rust", "libev", "sing-box")
START_LIMIT, TRY_AGAIN = 10, 0.0002  # seconds
ENDLESS, UNDER_WAY = 1 << 50, 0.1  # bytes; CPU seconds after which a load counts as running
ECHO_QUESTION = b"E" + bytes(8)  # of pattern.hpp


def bench_program(name):
    return our_bin() / name


class LoadFailed(RuntimeError):
    """A run of the generator had no outcome."""


class Subject:
    """A started pair with its own target. `via` is its SOCKS5 port, 0 for the floor, whose listener `to` leads to the target.

    `program` runs in place of the one that `name` says; `extra` is written into the configuration of both sides.
    """

    def __init__(self, name, method, program=None, extra=None):
        self.name, self.method = name, method
        self.folder = tempfile.TemporaryDirectory(prefix="ss-bench-")
        self.pair = None
        target = self.target_port = free_port()
        self.target = self._run("target", [bench_program("bench_load"), "serve", target], target)
        if name == "floor":
            self.via, far, self.to = 0, free_port(), free_port()
            self.sides = {"server": self._run("server", [bench_program("bench_floor"), far, target], far),
                          "local": self._run("local", [bench_program("bench_floor"), self.to, far], self.to)}
        else:
            program = program or program_named(name)
            self.pair = Pair(method, program, program, mode="tcp_and_udp", local_extra=extra or {}, server_extra=extra or {}).start()
            self.via, self.to = self.pair.socks_port, target
            self.sides = {"local": self.pair.local, "server": self.pair.server}

    def _run(self, name, argv, port):
        return Process(argv, self.folder.name, name).wait_listening(port)

    def cpu(self):
        return sum(map(self.cpu_of, self.sides))

    def cpu_of(self, side):
        return procstat.cpu_seconds(self.sides[side].pid)

    def memory(self):
        return {name: procstat.private_bytes(side.pid) for name, side in self.sides.items()}

    def load_command(self, mode, **options):
        words = [str(bench_program("bench_load")), mode, str(self.to), "--via", str(self.via)]
        for name, value in options.items():
            words += [f"--{name}", str(value)]
        return words

    def load(self, mode, **options):
        """Runs the generator; its figures with the CPU seconds that both sides took meanwhile."""
        before = self.cpu()
        done = subprocess.run(self.load_command(mode, **options), capture_output=True, text=True, timeout=180, check=False)
        cpu = self.cpu() - before
        if done.returncode != 0:
            raise LoadFailed(f"{self.name} {self.method} {mode}: {done.stderr.strip()}")
        return {**json.loads(done.stdout), "cpu": cpu}

    @contextlib.contextmanager
    def holding(self, mode, connections):
        """Opens connections or associations that rest inside `with`; gives where the figures stand after it."""
        figures = {}
        with subprocess.Popen(self.load_command(mode, connections=connections), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as holder:
            holder.stdout.readline()
            yield figures
            answer, problem = holder.communicate(timeout=60)
            if holder.returncode != 0:
                raise LoadFailed(f"{self.name} {self.method} {mode}: {problem.strip()}")
            figures.update(json.loads(answer))

    @contextlib.contextmanager
    def beside(self, mode, connections):
        """A run of bytes without end goes on inside `with`, from when it has taken some CPU. It ends by itself after two minutes."""
        before = self.cpu()
        with subprocess.Popen(self.load_command(mode, connections=connections, bytes=ENDLESS), stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as runner:
            try:
                if not wait_until(lambda: self.cpu() >= before + UNDER_WAY, START_LIMIT):
                    raise LoadFailed(f"{self.name} {self.method} {mode}: no load within {START_LIMIT} s")
                yield
                if runner.poll() is not None:
                    raise LoadFailed(f"{self.name} {self.method} {mode} ended early: {runner.stderr.read().strip()}")
            finally:
                runner.terminate()

    def hold_idle(self, connections):
        """Opens connections, measures the memory with them, lets them go."""
        with self.holding("idle", connections) as figures:
            memory = self.memory()
        return memory, figures

    def first_served(self):
        """Starts the programs anew beside this subject's own; seconds until the first byte came through them.

        A byte is tried for until one comes, since how a program says that it listens differs.
        """
        if self.name == "floor":
            return self._first_byte_of_floor()
        program = self.pair.server_program
        port, local_port = free_port(), free_port()
        setup = Setup(self.method, self.pair.setup.password, port, local_port, mode="tcp_only")
        commands = program.server_command(self.folder.name, setup), program.local_command(self.folder.name, setup)
        return self._time_start(commands, lambda: socks5.connect(local_port, "127.0.0.1", self.target_port))

    def _first_byte_of_floor(self):
        far, near = free_port(), free_port()
        commands = (bench_program("bench_floor"), far, self.target_port), (bench_program("bench_floor"), near, far)
        return self._time_start(commands, lambda: socket.create_connection(("127.0.0.1", near), timeout=5))

    def _time_start(self, commands, connect):
        began = time.monotonic()
        programs = [Process(argv, self.folder.name, "start") for argv in commands]
        try:
            while time.monotonic() < began + START_LIMIT:
                with contextlib.suppress(OSError, EOFError, socks5.Refused, socks5.Malformed):
                    with connect() as sock:
                        sock.sendall(ECHO_QUESTION + b"?")
                        if sock.recv(1):
                            return time.monotonic() - began
                time.sleep(TRY_AGAIN)
            raise LoadFailed(f"{self.name} {self.method}: no byte within {START_LIMIT} s of its start")
        finally:
            for program in programs:
                program.stop()

    def stop(self):
        if self.pair:
            self.pair.stop()
        for process in (*self.sides.values(), self.target):
            process.stop()
        self.folder.cleanup()


def available(names, method):
    """The subjects of `method` that can run here, and why the others cannot."""
    found, absent = [], {}
    for name in names:
        if name == "floor":
            found.append(name)
            continue
        program = program_named(name)
        reason = program.missing() or program.unsupported(method)
        if reason:
            absent[name] = reason
        else:
            found.append(name)
    return found, absent


def version_of(name):
    return "two bare relays in a row" if name == "floor" else program_named(name).version()


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def machine():
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="utf-8") as name:
        congestion_control = name.read().strip()
    return f"{os.cpu_count()} x {processor()}, Linux {os.uname().release}, TCP {congestion_control}"


DEFAULT_METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")
WHOLE_METHODS = (*DEFAULT_METHODS, "chacha20-ietf-poly1305")
ALL_METHODS = methods.METHODS
