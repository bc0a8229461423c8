"""A running pair: any program's local side before any program's server side, in a folder that goes away with it."""
import contextlib
import os
import tempfile

from support import methods, udp_targets
from support.ports import free_port
from support.process import DiedEarly, Process
from support.programs import Setup, program_named


def default_program(side):
    """Ours, unless $SS_LOCAL_PROGRAM or $SS_SERVER_PROGRAM names a peer: that proves the harness without our programs."""
    return program_named(os.environ.get(f"SS_{side.upper()}_PROGRAM", "ours"))


class Pair:
    """Both sides up and listening inside `with`; `.socks_port` takes SOCKS5."""

    def __init__(self, method, local=None, server=None, setup=None, nofile=None, place=contextlib.nullcontext, **extra):
        """`extra` are further fields of Setup, such as users or server_extra. `place()` is where the server side runs: Link.far, for example."""
        extra.setdefault("password", methods.new_secret(method))
        extra.setdefault("server_port", free_port())
        extra.setdefault("local_port", free_port())
        self.setup = setup or Setup(method, **extra)
        self.local_program, self.server_program = local or default_program("local"), server or default_program("server")
        self.nofile, self.place = nofile or {}, place
        self.folder = self.local = self.server = None

    @property
    def socks_port(self):
        return self.setup.local_port

    def start(self):
        for program in (self.local_program, self.server_program):
            if program.missing():
                raise DiedEarly(program.missing())
        self.folder = tempfile.TemporaryDirectory(prefix="ss-pair-")
        try:
            self.start_server()
            self.local = self._start("local", self.local_program.local_command)
            self._wait_ready(self.local, self.setup.local_port, self.local_program.one_udp_port)
        except Exception:
            self.stop()
            raise
        return self

    def start_server(self):
        with self.place():
            self.server = self._start("server", self.server_program.server_command)
            self._wait_ready(self.server, self.setup.server_port, takes_udp=True)

    def _start(self, side, command):
        return Process(command(self.folder.name, self.setup), self.folder.name, side, self.nofile.get(side))

    def _wait_ready(self, process, port, takes_udp):
        if process is not self.server or self.setup.mode != "udp_only":
            process.wait_listening(port)
        if takes_udp and self.setup.mode != "tcp_only":
            process.wait_until_up(lambda: udp_targets.is_bound(port), f"has no UDP port {port}")

    def processes(self):
        return [process for process in (self.local, self.server) if process]

    def logs(self):
        return "\n".join(f"--- {process.name}\n{process.log()[-3000:]}" for process in self.processes())

    def stop(self):
        """Ends both sides; lines of their logs that no healthy run has."""
        for process in self.processes():
            process.stop()
        alarms = [line for process in self.processes() for line in process.alarms()]
        self.local = self.server = None
        self.folder.cleanup()
        return alarms

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        alarms = self.stop()
        if alarms and not kind:
            raise AssertionError("a program of the pair reported:\n" + "\n".join(alarms[:20]))
