#!/usr/bin/env python3
"""UDP over TCP with sing-box, both versions and both ways: no datagram may pass between the two programs.

Exit code: 0 all pass, 1 one fails, 77 sing-box is missing.
"""
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support import methods  # noqa: E402
from support.pair import Pair  # noqa: E402
from support.peers import SingBox  # noqa: E402
from support.programs import Ours  # noqa: E402
from support.socks5_udp import Association  # noqa: E402
from support.udp_targets import UdpTarget, is_bound  # noqa: E402

METHODS = ("2022-blake3-aes-256-gcm", "2022-blake3-chacha20-poly1305", "chacha20-ietf-poly1305", "aes-128-gcm")
SIZES = (1, 1200, 9000, 15_000)  # sing-box has a buffer of 16 KiB, and drops empty ones
SKIPPED = 77
FROM_PEER = {"mode": "tcp_and_udp"}
TO_PEER = {"mode": "tcp_only", "local_extra": {"mode": "tcp_and_udp", "udp_over_tcp": "on"}}


class SingBoxOver(SingBox):
    """sing-box whose outbound carries UDP over TCP."""

    def __init__(self, version):
        self.over = version

    def _command(self, folder, name, inbound, outbound):
        if outbound["type"] == "shadowsocks":
            outbound = outbound | {"udp_over_tcp": {"enabled": True, "version": self.over}}
            outbound.pop("network", None)
        else:
            inbound = inbound | {"network": "tcp"}
        return super()._command(folder, name, inbound, outbound)


def exchange(pair):
    """Datagrams of every size, by address and by name, to two targets from one association."""
    with UdpTarget() as first, UdpTarget() as second, Association(pair.socks_port) as client:
        for host in ("127.0.0.1", "::1", "localhost"):
            for target in (first, second):
                for size in SIZES:
                    payload = os.urandom(size)
                    assert client.ask(host, target.port, payload) == payload, f"{host}, {size} bytes"
        payloads = {bytes([i]) * 100 for i in range(200)}
        for payload in sorted(payloads):
            client.send("127.0.0.1", first.port, payload)
        got = {client.receive()[1] for _ in payloads}
        assert got == payloads, "a burst"
        assert not sends_datagrams_to(pair.setup.server_port), "it was UDP"


def sends_datagrams_to(port):
    """Whether a UDP socket of this machine is connected to `port`."""
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        if os.path.exists(table):
            with open(table, encoding="ascii") as lines:
                if any(line.split()[2].endswith(f":{port:04X}") for line in lines):
                    return True
    return False


def cells():
    """Name, method, local side, server side, further fields of the pair."""
    for method in METHODS:
        for version in (1, 2):
            yield f"from sing-box, version {version}, {method}", method, SingBoxOver(version), Ours(), FROM_PEER
        yield f"to sing-box, {method}", method, Ours(), SingBoxOver(2), TO_PEER
    method = "2022-blake3-aes-128-gcm"
    server_key, user_key = methods.new_secret(method), methods.new_secret(method)
    users = {"password": server_key, "client_password": f"{server_key}:{user_key}",
             "users": [("first", methods.new_secret(method)), ("second", user_key)]}
    yield "from sing-box, with users", method, SingBoxOver(2), Ours(), users | FROM_PEER
    yield "to sing-box, with users", method, Ours(), SingBoxOver(2), users | TO_PEER


def main():
    missing = SingBox().missing()
    if missing:
        print(missing)
        return SKIPPED
    failed = 0
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, method, local, server, extra in cells():
        if wanted not in name:
            continue
        pair = Pair(method, local, server, **extra)
        try:
            with pair:
                try:
                    if isinstance(server, SingBox):
                        assert not is_bound(pair.setup.server_port), "the server takes UDP: this proves nothing"
                    exchange(pair)
                except Exception:
                    print(pair.logs(), file=sys.stderr)
                    raise
            print(f"ok      {name}")
        except (AssertionError, OSError, EOFError) as error:
            failed += 1
            print(f"failed  {name}: {type(error).__name__} {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
