#!/usr/bin/env bash
# What takes too long for every run: all probes with the peers beside, the timing of resets, every planted bug, and new inputs for the fuzz targets.
#
#   tests/nightly.sh [STAGE…]      stages: probes timing planted fuzz; all of them unless told
#
# SS_BIN names the programs (build/release/bin unless told), SS_PEER_DIR the peers that are not Debian's, SS_FUZZ_SECONDS how long each fuzz target searches (60).
# Exit code: 0 when every stage passed, 1 otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

export SS_BIN=${SS_BIN:-$PWD/build/release/bin} PYTHONDONTWRITEBYTECODE=1
clean_up_at_end
make_scratch

stage_probes() { tests/probe/run.py --peers libev,rust,sing-box; }
stage_timing() { tests/probe/timing.py; }
stage_planted() { tests/planted/run.py; }
stage_fuzz() {
  cmake --preset fuzz
  cmake --build --preset fuzz
  local target name
  for target in build/fuzz/bin/*_fuzz; do
    name=$(basename "$target" _fuzz)
    mkdir "$ss_scratch/$name"
    "$target" -max_total_time="${SS_FUZZ_SECONDS:-60}" -print_final_stats=1 -verbosity=0 "$ss_scratch/$name" "tests/fuzz/corpus/$name"
  done
}

stages=("$@")
[ $# -gt 0 ] || stages=(probes timing planted fuzz)
failed=()
rows=()
for stage in "${stages[@]}"; do
  declare -F "stage_$stage" >/dev/null || die "unknown stage '$stage'; the stages are: probes timing planted fuzz"
  say "" "== $stage"
  began=$SECONDS
  set +e
  attended "stage_$stage"
  status=$?
  set -e
  verdict=passed
  # 77: skipped, and it said why.
  if [ "$status" != 0 ] && [ "$status" != 77 ]; then
    verdict=FAILED
    failed+=("$stage")
  fi
  rows+=("$(printf '%-10s %-8s %5d s' "$stage" "$verdict" $((SECONDS - began)))")
done
say "" "Stages, $SECONDS s in all:" "${rows[@]/#/  }"
[ ${#failed[@]} = 0 ]
