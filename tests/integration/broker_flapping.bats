#!/usr/bin/env bats
# broker_flapping.bats -- a broker that restarts every second: the gateway loses nothing,
# does not grow, and does not fill its log.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/broker

TRIES=${FAULT_TRIES:-10} # restarts, a second each
GROWTH_KB=$((24 * 1024)) # sanitizers keep what was freed for a while

setup() {
    clinic_open
    LOST=0 DOUBLED=0
    start_broker
    write_config
    stepward patient add p1
    start_gateway
}
teardown() { clinic_close; }

n_files() { find "/proc/$(pid_of gateway)/fd" -type l | wc -l; }
of_process() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$(pid_of gateway)/status"; }
files_are() { [ "$(n_files)" -le "$1" ]; }
threads_are() { [ "$(of_process Threads)" -le "$1" ]; }

flow() { one_a_minute "$1" 3 | slowly | "$STEPWARD_BIN/feed" -p "$PORT"; }

@test "it is connected afterwards, has lost nothing, and has not grown" {
    local n=$((TRIES * 80)) round files threads memory lines
    send_steps p1 "$(steps_at 80 7)"
    wait_for steps_stored_are 7
    files=$(n_files) threads=$(of_process Threads) memory=$(of_process VmRSS)
    lines=$(wc -l <"$CLINIC/gateway.log")
    start feeder flow "$n"
    for ((round = 0; round < TRIES; round++)); do
        end broker
        start_broker
        pause 1
    done
    fed
    wait_for status_is_well
    wait_for steps_stored_are $((7 + 3 * n))
    wait_for files_are "$files"
    wait_for threads_are "$threads"
    echo "resident memory grew by $(($(of_process VmRSS) - memory)) kB"
    [ $(($(of_process VmRSS) - memory)) -le "$GROWTH_KB" ]
    # 10 lines at once, then one a minute, of either kind of trouble.
    [ $(($(wc -l <"$CLINIC/gateway.log") - lines)) -le $((20 + TRIES / 10)) ]
    count_steps $((7 + 3 * n)) p1
    tell_fault "broker flaps" "a restart every second" "$TRIES" broker_flapping
    nothing_is_lost_or_doubled
}
