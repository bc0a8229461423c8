"""A local UDP port whose datagrams go through an association to one target: for clients that know no SOCKS5."""
import socket
import threading

from support.socks5_udp import Association, datagram, parse
from support.udp_targets import bound_socket


class Tunnel:
    """Serves one client, the one that sent last."""

    def __init__(self, socks_port, host, port):
        self.association = Association(socks_port)
        self.association.socket.settimeout(None)
        self.target = (host, port)
        self.entrance = bound_socket("127.0.0.1")
        self.client = None
        self.ending = False

    @property
    def port(self):
        return self.entrance.getsockname()[1]

    def _up(self):
        while not self.ending:
            payload, self.client = self.entrance.recvfrom(65536)
            if not self.ending:
                self.association.socket.sendto(datagram(*self.target, payload), self.association.relay)

    def _down(self):
        while not self.ending:
            answer = self.association.socket.recv(65536)
            if not self.ending and self.client:
                self.entrance.sendto(parse(answer)[1], self.client)

    def __enter__(self):
        self.threads = [threading.Thread(target=one, daemon=True) for one in (self._up, self._down)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            for sock in (self.entrance, self.association.socket):
                waker.sendto(b"", sock.getsockname())
        for thread in self.threads:
            thread.join(10)
        self.entrance.close()
        self.association.close()
