"""Faults that strike while the pair works: processes killed and stopped, no memory, no ports, no interface, a log that cannot be written.

Eight connections echo all the while, and every byte of theirs is compared. Whatever happens, no wrong byte is delivered, and within a second of the fault's end all are served.
"""
import os
import random
import resource
import signal
import socket
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import own_network, ports, procstat, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.programs import Ours  # noqa: E402

METHOD = "2022-blake3-aes-256-gcm"
CONNECTIONS, PIECE = 8, 20_000
RECOVERY = 1.0 if not os.environ.get("SS_SANITIZE") else 5.0  # seconds
ENDS = (OSError, EOFError, socks5.Refused)


class Load:
    """Connections that echo, each as often as it can; who is cut off comes again."""

    def __init__(self, pair, target):
        self.pair, self.target = pair, target
        self.rounds, self.cut, self.wrong = [0] * CONNECTIONS, [0] * CONNECTIONS, []
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(CONNECTIONS)]

    def _echo(self, sock, number, chance):
        while not self.done.is_set():
            sent = chance.randbytes(PIECE)
            sock.sendall(sent)
            if socks5.read_exactly(sock, PIECE) != sent:
                self.wrong.append(number)
            self.rounds[number] += 1
            time.sleep(0.002)  # a load, not a race with the fault for the processor

    def _run(self, number):
        chance = random.Random(number)
        while not self.done.is_set():
            try:
                with socks5.connect(self.pair.socks_port, "127.0.0.1", self.target.port, timeout=10) as sock:
                    self._echo(sock, number, chance)
            except ENDS:
                self.cut[number] += 1
                self.done.wait(0.02)

    def served_by(self, seconds):
        """Whether every connection has a round more within so many seconds; how long that took."""
        before, began = list(self.rounds), time.monotonic()
        good = ports.wait_until(lambda: all(now > then for now, then in zip(self.rounds, before)), seconds, 0.01)
        return good, time.monotonic() - began

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join(15)


class Chatty(Ours):
    """Ours, with its standard error somewhere else."""

    def __init__(self, redirection):
        super().__init__()
        self.redirection = redirection

    def server_command(self, folder, setup):
        return ["bash", "-c", f'exec "$@" {self.redirection}', "bash", *map(str, super().server_command(folder, setup)), "--log-level", "debug"]


class FaultsTest(unittest.TestCase):
    def under_load(self, fault, end=lambda pair: None, cut=True, **setup):
        """Lets the pair work, strikes, waits until `fault` is over, and sees that all goes on; `cut`: whether connections may be lost."""
        with targets.Target(targets.echo) as target, Pair(METHOD, **setup) as pair, Load(pair, target) as load:
            self.assertTrue(load.served_by(10)[0], pair.logs())
            open_before = [procstat.descriptors(process.pid) for process in pair.processes()]
            fault(pair)
            end(pair)
            good, seconds = load.served_by(10)
            self.assertTrue(good, f"not all are served again: {load.rounds}\n{pair.logs()}")
            self.assertEqual(load.wrong, [], "wrong bytes were delivered")
            if not cut:
                self.assertEqual(sum(load.cut), 0, "connections were lost")
            self.assertLess(seconds, RECOVERY)
            self.assertTrue(all(process.alive() for process in pair.processes()), pair.logs())
            # No more than before, but for connections that have just begun or are about to end.
            most = [count + 2 * CONNECTIONS for count in open_before]

            def held():
                return [procstat.descriptors(process.pid) for process in pair.processes()]
            self.assertTrue(ports.wait_until(lambda: all(now <= then for now, then in zip(held(), most)), 10), f"{held()} descriptors, {open_before} before")

    def kill_and_restart(self, side):
        def fault(pair):
            process = getattr(pair, side)
            process.signal(signal.SIGKILL)
            process.wait(5)
        def restart(pair):
            if side == "server":
                pair.start_server()
            else:
                pair.local = pair._start("local", pair.local_program.local_command)
                pair.local.wait_listening(pair.setup.local_port)
        self.under_load(fault, restart)

    def test_server_is_killed_and_started_again(self):
        self.kill_and_restart("server")

    def test_local_is_killed_and_started_again(self):
        self.kill_and_restart("local")

    def stop_for_a_second(self, side):
        def fault(pair):
            process = getattr(pair, side)
            process.signal(signal.SIGSTOP)
            time.sleep(1)  # the fault itself
            process.signal(signal.SIGCONT)
        self.under_load(fault, cut=False)

    def test_server_is_stopped_for_a_second(self):
        self.stop_for_a_second("server")

    def test_local_is_stopped_for_a_second(self):
        self.stop_for_a_second("local")

    def test_log_on_a_full_disk(self):
        self.under_load(lambda pair: None, cut=False, server=Chatty("2>/dev/full"))

    def test_log_whose_reader_has_gone(self):
        self.under_load(lambda pair: None, cut=False, server=Chatty("2> >(true)"))

    @unittest.skipIf(os.environ.get("SS_SANITIZE"), "a sanitizer needs more address space than a limit leaves")
    def test_memory_runs_out(self):
        def fault(pair):
            for process in pair.processes():
                resource.prlimit(process.pid, resource.RLIMIT_AS, (procstat.address_space(process.pid), resource.RLIM_INFINITY))
            socks = []
            try:
                for _ in range(300):
                    socks.append(socket.create_connection(("127.0.0.1", pair.socks_port), 5))
                    socks[-1].sendall(bytes.fromhex("050100"))
            finally:
                for sock in socks:
                    sock.close()
        def end(pair):
            for process in pair.processes():
                resource.prlimit(process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.under_load(fault, end)

    @unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
    def test_ports_run_out(self):
        path = Path("/proc/sys/net/ipv4/ip_local_port_range")
        whole = path.read_text()
        def fault(pair):
            path.write_text("61000 61003")
            for _ in range(30):
                with self.assertRaises(ENDS), socks5.connect(pair.socks_port, "127.0.0.2", 9, timeout=2):
                    pass
        self.under_load(fault, lambda pair: path.write_text(whole))

    @unittest.skipIf(own_network.WHY_NOT, own_network.WHY_NOT)
    def test_interface_goes_down_and_comes_up(self):
        def fault(pair):
            own_network.ip("link set lo down")
            time.sleep(0.3)  # the fault itself
        self.under_load(fault, lambda pair: own_network.ip("link set lo up"), cut=False)


if __name__ == "__main__":
    own_network.main()
