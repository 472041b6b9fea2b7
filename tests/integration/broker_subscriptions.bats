#!/usr/bin/env bats
# broker_subscriptions.bats -- the session outlives the configuration: what an earlier
# run subscribed and this one does not want is unsubscribed.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    freeze_time
    start_broker "log_type all"
}
teardown() { clinic_close; }

move_to_site() {
    sed -i "s/^site = .*/site = \"$1\"/" "$CONFIG"
    ROOT=clinic/$1
}
# What the broker sent the gateway of a topic.
n_sent() { grep -F 'Sending PUBLISH to stepward-test' "$CLINIC/broker.log" | grep -cF "'$1'"; }
n_unsubscribed() { grep -c 'Received UNSUBSCRIBE from stepward-test' "$CLINIC/broker.log"; }

@test "after the site has changed, nothing of the old one arrives any more" {
    write_config
    stepward patient add p1
    start_gateway
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    stop_gateway
    move_to_site other
    start_gateway
    publish clinic/main/patient/p1/steps "$(steps_at 6 100)"
    send_steps p1 "$(steps_at 7 4)"
    wait_for steps_stored_are 25
    [ "$(n_sent clinic/other/patient/p1/steps)" -eq 1 ]
    [ "$(n_sent clinic/main/patient/p1/steps)" -eq 1 ] # the first
    [ "$(refusals | wc -l)" -eq 1 ] # the header
    # Done once: the next start has nothing to remove.
    local before
    before=$(n_unsubscribed)
    stop_gateway
    start_gateway
    [ "$(n_unsubscribed)" -eq "$before" ]
}

@test "a run that was killed before it could say that it is connected leaves no filter behind" {
    write_config
    start_gateway
    stop_gateway
    end broker
    move_to_site second
    launch_gateway
    wait_for status_complains "not connected"
    end gateway KILL || : # as if right after the broker had subscribed it
    move_to_site third
    start_broker "log_type all"
    start_gateway
    # mosquitto logs the filters of a packet on lines of their own.
    sed -n '/Received UNSUBSCRIBE from stepward-test/,/Sending UNSUBACK/p' \
        "$CLINIC/broker.log" >"$CLINIC/unsubscribed"
    grep -qF 'clinic/main/patient/+/steps' "$CLINIC/unsubscribed"
    grep -qF 'clinic/second/patient/+/steps' "$CLINIC/unsubscribed"
}
