#!/usr/bin/env bats
# idle.bats -- a gateway that nobody sends anything wakes hardly ever, and yet hears at
# once of what the command line changed, though it would look by itself only after 20 s,
# as it does at what other programs changed.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

rest_is() { # STATE PATIENT
    [ "$(sqlite3 -readonly "$DATA/stepward.db" "SELECT state FROM alert
        WHERE kind = 'rest' AND patient = (SELECT key FROM patient WHERE id = '$2')")" = "$1" ]
}
wait_shortly() { wait_for -t $((DEADLINE_S / 4)) "$@"; }

@test "each change of a plan is judged at once" {
    local patient
    start_gateway
    for patient in p1 p2 p3 p4 p5; do # one that changes again and again is held off
        stepward patient add "$patient" --therapist anna --rest-limit 1h
        send_steps "$patient" "$(still 70 0)"
        wait_for rest_is open "$patient"
        stepward patient set "$patient" --rest-limit 3h
        wait_shortly rest_is closed "$patient"
        stepward patient set "$patient" --rest-limit 1h
        wait_shortly rest_is open "$patient"
    done
}

@test "what sqlite3 changes in a plan is judged in less than half a minute" {
    start_gateway
    stepward patient add p1 --therapist anna --rest-limit 1h
    send_steps p1 "$(still 70 0)"
    wait_for rest_is open p1
    sqlite3 -cmd '.timeout 5000' "$DATA/stepward.db" 'UPDATE plan SET rest_limit_min = 180'
    wait_for -t 30 rest_is closed p1
}
