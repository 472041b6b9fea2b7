# recorder.bash -- a clinic whose disk is recorded, and the power cut that ends it.
#
#     load ../lib/recorder                      # after clinic
#     setup() { clinic_open; recorder_open; … } # DATA is now on the recorded disk
#
# The gateway and the command line are run as ever, with a library loaded into them that
# writes down what they do to the disk; see tests/power/disk_journal.h.
# shellcheck shell=bash
# shellcheck disable=SC2034 # DATA and RESULT are read by clinic.bash and the tests

recorder_open() {
    DISK=$CLINIC/disk
    DATA=$DISK/data
    export RECORD_DISK=$CLINIC/journal
    CUT_DISK=$(mktemp -d "$(fast_folder)/stepward-cut-XXXXXX")
    mkdir -p "$DISK"
}

# States are many, and none of them has to last.
fast_folder() { if [ -w /dev/shm ]; then echo /dev/shm; else echo "$CLINIC"; fi; }

# recorded COMMAND…: AddressSanitizer wants to be the first library, and need not be.
recorded() {
    env LD_PRELOAD="$STEPWARD_BIN/record_disk.so" RECORD_DIR="$DISK" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}
stepward() { recorded "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }

start_recorded_gateway() {
    start gateway env LD_PRELOAD="$STEPWARD_BIN/record_disk.so" RECORD_DIR="$DISK" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    wait_for status_is online
}

# Between two entries of the journal, so that it tells what the disk holds.
kill_recorded_gateway() {
    flock "$RECORD_DISK" kill -KILL "$(pid_of gateway)"
    kill_gateway
}

# promise TEXT: what a command that ended with 0 has promised; see tests/power/promises.h.
promise() { "$STEPWARD_BIN/power_cut" note "$RECORD_DISK" "$1"; }

# The record, played again, gives the very files: nothing escaped it.
is_recorded_whole() {
    mkdir "$CLINIC/again"
    "$STEPWARD_BIN/power_cut" write "$RECORD_DISK" "$CLINIC/again"
    diff -r "$DISK" "$CLINIC/again"
}

# cut_power COMMIT_INTERVAL STATES: RESULT is the last line, and what it says by name.
cut_power() {
    local output code=0
    output=$("$STEPWARD_BIN/power_cut" try "$RECORD_DISK" "$CUT_DISK" "${1%s}" "$2" \
        "${FAULT_SEED:-$RANDOM}" 2>"$CLINIC/cut.log") || code=$?
    echo "$output"
    [ "$code" -eq 0 ] || tail -n 5 "$CLINIC/cut.log"
    RESULT=${output##*$'\n'}
    return "$code"
}
result() { grep -o " $1 [0-9.]*" <<<" $RESULT" | cut -d' ' -f3; }

# tell_result FAULT HOW: a line of the table of faults, where one is made.
tell_result() {
    [ -z "${FAULT_TABLE:-}" ] ||
        echo "$1|$2|$(result tries)|$(result lost)|$(result doubled)|ctest -R $TEST_NAME" \
            >>"$FAULT_TABLE"
}
TEST_NAME=integration.$(basename "${BATS_TEST_FILENAME:-}" .bats)
