#!/bin/sh
# Brings what `make test SYSTEM=1` needs beside Python: Chromium, and fonts that have Bangla.
#
# Does nothing where both are there. Else it installs them with apt, as root or by sudo that asks
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

if has_chromium && has_bangla; then exit 0; fi

advice="install Chromium and a font with Bangla (Debian, Ubuntu: apt install chromium fonts-noto-core fontconfig)"
command -v apt-get >/dev/null 2>&1 || fail "tests with a browser need system parts: $advice"
if [ "$(id -u)" = 0 ]; then
    as_root=''
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    fail "tests with a browser need system parts, and installing them needs root: $advice"
fi

echo "Installing chromium, fonts-noto-core and fontconfig with apt"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || fail "apt-get update failed: $advice"
$as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fontconfig >/dev/null ||
    fail "apt-get install failed: $advice"
if ! has_chromium || ! has_bangla; then fail "they are installed and not found: $advice"; fi
