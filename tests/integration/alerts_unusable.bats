#!/usr/bin/env bats
# alerts_unusable.bats -- a device that sends all the time, and whose clock is so wrong that
# nothing can be taken: the therapist is not told of a silence, but of the clock.
load ../lib/clinic
load ../lib/readings
load ../lib/time

setup() {
    clinic_open
    start_broker
    write_config
    shift_clocks
}
teardown() { clinic_close; }

# The minute that ended just now, by a clock that is so many minutes fast.
send_fast() {
    send_steps p1 "{\"start\": $(($(right_now_s) - 60 + 60 * $1)), \"steps\": 30}"
}
send_fast_for() { # MINUTES
    local i
    for ((i = 0; i < $1; i++)); do
        send_fast 12
        pass_time 60
    done
}
is_refused() { [ "$(refusals | grep -c ',future,')" -ge "$1" ]; }

@test "a clock that is 12 min fast is named, over a restart, until it is right" {
    stepward patient add p1 --therapist anna --silent-after 4m
    start_gateway
    subscribe anna "$ROOT/alerts/#"
    send_steps p1 "$(steps_at 1 30)"
    wait_for has_row p1
    send_fast_for 3
    wait_for is_refused 3
    kill_gateway
    start_gateway
    send_fast_for 2
    wait_for has_seen_alert anna '.state == "open"'
    seen_payloads anna | jq -se 'length == 1 and .[0].kind == "unusable" and
        .[0].level == "low" and .[0].evidence.refusal == "future" and
        .[0].evidence.fast_min == 12 and .[0].evidence.messages >= 4 and
        (.[0].message | test("^[4-6] messages came from p1.s device, and nothing in them could be taken; its clock is 12 min fast: set the clock of the device"))'
    [[ $(stepward today --format csv) == *'data unusable since'* ]]
    [[ $(stepward device list) == *'p1: by the newest reading that was refused the clock of the device is 12 min fast'* ]]
    [[ $(refusals) == *', 12 min ahead'* ]]
    [[ $(stepward explain p1 --format csv) == *'its clock is 12 min fast'* ]]
    kill_gateway
    start_gateway
    send_fast 0
    wait_for has_seen_alert anna '.state == "closed"'
    seen_payloads anna | jq -se '([.[].id] | unique | length) == 1 and
        .[-1].reason == "usable" and .[-1].kind == "unusable"'
    [[ $(stepward device list) != *'12 min fast'* ]]
}

@test "what was refused and is taken once more ends it; erased, nothing of it is left" {
    stepward patient add p1 --therapist anna --silent-after 2m
    start_gateway
    subscribe anna "$ROOT/alerts/#"
    send_fast_for 4
    wait_for has_seen_alert anna '.state == "open"'
    pass_time 180 # what it said lies in the past by and by, or nearly
    stepward rejected --retry --reason future
    wait_for has_seen_alert anna '.kind == "unusable" and .reason == "usable"'
    send_fast 30
    wait_for is_refused 1
    [ "$(sqlite3 "$DATA/stepward.db" 'SELECT refused_n FROM patient')" -eq 1 ]
    stepward patient erase p1 --yes
    [ "$(sqlite3 "$DATA/stepward.db" 'SELECT count(*) FROM patient')" -eq 0 ]
}
