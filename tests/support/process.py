"""Child programs: started with their log in a file, waited for, and always ended by their own pid."""
import atexit
import ctypes
import os
import resource
import signal
import subprocess

from support import ports

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_running = []

# What a program under a sanitizer, or one that broke, leaves in its log.
ALARMS = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error:", "terminate called", "SS_ASSERT", "assertion",
          "an exception", "could not be taken in")


class DiedEarly(RuntimeError):
    """The program ended, or did not listen in time; the text holds the end of its log."""


class Process:
    """One running program. Use as a context manager, or call stop()."""

    def __init__(self, argv, folder, name=None, nofile=None, env=None):
        """`nofile` lowers the descriptor limit, soft and hard, before the program starts."""
        self.argv = [str(word) for word in argv]
        self.name = name or os.path.basename(self.argv[0])
        self.log_path = os.path.join(folder, f"{self.name}-{len(os.listdir(folder))}.log")
        log = open(self.log_path, "wb")

        def before_exec():
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a test that is killed leaves nothing behind
            if nofile:
                resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))

        self.popen = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=before_exec,
                                      env={**os.environ, **(env or {})})
        log.close()
        _running.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def alive(self):
        return self.popen.poll() is None

    def wait_listening(self, port, seconds=10):
        """Returns self once `port` accepts; raises DiedEarly if that does not happen within `seconds`."""
        return self.wait_until_up(lambda: ports.listens(port), f"does not listen on {port}", seconds)

    def wait_until_up(self, is_up, complaint, seconds=10):
        """Returns self once `is_up` holds; raises DiedEarly with `complaint` if that does not happen within `seconds`."""
        ports.wait_until(lambda: is_up() or not self.alive(), seconds)
        if not self.alive() or not is_up():
            raise DiedEarly(f"{self.name} {complaint} (exit {self.popen.poll()}):\n{self.log()[-2000:]}")
        return self

    def wait(self, seconds):
        """The exit code, or None if the program still runs after `seconds`."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, number):
        self.popen.send_signal(number)

    def counted(self):
        """What one of our programs counts, as it tells when it is asked by USR1."""
        told_before = self.log().count("USR1: ")
        self.signal(signal.SIGUSR1)
        ports.wait_until(lambda: self.log().count("USR1: ") > told_before, 3)
        line = self.log().split("USR1: ")[-1].splitlines()[0]
        return {name: int(value) for name, value in (figure.split() for figure in line.split(", "))}

    def stop(self, seconds=8):
        """TERM, then KILL after `seconds`; the exit code."""
        if self.alive():
            self.popen.terminate()
            if self.wait(seconds) is None:
                self.popen.kill()
                self.popen.wait()
        if self in _running:
            _running.remove(self)
        return self.popen.returncode

    def alarms(self):
        """Lines of the log that no healthy run has."""
        return [line for line in self.log().splitlines() if any(word in line for word in ALARMS)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@atexit.register
def _stop_all():
    for process in list(_running):
        process.stop(1)


def raise_nofile():
    """Lifts this process's own soft descriptor limit to the hard one; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
