#!/usr/bin/env bash
# clang-tidy, pinned, over what changed or over everything. Every finding is an error.
#
#   scripts/tidy.sh --build DIR                sources that differ from the merge base with the upstream branch, else from HEAD~1
#   scripts/tidy.sh --build DIR --since REF    sources that differ from REF
#   scripts/tidy.sh --build DIR --all          every source
#
# DIR was configured with precompiled headers off (preset `tidy`). What changed is looked at for $SS_TIDY_SECONDS (300) at most.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

build="" since="" all=false
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=${2:?--build needs a folder}; shift 2 ;;
    --since) since=${2:?--since needs a commit}; shift 2 ;;
    --all) all=true; shift ;;
    *) die "unknown argument '$1'" ;;
  esac
done
[ -f "$build/compile_commands.json" ] || die "no compile_commands.json in '$build'; configure it first: cmake --preset tidy"
command -v clang-tidy-14 >/dev/null || die "clang-tidy-14 is not installed: scripts/install-deps.sh test"

known_sources() { sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" | sed "s|^$PWD/||" | sort -u; }

base_of_change() {
  local base head
  head=$(git rev-parse HEAD)
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$head" ]; then base=$(git rev-parse --verify --quiet HEAD~1 || true); fi
  say "${base:-$head}"
}

# A changed header is looked at through its own source, else through one that includes it.
sources_of() {
  local file name
  while read -r file; do
    case "$file" in
      *.cpp) say "$file" ;;
      *.hpp)
        name=${file#include/}
        git grep -l --fixed-strings "#include \"${name#src/common/}\"" -- 'src/**.cpp' 'tests/**.cpp' |
          grep -m1 -E "(^|/)$(basename "$file" .hpp)\.cpp$" ||
          git grep -l --fixed-strings "$(basename "$file")\"" -- 'src/**.cpp' 'tests/**.cpp' | head -n 1 || true
        ;;
    esac
  done | sort -u
}

if $all; then
  mapfile -t sources < <(known_sources)
  seconds=86400
else
  since=${since:-$(base_of_change)}
  mapfile -t sources < <(git diff --name-only --diff-filter=d "$since" -- '*.cpp' '*.hpp' | sources_of | comm -12 - <(known_sources))
  seconds=${SS_TIDY_SECONDS:-300}
  say "${#sources[@]} sources changed since $(git rev-parse --short "$since")."
fi
[ ${#sources[@]} -gt 0 ] || exit 0

# GCC's compile commands name warnings that clang does not know.
tidy_one() {
  [ "$(date +%s)" -lt "$SS_TIDY_UNTIL" ] || { say "not looked at, time is over: $1"; return 0; }
  clang-tidy-14 --quiet -p "$SS_TIDY_BUILD" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument "$1" 2>&1 |
    { grep -vE '^[0-9]+ warnings? (generated|treated as error)|^Suppressed [0-9]+ warnings|^Use -header-filter' || true; }
}
export -f tidy_one say
export SS_TIDY_BUILD=$build SS_TIDY_UNTIL=$(($(date +%s) + seconds))
# shellcheck disable=SC2016 # expanded by the inner bash
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'set -o pipefail; tidy_one "$1"' tidy
