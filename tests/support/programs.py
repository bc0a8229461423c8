"""Every pair that the tests can start: ours and the peers, each behind the same few questions.

Ours are looked for in $SS_BIN (default build/release/bin), the peers in $SS_PEER_DIR and then in PATH.
"""
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from support import methods

ROOT = Path(__file__).resolve().parents[2]


def our_bin():
    return Path(os.environ.get("SS_BIN") or ROOT / "build/release/bin")


def find_program(name):
    """The path of a peer's executable, or None."""
    folders = [folder for folder in os.environ.get("SS_PEER_DIR", "").split(os.pathsep) if folder]
    return shutil.which(name, path=os.pathsep.join(folders + [os.environ.get("PATH", "")]))


def output_of(*argv):
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout + done.stderr
    except OSError:
        return ""


@dataclass
class Setup:
    """One pair's settings. `users` are (name, password) under the server key `password`; `client_password` is what the local side uses.

    `local_args` follow the configuration on the command line of our ss-local.
    """
    method: str
    password: str
    server_port: int
    local_port: int = 0
    client_password: str = ""
    users: list = field(default_factory=list)
    server_extra: dict = field(default_factory=dict)
    local_extra: dict = field(default_factory=dict)
    local_without: tuple = ()
    mode: str = "tcp_only"
    local_args: tuple = ()
    server_host: str = "127.0.0.1"

    def __post_init__(self):
        self.client_password = self.client_password or self.password


def write_json(folder, name, value):
    path = Path(folder) / name
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    path.chmod(0o600)
    return path


class Program:
    """A family of pairs: how to find it, what it supports, and the command lines of its two sides."""
    name = ""
    half_close = True   # carries an answer after the client's half-close
    one_udp_port = False  # its local side takes datagrams of every association at local_port
    longest_datagram = 0  # the payload in bytes that it surely relays; 0 = whatever fits
    datagrams_lost = ""   # what it does not relay, in words
    empty_datagrams = True
    eih_server = False
    eih_local = False

    def missing(self):
        """Why this pair cannot run here, or an empty string."""
        raise NotImplementedError

    def version(self):
        raise NotImplementedError

    def unsupported(self, method):
        """Why this pair does not speak `method`, or an empty string."""
        return ""

    def server_command(self, folder, setup):
        raise NotImplementedError

    def local_command(self, folder, setup):
        raise NotImplementedError


class Ours(Program):
    name = "shadowsocks-asio"
    eih_server = eih_local = True

    def __init__(self, folder=None):
        """`folder` has another build of ours."""
        self.bin = Path(folder) if folder else our_bin()

    def missing(self):
        absent = [name for name in ("ss-local", "ss-server") if not (self.bin / name).exists()]
        return f"{' and '.join(absent)} not in {self.bin}" if absent else ""

    def version(self):
        return (output_of(self.bin / "ss-server", "--version").splitlines() or ["?"])[0]

    def back_ends(self):
        """Which libraries seal and open, as --version says."""
        return next((line.strip() for line in output_of(self.bin / "ss-server", "--version").splitlines() if "aes-gcm:" in line), "?")

    def uncommitted(self):
        """Why no page may show what this build does, or an empty string: a figure is worth nothing where nobody can build what it was taken from."""
        return "" if "-dirty" not in self.version() else f"built from files that are not committed ({self.version()}): commit, build, measure again"

    def server_command(self, folder, setup):
        config = {"server": setup.server_host, "server_port": setup.server_port, "method": setup.method, "password": setup.password,
                  "mode": setup.mode, "allow_targets": ["127.0.0.0/8", "::1/128"]}
        if setup.users:
            config["users"] = [{"name": name, "password": password} for name, password in setup.users]
        config.update(setup.server_extra)
        return [self.bin / "ss-server", "-c", write_json(folder, "server.json", config)]

    def local_command(self, folder, setup):
        config = {"server": setup.server_host, "server_port": setup.server_port, "local_address": "127.0.0.1", "local_port": setup.local_port,
                  "method": setup.method, "password": setup.client_password, "mode": setup.mode,
                  "udp_over_tcp": "off"}  # nothing is asked of public resolvers
        config = {key: value for key, value in config.items() if key not in setup.local_without} | setup.local_extra
        return [self.bin / "ss-local", "-c", write_json(folder, "local.json", config), *setup.local_args]


def program_named(name):
    """`ours`, `libev`, `rust` or `sing-box`."""
    from support import peers  # pylint: disable=import-outside-toplevel
    return {"ours": Ours, "libev": peers.Libev, "rust": peers.Rust, "sing-box": peers.SingBox}[name]()
