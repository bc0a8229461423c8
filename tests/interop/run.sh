#!/bin/sh
# The matrix of peers, directions and methods. `--peers all` also installs shadowsocks-rust and sing-box where cargo and go are, and writes docs/INTEROP.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case " $* " in
  *" --peers all "*) exec python3 "$here/run.py" --write "$here/../../docs/INTEROP.md" "$@" ;;
  *) exec python3 "$here/run.py" "$@" ;;
esac
