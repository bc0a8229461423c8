#!/usr/bin/env bash
# Installs what is missing of the named groups of Debian 12 packages, and says what. Nothing missing: no apt call, no network.
#
#   scripts/install-deps.sh [--list] GROUP…      groups: build demo test bench browser fuzz package
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

packages_of() {
  case "$1" in
    build)
      say g++ cmake ninja-build pkg-config libboost1.81-dev libssl-dev libsodium-dev libc-ares-dev
      say nlohmann-json3-dev libspdlog-dev libcli11-dev libqrencode-dev libseccomp-dev libcap-ng-dev
      # Not needed, but its AES-GCM takes less than half of OpenSSL's time; it exists for one processor family only.
      if [ "$(dpkg --print-architecture)" = amd64 ]; then say libipsec-mb-dev; fi
      ;;
    demo) say curl python3 ;;
    test)
      packages_of build
      say libgtest-dev libgmock-dev libbenchmark-dev ccache binutils git
      say clang-format-14 clang-tidy-14 python3 curl openssl strace shellcheck shadowsocks-libev
      say python3-pyftpdlib lftp dante-client  # a real FTP server and client for BIND
      packages_of package
      ;;
    bench)
      packages_of build
      say libgtest-dev libgmock-dev libbenchmark-dev git python3 iproute2 shadowsocks-libev strace heaptrack linux-perf
      ;;
    browser) say chromium ;;
    fuzz)
      packages_of build
      say clang-14 libclang-rt-14-dev libgtest-dev libgmock-dev
      ;;
    package) say dpkg-dev file debootstrap ;;
    *) die "unknown group '$1'; the groups are: build demo test bench browser fuzz package" ;;
  esac
}

# Prints those of its arguments that are not installed.
missing_of() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || say "$package"
  done
}

# Debian starts shadowsocks-libev's service on installation, and at every boot. Neither is wanted here: the tests need only its
# programs. One that was installed before is left as it is.
start_no_service() {
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
}
enable_no_service() {
  as_root deb-systemd-helper disable shadowsocks-libev.service >/dev/null 2>&1 || true
  as_root update-rc.d shadowsocks-libev disable >/dev/null 2>&1 || true
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

list=false
if [ "${1:-}" = --list ]; then
  list=true
  shift
fi
[ $# -gt 0 ] || die "name at least one group: build demo test bench browser fuzz package"

if ! command -v dpkg-query >/dev/null; then
  note "This is not a Debian system: nothing is installed. docs/CONTRIBUTING.md lists the package names of other systems."
  exit 0
fi

wanted=$(for group in "$@"; do packages_of "$group"; done)
mapfile -t wanted < <(tr ' ' '\n' <<<"$wanted" | sort -u)
if $list; then
  say "${wanted[@]}"
  exit 0
fi
mapfile -t missing < <(missing_of "${wanted[@]}")
if [ ${#missing[@]} = 0 ]; then
  say "All ${#wanted[@]} packages of '$*' are installed."
  exit 0
fi

say "Installing with apt-get: ${missing[*]}"
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
  die "this needs root and sudo is not installed. As root: apt-get install --no-install-recommends ${missing[*]}"
fi
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
# One list that cannot be refreshed (a third party's) must not stop what the others have.
as_root "${apt[@]}" update >/dev/null 2>&1 || note "Some package lists could not be refreshed; going on with what is there."
services=false
case " ${missing[*]} " in *" shadowsocks-libev "*) services=true ;; esac
if $services; then start_no_service; fi
if ! said=$(as_root "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" 2>&1); then
  note "$said"
  die "the installation failed; what apt-get said is above"
fi
if $services; then enable_no_service; fi
say "Installed ${#missing[@]} packages."
