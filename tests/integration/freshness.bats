#!/usr/bin/env bats
# freshness.bats -- a gateway that stands still is not taken for a quiet day: listings and
# `status` say that, and since when, whatever it stands still for.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

# These two are replaced by what time.bash and disk.bash have, where a test needs it.
setup() { clinic_open; }
teardown() { clinic_close; }

LISTINGS=("today" "alerts" "digest")

rest_is() { stepward alerts --all --format csv 2>/dev/null | grep -q ",p1,rest,[a-z]*,$1,"; }

# Of one patient with an open alert, as of now.
open_clinic() {
    freeze_time
    start_broker
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for rest_is open
    wait_for status_is_well
}

# Each listing, as a table and in its rows; a warning never hinders a program that reads.
every_listing_is_of_now() {
    local listing
    for listing in "${LISTINGS[@]}"; do
        [[ $(stepward "$listing") != *"OUT OF DATE"* ]] || return 1
        stepward "$listing" --format json 2>/dev/null |
            jq -e 'length > 0 and all(.stale_since == null)' || return 1
        [ "$(stepward "$listing" --format csv 2>&1 | grep -c 'out of date')" -eq 0 ] || return 1
    done
}
# no_listing_is_of_now WHY
no_listing_is_of_now() {
    local listing said
    for listing in "${LISTINGS[@]}"; do
        said=$(stepward "$listing" | head -n 1)
        echo "$listing: $said"
        [[ $said == "OUT OF DATE since "*": "*"$1"* ]] || return 1
        stepward "$listing" --format json 2>/dev/null |
            jq -e 'length > 0 and all(.stale_since | type == "string")' || return 1
        stepward "$listing" --format csv 2>/dev/null | head -n 1 | grep -q ',stale_since$' || return 1
        said=$(stepward "$listing" --format csv 2>&1 >/dev/null)
        [[ $said == "stepward: out of date since "*"$1"* ]] || return 1
    done
}
stale_since_s() {
    date -d "$(stepward today --format json 2>/dev/null | jq -r '.[0].stale_since')" +%s
}

@test "a gateway that was killed: what is shown is of then, and that is said" {
    open_clinic
    wait_for every_listing_is_of_now
    kill_gateway
    no_listing_is_of_now 'the gateway is not running: start it: `sudo systemctl enable --now stepward-gateway`'
    local since_s
    since_s=$(stale_since_s)
    [ "$since_s" -gt $(($(date +%s) - 600)) ] && [ "$since_s" -le "$(date +%s)" ]
    [[ $(stepward summary | head -n 1) == "OUT OF DATE"* ]]
    [[ $(stepward summary --day yesterday 2>&1) != *"OUT OF DATE"* ]]
    [[ $(stepward digest --day yesterday) != *"OUT OF DATE"* ]]
    start_gateway
    wait_for every_listing_is_of_now
}

@test "an empty listing tells a person, too" {
    start_broker
    write_config
    stepward patient add p1
    [[ $(stepward alerts) == "OUT OF DATE: the gateway has never run"*"no open alerts" ]]
    [[ $(stepward alerts --format json 2>&1 >/dev/null) == *"out of date: the gateway has never run"* ]]
    [ "$(stepward today --format json 2>/dev/null | jq -r '.[0].stale_since')" = never ]
    start_gateway
    wait_for status_is_well
    [ "$(stepward alerts)" = "no open alerts" ]
}

# connected is what status says of it, as a program reads it.
status_cell() { stepward status --format json 2>/dev/null | jq -r ".[0].$1"; }
status_cell_is() { [ "$(status_cell "$1")" = "$2" ]; }

@test "a broker that is away: no listing is of now, and status does not call it connected" {
    open_clinic
    end broker
    wait_for status_complains "not connected to the broker"
    no_listing_is_of_now "not connected to the broker at mqtt://127.0.0.1:$PORT"
    status_cell_is connected false
    status_cell problem | grep -q 'not connected to the broker'
    start_broker
    wait_for status_is_well
    status_cell_is connected true
    every_listing_is_of_now
}

@test "right after a restart nothing of the run before is told as of now" {
    open_clinic
    stop_gateway
    end broker
    sed -i 's/^commit_interval.*/commit_interval = "1h"/' "$CONFIG" # it reports late
    launch_gateway
    wait_for status_complains "not connected to the broker"
    status_cell_is connected false
    status_cell_is uptime_s null
    status_cell_is inbox_pending null
    start_broker
    wait_for status_is online
    wait_for status_cell_is connected true
    # What it counts it has not stored yet.
    if status_cell_is uptime_s null; then
        status_complains "has not reported yet" || status_is_well
    fi
    stop_gateway
    status_cell_is running false
    status_cell_is connected false
    status_cell_is clock_trusted null
    status_cell_is problem "$(stepward status 2>&1 >/dev/null | sed 's/^stepward: //')"
}

@test "status says in one line that all is well" {
    open_clinic
    [ "$(stepward status | tail -n 1)" = "all is well" ]
    stepward status --format csv | { ! grep 'all is well'; }
}

@test "a gateway that was stopped dead is told within a minute" {
    load ../lib/time
    shift_clocks
    open_clinic
    freeze gateway
    PASSED_S=$((PASSED_S + 15)) # it may still be waiting for something to do
    tell_clocks
    status_is_well
    PASSED_S=$((PASSED_S + 45))
    tell_clocks
    status_complains "the gateway hangs: it has done nothing since "
    status_complains 'restart it: `sudo systemctl restart stepward-gateway`'
    no_listing_is_of_now "the gateway hangs"
    status_cell_is connected false
    status_cell_is clock_trusted null
    thaw gateway
    wait_for every_listing_is_of_now
}

@test "a gateway that is stuck in a write is told within a minute" {
    load ../lib/disk
    mend_disk
    open_clinic
    break_disk HANG
    local from=$SECONDS
    send_steps p1 "$(steps_at 0 60)"
    wait_for -t 90 status_complains "the gateway hangs: it has done nothing since "
    echo "told after $((SECONDS - from)) s"
    [ $((SECONDS - from)) -le 75 ] # a minute, and what a slow machine adds
    no_listing_is_of_now "the gateway hangs"
    mend_disk
    wait_for status_is_well
    wait_for rest_is closed
    end gateway KILL || :
}

@test "a gateway without a clock it can trust judges nothing, and listings say so" {
    load ../lib/time
    shift_clocks
    open_clinic
    step_clock 7200
    wait_for status_complains "the clock is not trusted"
    no_listing_is_of_now "the clock is not trusted"
    step_clock -7200
    pass_time 90
    wait_for every_listing_is_of_now
}
