#!/usr/bin/env bats
# payloads.bats -- what other devices send, each by the section that the README shows.
load ../lib/clinic
load ../lib/readings

setup() { clinic_open; }
teardown() { clinic_close; }

@test "every payload works by its section, and the README's table says so" {
    local table=$STEPWARD_SOURCE/tests/lib/payload-table
    "$table" "$STEPWARD_BIN" "$STEPWARD_SOURCE/tests/payloads" >"$CLINIC/table"
    diff <(sed -n '/^| payload | works by/,/^$/p' "$STEPWARD_SOURCE/README.md" | sed '$d') \
        "$CLINIC/table"
}

try_source() { # CODE NAME ARGUMENT…: with the payload on standard input
    local code=$1
    shift
    run stepward source try "$@"
    echo "source try $*: $status"
    echo "$output"
    [ "$status" -eq "$code" ]
}

@test "a section is tried as part of its configuration: what others take, and what never comes" {
    write_config \
        'source log { topic = "log/{patient}"  each = ""  when = "/k=s"  total = "/n" }' \
        'source note { topic = "log/{patient}"  each = ""  when = "/k=n"  kind = "pain"' \
        '  score = "/n"  map { single = 2 } }' \
        'source late { topic = "+/{patient}"  each = ""  when = "/k=s"  total = "/n" }' \
        "source own { topic = \"$ROOT/patient/{patient}/steps\"  total = \"/n\" }"
    try_source 0 log <<<'[{"k":"s","n":5},{"k":"n","n":"single"},{"k":"s"}]'
    [[ $output == *'1 of 2 items say nothing: [2]: nothing at "/n"'* ]]
    [[ $output == *'source note has the same topic, and takes 1 of it'* ]]
    [[ $output != *'source late'* ]]
    try_source 0 note --topic log/p1 <<<'[{"k":"n","n":"hold"}]'
    [[ $output == *'no data: [0]: the map lacks "hold"'* ]]
    [[ $output == *'source log has the same topic, and takes 0 of it'* ]]
    try_source 1 late --topic log/p1 <<<'[{"k":"s","n":5}]'
    [[ $output == *'source late never sees log/p1: source log stands before it, and its topic log/{patient} takes it'* ]]
    try_source 0 late --topic x/p1 <<<'[{"k":"s","n":5}]'
    try_source 1 own --topic "$ROOT/patient/p1/steps" <<<'{"n":5}'
    [[ $output == *"source own never sees $ROOT/patient/p1/steps: it is a topic of Stepward's own"* ]]
}

# The way through the gateway: two sections of one topic, devices that the payload names.
@test "an array of mixed sensors becomes steps of one patient and pain of another" {
    start_broker
    write_config \
        'source log { topic = "sensor-logger"  each = "/payload"  at = "/time"' \
        '  when = "/name=pedometer"  device = "^/deviceId"  total = "/values/steps" }' \
        'source note { topic = "sensor-logger"  each = "/payload"  at = "/time"' \
        '  when = "/name=annotation"  device = "^/deviceId"  kind = "pain"' \
        '  score = "/values/text" }'
    freeze_time
    stepward patient add p1
    stepward device assign w-1 p1 --from 2020-01-01
    start_gateway
    local from to
    from=$(minute_ago 30) to=$(minute_ago 20)
    publish sensor-logger "{\"deviceId\":\"w 1\",\"payload\":[
        {\"name\":\"pedometer\",\"time\":${from}000000000,\"values\":{\"steps\":100}},
        {\"name\":\"annotation\",\"time\":${to}000000000,\"values\":{\"text\":\"4\"}},
        {\"name\":\"pedometer\",\"time\":${to}000000000,\"values\":{\"steps\":160}}]}"
    wait_for steps_stored_are 60 p1
    [ "$(all_rows p1 | awk -F, 'END { print $17 }')" = 4 ]
    publish sensor-logger "{\"deviceId\":\"w 2\",\"payload\":[
        {\"name\":\"pedometer\",\"time\":${to}000000000,\"values\":{\"steps\":5}}]}"
    wait_for is_refused 'nobody wore w-2'
    [ "$(refusals | tail -n +2 | wc -l)" -eq 1 ]
    # What the pointers miss beside what they find is counted, and told.
    publish sensor-logger "{\"deviceId\":\"w 1\",\"payload\":[
        {\"name\":\"pedometer\",\"time\":${to}000000000,\"values\":{\"steps\":160}},
        {\"name\":\"pedometer\",\"time\":${to}000000000,\"values\":{\"count\":9}}]}"
    wait_for misses_are 1
    stepward status --format json |
        jq -e '.[0].missed | test("^source log: 1 of 2 items since .*: .1.: nothing at \"/values/steps\": see `stepward source try log < payload`$")'
}
misses_are() { [ "$(stepward status --format json | jq '.[0].items_missed')" -eq "$1" ]; }
is_refused() { refusals | grep -q "$1"; }

# A phone that counts, but says nothing by itself.
@test "a device that must be asked is asked, and what it answers is stored" {
    start_broker
    write_config \
        'source own { topic = "owntracks/{patient}/{device}/step"  steps = "/steps"' \
        '  from = "/from"  to = "/to"  ask { topic = "owntracks/p1/phone/cmd"  every = "1m"' \
        "    payload = '{\"_type\":\"cmd\",\"action\":\"reportSteps\",\"from\":\$from,\"to\":\$to}' } }"
    stepward patient add p1
    subscribe asked owntracks/p1/phone/cmd
    start_gateway
    wait_for is_asked
    jq -es '.[0] | .action == "reportSteps" and .from < .to and .to % 60 == 0' \
        <<<"$(seen_payloads asked)"
    publish owntracks/p1/phone/step \
        "$(jq -cs '.[0] | {_type: "steps", steps: 40, from: (.to - 60), to}' <<<"$(seen_payloads asked)")"
    wait_for steps_stored_are 40 p1
    stepward site --rights | grep -qx 'topic write owntracks/p1/phone/cmd'
}
is_asked() { [ -n "$(seen_payloads asked)" ]; }
