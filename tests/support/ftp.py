"""A real FTP server in a folder, and two real clients whose active mode asks a SOCKS5 proxy to listen for it."""
import ftplib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from support import socks5
from support.process import Process

SOCKS_CONF = """route {{
  from: 0.0.0.0/0 to: 127.0.0.0/8 via: 127.0.0.1 port = {}
  proxyprotocol: socks_v5
  method: none
  protocol: tcp
  command: connect bind
}}
"""
LFTP_SETTINGS = "set ftp:passive-mode off; set net:timeout 5; set net:max-retries 1"

INTERPRETERS = (sys.executable, "/usr/bin/python3")  # a distribution's package is its own interpreter's alone


def _interpreter():
    for path in INTERPRETERS:
        if os.path.exists(path) and subprocess.run([path, "-c", "import pyftpdlib"], capture_output=True, check=False).returncode == 0:
            return path
    return None


def missing():
    """Why no FTP server can be started here, or an empty string."""
    return "" if _interpreter() else "pyftpdlib is not installed (Debian: python3-pyftpdlib)"


def server(folder, port, logs):
    """A running server on 127.0.0.1 where everybody may read and write `folder`."""
    command = [_interpreter(), "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", port, "-w", "-d", folder, "-D"]
    return Process(command, logs, "ftp").wait_listening(port)


class _DataListener:
    """What ftplib takes for its listening socket: the proxy's, which tells by a second reply that the server has connected."""

    def __init__(self, sock):
        self.sock = sock

    def accept(self):
        return self.sock, socks5.read_reply(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.sock.close()


class ActiveClient(ftplib.FTP):
    """ftplib in active mode: the control connection by CONNECT, each data connection by BIND."""

    def __init__(self, socks_port, port):
        super().__init__(timeout=20)
        self.socks_port, self.host, self.port = socks_port, "127.0.0.1", port
        self.data_ports = []
        self.set_pasv(False)
        self.sock = socks5.connect(socks_port, self.host, port)
        self.af = socket.AF_INET
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        self.login()

    def makeport(self):
        sock, (host, port) = socks5.bind(self.socks_port, self.host, self.port)
        self.data_ports.append(port)
        self.sendport(host, port)
        return _DataListener(sock)


def lftp_missing():
    """Why lftp cannot run behind Dante's socksify here, or an empty string."""
    absent = [package for package, program in (("lftp", "lftp"), ("dante-client", "socksify")) if not shutil.which(program)]
    return f"{' and '.join(absent)} not installed" if absent else ""


def lftp(socks_port, port, commands, folder):
    """Runs lftp in `folder`; Dante's library makes BIND of its listening sockets, which it knows nothing of."""
    config = Path(folder) / "socks.conf"
    config.write_text(SOCKS_CONF.format(socks_port), encoding="ascii")
    words = ["socksify", "lftp", "-c", f"{LFTP_SETTINGS}; open ftp://127.0.0.1:{port}; {commands}; bye"]
    return subprocess.run(words, cwd=folder, env={**os.environ, "SOCKS_CONF": str(config), "HOME": str(folder)}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
