"""A network that belongs to one test: it runs itself again as root of a user namespace with a network namespace, which end with it."""
import os
import shutil
import subprocess
import sys
import unittest

INSIDE_NAME = "SS_INSIDE_OWN_NETWORK"
COMMAND = ("unshare", "--user", "--map-root-user", "--net", "--mount")
INSIDE = bool(os.environ.get(INSIDE_NAME))
PROBE = "import fcntl, struct; fcntl.ioctl(open('/dev/net/tun', 'r+b', 0), 0x400454CA, struct.pack('16sH22x', b'', 0x1001))"


def _missing():
    absent = [name for name in ("unshare", "ip") if not shutil.which(name)]
    if absent:
        return f"{' and '.join(absent)} not installed"
    return "" if _works("true") else "no network of its own can be made here"


def _works(*words):
    return subprocess.run([*COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _without_tun():
    """Why no TUN device can be made in a network of its own, or an empty string."""
    if WHY_NOT:
        return WHY_NOT
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun here"
    return "" if _works(sys.executable, "-c", PROBE) else "no TUN device can be made here (/dev/net/tun refused it)"


# Inside, where a test runs itself again, both held outside.
WHY_NOT = "" if INSIDE else _missing()
WHY_NO_TUN = "" if INSIDE else _without_tun()


def ip(*words):
    """Runs `ip`, one command or several words of one."""
    subprocess.run(["ip", *" ".join(words).split()], check=True, stdin=subprocess.DEVNULL)


def enter(needs_tun=False):
    """Runs this program again inside, with loopback up, where that is possible."""
    if not INSIDE and not (WHY_NO_TUN if needs_tun else WHY_NOT):
        os.environ[INSIDE_NAME] = "1"
        os.execvp(COMMAND[0], [*COMMAND, sys.executable, *sys.argv])
    if INSIDE:
        ip("link set lo up")


def main(needs_tun=False):
    """What a test calls in place of unittest.main()."""
    enter(needs_tun)
    unittest.main()
