#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test.
#
#   ./test.sh                  everything
#   ./test.sh --quick          form, and the unit tests and checks of the release build
#   ./test.sh --suite NAME     one stage (format release guard asan portable tsan tidy package),
#                              or one CTest label of the release build (unit relay check e2e interop probe …)
#
# Exit code: 0 when every stage passed, 1 otherwise, 2 for wrong usage.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/lib.sh

all_stages=(format release guard asan portable tsan tidy package)
stages=("${all_stages[@]}")
release_labels=""
case "${1:-}" in
  "") ;;
  --quick)
    stages=(format release)
    release_labels='^(unit|relay|check)$'
    ;;
  --suite)
    name=${2:-}
    [[ $name =~ ^[a-z0-9_-]+$ ]] || { note "test.sh: --suite needs a stage or a CTest label"; exit 2; }
    if [[ " ${all_stages[*]} " == *" $name "* ]]; then
      stages=("$name")
    else
      stages=(release)
      release_labels="^$name\$"
    fi
    ;;
  -h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *)
    note "test.sh: unknown argument '$1'; see ./test.sh --help"
    exit 2
    ;;
esac

clean_up_at_end
make_scratch

# build PRESET [TARGET…] — prints warnings and errors alone; the rest is in the log of the build folder.
build() {
  local preset=$1 log="build/$1.log"
  shift
  mkdir -p build
  if ! cmake --preset "$preset" >"$log" 2>&1 ||
    ! cmake --build --preset "$preset" ${1:+--target "$@"} -- -k 0 >>"$log" 2>&1; then
    grep -E -A12 'error|Error|FAILED|undefined reference' "$log" | head -n 80 || tail -n 40 "$log"
    note "The build of $preset failed; all of it is in $log."
    return 1
  fi
}

# run_tests PRESET [CTEST ARGUMENT…] — prints what did not pass, and CTest's closing lines.
run_tests() {
  local preset=$1 status=0 junit
  shift
  junit=$(mktemp "$ss_scratch/$preset.XXXXXX.xml")
  ctest --preset "$preset" --output-junit "$junit" "$@" </dev/null |
    grep -vE '^ +Start +[0-9]+:|^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed ' || status=$?
  return "$status"
}

stage_format() {
  scripts/format.sh --check
  shellcheck -x quickstart.sh test.sh .ci/run scripts/*.sh tests/nightly.sh tests/package/*.sh
}
stage_release() {
  build ci-release
  if [ -n "$release_labels" ]; then
    run_tests ci-release --label-regex "$release_labels"
  else
    run_tests ci-release
  fi
}
stage_guard() {
  build ci-release ss-local ss-server bench_load bench_floor
  local status=0
  SS_BIN="$PWD/build/ci-release/bin" tests/bench/guard.sh --tolerance 1 || status=$?
  # 77: skipped, and it said why.
  [ "$status" = 0 ] || [ "$status" = 77 ]
}
stage_asan() {
  build ci-asan
  # These tests mostly wait, so the next stages' builds go on beside them; what is wrong with one is said where its turn comes.
  if [ ${#stages[@]} -gt 1 ]; then
    (
      renice -n 19 "$BASHPID"
      build ci-asan-portable "${portable_targets[@]}"
      build ci-tsan "${tsan_targets[@]}"
    ) >/dev/null 2>&1 &
  fi
  local status=0
  run_tests ci-asan --label-exclude '^(check|interop|bench)$' || status=$?
  wait || true
  return "$status"
}
# The rooms that ask which system it is on, and the programs over them. The rest is the code of the stage before, which took six minutes to build again.
portable_targets=(cipher_tests net_tests ops_tests ss-local ss-server)
stage_portable() {
  build ci-asan-portable "${portable_targets[@]}"
  run_tests ci-asan-portable --tests-regex '^(cipher|net|ops)\.|^e2e\.(relay|curl|udp_socks5|crowd)$'
}
tsan_targets=(net_tests relay_tests)
stage_tsan() {
  # ThreadSanitizer of GCC 12 does not start where the kernel spreads addresses over more bits than it expects.
  local run=()
  if setarch "$(uname -m)" -R true 2>/dev/null; then run=(setarch "$(uname -m)" -R); fi
  "${run[@]}" bash -c "$(declare -f build run_tests note); $(declare -p ss_scratch); set -euo pipefail
    build ci-tsan ${tsan_targets[*]}
    run_tests ci-tsan --tests-regex '^(net|relay)\.'"
}
stage_tidy() {
  cmake --preset tidy >build/tidy.log 2>&1 || { tail -n 20 build/tidy.log; return 1; }
  scripts/tidy.sh --build build/tidy
}
stage_package() {
  build ci-release ss-local ss-server
  local status=0
  tests/package/run.sh --build build/ci-release || status=$?
  # 77: skipped, and it said why.
  [ "$status" = 0 ] || [ "$status" = 77 ]
}

# Adds up one attribute over what CTest wrote of every stage.
total() {
  local sum=0 number
  while read -r number; do sum=$((sum + number)); done < <(sed -n "s/^.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$ss_scratch"/*.xml 2>/dev/null)
  say "$sum"
}

groups=(test)
scripts/install-deps.sh "${groups[@]}"
mkdir -p build
failed=()
rows=()
for stage in "${stages[@]}"; do
  say "" "== $stage"
  began=$SECONDS
  set +e
  attended "stage_$stage"
  status=$?
  set -e
  verdict=passed
  [ "$status" = 0 ] || verdict=FAILED
  [ "$verdict" = passed ] || failed+=("$stage")
  rows+=("$(printf '%-10s %-8s %5d s' "$stage" "$verdict" $((SECONDS - began)))")
  say "== ${rows[-1]}"
done

# A test must end what it starts; what is still there a moment after the last one counts as a failure.
for _ in {1..50}; do
  left=$(running)
  [ -n "$left" ] || break
  sleep 0.1
done
for pid in $left; do
  failed+=("left-behind:$pid")
  note "Still running: $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || true)"
done

say "" "Stages, $SECONDS s in all:" "${rows[@]/#/  }"
[ ${#failed[@]} = 0 ] || say "Failed: ${failed[*]}"
bad=$(total failures)
skipped=$(($(total skipped) + $(total disabled)))
ran=$(total tests)
[ "$ran" = 0 ] || say "Tests: $((ran - bad - skipped)) passed, $bad failed, $skipped skipped"
[ ${#failed[@]} = 0 ]
