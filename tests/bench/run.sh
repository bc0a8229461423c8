#!/bin/sh
# The bench: floor, ours and the peers found here, in one table. --quick takes under three minutes; --help says the rest.
set -eu
exec python3 "$(cd "$(dirname "$0")" && pwd)/run.py" "$@"
