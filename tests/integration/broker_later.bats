#!/usr/bin/env bats
# broker_later.bats -- after a power cut the gateway may be up long before the broker.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() { clinic_open; }
teardown() { clinic_close; }

says_why_not() { stepward status 2>&1 | grep -qi 'not connected'; }

@test "a gateway without a broker waits, says so, and connects when it comes" {
    write_config
    stepward patient add p1
    launch_gateway
    wait_for says_why_not
    wait_for status_complains "$PORT: cannot connect: is the broker running (\`systemctl status"
    [ "$(grep -c 'not connected' "$CLINIC/gateway.log")" -eq 1 ]
    start_broker
    wait_for status_is online
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    wait_for stepward status
}

@test "it ends cleanly although the broker never came" {
    write_config
    launch_gateway
    wait_for says_why_not
    stop_gateway
}
