#!/usr/bin/env bats
# alerts_rest.bats -- a rest that lasts too long, as a therapist's app sees it.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    TOPIC=$ROOT/alerts/anna/p1/rest
}
teardown() { clinic_close; }

# The only alert published is p1's, which opened and closed once: two revisions of one id.
opened_and_closed_once() {
    seen_payloads anna | jq -se --arg reason "$1" '
        length == 2 and .[0].id == .[1].id and
        [.[] | .rev] == [1, 2] and
        [.[] | .state] == ["open", "closed"] and
        [.[] | .reason] == [null, $reason] and .[1].closed_at != null'
}

@test "a rest over the limit is raised once, low, and closes when they move" {
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.state == "open"'
    # More of the same, in any order, is the same rest.
    send_steps p1 "$(still 70 0)"
    send_steps p1 "$(still 75 60)"
    wait_for rest_is_at_least 75 p1
    send_steps p1 "$(steps_at 0 60)"
    wait_for has_seen_alert anna '.state == "closed"'
    opened_and_closed_once moved
    seen_payloads anna | head -n 1 | jq -e '
        .v == 1 and .site == "main" and .patient == "p1" and .therapist == "anna" and
        .kind == "rest" and .level == "low" and .reason == null and .closed_at == null and
        .by == null and .note == null and .evidence.rest_min >= 70 and
        .evidence.limit_min == 60 and .evidence.steps == 0 and
        .id == "p1-rest-\(.opened_at | fromdate)" and
        (.message | startswith("p1 has been resting for 1 h 1"))'
    [ "$(seen anna | cut -d' ' -f2 | sort -u)" = "$TOPIC" ]
}

@test "twice the limit is medium, and a rise keeps the alert" {
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.level == "low"'
    send_steps p1 "$(still 130 70)"
    wait_for has_seen_alert anna '.level == "medium"'
    seen_payloads anna | jq -se '
        length == 2 and .[0].id == .[1].id and .[1].rev == 2 and .[1].state == "open"'
}

@test "a rise in level opens an acknowledged alert again" {
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.rev == 1'
    stepward ack "$(seen_payloads anna | jq -r .id)" --by anna --note "called her"
    wait_for has_seen_alert anna '.rev == 2 and .state == "acknowledged" and
        .by == "anna" and .note == "called her"'
    send_steps p1 "$(still 130 70)"
    wait_for has_seen_alert anna '.rev == 3 and .state == "open" and .level == "medium"'
}

@test "late data that makes the rest shorter withdraws the alert" {
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.state == "open"'
    send_steps p1 "$(steps_at 40 80)"
    wait_for has_seen_alert anna '.state == "closed"'
    opened_and_closed_once withdrawn
}

@test "the end of the wake window closes the alert" {
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 100 0)"
    wait_for has_seen_alert anna '.state == "open"'
    stepward patient set p1 --wake "08:00-$(TZ=$ZONE date -d "@$(minute_ago 2)" +%H:%M)"
    wait_for has_seen_alert anna '.state == "closed"'
    opened_and_closed_once window_end
}

@test "no alert outside the wake window, from old data, or from missing data" {
    stepward patient add asleep --therapist anna --rest-limit 1h --wake 01:00-02:00
    stepward patient add stale --therapist anna --rest-limit 1h
    stepward patient add gaps --therapist anna --rest-limit 1h
    stepward patient add bare --therapist anna --rest-limit 1h
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps asleep "$(still 180 0)"
    send_steps stale "$(still 180 20)"
    send_steps gaps "$(still 90 50)"
    send_steps gaps "$(still 39 0)" # eleven unknown minutes end a rest
    send_steps bare "{\"start\":$(minute_ago 90),\"seconds\":5400,\"steps\":[0],\"worn\":false}"
    local patient
    for patient in asleep stale gaps bare; do wait_for has_row "$patient"; done
    # They were judged when they were stored; p1's alert comes after that.
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.patient == "p1"'
    [ "$(seen_payloads anna | jq -r .patient | sort -u)" = p1 ]
    [ "$(stepward alerts --all --format csv | tail -n +2 | cut -d, -f2)" = p1 ]
}

@test "ten missing minutes do not hide a rest" {
    subscribe anna "$ROOT/alerts/anna/#"
    freeze_time
    send_steps p1 "$(still 90 50)"
    send_steps p1 "$(still 40 0)"
    wait_for has_seen_alert anna '.state == "open" and .evidence.rest_min >= 90'
}

@test "a late subscriber receives the alert's current state" {
    send_steps p1 "$(still 70 0)"
    [ -n "$(retained "$TOPIC" "$DEADLINE_S")" ]
    subscribe late "$ROOT/alerts/#"
    wait_for has_seen_alert late '.state == "open"'
    [ "$(seen late | cut -d' ' -f1)" = 1 ]
    send_steps p1 "$(steps_at 0 60)"
    wait_for has_seen_alert late '.state == "closed"'
    retained "$TOPIC" | jq -e '.state == "closed" and .rev == 2'
}

@test "the wearer is nudged, and the nudge expires" {
    SEEN_FORMAT='%E %t %p' subscribe band "$ROOT/patient/p1/nudge"
    send_steps p1 "$(still 60 0)"
    wait_for has_seen_nudge
    seen_payloads band | jq -se 'length == 1 and .[0] == {"rest_min": 60}'
    local expiry_s
    expiry_s=$(seen band | cut -d' ' -f1)
    [ "$expiry_s" -gt 0 ] && [ "$expiry_s" -le 600 ]
    [ -z "$(retained "$ROOT/patient/p1/nudge")" ]
}
has_seen_nudge() { [ -n "$(seen band)" ]; }

@test "the day so far is published retained, with the summary's names" {
    send_steps p1 "$(batch "$(minute_ago 10)" 100 50 20)"
    wait_for steps_today_are 170
    retained "$ROOT/patient/p1/today" |
        jq -e 'keys_unsorted == $names' --argjson names "$(stepward summary --format csv |
            head -n 1 | jq -R 'split(",")')"
}
steps_today_are() { [ "$(retained "$ROOT/patient/p1/today" | jq .steps)" = "$1" ]; }
