#!/usr/bin/env python3
"""Every ```hex block of docs/PROTOCOL.md is what the test vector named above it says.

    <!-- vector: aead_tcp.json / methods / aes-128-gcm / requests / ipv4-addr+payload / stream -->
    ```hex
    d0d1d2d3…    what these bytes are
    …            the vector goes on
    ```

The hex at the beginning of the lines, joined, is all of the vector; or, where the last line begins with …, its beginning. A part of the path picks a
key of an object, the entry of a list whose "method" or "name" it is, or the place in a list.
"""

import json
import re
import tempfile
from pathlib import Path

import tree

PAGE = "docs/PROTOCOL.md"
BLOCK = re.compile(r"^```hex\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!-- vector: (.+?) -->\n\Z")
MORE = "…"


def entry_of(value, part):
    """What `part` picks out of `value`; a list of several where it does not tell them apart yet. Raises LookupError."""
    if isinstance(value, dict):
        return value[part]
    if not isinstance(value, list):
        raise LookupError(part)
    named = [entry for entry in value if isinstance(entry, dict) and part in (entry.get("method"), entry.get("name"))]
    if not named:
        if not part.isdigit():
            raise LookupError(part)
        return value[int(part)]
    return named[0] if len(named) == 1 else named


def vector(root, path):
    name, *parts = path.split(" / ")
    value = json.loads((root / "tests/vectors" / name).read_text())
    for part in parts:
        value = entry_of(value, part)
    if not isinstance(value, str):
        raise LookupError("a text")
    return value


def bytes_of(block):
    """The hex of a block, and whether the vector goes on behind it."""
    digits, goes_on = "", False
    for line in block.splitlines():
        if goes_on:
            raise ValueError(f"a line behind {MORE}")
        goes_on = line.startswith(MORE)
        if not goes_on:
            digits += bytes.fromhex(line.split()[0]).hex()
    return digits, goes_on


def why_wrong(root, path, block):
    try:
        shown, goes_on = bytes_of(block)
        wanted = vector(root, path)
    except (LookupError, OSError) as error:
        return f"there is no such vector: {path}: {error}"
    except (ValueError, IndexError) as error:
        return f"cannot be read: {error}"
    if not shown or (wanted[: len(shown)] if goes_on else wanted) != shown:
        return f"is not what {path} says"
    return None


def problems(root):
    page = root / PAGE
    text = page.read_text()
    found, files = [], set()
    for block in BLOCK.finditer(text):
        comment = COMMENT.search(text, 0, block.start())
        why = "names no vector above it"
        if comment:
            files.add(comment.group(1).split(" / ")[0])
            why = why_wrong(root, comment.group(1), block.group(1))
        if why:
            found.append(f"{PAGE}:{tree.line_of(text, block.start())}: {why}")
    for name in ("aead_tcp.json", "aead2022_tcp.json"):
        if name not in files:
            found.append(f"{PAGE}: no example is taken from {name}")
    return found


def self_test():
    path = "methods / m / requests / r / stream"
    others = "\n".join(f"<!-- vector: {name} / {path} -->\n```hex\n00\n…\n```\n" for name in ("aead_tcp.json", "aead2022_tcp.json"))

    def block(lines, of=f"aead_tcp.json / {path}"):
        return f"<!-- vector: {of} -->\n```hex\n{lines}\n```\n"

    good = (
        block("00   a zero\n0102 two more"),
        block("0001 some\n…    more"),
        block("0a", "aead_tcp.json / methods / m / requests / s / list / 0"),
        block("0b", "aead_tcp.json / twins / m / r / stream"),
    )
    bad = (
        block("00\n0103"),
        block("0001"),
        block("00010203"),
        block("000102\n… more\n03"),
        block("zz"),
        block(""),
        block("…"),
        block("00", "aead_tcp.json / methods / m / requests / gone / stream"),
        block("00", "aead_tcp.json / twins / m / stream"),
        block("00", "gone.json / stream"),
        "```hex\n000102\n```\n",
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "tests/vectors").mkdir(parents=True)
        requests = [{"name": "r", "stream": "000102"}, {"name": "s", "list": ["0a"]}]
        twins = [{"method": "m", "name": "q", "stream": "0a"}, {"method": "m", "name": "r", "stream": "0b"}]
        for name in ("aead_tcp.json", "aead2022_tcp.json"):
            (root / "tests/vectors" / name).write_text(json.dumps({"methods": [{"method": "m", "requests": requests}], "twins": twins}))
        for blocks, wanted in ((good, 0), (bad, 1)):
            for text in blocks:
                (root / PAGE).write_text(f"# Page\n\n{others}\n{text}")
                found = problems(root)
                tree.expect(len(found) == wanted, f"{text}: {found}")
        (root / PAGE).write_text("# Page\n")
        tree.expect(len(problems(root)) == 2, "a page without examples")


if __name__ == "__main__":
    tree.run(problems, self_test)
