#!/bin/sh
# What the tests need from the system's packages: a browser, and a font that it writes in.
# Already there: nothing is asked for. Missing: installed where it may be; elsewhere one line says what to install.
set -eu
packages="chromium fonts-dejavu-core"

if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    exit 0
fi

stop() {
    echo "make test needs Chromium: install the system's packages $packages ($1)" >&2
    exit 1
}

install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $packages >/dev/null
}

as_root=
[ "$(id -u)" = 0 ] || as_root="sudo -n"
command -v apt-get >/dev/null || stop "there is no apt-get to do it"
$as_root true 2>/dev/null || stop "neither root nor sudo without a password to do it"
echo "Installing the system's packages $packages"
install 2>/dev/null || { $as_root apt-get update -qq; install; } || stop "apt-get failed"
