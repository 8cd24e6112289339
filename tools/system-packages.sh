#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# Installs the Debian packages that the tests use, where that is allowed (root, or sudo without a
# password). Elsewhere it says what stays untested; the tests then skip those parts by name.
set -euo pipefail

declare -A packages=(
    [mosquitto]=mosquitto
    [redis-server]=redis-server
    [chromium]=chromium
    [java]=default-jre-headless
    [mvn]=maven
)
missing=()
for program in "${!packages[@]}"; do
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing+=("${packages[$program]}")
done
[ -d /usr/share/sounds/alsa ] || missing+=(alsa-utils)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ]; then become=()
elif sudo -n true 2>/dev/null; then become=(sudo -n)
else
    echo "barri: not installed, so tested less: ${missing[*]} (sudo apt install ${missing[*]})"
    exit 0
fi
command -v apt-get >/dev/null || { echo "barri: not a Debian system, tested less: ${missing[*]}"; exit 0; }
echo "barri: installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${become[@]}" apt-get update -qq || true
# A fresh install must not start services of its own: the tests start their own on free ports.
printf '#!/bin/sh\nexit 101\n' | "${become[@]}" tee /usr/sbin/policy-rc.d >/dev/null
"${become[@]}" chmod +x /usr/sbin/policy-rc.d
"${become[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    echo "barri: could not install all of: ${missing[*]}"
"${become[@]}" rm -f /usr/sbin/policy-rc.d
