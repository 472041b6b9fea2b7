#!/usr/bin/env bats
# gateway_second.bats -- two gateways at one site: clinics that left it at "main" and were
# bridged, the old Pi beside the new one. Neither withdraws what the other one says, and
# both say that the other is there.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    start_broker
    write_config
    # The second one: its own data, its own client id.
    sed -e "s|$DATA|$CLINIC/data-2|" -e 's/stepward-test/stepward-second/' "$CONFIG" >"$CLINIC/second.conf"
    stepward patient add p1 --therapist anna --rest-limit 1h
    subscribe anna "$ROOT/alerts/#"
}
teardown() {
    [ ! -e "$CLINIC/pids/second" ] || end second
    clinic_close
}

second() { "$STEPWARD_BIN/stepward" -c "$CLINIC/second.conf" "$@"; }
launch_second() { start second "$STEPWARD_BIN/stepward-gateway" -c "$CLINIC/second.conf"; }
second_is_up() { second status --format json | jq -e '.[0].connected == 1 or .[0].connected == true'; }
second_says() { grep -qF "$1" "$CLINIC/second.log"; }
first_says() { grep -qF "$1" "$CLINIC/gateway.log"; }
opens_an_alert() {
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.state == "open"'
}
nothing_was_closed() { [ "$(seen_alert anna '.state == "closed"')" -eq 0 ]; }
second_problem() { second status --format json | jq -r '.[0].problem'; }
second_incident() { second incidents --format json | jq -r '[.[] | select(.what == "site_shared")][0].text // empty'; }
instance() { retained "$ROOT/gateway/health" 5 | jq -r .instance; }

@test "a second gateway withdraws no live alerts, though its data are new" {
    opens_an_alert
    launch_second
    wait_for second_says "that this database does not know: left alone"
    wait_for first_says "another gateway works in site main: client id stepward-second, version"
    second_says "another gateway works in site main: client id stepward-test, version"
    nothing_was_closed
    wait_for eval '[[ $(second_problem) == "another gateway works in site main: client id stepward-test"* ]]'
    # It is not held back meanwhile: its own patients are judged.
    second patient add q1 --therapist ben --rest-limit 1h
    send_steps q1 "$(still 70 0)"
    wait_for has_seen_alert anna '.patient == "q1" and .state == "open"'
    nothing_was_closed
    # When the first comes again it knows its own, and not the second's.
    stop_gateway
    start_gateway
    wait_for first_says "the first q1-rest-"
    nothing_was_closed
    # The old Pi is switched off: what the new one lost is looked at then.
    end second
    stop_gateway
    launch_second
    wait_for has_seen_alert anna '.patient == "p1" and .reason == "lost"'
    [ "$(seen_alert anna '.patient == "q1" and .state == "closed"')" -eq 0 ]
}

@test "what a gateway that is gone left behind is named, and left alone by one that lost nothing" {
    launch_second
    wait_for second_says "alerts compared with the broker's"
    end second
    opens_an_alert
    stop_gateway
    launch_second
    wait_for eval '[[ $(second_incident) == "alerts at the broker (p1-rest-"*"client id stepward-test, version "* ]]'
    nothing_was_closed
    second_says "alert at the broker, the first p1-rest-"
}

@test "who says offline for the site is answered at once: a gateway is here" {
    start_gateway
    publish "$ROOT/gateway/status" offline -r
    wait_for status_is online
    publish "$ROOT/gateway/status" '' -r
    wait_for status_is online
    launch_second
    wait_for second_is_up
    end second KILL || : # its last will
    wait_for status_is online
    # A flood of it is answered, not followed.
    for _ in {1..200}; do echo offline; done | publish_lines "$ROOT/gateway/status"
    wait_for status_is online
}

@test "the health tells when it was said, and by whom" {
    local before
    start_gateway
    before=$(instance)
    retained "$ROOT/gateway/health" 5 | jq -e '.client_id == "stepward-test" and (.instance | length) == 16'
    retained "$ROOT/gateway/health" 5 | jq -e '(.at | fromdateiso8601) as $at | (now - $at | fabs) < 120'
    stop_gateway
    start_gateway
    wait_for eval '[ "$(instance)" != "'"$before"'" ]'
}
