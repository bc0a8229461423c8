"""The jobs beside running: check, genkey, link, version and help, running from a link or from flags, and exit codes."""
import base64
import os
import pty
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.process import Process  # noqa: E402
from support.programs import Ours, Setup, our_bin  # noqa: E402


def run(program, *words, env=None):
    done = subprocess.run([our_bin() / program, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10,
                          check=False, env=env)
    return done.returncode, done.stdout, done.stderr


def run_on_terminal(program, *words):
    """What the program's standard output shows where that is a terminal."""
    master, terminal = pty.openpty()
    try:
        with subprocess.Popen([our_bin() / program, *map(str, words)], stdin=subprocess.DEVNULL, stdout=terminal,
                              env={**os.environ, "TERM": "xterm"}) as process:
            os.close(terminal)
            shown = b""
            while True:
                try:
                    part = os.read(master, 65536)
                except OSError:  # what Linux says at the end of a terminal
                    part = b""
                if not part:
                    break
                shown += part
        return process.returncode, shown.decode().replace("\r\n", "\n")
    finally:
        os.close(master)


class CommandCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ss-command-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def config(self, text):
        path = Path(self.folder) / "config.json"
        path.write_text(text, encoding="utf-8")
        return path

    def check(self, text, program="ss-server"):
        code, out, errors = run(program, "check", "-c", self.config(text))
        return code, out + errors


class CheckTest(CommandCase):
    def test_good_configuration_is_0(self):
        for method in methods.METHODS:
            setup = Setup(method, methods.new_secret(method), 20001, 20002)
            for program, command in (("ss-server", Ours().server_command), ("ss-local", Ours().local_command)):
                with self.subTest(method=method, program=program):
                    code, out, errors = run(program, "check", *command(self.folder, setup)[1:])
                    self.assertEqual(code, 0, out + errors)

    def test_each_problem_is_one_line_with_its_place_and_all_come_at_once(self):
        code, text = self.check('{\n  "server": "127.0.0.1",\n  "server_port": 99999,\n  "methud": "aes-256-gcm",\n'
                                '  "password": "long enough for a password",\n  "timeout": "soon"\n}\n')
        self.assertEqual(code, 2, text)
        for line, key in ((3, "server_port"), (4, "methud"), (6, "timeout")):
            self.assertRegex(text, rf"config\.json:{line}:\d+: {key}: ")
        self.assertIn("method", text.split("methud", 1)[1], "the nearest known key is not named")

    def test_problems_that_are_2(self):
        good = '"server": "127.0.0.1", "server_port": 20001'
        secret = '"password": "long enough for a password, 0123456789"'
        cases = {
            "broken JSON": "{", "not an object": "[]", "empty file": "",
            "repeated key": "{%s, %s, \"method\": \"aes-256-gcm\", \"method\": \"aes-128-gcm\"}" % (good, secret),
            "old stream method": '{%s, %s, "method": "rc4-md5"}' % (good, secret),
            "unknown method": '{%s, %s, "method": "aes-257-gcm"}' % (good, secret),
            "method none beyond loopback": '{"server": "0.0.0.0", "server_port": 20001, %s, "method": "none"}' % secret,
            "key of the wrong length": '{%s, "password": "AAAA", "method": "2022-blake3-aes-256-gcm"}' % good,
            "weak password": '{%s, "password": "abc", "method": "aes-256-gcm"}' % good,
            "no password": '{%s, "method": "aes-256-gcm"}' % good,
            "plugin, which is not supported yet": '{%s, %s, "method": "aes-256-gcm", "plugin": "obfs-server"}' % (good, secret),
            "acl, which is not supported yet": '{%s, %s, "method": "aes-256-gcm", "acl": "/tmp/acl"}' % (good, secret),
        }
        for name, text in cases.items():
            with self.subTest(name):
                code, message = self.check(text)
                self.assertEqual(code, 2, message)
                self.assertRegex(message, r"config\.json:\d+:\d+: ")

    def test_comments_and_the_other_programs_keys_are_taken(self):
        code, text = self.check('{ // a comment\n "_note": 1, "remarks": "mine", "server": "127.0.0.1", "server_port": "20001", /* x */\n'
                                ' "local_port": 1080, "password": "long enough for a password, 0123456789", "method": "aes-256-gcm"}')
        self.assertEqual(code, 0, text)

    def test_running_a_bad_configuration_is_2(self):
        for program in ("ss-server", "ss-local"):
            self.assertEqual(run(program, "-c", self.config("{"))[0], 2)
            self.assertEqual(run(program, "-c", Path(self.folder) / "absent.json")[0], 2)


class GenkeyTest(CommandCase):
    def test_key_has_the_form_of_its_method_and_is_new_each_time(self):
        for method in methods.METHODS:
            with self.subTest(method):
                code, first, errors = run("ss-server", "genkey", method)
                self.assertEqual(code, 0, errors)
                self.assertNotEqual(first, run("ss-server", "genkey", method)[1])
                if methods.is_2022(method):
                    self.assertEqual(len(base64.b64decode(first.strip(), validate=True)), methods.key_bytes(method))
                else:
                    self.assertGreaterEqual(len(first.strip()), 16)

    def test_unknown_method_is_2(self):
        self.assertEqual(run("ss-server", "genkey", "rot13")[0], 2)


class LinkTest(CommandCase):
    def test_local_runs_from_the_link_that_the_server_prints(self):
        for method in ("aes-192-gcm", "2022-blake3-aes-256-gcm"):
            with self.subTest(method), targets.Target(targets.echo) as target, Pair(method) as pair:
                code, out, errors = run("ss-server", "link", "-c", Path(pair.folder.name) / "server.json")
                self.assertEqual(code, 0, errors)
                link = out.split()[0]
                self.assertTrue(link.startswith("ss://"), out)
                for words in ([link], ["--url", link]):
                    port = free_port()
                    with Process([our_bin() / "ss-local", *words, "-l", port], self.folder) as local:
                        local.wait_listening(port)
                        with socks5.connect(port, "127.0.0.1", target.port) as sock:
                            sock.sendall(b"from a link")
                            self.assertEqual(socks5.read_exactly(sock, 11), b"from a link", local.log())

    def test_link_of_one_user_carries_both_keys(self):
        method = "2022-blake3-aes-128-gcm"
        users = [("ann", methods.new_secret(method)), ("ben", methods.new_secret(method))]
        setup = Setup(method, methods.new_secret(method), 20001, users=users)
        config = Ours().server_command(self.folder, setup)[2]
        code, out, errors = run("ss-server", "link", "-c", config, "ben")
        self.assertEqual(code, 0, errors)
        code, _, _ = run("ss-server", "link", "-c", config, "zoe")
        self.assertEqual(code, 2, "a user who does not exist")
        self.assertTrue(out.startswith("ss://"))
        self.assertIn(f"{setup.password}:{users[1][1]}", urllib.parse.unquote(out))

    def test_qr_code_is_for_terminals_alone(self):
        setup = Setup("2022-blake3-aes-256-gcm", methods.new_secret("2022-blake3-aes-256-gcm"), 20001)
        config = Ours().server_command(self.folder, setup)[2]
        _, piped, _ = run("ss-server", "link", "-c", config)
        self.assertRegex(piped, r"\Ass://[!-~]+\n\Z")
        code, shown = run_on_terminal("ss-server", "link", "-c", config)
        self.assertEqual(code, 0)
        self.assertEqual(shown.split("\n")[0] + "\n", piped)
        drawn = shown.split("\n")[1:-1]
        self.assertGreater(len(drawn), 14)
        for line in drawn:
            self.assertRegex(line, "\\A\x1b\\[[0-9;]+m[ ▀▄█]+\x1b\\[0m\\Z")

    def test_what_is_not_a_link_is_a_usage_error(self):
        for words in (["http://example.com"], ["ss://"], ["ss://YWVz@host"], ["chekc"]):
            with self.subTest(words):
                code, out, errors = run("ss-local", *words)
                self.assertEqual(code, 2)
                self.assertNotEqual(out + errors, "")
        self.assertIn("check", "".join(run("ss-local", "chekc")[1:]))


class FlagTest(CommandCase):
    SECRET = "a password, long enough 0123456789"

    def test_runs_from_flags_alone_and_hides_the_password(self):
        port = free_port()
        with Process([our_bin() / "ss-server", "-s", "127.0.0.1", "-p", port, "-k", self.SECRET, "-m", "aes-256-gcm", "-v"], self.folder) as server:
            server.wait_listening(port)
            self.assertNotIn(self.SECRET.encode(), Path(f"/proc/{server.pid}/cmdline").read_bytes())
            self.assertNotIn(self.SECRET, server.log())
            self.assertIn("-k", server.log(), "no warning that the process list shows -k")

    def test_password_from_the_environment_and_from_a_file(self):
        key_file = Path(self.folder) / "key"
        key_file.write_text(self.SECRET + "\n", encoding="utf-8")
        for words, env in (([], {"SS_PASSWORD": self.SECRET}), (["--key-file", key_file], {})):
            port = free_port()
            with self.subTest(env=bool(env)), Process([our_bin() / "ss-server", "-s", "127.0.0.1", "-p", port, "-m", "aes-256-gcm", *words],
                                                      self.folder, env=env) as server:
                server.wait_listening(port)

    def test_version_names_the_back_end_and_help_fits_a_screen(self):
        for program in ("ss-server", "ss-local"):
            code, out, _ = run(program, "--version")
            self.assertEqual(code, 0)
            self.assertRegex(out.lower(), r"openssl|ipsec")
            code, out, _ = run(program, "-h")
            self.assertEqual(code, 0)
            self.assertLessEqual(len(out.splitlines()), 50)

    def test_unknown_flag_is_2(self):
        for program in ("ss-server", "ss-local"):
            self.assertEqual(run(program, "--no-such-flag")[0], 2)


class DescriptorTest(CommandCase):
    def test_no_socket_takes_the_place_of_a_closed_standard_descriptor(self):
        method = "2022-blake3-aes-256-gcm"
        setup = Setup(method, methods.new_secret(method), free_port(), free_port())
        for command, port in ((Ours().server_command(self.folder, setup), setup.server_port),
                              (Ours().local_command(self.folder, setup), setup.local_port)):
            closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
            with self.subTest(command[0]), Process(closed, self.folder) as process:
                process.wait_listening(port)
                self.assertEqual([os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in range(3)], ["/dev/null"] * 3)


class SecretTest(CommandCase):
    def test_no_log_level_shows_a_secret(self):
        for method in ("aes-256-gcm", "2022-blake3-aes-128-gcm"):
            setup = Setup(method, methods.new_secret(method), free_port(), free_port())
            with self.subTest(method), targets.Target(targets.echo) as target, \
                    Process(Ours().server_command(self.folder, setup) + ["--log-level", "trace"], self.folder, "server") as server, \
                    Process(Ours().local_command(self.folder, setup) + ["--log-level", "trace"], self.folder, "local") as local:
                server.wait_listening(setup.server_port)
                local.wait_listening(setup.local_port)
                with socks5.connect(setup.local_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(b"x")
                    socks5.read_exactly(sock, 1)
                for one in (server, local):
                    self.assertNotIn(setup.password, one.log())


if __name__ == "__main__":
    unittest.main()
