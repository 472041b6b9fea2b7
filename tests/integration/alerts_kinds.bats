#!/usr/bin/env bats
# alerts_kinds.bats -- the kinds beside `rest` and `silent`, each from its opening over a
# restart to its end, as a therapist's app sees it.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    freeze_time
}
teardown() { clinic_close; }

# add OPTION…: the patient p1, a gateway, and anna listening.
add() {
    stepward patient add p1 --therapist anna --silent-after 20d "$@"
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
}
crash() {
    kill_gateway
    start_gateway
}
wait_for_state() { wait_for has_seen_alert anna ".kind == \"$1\" and .state == \"$2\""; }
# The one alert that was published: kind, level, reason at its end, and the message.
opened_and_closed() {
    seen_payloads anna | jq -se --arg kind "$1" --arg level "$2" --arg reason "$3" '
        ([.[] | .id] | unique | length) == 1 and ([.[] | .rev] | unique) == [1, 2] and
        all(.[]; .kind == $kind and .level == $level and .patient == "p1") and
        .[0].state == "open" and .[0].closed_at == null and
        .[-1].state == "closed" and .[-1].reason == $reason'
}
first_says() { [[ "$(seen_payloads anna | head -n 1 | jq -r .message)" == "$1" ]]; }
send_pain() { publish "$ROOT/patient/p1/pain" "$@"; }
# local_s DAYS_AGO HH:MM: in the clinic's zone, as Unix seconds.
local_s() { TZ=$ZONE date -d "$(TZ=$ZONE date -d "@$NOW_S" +%F) $2 $1 days ago" +%s; }

@test "unworn: a device put aside for three hours, until it is worn again" {
    add
    local from
    from=$(minute_ago 185)
    # shellcheck disable=SC2046 # one word a minute
    send_steps p1 "$(batch "$from" $(minutes_of 185 0) | jq -c '.worn = false')"
    wait_for_state unworn open
    first_says "p1's device has not been worn for 3 h 5 min of wake time (limit 3 h)."
    crash
    send_steps p1 "$(steps_at 0 20)"
    wait_for_state unworn closed
    opened_and_closed unworn low worn
}

@test "low: three days under the floor, until today reaches it" {
    # Four hours are awake, of which 160 minutes make a valid day; it is past 14:00.
    add --wake 11:00-15:00 --floor 4000
    local days_ago
    for days_ago in 3 2 1; do
        # shellcheck disable=SC2046
        send_steps p1 "$(batch "$(local_s $days_ago 11:00)" $(minutes_of 170 2))"
    done
    wait_for_state low open
    first_says 'p1 took at most 340 steps a day on the last 3 valid days (floor 4,000).'
    crash
    # shellcheck disable=SC2046
    send_steps p1 "$(batch "$(local_s 0 11:00)" $(minutes_of 170 25))"
    wait_for_state low closed
    opened_and_closed low medium recovered
    seen_payloads anna | tail -n 1 | jq -e '.evidence == {"steps": 4250, "floor": 4000}'
}

@test "over: more than the ceiling, withdrawn when finer readings show less" {
    add --ceiling 1000
    send_steps p1 "{\"start\":$(minute_ago 60),\"seconds\":3600,\"steps\":1200}"
    wait_for_state over open
    first_says 'p1 took 1,200 steps today (ceiling 1,000).'
    crash
    send_steps p1 "$(still 60 0)"
    wait_for_state over closed
    opened_and_closed over low withdrawn
}

@test "pain: a high score, eased by a lower one; back within ten minutes it is the same" {
    add
    send_pain "{\"at\":$(minute_ago 9),\"score\":7.5}"
    wait_for_state pain open
    first_says 'p1 reports pain of 7.5.'
    crash
    send_pain "{\"at\":$(minute_ago 8),\"score\":2}"
    wait_for_state pain closed
    opened_and_closed pain medium eased
    crash
    send_pain "{\"at\":$(minute_ago 7),\"score\":1,\"flare\":true}"
    wait_for has_seen_alert anna '.rev == 3 and .state == "open" and .closed_at == null'
    seen_payloads anna | jq -se '([.[] | .id] | unique | length) == 1 and
        .[-1].evidence == {"score": 1, "median": null, "flare": 1}'
}

@test "battery: nearly empty, also by a retained copy, until it is charged" {
    mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -r -t "$ROOT/patient/p1/steps" \
        -m "{\"start\":$(minute_ago 5),\"steps\":0,\"device\":\"band\",\"battery\":15}"
    add
    wait_for_state battery open
    first_says "The battery of p1's device band is low: 15 %."
    crash
    send_steps p1 "{\"start\":$(minute_ago 4),\"steps\":0,\"device\":\"band\",\"battery\":80}"
    wait_for_state battery closed
    opened_and_closed battery low charged
    seen_payloads anna | tail -n 1 |
        jq -e '.evidence == {"battery_pct": 80, "limit_pct": 20, "device": "band"}'
}
