#!/usr/bin/env python3
"""Each source of a pure room has a unit test of its own: src/common/R/x.cpp has tests/unit/R/x_test.cpp."""

import tempfile
from pathlib import Path

import tree

WHOLE = ("base", "cipher", "protocol")
# Sources that are tested elsewhere, with where and why.
ELSEWHERE = {}


def problems(root):
    found = []
    for room in WHOLE:
        for source in tree.files(root, f"src/common/{room}", suffixes=(".cpp",)):
            name = source.relative_to("src/common").with_suffix("")
            test = Path("tests/unit") / name.with_name(f"{name.name}_test.cpp")
            test = Path(ELSEWHERE.get(str(source), (test,))[0])
            if not (root / test).is_file():
                found.append(f"{source}: has no test {test}")
    for source in ELSEWHERE:
        if not (root / source).is_file():
            found.append(f"{source}: named in mirror.py, but not there")
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("src/common/base/a.cpp", "tests/unit/base/a_test.cpp", "src/common/protocol/replay/b.cpp", "src/common/net/c.cpp"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("")
        found = [line for line in problems(root) if "named in mirror.py" not in line]
        tree.expect(found == ["src/common/protocol/replay/b.cpp: has no test tests/unit/protocol/replay/b_test.cpp"], found)


if __name__ == "__main__":
    tree.run(problems, self_test)
