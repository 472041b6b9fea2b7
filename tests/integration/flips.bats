#!/usr/bin/env bats
# flips.bats -- an app, a device or a therapist's app that says one thing and then the
# other, as fast as the broker takes it: what it costs, and that the last word is told.
load ../lib/clinic
load ../lib/readings
load ../lib/time

FLIPS=600
FREE=6 # SW_HOLDOFF_FREE, and one more in a minute

setup() {
    clinic_open
    start_broker
    write_config
    shift_clocks
    stepward patient add p1 --therapist anna
    start_gateway
    subscribe anna "$ROOT/alerts/anna/+/+"
}
teardown() { clinic_close; }

status_says() { stepward status --format json | jq ".[0].$1"; }
has_taken() { [ "$(status_says messages)" -ge "$1" ]; }
number_of() { sqlite3 -readonly "$DATA/stepward.db" "SELECT count(*) FROM $1"; }
alert_is() { # KIND STATE: stored, and seen last
    [ "$(stepward alerts --all --format json | jq -r "map(select(.kind == \"$1\"))[0].state")" = "$2" ] &&
        [ "$(seen_payloads anna | jq -r "select(.kind == \"$1\").state" | tail -n 1)" = "$2" ]
}

# Scores that were given one a second a day ago, 9 and 1 in turns; LAST is the last one.
pains() { # LAST
    local i at
    at=$(($(right_now_s) - 86400 - FLIPS))
    for ((i = 1; i <= FLIPS; i++)); do
        printf '%s/patient/p1/pain\t{"at":%d,"score":%d}\n' "$ROOT" $((at + i)) \
            $(((FLIPS - i) % 2 ? 10 - $1 : $1))
    done
}

# One after the other, as an app sends them: each has the gateway look.
send_slowly() {
    local line
    while read -r line; do
        printf '%s\n' "$line"
        pause 0.01
    done | mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$1" -l
}

@test "a pain that flips is stored and published a few times, and its last word is told" {
    local before
    before=$(status_says commits)
    pains 9 | cut -f2 | send_slowly "$ROOT/patient/p1/pain"
    wait_for has_taken "$FLIPS"
    # Commits: a change and its score, the interval's (1 s), and what time it took.
    echo "commits $(($(status_says commits) - before)) in $SECONDS s"
    [ $(($(status_says commits) - before)) -le $((4 * FREE + 4 * SECONDS)) ]
    [ "$(seen_payloads anna | wc -l)" -le $((FREE + 1 + SECONDS / 60)) ]
    [ "$(number_of alert_log)" -le $((FREE + 1 + SECONDS / 60)) ]
    grep -q 'p1: pain changes again and again' "$CLINIC/gateway.log"
    pass_time 150
    wait_for alert_is pain open
    publish "$ROOT/patient/p1/pain" "{\"at\":$(right_now_s),\"score\":1}"
    pass_time 150
    wait_for alert_is pain closed
}

@test "its last word is told after a kill, too" {
    feed <(pains 9)
    kill_gateway
    start_gateway
    pass_time 150
    wait_for alert_is pain open
    wait_for eval '[ "$(number_of outbox)" -eq 0 ]'
    alert_is pain open
}

@test "commands in a flood are few publications, and the last one holds" {
    local i set="$ROOT/alerts/anna/p1/pain/set"
    publish "$ROOT/patient/p1/pain" '{"score":9}'
    wait_for alert_is pain open
    for ((i = 0; i < FLIPS; i++)); do
        echo '{"action":"shelve","minutes":90}'
        echo '{"action":"unshelve"}'
    done | publish_lines "$set"
    publish "$set" '{"action":"ack","by":"Anna"}'
    wait_for alert_is pain acknowledged
    [ "$(stepward alerts --format json | jq -r '.[0].shelved_until')" = null ]
    [ "$(seen_payloads anna | wc -l)" -le $((FREE + 2 * FLIPS / 256 + 4 + 2 * SECONDS)) ]
    [ "$(number_of alert_log)" -le 103 ]
    publish "$ROOT/patient/p1/pain" "{\"score\":1}"
    pass_time 150
    wait_for alert_is pain closed
}
