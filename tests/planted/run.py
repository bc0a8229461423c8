#!/usr/bin/env python3
"""Plants one bug after another in a copy of the tree, and shows that the tests catch each of them.

  tests/planted/run.py [--only NN[,NN…]] [--list] [--scratch DIR]

A bug is a patch, NN-name.patch, with two lines in front of it: `Breaks:` the promise, `Caught-by:` the test program that must fail. With --scratch the copy and
what was built there stay, and the next run begins with them. Exit code: 0 where every bug was caught, 1 otherwise.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LONGEST = 300  # seconds; a test program that a bug keeps from ending has caught it
FAILED = re.compile(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", re.MULTILINE)


class Planted:
    """One patch."""

    def __init__(self, path):
        self.path, self.number = path, path.name.partition("-")[0]
        self.name = path.stem.partition("-")[2]
        head = path.read_text().partition("\ndiff ")[0]
        fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
        self.breaks, self.program = fields["Breaks"], fields["Caught-by"]


def bugs():
    return [Planted(path) for path in sorted(HERE.glob("*.patch"))]


def copy_tree(to):
    """The files of the tree that are git's or new, what differs alone, so that an older build there stays of use."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        source, target = ROOT / name, to / name
        if source.is_file() and not (target.is_file() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def apply(patch, tree, *options):
    """Whether `git apply` could do it."""
    return subprocess.run(["git", "apply", *options, patch.path], cwd=tree, capture_output=True, check=False).returncode == 0


def build(tree, *programs):
    """What went wrong, or an empty string."""
    done = subprocess.run(["cmake", "--build", "build/dev", "--target", *programs], cwd=tree, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-3000:]


def caught_by(tree, program):
    """The names of the tests that fail; how else it ended; nothing where it passes."""
    try:
        done = subprocess.run([tree / "build/dev/bin" / program, "--gtest_brief=1"], cwd=tree, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return ["does not end"]
    if done.returncode < 0:
        return [f"ends by signal {-done.returncode}"]
    return sorted(set(FAILED.findall(done.stdout))) if done.returncode else []


def verdict(bug, tree):
    """Whether it was caught, and the words for it."""
    if not apply(bug, tree):
        return False, "the patch does not apply"
    try:
        problem = build(tree, bug.program)
        if problem:
            return False, f"it does not build:\n{problem}"
        failed = caught_by(tree, bug.program)
    finally:
        apply(bug, tree, "--reverse")
    more = f" and {len(failed) - 2} more" if len(failed) > 2 else ""
    return bool(failed), (", ".join(failed[:2]) + more) if failed else f"NOT CAUGHT by {bug.program}"


def run(chosen, scratch):
    tree = scratch / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    copy_tree(tree)
    subprocess.run(["cmake", "--preset", "dev"], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    programs = sorted({bug.program for bug in chosen})
    problem = build(tree, *programs)
    if problem:
        sys.exit(problem)
    for program in programs:
        failed = caught_by(tree, program)
        if failed:
            sys.exit(f"{program} fails without any bug: {', '.join(failed)}")
    caught = 0
    for bug in sorted(chosen, key=lambda bug: bug.program):
        began = time.monotonic()
        good, words = verdict(bug, tree)
        caught += good
        print(f"{bug.number} {bug.name}: {words} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{caught} of {len(chosen)} planted bugs caught")
    return 0 if caught == len(chosen) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="numbers, such as 03,17")
    parser.add_argument("--list", action="store_true", help="what each breaks, and nothing else")
    parser.add_argument("--scratch", type=Path, help="a folder for the copy, which stays")
    options = parser.parse_args()
    chosen = [bug for bug in bugs() if not options.only or bug.number in options.only.split(",")]
    if options.list:
        for bug in chosen:
            print(f"{bug.number} {bug.name}: {bug.breaks} ({bug.program})")
        return 0
    if options.scratch:
        return run(chosen, options.scratch.resolve())
    with tempfile.TemporaryDirectory(prefix="ss-planted-") as folder:
        return run(chosen, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
