#!/usr/bin/env bats
# sources.bats -- other devices, from their own topics to the patient's day: a band
# behind a Bluetooth gateway, a phone, and Home Assistant.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config \
        'source band { topic = "home/+/BTtoMQTT/{device}"  total = "/steps"  at = "/t" }' \
        'source own { topic = "owntracks/{patient}/{device}/step"  steps = "/steps"' \
        '             from = "/from"  to = "/to" }' \
        'source ha { topic = "homeassistant/sensor/{device}_steps/state"  total = "" }'
    freeze_time
    local patient
    for patient in p1 p2; do stepward patient add "$patient"; done
}
teardown() { clinic_close; }

band() { # STEPS AGO
    publish home/OMG_ESP32/BTtoMQTT/F8A45F123456 \
        "{\"id\":\"F8:A4:5F:12:34:56\",\"rssi\":-72,\"brand\":\"Xiaomi/Amazfit\",\"model_id\":\"MB/SW\",\"steps\":$1,\"t\":$(minute_ago "$2")}"
}
walked() { # PATIENT STEPS FROM_AGO TO_AGO
    publish "owntracks/$1/phone/step" \
        "{\"_type\":\"steps\",\"tst\":$NOW_S,\"steps\":$2,\"from\":$(minute_ago "$3"),\"to\":$(minute_ago "$4")}"
}
home_assistant() { publish homeassistant/sensor/watch_steps/state "$1" "${@:2}"; }
heard() { [ -n "$(stepward patient list --format json | jq -r ".[] | select(.patient == \"$1\").heard_at // empty")" ]; }
nothing_is_refused() { [ -z "$(refusals | tail -n +2)" ]; }
is_refused() { refusals | grep -q "$1"; }
another_second() { [ "$(date +%s)" != "$1" ]; }
messages_are() { [ "$(stepward status --format json | jq '.[0].messages')" -ge "$1" ]; }

@test "a band behind a Bluetooth gateway: its counter is the wearer's" {
    stepward device assign F8A45F123456 p1 --from 2020-01-01
    start_gateway
    band 1000 30
    band 1120 20
    publish home/OMG_ESP32/BTtoMQTT/F8A45F123456 '{"id":"F8:A4:5F:12:34:56","rssi":-80}'
    publish home/OMG_ESP32/BTtoMQTT/A1B2C3D4E5F6 '{"id":"A1:B2:C3:D4:E5:F6","rssi":-91}'
    wait_for steps_stored_are 120 p1
    heard p1
    nothing_is_refused # the neighbour's beacon neither
}

@test "a phone that names its patient: steps of a span, and none where it has no data" {
    start_gateway
    walked p1 60 30 20
    walked p1 -1 20 10
    walked p2 -1 20 10
    wait_for steps_stored_are 60 p1
    wait_for heard p2
    walked p9 60 30 20
    wait_for is_refused 'unknown patient'
    [ "$(steps_stored)" -eq 60 ]
}

@test "Home Assistant: a bare number is the counter, unavailable is no data" {
    stepward device assign watch p2
    start_gateway
    home_assistant unavailable
    home_assistant 8000
    wait_for heard p2 # so it was taken in, and now is a later second of receipt
    wait_for another_second "$(date +%s)"
    home_assistant unknown
    home_assistant 8003
    publish homeassistant/sensor/outside_temperature/state 21.5
    wait_for steps_stored_are 3 p2
    nothing_is_refused
    home_assistant many
    wait_for is_refused 'not JSON'
    messages_are 5
    run ! is_refused temperature
}

@test "a retained number does not say when it was" {
    stepward device assign watch p2
    home_assistant 8000 --retain
    start_gateway
    wait_for is_refused 'a retained total does not say when it was'
    [ "$(steps_stored)" -eq 0 ]
}

# A bridge that reconnects publishes what it had kept, without the flag of a retained copy.
@test "a counter's same number after hours without one is no rest" {
    stepward device assign watch p2 --from 2020-01-01
    stepward device assign F8A45F123456 p1 --from 2020-01-01
    start_gateway
    send_steps p2 "{\"at\":$(minute_ago 190),\"total\":8000,\"device\":\"watch\"}"
    band 8000 190
    wait_for heard p2
    wait_for heard p1
    home_assistant 8000
    band 8000 0
    wait_for messages_are 4
    # Of the time before nothing is known; the band said that it stood still then.
    [ "$(rest_min p1)" -ge 180 ]
    [ "$(rest_min p2)" -eq 0 ]
    [ "$(known_min p2)" -eq 0 ]
    stop_gateway
    start_gateway
    # From its second number on what the watch says counts as before.
    wait_for another_second "$(date +%s)"
    home_assistant 8003
    wait_for steps_stored_are 3 p2
    [ "$(rest_min p2)" -le 1 ]
    nothing_is_refused
}
rest_min() { all_rows "$1" | awk -F, '$9 > max { max = $9 } END { print max + 0 }'; }
known_min() { all_rows "$1" | awk -F, '{ n += $4 + $5 } END { print n + 0 }'; }

@test "a device of nobody is refused, then assigned while the gateway runs" {
    start_gateway
    band 1000 30
    wait_for is_refused 'nobody wore F8A45F123456'
    refusals | grep -q 'stepward device assign'
    publish home/OMG_ESP32/BTtoMQTT/a-name-of-more-than-thirty-six-letters '{"steps":5}'
    wait_for is_refused 'source band: what stands for {device} is no id'
    stepward device assign F8A45F123456 p1 --from 2020-01-01
    band 1000 30
    band 1100 20
    wait_for steps_stored_are 100 p1
}

@test "a device changes hands: no steps leak, and kill -9 changes nothing" {
    stepward device assign F8A45F123456 p1 --from 2020-01-01
    start_gateway
    band 1000 60
    band 1100 50
    wait_for steps_stored_are 100 p1
    stepward device assign F8A45F123456 p2 \
        --from "$(date -u -d "@$(minute_ago 40)" +%FT%TZ)"
    band 2000 30
    kill_gateway
    band 2050 20
    start_gateway
    wait_for steps_stored_are 50 p2
    [ "$(steps_stored p1)" -eq 100 ]
    nothing_is_refused
    stepward device list --format csv | grep -q '^F8A45F123456,p2,'
}

@test "a source that is taken away is not listened to any more" {
    start_gateway
    stop_gateway
    write_config
    start_gateway
    walked p1 60 30 20
    send_steps p1 "$(steps_at 5 7)"
    wait_for steps_stored_are 7
    nothing_is_refused
}
