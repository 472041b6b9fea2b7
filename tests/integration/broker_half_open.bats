#!/usr/bin/env bats
# broker_half_open.bats -- a network that swallows everything: broker and gateway both
# think that they are connected.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/broker

setup() {
    clinic_open
    LOST=0 DOUBLED=0
    start_broker
}
teardown() {
    [ ! -s "$CLINIC/children" ] || xargs kill -KILL <"$CLINIC/children" 2>/dev/null || :
    clinic_close
}

@test "a network that swallows everything is noticed within 30 s, and got over" {
    local relay_port
    relay_port=$(free_port)
    start relay socat "TCP-LISTEN:$relay_port,bind=127.0.0.1,fork,reuseaddr" \
        "TCP:127.0.0.1:$PORT"
    URI=mqtt://127.0.0.1:$relay_port write_config
    start_gateway
    open_an_alert
    # The relay's child holds the connection, and never comes back.
    pgrep -P "$(pid_of relay)" >"$CLINIC/children"
    freeze relay
    xargs kill -STOP <"$CLINIC/children"
    acknowledge
    send_steps p1 "$(steps_at 80 21)"
    miss_the_broker
    thaw relay
    wait_for steps_stored_are 21
    acknowledgement_arrives
    wait_for status_is_well
    count_steps 21 p1
    tell_fault "half-open connection" "a relay stops forwarding" 1 broker_half_open
    nothing_is_lost_or_doubled
}
