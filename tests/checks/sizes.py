#!/usr/bin/env python3
"""A file of more than 400 lines (a test: 500) needs an entry here that says why."""

import tempfile
from pathlib import Path

import tree

MOST, MOST_IN_TEST = 400, 500
REASONS = {}


def problems(root):
    found = []
    for path in tree.files(root, "include", "src", "tests", "scripts", "cmake", suffixes=(*tree.CODE, ".py", ".sh", ".cmake")):
        lines = (root / path).read_text().count("\n")
        most = MOST_IN_TEST if path.parts[0] == "tests" else MOST
        if lines > most and str(path) not in REASONS:
            found.append(f"{path}: {lines} lines; split it, or say in sizes.py why it has to be longer than {most}")
    for path in REASONS:
        if not (root / path).is_file():
            found.append(f"{path}: named in sizes.py, but not there")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, lines in (("src/long.cpp", 401), ("src/fits.cpp", 400), ("tests/fits_test.cpp", 500), ("tests/long_test.cpp", 501)):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("\n" * lines)
        found = [line.split(":")[0] for line in problems(root) if "named in sizes.py" not in line]
        tree.expect(found == ["src/long.cpp", "tests/long_test.cpp"], found)


if __name__ == "__main__":
    tree.run(problems, self_test)
