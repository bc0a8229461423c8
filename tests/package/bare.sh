#!/usr/bin/env bash
# The README's two commands on a bare Debian where git is all that was added, in a chroot, as root without sudo.
#
#   tests/package/bare.sh          ./quickstart.sh --check
#   tests/package/bare.sh --all    then ./test.sh too
#
# What is tested is the last commit. Exit code: 0 passed, 1 failed, 77 skipped, with the reason.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/package/chroot.sh

all=false
if [ "${1:-}" = --all ]; then all=true; fi

clean_up_at_end

need_chroot
make_scratch
chmod 755 "$ss_scratch"
root=$ss_scratch/root
make_chroot "$root"
in_chroot "$root" sh -c 'apt-get -q update && apt-get -q install --yes --no-install-recommends git' >"$ss_scratch/apt.log" 2>&1 ||
  { tail "$ss_scratch/apt.log" >&2; die "git could not be installed"; }
git clone --quiet "$PWD" "$root/root/shadowsocks-asio"

# run_bare COMMAND — in the checkout; then nothing of it may be running, and no scratch folder be left.
run_bare() {
  local began=$SECONDS
  say "" "On the bare system: $1"
  # shellcheck disable=SC2016 # expanded by the inner shell
  attended in_chroot "$root" bash -c '
    cd /root/shadowsocks-asio && $1 </dev/null || exit 1
    for folder in /tmp/shadowsocks-asio.*; do [ ! -e "$folder" ] || { echo "left behind: $folder"; exit 1; }; done
    for process in /proc/[0-9]*; do
      case "${process#/proc/}" in 1 | $$) ;; *) echo "left running: $(tr "\0" " " <"$process/cmdline")"; exit 1 ;; esac
    done' bare "$1" || die "$1 failed on a bare system"
  say "$1 passed in $((SECONDS - began)) s."
}

run_bare "./quickstart.sh --check"
if $all; then run_bare "./test.sh"; fi
