#!/usr/bin/env bats
# alerts_set.bats -- a therapist's app acknowledges and shelves by publishing.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    TOPIC=$ROOT/alerts/anna/p1/rest
    subscribe anna "$ROOT/alerts/anna/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.rev == 1'
}
teardown() { clinic_close; }

set_alert() { publish "${2:-$TOPIC}/set" "$1"; }
errors() { seen anna | grep -F '/set/error ' || :; }
error_is() { errors | grep -qF "$1"; }
# The log of transitions: who, from, to, why.
transitions() {
    sqlite3 -readonly "$DATA/stepward.db" \
        'SELECT actor, from_state, to_state, why FROM alert_log ORDER BY key'
}

@test "an alert is acknowledged over MQTT: by whom, with a note, once" {
    set_alert '{"action":"ack","by":"Anna K.","note":"called her"}'
    wait_for has_seen_alert anna '.state == "acknowledged"'
    set_alert '{"action":"ack","by":"Anna K.","note":"called her"}'
    send_steps p1 "$(steps_at 0 60)"
    wait_for has_seen_alert anna '.state == "closed"'
    seen_payloads anna | jq -se '[.[] | select(.id) | .rev] == [1, 2, 3] and
        .[1].by == "Anna K." and .[1].note == "called her"'
    [ -z "$(errors)" ]
    [ "$(transitions)" = "gateway|none|open|opened
Anna K.|open|acknowledged|called her
gateway|acknowledged|closed|moved" ]
}

says_undone() { stepward explain p1 | grep 'rest acknowledgement undone by anna$'; }

@test "an acknowledgement is undone over MQTT, and each act is in the audit" {
    local id
    set_alert '{"action":"ack","by":"Anna K.","note":"called her"}'
    wait_for has_seen_alert anna '.rev == 2 and .state == "acknowledged"'
    set_alert '{"action":"unack"}'
    set_alert '{"action":"unack"}' # it was so already
    wait_for has_seen_alert anna '.rev == 3 and .state == "open" and .by == null and .note == null'
    id=$(seen_payloads anna | jq -rs '.[0].id')
    stepward ack "$id" --by ben
    wait_for has_seen_alert anna '.rev == 4 and .by == "ben"'
    stepward unack "$id"
    wait_for has_seen_alert anna '.rev == 5 and .state == "open"'
    [ "$(stepward audit --format csv | tail -n +2 | cut -d, -f3- | grep -v 'patient added')" = \
"command,acknowledgement undone,p1,$id
command,acknowledged,p1,$id by ben
mqtt,acknowledgement undone,p1,$id
mqtt,acknowledged,p1,$id by Anna K.: called her" ]
    wait_for says_undone # what happened in this second is told in the next
}

@test "a shelved alert is judged in silence, and published when it is unshelved" {
    set_alert '{"action":"shelve","minutes":120}'
    wait_for eval '[[ $(stepward alerts --format csv) == *"p1-rest-"*T*,*T* ]]'
    send_steps p1 "$(still 130 70)"
    wait_for eval '[[ $(stepward alerts --format csv) == *,medium,* ]]'
    [ "$(seen_alert anna '.rev > 1')" -eq 0 ]
    set_alert '{"action":"unshelve"}'
    wait_for has_seen_alert anna '.rev == 2 and .level == "medium" and .state == "open"'
}

@test "what cannot be done is answered, and kept among the refused" {
    set_alert '{"action":"close"}'
    wait_for error_is 'action: say'
    set_alert '{"action":"ack"}' "$ROOT/alerts/anna/p1/silent"
    wait_for error_is 'no such alert is open for you'
    set_alert '{"action":"ack"}' "$ROOT/alerts/anna/p1/rset"
    wait_for error_is 'rset is no kind of alert; there are silent, unusable, unworn, rest,'
    set_alert '{"action":"ack"}' "$ROOT/alerts/ben/p1/rest"
    wait_for eval '[[ $(refusals) == *"another therapist"* ]]'
}

# The answers that one kind of question gets, each once.
answers_about() { errors | grep -F "/$1/set/error " | cut -d' ' -f3- | sort -u; }

# Who may write to a …/set learns nothing of other therapists' patients.
@test "an unknown patient, another therapist's, and one without the alert are answered alike" {
    local who what words='no such alert is open for you'
    stepward patient add p2 --therapist ben --rest-limit 1h
    send_steps p2 "$(still 70 0)"
    wait_for eval '[[ $(stepward alerts --patient p2 --format csv) == *p2-rest-* ]]'
    stepward patient add p3 --therapist ben
    for what in '{"action":"ack"}' '{"action":"ack","id":"p2-rest-1"}' '{"action":"shelve","minutes":60}' \
        '{"action":"unshelve"}'; do
        for who in nobody p2 p3; do set_alert "$what" "$ROOT/alerts/anna/$who/rest"; done
    done
    # A payload that is wrong is wrong whoever it is about.
    for who in nobody p2 p3; do set_alert '{"action":"close"}' "$ROOT/alerts/anna/$who/rest"; done
    set_alert '{"action":"ack"}' "$ROOT/alerts/anna/p1/silent"
    wait_for eval "errors | grep -qF 'anna/p1/silent/set/error'"
    [ "$(errors | grep -cF "$words")" -eq 13 ]
    [ "$(errors | cut -d' ' -f3- | sort -u | wc -l)" -eq 2 ]
    [ "$(answers_about p2/rest)" = "$(answers_about nobody/rest)" ]
    [ "$(answers_about p2/rest)" = "$(answers_about p3/rest)" ]
    # The clinic reads what it was.
    wait_for eval '[[ $(refusals) == *"unknown patient"* && $(refusals) == *"another therapist"* ]]'
    [ "$(stepward alerts --patient p2 --format json | jq -r '.[0].state')" = open ]
}

@test "an action with an id acts on that alert alone" {
    local id
    id=$(seen_payloads anna | jq -r .id)
    set_alert '{"action":"ack","id":"p1-rest-1774779300"}'
    wait_for error_is 'no such alert is open for you'
    set_alert '{"action":"shelve","minutes":60,"id":"p1-rest-1774779300"}'
    set_alert '{"action":"ack","id":7}'
    wait_for error_is 'id: 7 is not one line'
    [ "$(stepward alerts --format json | jq -r '.[0].state')" = open ]
    set_alert "{\"action\":\"ack\",\"id\":\"$id\"}"
    wait_for has_seen_alert anna '.state == "acknowledged"'
    set_alert "{\"action\":\"shelve\",\"minutes\":60,\"id\":\"$id\"}"
    wait_for eval '[[ $(stepward today) == *shelved* ]]'
    set_alert "{\"action\":\"unshelve\",\"id\":\"$id\"}"
    wait_for has_seen_alert anna '.rev == 3'
    [ "$(errors | wc -l)" -eq 3 ]
}

# Of retained actions nothing reaches the inbox or the refused, in either protocol.
ignores_what_is_retained() { # before the gateway starts, with the action retained
    local messages
    messages=$(stepward status --format json | jq '.[0].messages')
    start_gateway
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    [ "$(refusals | wc -l)" -eq 1 ] # the header
    [ "$(stepward status --format json | jq '.[0].messages')" -eq $((messages + 1)) ]
}

@test "a retained action acts once, and not again at the next start" {
    set_alert '{"action":"shelve","minutes":60}'
    publish "$TOPIC/set" '{"action":"unshelve"}' -r
    wait_for has_seen_alert anna '.rev == 2'
    set_alert '{"action":"ack"}'
    wait_for has_seen_alert anna '.rev == 3'
    stop_gateway
    ignores_what_is_retained
    [ "$(seen_alert anna '.rev > 3 and .state != "closed"')" -eq 0 ]
}

@test "the command line shelves and unshelves too" {
    local id
    id=$(seen_payloads anna | jq -r .id)
    [ "$(stepward shelve "$id" --for 2h --note dentist)" = "shelved $id" ]
    [[ "$(stepward today)" == *"(low, shelved)"* ]]
    stepward unshelve "$id"
    wait_for has_seen_alert anna '.rev == 2 and .state == "open"'
    run stepward shelve "$id" --for 8d
    [ "$status" -eq 2 ]
    run stepward shelve "$id"
    [ "$status" -eq 2 ]
}
