"""Our ss-local before several servers, each of which can be killed, started again, or be another program's."""
import tempfile
from pathlib import Path

from support import methods
from support.ports import free_port
from support.process import Process
from support.programs import Ours, Setup


class Member:
    """One server: its settings stay, its process comes and goes. Its connections to targets come from `outside`."""

    def __init__(self, folder, method, password, number):
        self.folder, self.outside = Path(folder) / str(number), f"127.0.1.{number + 1}"
        self.folder.mkdir()
        self.setup = Setup(method, password, free_port(), server_extra={"bind_address": self.outside})
        self.process = None

    @property
    def port(self):
        return self.setup.server_port

    def start(self, program=None):
        program = program or Ours()
        self.process = Process(program.server_command(self.folder, self.setup), self.folder, "server").wait_listening(self.port)

    def kill(self):
        """Without a farewell: the kernel ends what was open, by FIN or by a reset."""
        self.process.popen.kill()
        self.process.wait(5)
        self.process.stop()


class Fleet:
    """`.members` are up and ss-local knows them in this order inside `with`; `.socks_port` takes SOCKS5."""

    def __init__(self, method, count, password=None, other_ports=(), **local_extra):
        """`other_ports` are of servers that somebody else has started with `password`. `local_extra` are further keys of ss-local."""
        self.folder = tempfile.TemporaryDirectory(prefix="ss-fleet-")
        password = password or methods.new_secret(method)
        self.members = [Member(self.folder.name, method, password, number) for number in range(count)]
        servers = [{"server": "127.0.0.1", "server_port": port, "method": method, "password": password, "name": f"number {number}"}
                   for number, port in enumerate([*(member.port for member in self.members), *other_ports])]
        self.setup = Setup(method, password, 0, free_port(), local_extra={"servers": servers, "workers": 1} | local_extra,
                           local_without=("server", "server_port", "method", "password"))
        self.local = None

    @property
    def socks_port(self):
        return self.setup.local_port

    def logs(self):
        return f"--- ss-local\n{self.local.log()[-4000:]}"

    def __enter__(self):
        try:
            for member in self.members:
                member.start()
            self.local = Process(Ours().local_command(self.folder.name, self.setup), self.folder.name, "local").wait_listening(self.socks_port)
        except Exception:
            self.__exit__(True)
            raise
        return self

    def __exit__(self, kind, *_):
        processes = [process for process in (self.local, *(member.process for member in self.members)) if process]
        for process in processes:
            process.stop()
        alarms = [line for process in processes for line in process.alarms()]
        self.folder.cleanup()
        if alarms and not kind:
            raise AssertionError("\n".join(alarms[:20]))
