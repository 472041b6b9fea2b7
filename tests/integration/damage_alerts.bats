#!/usr/bin/env bats
# damage_alerts.bats -- a database that was lost with its alerts: what therapists see ends
# up true, no alert stays open for ever, and no revision is used twice.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    freeze_time
}
teardown() { clinic_close; }

rests() {
    life_rests p1 >"$CLINIC/rests"
    feed "$CLINIC/rests"
    wait_for alert_is p1 open
}
walks() {
    life_walks p1 >"$CLINIC/walks"
    feed "$CLINIC/walks"
    wait_for alert_is p1 closed
}
lose_database() { head -c 40000 /dev/urandom >"$DATA/stepward.db"; }
retained_alert() { retained "$ROOT/alerts/anna/p1/rest" 5; }
retained_is() { retained_alert | jq -e "$1" >/dev/null; }
# No two payloads of one alert and revision differ.
revisions_are_unique() {
    seen_payloads anna | jq -se 'group_by([.id, .rev]) | all(unique | length == 1)'
}

# What anna has seen of alerts: the revisions, each once.
seen_revisions() { seen_payloads anna | jq -s -c '[.[].rev] | unique'; }
seen_ids() { seen_payloads anna | jq -s '[.[].id] | unique | length'; }

@test "an alert that an empty database does not know is closed, not left open" {
    rests
    stop_gateway
    lose_database
    start_gateway
    wait_for retained_is '.state == "closed" and .reason == "lost" and .rev == 2'
    retained_is '.message | startswith("The gateway\u0027s data was lost; it cannot say whether this is over: p1 has been resting")'
    [ "$(stepward alerts --all --format json)" = "[]" ]
    revisions_rise p1
    # Once is enough: the next start asks nothing.
    end gateway
    start_gateway
    [ "$(grep -c "alerts compared with the broker's: 1 differed" "$CLINIC/gateway.log")" -eq 1 ]
}

# The walk is lost with the database, so the rest that came back is the same alert.
@test "an alert that was closed after the backup goes on from there" {
    rests
    stepward backup
    walks
    stop_gateway
    lose_database
    start_gateway
    wait_for retained_is '.state == "open" and .rev == 3'
    walks
    retained_is '.state == "closed" and .reason == "moved" and .rev == 4'
    [ "$(seen_ids)" -eq 1 ]
    revisions_rise p1
    revisions_are_unique
}

@test "an alert that was opened after the backup is withdrawn, and another opens if it lasts" {
    life_rests p1 | head -n 30 >"$CLINIC/walked" # before the rest
    feed "$CLINIC/walked"
    wait_for has_row p1
    stepward backup
    rests
    stop_gateway
    lose_database
    start_gateway
    wait_for retained_is '.state == "closed" and .reason == "lost" and .rev == 2'
    [ "$(stepward alerts --all --format json)" = "[]" ]
    # The device sends again what the backup did not have: the cause is there again.
    life_rests p1 >"$CLINIC/again"
    feed "$CLINIC/again"
    wait_for retained_is '.state == "open" and .rev == 1'
    diff <(alerts_stored p1) <(alerts_seen p1 | jq -cS 'select(.reason != "lost")')
    revisions_rise p1
    [ "$(seen_ids)" -eq 2 ]
    [ "$(seen_revisions)" = "[1,2]" ]
    revisions_are_unique
}

# Nothing beside it tells that it is older than what the broker shows: it says so itself.
@test "a backup that a hand puts in the place of the data knows that it is one" {
    stepward backup
    rests
    stop_gateway
    cp "$DATA"/backup/stepward-*.db "$CLINIC/restored.db"
    rm -rf "$DATA"
    mkdir "$DATA"
    mv "$CLINIC/restored.db" "$DATA/stepward.db"
    start_gateway
    wait_for retained_is '.state == "closed" and .reason == "lost" and .rev == 2'
    [ "$(stepward incidents --format json)" = "[]" ]
}

# Nobody sent a score: none can have shown anything.
@test "a score that was lost with all data is not said to be usual" {
    send_pain() { publish "$ROOT/patient/p1/pain" '{"score": 8}'; }
    send_pain
    wait_for alert_is p1 open
    stop_gateway
    rm -rf "$DATA"
    start_gateway
    pain_is '.reason == "lost" and .rev == 2'
    pain_is '.message == "The gateway\u0027s data was lost; it cannot say whether this is over: p1 reports pain of 8."'
    # With the patient there again it is the same: what it rested on is not.
    stop_gateway
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    send_pain
    pain_is '.state == "open"'
    stop_gateway
    rm -rf "$DATA"
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    pain_is '.reason == "lost"'
    [ "$(seen_payloads anna | grep -c 'not unusual')" -eq 0 ]
}
pain_alert_is() { retained "$ROOT/alerts/anna/p1/pain" 5 | jq -e "$1"; }
pain_is() { wait_for pain_alert_is "$1"; }

@test "an acknowledgement made after the backup is known again" {
    rests
    stepward backup
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by anna --note seen
    wait_for has_seen_alert anna '.state == "acknowledged"'
    stop_gateway
    lose_database
    start_gateway
    wait_for alert_is p1 acknowledged
    [ "$(stepward alerts --format json | jq -r '.[0] | .by + " " + .note')" = "anna seen" ]
    walks
    retained_is '.state == "closed" and .rev == 3'
    revisions_rise p1
    revisions_are_unique
}
