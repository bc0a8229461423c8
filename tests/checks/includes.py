#!/usr/bin/env python3
"""Holds every #include against the table of rooms in docs/ARCHITECTURE.md."""

import re
import tempfile
from pathlib import Path

import tree

# Room: the rooms whose headers it may include, and the third-party headers that it alone sees.
ROOMS = {
    "base": ((), ("boost/system/",)),
    "cipher": (("base",), ("openssl/", "intel-ipsec-mb.h", "sodium.h", "sodium/")),
    "protocol": (("base", "cipher"), ()),
    "config": (("base", "cipher"), ("nlohmann/",)),
    "telemetry": (("base",), ("spdlog/", "fmt/")),
    "net": (("base", "telemetry"), ("boost/asio", "ares.h")),
    "relay": (("base", "cipher", "protocol", "net", "telemetry"), ()),
    "ops": (("base", "cipher", "protocol", "config", "telemetry", "net", "relay"),
            ("CLI/", "fmt/", "boost/beast", "qrencode.h", "seccomp.h", "cap-ng.h")),
}
EVERY_ROOM = tuple(ROOMS)
PROGRAMS = ("local", "server")
# What a program sees besides.
PROGRAM_THIRD_PARTY = {"local": ("boost/beast/http/",)}
# Which system it runs on is asked in these rooms alone.
SYSTEM_ROOMS = ("net", "ops")
LINUX_HEADERS = ("linux/", "sys/epoll.h", "sys/eventfd.h", "sys/signalfd.h", "sys/timerfd.h", "sys/prctl.h", "sys/sendfile.h")
SYSTEM_MACROS = re.compile(r"\b(__linux__|__APPLE__|__FreeBSD__|_WIN32)\b")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# A third-party header: anything in a folder, or one of the known single files, that the C and C++ libraries do not have.
LIBRARY_FOLDERS = ("sys/", "netinet/", "net/", "arpa/", "linux/", "bits/", "asm/", "sanitizer/")
THIRD_PARTY_FILES = ("intel-ipsec-mb.h", "sodium.h", "ares.h", "qrencode.h", "seccomp.h", "cap-ng.h")


def owner(path):
    """The room or program that a path belongs to; None for what is neither."""
    parts = path.parts
    if parts[:2] == ("include", "ss") and len(parts) > 3:
        return parts[2]
    if parts[:2] == ("src", "common") and len(parts) > 3:
        return parts[2]
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return None


def problem_of(room, header):
    """Why `room` may not include `header`; None where it may."""
    allowed, third_party = ROOMS.get(room, (EVERY_ROOM, PROGRAM_THIRD_PARTY.get(room, ())))
    if "../" in header:
        return "a path that climbs out of its room"
    if header.startswith("ss/"):
        other = header.split("/")[1]
        if "/" not in header[3:] or other == room or other in allowed:
            return None
        return f"{room} may include {', '.join(allowed) or 'no other room'}"
    if header.startswith(LINUX_HEADERS) and room not in SYSTEM_ROOMS:
        return f"Linux headers belong to {' and '.join(SYSTEM_ROOMS)}"
    if header in THIRD_PARTY_FILES or ("/" in header and not header.startswith(LIBRARY_FOLDERS)):
        # What is in quotes and not under ss/ lies beside the file that includes it.
        return None if header.startswith(third_party) else f"third-party that {room} does not see"
    return None


def problems(root):
    found = []
    for path in tree.files(root, "include", "src"):
        room = owner(path)
        if room not in ROOMS and room not in PROGRAMS:
            found.append(f"{path}: belongs to no room of the table")
            continue
        source = tree.bare((root / path).read_text(), literals=True)
        for match in INCLUDE.finditer(source):
            header = match.group(2)
            # A program names its own headers from where the file lies, or from its top.
            places = [(root / path).parent] + ([root / "src" / room] if room in PROGRAMS else [])
            beside = match.group(1) == '"' and any((place / header).exists() for place in places)
            why = None if beside and "../" not in header else problem_of(room, header)
            if why:
                found.append(f"{path}:{tree.line_of(source, match.start())}: includes {header}: {why}")
        if room not in SYSTEM_ROOMS:
            for match in SYSTEM_MACROS.finditer(source):
                found.append(f"{path}:{tree.line_of(source, match.start())}: asks which system it is on ({match.group()})")
    return found


BAD = {
    "include/ss/protocol/a.hpp": '#include "ss/net/stream.hpp"',
    "src/common/relay/b.cpp": "#include <boost/asio/awaitable.hpp>",
    "src/common/protocol/c.cpp": "#include <openssl/evp.h>",
    "src/common/base/d.cpp": '#include "../cipher/slot.hpp"',
    "src/local/e.cpp": '#include "ss/server/session.hpp"',
    "src/common/config/f.cpp": "#include <fmt/core.h>",
    "src/common/cipher/g.cpp": "#include <sys/epoll.h>",
    "src/common/extra/h.cpp": "#include <vector>",
    "src/common/cipher/i.cpp": "#ifdef __linux__\n#endif",
    "src/common/net/j.cpp": "#include <nlohmann/json.hpp>",
    "src/common/config/k.cpp": "#include <qrencode.h>",
    "src/server/l.cpp": "#include <boost/beast/http/error.hpp>",
}
GOOD = {
    "src/common/net/good.cpp": '#include <boost/asio.hpp>\n#include <ares.h>\n#include "ss/base/errc.hpp"\n#include "good_detail.hpp"',
    "src/common/base/fine.cpp": "#include <vector>\n#include <sys/types.h>\n// #include <openssl/evp.h>",
    "src/local/http/head.cpp": "#include <boost/beast/http/error.hpp>",
    "src/local/udp/carrier.hpp": '#include "http/page.hpp"',
    "src/local/http/page.hpp": '#include "udp/carrier.hpp"',
    "src/server/main.cpp": '#include "ss/ops/run.hpp"\n#include "ss/version.hpp"',
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in {**BAD, **GOOD}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text + "\n")
        found = problems(root)
        for name in BAD:
            tree.expect(any(line.startswith(name) for line in found), f"nothing found in {name}")
        tree.expect(len(found) == len(BAD), f"found too much: {found}")


if __name__ == "__main__":
    tree.run(problems, self_test)
