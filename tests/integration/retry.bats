#!/usr/bin/env bats
# retry.bats -- refused messages are taken once more after the cause was mended: each
# reading is stored once, however often the gateway is killed meanwhile.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

KILLS=${FAULT_TRIES:-3}
MINUTES=1400 # of one patient, a message each: more than a commit takes once more

setup() {
    clinic_open
    start_broker
    write_config 'source band { topic = "band/{device}"  steps = "/n"  at = "/t" }'
    LOST=0 DOUBLED=0
}
teardown() { clinic_close; }

refused() { refusals | tail -n +2 | wc -l; }
counted() { stepward status --format json 2>/dev/null | jq ".[0].$1"; }
counted_are() { [ "$(counted "$1")" -eq "$2" ]; }
in_database() { sqlite3 -readonly "$DATA/stepward.db" "$1"; }
nothing_is_marked() { [ "$(in_database 'SELECT count(*) FROM rejected WHERE retry')" -eq 0 ]; }
all_rows_are_gone() { [ "$(in_database 'SELECT count(*) FROM rejected')" -eq 0 ]; }

# A minute a message: minute i has i % 50 steps.
minutes_of_p1() {
    local first=$(($(minute_ago 0) - 60 * MINUTES)) i
    for ((i = 0; i < MINUTES; i++)); do
        echo "{\"start\":$((first + 60 * i)),\"steps\":$((i % 50))}"
    done | lines p1
}

@test "a device that nobody wore: after it is assigned, the running gateway takes them" {
    freeze_time
    stepward patient add p1
    start_gateway
    publish band/b1 "{\"n\":30,\"t\":$(minute_ago 30)}"
    publish band/b1 "{\"n\":12,\"t\":$(minute_ago 20)}"
    publish band/b2 "{\"n\":99,\"t\":$(minute_ago 20)}"
    wait_for counted_are rejected 3
    stepward device assign b1 p1 --from 2020-01-01
    [[ "$(stepward rejected --retry)" == "marked 3: the gateway takes them now" ]]
    wait_for steps_stored_are 42 p1
    wait_for nothing_is_marked
    [ "$(refused)" -eq 1 ]
    refusals | grep -q 'band/b2'
    counted_are messages 3
    counted_are rejected 3
}

# The row of an item that was refused holds that item, and not what was taken.
@test "an item of many is taken once more by itself, by its section" {
    write_config \
        'source log { topic = "log"  each = "/p"  when = "/k=s"  device = "/id"  total = "/n" }' \
        'source note { topic = "log"  each = "/p"  when = "/k=n"  device = "/id"  at = "/t"' \
        '  kind = "pain"  score = "/n" }'
    freeze_time
    stepward patient add p1
    stepward device assign b1 p1 --from 2020-01-01
    start_gateway
    publish log "{\"p\":[{\"id\":\"b1\",\"k\":\"s\",\"n\":100},{\"id\":\"b2\",\"k\":\"s\",\"n\":7},
        {\"id\":\"b2\",\"k\":\"n\",\"n\":3,\"t\":$(minute_ago 20)}]}"
    wait_for counted_are rejected 1
    [ "$(refused)" -eq 2 ]
    [ "$(in_database 'SELECT count(*) FROM rejected WHERE payload LIKE "%b1%"')" -eq 0 ]
    stepward device assign b2 p1 --from 2020-01-01
    stepward rejected --retry
    wait_for all_rows_are_gone
    publish log '{"p":[{"id":"b1","k":"s","n":130},{"id":"b2","k":"s","n":7}]}'
    wait_for steps_stored_are 30 p1
    [ "$(all_rows p1 | awk -F, 'END { print $17 }')" = 3 ]
    [ "$(in_database 'SELECT count(*) FROM total')" -eq 4 ]
}

@test "kill -9 again and again while messages are taken once more: each reading once" {
    local kill
    freeze_time
    start_gateway
    feed <(minutes_of_p1)
    wait_for counted_are rejected "$MINUTES"
    stepward patient add p1
    stop_gateway
    [[ "$(stepward rejected --retry)" == "marked $MINUTES: the gateway takes them when it starts" ]]
    for ((kill = 0; kill < KILLS; kill++)); do
        # Turn about, before and after the commit of what was taken.
        launch_gateway
        pause "0.$((RANDOM % 10))"
        end gateway KILL || :
    done
    start_gateway
    wait_for all_rows_are_gone
    stop_gateway
    count_steps $((MINUTES * 1225 / 50)) p1
    count_difference "$MINUTES" "$(counted messages)"
    tell_fault "kill -9 while refused messages are retried" "at random moments" \
        "$KILLS" retry
    nothing_is_lost_or_doubled
}

@test "killed at the commit of what was taken once more, before and after it" {
    local point
    freeze_time
    start_gateway
    feed <(steps_at 30 40 | lines p1)
    wait_for counted_are rejected 1
    stepward patient add p1
    stop_gateway
    stepward rejected --retry
    for point in in_transaction after_commit; do
        start gateway env STEPWARD_FAULT="$point:1" \
            "$STEPWARD_BIN/stepward-gateway-faults" -c "$CONFIG"
        wait_for gateway_ended
        [ "$(end gateway || echo $?)" = 137 ]
    done
    start_gateway
    wait_for all_rows_are_gone
    steps_stored_are 40 p1
    counted_are messages 1
}
gateway_ended() { ! is_running gateway; }
