#!/usr/bin/env bats
# broker_forgets.bats -- a broker that kept no session: what was sent meanwhile may be
# missing, and nobody but the gateway can say since when.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1
    start_gateway
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
}
teardown() { clinic_close; }

# The seconds of the instants in the incident's text.
gap() {
    stepward incidents --format json |
        jq -r '[.[] | select(.what == "session_lost")][0].text' |
        grep -oE '[0-9-]{10}T[0-9:]{8}Z' | xargs -n 1 date +%s -d
}
# gap_is FROM TO: from two seconds before FROM at most, to TO or later.
gap_is() {
    local from to
    { read -r from && read -r to; } < <(gap)
    [ "$from" -ge $(($1 - 2)) ] && [ "$from" -le $(($1 + 1)) ] && [ "$to" -ge "$2" ]
}

@test "after a broker without memory, log, status and incidents say what may be missing" {
    local from to
    from=$(date +%s)
    end broker KILL || :
    rm -f "$CLINIC"/broker/*
    pause 2
    to=$(date +%s)
    start_broker
    wait_for has_incident session_lost
    gap_is "$from" "$to"
    log_says "the broker kept no session for stepward-test: messages sent from "
    stepward status --format json | jq -e '.[0].incident | contains("may be missing")'
    status_is_well # it does its job again
}

@test "a session that ended while the gateway was away is missed from the time it went" {
    local from to
    from=$(date +%s)
    stop_gateway
    # A clean start with its id, as after an expiry: the broker forgets.
    mosquitto_sub -V mqttv5 -p "$PORT" -h 127.0.0.1 -i stepward-test -t nothing -E
    pause 2
    to=$(date +%s)
    start_gateway
    wait_for has_incident session_lost
    gap_is "$from" "$to"
}

forget() { # and run again at once
    end broker KILL || :
    rm -f "$CLINIC"/broker/*
    start_broker
}

@test "a second session that is lost within the minute is not forgotten over a stop" {
    local from to
    from=$(date +%s)
    forget
    wait_for has_incident session_lost
    pause 2
    to=$(date +%s)
    forget
    wait_for eval '[ "$(log_lines "notice connected to")" -eq 3 ]'
    stop_gateway
    gap_is "$from" "$to"
    # What the next run loses is another row: that one knows nothing of the first gap.
    mosquitto_sub -V mqttv5 -p "$PORT" -h 127.0.0.1 -i stepward-test -t nothing -E
    start_gateway
    wait_for eval '[ "$(stepward incidents --format json | jq length)" -eq 2 ]'
}

@test "a session that was kept is nothing to report" {
    stop_gateway
    start_gateway
    end broker
    start_broker
    wait_for status_is online
    wait_for status_is_well
    [ "$(stepward incidents --format json)" = "[]" ]
}
