"""BIND: FTP in active mode through the pair, with a real server and client, and who may connect to what was bound."""
import hashlib
import io
import socket
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ftp, ports, socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import Libev  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "aes-128-gcm")
SIZE = 1 << 20
FIRST, LAST = 32000, 32040  # above the ports that tests look for and below those of outgoing connections
BIND_PORTS = {"bind_ports": f"{FIRST}-{LAST}"}
WAIT = 10


def contents(name):
    return b"".join(targets.pattern(SIZE, index=len(name)))


@unittest.skipIf(ftp.missing(), ftp.missing())
class FtpTest(unittest.TestCase):
    def test_active_transfers_both_ways(self):
        for method in METHODS:
            with self.subTest(method), tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as logs, \
                    Pair(method, server_extra=BIND_PORTS) as pair:
                (Path(folder) / "there").write_bytes(contents("there"))
                port = ports.free_port()
                with ftp.server(folder, port, logs) as server, ftp.ActiveClient(pair.socks_port, port) as client:
                    self.assertEqual(client.nlst(), ["there"], pair.logs())
                    digest = hashlib.sha256()
                    client.retrbinary("RETR there", digest.update)
                    self.assertEqual(digest.hexdigest(), hashlib.sha256(contents("there")).hexdigest())
                    client.storbinary("STOR back", io.BytesIO(contents("back")))
                    self.assertEqual((Path(folder) / "back").read_bytes(), contents("back"))
                    client.quit()
                    self.assertEqual(len(client.data_ports), 3)
                    self.assertTrue(all(FIRST <= one <= LAST for one in client.data_ports), client.data_ports)
                    self.assertIn("<- PORT", server.log())

    @unittest.skipIf(ftp.lftp_missing(), ftp.lftp_missing())
    def test_lftp_transfers_both_ways_behind_socksify(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as own, tempfile.TemporaryDirectory() as logs, \
                Pair(METHODS[0], server_extra=BIND_PORTS) as pair:
            (Path(folder) / "there").write_bytes(contents("there"))
            (Path(own) / "back").write_bytes(contents("back"))
            port = ports.free_port()
            with ftp.server(folder, port, logs) as server:
                done = ftp.lftp(pair.socks_port, port, "get there; put back", own)
                self.assertEqual(done.returncode, 0, f"{done.stderr}\n{pair.logs()}")
                self.assertEqual((Path(own) / "there").read_bytes(), contents("there"))
                self.assertEqual((Path(folder) / "back").read_bytes(), contents("back"))
                self.assertIn("<- PORT", server.log())


class BindTest(unittest.TestCase):
    def connect_from(self, host, to):
        return socket.create_connection(to, WAIT, source_address=(host, 0))

    def test_second_reply_names_the_peer_and_the_stream_goes_both_ways(self):
        for method in METHODS:
            with self.subTest(method), Pair(method, server_extra=BIND_PORTS) as pair:
                sock, bound = socks5.bind(pair.socks_port, "127.0.0.1", 21)
                with sock, self.connect_from("127.0.0.1", bound) as peer:
                    peer.sendall(b"spoken first")
                    self.assertEqual(socks5.read_reply(sock), peer.getsockname(), pair.logs())
                    self.assertEqual(socks5.read_exactly(sock, 12), b"spoken first")
                    sock.sendall(b"answered")
                    sock.shutdown(socket.SHUT_WR)
                    self.assertEqual(socks5.read_to_end(peer), b"answered")
                    peer.sendall(b"and more")
                    peer.shutdown(socket.SHUT_WR)
                    self.assertEqual(socks5.read_to_end(sock), b"and more")

    def test_nobody_but_the_expected_peer_is_taken(self):
        with Pair(METHODS[0], server_extra=BIND_PORTS) as pair:
            sock, bound = socks5.bind(pair.socks_port, "127.0.0.2", 21)
            with sock:
                # The reset may come as early as in connect.
                with self.assertRaises(ConnectionResetError), self.connect_from("127.0.0.1", bound) as stranger:
                    stranger.recv(1)
                with self.connect_from("127.0.0.2", bound) as peer:
                    self.assertEqual(socks5.read_reply(sock), peer.getsockname(), pair.logs())

    def test_port_is_left_when_the_client_leaves(self):
        with Pair(METHODS[0], server_extra=BIND_PORTS) as pair:
            sock, bound = socks5.bind(pair.socks_port, "127.0.0.1", 21)
            self.assertTrue(ports.listens(bound[1]))
            sock.close()
            self.assertTrue(ports.wait_until(lambda: not ports.listens(bound[1]), WAIT), pair.logs())

    def rep_of(self, host="127.0.0.1", **extra):
        with Pair("aes-128-gcm", **extra) as pair:
            with self.assertRaises(socks5.Refused) as refused:
                socks5.bind(pair.socks_port, host, 21)[0].close()
            return refused.exception.rep

    def test_is_not_supported_where_the_server_has_no_ports_for_it(self):
        self.assertEqual(self.rep_of(), 7)

    def test_is_not_supported_without_the_extension(self):
        self.assertEqual(self.rep_of(server_extra=BIND_PORTS, local_extra={"extension": "off"}), 7)

    def test_is_not_supported_by_a_stock_server(self):
        if Libev().missing():
            self.skipTest(Libev().missing())
        self.assertEqual(self.rep_of(server=Libev()), 7)


if __name__ == "__main__":
    unittest.main()
