# shellcheck shell=bash
# What the project's scripts share. Sourced, never run.

# say LINE…
say() { printf '%s\n' "$@"; }
note() { printf '%s\n' "$*" >&2; }
die() {
  note "$(basename "$0"): $*"
  exit 1
}

# Every process started from here on carries this mark in its environment, and so does whatever it starts in turn. What is left
# of a run is found by it, and ended by process id. The name holds this script's own id, so that a script that runs another sees
# the other's too, but not the other way round.
ss_mark=SS_RUN_$$=$RANDOM$RANDOM
export "${ss_mark?}"
ss_children=()

# in_background LOG COMMAND… — starts COMMAND with its output in LOG; its process id is then in $started.
in_background() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null &
  started=$!
  ss_children+=("$started")
}

# attended COMMAND… — runs COMMAND so that a signal to this script is acted on at once instead of when COMMAND ends. A function
# stops at its first failure, unless attended stands in a condition, where bash switches that off.
attended() {
  local status=0
  (
    set -e
    "$@"
  ) &
  ss_children+=("$!")
  wait "$!" || status=$?
  unset 'ss_children[-1]'
  return "$status"
}

# Prints the process ids, some of them twice, of what this run started and is still there. A zombie, ended but not waited for, has no environment.
running() {
  local pid
  for pid in "${ss_children[@]}"; do
    case "$(sed -n 's/^.*) \(.\) .*/\1/p' "/proc/$pid/stat" 2>/dev/null)" in "" | Z) ;; *) say "$pid" ;; esac
  done
  env -u "${ss_mark%%=*}" grep -lsazxF "$ss_mark" /proc/[0-9]*/environ | env -u "${ss_mark%%=*}" sed 's/[^0-9]//g' || true
}

# Asks all that is running to end, asks again after 3 s, and ends by force what is there after 6 s.
stop_children() {
  local pid tick signal pids
  for tick in {0..60}; do
    mapfile -t pids < <(running)
    [ ${#pids[@]} -gt 0 ] || break
    case $tick in 0 | 30) signal=TERM ;; 60) signal=KILL ;; *) signal=0 ;; esac
    for pid in "${pids[@]}"; do kill -"$signal" "$pid" 2>/dev/null || true; done
    sleep 0.1
  done
  wait 2>/dev/null || true
  ss_children=()
}

# listens PORT — whether some socket of this machine listens on 127.0.0.1:PORT or on every address at PORT.
listens() {
  local hex
  hex=$(printf '%04X' "$1")
  grep -qsE "^ *[0-9]+: (0100007F|0{8}|0{32}|0{16}FFFF00000100007F):$hex [0-9A-F]+:0000 0A " \
    /proc/net/tcp /proc/net/tcp6
}

# wait_listening PORT PID SECONDS — waits until PORT is listened on; fails when PID ends first or the time is over.
wait_listening() {
  local tick
  for ((tick = 0; tick < $3 * 20; tick++)); do
    listens "$1" && return 0
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# free_port — prints a TCP port that nothing listens on, below the range that the kernel picks outgoing ports from.
free_port() {
  local port
  while :; do
    port=$((10240 + (RANDOM * 32768 + RANDOM) % 20000))
    listens "$port" || break
  done
  say "$port"
}

# A folder for what a script needs while it runs.
ss_scratch=""
make_scratch() { ss_scratch=$(mktemp -d "${TMPDIR:-/tmp}/shadowsocks-asio.XXXXXX"); }

# However the script ends: nothing that it started goes on, and its folder is gone.
clean_up_at_end() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}
# shellcheck disable=SC2317 # reached through the trap
clean_up() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  stop_children
  if [ -n "$ss_scratch" ]; then rm -rf -- "$ss_scratch"; fi
  exit "$status"
}
