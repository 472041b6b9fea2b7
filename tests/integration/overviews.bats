#!/usr/bin/env bats
# overviews.bats -- what an app without the board gets: an overview of each patient and
# the list of a therapist's patients, retained, whole, and of nobody who is not theirs.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/time
load ../lib/broker

setup() {
    clinic_open
    start_broker
    write_config
    ten_past_the_half_hour
    stepward patient add p1 --name "Frau Geheim" --therapist anna --rest-limit 1h --goal 6000
    stepward patient add p2 --therapist anna
    stepward patient add p3
}
teardown() { clinic_close; }

# No half hour begins while a test runs.
ten_past_the_half_hour() {
    PASSED_S=$(((1800 + 600 - $(date +%s) % 1800) % 1800))
    shift_clocks
}

retained_now() { mosquitto_sub -p "$PORT" -h 127.0.0.1 --retained-only -W 1 -F '%t %p' -t "$1" || :; }
topics_are() { [ "$(retained_now "$1" | cut -d' ' -f1 | sort | tr '\n' ' ')" = "${*:2}${2:+ }" ]; }
boards_are() { topics_are "$ROOT/board/#" "${@/#/$ROOT/board/}"; }
lists_are() { topics_are "$ROOT/patients/#" "${@/#/$ROOT/patients/}"; }
# board THERAPIST/PATIENT JQ
board_says() { retained "$ROOT/board/$1" | jq -e "$2"; }
listed_of() { retained "$ROOT/patients/$1" | jq -r '[.patients[].patient] | join(" ")'; }
lists() { [ "$(listed_of "$1")" = "$2" ]; }
start_with_boards() {
    start_gateway
    wait_for lists anna "p1 p2"
}
# What was published while NAME was subscribed, without what was retained before.
published() { seen "$1" | grep '^0 ' | cut -d' ' -f2-; }
boards_published() { published "$1" | grep -c " *$ROOT/board/" || :; }
has_published() { published "$1" | grep -q "$2"; }

@test "who subscribes late gets everything, the list last, and no name" {
    start_with_boards
    send_steps p1 "$(still 70 0)"
    wait_for board_says anna/p1 '.alerts != []'
    boards_are anna/p1 anna/p2 unassigned/p3
    lists_are anna unassigned
    subscribe late "$ROOT/board/anna/#" "$ROOT/alerts/anna/#" "$ROOT/patients/anna"
    [ "$(seen late | grep -c '^1 ')" -eq 4 ]
    [ "$(seen late | tail -n 1 | cut -d' ' -f1,2)" = "1 $ROOT/patients/anna" ]
    [ "$(seen late | grep -c "$ROOT/board/anna/")" -eq 2 ]
    run ! grep -q Geheim "$CLINIC/late.log"
    board_says anna/p1 '.v == 1 and .patient == "p1" and .therapist == "anna" and .steps == 0 and
        .goal == 6000 and .floor == null and .ceiling == null and .rest_min == 70 and
        .rest_limit_min == 60 and .wake == "08:00-21:00" and (.strip | contains("s")) and
        (.strip | length) == 26 and .device_problems == [] and
        (.heard_at < .updated_at or .heard_at == .updated_at) and
        (.alerts | length) == 1 and .alerts[0].kind == "rest" and .alerts[0].state == "open" and
        .alerts[0].over_budget == false and .alerts[0].shelved_until == null'
    board_says anna/p2 '.heard_at == null and .steps == null and .alerts == []'
    retained "$ROOT/patients/anna" | jq -e '.v == 1 and (.patients | map(.since | type) == ["string", "string"])'
}

@test "at a connect the lists come last of all" {
    subscribe all "$ROOT/board/#" "$ROOT/patients/#" "$ROOT/alerts/#"
    start_with_boards
    send_steps p1 "$(still 70 0)"
    wait_for has_published all "$ROOT/alerts/anna/p1/rest"
    wait_for board_says anna/p1 '.alerts != []'
    stop_gateway
    end broker
    rm -rf "$CLINIC/broker"
    mkdir "$CLINIC/broker"
    start_broker # which has forgotten everything
    end all || :
    subscribe all "$ROOT/board/#" "$ROOT/patients/#" "$ROOT/alerts/#"
    start_with_boards
    boards_are anna/p1 anna/p2 unassigned/p3
    published all | cut -d' ' -f1 >"$CLINIC/order"
    [ "$(grep -c "$ROOT/patients/" "$CLINIC/order")" -eq 2 ]
    [ "$(tail -n 2 "$CLINIC/order" | grep -c "$ROOT/patients/")" -eq 2 ]
    [ "$(grep -c "$ROOT/board/" "$CLINIC/order")" -eq 3 ]
    grep -qx "$ROOT/alerts/anna/p1/rest" "$CLINIC/order"
}

restart_publishes_no_board() { # PROTOCOL
    local how
    BROKER_KEYS="protocol = $1" write_config
    start_with_boards
    send_steps p1 "$(still 70 0)"
    wait_for board_says anna/p1 '.alerts != []'
    subscribe told "$ROOT/board/#" "$ROOT/patients/#"
    for how in TERM TERM; do
        end gateway "$how" || :
        wait_for status_is offline
        start_gateway
        wait_for has_published told "$ROOT/patients/unassigned"
        wait_for has_published told "$ROOT/patients/anna"
    done
    [ "$(boards_published told)" -eq 0 ]
}
@test "a restart publishes no overview that says nothing new" { restart_publishes_no_board 5; }
@test "so it is with MQTT 3.1.1, where what we publish comes back" { restart_publishes_no_board 4; }

@test "an alert that opens, is shelved or acknowledged is in the overview at once" {
    ALERT_BUDGET=1 write_config
    start_with_boards
    send_steps p1 "$(still 70 0)"
    wait_for -t 30 board_says anna/p1 '.alerts[0].state == "open"'
    stepward ack p1 --by anna
    wait_for -t 30 board_says anna/p1 '.alerts[0].state == "acknowledged"'
    stepward shelve p1 --for 2h
    wait_for -t 30 board_says anna/p1 '.alerts[0].shelved_until != null'
    # Beyond the budget an alert is not published, and is shown.
    stepward patient set p2 --rest-limit 1h
    send_steps p2 "$(still 70 0)"
    wait_for -t 30 board_says anna/p2 '.alerts[0].over_budget'
    [ -z "$(retained "$ROOT/alerts/anna/p2/rest")" ]
    # A battery is something about the device.
    send_steps p2 "{\"start\":$(minute_ago 1),\"steps\":0,\"battery\":9}"
    wait_for -t 90 board_says anna/p2 '.device_problems == [.alerts[] | select(.kind == "battery") | .message] and
        (.device_problems | length) == 1'
}

@test "time alone ends a rest, and passes the half hours" {
    start_with_boards
    send_steps p1 "$(still 10 0)"
    wait_for board_says anna/p1 '.rest_min == 10'
    [[ $(retained "$ROOT/board/anna/p1" | jq -r .strip) =~ ^-+s\.+$ ]]
    pass_time $((17 * 60))
    wait_for board_says anna/p1 '.rest_min == 0'
    pass_time $((10 * 60))
    wait_for eval '[[ $(retained "$ROOT/board/anna/p1" | jq -r .strip) =~ ^-+[.]+$ ]]'
}

@test "another therapist gets the patient, and the former one's topic is cleared" {
    start_with_boards
    stepward patient set p2 --therapist ben
    wait_for boards_are anna/p1 ben/p2 unassigned/p3
    wait_for lists ben p2
    lists anna p1
    board_says ben/p2 '.therapist == "ben"'
    stepward patient set p1 --therapist ben
    wait_for lists_are ben unassigned
    wait_for boards_are ben/p1 ben/p2 unassigned/p3
    # There and back, before anybody can have noticed.
    stepward patient set p1 --therapist anna
    stepward patient set p1 --therapist ben
    stepward patient set p1 --therapist anna
    wait_for lists anna p1
    wait_for boards_are anna/p1 ben/p2 unassigned/p3
}

@test "so it is where the gateway is away, or killed in between" {
    start_with_boards
    stepward patient set p1 --therapist ben
    kill_gateway
    stepward patient set p2 --therapist ben
    start_gateway
    wait_for lists ben "p1 p2"
    wait_for boards_are ben/p1 ben/p2 unassigned/p3
    wait_for lists_are ben unassigned
    [ "$(sqlite3 -readonly "$DATA/stepward.db" "SELECT count(*) FROM outbox WHERE payload <> ''")" -eq 0 ]
}

@test "of an erased patient nothing is left, whether the gateway runs or not" {
    start_with_boards
    stepward patient erase p2 --yes
    wait_for lists anna p1
    wait_for boards_are anna/p1 unassigned/p3
    stop_gateway
    stepward patient erase p1 --yes
    stepward patient add p4 --therapist zoe
    start_gateway
    wait_for lists zoe p4
    wait_for boards_are unassigned/p3 zoe/p4
    wait_for lists_are unassigned zoe
}

@test "another gateway's patients are left alone, and what was ours is cleared" {
    start_with_boards
    stop_gateway
    publish "$ROOT/board/zoe/q1" '{"v":1,"patient":"q1"}' -r
    publish "$ROOT/patients/zoe" '{"v":1,"patients":[]}' -r
    publish "$ROOT/board/zoe/p1" '{"v":1,"patient":"p1"}' -r
    publish "$ROOT/board/no~id/p1" '{"v":1}' -r
    start_gateway
    wait_for boards_are anna/p1 anna/p2 "no~id/p1" unassigned/p3 zoe/q1
    lists_are anna unassigned zoe
    [ "$(refusals | wc -l)" -eq 1 ]
}

@test "killed while overviews are on their way, all are there after the next start" {
    local i
    for ((i = 0; i < 40; i++)); do stepward patient add "m$i" --therapist mia; done
    launch_gateway
    wait_for boards_begin
    kill_gateway
    start_gateway
    wait_for eval '[ "$(listed_of mia | wc -w)" -eq 40 ]'
    [ "$(retained_now "$ROOT/board/mia/#" | wc -l)" -eq 40 ]
}
boards_begin() { [ -n "$(retained_now "$ROOT/board/#")" ]; }
