"""HTTP and SOCKS4 on the same port as SOCKS5, by programs that people use: curl, git, apt, and a TLS server behind CONNECT."""
import contextlib
import hashlib
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, targets, web  # noqa: E402
from support.pair import Pair  # noqa: E402

METHOD = "2022-blake3-aes-256-gcm"
SIZE = 1_000_000
APT_HELPER = "/usr/lib/apt/apt-helper"
NO_PROXY = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=60, check=False, env=NO_PROXY, **options)


def curl(*words, **options):
    done = run("curl", "-sS", "-g", "--noproxy", "", "--max-time", 20, *words, **options)
    return done.returncode, done.stdout, done.stderr.decode()


def raw(port, message):
    """Everything that ss-local answers to `message` until it closes."""
    with socket.create_connection(("127.0.0.1", port), 15) as sock:
        sock.sendall(message)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
        return answer


def get(site, path, fields=""):
    return f"GET http://127.0.0.1:{site.port}{path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n{fields}\r\n".encode()


class HttpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site, cls.other = web.web_target().start(), web.web_target().start()
        cls.pair = Pair(METHOD, local_extra={"socks5_reply": "confirmed"}).start()
        cls.proxy = f"http://127.0.0.1:{cls.pair.socks_port}"
        cls.blob = b"".join(targets.pattern(SIZE))

    @classmethod
    def tearDownClass(cls):
        alarms = cls.pair.stop()
        cls.site.stop()
        cls.other.stop()
        assert not alarms, alarms

    def test_every_protocol_fetches_from_every_kind_of_address(self):
        port = self.pair.socks_port
        by_name = ["127.0.0.1", "localhost"]
        everywhere = by_name + (["[::1]"] if ports.has_ipv6() else [])
        ways = {("--proxy", f"http://127.0.0.1:{port}"): everywhere, ("--proxytunnel", "--proxy", f"http://127.0.0.1:{port}"): everywhere,
                ("--socks4", f"127.0.0.1:{port}"): ["127.0.0.1"], ("--socks4a", f"127.0.0.1:{port}"): by_name,
                ("--socks5-hostname", f"127.0.0.1:{port}"): everywhere}
        for way, hosts in ways.items():
            for host in hosts:
                with self.subTest(way=way[-2], host=host):
                    code, body, errors = curl(*way, f"http://{host}:{self.site.port}/blob/{SIZE}")
                    self.assertEqual((code, errors), (0, ""), self.pair.logs())
                    self.assertTrue(body == self.blob, f"{len(body)} bytes came, not the {SIZE} that were sent")

    def test_uploads_arrive_whole(self):
        for fields in (["-H", "Expect:"], ["-H", "Expect: 100-continue"]):
            with self.subTest(fields):
                with tempfile.NamedTemporaryFile() as file:
                    file.write(self.blob)
                    file.flush()
                    code, body, errors = curl("--proxy", self.proxy, "-T", file.name, *fields, f"http://127.0.0.1:{self.site.port}/upload")
                self.assertEqual((code, body.decode()), (0, targets.pattern_hash(SIZE)), errors + self.pair.logs())

    def test_one_connection_serves_requests_to_two_hosts(self):
        before = self.site.accepted, self.other.accepted
        urls = [f"http://127.0.0.1:{site.port}/data.json" for site in (self.site, self.site, self.other, self.other, self.site)]
        code, body, errors = curl("--proxy", self.proxy, "-w", "|%{num_connects}|", *urls)
        self.assertEqual((code, errors), (0, ""), self.pair.logs())
        self.assertEqual(body.decode().count("arrived"), 5)
        self.assertEqual(body.decode().split("|")[1::2], ["1", "0", "0", "0", "0"])
        self.assertEqual((self.site.accepted - before[0], self.other.accepted - before[1]), (2, 1), "kept for the same target, and for no other")

    def test_pipelined_requests_are_answered_in_order(self):
        paths = [(self.site, "/style.css"), (self.site, "/blob/70000"), (self.other, "/data.json"), (self.other, "/app.js")]
        last = len(paths) - 1
        message = b"".join(get(site, path, "Connection: close\r\n" if i == last else "") for i, (site, path) in enumerate(paths))
        answer = raw(self.pair.socks_port, message)
        places = [answer.find(what) for what in (web.STYLE.encode(), self.blob[:70000], b'"arrived"', b"addEventListener")]
        self.assertEqual(places, sorted(places))
        self.assertNotIn(-1, places)
        self.assertEqual(answer.count(b"HTTP/1.1 200 "), 4)

    def test_connect_behind_a_request_takes_along_all_that_was_said_already(self):
        with targets.Target(targets.echo) as echo:
            for said in (15_000, 16_300, 30_000, 100_000):
                for first in (get(self.site, "/index.html"), self.put_chunked()):
                    with self.subTest(said=said, first=first[:4]), socket.create_connection(("127.0.0.1", self.pair.socks_port), 15) as sock:
                        pattern = self.blob[:said]
                        sock.sendall(first + f"CONNECT 127.0.0.1:{echo.port} HTTP/1.1\r\nHost: 127.0.0.1:{echo.port}\r\n\r\n".encode() + pattern)
                        sock.shutdown(socket.SHUT_WR)
                        answer = b"".join(iter(lambda sock=sock: sock.recv(65536), b""))
                        self.assertTrue(answer.endswith(pattern), self.pair.logs())

    def put_chunked(self):
        """A request whose end is known only when all of it has been read."""
        head = f"PUT http://127.0.0.1:{self.site.port}/upload HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head.encode() + b"5\r\nhello\r\n0\r\n\r\n"

    def test_a_client_of_http_1_0_gets_no_chunks(self):
        heads = []

        def answer(sock):
            heads.append(sock.recv(65536))
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n")

        with targets.Target(answer) as target:
            message = f"GET http://127.0.0.1:{target.port}/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode()
            self.assertEqual(raw(self.pair.socks_port, message), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world")
            self.assertIn(b"GET / HTTP/1.1\r\n", heads[0])

    def test_connect_carries_tls(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl, which makes the certificate, is not installed")
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
            made = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 1, "-subj", "/CN=localhost", "-addext",
                       "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
            self.assertEqual(made.returncode, 0, made.stderr)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)

            def answer(sock):
                with context.wrap_socket(sock, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")

            target = stack.enter_context(targets.Target(answer))
            code, body, errors = curl("--proxy", self.proxy, "--cacert", certificate, f"https://localhost:{target.port}/")
            self.assertEqual((code, body), (0, b"secret"), errors + self.pair.logs())

    def test_pages_say_why_a_target_cannot_be_reached(self):
        closed = ports.free_port()
        causes = ((f"127.0.0.1:{closed}", 502, "refused"), ("10.255.255.1:80", 403, "not allowed"), ("absent.invalid:80", 502, "name"),
                  ("255.255.255.255:21248", 403, "not allowed"))
        for authority, status, word in causes:
            with self.subTest(authority=authority):
                code, body, errors = curl("--proxy", self.proxy, "-w", "%{http_code}", f"http://{authority}/")
                self.assertEqual((code, body[-3:].decode()), (0, str(status)), errors + self.pair.logs())
                self.assertIn(word, body.decode())
                code, connected, _ = curl("--proxytunnel", "--proxy", self.proxy, "-w", "%{http_connect}", f"http://{authority}/")
                self.assertEqual((code, connected.decode()), (56, str(status)))

    def test_a_page_in_a_browser_cannot_use_the_port_as_a_web_server(self):
        before = self.site.accepted
        for message in (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", f"GET /blob/1 HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\n\r\n".encode(),
                        get(self.site, "/blob/1", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), get(self.site, "/", "Host: other\r\n")):
            answer = raw(self.pair.socks_port, message)
            self.assertEqual(answer[:13], b"HTTP/1.1 400 ", message)
        self.assertEqual(self.site.accepted, before, "something was passed on")

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_git_clones(self):
        with tempfile.TemporaryDirectory() as folder:
            git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", "-c", f"http.proxy={self.proxy}"]
            for words in (["init", "-q", "work"], ["-C", "work", "commit", "-q", "--allow-empty", "-m", "one"],
                          ["clone", "-q", "--bare", "work", "work.git"], ["-C", "work.git", "update-server-info"]):
                done = run(*git, *words, cwd=folder)
                self.assertEqual(done.returncode, 0, done.stderr)

            class Files(http.server.SimpleHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def __init__(self, *arguments):
                    super().__init__(*arguments, directory=folder)

                def log_message(self, *_):
                    pass

            with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                done = run(*git, "clone", "-q", f"http://127.0.0.1:{server.server_port}/work.git", "copy", cwd=folder)
                self.assertEqual(done.returncode, 0, done.stderr.decode() + self.pair.logs())
                server.shutdown()
            self.assertEqual(run("git", "-C", "copy", "log", "--format=%s", cwd=folder).stdout, b"one\n")

    @unittest.skipUnless(os.path.exists(APT_HELPER), "apt is not installed")
    def test_apt_downloads_from_two_hosts(self):
        with tempfile.TemporaryDirectory() as folder:
            wanted, words = {}, []
            for number in range(6):
                site, size = (self.site, self.other)[number % 2], 50_000 + number
                path = Path(folder) / f"file{number}"
                wanted[path] = b"".join(targets.pattern(size))
                words += [f"http://127.0.0.1:{site.port}/blob/{size}", path, "SHA256:" + hashlib.sha256(wanted[path]).hexdigest()]
            done = run(APT_HELPER, "-o", f"Acquire::http::Proxy={self.proxy}", "-o", "APT::Sandbox::User=", "download-file", *words)
            self.assertEqual(done.returncode, 0, done.stdout.decode() + done.stderr.decode() + self.pair.logs())
            for path, body in wanted.items():
                self.assertTrue(path.read_bytes() == body, path)


class CredentialsTest(unittest.TestCase):
    USERS = [{"name": "alice", "password": "wonder land:1"}]

    def test_http_asks_for_them_and_socks4_is_refused(self):
        port = ports.free_port()
        local = {"locals": [{"local_address": "127.0.0.1", "local_port": port, "users": self.USERS}]}
        with web.web_target() as site, Pair(METHOD, local_port=port, local_extra=local, local_without=("local_address", "local_port")) as pair:
            url, proxy = f"http://127.0.0.1:{site.port}/data.json", f"http://127.0.0.1:{port}"
            for words in ([], ["--proxy-user", "alice:b"], ["--proxy-user", "bob:wonder land:1"]):
                with self.subTest(words):
                    _, body, _ = curl("--proxy", proxy, "-w", "%{http_code}", *words, url)
                    self.assertEqual(body[-3:], b"407")
                    _, body, _ = curl("--proxytunnel", "--proxy", proxy, "-w", "%{http_connect}", *words, url)
                    self.assertEqual(body[-3:], b"407")
            self.assertEqual(site.accepted, 0)
            for words in ([], ["--proxytunnel"]):
                code, body, errors = curl("--proxy", proxy, "--proxy-anyauth", "--proxy-user", "alice:wonder land:1", "-w", "|%{num_connects}", *words, url)
                self.assertEqual(code, 0, errors + pair.logs())
                self.assertIn(b"arrived", body)
                self.assertEqual(body.split(b"|")[1], b"1", "asked and answered on one connection")
            self.assertEqual(curl("--socks4a", f"127.0.0.1:{port}", url)[0], 97)


class ProtocolTest(unittest.TestCase):
    def test_each_listener_speaks_what_it_is_told(self):
        mixed, socks, only_http = (ports.free_port() for _ in range(3))
        local = {"local_port": mixed, "locals": [{"protocol": "socks", "local_port": socks}, {"protocol": "http", "local_port": only_http}]}
        with web.web_target() as site, Pair(METHOD, local_port=mixed, local_extra=local) as pair:
            url = f"http://127.0.0.1:{site.port}/data.json"
            for port, serves in ((mixed, ("http", "socks4", "socks5")), (socks, ("socks4", "socks5")), (only_http, ("http",))):
                for scheme in ("http", "socks4", "socks5"):
                    with self.subTest(port=port, scheme=scheme):
                        code, body, errors = curl("--proxy", f"{scheme}://127.0.0.1:{port}", url)
                        self.assertEqual((code == 0, b"arrived" in body), (scheme in serves, scheme in serves), errors + pair.logs())

    def test_page_says_that_the_server_is_away(self):
        with Pair(METHOD) as pair:
            pair.server.stop()
            code, body, _ = curl("--proxy", f"http://127.0.0.1:{pair.socks_port}", "-w", "%{http_code}", "http://example.invalid/")
            self.assertEqual((code, body[-3:]), (0, b"502"))
            self.assertIn(b"Shadowsocks server", body)


if __name__ == "__main__":
    unittest.main()
