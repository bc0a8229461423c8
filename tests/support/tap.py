"""A forwarder that keeps what the client side sent: for replays and for looking at first flights."""
import socket
import threading

from support.targets import Target


class Tap:
    """Listens on its own port, forwards to `to_port`; `.flights` holds, per connection, the client's bytes segment by segment."""

    def __init__(self, to_port):
        self.to_port = to_port
        self.flights = []
        self.target = Target(self._forward)

    @property
    def port(self):
        return self.target.port

    def _forward(self, client):
        flight = []
        self.flights.append(flight)
        with socket.create_connection(("127.0.0.1", self.to_port), 10) as server:
            server.settimeout(None)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_copy, args=(server, client, None), daemon=True)
            back.start()
            _copy(client, server, flight)
            back.join(30)

    def __enter__(self):
        self.target.start()
        return self

    def __exit__(self, *_):
        self.target.stop()


def _copy(source, sink, record):
    try:
        while data := source.recv(262144):
            if record is not None:
                record.append(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
