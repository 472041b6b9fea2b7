#!/usr/bin/env bats
# broker_limits.bats -- a broker that takes no large packets, or throws us out: what is too
# large for it is held back and named, and everything else goes its way.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() { clinic_open; }
teardown() { clinic_close; }

n_oversize() { grep -c "oversize" "$CLINIC/broker.log" || :; }

# The health does not fit, nor an alert; `online` and what is asked of the gateway do.
is_held_back() {
    stepward patient add p1 --therapist anna
    stepward patient add p2 --therapist anna
    publish "$ROOT/patient/p1/pain" '{"score": 9}'
    wait_for status_complains "too large for the broker: $ROOT/alerts/anna/…/pain has "
    wait_for has_incident too_large
    send_steps p2 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    ! status_complains "client id" || return
    is_running gateway
}

# A broker that takes it: after a restart, as its configuration needs one.
is_sent_when_it_fits() {
    end broker
    start_broker
    subscribe alerts "$ROOT/alerts/#"
    wait_for has_seen_alert alerts '.patient == "p1" and .kind == "pain" and .rev == 1'
    wait_for -t 200 status_is_well
}

@test "in MQTT 5 an alert above max_packet_size is held back, named, and sent when it fits" {
    start_broker "max_packet_size 300"
    write_config
    start_gateway
    is_held_back
    [ "$(n_oversize)" -eq 0 ]
    is_sent_when_it_fits
}

@test "in MQTT 3.1.1 the limit is learned from a few hang-ups, and the connection then lasts" {
    start_broker "max_packet_size 300"
    BROKER_KEYS="protocol = 4" write_config
    start_gateway
    is_held_back
    local before
    before=$(n_oversize)
    [ "$before" -le 8 ]
    publish "$ROOT/patient/p2/pain" '{"score": 9}'
    wait_for status_complains "too large for the broker"
    pause 5
    [ "$(n_oversize)" -le "$((before + 1))" ]
    wait_for status_is online
    is_sent_when_it_fits
}

@test "what fits is sent while an alert that does not is held back" {
    start_broker "max_packet_size 500"
    write_config
    local long=a-therapist-with-a-name-of-36-letters
    stepward patient add p1 --therapist "${long:0:36}"
    stepward patient add p2 --therapist b
    start_gateway
    subscribe alerts "$ROOT/alerts/#"
    publish "$ROOT/patient/p2/pain" '{"score": 9}'
    wait_for has_seen_alert alerts '.patient == "p2" and .kind == "pain"'
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by b \
        --note "$(printf 'x%.0s' {1..200})"
    wait_for status_complains "too large for the broker: $ROOT/alerts/b/…/pain has "
    publish "$ROOT/patient/p1/pain" '{"score": 8}'
    wait_for has_seen_alert alerts '.patient == "p1" and .kind == "pain"'
    [ "$(n_oversize)" -eq 0 ]
}
