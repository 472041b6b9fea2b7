#!/usr/bin/env bats
# site_change.bats -- a clinic gives its site another name: what the broker retains below
# the old one goes, also of who is erased then, and comes again below the new one.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist anna --rest-limit 1h
    start_gateway
    for patient in p1 p2; do
        send_steps "$patient" "$(still 70 0)"
        wait_for is_retained "clinic/main/alerts/anna/$patient/rest"
        wait_for is_retained "clinic/main/patient/$patient/today"
    done
    wait_for is_retained clinic/main/board/anna/p1
    wait_for is_retained clinic/main/patients/anna
    stop_gateway
    # A test that was killed, and a digest.
    publish clinic/main/alerts/anna/p1/test '{"v":1}' -r
    publish clinic/main/digest/anna '{"v":1}' -r
}
teardown() {
    [ ! -e "$CLINIC/pids/second" ] || end second
    clinic_close
}

all_retained() { mosquitto_sub -p "$PORT" -h 127.0.0.1 --retained-only -t "$1/#" -W 1 -F '%t'; }
is_retained() { all_retained clinic | grep -qxF "$1"; }
nothing_is_retained_of() { ! all_retained clinic | grep -E "/$1(/|\$)"; }
nothing_is_retained_below() { [ -z "$(all_retained "$1")" ]; }
move_to_west() { sed -i 's/^site = "main"/site = "west"/' "$CONFIG"; }
west_is_online() { [ "$(retained clinic/west/gateway/status)" = online ]; }
start_in_the_west() {
    launch_gateway
    wait_for west_is_online
}
west_alert_is() { retained clinic/west/alerts/anna/p2/rest 5 | jq -e "$1"; }
# Once, by whichever start.
has_moved() { grep -qF "the site is west now" "$CLINIC/gateway.log"; }

@test "what is retained below the old site is cleared, and told below the new one" {
    move_to_west
    start_in_the_west
    wait_for nothing_is_retained_below clinic/main
    wait_for west_alert_is '.state == "open" and .site == "west"'
    wait_for is_retained clinic/west/patient/p1/today
    is_retained clinic/west/gateway/health
    wait_for is_retained clinic/west/patients/anna
    is_retained clinic/west/board/anna/p1
    # Once is enough.
    stop_gateway
    start_in_the_west
    [ "$(grep -cF "the site is west now" "$CLINIC/gateway.log")" -eq 1 ]
}

@test "so it is when the gateway is killed in the middle of it" {
    local i
    move_to_west
    for ((i = 0; i < 3; i++)); do
        launch_gateway
        wait_for has_moved
        end gateway KILL || :
    done
    start_in_the_west
    wait_for nothing_is_retained_below clinic/main
    wait_for west_alert_is '.state == "open"'
    [ "$(grep -cF "the site is west now" "$CLINIC/gateway.log")" -eq 1 ]
}

@test "a client id or username of ours that was changed is no session that the broker lost" {
    sed -i 's/client_id = "stepward-test"/client_id = "stepward-other"/' "$CONFIG"
    start_gateway
    wait_for log_says "client_id or username was changed, and the broker has no session by the new name yet: messages sent from "
    wait_for status_is online
    [ -z "$(stepward incidents | grep -F session_lost)" ]
    [ "$(stepward status --format json | jq -r '.[0].incident')" = "" ]
    # By the same name it is one.
    stop_gateway
    end broker
    rm -rf "$CLINIC/broker"
    mkdir "$CLINIC/broker"
    start_broker
    start_gateway
    wait_for eval 'stepward incidents | grep -F "kept no session for stepward-other"'
}

# With 0 for "any number" mosquitto 2.0.11 takes every refusal for one too many, and hangs up.
write_acl() { printf '%s\n' "topic read \$SYS/#" "$@" >"$CLINIC/acl"; }
@test "where the access list comes after the gateway, all is made good once it is there" {
    write_acl "topic readwrite clinic/main/#"
    end broker
    start_broker "acl_file $CLINIC/acl" "max_queued_messages 1000"
    move_to_west
    launch_gateway
    wait_for -t 60 status_complains "messages to clinic/west/patient/+/steps and 3 more topics do not arrive"
    status_complains "sudo scripts/install"
    [ -z "$(all_retained clinic/west)" ]
    write_acl "topic readwrite clinic/#"
    kill -HUP "$(pid_of broker)"
    wait_for -t 90 west_is_online
    wait_for -t 60 west_alert_is '.state == "open" and .site == "west"'
    wait_for nothing_is_retained_below clinic/main
    wait_for -t 120 status_is_well
}

@test "who is erased before the gateway knows the new site is gone from both" {
    move_to_west
    stepward patient erase p1 --yes
    start_in_the_west
    wait_for nothing_is_retained_below clinic/main
    wait_for is_retained clinic/west/alerts/anna/p2/rest
    wait_for nothing_is_retained_of p1
}

@test "who is erased while the gateway is away leaves nothing at the broker, no test alert either" {
    stepward patient erase p1 --yes
    start_gateway
    wait_for nothing_is_retained_of p1
    is_retained clinic/main/alerts/anna/p2/rest
    # And so if the site is changed before what clears it was sent.
    stop_gateway
    publish clinic/main/alerts/anna/p2/test '{"v":1}' -r
    stepward patient erase p2 --yes
    move_to_west
    start_in_the_west
    wait_for nothing_is_retained_below clinic/main
}

@test "another gateway at the old site keeps what is its own" {
    sed -e "s|$DATA|$CLINIC/data-2|" -e 's/stepward-test/stepward-second/' "$CONFIG" >"$CLINIC/second.conf"
    "$STEPWARD_BIN/stepward" -c "$CLINIC/second.conf" patient add q1 --therapist ben --rest-limit 1h
    move_to_west
    start_in_the_west
    wait_for nothing_is_retained_below clinic/main
    stop_gateway
    sed -i 's/^site = "west"/site = "main"/' "$CONFIG"
    start_gateway
    start second "$STEPWARD_BIN/stepward-gateway" -c "$CLINIC/second.conf"
    wait_for grep -qF "connected to" "$CLINIC/second.log"
    send_steps q1 "$(still 70 0)"
    wait_for is_retained clinic/main/alerts/ben/q1/rest
    stop_gateway
    move_to_west
    start_in_the_west
    wait_for eval '! is_retained clinic/main/alerts/anna/p2/rest'
    is_retained clinic/main/alerts/ben/q1/rest
    wait_for status_is online
}
