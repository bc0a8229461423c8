# shellcheck shell=bash
# A clean Debian in a folder: what the tests of this folder share.
. scripts/lib.sh

# Ends with 77, which stands for "skipped", where there can be no chroot.
skip() {
  say "skipped: $*"
  exit 77
}
need_chroot() {
  [ "$(id -u)" = 0 ] || skip "a clean chroot needs root"
  local tool
  for tool in debootstrap chroot unshare; do
    command -v "$tool" >/dev/null || skip "$tool is not installed: scripts/install-deps.sh package"
  done
  unshare --mount --pid --fork true 2>/dev/null || skip "namespaces cannot be made here"
  [ -n "$(debian_mirror)" ] || skip "/etc/apt names no Debian mirror of $(release_name)"
}

release_name() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

# The first mirror that /etc/apt has for this release of Debian, in either of apt's two formats.
debian_mirror() {
  # shellcheck disable=SC2016 # expanded by apt-get
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 2>/dev/null |
    awk -v release="$(release_name)" '$2 == release && $3 == "Debian" {print $1; exit}' | grep . ||
    awk -v release="$(release_name)" '
      /^URIs:/ {uri = $2}
      /^Suites:/ {for (i = 2; i <= NF; i++) if ($i == release && uri != "") {print uri; exit}}
      $1 == "deb" {for (i = 2; i < NF; i++) if ($i ~ /^[a-z]+:\/\// && $(i + 1) == release) {print $i; exit}}
    ' /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null
}

# make_chroot FOLDER — a minimal Debian of this release that reaches what this machine reaches.
make_chroot() {
  local root=$1 mirror
  mirror=$(debian_mirror)
  say "Making a clean $(release_name) with debootstrap."
  if ! debootstrap --variant=minbase "$(release_name)" "$root" "$mirror" >"$ss_scratch/debootstrap.log" 2>&1; then
    tail -n 20 "$ss_scratch/debootstrap.log" >&2
    die "debootstrap failed; its last lines are above"
  fi
  apt-config dump | grep -E '^Acquire::(http|https|Check-|Retries)' >"$root/etc/apt/apt.conf.d/90this-machine" || true
  cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
  # What Debian's installer writes, and debootstrap does not.
  printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
}

# in_chroot FOLDER COMMAND… — runs COMMAND there; whatever it leaves running ends with it.
in_chroot() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb \
    DEBIAN_FRONTEND=noninteractive "${ss_mark?}" \
    unshare --mount --pid --fork --kill-child chroot "$root" /bin/sh -c '
      mount -t proc proc /proc && mkdir -p /dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts &&
        ln -sf pts/ptmx /dev/ptmx && "$@"' in-chroot "$@"
}
