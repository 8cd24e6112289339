#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# Makes the Python environment: setup.sh VENV LOCKFILE EXTRA. Says what is missing in one line.
set -euo pipefail
venv=$1 lock=$2 extra=$3 python=${PYTHON:-python3}

fail() { echo "barri: $*" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Python is missing: sudo apt install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed, this is $("$python" --version 2>&1)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "the package python3-venv is missing: sudo apt install python3-venv"

echo "barri: making the Python environment in $venv (once, a minute or two)"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
started=$(date +%s)
# A dot for each package, so that one sees it move.
"$venv/bin/pip" install --disable-pip-version-check --progress-bar off \
    --constraint "$lock" --editable ".[$extra]" 2>"$venv/setup.log" |
    awk '/^ *(Collecting|Downloading|Using cached|Building)/ { printf "."; fflush() } END { print "" }' ||
    { tail -n 5 "$venv/setup.log" >&2; fail "a package could not be installed: check the network, then try again"; }
echo "barri: ready after $(($(date +%s) - started)) s"
