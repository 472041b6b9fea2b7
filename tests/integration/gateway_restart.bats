#!/usr/bin/env bats
# gateway_restart.bats -- an alert outlives the gateway that raised it.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    subscribe anna "$ROOT/alerts/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.state == "open"'
}
teardown() { clinic_close; }

same_alert_closed() {
    seen_payloads anna | jq -se '
        ([.[] | .id] | unique | length) == 1 and ([.[] | .rev] | . == sort) and
        .[-1].state == "closed" and .[-1].reason == "moved"'
}

@test "an open alert survives kill -9 with its id and is not raised again" {
    kill_gateway
    start_gateway
    send_steps p1 "$(still 75 60)" # the same rest, judged by the new gateway
    wait_for rest_is_at_least 74 p1
    send_steps p1 "$(steps_at 0 60)"
    wait_for has_seen_alert anna '.state == "closed"'
    same_alert_closed
    [ "$(seen_payloads anna | jq -s 'map(.rev) | max')" -eq 2 ]
}

@test "what was published while the gateway was down is stored when it is back" {
    kill_gateway
    send_steps p1 "$(steps_at 0 60)"
    launch_gateway
    wait_for has_seen_alert anna '.state == "closed"'
    same_alert_closed
}

@test "an acknowledgement made while the gateway is down is published when it starts" {
    stop_gateway
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by anna
    start_gateway
    wait_for has_seen_alert anna '.state == "acknowledged" and .rev == 2'
}

@test "a gateway that ends says offline, and ends with 0" {
    stop_gateway
    status_is offline
}

@test "a second gateway on the same data refuses to start" {
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    is_running gateway
}
