"""An HTTP target: a page of many resources, blobs to fetch, and an upload that answers with the hash."""
import hashlib
import json
import struct
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from support.targets import Target, pattern

IMAGES = 12

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>page</title><link rel="stylesheet" href="/style.css"></head>
<body><p id="styled">text</p>%s<p id="result">loading</p><script src="/app.js"></script></body></html>
""" % "".join(f'<img src="/image/{number}.png">' for number in range(IMAGES))

STYLE = "#styled { color: rgb(1, 2, 3); }\n"

# Writes one line into the page when everything has arrived; the test reads it from the dumped DOM.
SCRIPT = """
window.addEventListener("load", async () => {
  const images = [...document.images].filter(image => image.naturalWidth === 2).length;
  const colour = getComputedStyle(document.getElementById("styled")).color;
  const data = await (await fetch("/data.json")).json();
  const blob = await (await fetch("/blob/300000")).arrayBuffer();
  document.getElementById("result").textContent = `images=${images} style=${colour} fetch=${data.word} blob=${blob.byteLength}`;
});
"""

RESULT = f"images={IMAGES} style=rgb(1, 2, 3) fetch=arrived blob=300000"


def png(red):
    """A 2 x 2 picture."""
    def part(kind, body):
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + bytes([red, 0, 0]) * 2 for _ in range(2))
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack("!IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
            + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self):
        path = self.path
        if path == "/":
            self._send("text/html", PAGE.encode())
        elif path == "/style.css":
            self._send("text/css", STYLE.encode())
        elif path == "/app.js":
            self._send("text/javascript", SCRIPT.encode())
        elif path == "/data.json":
            self._send("application/json", json.dumps({"word": "arrived"}).encode())
        elif path.startswith("/image/"):
            self._send("image/png", png(int(path[7:-4])))
        elif path.startswith("/blob/"):
            self._blob(int(path[6:]))
        else:
            self.send_error(404)

    def do_PUT(self):
        digest, chunked = hashlib.sha256(), "Content-Length" not in self.headers
        left = int(self.rfile.readline(), 16) if chunked else int(self.headers["Content-Length"])
        while left > 0:
            piece = self.rfile.read(min(left, 262144))
            if not piece:
                return
            digest.update(piece)
            left -= len(piece)
            if chunked and left == 0:
                self.rfile.readline()
                left = int(self.rfile.readline(), 16)
        if chunked:
            self.rfile.readline()
        self._send("text/plain", digest.hexdigest().encode())

    def _blob(self, size):
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        for block in pattern(size):
            self.wfile.write(block)

    def _send(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Requests(ThreadingHTTPServer):
    """Makes a handler for sockets that a Target accepted; it never binds a port of its own."""
    daemon_threads = True

    def __init__(self):
        TCPServer.__init__(self, ("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.server_name, self.server_port = "localhost", 0


def web_target():
    """A Target that speaks HTTP on both families."""
    server = _Requests()
    return Target(lambda sock: Handler(sock, sock.getpeername(), server))
