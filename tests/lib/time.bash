# time.bash -- a gateway whose clocks the test moves; broker, devices and test keep the
# right time.
#
#     write_config; shift_clocks        # before the first program starts
#     start_gateway; …
#     step_clock -3600                  # its wall clock is put back by an hour
#     pass_time 600                     # ten minutes pass, for it and for the devices
#
# A load after clinic.bash and readings.bash: what they start and what a minute is, is
# replaced here. How a program's clocks are moved is shift_clock.c's business.
# shellcheck shell=bash

# With the 20 seconds that the loop may wait before, less than a minute: else the gateway
# takes it for a sleep, in which nobody watches.
SLICE_S=30

WRONG_S=0  # how far the gateway's wall clock is ahead of the right time
PASSED_S=0 # the right time is so far ahead of the machine's
BOOTED_S=0 # to add to the time since boot
SYNCHRONISED=1

shift_clocks() {
    SHIFT_CLOCK=$CLINIC/clock
    tell_clocks
}

# The file is replaced at once, never seen half written.
tell_clocks() {
    echo "$((PASSED_S + WRONG_S)) $((PASSED_S + BOOTED_S)) $SYNCHRONISED" >"$SHIFT_CLOCK.new"
    mv "$SHIFT_CLOCK.new" "$SHIFT_CLOCK"
}

# The sanitizers' library is not the first one then; they get along with that.
shifted() {
    env SHIFT_CLOCK="$SHIFT_CLOCK" LD_PRELOAD="$STEPWARD_BIN/shift_clock.so" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}
stepward() { shifted "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }
launch_gateway() { start gateway shifted_gateway; }
shifted_gateway() {
    local ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    export SHIFT_CLOCK ASAN_OPTIONS LD_PRELOAD="$STEPWARD_BIN/shift_clock.so"
    exec "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
}

right_now_s() { echo $(($(date +%s) + PASSED_S)); }
minute_ago() { echo $((${NOW_S:-$(right_now_s)} / 60 * 60 - 60 * $1)); }

# The gateway's loop has looked at its clocks since they were told.
has_seen_clocks() { cmp -s "$SHIFT_CLOCK" "$SHIFT_CLOCK.seen"; }

# It is told: by itself it might look only after 20 s.
set_clock() { # by so many seconds it is now wrong
    WRONG_S=$1
    tell_clocks
    wait_for -t $((DEADLINE_S / 4)) has_seen_clocks
}
step_clock() { set_clock $((WRONG_S + $1)); }

pass_time() {
    local left=$1 slice
    while [ "$left" -gt 0 ]; do
        slice=$((left < SLICE_S ? left : SLICE_S))
        PASSED_S=$((PASSED_S + slice))
        left=$((left - slice))
        tell_clocks
        wait_for has_seen_clocks
    done
}

# The machine boots when the gateway starts: nothing has disciplined its clock yet.
boot_with_clock_wrong_by() {
    WRONG_S=$1
    BOOTED_S=$((20 - PASSED_S - $(cut -d. -f1 /proc/uptime)))
    SYNCHRONISED=0
    tell_clocks
}
# The network answers: the clock is set, as it should be.
clock_is_set() {
    SYNCHRONISED=1
    set_clock 0
}
trusts_its_clock() {
    grep 'the clock is' "$CLINIC/gateway.log" | tail -n 1 | grep -q 'is trusted'
}
