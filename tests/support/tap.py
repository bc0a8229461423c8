"""A forwarder that keeps what passes: for replays, for looking at first flights, and for putting one server in another's place."""
import socket
import threading

from support.targets import Target, reset_at_close


class Tap:
    """Listens on its own port, forwards each connection to `.to_port` as it stands then; ends and resets are passed on.

    `.flights` and `.answers` hold, per connection, the client's and the server's bytes segment by segment.
    """

    def __init__(self, to_port):
        self.to_port = to_port
        self.flights, self.answers = [], []
        self.target = Target(self._forward)
        self.lock = threading.Lock()

    @property
    def port(self):
        return self.target.port

    def next_port(self):
        return self.to_port

    def _forward(self, client):
        flight, answer = [], []
        with self.lock:
            self.flights.append(flight)
            self.answers.append(answer)
            to_port = self.next_port()
        with socket.create_connection(("127.0.0.1", to_port), 10) as server:
            server.settimeout(None)
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_copy, args=(server, client, answer), daemon=True)
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
            record.append(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except ConnectionResetError:
        _give_up(sink)
    except OSError:
        pass


def _give_up(sink):
    """Ends the other direction, which then closes the socket, with a reset."""
    try:
        reset_at_close(sink)
        sink.shutdown(socket.SHUT_RD)
    except OSError:
        pass  # it has gone too
