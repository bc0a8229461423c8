#!/usr/bin/env python3
"""In base (but its clock), cipher (but its random) and protocol nothing reads the time, draws randomness, logs, locks, throws or suspends."""

import re
import tempfile
from pathlib import Path

import tree

ROOMS = ("base", "cipher", "protocol")
EFFECTS = {
    "reads the time": r"::now\s*\(|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\b|\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)",
    "draws randomness": r"\bRAND_\w+|\brandombytes_\w+|\bgetrandom\b|\bgetentropy\b|\bstd::random_device\b|\bs?rand\s*\(",
    "logs": r"\bspdlog\b|\blog_(?:debug|info|warn|error)\s*\(|\bstd::(?:cout|cerr|clog)\b|\bf?printf\s*\((?![^;]*;[\s\\]*std::abort\(\))",  # saying why the process ends is no log
    "locks": r"\bstd::(?:\w*mutex|lock_guard|unique_lock|scoped_lock|condition_variable)\b|\bpthread_(?:mutex|rwlock|spin)\w+",
    "throws": r"\bthrow\b",
    "suspends": r"\bco_(?:await|yield|return)\b",
    "reads the environment": r"\bgetenv\b",
    "sleeps": r"\bsleep(?:_for|_until)?\s*\(",
}
ALLOWED = {
    "src/common/base/clock.cpp": ("reads the time",),
    "include/ss/base/clock.hpp": ("reads the time",),
    "src/common/cipher/random.cpp": ("draws randomness",),
    "include/ss/cipher/random.hpp": ("draws randomness",),
    # Memory is out: what any container says.
    "src/common/cipher/key_cache.cpp": ("throws",),
}


def problems(root):
    found = []
    for path in tree.files(root, *(f"{place}/{room}" for place in ("include/ss", "src/common") for room in ROOMS)):
        source = tree.bare((root / path).read_text())
        for effect, pattern in EFFECTS.items():
            if effect in ALLOWED.get(str(path), ()):
                continue
            for match in re.finditer(pattern, source):
                found.append(f"{path}:{tree.line_of(source, match.start())}: {effect}: {match.group()}")
    return found


BAD = {
    "reads the time": "auto t = std::chrono::steady_clock::now();",
    "draws randomness": "RAND_bytes(out, 16);",
    "logs": 'log_info("x");',
    "locks": "std::mutex m;",
    "throws": "throw 1;",
    "suspends": "co_await x;",
    "reads the environment": 'std::getenv("HOME");',
    "sleeps": "std::this_thread::sleep_for(1s);",
}


def self_test():
    tree.expect(BAD.keys() == EFFECTS.keys(), "each effect needs a bad line")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        room = root / "src/common/protocol"
        room.mkdir(parents=True)
        (room / "clean.cpp").write_text('std::fprintf(stderr, "why");\nstd::abort();\n// throw std::mutex RAND_bytes\nconst char* s = "co_await ::now()";\n')
        tree.expect(problems(root) == [], "words in comments and strings are no effects")
        for effect, line in BAD.items():
            (room / "bad.cpp").write_text(f"\n{line}\n")
            found = problems(root)
            tree.expect(len(found) == 1 and f"bad.cpp:2: {effect}" in found[0], f"{effect}: {found}")


if __name__ == "__main__":
    tree.run(problems, self_test)
