#!/usr/bin/env bats
# alerts_budget.bats -- more alerts in a day than a therapist can live with.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    ALERT_BUDGET=1 write_config
    for patient in p1 p2 p3; do
        stepward patient add "$patient" --therapist anna --rest-limit 1h
    done
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.patient == "p1"'
    send_steps p2 "$(still 70 0)"
    wait_for is_over_budget p2
}
teardown() { clinic_close; }

is_over_budget() {
    stepward alerts --patient "$1" --format json | jq -e '.[0].over_budget and .[0].rev == 0'
}
seen_patients() { seen_payloads anna | jq -r .patient | sort -u | xargs; }

@test "beyond the budget low alerts are listed, and only medium ones are published" {
    send_steps p3 "$(still 130 0)"
    wait_for has_seen_alert anna '.patient == "p3" and .level == "medium"'
    stop_gateway
    start_gateway # and it stays held back
    send_steps p2 "$(steps_at 0 60)"
    wait_for eval '[[ $(stepward alerts --patient p2) == "no open alerts" ]]'
    send_steps p1 "$(steps_at 0 60)"
    wait_for has_seen_alert anna '.patient == "p1" and .state == "closed"'
    [ "$(seen_patients)" = "p1 p3" ]
}

@test "a rise to medium publishes what was held back" {
    send_steps p2 "$(still 130 70)"
    wait_for has_seen_alert anna '.patient == "p2" and .level == "medium" and .rev == 1'
    send_steps p2 "$(steps_at 0 60)"
    wait_for has_seen_alert anna '.patient == "p2" and .state == "closed" and .rev == 2'
}

@test "whoever acknowledges what was held back sees it acknowledged" {
    publish "$ROOT/alerts/anna/p2/rest/set" '{"action":"ack"}'
    wait_for has_seen_alert anna '.patient == "p2" and .state == "acknowledged"'
    [ "$(stepward alerts --patient p2 --format csv | tail -n 1 | cut -d, -f5)" = acknowledged ]
}
