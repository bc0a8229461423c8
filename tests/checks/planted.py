#!/usr/bin/env python3
"""Each planted bug (tests/planted) still applies to the tree, names the promise that it breaks, and a test program that is there."""

import subprocess
import tempfile
from pathlib import Path

import tree

FIELDS = ("Breaks: ", "Caught-by: ")


def problems(root):
    found = []
    rooms = {path.name for path in (root / "tests/unit").glob("*") if path.is_dir()} | {"sim"}
    for patch in sorted((root / "tests/planted").glob("*.patch")):
        name = patch.relative_to(root)
        lines = patch.read_text().splitlines()
        if len(lines) < 2 or not all(line.startswith(field) for line, field in zip(lines, FIELDS)):
            found.append(f"{name}: does not begin with Breaks: and Caught-by:")
        elif lines[1].removeprefix(FIELDS[1]).removesuffix("_tests") not in rooms:
            found.append(f"{name}: {lines[1]}: no such test program")
        done = subprocess.run(["git", "apply", "--check", patch], cwd=root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            found.append(f"{name}: does not apply any more; make it anew\n  {done.stderr.strip().splitlines()[0]}")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("tests/unit/base", "tests/planted"):
            (root / name).mkdir(parents=True)
        (root / "a.txt").write_text("one\n")
        change = "\ndiff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-{}\n+two\n"
        (root / "tests/planted/1-good.patch").write_text("Breaks: x\nCaught-by: base_tests\n" + change.format("one"))
        (root / "tests/planted/2-old.patch").write_text("Breaks: x\nCaught-by: base_tests\n" + change.format("three"))
        (root / "tests/planted/3-nobody.patch").write_text("Breaks: x\nCaught-by: none_tests\n" + change.format("one"))
        (root / "tests/planted/4-bare.patch").write_text(change.format("one"))
        found = [line.split(": ")[0] for line in problems(root)]
        tree.expect(found == [f"tests/planted/{name}.patch" for name in ("2-old", "3-nobody", "4-bare")], found)


if __name__ == "__main__":
    tree.run(problems, self_test)
