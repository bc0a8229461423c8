#!/bin/sh
# The bench: floor, ours and the peers, in one table. --write FILE writes the page, --no-install uses the peers that are there, --quick takes under three minutes; --help says the rest.
set -eu
exec python3 "$(cd "$(dirname "$0")" && pwd)/run.py" "$@"
