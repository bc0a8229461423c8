"""Headless Chromium loads a page of many resources through the pair."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import ports, web  # noqa: E402
from support.pair import Pair  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def dump_dom(proxy, url):
    with tempfile.TemporaryDirectory(prefix="ss-browser-") as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
             f"--proxy-server={proxy}", "--proxy-bypass-list=<-loopback>", "--virtual-time-budget=20000", "--dump-dom", url],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90, check=False)
        return done.stdout, done.stderr


@unittest.skipUnless(CHROMIUM, "chromium is not installed (Debian: apt-get install chromium)")
class BrowserTest(unittest.TestCase):
    def test_page_with_all_its_resources_arrives(self):
        for method in ("2022-blake3-aes-256-gcm", "chacha20-ietf-poly1305"):
            for scheme, host in (("socks5", "127.0.0.1"), ("socks5", "localhost"), ("socks4", "127.0.0.1"), ("http", "localhost")):
                with self.subTest(method=method, scheme=scheme, host=host), web.web_target() as site, Pair(method) as pair:
                    page, errors = dump_dom(f"{scheme}://127.0.0.1:{pair.socks_port}", f"http://{host}:{site.port}/")
                    self.assertIn(web.RESULT, page, errors[-2000:] + pair.logs())

    def test_page_does_not_arrive_without_the_pair(self):
        """Shows that the test above goes through the proxy at all."""
        with web.web_target() as site:
            page, _ = dump_dom(f"socks5://127.0.0.1:{ports.free_port()}", f"http://127.0.0.1:{site.port}/")
            self.assertNotIn(web.RESULT, page)
            self.assertEqual(site.accepted, 0)


if __name__ == "__main__":
    unittest.main()
