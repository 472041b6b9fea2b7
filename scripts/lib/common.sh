# common.sh -- what the scripts share: steps on the screen, the packages of Debian 12 and
# 13, and the build.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the scripts that read this

root=$(CDPATH='' cd -- "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# mosquitto is in /usr/sbin, which an ordinary user of Debian does not have in the PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

PACKAGES_BUILD=(gcc libc6-dev cmake ninja-build pkg-config tzdata libcjson-dev
    libconfuse-dev libcrypt-dev libmicrohttpd-dev libpaho-mqtt-dev libqrencode-dev
    libsqlite3-dev libssl-dev libsystemd-dev libunistring-dev nettle-dev zlib1g-dev)
PACKAGES_BROKER=(mosquitto mosquitto-clients openssl)
PACKAGES_DEMO=("${PACKAGES_BROKER[@]}" curl)
PACKAGES_TEST=("${PACKAGES_BROKER[@]}" age bats curl iproute2 jq libcmocka-dev openssl
    poppler-utils procps python3 librsvg2-bin shellcheck socat sqlite3 valgrind zbar-tools)
PACKAGES_BENCH=(hyperfine)
# Brokers of other makes, for one test; what Debian would start of them; what npm brings.
PACKAGES_OTHER_BROKERS=(rabbitmq-server ejabberd)
SERVICES_OTHER_BROKERS=(rabbitmq-server.service ejabberd.service epmd.service epmd.socket)
PACKAGES_PROXY=(nginx-light) # for the board behind it; any other nginx does as well
SERVICES_PROXY=(nginx.service)
PACKAGES_NPM=(nodejs npm)
PACKAGES_BROWSER=(chromium pngquant)

# What a demo and a clinic need of the build, and nothing that only tests need.
PROGRAMS=(-DSTEPWARD_TESTS=OFF)

step() { printf '\n== %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# answer_help ARGUMENT…: who asks for help gets the head of the script, and nothing else
# happens.
answer_help() {
    case " $* " in
    *' --help '* | *' -h '*) ;;
    *) return 0 ;;
    esac
    sed -nE '2,/^[^#]/{/^# shellcheck/d;s/^# ?//p}' "$0"
    exit 0
}

AS_ROOT=()
[ "$(id -u)" -eq 0 ] || AS_ROOT=(sudo)
as_root() { "${AS_ROOT[@]}" "$@"; }

# as_owner COMMAND…: whom the build belongs to. Where root was asked to (`sudo
# scripts/install`), that is whom the checkout belongs to, who could not write there else.
owner=$(id -un)
as_owner() { "$@"; }
if [ "$owner" = root ] && id "$(stat -c %U "$root")" >/dev/null 2>&1; then
    owner=$(stat -c %U "$root")
    as_owner() {
        runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
    }
fi

# A gateway on a machine that has just been switched on waits for its clock to be set, and
# what is to be shown or tested with it.
BOOT_S=180
wait_for_boot() {
    local up_s
    up_s=$(cut -d. -f1 /proc/uptime)
    [ "$up_s" -lt "$BOOT_S" ] || return 0
    step "waiting until the machine's clock may be believed, $((BOOT_S - up_s)) s"
    sleep $((BOOT_S - up_s))
}

# ---- packages ----

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

can_install() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

# A machine that has just been switched on looks for updates itself, so it may take a
# while until it is our turn.
APT_WAIT_S=600
install_packages() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout="$APT_WAIT_S")
    step "installing $*"
    as_root "${apt[@]}" update
    as_root "${apt[@]}" install -y --no-install-recommends "$@"
}

# need PACKAGE…: install those that are missing; asks for nothing.
need() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    can_install || fail "run as root, or install first: apt-get install ${missing[*]}"
    install_packages "${missing[@]}" || fail "apt-get could not install: ${missing[*]}"
}

# want PACKAGE: the same, but false where this Debian does not have it.
want() {
    is_installed "$1" && return
    can_install && [ -n "$(apt-cache madison "$1" 2>/dev/null)" ] && install_packages "$1"
}

# install_idle SERVICE… -- PACKAGE…: what a test runs by itself is not to run as a service
# of this machine, neither now nor when it is switched on. Those that are here already are
# somebody's, and stay as they are.
install_idle() (
    policy=/usr/sbin/policy-rc.d
    while [ "$1" != -- ]; do
        if [ ! -e "/lib/systemd/system/$1" ] && [ ! -e "/etc/systemd/system/$1" ]; then
            as_root mkdir -p /etc/systemd/system
            as_root ln -s /dev/null "/etc/systemd/system/$1" # as systemctl mask does
            echo "masked: $1 (to have it run: systemctl unmask $1)"
        fi
        shift
    done
    shift
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    install_packages "$@"
)

# want_npm NAME PACKAGE: what tests/NAME/package-lock.json names, with the package among it,
# is installed in build/NAME, and stays there.
want_npm() {
    local name=$1 package at=$root/build/$1
    for package in "${PACKAGES_NPM[@]}"; do # nodejs may have come from elsewhere, npm in it
        command -v "${package/nodejs/node}" >/dev/null || want "$package" || return
    done
    own_build_folder
    cmp -s "$root/tests/$name/package-lock.json" "$at/package-lock.json" &&
        [ -d "$at/node_modules/$2" ] && return
    as_owner rm -rf "$at"
    as_owner mkdir -p "$at"
    as_owner cp "$root/tests/$name"/package{,-lock}.json "$at/"
    (cd "$at" && as_owner npm ci --no-audit --no-fund --ignore-scripts) || {
        as_owner rm -rf "$at"
        return 1
    }
}

# ---- the build ----

# What an earlier run as root left behind would be in the way of everyone else.
own_build_folder() {
    as_owner mkdir -p "$(readlink -m "$root/build")" 2>/dev/null ||
        fail "cannot write to $root: work in a clone of your own"
    [ -n "$(find -H "$root/build" ! -user "$owner" -print -quit)" ] || return 0
    step "handing over build/, parts of which are not $owner's"
    can_install || fail "as root, first: chown -R $owner: $root/build"
    as_root chown -RHh "$owner:" "$root/build"
}

# configure PRESET [-DOPTION…], build PRESET [-DOPTION…] [TARGET…]: in build/PRESET, saying
# little when all is well. The log that is shown is always of this run.
configure() {
    local preset=$1 log=$root/build/$1.log
    shift
    own_build_folder
    if ! as_owner rm -f "$log" || ! as_owner touch "$log"; then
        fail "cannot write $log: remove it, or the folder build/"
    fi
    (cd "$root" && as_owner cmake --preset "$preset" "$@") >>"$log" 2>&1 || {
        tail -n 40 "$log"
        fail "$preset could not be configured; all of it is in $log"
    }
}

build() {
    local preset=$1 log=$root/build/$1.log options=()
    shift
    while [[ ${1:-} == -D* ]]; do
        options+=("$1")
        shift
    done
    step "building $preset (log: build/$preset.log)"
    configure "$preset" "${options[@]}"
    (cd "$root" && as_owner cmake --build --preset "$preset" ${1:+--target "$@"}) \
        >>"$log" 2>&1 || {
        tail -n 40 "$log"
        fail "the build of $preset failed; all of it is in $log"
    }
}
