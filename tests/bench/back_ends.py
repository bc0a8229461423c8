#!/usr/bin/env python3
"""What the cipher library decides: our pair as it is built here, with intel-ipsec-mb held to AVX2, and with OpenSSL alone.

Builds the other two. The rounds are interleaved. Prints a table: medians, and in brackets the ratio to the floor.
"""
import argparse
import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bench import rows, subjects, variants  # noqa: E402
from bench.table import median, shown  # noqa: E402
from support import process  # noqa: E402
from support.programs import Ours  # noqa: E402

VARIANTS = {"AVX2": "-DSS_IPSEC_MB=avx2", "OpenSSL": "-DSS_IPSEC_MB=off"}
FIGURES = (("bulk up, 1 connection", "CPU s/GiB"), ("bulk down, 1 connection", "CPU s/GiB"), ("short connections, 32 at a time", "CPU us"),
           ("UDP echo 1200 B, 1 association", "CPU us"))
SIZE = dataclasses.replace(rows.FULL, bulk=rows.GIB // 2, seconds=1, udp_ms=500)


def measure(method, rounds, programs):
    """{(row, figure): {subject: median}} of the floor, ours and `programs`."""
    found, started = {}, {}
    try:
        started["floor"] = subjects.Subject("floor", method)
        started["as built"] = subjects.Subject("ours", method)
        for name, program in programs.items():
            started[name] = subjects.Subject("ours", method, program)
        for _ in range(rounds):
            for row, figure in FIGURES:
                for name, subject in started.items():
                    errors, figures = rows.ROWS[row](subject, SIZE)
                    if errors:
                        raise SystemExit(f"{name}, {row}: {errors} connections or datagrams failed")
                    found.setdefault((row, figure), {}).setdefault(name, []).append(figures[figure])
    finally:
        for subject in started.values():
            subject.stop()
    return {key: {name: median(values) for name, values in each.items()} for key, each in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    process.raise_nofile()
    programs = {name: Ours(variants.build(name.lower(), flag)) for name, flag in VARIANTS.items()}
    for name, program in {"as built": Ours(), **programs}.items():
        print(f"- {name}: {program.back_ends()}")
    print(f"\n| method | figure | floor | {' | '.join(['as built', *programs])} |")
    print("|---" * (len(programs) + 4) + "|")
    for method in subjects.DEFAULT_METHODS:
        for (row, figure), values in measure(method, options.rounds, programs).items():
            floor = values.pop("floor")
            print(f"| {method} | {row}: {figure} | {shown(floor)} | {' | '.join(f'{shown(value)} ({value / floor:.2f})' for value in values.values())} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
