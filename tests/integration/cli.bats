#!/usr/bin/env bats
# cli.bats -- the command line, with and without the gateway: formats and exit codes.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

LISTINGS=("today" "summary" "patient list" "alerts --all" "rejected" "status"
    "minutes p1 --day today" "patient show p1")

# A day of p1 with an open alert; p2 with nothing; one refused message.
fill() {
    freeze_time
    stepward patient add p1 --therapist anna --rest-limit 1h --goal 6000 --name 'Ada, "A"'
    stepward patient add p2
    start_gateway
    send_steps p1 "$(batch "$(minute_ago 100)" 80 80 80)"
    send_steps p1 "$(still 70 0)"
    send_steps p1 'nonsense'
    wait_for steps_stored_are 240
}

in_every_format() {
    local listing
    for listing in "${LISTINGS[@]}"; do
        echo "stepward $listing"
        # shellcheck disable=SC2086 # words of the command
        {
            stepward $listing | grep -q .
            stepward $listing --format json | jq -e . >/dev/null
            [ "$(stepward $listing --format csv | wc -l)" -ge 1 ]
        }
    done
}

@test "every listing works in every format while the gateway runs" {
    fill
    wait_for stepward status
    in_every_format
}

@test "every listing works in every format without the gateway" {
    fill
    stop_gateway
    LISTINGS=("${LISTINGS[@]/status/today}") # status then says it does not run: below
    in_every_format
}

counters_say() { stepward status --format json | jq -e ".[0] | $1"; }

@test "status is 0 while the gateway does its job and 1 when it does not" {
    run stepward status
    [ "$status" -eq 1 ]
    fill
    wait_for stepward status
    wait_for counters_say '.messages == 3 and .rejected == 1 and .open_alerts == 1'
    counters_say '.connected and .clock_trusted and .inbox_pending == 0 and .db_bytes > 0'
    kill_gateway
    run stepward status
    [ "$status" -eq 1 ]
}

@test "summary prints the contract's columns and the goal of the plan" {
    fill
    stop_gateway
    [ "$(stepward summary --format csv --day today | head -n 1)" = "patient,day,steps,active_min,still_min,unworn_min,unknown_min,coverage_pct,longest_rest_min,longest_rest_from,rests_60,active_hours,brisk_min,valid,goal,goal_pct,pain_max,pain_mean" ]
    local today rest_from
    today=$(TZ=$ZONE date +%F)
    rest_from=$(TZ=$ZONE date -d "@$(minute_ago 70)" +%H:%M)
    [ "$(stepward summary p1 --format csv --day today | tail -n +2)" = "p1,$today,240,3,70,0,707,9,70,$rest_from,1,0,0,0,6000,4,," ]
    stepward summary --day today | grep -q "$today"
}

@test "the table says which days it shows" {
    fill
    stepward summary --days 3 | grep -q "$(TZ=$ZONE date -d '2 days ago' +%F)"
}

@test "pain is in the day's row" {
    fill
    publish "$ROOT/patient/p1/pain" "{\"at\":$(minute_ago 20),\"score\":3}"
    publish "$ROOT/patient/p1/pain" "{\"at\":$(minute_ago 10),\"score\":6.5}"
    publish "$ROOT/patient/p1/pain" "{\"at\":$(minute_ago 10),\"score\":5}"
    wait_for pain_is 6.5,4.8
}
pain_is() { [ "$(all_rows p1 | cut -d, -f17,18)" = "$1" ]; }

@test "a goal holds from its day on" {
    fill
    stepward patient set p1 --goal 3000
    wait_for goal_is 3000,8
}
goal_is() { [ "$(all_rows p1 | cut -d, -f15,16)" = "$1" ]; }

# fails CODE WORD COMMAND…: with this code and one line that holds the word.
fails() {
    local code=$1 word=$2
    shift 2
    run stepward "$@"
    echo "stepward $*: $status: $output"
    [ "$status" -eq "$code" ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"$word"* ]]
}

@test "what fails says why in one line: 1 for the world, 2 for the words" {
    fails 1 '' today
    stepward patient add p1
    fails 1 p1 patient add p1
    fails 1 nobody patient set nobody --goal 1
    fails 1 nobody summary nobody
    fails 1 nobody minutes nobody --day today
    fails 1 no-such-alert ack no-such-alert
    fails 2 sumary sumary
    fails 2 nonsense summary --nonsense
    fails 2 2026-02-30 summary --day 2026-02-30
    fails 2 format today --format xml
    fails 2 rest patient set p1 --rest-limit 5m
    fails 2 'Jane Doe' patient add 'Jane Doe'
}

@test "help says what Stepward is not" {
    run "$STEPWARD_BIN/stepward" --help
    [ "$status" -eq 0 ]
    [[ $output == *"not an emergency or diagnostic device"* ]]
    run "$STEPWARD_BIN/stepward-gateway" --help
    [ "$status" -eq 0 ]
    [[ $output == *"not an emergency or diagnostic device"* ]]
}

@test "a patient who gets another therapist takes the open alert along" {
    fill
    wait_for retained_alert_is anna open
    stepward patient set p1 --therapist ben
    wait_for retained_alert_is ben open
    [ -z "$(retained "$ROOT/alerts/anna/p1/rest")" ]
}
retained_alert_is() { [ "$(retained "$ROOT/alerts/$1/p1/rest" | jq -r .state)" = "$2" ]; }
