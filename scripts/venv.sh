#!/bin/sh
# Make .venv with a Python that Chorus supports, or say what is missing. Usage: scripts/venv.sh
set -eu
cd "$(dirname "$0")/.."

supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$supported" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Chorus needs Python 3.11, 3.12 or 3.13, and none was found. On Debian 12 or Ubuntu 24.04: sudo apt-get install python3" >&2
    exit 1
fi

if [ -x .venv/bin/python ] && .venv/bin/python -c "$supported" 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi

# Debian and Ubuntu leave `ensurepip` out of their Python; its package is small. Only root can add it without asking.
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing python3-venv, which this Python lacks ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
        echo "This Python cannot make virtual environments yet. Once: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "Making .venv with $("$python" --version) ..."
rm -rf .venv
"$python" -m venv .venv
