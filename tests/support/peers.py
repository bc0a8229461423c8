"""The stock peers, with what each documents that it supports."""
import re

from support import methods
from support.programs import Program, find_program, output_of, write_json

# The method lists of each peer's documentation; "" = supported, else the reason that stands in the matrix.
LIBEV_REASON = "shadowsocks-libev has no 2022 methods"
RUST_REASONS = {"aes-192-gcm": "shadowsocks-rust has no aes-192-gcm"}
RUST_EXTRA = ("xchacha20-ietf-poly1305",)


class Libev(Program):
    name = "shadowsocks-libev"
    half_close = False
    one_udp_port = True
    longest_datagram = 1397
    datagrams_lost = "drops datagrams above its packet size of 1397 bytes"

    def _find(self, name):
        # Our own programs bear the same names; only the help text tells which is installed.
        path = find_program(name)
        return path if path and "shadowsocks-libev" in output_of(path, "-h") else None

    def missing(self):
        return "" if self._find("ss-local") and self._find("ss-server") else "shadowsocks-libev is not installed"

    def version(self):
        found = re.search(r"shadowsocks-libev \S+", output_of(find_program("ss-server"), "-h"))
        return found.group() if found else "?"

    def unsupported(self, method):
        return LIBEV_REASON if methods.is_2022(method) else ""

    def server_command(self, folder, setup):
        config = {"server": setup.server_host, "server_port": setup.server_port, "method": setup.method, "password": setup.password,
                  "mode": setup.mode, "timeout": 300, "no_delay": True}
        return [self._find("ss-server"), "-c", write_json(folder, "libev-server.json", config)]

    def local_command(self, folder, setup):
        config = {"server": setup.server_host, "server_port": setup.server_port, "local_address": "127.0.0.1", "local_port": setup.local_port,
                  "method": setup.method, "password": setup.client_password, "mode": setup.mode, "timeout": 300, "no_delay": True}
        return [self._find("ss-local"), "-c", write_json(folder, "libev-local.json", config)]


class Rust(Program):
    name = "shadowsocks-rust"
    one_udp_port = True
    empty_datagrams = False
    datagrams_lost = "drops empty datagrams"
    eih_server = eih_local = True

    def missing(self):
        return "" if find_program("sslocal") and find_program("ssserver") else "shadowsocks-rust is not installed"

    def version(self):
        return output_of(find_program("ssserver"), "--version").strip().replace("shadowsocks ", "shadowsocks-rust ")

    def unsupported(self, method):
        if method in RUST_REASONS:
            return RUST_REASONS[method]
        if method in RUST_EXTRA and method not in output_of(find_program("ssserver"), "--help"):
            return "shadowsocks-rust has it only when built with the feature aead-cipher-extra; this build has not"
        return ""

    def server_command(self, folder, setup):
        server = {"server": setup.server_host, "server_port": setup.server_port, "method": setup.method, "password": setup.password}
        if setup.users:
            server["users"] = [{"name": name, "password": password} for name, password in setup.users]
        return [find_program("ssserver"), "-c", write_json(folder, "rust-server.json", {"servers": [server], "mode": setup.mode, "no_delay": True})]

    def local_command(self, folder, setup):
        config = {"servers": [{"server": setup.server_host, "server_port": setup.server_port, "method": setup.method, "password": setup.client_password}],
                  "locals": [{"local_address": "127.0.0.1", "local_port": setup.local_port}], "mode": setup.mode, "no_delay": True}
        return [find_program("sslocal"), "-c", write_json(folder, "rust-local.json", config)]


class SingBox(Program):
    name = "sing-box"
    longest_datagram = 15_000
    datagrams_lost = "loses or cuts what does not fit its buffer of 16 KiB"
    half_close = False
    eih_server = eih_local = True

    def missing(self):
        return "" if find_program("sing-box") else "sing-box is not installed"

    def version(self):
        path = find_program("sing-box")
        found = re.search(r"sing-box version (\S+)", output_of(path, "version"))
        if found and found.group(1) != "unknown":
            return f"sing-box {found.group(1)}"
        found = re.search(r"mod\s+github.com/sagernet/sing-box\s+v(\S+)", output_of("go", "version", "-m", path))
        return f"sing-box {found.group(1)}" if found else "sing-box (version not stamped)"

    def server_command(self, folder, setup):
        inbound = {"type": "shadowsocks", "listen": setup.server_host, "listen_port": setup.server_port, "method": setup.method,
                   "password": setup.password} | self._network(setup)
        if setup.users:
            inbound["users"] = [{"name": name, "password": password} for name, password in setup.users]
        return self._command(folder, "sing-box-server.json", inbound, {"type": "direct"})

    def local_command(self, folder, setup):
        inbound = {"type": "socks", "listen": "127.0.0.1", "listen_port": setup.local_port}
        outbound = {"type": "shadowsocks", "server": setup.server_host, "server_port": setup.server_port, "method": setup.method,
                    "password": setup.client_password} | self._network(setup)
        return self._command(folder, "sing-box-local.json", inbound, outbound)

    def relay_command(self, folder, setup, port, relay_key):
        """A relay on `port` that takes its identity header off (SIP023) and passes streams on to the server of `setup`."""
        inbound = {"type": "shadowsocks", "listen": "127.0.0.1", "listen_port": port, "method": setup.method, "password": relay_key,
                   "destinations": [{"name": "server", "server": setup.server_host, "server_port": setup.server_port, "password": setup.password}]}
        return self._command(folder, "sing-box-relay.json", inbound, {"type": "direct"})

    @staticmethod
    def _network(setup):
        return {"network": "tcp"} if setup.mode == "tcp_only" else {}

    def _command(self, folder, name, inbound, outbound):
        # Its resolver else asks DNS alone, which need not know this machine's own names.
        hosts = {"servers": [{"type": "hosts", "tag": "hosts"}]}
        config = {"log": {"level": "warn", "timestamp": False}, "dns": hosts, "route": {"default_domain_resolver": "hosts"},
                  "inbounds": [inbound], "outbounds": [outbound]}
        return [find_program("sing-box"), "run", "-c", write_json(folder, name, config)]
