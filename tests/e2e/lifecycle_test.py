"""Start and stop: a port in use, TERM that drains, and a second TERM that does not wait."""
import signal
import socket
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports, socks5, socks5_udp, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.process import Process  # noqa: E402
from support.programs import Ours, Setup  # noqa: E402
from support.udp_targets import UdpTarget  # noqa: E402


class StartTest(unittest.TestCase):
    def test_second_start_on_a_port_in_use_fails_and_says_who_holds_it(self):
        with Pair("aes-256-gcm") as pair, tempfile.TemporaryDirectory() as folder:
            for first, command, port in ((pair.server, Ours().server_command, pair.setup.server_port),
                                         (pair.local, Ours().local_command, pair.setup.local_port)):
                with self.subTest(first.name), Process(command(folder, pair.setup), folder, "second") as second:
                    self.assertEqual(second.wait(5), 1, second.log())
                    self.assertIn(str(port), second.log())
                    self.assertIn(str(first.pid), second.log(), "the message does not name the process that holds the port")
            self.assertTrue(all(one.alive() for one in pair.processes()))

    def test_second_start_leaves_the_pid_file_of_the_first_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            pid_file = Path(folder) / "pid"
            extra = {"pid_file": str(pid_file)}
            with Pair("aes-256-gcm", server_extra=extra) as pair:
                self.assertTrue(ports.wait_until(pid_file.exists, 3), pair.logs())
                with Process(Ours().server_command(folder, pair.setup), folder, "second") as second:
                    self.assertEqual(second.wait(5), 1, second.log())
                self.assertEqual(pid_file.read_text(encoding="utf-8"), f"{pair.server.pid}\n")
            self.assertFalse(pid_file.exists(), "left behind after TERM")

    def test_pid_file_that_cannot_be_written_fails_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            setup = Setup("aes-256-gcm", methods.new_secret("aes-256-gcm"), ports.free_port(),
                          server_extra={"pid_file": f"{folder}/absent/pid"})
            with Process(Ours().server_command(folder, setup), folder) as server:
                self.assertEqual(server.wait(5), 1, server.log())
                self.assertIn("absent/pid", server.log())

    def test_too_few_descriptors_for_its_workers_fail_the_start_with_a_reason(self):
        for side in ("server", "local"):
            with self.subTest(side), tempfile.TemporaryDirectory() as folder:
                setup = Setup("aes-256-gcm", methods.new_secret("aes-256-gcm"), ports.free_port(), ports.free_port(),
                              server_extra={"workers": 64}, local_extra={"workers": 64})
                with Process(getattr(Ours(), f"{side}_command")(folder, setup), folder, nofile=12) as process:
                    self.assertEqual(process.wait(5), 1, process.log())
                    self.assertEqual(len(process.log().splitlines()), 1, process.log())
                    self.assertEqual(process.alarms(), [])

    def test_port_that_another_program_holds_is_refused(self):
        with socket.socket() as holder, tempfile.TemporaryDirectory() as folder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            setup = Setup("aes-256-gcm", methods.new_secret("aes-256-gcm"), holder.getsockname()[1])
            with Process(Ours().server_command(folder, setup), folder) as server:
                self.assertEqual(server.wait(5), 1, server.log())

    def test_says_what_listens_where(self):
        with Pair("aes-256-gcm") as pair:
            for process, port in ((pair.server, pair.setup.server_port), (pair.local, pair.setup.local_port)):
                ports.wait_until(process.log, 3)
                self.assertIn(f"127.0.0.1:{port}", process.log())

    def test_starts_again_at_once_on_the_port_it_has_just_left(self):
        with targets.Target(targets.echo) as target:
            first = Pair("aes-256-gcm").start()
            sock = socks5.connect(first.socks_port, "127.0.0.1", target.port)
            sock.sendall(b"x")
            socks5.read_exactly(sock, 1)
            for one in first.processes():
                one.signal(signal.SIGKILL)  # leaves sockets of both ports behind in the kernel
                one.wait(5)
            with Pair("aes-256-gcm", setup=first.setup):
                pass
            sock.close()
            first.stop()


class SignalTest(unittest.TestCase):
    def test_hup_and_usr2_leave_sessions_alive_and_say_what_is_not_supported(self):
        with targets.Target(targets.echo) as target, Pair("2022-blake3-aes-256-gcm") as pair:
            with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                for name in ("HUP", "USR2"):
                    for one in pair.processes():
                        with self.subTest(process=one.name, signal=name):
                            one.signal(getattr(signal, f"SIG{name}"))
                            self.assertTrue(ports.wait_until(lambda one=one, name=name: f"{name}: " in one.log(), 3), pair.logs())
                            sock.sendall(name.encode())
                            self.assertEqual(socks5.read_exactly(sock, len(name)), name.encode(), pair.logs())
            with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                sock.sendall(b"new")
                self.assertEqual(socks5.read_exactly(sock, 3), b"new", pair.logs())


    def test_usr1_tells_what_is_open_and_what_was_counted(self):
        with targets.Target(targets.echo) as target, UdpTarget() as datagrams, \
                Pair("2022-blake3-aes-256-gcm", mode="tcp_and_udp") as pair:
            with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock, socks5_udp.Association(pair.socks_port) as association:
                sock.sendall(b"12345")
                self.assertEqual(socks5.read_exactly(sock, 5), b"12345", pair.logs())
                association.ask("127.0.0.1", datagrams.port, b"datagram")
                expected = {"associations": 1, "bytes_up": 5, "bytes_down": 5, "packets_up": 1, "packets_down": 1}
                for one in pair.processes():
                    with self.subTest(one.name):
                        # What has arrived here may not have been counted there yet.
                        self.assertTrue(ports.wait_until(lambda one=one: expected.items() <= one.counted().items(), 3), pair.logs())
                        for name in ("sessions", "accepted", "established"):
                            self.assertGreaterEqual(one.counted()[name], 1)


class StopTest(unittest.TestCase):
    def test_term_drains_what_is_open_and_then_ends_with_0(self):
        for side in ("server", "local"):
            for number in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(side=side, signal=number), targets.Target(targets.echo) as target, Pair("2022-blake3-aes-256-gcm") as pair:
                    process = getattr(pair, side)
                    port = pair.setup.server_port if side == "server" else pair.setup.local_port
                    with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                        sock.sendall(b"before")
                        self.assertEqual(socks5.read_exactly(sock, 6), b"before")
                        process.signal(number)
                        self.assertTrue(ports.wait_until(lambda: not ports.listens(port), 3), "still listens after the signal")
                        sock.sendall(b"while draining")
                        self.assertEqual(socks5.read_exactly(sock, 14), b"while draining", pair.logs())
                        self.assertTrue(process.alive())
                    self.assertEqual(process.wait(5), 0, pair.logs())

    def test_second_term_ends_at_once(self):
        for side in ("server", "local"):
            with self.subTest(side=side), targets.Target(targets.echo) as target, Pair("aes-256-gcm") as pair:
                process = getattr(pair, side)
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"x")
                    socks5.read_exactly(sock, 1)
                    process.signal(signal.SIGTERM)
                    ports.wait_until(lambda side=side, pair=pair: not ports.listens(getattr(pair.setup, f"{side}_port")), 3)
                    process.signal(signal.SIGTERM)
                    self.assertIsNotNone(process.wait(5), pair.logs())

    def test_without_connections_term_ends_at_once(self):
        with Pair("aes-256-gcm") as pair:
            for one in pair.processes():
                one.signal(signal.SIGTERM)
                self.assertEqual(one.wait(5), 0, pair.logs())

    def test_connections_that_never_end_hold_up_the_end_only_until_the_drain_deadline(self):
        with targets.Target(targets.echo) as target, Pair("aes-256-gcm") as pair:
            with socket.create_connection(("127.0.0.1", pair.setup.server_port)) as probe, \
                    socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                probe.sendall(b"x" * 100)
                sock.sendall(b"x")
                socks5.read_exactly(sock, 1)
                for one in pair.processes():
                    one.signal(signal.SIGTERM)
                for one in pair.processes():
                    self.assertEqual(one.wait(20), 0, pair.logs())


if __name__ == "__main__":
    unittest.main()
