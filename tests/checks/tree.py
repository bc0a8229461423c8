"""What the checks share: the files of the tree, C++ without comments and literals, and the two ways a check is called."""

import re
import sys
from pathlib import Path

CODE = (".cpp", ".hpp")


def files(root, *folders, suffixes=CODE):
    """The files under `folders` of `root` with one of `suffixes`, as paths relative to `root`, in order."""
    found = []
    for folder in folders:
        base = root / folder
        candidates = [base] if base.is_file() else base.rglob("*")
        found += [path for path in candidates if path.is_file() and path.suffix in suffixes]
    return sorted({path.relative_to(root) for path in found if "build" not in path.relative_to(root).parts})


_TOKENS = re.compile(
    r"""(?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)"""
    r"""|(?P<text>"(?:\\.|[^"\\\n])*")|(?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')""",
    re.DOTALL,
)


def bare(source, literals=False):
    """`source` with comments blanked, and string and character literals too unless `literals`; line numbers stay true."""

    def blank(match):
        if literals and match.lastgroup in ("raw", "mark", "text", "char"):
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return _TOKENS.sub(blank, source)


def line_of(source, offset):
    return source.count("\n", 0, offset) + 1


def run(problems, self_test):
    """Calls `self_test()` for --self-test, else `problems(root)`; prints what is wrong and ends with 0 or 1."""
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        self_test()
        print("ok: finds what it has to find")
        return
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    found = problems(root)
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)


def expect(condition, message):
    """For self-tests: `assert` that python -O keeps."""
    if not condition:
        sys.exit(f"self-test failed: {message}")
