"""200 MB each way through the pair, checked by hash, with a method of each family."""
import hashlib
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import socks5, targets  # noqa: E402
from support.pair import Pair  # noqa: E402

SIZE = 200_000_000
METHODS = ("chacha20-ietf-poly1305", "2022-blake3-aes-256-gcm")


class TransferTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = targets.pattern_hash(SIZE)

    def test_download_arrives_whole(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.source) as target, Pair(method) as pair:
                digest, total, buffer = hashlib.sha256(), 0, memoryview(bytearray(1 << 18))
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    sock.sendall(struct.pack("!Q", SIZE))
                    while count := sock.recv_into(buffer):
                        digest.update(buffer[:count])
                        total += count
                self.assertEqual((total, digest.hexdigest()), (SIZE, self.expected), pair.logs())

    def test_upload_arrives_whole_and_the_answer_comes_after_the_half_close(self):
        for method in METHODS:
            with self.subTest(method=method), targets.Target(targets.sink) as target, Pair(method) as pair:
                with socks5.connect(pair.socks_port, "127.0.0.1", target.port) as sock:
                    for block in targets.pattern(SIZE):
                        sock.sendall(block)
                    sock.shutdown(1)
                    self.assertEqual(socks5.read_to_end(sock).decode(), self.expected, pair.logs())


if __name__ == "__main__":
    unittest.main()
