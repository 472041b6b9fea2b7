#!/usr/bin/env bats
# keep.bats -- what is older than `keep` says goes by itself, and the days stay.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1 --therapist anna
    # a day of half a year ago, and one of today
    OLD_S=$(($(date +%s) / 86400 * 86400 - 200 * 86400 + 36000))
    OLD_DAY=$(TZ=$ZONE date -d "@$OLD_S" +%F)
}
teardown() { clinic_close; }

day_of() { stepward summary p1 --from "$OLD_DAY" --to "$OLD_DAY" --format csv; }
has_old_day() { day_of | grep -q ",720,"; }
n_of() { sqlite3 -readonly "$DATA/stepward.db" "SELECT count(*) FROM $1"; }
n_is() { [ "$(n_of "$1")" -eq "$2" ]; }

@test "minutes that are too old go, their day stays, and status says since when" {
    start_gateway
    publish "$ROOT/patient/p1/steps" "{\"start\": $OLD_S, \"seconds\": 60, \"steps\": [$(printf '6,%.0s' {1..119})6]}"
    publish "$ROOT/patient/p1/steps" "{\"start\": $(($(date +%s) - 600)), \"seconds\": 60, \"steps\": 1}"
    wait_for has_old_day
    stop_gateway
    day_of >"$CLINIC/before"
    [ "$(n_of reading)" -eq 121 ]
    [ "$(stepward status --format json | jq -r '.[0].readings_since')" = null ]
    sed -i 's/^max_age.*/max_age = "31d"/' "$CONFIG"
    echo 'keep { readings = "100d" }' >>"$CONFIG"
    start_gateway
    wait_for n_is reading 1
    day_of | diff "$CLINIC/before" -
    [ "$(stepward status --format json | jq -r '.[0].readings_since' | cut -c1-10)" = \
        "$(TZ=$ZONE date -d '100 days ago' +%F)" ]
    # the day is final: another plan does not compute it anew without its minutes
    stepward patient set p1 --goal 4000 --from "$OLD_DAY"
    wait_for n_is 'day' 2
    diff <(cut -d, -f1-8 "$CLINIC/before") <(day_of | cut -d, -f1-8)
    stop_gateway
}

@test "less than the rules look back on is refused with its line" {
    sed -i 's/^max_age.*/max_age = "31d"/' "$CONFIG"
    echo 'keep { readings = "92d" }' >>"$CONFIG"
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    [ "$status" -eq 2 ]
    [[ $output == *"$(wc -l <"$CONFIG"): readings are kept at least 93d"* ]]
}
