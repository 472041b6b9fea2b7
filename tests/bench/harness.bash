# harness.bash -- brokers, gateways and figures for scripts/bench.
#
# A figure is a function measure_NAME in a file figure_*.bash, announced by figure NAME
# ABOUT. It says what it found with report, one row each. Processes, waiting and ports
# are those of the tests: tests/lib/clinic.bash.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by the figures; root: by who reads this
# shellcheck disable=SC2119,SC2120 # further lines of configuration are for some only

# shellcheck source=tests/lib/clinic.bash
. "$root/tests/lib/clinic.bash"

FIGURES=()
declare -A ABOUT
figure() {
    FIGURES+=("$1")
    ABOUT[$1]=$2
}

# ---- the table ----

# report WHAT VALUE GOAL HOW: GOAL is like "<= 512", or "-" where none is set.
report() {
    local verdict=-
    if [ "$3" != - ]; then
        verdict=missed
        if awk "BEGIN { exit !($2 $3) }"; then verdict=met; fi
    fi
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$verdict" "$4" >>"$CLINIC/rows"
    echo "   $1: $2 (goal $3: $verdict)"
}

# What the numbers depend on most. Programs at work beside the bench make every ratio
# worthless, so how much they had to do is said too.
describe_machine() {
    local model
    model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
    MACHINE="$(nproc) x ${model:-$(uname -m)}, Linux $(uname -r), load average $(cut -d' ' -f1 /proc/loadavg) at the start"
    if awk -v cores="$(nproc)" '{ exit !($1 > cores / 2) }' /proc/loadavg; then
        MACHINE="$MACHINE: the machine is busy, believe no ratio and no rate"
    fi
    echo "   $MACHINE"
}

print_table() {
    {
        printf 'figure\tmeasured\tgoal\tverdict\thow\n'
        cat "$CLINIC/rows"
    } | column -t -s $'\t'
    echo
    echo "$MACHINE"
}

print_json() {
    jq -R -s --arg machine "$MACHINE" '{machine: $machine, figures: [split("\n")[] | select(. != "") | split("\t") |
        {figure: .[0], measured: (.[1] | tonumber), goal: (if .[2] == "-" then null else .[2] end),
         met: (if .[3] == "-" then null else .[3] == "met" end), how: .[4]}]}' "$CLINIC/rows"
}

# Of the numbers on stdin; those in between by the lower one.
quantile() { sort -n | awk -v q="$1" '{ v[NR] = $1 } END { print v[int((NR - 1) * q) + 1] }'; }
median() { quantile 0.5; }
calc() { awk "BEGIN { printf \"%.${2:-3}f\\n\", $1 }"; }

# seconds_of COMMAND…: how long it takes; its output is of no interest.
seconds_of() {
    local began=$EPOCHREALTIME
    "$@" >/dev/null
    calc "${EPOCHREALTIME/,/.} - ${began/,/.}" 4
}

# ---- the place ----

bench_open() {
    BENCH=$STEPWARD_BIN/bench
    [ -x "$BENCH/load" ] || fail "$STEPWARD_BIN has no bench/load: build all of it"
    mkdir -p "$root/build/bench" # on a disk, where /tmp may be none
    BATS_TEST_TMPDIR=$(mktemp -d "$root/build/bench/XXXXXX")
    BATS_TEST_COMPLETED=1 # what the helpers of the tests expect of bats
    STEPWARD_SOURCE=$root
    trap bench_close EXIT
    trap 'exit 1' INT TERM
    clinic_open
    : >"$CLINIC/rows"
}

bench_close() {
    clinic_close || :
    rm -rf "$CLINIC"
}

# bench_broker: a new one on a new port. It keeps nothing on disk and drops nothing;
# all else is mosquitto's default, so 20 messages are under way at a time.
bench_broker() {
    [ ! -e "$CLINIC/pids/broker" ] || end broker || :
    PORT=$(free_port)
    cat >"$CLINIC/mosquitto.conf" <<END
listener $PORT 127.0.0.1
allow_anonymous true
user $(id -un)
persistence false
max_queued_messages 0
max_queued_bytes 0
END
    : >"$CLINIC/broker.log"
    start broker mosquitto -c "$CLINIC/mosquitto.conf"
    wait_for grep -q ' running$' "$CLINIC/broker.log"
    bench_config
}

# bench_config [LINE…]: the defaults, but for the place, and the zone: it is 14:00
# there, so that alerts are judged whenever this runs.
bench_config() {
    cat >"$CONFIG" <<END
timezone = "$ZONE"
data_dir = "$DATA"
broker { uri = "mqtt://127.0.0.1:$PORT" }
END
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$CONFIG"
}

# ---- data ----

# fill PATIENTS [OPTION…]: $DATA is the database of a clinic of so many patients; the
# same again is only copied.
fill() {
    local made=$CLINIC/fill-${*// /}
    made=${made// /_}
    if [ ! -d "$made" ]; then
        mkdir -m 700 "$made"
        timeout --foreground 3600 "$BENCH/fill" -d "$made/stepward.db" -z "$ZONE" -P "$@"
    fi
    fresh_data "$made"
}

# fresh_data FOLDER: a copy of it is the gateway's data, and on the disk.
fresh_data() {
    rm -rf "$DATA"
    cp -r "$1" "$DATA"
    sync -f "$DATA"
}

# load [OPTION…]: the devices; prints MESSAGES READINGS BYTES STEPS SECONDS.
load() { timeout --foreground 1800 "$BENCH/load" -p "$PORT" "$@"; }

is_stored() { # MESSAGES, counted since the database was made
    stepward status --format json 2>/dev/null |
        jq -e --argjson sent "$1" '.[0] | .inbox_pending == 0 and .messages >= $sent'
}

# ---- what a process took: /proc, of all its threads ----

# In seconds; threads that are over count only where the kernel's clock ticks (10 ms).
cpu_of() { awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hz }' "/proc/$1/stat"; }
# To the nanosecond, of the threads that are.
cpu_of_threads() { awk '{ n += $1 } END { printf "%.6f\n", n / 1e9 }' "/proc/$1/task/"*/schedstat; }
# How often a thread waited, and so had to be woken.
waits_of() { awk '/^voluntary_ctxt/ { n += $2 } END { print n }' "/proc/$1/task/"*/status; }
written_by() { awk '/^write_bytes/ { print $2 }' "/proc/$1/io"; }
peak_kib_of() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status"; }
# Written by anyone to the device of the data, in bytes; empty where nobody may know.
device_written() {
    local device
    device=$(stat -c '%d' "$CLINIC")
    awk '{ print $7 * 512 }' "/sys/dev/block/$((device >> 8 & 0xfff)):$((device & 0xff))/stat" 2>/dev/null || :
}
