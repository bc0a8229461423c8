#!/usr/bin/env python3
"""Every command in a ```sh block of README.md and docs/ is of a kind that can be held against the tree, and is held against it.

    ./script --option          the script is there, can be run, and knows the option
    cmake --workflow --preset  the preset exists
    ss-server, ss-local        the subcommand and each option stand in the program's --help (where --programs DIR has it built)
    outside commands           named in OUTSIDE; only that they are commands of the system is known

The two commands that the README promises for a bare system, BARE, are run on one by tests/package/bare.sh.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import tree

BARE = ("./quickstart.sh --check", "./test.sh")
OUTSIDE = {
    "adb", "apk", "apt-get", "brew", "cat", "cd", "chmod", "chromium", "cpack", "ctest", "curl", "dnf", "echo", "export", "firefox", "git",
    "install", "journalctl", "mkdir", "openssl", "pacman", "pre-commit", "python3", "scp", "sed", "ssh", "sudoedit", "systemctl",
    "timedatectl", "ufw", "umask",
}
PROGRAMS = ("ss-local", "ss-server")
BLOCK = re.compile(r"^```(?:sh|bash|shell|console)\b[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^--?[a-zA-Z][\w-]*")


def commands(text):
    """The simple commands of one block, as (line within the block, words)."""
    joined = re.sub(r"\\\n", "  ", text)
    for number, line in enumerate(joined.splitlines()):
        line = re.sub(r"^\$ ", "", line.strip())
        if not line or line.startswith("#"):
            continue
        words = split(line)
        command = []
        for word in [*words, ";"]:
            if word in (";", "&&", "||", "|", "&"):
                if command:
                    yield number, command
                command = []
            else:
                command.append(word)


def split(line):
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def strip_prefix(words):
    """Without sudo, env and VARIABLE=value in front."""
    while words and (words[0] in ("sudo", "env", "exec", "time") or re.match(r"^\w+=", words[0])):
        words = words[1:]
    return words


def help_of(programs, name, cache={}):
    """What `name --help` and its subcommands' --help say; None where the program is not built."""
    program = programs / name if programs else None
    if program is None or not program.is_file():
        return None
    if program not in cache:
        said = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20).stdout
        named = re.findall(r"COMMAND: ([^\n]*)", said)
        for word in sorted({*re.findall(r"^\s+([a-z]+)\b", said, re.MULTILINE), *re.findall(r"[a-z]+", " ".join(named))}):
            said += subprocess.run([program, word, "--help"], capture_output=True, text=True, timeout=20).stdout
        cache[program] = said
    return cache[program]


def why_wrong(root, programs, words):
    words = strip_prefix(words)
    if not words:
        return None
    name = words[0].rsplit("/", 1)[-1]
    if name in PROGRAMS:
        known = help_of(programs, name)
        if known is None:
            return None
        plain = [word for word in words[1:] if not word.startswith("-")]
        unknown = [word for word in words[1:] if OPTION.match(word) and not re.search(rf"(?<![\w-]){re.escape(word.split('=')[0])}(?![\w-])", known)]
        if plain and words[1] == plain[0] and re.fullmatch(r"[a-z]+", plain[0]) and not re.search(rf"\b{plain[0]}\b", known):
            unknown.append(plain[0])
        return f"{name} --help does not name {', '.join(unknown)}" if unknown else None
    if words[0].startswith("./") or "/" in words[0]:
        path = root / words[0]
        if words[0].startswith("./build/"):
            return None if words[0].startswith(("./build/release/bin/", "./build/dev/bin/")) else "no preset builds there"
        if not path.is_file():
            return f"{words[0]} is not in the tree"
        if not os.access(path, os.X_OK):
            return f"{words[0]} cannot be run"
        unknown = [word for word in words[1:] if word.startswith("--") and word not in path.read_text()]
        return f"{words[0]} does not know {', '.join(unknown)}" if unknown else None
    if name == "cmake":
        named = [after for word, after in zip(words, words[1:]) if word == "--preset"]
        presets = json.loads((root / "CMakePresets.json").read_text())
        kind = "workflowPresets" if "--workflow" in words else "configurePresets"
        missing = [preset for preset in named if preset not in {entry["name"] for entry in presets[kind]}]
        return f"CMakePresets.json has no {missing[0]} among its {kind}" if missing else None
    return None if name in OUTSIDE else f"'{name}' is a command that no check knows"


def problems(root, programs=None):
    found = []
    pages = tree.files(root, "README.md", "docs", suffixes=(".md",))
    for page in pages:
        text = (root / page).read_text()
        for block in BLOCK.finditer(text):
            first = tree.line_of(text, block.start(1))
            for number, words in commands(block.group(1)):
                why = why_wrong(root, programs, words)
                if why:
                    found.append(f"{page}:{first + number}: {' '.join(words)}: {why}")
    if (root / "README.md").is_file():
        readme, bare = (root / "README.md").read_text(), root / "tests/package/bare.sh"
        for command in BARE:
            if command.split()[0] not in readme:
                found.append(f"README.md: does not name {command.split()[0]}")
            if command not in (bare.read_text() if bare.is_file() else ""):
                found.append(f"tests/package/bare.sh: does not run {command}")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "CMakePresets.json").write_text('{"workflowPresets": [{"name": "release"}], "configurePresets": []}')
        script = root / "go.sh"
        script.write_text("#!/bin/sh\n# --fast\n")
        script.chmod(0o755)
        program = root / "ss-local"
        program.write_text(
            "#!/bin/sh\nif [ \"$1\" = link ]; then echo '  --host HOST'; fi\necho '  check  looks at -c FILE'\necho 'COMMAND: check or link'\n"
        )
        program.chmod(0o755)
        good = ("./go.sh --fast", "cmake --workflow --preset release", "sudo systemctl start x && curl -s x | cat", "ss-local check -c x  # why", "ss-local link --host x")
        bad = ("./gone.sh", "./go.sh --slow", "cmake --workflow --preset nightly", "frobnicate now", "ss-local check --strict", "ss-local tidy -c x", "cd x; ./gone.sh")
        for lines, wanted in ((good, 0), (bad, 1)):
            for line in lines:
                (root / "docs/page.md").write_text(f"# Page\n\n```sh\n{line}\n```\n")
                found = problems(root, root)
                tree.expect(len(found) == wanted, f"{line}: {found}")
                tree.expect(all(problem.startswith("docs/page.md:4: ") for problem in found), found)


if __name__ == "__main__":
    built = None
    if "--programs" in sys.argv:
        at = sys.argv.index("--programs")
        built = Path(sys.argv[at + 1])
        del sys.argv[at : at + 2]
    tree.run(lambda root: problems(root, built), self_test)
