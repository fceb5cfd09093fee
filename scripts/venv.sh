#!/bin/sh
# Make .venv with a Python that Chorus supports, or say what is missing; one that works is left alone.
# Usage: scripts/venv.sh; scripts/venv.sh --check ends with 0 where .venv works, and makes nothing.
set -eu
cd "$(dirname "$0")/.."

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

works() {
    [ -x .venv/bin/python ] && .venv/bin/python -c "$supported" 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1
}

# Debian and Ubuntu leave `ensurepip` out of their Python.
complete() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

if [ "${1:-}" = --check ]; then
    works && exit 0 || exit 1
fi
if works; then
    exit 0
fi

python=
for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$supported" >/dev/null 2>&1; then
        python=${python:-$candidate}
        if complete "$candidate"; then
            python=$candidate
            break
        fi
    fi
done
if [ -z "$python" ]; then
    echo "Chorus needs Python 3.11, 3.12 or 3.13, and none was found. On Debian 12 or Ubuntu 24.04: sudo apt-get install python3" >&2
    exit 1
fi

# The missing package is small, and each version has its own. Only root can add it without asking.
if ! complete "$python"; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $package, which this Python lacks ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null
    else
        echo "This Python cannot make virtual environments yet. Once: sudo apt-get install $package" >&2
        exit 1
    fi
fi
echo "Making .venv with $("$python" --version) ..."
rm -rf .venv
"$python" -m venv .venv
