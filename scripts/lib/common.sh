# common.sh -- what the scripts share: steps on the screen, and packages of Debian 12.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the scripts that read this

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

PACKAGES_BUILD=(gcc libc6-dev cmake ninja-build pkg-config tzdata libcjson-dev
    libconfuse-dev libpaho-mqtt-dev libsqlite3-dev libsystemd-dev libunistring-dev
    zlib1g-dev)
PACKAGES_BROKER=(mosquitto mosquitto-clients)
PACKAGES_TEST=("${PACKAGES_BROKER[@]}" bats clang-format jq libcmocka-dev openssl
    procps shellcheck socat sqlite3 valgrind)
PACKAGES_BENCH=(hyperfine)

step() { printf '\n== %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

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

# need PACKAGE…: install those that are missing; asks for nothing.
need() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "run as root, or install first: apt-get install ${missing[*]}"
    fi
    step "installing ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install: ${missing[*]}"
}

# build PRESET [TARGET…]: into build/PRESET, saying little when all is well.
build() {
    local preset=$1 log=$root/build/$1.log
    shift
    step "building $preset (log: build/$preset.log)"
    mkdir -p "$root/build"
    (
        cd "$root" && cmake --preset "$preset" &&
            cmake --build --preset "$preset" ${1:+--target "$@"}
    ) >"$log" 2>&1 || {
        tail -n 40 "$log"
        fail "the build of $preset failed"
    }
}
