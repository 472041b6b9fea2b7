#!/usr/bin/env bats
# digest.bats -- the therapist's day, told once when the last wake window ends.
load ../lib/clinic
load ../lib/readings
load ../lib/time

setup() {
    clinic_open
    start_broker
    ALERT_BUDGET=1 write_config
    shift_clocks
    # The window ends at the full minute, more than one minute from now.
    END=$(TZ=$ZONE date -d "@$(minute_ago -3)" +%H:%M)
    for patient in p1 p2 p3; do
        stepward patient add "$patient" --therapist anna --rest-limit 1h --goal 50 \
            --wake "08:00-$END"
    done
    stepward patient set p3 --name 'Secret Name'
    start_gateway
    subscribe anna "$ROOT/digest/anna"
}
teardown() { clinic_close; }

digests_seen() { seen_payloads "$1" | wc -l; }
has_digest() { [ "$(digests_seen "$1")" -ge 1 ]; }
alerts_open_are() { [ "$(stepward alerts --format csv | tail -n +2 | wc -l)" -eq "$1" ]; }

@test "the digest comes at the end of the window, once, and says what was held back" {
    send_steps p1 "$(still 70 0)"
    wait_for alerts_open_are 1
    send_steps p2 "$(still 70 0)"
    wait_for alerts_open_are 2
    send_steps p1 "$(steps_at 0 60)"
    wait_for alerts_open_are 1
    [ "$(digests_seen anna)" -eq 0 ]
    pass_time 240
    wait_for has_digest anna
    seen_payloads anna | jq -e '
        .v == 1 and .site == "main" and .therapist == "anna" and .patients == 3 and
        .raised == 2 and .closed == 2 and .open == 0 and .budget == 1 and
        .over_budget == 1 and .over_budget_patients == [{"patient": "p2", "alerts": 1}] and
        .no_data == ["p3"] and .goal_met == ["p1"] and
        (.message | contains("No open alerts") and (contains("Secret") | not))'
    # It is retained, and a restart does not tell it again.
    [ "$(retained "$ROOT/digest/anna" "$DEADLINE_S")" = "$(seen_payloads anna)" ]
    # The same in plain words beside it.
    [ "$(retained "$ROOT/digest/anna/text" "$DEADLINE_S")" = \
        "$(seen_payloads anna | jq -r '.day, .message')" ]
    stop_gateway
    start_gateway
    send_steps p3 "$(still 10 5)"
    wait_for has_row p3
    [ "$(digests_seen anna)" -eq 1 ]
}

@test "a digest that is due while nobody can be told is told later, once" {
    end broker
    pass_time 240
    wait_for digest_waits
    end gateway KILL || :
    start_broker
    start_gateway
    subscribe late "$ROOT/digest/anna"
    wait_for has_digest late
    wait_for nothing_waits
    [ "$(seen_payloads late | sort -u | wc -l)" -eq 1 ]
}
# A message a moment after the patient was added has the gateway look at the database
# before it would have by itself: the therapist's digest is due all the same.
@test "the digest of a patient whose first message came with patient add is sent" {
    local i patient tries=6
    for patient in p1 p2 p3; do stepward patient set "$patient" --wake 08:00-24:00; done
    subscribe all "$ROOT/digest/+"
    for ((i = 0; i < tries; i++)); do
        stepward patient add "q$i" --therapist "t$i" \
            --wake "08:00-$(TZ=$ZONE date -d "@$(minute_ago -2)" +%H:%M)"
        send_steps "q$i" "$(steps_at 0 10)"
        wait_for has_row "q$i"
        pass_time 150
        wait_for has_seen_digest "t$i"
    done
}
has_seen_digest() { seen all | grep -qF " $ROOT/digest/$1 "; }

waiting() { sqlite3 -readonly "$DATA/stepward.db" 'SELECT topic FROM outbox'; }
digest_waits() { waiting | grep -qx "$ROOT/digest/anna"; }
nothing_waits() { [ -z "$(waiting)" ]; }
