#!/usr/bin/env bash
# Builds ss-local and ss-server, starts both on this machine and fetches a page through them.
#
#   ./quickstart.sh            shows that it works, says how to go on, and runs until Ctrl-C
#   ./quickstart.sh --check    shows that it works and exits: 0 it does, 1 it does not
#
# The demo page, the keys and the configuration live in a temporary folder that is removed at the end.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/lib.sh

method=2022-blake3-aes-256-gcm
check=false
case "${1:-}" in
  "") ;;
  --check) check=true ;;
  -h | --help)
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *)
    note "quickstart.sh: unknown argument '$1'; there is only --check"
    exit 2
    ;;
esac

clean_up_at_end

build_programs() {
  say "Building the two programs; the first time takes some minutes."
  attended cmake --preset programs >"$ss_scratch/build.log" 2>&1 &&
    attended cmake --build --preset programs >>"$ss_scratch/build.log" 2>&1 && return
  tail -n 40 "$ss_scratch/build.log" >&2
  die "the build failed; its last lines are above"
}

# write_config FILE SERVER SERVER_PORT LOCAL_PORT KEY [MORE] — one file serves both programs.
write_config() {
  (umask 077 && cat >"$1") <<EOF
{
  "server": "$2",
  "server_port": $3,
  "local_address": "127.0.0.1",
  "local_port": $4,
  "method": "$method",
  "password": "$5",
  "mode": "tcp_only"${6:-}
}
EOF
}

write_page() {
  mkdir "$ss_scratch/www"
  cat >"$ss_scratch/www/index.html" <<EOF
<!doctype html>
<title>shadowsocks-asio</title>
<p>This page came through ss-local and ss-server. Its number is $RANDOM$RANDOM.</p>
EOF
}

# start NAME PORT COMMAND… — starts one of the three and waits until it listens on PORT.
start() {
  local name=$1 port=$2
  shift 2
  in_background "$ss_scratch/$name.log" "$@"
  if ! wait_listening "$port" "$started" 10; then
    cat "$ss_scratch/$name.log" >&2
    die "$name did not start to listen on 127.0.0.1:$port; what it said is above"
  fi
}

show_logs() {
  local name
  for name in ss-server ss-local; do
    note "--- $name"
    cat "$ss_scratch/$name.log" >&2
  done
}

fetch_page() {
  local page="http://127.0.0.1:$web_port/"
  if ! curl --silent --show-error --fail --noproxy '' --max-time 20 --output "$ss_scratch/fetched" \
    --socks5-hostname "127.0.0.1:$local_port" "$page" || ! cmp "$ss_scratch/fetched" "$ss_scratch/www/index.html"; then
    show_logs
    die "the page could not be fetched through 127.0.0.1:$local_port; what the programs said is above"
  fi
  say "It works. curl --socks5-hostname 127.0.0.1:$local_port $page brought:"
  sed -n 's/^<p>\(.*\)<\/p>$/  \1/p' "$ss_scratch/fetched"
}

explain() {
  local key link
  key=$("$bin/ss-server" genkey "$method")
  write_config "$ss_scratch/vps.json" YOUR-VPS-ADDRESS 8388 1080 "$key"
  link=$("$bin/ss-server" link -c "$ss_scratch/vps.json")
  cat <<EOF

Try it in a browser while this runs (the demo opens targets on this machine only, the page is http://127.0.0.1:$web_port/):
  Firefox    Settings, Network Settings, Manual proxy configuration: SOCKS Host 127.0.0.1, Port $local_port, SOCKS v5,
             "Proxy DNS when using SOCKS v5" on; allow localhost through it: about:config, network.proxy.allow_hijacking_localhost
  Chromium   chromium --proxy-server=socks5://127.0.0.1:$local_port --proxy-bypass-list='<-loopback>'

For real use, with a key made just now for you. On the VPS, as server.json; start it with ss-server -c server.json:

$(sed 's/YOUR-VPS-ADDRESS/0.0.0.0/; /local_/d' "$ss_scratch/vps.json")

On the laptop, with the address of the VPS in place of YOUR-VPS-ADDRESS (then the browser setting above, port 1080):
  ss-local '$link'

The programs are in $bin. Ctrl-C stops this demo and removes its folder.
EOF
}

scripts/install-deps.sh build demo
make_scratch
build_programs
bin=$PWD/build/release/bin

server_port=$(free_port)
web_port=$(free_port)
local_port=1080
if listens "$local_port"; then
  local_port=$(free_port)
  say "Port 1080 is taken: ss-local listens on 127.0.0.1:$local_port instead."
fi
# The server refuses private targets unless they are opened; the demo page is on this machine.
key=$("$bin/ss-server" genkey "$method")
write_config "$ss_scratch/demo.json" 127.0.0.1 "$server_port" "$local_port" "$key" ',
  "allow_targets": ["127.0.0.0/8"]'
write_page
start web-server "$web_port" python3 -m http.server --bind 127.0.0.1 --directory "$ss_scratch/www" "$web_port"
start ss-server "$server_port" "$bin/ss-server" -c "$ss_scratch/demo.json"
start ss-local "$local_port" "$bin/ss-local" -c "$ss_scratch/demo.json"
fetch_page
if $check; then exit 0; fi
explain
wait -n || true
show_logs
die "one of the programs ended by itself; what they said is above"
