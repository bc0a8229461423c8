"""What people run over UDP: DNS by dig and from here, and a QUIC download where aioquic is installed."""
import asyncio
import datetime
import hashlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    from aioquic.asyncio import QuicConnectionProtocol, connect, serve
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.events import StreamDataReceived
    QUIC_REASON = ""
except ImportError:
    QuicConnectionProtocol, QUIC_REASON = object, "aioquic is not installed"

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import targets  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.udp_targets import UdpTarget  # noqa: E402
from support.udp_tunnel import Tunnel  # noqa: E402

METHODS = ("chacha20-ietf-poly1305", "2022-blake3-aes-256-gcm")
DOWNLOAD = 3_000_000
A, IN = 1, 1


def encode_name(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def dns_answer(query):
    """192.0.2.1 for every name: the question with one record behind it."""
    number, end = struct.unpack("!H", query[:2])[0], query.index(b"\0", 12) + 5
    record = b"\xc0\x0c" + struct.pack("!HHIH", A, IN, 60, 4) + bytes([192, 0, 2, 1])
    return struct.pack("!HHHHHH", number, 0x8580, 1, 1, 0, 0) + query[12:end] + record


class DnsTest(unittest.TestCase):
    def test_a_query_is_answered(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget(dns_answer) as server, Pair(method, mode="tcp_and_udp") as pair, \
                    Association(pair.socks_port) as association:
                for number in range(1, 50):
                    question = encode_name(f"host{number}.example") + struct.pack("!HH", A, IN)
                    query = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + question
                    answer = association.ask("localhost", server.port, query)
                    self.assertEqual(answer[:2], query[:2])
                    self.assertEqual(answer[12:12 + len(question)], question)
                    self.assertEqual(answer[-4:], bytes([192, 0, 2, 1]))

    @unittest.skipUnless(shutil.which("dig"), "dig is not installed")
    def test_dig_gets_its_answer(self):
        for method in METHODS:
            with self.subTest(method), UdpTarget(dns_answer) as server, Pair(method, mode="tcp_and_udp") as pair, \
                    Tunnel(pair.socks_port, "127.0.0.1", server.port) as tunnel:
                done = subprocess.run(["dig", "@127.0.0.1", "-p", str(tunnel.port), "+short", "+tries=1", "www.example.com", "A"],
                                      capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual((done.returncode, done.stdout.strip()), (0, "192.0.2.1"), done.stderr + pair.logs())


class Download(QuicConnectionProtocol):
    """Answers each stream with a download."""

    def quic_event_received(self, event):
        if isinstance(event, StreamDataReceived) and event.end_stream:
            self._quic.send_stream_data(event.stream_id, b"".join(targets.pattern(DOWNLOAD)), end_stream=True)
            self.transmit()


def write_certificate(folder):
    """A self-signed certificate and its key; aioquic brings the package that makes them."""
    from cryptography import x509  # pylint: disable=import-outside-toplevel
    from cryptography.hazmat.primitives import hashes, serialization  # pylint: disable=import-outside-toplevel
    from cryptography.hazmat.primitives.asymmetric import ec  # pylint: disable=import-outside-toplevel
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    Path(folder, "certificate.pem").write_bytes(certificate.public_bytes(pem))
    Path(folder, "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


@unittest.skipIf(QUIC_REASON, QUIC_REASON)
class QuicTest(unittest.TestCase):
    def test_a_download_over_quic_arrives_whole(self):
        for method in METHODS:
            with self.subTest(method), tempfile.TemporaryDirectory() as folder, Pair(method, mode="tcp_and_udp") as pair:
                write_certificate(folder)
                self.assertEqual(asyncio.run(asyncio.wait_for(self.download(pair, folder), 20)), targets.pattern_hash(DOWNLOAD), pair.logs())

    async def download(self, pair, folder):
        server_rules = QuicConfiguration(is_client=False, alpn_protocols=["test"])
        server_rules.load_cert_chain(Path(folder, "certificate.pem"), Path(folder, "key.pem"))
        server = await serve("127.0.0.1", 0, configuration=server_rules, create_protocol=Download)
        port = server._transport.get_extra_info("sockname")[1]  # pylint: disable=protected-access
        client_rules = QuicConfiguration(is_client=True, alpn_protocols=["test"], server_name="localhost")
        client_rules.load_verify_locations(str(Path(folder, "certificate.pem")))
        try:
            with Tunnel(pair.socks_port, "localhost", port) as tunnel:
                async with connect("127.0.0.1", tunnel.port, configuration=client_rules) as client:
                    reader, writer = await client.create_stream()
                    writer.write_eof()
                    return hashlib.sha256(await reader.read()).hexdigest()
        finally:
            server.close()


if __name__ == "__main__":
    unittest.main()
