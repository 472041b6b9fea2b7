#!/usr/bin/env bats
# broker_older.bats -- a broker that was killed and comes back with less than was seen:
# what it retained is older, or gone. Who subscribes then is shown alerts as they are.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/broker

setup() {
    clinic_open
    LOST=0 DOUBLED=0
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist anna --rest-limit 1h
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    freeze_time
}
teardown() { clinic_close; }

retained_is() { retained "$ROOT/alerts/anna/$1/rest" 5 | jq -e "$2" >/dev/null; }
rests() {
    send_steps "$1" "$(still 70 0)"
    wait_for alert_is "$1" open
}
walks() {
    send_steps "$1" "$(steps_at 0 60)"
    wait_for alert_is "$1" closed
}
# The broker as it is on the disk is what comes back later.
keep_broker() {
    save_broker
    cp "$CLINIC/broker/mosquitto.db" "$CLINIC/saved.db"
}
kill_broker() {
    end broker KILL || :
    rm -f "$CLINIC"/broker/*
}
# subscribe_anew: as an app that is opened only now.
subscribe_anew() {
    end anna || :
    mv "$CLINIC/anna.log" "$CLINIC/before.log"
    subscribe anna "$ROOT/alerts/anna/#"
}

@test "alerts that a broker without memory has lost are told again, at their revision" {
    rests p1
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by anna
    wait_for alert_is p1 acknowledged
    rests p2
    walks p2
    kill_broker
    start_broker
    wait_for retained_is p1 '.state == "acknowledged" and .rev == 2'
    subscribe_anew
    wait_for alerts_are_told p1
    # What is over is not told again: nobody is shown it.
    [ "$(seen_alert anna '.patient == "p2"')" -eq 0 ]
    walks p1
    alerts_are_told p1
    tell_fault "broker comes back with less than was seen" "kill -9, and its memory is gone" 1 broker_older
}

@test "alerts that an older broker still shows otherwise are told as they are now" {
    rests p1
    keep_broker
    walks p1
    rests p2
    kill_broker
    cp "$CLINIC/saved.db" "$CLINIC/broker/mosquitto.db"
    start_broker # it knows our session: nothing else says that it is older
    wait_for retained_is p1 '.state == "closed" and .rev == 2'
    wait_for retained_is p2 '.state == "open" and .rev == 1'
    subscribe_anew
    wait_for alerts_are_told p1
    wait_for alerts_are_told p2
    tell_fault "broker comes back with less than was seen" "kill -9, and its file of before" 1 broker_older
}
