#!/bin/sh
# The bench: floor, ours and the peers, in one table. Installs what it measures with and builds the release first; --no-install uses what is there, --quick takes under
# three minutes and installs nothing either. --write FILE writes the page; --help says the rest.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
case " $* " in
  *" --no-install "* | *" --quick "* | *" --help "*) ;;
  *)
    "$root/scripts/install-deps.sh" bench
    if [ -z "${SS_BIN:-}" ]; then (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release); fi
    ;;
esac
exec python3 "$(cd "$(dirname "$0")" && pwd)/run.py" "$@"
