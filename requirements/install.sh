#!/bin/sh
# Brings .venv to one of the locks: sh requirements/install.sh base|replica|dataset|test
# pywb, which the tests ask as a web archive, has an environment of its own, for its pins clash
# with ours: sh requirements/install.sh pywb brings .venv-pywb to its lock. So have pip-audit, the
# reader of Croissant, and each tool that `make bench` runs beside ours (peer-trafilatura,
# peer-newspaper4k, peer-news-please).
#
# Does nothing when that lock (or a larger one) is already installed, and uses uv where it is on
# PATH, else venv and pip. Needs a POSIX shell and Python 3.11 or newer, nothing else.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
case $wanted in
    pywb | croissant | audit | peer-*) venv=.venv-$wanted ;;
    *) venv=.venv ;;
esac
python=$venv/bin/python

# Deactivates what would lead uv or pip elsewhere: an active environment, or a PYTHONPATH.
unset VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME || true

fail() {
    echo "observer-crawler: $*" >&2
    exit 1
}

# What the environment is made of: the locks, the project's metadata and its place on the disk
# (scripts in bin/ name it, so a moved checkout needs a new one).
state_of() {
    pwd
    if is_ours; then cat pyproject.toml; fi
    cat "requirements/$1.txt"
}

# Whether the project itself is installed too.
is_ours() {
    [ "$venv" = .venv ]
}

is_installed() {
    for lock in "$@"; do
        if [ -f "$venv/installed-$lock" ] && state_of "$lock" | cmp -s - "$venv/installed-$lock"; then
            return 0
        fi
    done
    return 1
}

is_alive() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Sets `fitting` to the first Python of 3.11 or newer, `found` to all that were looked at.
find_python() {
    fitting='' found=''
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        found="$found${found:+, }$name $version"
        case $version in
            3.1[1-9] | 3.[2-9][0-9]) fitting=$name && return ;;
        esac
    done
}

# The newest Python that apt knows here, with its venv: python3.12 python3.12-venv
apt_packages() {
    for name in python3.13 python3.12 python3.11; do
        if apt-cache show "$name-venv" >/dev/null 2>&1; then break; fi
    done
    echo "$name $name-venv"
}

# The way to a fitting Python on this system, in a few words.
advice() {
    case $(uname -s)-$( (. /etc/os-release && echo "${ID:-} ${ID_LIKE:-}") 2>/dev/null) in
        Darwin*) echo "brew install python@3.13" ;;
        *debian* | *ubuntu*) echo "sudo apt install $(apt_packages)" ;;
        *fedora* | *rhel* | *centos*) echo "sudo dnf install python3.12" ;;
        *suse*) echo "sudo zypper install python312" ;;
        *arch*) echo "sudo pacman -S python" ;;
        *alpine*) echo "sudo apk add python3" ;;
        *) echo "a Python from your system's packages" ;;
    esac
}

create_with_uv() {
    find_python
    rm -rf $venv
    if [ -n "$fitting" ]; then
        uv venv --quiet --python "$fitting" $venv
    else
        echo "No Python 3.11 or newer here (${found:-none at all}); asking uv to bring one." >&2
        uv venv --quiet --python 3.13 $venv ||
            fail "needs Python 3.11 or newer, found ${found:-none}, and uv could not bring one. What helps: $(advice)"
    fi
}

create_with_pip() {
    find_python
    [ -n "$fitting" ] ||
        fail "needs Python 3.11 or newer, found ${found:-none}. What helps: $(advice), or uv (https://docs.astral.sh/uv/)"
    "$fitting" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$fitting comes without venv. What helps: sudo apt install python3-venv (or $(version_name)-venv), or uv (https://docs.astral.sh/uv/)"
    "$fitting" -m venv --clear $venv
}

version_name() {
    "$fitting" -c 'import sys; print("python%d.%d" % sys.version_info[:2])'
}

# Compiled as pip does: surt's modules warn when they are, and the tests take a warning for an error.
install_with_uv() {
    uv pip install --quiet --compile-bytecode --python "$python" --require-hashes -r "requirements/$wanted.txt"
    if is_ours; then uv pip install --quiet --python "$python" --no-deps --no-build-isolation -e .; fi
}

# The first pip of a fresh Python 3.11 is 23.2: nothing newer is asked of it.
install_with_pip() {
    pip="$python -m pip --quiet --disable-pip-version-check --no-input"
    $pip install --require-hashes -r "requirements/$wanted.txt"
    if is_ours; then $pip install --no-deps --no-build-isolation -e .; fi
}

case $wanted in
    base) larger='replica dataset test' ;;
    replica | dataset) larger=test ;;
    test | pywb | croissant | audit) larger='' ;;
    peer-trafilatura | peer-newspaper4k | peer-news-please) larger='' ;;
    *) fail "no lock named requirements/$wanted.txt" ;;
esac
# shellcheck disable=SC2086 # $larger is a list
if is_alive && is_installed "$wanted" $larger; then
    exit 0
fi

moved=''
for stamp in "$venv"/installed-*; do
    if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" != "$(pwd)" ]; then moved=yes; fi
done
if command -v uv >/dev/null 2>&1; then with=uv; else with=pip; fi
if [ -n "$moved" ] || ! is_alive; then
    create_with_$with
elif [ $with = pip ] && ! "$python" -m pip --version >/dev/null 2>&1; then
    create_with_pip # an environment that uv made has no pip
fi
echo "Setting up $venv from requirements/$wanted.txt with $with"
rm -f "$venv"/installed-*
install_with_$with
state_of "$wanted" >"$venv/installed-$wanted"
