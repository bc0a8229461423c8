"""Installs the peers that no package of the system has, from their own registries, into a cache folder."""
import os
import shutil
import subprocess
from pathlib import Path

from support.programs import find_program

RUST_CRATE, RUST_VERSION, RUST_FEATURES = "shadowsocks-rust", "1.25.0", "aead-cipher-extra"
SING_BOX_MODULE, SING_BOX_VERSION = "github.com/sagernet/sing-box/cmd/sing-box", "v1.14.1"
LIMIT = 3600  # seconds; both compile from source


def default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return str(Path(base) / "shadowsocks-asio-peers")


def install_missing(cache):
    """Installs what neither PATH nor `cache` has; returns, per peer that is still missing, what is needed."""
    Path(cache).mkdir(parents=True, exist_ok=True)
    known = os.environ.get("SS_PEER_DIR", "")
    os.environ["SS_PEER_DIR"] = os.pathsep.join(filter(None, (known, str(Path(cache) / "bin"))))
    hints = {"libev": "Debian: apt-get install shadowsocks-libev"}
    if not find_program("ssserver"):
        hints["rust"] = _install("cargo", ["cargo", "install", RUST_CRATE, "--version", RUST_VERSION, "--locked", "--features", RUST_FEATURES,
                                           "--root", cache], {})
    if not find_program("sing-box"):
        hints["sing-box"] = _install("go", ["go", "install", f"{SING_BOX_MODULE}@{SING_BOX_VERSION}"], {"GOBIN": str(Path(cache) / "bin")})
    return hints


def _install(tool, command, env):
    if not shutil.which(tool):
        return f"needs a recent {tool}"
    print("installing:", " ".join(command), flush=True)
    try:
        done = subprocess.run(command, env={**os.environ, **env}, stdin=subprocess.DEVNULL, timeout=LIMIT, check=False)
        return "" if done.returncode == 0 else f"{' '.join(command[:2])} failed (a newer {tool} may be needed)"
    except subprocess.TimeoutExpired:
        return f"{' '.join(command[:2])} took more than {LIMIT} s"
