"""What a client is told of a connection that cannot be made: every cause through our pair, as a reply of SOCKS5 and a status of HTTP.

The test makes a network of its own, where each cause is one.
"""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from interop.truth import TOO_FAR_V6, ask_all, ask_http, ask_socks5, pair_of, way_over_ipv6, world  # noqa: E402
from support import methods, own_network, ports, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import Libev  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305")
CONFIRMED = {"socks5_reply": "confirmed"}


def setUpModule():
    """The causes are the network's: all tests share it."""
    if own_network.WHY_NO_TUN:
        raise unittest.SkipTest(own_network.WHY_NO_TUN)
    unittest.enterModuleContext(world())


def remember(sock):
    """Answers everything, and keeps from where each connection came."""
    remember.peers.append(sock.getpeername()[:2])
    targets.echo(sock)


remember.peers = []


class WithTarget(unittest.TestCase):
    def setUp(self):
        self.target = targets.Target(remember).start()
        self.addCleanup(self.target.stop)


class TruthTest(WithTarget):
    def assert_told(self, asked, expected, pair):
        for cause, answer in asked:
            with self.subTest(cause.name):
                self.assertEqual(answer.code, expected(cause), f"{answer}\n{pair.logs()}")
                self.assertEqual(answer.then, "")
                self.assertLess(answer.seconds, 8)

    def test_every_cause_has_its_reply(self):
        for method in METHODS:
            with self.subTest(method), pair_of("ours", method, local_extra=CONFIRMED) as pair:
                self.assert_told(ask_all(pair, self.target), lambda cause: cause.rep, pair)

    def test_ttl_that_expires_over_ipv6_has_its_reply(self):
        with way_over_ipv6(), pair_of("ours", METHODS[0], local_extra=CONFIRMED) as pair:
            answer = ask_socks5(pair.socks_port, TOO_FAR_V6, 80)
            self.assertEqual(answer.code, 6, f"{answer}\n{pair.logs()}")

    def test_every_cause_has_its_status_of_http(self):
        with pair_of("ours", METHODS[0], local_extra=CONFIRMED) as pair:
            self.assert_told(ask_all(pair, self.target, ask_http), lambda cause: cause.status, pair)

    def test_by_itself_it_confirms_once_it_knows_whose_server_it_is(self):
        with pair_of("ours", METHODS[0]) as pair:
            self.assertEqual(ask_socks5(pair.socks_port, "127.0.0.1", self.target.port).code, 0)
            self.assertEqual(ask_socks5(pair.socks_port, "127.0.0.1", ports.free_port()).code, 5, pair.logs())

    def test_optimistic_says_yes_and_a_failure_is_a_reset_then(self):
        with pair_of("ours", METHODS[0], local_extra={"socks5_reply": "optimistic"}) as pair:
            ask_socks5(pair.socks_port, "127.0.0.1", self.target.port)
            answer = ask_socks5(pair.socks_port, "127.0.0.1", ports.free_port())
            self.assertEqual((answer.code, answer.then), (0, "reset"), pair.logs())

    def test_bound_address_is_that_of_the_servers_socket(self):
        for method in METHODS:
            with self.subTest(method), pair_of("ours", method, local_extra=CONFIRMED) as pair:
                answer = ask_socks5(pair.socks_port, "127.0.0.1", self.target.port)
                self.assertEqual(answer.bound, remember.peers[-1], pair.logs())


class ServerTruthTest(WithTarget):
    """What fails on the way to the server, and what can be known of one that is not ours."""

    def told(self, method, port=None, **extra):
        with Pair(method, **extra) as pair:
            return ask_socks5(pair.socks_port, "127.0.0.1", port or self.target.port), pair.local.log()

    def test_server_that_is_down_is_connection_refused(self):
        answer, log = self.told(METHODS[0], local_extra={"server_port": ports.free_port()})
        self.assertEqual(answer.code, 5, log)

    def test_server_name_that_does_not_exist_is_host_unreachable(self):
        answer, log = self.told(METHODS[0], local_extra={"server": "absent.example"})
        self.assertEqual(answer.code, 4, log)

    def test_wrong_key_is_a_reset_with_2022_methods_and_the_log_names_it(self):
        answer, log = self.told(METHODS[0], client_password=methods.new_secret(METHODS[0]))
        self.assertEqual((answer.code, answer.then), (0, "reset"), log)
        self.assertIn('"password"', log)

    def test_wrong_key_is_told_as_host_unreachable_within_the_wait(self):
        answer, log = self.told(METHODS[0], client_password=methods.new_secret(METHODS[0]), local_extra={"reply_wait_ms": 2000})
        self.assertEqual(answer.code, 4, log)
        self.assertLess(answer.seconds, 1)

    def test_wrong_key_is_silence_with_sip004_which_the_log_explains(self):
        for reply in ("auto", "confirmed"):
            with self.subTest(reply):
                answer, log = self.told(METHODS[1], client_password=methods.new_secret(METHODS[1]), local_extra={"socks5_reply": reply})
                self.assertEqual((answer.code, answer.then), (0, "silence"), log)
                self.assertIn('"password"', log)

    def test_early_close_of_a_stock_server_is_told_within_the_wait(self):
        if Libev().missing():
            self.skipTest(Libev().missing())
        extra = {"server": Libev(), "local_extra": {"reply_wait_ms": 1000}}
        self.assertEqual(self.told(METHODS[1], **extra)[0].code, 0)
        answer, log = self.told(METHODS[1], ports.free_port(), **extra)
        self.assertEqual(answer.code, 5, log)


if __name__ == "__main__":
    own_network.main(needs_tun=True)
