#!/usr/bin/env bats
# power_cut.bats -- the power goes at any moment: what the disk then holds opens, and
# holds all that was promised.
#
# A short, lively life of a gateway is recorded: what it and the command line wrote and
# synced, and what the broker was told (tests/power/disk_journal.h). From the record come
# the states in which a cut could have left the disk (tests/power/disk_model.h), and each
# is opened and held against the promises made before the cut (tests/power/promises.h).
load ../lib/clinic
load ../lib/readings
load ../lib/recorder

STATES=${FAULT_TRIES:-250} # states of the disk tried, of each recorded life

setup() {
    clinic_open
    recorder_open
    start_broker
    freeze_time
}
teardown() {
    rm -rf "$CUT_DISK"
    clinic_close
}

# minutes FROM: fifteen messages of a minute each for four patients, each minute once;
# every fifth is sent twice; between them what is refused.
minutes() {
    local minute patient
    for minute in {0..14}; do
        for patient in p1 p2 p3 p4; do
            printf '%s\t%s\n' "$ROOT/patient/$patient/steps" \
                "$(steps_at $(($1 - minute)) $((minute + $1 % 90)))"
        done
    done | awk '{ print } NR % 5 == 0 { print }'
    printf '%s\t%s\n' "$ROOT/patient/p1/steps" "{\"round\":$1" \
        "$ROOT/patient/nobody/steps" "$(steps_at 5 "$1")"
}
send_minutes() {
    minutes "$1" >"$CLINIC/minutes"
    feed "$CLINIC/minutes"
}

# More than the gateway takes at a time: if it begins behind, it compacts the inbox.
send_flood() {
    local pad i
    pad=$(printf '%060000d' 0)
    for ((i = 0; i < 120; i++)); do
        printf '%s\t{"start":%d,"steps":%d,"pad":"%s"}\n' "$ROOT/patient/p4/steps" \
            $(($(minute_ago 500) - 60 * i)) "$((i % 90))" "$pad"
    done >"$CLINIC/flood"
    feed "$CLINIC/flood"
    rm "$CLINIC/flood"
}

# alert PATIENT STATE: the therapist has seen that state of their alert.
alert() { wait_for has_seen_alert anna ".patient == \"$1\" and .state == \"$2\""; }
rests() {
    send_steps "$1" "$(still 70 0)"
    alert "$1" open
}
moves() {
    send_steps "$1" "$(steps_at 0 60)"
    alert "$1" closed
}
is_acknowledged() {
    local id
    id=$(seen_payloads anna | jq -r "select(.patient == \"$1\") | .id" | head -n 1)
    stepward ack "$id" --by anna
    promise "acknowledged $id"
    alert "$1" acknowledged
}

# Another program's transaction keeps the gateway from committing, for at least $1 s.
hold_database() {
    HELD_UNTIL=$((SECONDS + $1))
    start holder sqlite3 -cmd ".timeout 60000" "$DATA/stepward.db" "BEGIN IMMEDIATE" \
        ".shell touch '$CLINIC/held'; until [ -e '$CLINIC/let_go' ]; do sleep 0.1; done"
    wait_for test -e "$CLINIC/held"
}
let_go_of_database() {
    wait_for is_over "$HELD_UNTIL"
    touch "$CLINIC/let_go"
    wait "$(pid_of holder)"
    rm "$CLINIC/pids/holder"
}
is_over() { [ "$SECONDS" -ge "$1" ]; }

# live COMMIT_INTERVAL HELD_S
live() {
    local patient
    write_config
    sed -i "s/^commit_interval.*/commit_interval = \"$1\"/" "$CONFIG"
    for patient in p1 p2 p3 p4 p5 p6; do
        stepward patient add "$patient" --therapist anna --rest-limit 1h
        promise "patient $patient"
    done
    start_recorded_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    publish "$ROOT/patient/p1/pain" "{\"at\":$(minute_ago 3),\"score\":4}"
    rests p5
    send_minutes 400
    rests p6
    moves p5
    set_goal p1 5000
    stop_gateway # its last commit, and the log is folded into the database
    send_minutes 380
    start_recorded_gateway
    is_acknowledged p6
    send_minutes 360
    kill_recorded_gateway
    set_goal p1 6000
    send_minutes 340
    start_recorded_gateway
    hold_database "$2"
    send_minutes 320
    send_flood
    let_go_of_database
    recorded sqlite3 "$DATA/stepward.db" "PRAGMA wal_checkpoint" >/dev/null
    set_goal p2 7000
    moves p6
    send_minutes 300
    wait_for inbox_is_empty
    send_minutes 280
    stop_gateway
}
set_goal() {
    stepward patient set "$1" --goal "$2"
    promise "goal $1 $2"
}
inbox_is_empty() { [ "$(stat -c %s "$DATA/inbox")" -le 16 ]; }

every_state_keeps_every_promise() {
    is_recorded_whole
    cut_power "$1" "$STATES"
    tell_result "power cut, commit_interval \"$1\"" \
        "states a disk could be left in, from recorded writes and syncs"
}

@test "commit_interval 0: nothing acknowledged is lost when the power goes" {
    live 0 0
    every_state_keeps_every_promise 0
}

# Longer than the interval and the time it may be late (SLACK_S in power_cut.c).
@test "commit_interval 1s: no more than that is lost when the power goes" {
    live 1s 12
    every_state_keeps_every_promise 1s
}
