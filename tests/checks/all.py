#!/usr/bin/env python3
"""Runs every check that needs no build, on the whole tree: for a hook before a commit."""

import subprocess
import sys
from pathlib import Path

CHECKS = ("includes", "mirror", "sizes", "effects", "secrets", "docs_commands", "named_tests", "planted", "protocol_examples", "words")

here = Path(__file__).resolve().parent
failed = [name for name in CHECKS if subprocess.run([sys.executable, here / f"{name}.py"]).returncode != 0]
if failed:
    sys.exit(f"failed: {', '.join(failed)}")
