"""Reply codes that ss-local can know, and what a client sees of failures that only the server knows."""
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

METHODS = ("chacha20-ietf-poly1305", "2022-blake3-aes-128-gcm")


class ReplyTest(unittest.TestCase):
    def reply_of(self, **local_extra):
        with Pair("aes-128-gcm", local_extra=local_extra) as pair:
            try:
                socks5.connect(pair.socks_port, "127.0.0.1", 9).close()
                return 0
            except socks5.Refused as refused:
                return refused.rep

    def test_server_that_is_down_is_connection_refused(self):
        self.assertEqual(self.reply_of(server_port=ports.free_port()), 5)

    def test_server_name_that_does_not_exist_is_host_unreachable(self):
        self.assertEqual(self.reply_of(server="no-such-name.invalid"), 4)

    def test_server_that_does_not_answer_is_host_unreachable_after_the_connect_timeout(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)  # holds one connection; the kernel drops what comes after
            crowd = []
            for _ in range(3):
                sock = socket.socket()
                sock.setblocking(False)
                sock.connect_ex(listener.getsockname())
                crowd.append(sock)
            self.assertEqual(self.reply_of(server_port=listener.getsockname()[1], connect_timeout=1), 4)
            for sock in crowd:
                sock.close()


class LateFailureTest(unittest.TestCase):
    """Without the pair extension there is no way to tell ss-local, so a connection that cannot be made ends soon and without a byte."""

    OFF = {"extension": "off"}

    def how_it_ends(self, pair, host, port):
        with socks5.connect(pair.socks_port, host, port, timeout=8) as sock:
            sock.sendall(b"first bytes")
            try:
                return sock.recv(65536) or "end"
            except ConnectionResetError:
                return "reset"

    def assert_ends(self, pair, host, port):
        self.assertIn(self.how_it_ends(pair, host, port), ("end", "reset"), pair.logs())

    def test_target_that_is_refused_ends_the_connection(self):
        for method in METHODS:
            with self.subTest(method=method), Pair(method, local_extra=self.OFF) as pair:
                self.assert_ends(pair, "127.0.0.1", ports.free_port())

    def test_target_name_that_does_not_exist_ends_the_connection(self):
        for method in METHODS:
            with self.subTest(method=method), Pair(method, local_extra=self.OFF) as pair:
                self.assert_ends(pair, "no-such-name.invalid", 80)

    def test_private_target_is_denied_by_default_and_the_log_names_the_entry_that_opens_it(self):
        for method in METHODS:
            for host in ("127.0.0.1", "localhost"):
                with self.subTest(method=method, host=host), targets.Target(targets.echo) as target, \
                        Pair(method, local_extra=self.OFF, server_extra={"allow_targets": []}) as pair:
                    self.assert_ends(pair, host, target.port)
                    self.assertEqual(target.accepted, 0)
                    self.assertIn("allow_targets", pair.server.log())

    def test_denied_target_opens_by_its_entry(self):
        with targets.Target(targets.echo) as target, Pair("aes-128-gcm", server_extra={"allow_targets": ["127.0.0.1/32"]}) as pair:
            with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                sock.sendall(b"open")
                self.assertEqual(socks5.read_exactly(sock, 4), b"open")

    def test_wrong_key_is_a_reset_with_2022_and_silence_with_sip004(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.echo) as target, \
                    Pair(method, client_password=methods.new_secret(method)) as pair:
                if methods.is_2022(method):
                    self.assertEqual(self.how_it_ends(pair, "127.0.0.1", target.port), "reset", pair.logs())
                else:
                    with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                        sock.sendall(b"first bytes")
                        sock.settimeout(1)
                        with self.assertRaises(TimeoutError, msg=pair.logs()):
                            sock.recv(1)
                self.assertEqual(target.accepted, 0)


if __name__ == "__main__":
    unittest.main()
