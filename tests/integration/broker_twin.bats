#!/usr/bin/env bats
# broker_twin.bats -- a second client with the gateway's client id: the broker lets only
# the newest of them in, so they throw each other out. mosquitto says so from 2.0.15 on, in
# MQTT 5: then the gateway knows. Else it can only suspect it.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    start_broker
}
teardown() { clinic_close; }

SUSPECTED="another client may use the client id stepward-test (give each its own)"
KNOWN="another client uses the client id stepward-test and may take its messages: give each its own"
broker_version() {
    sed -n 's/.* mosquitto version \([0-9.]*\) running$/\1/p' "$CLINIC/broker.log" | tail -n 1
}
# What is said of a twin in MQTT 5.
said_of_twin() {
    if printf '%s\n' 2.0.15 "$(broker_version)" | sort -V -C; then
        echo "$KNOWN"
    else
        echo "$SUSPECTED"
    fi
}

# As stubborn as a badly written program: back within half a second.
twin() { # MQTT version
    while :; do
        mosquitto_sub -V "$1" -p "$PORT" -h 127.0.0.1 -i stepward-test -t nothing || :
        pause 0.5
    done
}
# The gateway's: with its session, not a clean start as the twin's.
n_connects() { grep -c ' as stepward-test (p., c0' "$CLINIC/broker.log"; }
# The loop first, then what it started; only the twin's.
end_twin() {
    local child
    child=$(pgrep -P "$(pid_of twin)" || :)
    end twin KILL || :
    [ -z "$child" ] || kill "$child" || :
}
is_calm() { # CONNECTS SECONDS: at full speed it would be one for each of the twin's
    local before
    before=$(n_connects)
    pause "$2"
    [ $(($(n_connects) - before)) -le "$1" ]
}

twin_is_over() {
    stepward incidents --format json |
        jq -e '.[] | select(.what == "client_id_taken") | .over_at != null'
}

@test "a twin is named in log and status, not fought at full speed, and forgotten when it leaves" {
    local said
    said=$(said_of_twin)
    write_config
    start_gateway
    start twin twin mqttv5
    wait_for status_complains "$said"
    wait_for has_incident client_id_taken
    log_says "$said"
    [ "$(wc -l <"$CLINIC/gateway.log")" -le 20 ]
    end_twin
    wait_for -t 90 status_is_well
    log_says "no other client uses the client id stepward-test any more"
    wait_for -t 150 twin_is_over # it is stored with the next commit of the minute
    stepward patient add p1
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    # The twin's clean start threw the session away: that is said too.
    wait_for has_incident session_lost
}

@test "in MQTT 3.1.1 too" {
    BROKER_KEYS="protocol = 4" write_config
    start_gateway
    start twin twin mqttv311
    wait_for status_complains "$SUSPECTED"
    is_calm 1 6
    end_twin
}
