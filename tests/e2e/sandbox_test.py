"""The programs give up what they need no more, and serve on."""
import os
import pwd
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, socks5_udp, targets, udp_targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.process import DiedEarly  # noqa: E402

METHOD = "2022-blake3-aes-256-gcm"
STRICT = {"sandbox": "strict"}
WATCHED = os.environ.get("SS_SANITIZE", "")


def status_of(process):
    """The fields of /proc/PID/task/*/status, a dict for each thread."""
    return [dict(line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line)
            for path in Path(f"/proc/{process.pid}/task").glob("*/status")]


def why_not_strict():
    """What this system lacks for "strict", or an empty string."""
    if WATCHED:
        return "sanitizers need what the sandbox forbids"
    try:
        with Pair(METHOD, server_extra=STRICT):
            return ""
    except DiedEarly as error:
        return str(error)


WHY_NOT = why_not_strict()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class SandboxTest(unittest.TestCase):
    def ask(self, pair, host, port):
        with socks5.connect(pair.socks_port, host, port, timeout=10) as sock:
            sock.sendall(b"from inside")
            self.assertEqual(socks5.read_exactly(sock, 11), b"from inside")

    def test_every_thread_is_held_and_serves(self):
        with targets.Target(targets.echo) as target, udp_targets.UdpTarget(udp_targets.echo) as datagrams, \
                Pair(METHOD, mode="tcp_and_udp", server_extra={**STRICT, "workers": 2}, local_extra=STRICT) as pair:
            self.ask(pair, "127.0.0.1", target.port)
            with socks5_udp.Association(pair.socks_port) as association:
                association.ask("127.0.0.1", datagrams.port, b"datagram")
            for process in pair.processes():
                threads = status_of(process)
                self.assertGreaterEqual(len(threads), 2)
                for thread in threads:
                    with self.subTest(process=process.name, thread=thread["Pid"]):
                        self.assertEqual((thread["NoNewPrivs"], thread["Seccomp"]), ("1", "2"))
                        self.assertEqual({int(thread[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}, {0})
                self.assertIn("sandbox: no capabilities, Landlock", process.log())

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_user_is_become_once_the_port_is_bound(self):
        nobody = pwd.getpwnam("nobody")
        extra = {**STRICT, "user": "nobody"}
        with targets.Target(targets.echo) as target, Pair(METHOD, server_extra=extra, local_extra=extra) as pair:
            self.ask(pair, "127.0.0.1", target.port)
            for process in pair.processes():
                for thread in status_of(process):
                    self.assertEqual(set(thread["Uid"].split()), {str(nobody.pw_uid)})
                    self.assertEqual(set(thread["Gid"].split()), {str(nobody.pw_gid)})
                    self.assertEqual(int(thread["CapBnd"], 16), 0)

    def test_a_user_that_is_not_there_is_no_start(self):
        with self.assertRaisesRegex(DiedEarly, "user: there is no user nobody-of-that-name; write one that `id nobody-of-that-name` knows"), \
                Pair(METHOD, server_extra={"user": "nobody-of-that-name"}):
            pass

    def test_the_pid_file_is_removed_at_the_end(self):
        with tempfile.TemporaryDirectory(prefix="ss-sandbox-") as folder:
            path = Path(folder, "pid")
            with Pair(METHOD, server_extra={**STRICT, "pid_file": str(path)}) as pair:
                self.assertEqual(int(path.read_text()), pair.server.pid)
            self.assertFalse(path.exists())


if __name__ == "__main__":
    unittest.main()
