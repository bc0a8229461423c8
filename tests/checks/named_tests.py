#!/usr/bin/env python3
"""Every test that a document names is there, and no demand in docs/PROTOCOL.md is without one.

Named are `Suite.Test`, `Suite.*` or `Suite*`, `.Test` behind one of the same suite, and `file_test.py:test_name`.
"""

import re
import tempfile
from pathlib import Path

import tree

TESTS = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
NAMED = re.compile(r"`([A-Z]\w*?[a-z]\w*)\.(\*|[A-Z]\w+)`|`([A-Z][a-z]\w*)\*`|`\.([A-Z]\w+)`|`(\w+_test\.py):(test_\w+)`")
DEMANDS = "docs/PROTOCOL.md"
ROW = re.compile(r"^\| (S\d\d)-(\d+) \|(.*)\|$", re.MULTILINE)


def tests_of(root):
    """{suite: {test}} and {file: {test}} of the tree."""
    suites, files = {}, {}
    for path in tree.files(root, "tests"):
        for suite, test in TESTS.findall((root / path).read_text()):
            suites.setdefault(suite, set()).add(test)
    for path in tree.files(root, "tests", suffixes=("_test.py", ".py")):
        files[path.name] = set(re.findall(r"^    def (test_\w+)\(", (root / path).read_text(), re.MULTILINE))
    return suites, files


def missing(text, suites, files):
    """(offset, name) of each test that is named and not there."""
    suite = None
    for match in NAMED.finditer(text):
        named, test, family, behind, file, function = match.groups()
        if file:
            known = function in files.get(file, ())
        elif family:
            known = any(name.startswith(family) for name in suites)
        elif behind:
            known = behind in suites.get(suite, ())
        else:
            suite = named
            known = named in suites and (test == "*" or test in suites[named])
        if not known:
            yield match.start(), match.group()


def incomplete(text):
    """(offset, what is wrong) of the rows of demands."""
    last = {}
    for match in ROW.finditer(text):
        part, number, rest = match.group(1), int(match.group(2)), match.group(3)
        if number != last.get(part, 0) + 1:
            yield match.start(), f"{part}-{number} does not follow {part}-{last.get(part, 0)}"
        last[part] = number
        cells = [cell.strip() for cell in rest.split("|")]
        if len(cells) != 3 or not all(cells) or not NAMED.search(cells[-1]):
            yield match.start(), f"{part}-{number} has an empty cell, or names no test"
    if not last:
        yield 0, "there is no table of demands"


def problems(root):
    suites, files = tests_of(root)
    found = []
    for path in tree.files(root, "docs", "README.md", suffixes=(".md",)):
        text = (root / path).read_text()
        found += [f"{path}:{tree.line_of(text, at)}: no such test: {name}" for at, name in missing(text, suites, files)]
        if str(path) == DEMANDS:
            found += [f"{path}:{tree.line_of(text, at)}: {what}" for at, what in incomplete(text)]
    return found


GOOD = """| S22-1 | a demand | client | `Suite.Works` |
| S22-2 | a demand | both | `Suite.*`, `Sui*`, `.Works`, `x_test.py:test_it` |
"""
BAD = {
    "a suite": "`Nothing.Works`",
    "a test": "`Suite.Fails`",
    "one behind another": "`Suite.Works`, `.Fails`",
    "a family": "`Nothing*`",
    "a function": "`x_test.py:test_that`",
    "an empty cell": "| S22-3 |  | both | `Suite.Works` |",
    "a row without a test": "| S22-3 | a demand | both | none |",
    "a number left out": "| S22-4 | a demand | both | `Suite.Works` |",
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "tests").mkdir()
        (root / "docs").mkdir()
        (root / "tests/suite_test.cpp").write_text("TEST_F(Suite, Works) {}\n")
        (root / "tests/x_test.py").write_text("class X:\n    def test_it(self):\n        pass\n")
        page = root / DEMANDS
        page.write_text(GOOD)
        tree.expect(not problems(root), f"a good page is refused: {problems(root)}")
        for what, line in BAD.items():
            page.write_text(GOOD + line + "\n")
            tree.expect(problems(root), f"{what} is not found")
        page.write_text("")
        tree.expect(problems(root), "a page without the table is not found")


if __name__ == "__main__":
    tree.run(problems, self_test)
