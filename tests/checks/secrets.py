#!/usr/bin/env python3
"""No line that logs or prints names a password, a key's bytes or a secret.

Types hold most of it already (Secret has no formatter); this catches the plain strings on the way into one.
"""

import re
import tempfile
from pathlib import Path

import tree

CALL = re.compile(
    r"\b(?:log(?:_\w+)?|write_log|print(?:ln)?|f?printf|fputs|puts)\s*\(|\bfmt::(?:format|print)\w*\s*\(|\bstd::(?:cout|cerr|clog)\b"
)
SECRET = re.compile(
    r"\b\w*(?:password|passphrase|passwd|psk|subkey|master_key|secret|user_key|token)\w*\b|\breveal\s*\(", re.IGNORECASE
)
# Asking how long or whether it is there tells nothing, and neither do counts and types.
HARMLESS = re.compile(r"\b\w+(?:\(\))?(?:\.|->)(?:size|empty)\(\)|\bsizeof\s*\([^)]*\)")
# What is asked to print a secret: (file, name).
ON_PURPOSE = {
    ("src/common/ops/program.cpp", "generate_secret"),  # genkey
}


def call_end(source, start):
    """The end of the call or, for a stream, of the statement that begins at `start`."""
    opened = source.find("(", start)
    ends = source.find(";", start)
    if opened == -1 or (ends != -1 and ends < opened) or source.startswith("std::c", start):
        return ends if ends != -1 else len(source)
    depth = 0
    for at in range(opened, len(source)):
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        if depth == 0:
            return at
    return len(source)


def problems(root):
    found = []
    for path in tree.files(root, "include", "src"):
        source = tree.bare((root / path).read_text())
        for call in CALL.finditer(source):
            text = HARMLESS.sub("", source[call.start() : call_end(source, call.start())])
            names = {name.group().rstrip("( ") for name in SECRET.finditer(text)}
            for name in sorted(names):
                if (str(path), name) not in ON_PURPOSE:
                    found.append(f"{path}:{tree.line_of(source, call.start())}: prints {name}")
    for path, name in sorted(ON_PURPOSE):
        if not (root / path).is_file() or name not in (root / path).read_text():
            found.append(f"{path}: has no {name}, which secrets.py names")
    return found


BAD = (
    'log_info("user {}", options.password);',
    'log(Level::debug,\n    "{}",\n    hex(psk));',
    "std::cout << config.user_password << 1;",
    'fmt::format("{}", key.reveal());',
    'printf("%s", api_token);',
)
GOOD = (
    'log_warn("the password is too short");',
    'log_warn("{} bytes", password.size());',
    "auto password = read_password(file);",
    'fmt::print("{}\\n", name); use(password);',
)


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "src").mkdir()
        for lines, wanted in ((BAD, 1), (GOOD, 0)):
            for line in lines:
                (root / "src/x.cpp").write_text(f"\n{line}\n")
                found = [problem for problem in problems(root) if "which secrets.py names" not in problem]
                tree.expect(len(found) == wanted, f"{line}: {found}")


if __name__ == "__main__":
    tree.run(problems, self_test)
