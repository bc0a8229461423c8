"""A UDP forwarder before ss-server: it keeps what passes, and can go on from another port of its own."""
import select
import socket
import threading

from support.udp_targets import bound_socket


class UdpTap:
    """Forwards from its own port to `to_port`. `.packets` holds what the client side sent, `.answers` what came back.

    Answers to any of its ports come back to where the client side sent from last.
    """

    def __init__(self, to_port, host="127.0.0.1"):
        self.to = (host, to_port)
        self.packets, self.answers = [], []
        self.client = None
        self.entrance = bound_socket(host)
        self.used_ports = set()
        self.upstreams = [self._new_upstream()]
        self.wake, self.wake_sender = socket.socketpair()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._forward, daemon=True)

    @property
    def port(self):
        return self.entrance.getsockname()[1]

    def _new_upstream(self):
        """Bound to a port that no upstream had before: the kernel may hand out again what was closed."""
        taken = []
        while True:
            sock = bound_socket(self.to[0])
            if (port := sock.getsockname()[1]) not in self.used_ports:
                break
            taken.append(sock)
        for other in taken:
            other.close()
        self.used_ports.add(port)
        return sock

    def roam(self, keep_old=True):
        """From now on packets leave from another port; answers to the old one are lost unless it is kept."""
        with self.lock:
            gone = [] if keep_old else self.upstreams
            self.upstreams = self.upstreams[len(gone):] + [self._new_upstream()]
        self.wake_sender.send(b"x")
        for sock in gone:
            sock.close()

    def replay(self, packet):
        """Sends `packet` once more, from where the last one left."""
        with self.lock:
            self.upstreams[-1].sendto(packet, self.to)

    def replay_answer(self, packet):
        """Sends `packet` to the client side, as an answer."""
        self.entrance.sendto(packet, self.client)

    def _forward(self):
        while True:
            with self.lock:
                upstreams = list(self.upstreams)
            try:
                ready = select.select([self.wake, self.entrance, *upstreams], [], [])[0]
            except (OSError, ValueError):
                continue  # one was closed meanwhile
            if self.wake in ready and self.wake.recv(100) in (b"", b"end"):
                return
            for sock in ready:
                if sock is not self.wake:
                    self._pass_on(sock)

    def _pass_on(self, sock):
        try:
            data, source = sock.recvfrom(65536)
            if sock is self.entrance:
                self.client = source
                self.packets.append(data)
                with self.lock:
                    self.upstreams[-1].sendto(data, self.to)
            elif self.client:
                self.answers.append(data)
                self.entrance.sendto(data, self.client)
        except OSError:
            pass  # closed meanwhile, or nobody listens there now

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wake_sender.close()
        self.thread.join(10)
        for sock in (self.entrance, self.wake, *self.upstreams):
            sock.close()
