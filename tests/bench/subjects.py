"""What the bench measures: the floor, ours and each peer, every one a target, a local side and a server side."""
import contextlib
import json
import os
import subprocess
import tempfile

from support import methods, procstat
from support.pair import Pair
from support.ports import free_port
from support.process import Process
from support.programs import our_bin, program_named

PEERS = ("rust", "libev", "sing-box")


def bench_program(name):
    return our_bin() / name


class LoadFailed(RuntimeError):
    """A run of the generator had no outcome."""


class Subject:
    """A started pair with its own target. `via` is its SOCKS5 port, 0 for the floor, whose listener `to` leads to the target."""

    def __init__(self, name, method):
        self.name, self.method = name, method
        self.folder = tempfile.TemporaryDirectory(prefix="ss-bench-")
        self.pair = None
        target = free_port()
        self.target = self._run("target", [bench_program("bench_load"), "serve", target], target)
        if name == "floor":
            self.via, far, self.to = 0, free_port(), free_port()
            self.sides = {"server": self._run("server", [bench_program("bench_floor"), far, target], far),
                          "local": self._run("local", [bench_program("bench_floor"), self.to, far], self.to)}
        else:
            self.pair = Pair(method, program_named(name), program_named(name), mode="tcp_and_udp").start()
            self.via, self.to = self.pair.socks_port, target
            self.sides = {"local": self.pair.local, "server": self.pair.server}

    def _run(self, name, argv, port):
        return Process(argv, self.folder.name, name).wait_listening(port)

    def cpu(self):
        return sum(procstat.cpu_seconds(side.pid) for side in self.sides.values())

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

    def hold_idle(self, connections):
        """Opens connections, measures the memory with them, lets them go."""
        with self.holding("idle", connections) as figures:
            memory = self.memory()
        return memory, figures

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


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="utf-8") as name:
        congestion_control = name.read().strip()
    return f"{os.cpu_count()} x {model}, Linux {os.uname().release}, TCP {congestion_control}"


DEFAULT_METHODS = ("aes-256-gcm", "2022-blake3-aes-256-gcm")
ALL_METHODS = methods.METHODS
