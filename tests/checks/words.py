#!/usr/bin/env python3
"""No word in the tree promises later work: what is there works, and what is missing is not mentioned in code."""

import re
import tempfile
from pathlib import Path

import tree

SUFFIXES = (*tree.CODE, ".py", ".sh", ".cmake", ".in", ".txt", ".json", ".md", ".service")
WORDS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|not imple" r"mented|unimple" r"mented|place" r"holder|st" r"ub(?:s|bed)?)\b")


def problems(root):
    places = ("include", "src", "tests", "cmake", "scripts", "config", "docs", "packaging", "README.md", "quickstart.sh", "test.sh", "CMakeLists.txt")
    found = []
    for path in tree.files(root, *places, suffixes=SUFFIXES):
        if "corpus" in path.parts:
            continue
        for number, line in enumerate((root / path).read_text(errors="replace").splitlines(), 1):
            match = WORDS.search(line)
            if match:
                found.append(f"{path}:{number}: {match.group()}")
    return found


def self_test():
    bad = ("// TO" "DO: later", "x = 1  # FIX" "ME", "throw NotYet(); // not imple" "mented", "a stu" "b for now")
    good = ("a stubborn test", "mastodon", "hack" "athon")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "src").mkdir()
        for lines, wanted in ((bad, 1), (good, 0)):
            for line in lines:
                (root / "src/x.cpp").write_text(f"\n{line}\n")
                tree.expect(len(problems(root)) == wanted, line)


if __name__ == "__main__":
    tree.run(problems, self_test)
