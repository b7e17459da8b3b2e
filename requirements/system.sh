#!/bin/sh
# Brings what `make test SYSTEM=1` needs beside Python: Chromium with fonts that have Bangla, and
# what judges the files of deploy/ (systemd-analyze, logrotate, flock).
#
# Does nothing where all of it is there. Else it installs them with apt, as root or by sudo that asks
# for no password; where that cannot be, it says in one line what to install, and fails.
set -eu

fail() {
    echo "observer-crawler: $*" >&2
    exit 1
}

has_chromium() {
    for name in chromium chromium-browser google-chrome; do
        if command -v $name >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# Without fontconfig nobody can tell, and Chromium has no font either.
has_bangla() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=bn family)" ]
}

# An ordinary user's PATH may lack sbin, where logrotate stands.
has_judges() {
    PATH="$PATH:/usr/sbin:/sbin"
    for name in systemd-analyze logrotate flock; do
        command -v $name >/dev/null 2>&1 || return 1
    done
}

is_complete() {
    has_chromium && has_bangla && has_judges
}

if is_complete; then exit 0; fi

packages="chromium fonts-noto-core fontconfig systemd logrotate util-linux"
advice="install Chromium, a font with Bangla, systemd, logrotate and flock (Debian, Ubuntu: apt install $packages)"
command -v apt-get >/dev/null 2>&1 || fail "some tests need system parts: $advice"
if [ "$(id -u)" = 0 ]; then
    as_root=''
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    fail "some tests need system parts, and installing them needs root: $advice"
fi

echo "Installing $packages with apt"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || fail "apt-get update failed: $advice"
# shellcheck disable=SC2086 # $packages is a list
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
    fail "apt-get install failed: $advice"
if ! is_complete; then fail "they are installed and not found: $advice"; fi
