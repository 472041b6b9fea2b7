#!/usr/bin/env bats
# kill_test.bats -- kill -9 at any moment: nothing acknowledged is lost, nothing is
# counted twice.
load ../lib/clinic
load ../lib/readings

PATIENTS=(p1 p2 p3 p4)
ROUNDS=14
MINUTES=150 # a patient and round: enough that the kill comes while messages flow

setup() {
    clinic_open
    start_broker
    write_config
    local patient
    for patient in "${PATIENTS[@]}"; do stepward patient add "$patient"; done
}
teardown() { clinic_close; }

# A round's minutes, from $1 on: each minute is sent once.
life() {
    awk -v from="$1" -v n="$MINUTES" 'BEGIN {
        for (i = 0; i < n; i++)
            printf "{\"start\":%d,\"steps\":%d}\n", from + 60 * i, (from / 60 + i) % 201
    }'
}

publish_round() {
    local patient
    life $((FIRST + 60 * MINUTES * $1)) >"$CLINIC/round-$1.sent"
    for patient in "${PATIENTS[@]}"; do
        publish_lines "$ROOT/patient/$patient/steps" <"$CLINIC/round-$1.sent" 3>&- &
        publishers+=($!)
    done
}

steps_sent() { jq -s "map(.steps) | add * ${#PATIENTS[@]}" "$CLINIC"/round-*.sent; }

@test "kill -9 again and again while messages flow: steps stored equal steps sent" {
    local round pid publishers=()
    FIRST=$(minute_ago $((MINUTES * ROUNDS + 60)))
    for ((round = 0; round < ROUNDS; round++)); do
        launch_gateway
        # Every other time it is killed at work, else perhaps while it starts.
        [ $((round % 2)) -eq 1 ] || wait_for status_is online
        publish_round "$round"
        pause "0.$((RANDOM % 6))$((RANDOM % 10))"
        kill_gateway
    done
    for pid in "${publishers[@]}"; do wait "$pid"; done
    start_gateway
    wait_for -t 120 steps_stored_are "$(steps_sent)"
    stop_gateway
    steps_stored_are "$(steps_sent)"
    [ -z "$(refusals | tail -n +2)" ]
}
