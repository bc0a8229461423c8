#!/usr/bin/env python3
"""The hardening that a release program must have can be seen in its file: readelf and objdump show it.

    hardening.py PROGRAM…
"""

import platform
import subprocess
import sys


def readelf(program, *options):
    return subprocess.run(["readelf", "--wide", *options, program], capture_output=True, text=True, check=True).stdout


def landing_places(program):
    """How many ENDBR64 instructions there are: our functions have one each. The note that would say so for the whole file is not
    there where the C library's start-up objects lack it, as Debian's do."""
    code = subprocess.run(["objdump", "--disassemble", "--no-show-raw-insn", program], capture_output=True, text=True, check=True).stdout
    return code.count("endbr64")


def missing(headers, dynamic, landings, symbols, machine):
    """What is not there, given what readelf says and how many landing places there are."""
    stack = [line for line in headers.splitlines() if "GNU_STACK" in line]
    wanted = {
        "position-independent (PIE)": "Type:                              DYN" in headers and "PIE" in dynamic,
        "read-only relocations (RELRO)": "GNU_RELRO" in headers,
        "bound at start (BIND_NOW)": "NOW" in dynamic,
        "no executable stack": bool(stack) and "RWE" not in stack[0],
        "stack protector": "__stack_chk_fail" in symbols,
        "fortified library calls": "_chk@" in symbols or "_chk (" in symbols,
    }
    if machine == "x86_64":
        wanted["control-flow protection (CET)"] = landings > 500
    return [name for name, there in wanted.items() if not there]


def self_test():
    good = (
        "Type:                              DYN (Position-Independent Executable file)\nGNU_RELRO\n  GNU_STACK 0x0 RW  0x10",
        "FLAGS BIND_NOW\nFLAGS_1 Flags: NOW PIE",
        3000,
        "__stack_chk_fail@GLIBC __memcpy_chk@GLIBC",
        "x86_64",
    )
    if missing(*good):
        sys.exit(f"self-test failed: {missing(*good)}")
    for at, broken in ((0, "Type: EXEC\nGNU_RELRO\n  GNU_STACK RW"), (0, good[0].replace("RW ", "RWE")), (1, "PIE"), (2, 3), (3, "memcpy")):
        case = [*good]
        case[at] = broken
        if not missing(*case):
            sys.exit(f"self-test failed: nothing found in {broken!r}")
    print("ok: finds what it has to find")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    status = 0
    for program in sys.argv[1:]:
        headers = readelf(program, "--file-header", "--program-headers")
        gone = missing(headers, readelf(program, "--dynamic"), landing_places(program), readelf(program, "--dyn-syms"), platform.machine())
        for name in gone:
            print(f"{program}: has no {name}")
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
