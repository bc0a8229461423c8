"""curl through the pair: every method, every kind of target address, user and password."""
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, ports, targets, web  # noqa: E402
from support.pair import Pair  # noqa: E402

SIZE = 3_000_000


def curl(*words):
    done = subprocess.run(["curl", "-sS", "-g", "--noproxy", "", "--max-time", "20", *map(str, words)], capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


class CurlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.web = web.web_target().start()
        cls.blob = b"".join(targets.pattern(SIZE))

    @classmethod
    def tearDownClass(cls):
        cls.web.stop()

    def fetch(self, flag, pair, host):
        code, body, errors = curl(flag, f"127.0.0.1:{pair.socks_port}", f"http://{host}:{self.web.port}/blob/{SIZE}")
        self.assertEqual((code, errors), (0, ""), pair.logs())
        self.assertTrue(body == self.blob, f"{len(body)} bytes came, not the {SIZE} that were sent")

    def test_every_method_fetches_from_every_kind_of_address(self):
        hosts = [("--socks5", "127.0.0.1"), ("--socks5-hostname", "127.0.0.1"), ("--socks5", "localhost"), ("--socks5-hostname", "localhost")]
        if ports.has_ipv6():
            hosts += [("--socks5", "[::1]"), ("--socks5-hostname", "[::1]")]
        for method in methods.METHODS:
            with Pair(method) as pair:
                for flag, host in hosts:
                    with self.subTest(method=method, flag=flag, host=host):
                        self.fetch(flag, pair, host)

    def test_upload_arrives_whole(self):
        expected = targets.pattern_hash(SIZE).encode()
        for method in methods.METHODS:
            with self.subTest(method=method), Pair(method) as pair:
                done = subprocess.run(["curl", "-sS", "--socks5-hostname", f"127.0.0.1:{pair.socks_port}", "-T", "-", "-H",
                                       f"Content-Length: {SIZE}", "-H", "Transfer-Encoding:", f"http://127.0.0.1:{self.web.port}/upload"],
                                      input=self.blob, capture_output=True, timeout=30, check=False)
                self.assertEqual(done.stdout, expected, done.stderr.decode() + pair.logs())


class UserAndPasswordTest(unittest.TestCase):
    USERS = [{"name": "alice", "password": "wonder land:1"}, {"name": "bob", "password": "b"}]

    def test_right_pair_is_let_in_and_others_are_not(self):
        method = "2022-blake3-aes-128-gcm"
        port = ports.free_port()
        local = {"locals": [{"protocol": "socks", "local_address": "127.0.0.1", "local_port": port, "users": self.USERS}]}
        with web.web_target() as site, Pair(method, local_port=port, local_extra=local, local_without=("local_address", "local_port")) as pair:
            url = f"http://127.0.0.1:{site.port}/data.json"
            for user, password, code in (("alice", "wonder land:1", 0), ("bob", "b", 0), ("alice", "b", 97), ("alice", "", 97),
                                         ("nobody", "b", 97)):
                with self.subTest(user=user, password=password):
                    got, _, errors = curl("--socks5-hostname", f"127.0.0.1:{pair.socks_port}", "--proxy-user", f"{user}:{password}", url)
                    self.assertEqual(got, code, errors + pair.logs())
            got, _, _ = curl("--socks5-hostname", f"127.0.0.1:{pair.socks_port}", url)
            self.assertEqual(got, 97, "a client that offers no password was let in")


class ManyUsersTest(unittest.TestCase):
    def test_each_user_of_one_port_is_served_with_the_own_key(self):
        for method in ("2022-blake3-aes-128-gcm", "2022-blake3-aes-256-gcm", "aes-256-gcm"):
            users = [(f"user{number}", methods.new_secret(method)) for number in range(3)]
            server_key = methods.new_secret(method)
            for name, secret in users:
                chain = f"{server_key}:{secret}" if methods.is_2022(method) else secret
                with self.subTest(method=method, user=name), web.web_target() as site, \
                        Pair(method, password=server_key, users=users, client_password=chain) as pair:
                    code, body, errors = curl("--socks5-hostname", f"127.0.0.1:{pair.socks_port}", f"http://127.0.0.1:{site.port}/blob/100000")
                    self.assertEqual((code, len(body)), (0, 100000), errors + pair.logs())


if __name__ == "__main__":
    unittest.main()
