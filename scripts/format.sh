#!/usr/bin/env bash
# The form of every C++ file, by the pinned clang-format.
#
#   scripts/format.sh --check    names what is not in form and fails
#   scripts/format.sh --write    brings the tree into form
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

case "${1:-}" in
  --check) mode=(--dry-run --Werror) ;;
  --write) mode=(-i) ;;
  *) die "say --check or --write" ;;
esac
command -v clang-format-14 >/dev/null || die "clang-format-14 is not installed: scripts/install-deps.sh test"
git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' |
  xargs -0 --no-run-if-empty -n 40 -P 2 clang-format-14 "${mode[@]}"
