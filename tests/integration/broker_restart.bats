#!/usr/bin/env bats
# broker_restart.bats -- the broker comes and goes; the gateway stays and loses nothing.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
}
teardown() { clinic_close; }

@test "readings before, after and between restarts of the broker are all stored" {
    local round
    for round in 1 2 3; do
        send_steps p1 "$(steps_at $((60 - round)) 10)"
        end broker
        start_broker
        # The broker kept the session: this waits there until the gateway is back.
        send_steps p1 "$(steps_at $((30 - round)) 1)"
        wait_for steps_stored_are $((11 * round))
    done
    is_running gateway
}

@test "a broker that lost its memory is subscribed to again" {
    end broker KILL || :
    rm -f "$CLINIC"/broker/*
    start_broker
    wait_for status_is online
    send_steps p1 "$(steps_at 5 17)"
    wait_for steps_stored_are 17
}

@test "an acknowledgement made while the broker is away is published when it is back" {
    subscribe before "$ROOT/alerts/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert before '.state == "open"'
    end before || :
    end broker
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by anna
    start_broker
    subscribe after "$ROOT/alerts/#"
    wait_for has_seen_alert after '.state == "acknowledged" and .rev == 2'
}

@test "a broker that hangs up just as an alert is published gets it when we are back" {
    stop_gateway
    start_gateway_that_loses_writes
    lost_alerts_arrive p2 p3 p4
}
