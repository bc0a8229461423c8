#!/usr/bin/env bash
# The .deb in a clean Debian: installed, looked at, started, used, and purged.
#
#   tests/package/run.sh [--build DIR]     DIR: configured with the prefix /usr, programs built; else preset `package` is built
#
# Exit code: 0 passed, 1 failed, 77 skipped, with the reason.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/package/chroot.sh

build=""
if [ "${1:-}" = --build ]; then build=${2:?--build needs a folder}; fi

clean_up_at_end

need_chroot
command -v dpkg-shlibdeps >/dev/null || skip "dpkg-dev is not installed: scripts/install-deps.sh package"
make_scratch
# The chroot's own users must get through to their files.
chmod 755 "$ss_scratch"
root=$ss_scratch/root

make_package() {
  if [ -z "$build" ]; then
    build=build/package
    cmake --preset package >/dev/null
    cmake --build --preset package >/dev/null
  fi
  cpack --config "$build/CPackConfig.cmake" -G DEB -B "$ss_scratch/out" >"$ss_scratch/cpack.log" 2>&1 ||
    { cat "$ss_scratch/cpack.log" >&2; die "cpack failed"; }
  deb=$(ls "$ss_scratch"/out/*.deb)
  say "Package: $(basename "$deb"), $(($(stat -c %s "$deb") / 1024)) KiB; depends on $(dpkg-deb -f "$deb" Depends)"
}

expect() {
  local what=$1
  shift
  "$@" >"$ss_scratch/expect.log" 2>&1 || { cat "$ss_scratch/expect.log" >&2; die "not so: $what"; }
  say "  ok: $what"
}

look_at_package() {
  local field
  for field in Conflicts Replaces; do
    expect "$field names shadowsocks-libev" grep -q shadowsocks-libev <(dpkg-deb -f "$deb" "$field")
  done
  expect "its file in /etc is a conffile" grep -qx /etc/default/shadowsocks-asio <(dpkg-deb -I "$deb" conffiles)
}

install_package() {
  cp "$deb" "$root/tmp/package.deb"
  in_chroot "$root" apt-get -q update >"$ss_scratch/apt.log" 2>&1 || { tail "$ss_scratch/apt.log" >&2; die "apt-get update failed"; }
  in_chroot "$root" apt-get -q install --yes --no-install-recommends /tmp/package.deb >"$ss_scratch/apt.log" 2>&1 ||
    { tail -n 30 "$ss_scratch/apt.log" >&2; die "the installation failed"; }
  rm "$root/tmp/package.deb"
  say "  ok: installs with $(grep -c '^Setting up' "$ss_scratch/apt.log") packages in all, no compiler among them"
  dpkg --root="$root" -L shadowsocks-asio >"$ss_scratch/files"
}

look_at_installation() {
  local program config
  for program in ss-local ss-server; do
    expect "$program runs and says its version" in_chroot "$root" "$program" --version
    if command -v systemd-analyze >/dev/null; then
      # With a program that this machine has: its own is in the chroot only.
      sed 's|/usr/bin/ss-[a-z]*|/bin/true|' "$root/usr/lib/systemd/system/$program@.service" >"$ss_scratch/$program@.service"
      expect "$program@.service is a valid unit" systemd-analyze verify "$ss_scratch/$program@.service"
      expect "$program@.service has an exposure of 1.2 or less" \
        systemd-analyze security --offline=true --threshold=12 "$root/usr/lib/systemd/system/$program@.service"
    fi
  done
  # The examples say <in angle brackets> where a key of one's own has to be written; with keys there they are taken.
  local key
  for config in "$root"/usr/share/doc/shadowsocks-asio/examples/*.json; do
    program=ss-server
    case "$(basename "$config")" in *local*) program=ss-local ;; esac
    cp "$config" "$root/tmp/example.json"
    while grep -q '"<[^"]*>"' "$root/tmp/example.json"; do
      key=$(in_chroot "$root" ss-server genkey)
      sed -i "0,/\"<[^\"]*>\"/s||\"$key\"|" "$root/tmp/example.json"
    done
    expect "example $(basename "$config") is taken by $program check" in_chroot "$root" "$program" check -c /tmp/example.json
  done
  expect "installing shadowsocks-libev would remove it" \
    grep -q '^Remv shadowsocks-asio' <(in_chroot "$root" apt-get -s install --no-install-recommends shadowsocks-libev)
}

# start PROGRAM PORT — runs it in the chroot with the configuration that the units would hand it.
start() {
  in_background "$ss_scratch/$1.log" env NOTIFY_SOCKET=/run/notify chroot "$root" "/usr/bin/$1" -c "/etc/shadowsocks-asio/$1.json"
  wait_listening "$2" "$started" 10 || { cat "$ss_scratch/$1.log" >&2; die "$1 did not start"; }
}

# Stands in for systemd: prints the first thing that a program of Type=notify says.
first_notice() {
  python3 - "$root/run/notify" <<'EOF'
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
server.settimeout(20)
print(server.recv(4096).decode().splitlines()[0])
EOF
}

use_it() {
  local key server_port local_port web_port pid
  key=$(in_chroot "$root" ss-server genkey 2022-blake3-aes-256-gcm)
  server_port=$(free_port) local_port=$(free_port) web_port=$(free_port)
  cat >"$root/etc/shadowsocks-asio/ss-server.json" <<EOF
{"server": "127.0.0.1", "server_port": $server_port, "local_address": "127.0.0.1", "local_port": $local_port,
 "method": "2022-blake3-aes-256-gcm", "password": "$key", "mode": "tcp_only", "allow_targets": ["127.0.0.0/8"]}
EOF
  chmod 600 "$root/etc/shadowsocks-asio/ss-server.json"
  cp -p "$root/etc/shadowsocks-asio/ss-server.json" "$root/etc/shadowsocks-asio/ss-local.json"

  in_background "$ss_scratch/notice" first_notice
  local notice=$started
  for _ in {1..100}; do
    if [ -S "$root/run/notify" ]; then break; fi
    sleep 0.05
  done
  start ss-server "$server_port"
  local server=$started
  wait "$notice" || die "ss-server did not tell systemd anything within 20 s"
  expect "ss-server tells systemd that it is ready" grep -qx READY=1 "$ss_scratch/notice"
  start ss-local "$local_port"
  local client=$started

  mkdir "$ss_scratch/www"
  head -c 3000000 /dev/urandom >"$ss_scratch/www/data"
  in_background "$ss_scratch/web.log" python3 -m http.server --bind 127.0.0.1 --directory "$ss_scratch/www" "$web_port"
  wait_listening "$web_port" "$started" 10 || die "the web server did not start"
  expect "3 MB come through it" curl -fsS --noproxy '' --max-time 20 -o "$ss_scratch/fetched" \
    --socks5-hostname "127.0.0.1:$local_port" "http://127.0.0.1:$web_port/data"
  expect "and are the same bytes" cmp "$ss_scratch/www/data" "$ss_scratch/fetched"
  for pid in "$client" "$server"; do
    kill -TERM "$pid"
    expect "TERM ends it with exit code 0" wait "$pid"
  done
}

purge_package() {
  in_chroot "$root" apt-get -q purge --yes shadowsocks-asio >"$ss_scratch/apt.log" 2>&1 ||
    { tail -n 30 "$ss_scratch/apt.log" >&2; die "the purge failed"; }
  local path left=""
  while read -r path; do
    if [ -n "$path" ] && [ ! -d "$root$path" ] && [ -e "$root$path" ]; then left+=" $path"; fi
  done <"$ss_scratch/files"
  [ -z "$left" ] || die "the purge left$left"
  say "  ok: the purge leaves no file of the package"
  expect "but the administrator's own configuration" test -f "$root/etc/shadowsocks-asio/ss-server.json"
}

make_package
look_at_package
make_chroot "$root"
install_package
look_at_installation
use_it
purge_package
say "The package passed."
