#!/usr/bin/env bats
# try_killed.bats -- the command that raised a test alert is gone, and nothing breaks the
# gateway's connection: the alert is cleared a quarter of an hour later.
load ../lib/clinic
load ../lib/readings
load ../lib/time

setup() {
    clinic_open
    start_broker
    write_config
    shift_clocks
    stepward patient add p1 --therapist anna
    start_gateway
}
teardown() { clinic_close; }

is_retained() { [ -n "$(retained "$ROOT/alerts/anna/p1/test")" ]; }
is_cleared() { ! is_retained; }

@test "a test alert that was left behind is cleared after a quarter of an hour" {
    start alert "$STEPWARD_BIN/stepward" -c "$CONFIG" try p1 --alert --for 10m
    wait_for grep -q 'it stays open' "$CLINIC/alert.log"
    end alert KILL || :
    pass_time 600
    is_retained
    pass_time 400
    wait_for is_cleared
    grep -qF "clearing a test alert that was left behind" "$CLINIC/gateway.log"
}
