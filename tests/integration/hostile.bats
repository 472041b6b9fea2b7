#!/usr/bin/env bats
# hostile.bats -- broken and hostile messages, and floods of them: each is counted once
# and refused with a reason, and those of others are stored and judged in time.
#
# FAULT_TRIES: thousands of messages of a flood.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/faults

THOUSANDS=${FAULT_TRIES:-10}
OTHERS=(q1 q2 q3 q4 q5)
IN_TIME_S=45           # for a reading of somebody else during a flood, sanitizers and all
MEMORY_MAX_KB=49152    # of the gateway, at its highest: half of what systemd gives it
REJECTED_BYTES_MAX=$((16 * 1024 * 1024))

setup() {
    clinic_open
    start_broker
    LOST=0 DOUBLED=0 SENT=0 GOOD=0
}
teardown() { clinic_close; }

# ---- counting ----

counted() { stepward status --format json | jq -r ".[0].$1"; }
has_counted() { [ "$(counted "$1")" -ge "$2" ]; }
in_database() { sqlite3 "file:$DATA/stepward.db?mode=ro" "$1"; }

# send_good PATIENT: one step of a minute of its own.
send_good() {
    GOOD=$((GOOD + 1)) SENT=$((SENT + 1))
    send_steps "$1" "$(steps_at "$GOOD" 1)"
}
# hostile TOPIC FORMAT [VALUE…]: as printf writes it, and a good reading right behind it.
hostile() {
    # shellcheck disable=SC2059 # the payload is a format
    printf "${@:2}" | mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$1" -s
    SENT=$((SENT + 1))
    send_good p1
}
# Each message was counted once, and no good one is missing or counted twice.
all_are_accounted_for() {
    wait_for has_counted messages "$SENT"
    wait_for steps_stored_are "$GOOD" p1
    count_difference "$SENT" "$(counted messages)"
    count_steps "$GOOD" p1
    nothing_is_lost_or_doubled
    reasons_are_lines
}
reasons_are_lines() {
    [ -z "$(in_database "SELECT why FROM rejected WHERE why = '' OR why LIKE '%' || char(10) || '%'")" ]
}

spaces() { printf "%$1s" ''; }
nested() { printf "%$1s" '' | tr ' ' '['; }

# ---- single messages ----

@test "no bytes that a device can send stop what comes after them" {
    write_config
    stepward patient add p1
    start_gateway
    freeze_time
    local steps=$ROOT/patient/p1/steps pain=$ROOT/patient/p1/pain topic
    for topic in "$steps" "$pain"; do
        hostile "$topic" '\0'
        hostile "$topic" '{"start":1,"steps":1}\0'
        hostile "$topic" '{"device":"a\\u0000b"}'
        hostile "$topic" '{"device":"\xff\xfe"}'
        hostile "$topic" '{"device":"\xed\xa0\x80"}'
        hostile "$topic" '\xef\xbb\xbf{}'
        hostile "$topic" '{"device":"\x01\x1b[2J\r\n"}'
        hostile "$topic" '\x1f\x8b\x08\x00garbage'
        hostile "$topic" '{"a":%s' "$(nested 5000)"
        hostile "$topic" "$(nested 65536)"
        hostile "$topic" '{"start":1,'
        hostile "$topic" '[{"steps":1}'
        hostile "$topic" 'NaN'
        hostile "$topic" '{"steps":%s}' "$(printf '9%.0s' {1..400})"
        hostile "$topic" '%65536s' ''
        hostile "$topic" '%65537s' ''
        hostile "$topic" '%200000s' ''
    done
    all_are_accounted_for
    [ "$(counted rejected)" -eq $((SENT - GOOD)) ]
    [ "$(in_database "SELECT count(*) FROM rejected WHERE refusal = 'size'")" -eq 4 ]
    # Exactly 64 KiB are read. 1 MiB is more than the gateway lets the broker send.
    printf '%65536s' "$(steps_at 999 1)" | mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$steps" -s
    spaces 1048576 | mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$steps" -s
    send_steps p1 "$(steps_at 998 1)"
    wait_for steps_stored_are $((GOOD + 2)) p1
    tell_fault 'broken payloads' 'not JSON, not UTF-8, NUL, too deep, too large' \
        "$((SENT - GOOD))" hostile
}

# One field has the value, the others are right.
every_type_in_every_field() {
    local field value good=0
    local fields=(start seconds steps at total device worn battery score flare)
    local values=(0 -0 1 -1 0.5 1e400 -1e400 1e-400 256 90001 2147483648 4294967296
        9007199254740993 18446744073709551616 null true false '""' '"37"' '"ä"'
        '"1970-01-01T00:00:00Z"' '"2106-02-07T06:28:15Z"' '[]' '[0]' '[null]' '[[]]'
        '[1e400]' '{}' '{"steps":1}')
    for field in "${fields[@]}"; do
        for value in "${values[@]}"; do
            printf '%s/patient/p2/steps\t{"%s":%s,"x":0}\n' "$ROOT" "$field" "$value"
            printf '%s/patient/p2/steps\t{"%s":%s,"start":%s,"steps":0}\n' "$ROOT" \
                "$field" "$value" "$(minute_ago 5)"
            printf '%s/patient/p2/steps\t[{"%s":%s,"at":%s,"total":5}]\n' "$ROOT" \
                "$field" "$value" "$(minute_ago 5)"
            printf '%s/patient/p2/pain\t{"%s":%s,"score":1}\n' "$ROOT" "$field" "$value"
        done
        good=$((good + 1))
        printf '%s/patient/p1/steps\t%s\n' "$ROOT" "$(steps_at "$good" 1)"
    done
}

@test "every type in every field is taken or refused, and the clocks of 1970 and 2106" {
    MAX_AGE=31d
    write_config
    stepward patient add p1
    stepward patient add p2
    start_gateway
    freeze_time
    every_type_in_every_field >"$CLINIC/messages"
    GOOD=10 # one for each field
    SENT=$(wc -l <"$CLINIC/messages")
    feed "$CLINIC/messages"
    all_are_accounted_for
    local rejected before at
    rejected=$(counted rejected)
    [ "$rejected" -gt $((SENT / 4)) ] # odd side fields are left out
    before=$(all_rows p2)
    for at in 0 60 86400 4294967295 4294967296 253402300800 1 4294967295000 \
        '"1970-01-01T00:00:00Z"' '"2106-02-07T06:28:15Z"' '"9999-12-31T23:59:59Z"'; do
        hostile "$ROOT/patient/p2/steps" '{"start":%s,"steps":[9,9]}' "$at"
        hostile "$ROOT/patient/p2/steps" '{"at":%s,"total":9}' "$at"
        hostile "$ROOT/patient/p2/pain" '{"at":%s,"score":9}' "$at"
    done
    all_are_accounted_for
    [ "$(counted rejected)" -eq $((rejected + 33)) ]
    [ "$(all_rows p2)" = "$before" ]
    tell_fault 'broken fields' 'every JSON type in every field; clocks of 1970, 2106' \
        "$((SENT - GOOD))" hostile
}

# raw_publish TOPIC: as printf writes it; a client that keeps to no rule but MQTT 3.1.1's
# framing. Returns when the broker has closed the connection.
raw_publish() {
    local topic=$1 payload='{"steps":1}' n
    # shellcheck disable=SC2059 # the topic is a format
    n=$(printf "$topic" | wc -c)
    exec 9<>"/dev/tcp/127.0.0.1/$PORT"
    {
        printf '\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05rawer'
        # shellcheck disable=SC2059 # lengths, then the topic
        printf "\\x30\\x$(printf %02x $((2 + n + ${#payload})))\\x00\\x$(printf %02x "$n")"
        # shellcheck disable=SC2059 # the topic is a format
        printf "$topic"
        printf '%s\xe0\x00' "$payload"
    } >&9 2>/dev/null || :
    timeout "$DEADLINE_S" cat <&9 >/dev/null || :
    exec 9>&-
}

@test "no topic stops what comes after it" {
    write_config
    stepward patient add p1
    start_gateway
    freeze_time
    local long id
    printf -v long '%036d' 7
    for id in '' ' ' 'Jane Doe' 'ä' 'a$b' "${long}8" "$(printf 'x%.0s' {1..9000})"; do
        hostile "$ROOT/patient/$id/steps" '{"steps":1}'
    done
    all_are_accounted_for
    [ "$(in_database "SELECT count(*) FROM rejected WHERE refusal = 'topic'")" -eq 7 ]
    # Most of these end at the broker, which must not be the gateway's only protection:
    # its own decoder is fuzzed with all of them.
    for id in 'p\x001' '\x00' 'p\x01' 'p\x1b[2J' 'p\x7f' 'p\xff' '\xed\xa0\x80' \
        '\xef\xbf\xbf' 'p\x0a1'; do
        raw_publish "$ROOT/patient/$id/steps"
        send_good p1
    done
    wait_for steps_stored_are "$GOOD" p1
    reasons_are_lines
    run ! grep -q $'\x1b' "$CLINIC/gateway.log"
    tell_fault 'broken topics' 'empty, too long, not ids; NUL and control characters' \
        16 hostile
}

@test "ids of the greatest length go all the way, to an alert and its acknowledgement" {
    local patient device therapist topic
    printf -v patient 'p%035d' 1
    printf -v device 'd%035d' 2
    printf -v therapist 't%035d' 3
    write_config
    stepward patient add "$patient" --therapist "$therapist" --rest-limit 1h
    start_gateway
    subscribe anna "$ROOT/alerts/#"
    send_steps "$patient" "$(still 90 0 | jq -c ".device = \"$device\"")"
    wait_for has_seen_alert anna ".patient == \"$patient\" and .state == \"open\""
    topic=$ROOT/alerts/$therapist/$patient/rest
    publish "$topic/set" '{"action":"ack","by":"anna"}'
    wait_for has_seen_alert anna '.state == "acknowledged"'
    [ "$(in_database 'SELECT id FROM device')" = "$device" ]
}

# ---- floods ----

peak_kb() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$(pid_of gateway)/status"; }
# AddressSanitizer keeps what was freed: no measure.
is_measurable() { ! grep -q 'lib[at]san' "/proc/$(pid_of gateway)/maps"; }
memory_is_bounded() {
    ! is_measurable || [ "$(peak_kb)" -le "$MEMORY_MAX_KB" ]
}
rejected_is_bounded() {
    [ "$(in_database 'SELECT count(*) FROM rejected')" -le 10000 ] &&
        [ "$(in_database 'SELECT coalesce(sum(length(payload)), 0) FROM rejected')" -le \
            "$REJECTED_BYTES_MAX" ]
}

# THOUSANDS of seconds with a step each, one a message; every tenth is broken.
flood_of_seconds() {
    awk -v topic="$ROOT/patient/flood/steps" -v n=$((THOUSANDS * 1000)) \
        -v now="$NOW_S" 'BEGIN {
        for (i = 1; i <= n; i++)
            printf "%s\t{\"start\":%d,\"seconds\":1,\"steps\":%s}\n", topic, now - i,
                i % 10 ? 1 : "oops"
    }'
}
# As many readings, of as many devices; of one day, in no order; again and again.
flood_of_devices() {
    awk -v topic="$ROOT/patient/flood/steps" -v n="$THOUSANDS" -v now="$NOW_S" 'BEGIN {
        for (i = 0; i < n; i++) {
            printf "%s\t[", topic
            for (k = 0; k < 1000; k++)
                printf "%s{\"start\":%d,\"steps\":0,\"device\":\"d%d\"}", k ? "," : "",
                    now - 600, 1000 * i + k
            print "]"
        }
    }'
}
flood_of_spans() {
    awk -v topic="$ROOT/patient/flood/steps" -v n="$THOUSANDS" -v now="$NOW_S" 'BEGIN {
        srand(7)
        for (i = 0; i < n; i++) {
            printf "%s\t[", topic
            for (k = 0; k < 1000; k++)
                printf "%s{\"start\":%d,\"seconds\":%d,\"steps\":0}", k ? "," : "",
                    now - 3600 - int(rand() * 9000), 1 + int(rand() * 3000)
            print "]"
        }
    }'
}
flood_of_batches() {
    local i batch
    # shellcheck disable=SC2046 # one word a minute
    batch=$(batch "$(minute_ago 1500)" $(minutes_of 1440 1))
    for ((i = 0; i < THOUSANDS * 10; i++)); do
        printf '%s\t%s\n' "$ROOT/patient/again/steps" "$batch"
    done
}

# Others say a step each while it comes, and one of them has rested too long.
others_go_on() {
    local patient least=$((GOOD + 3))
    send_steps rest "$(still 90 0)"
    while [ "$GOOD" -lt "$least" ] || kill -0 "$1" 2>/dev/null; do
        GOOD=$((GOOD + 1))
        for patient in "${OTHERS[@]}"; do
            send_steps "$patient" "$(steps_at "$GOOD" 1)"
        done
        SENT=$((SENT + ${#OTHERS[@]}))
        wait_for -t "$IN_TIME_S" steps_stored_are "$GOOD" "${OTHERS[4]}"
    done
    wait_for -t "$IN_TIME_S" has_seen_alert anna '.patient == "rest" and .state == "open"'
}

# flooded KIND: it is sent at full speed; all of it is counted, and nobody is harmed.
flooded() {
    local pid patient
    "flood_of_$1" >"$CLINIC/messages"
    SENT=$((SENT + $(wc -l <"$CLINIC/messages") + 1))
    feed "$CLINIC/messages" 3>&- &
    pid=$!
    others_go_on "$pid"
    wait "$pid"
    wait_for -t 300 has_counted messages "$SENT"
    count_difference "$SENT" "$(counted messages)"
    for patient in "${OTHERS[@]}"; do count_steps "$GOOD" "$patient"; done
    rejected_is_bounded
    memory_is_bounded
    echo "$1: peak $(peak_kb) kB"
}

open_flooded_clinic() {
    local patient
    write_config
    for patient in flood again "${OTHERS[@]}"; do stepward patient add "$patient"; done
    stepward patient add rest --therapist anna --rest-limit 1h
    start_gateway
    subscribe anna "$ROOT/alerts/#"
    freeze_time
}

tell_flood() { # HOW
    nothing_is_lost_or_doubled
    tell_fault 'flood from one device' "$1" "$(wc -l <"$CLINIC/messages")" hostile
}

@test "a flood of messages from one device: every one is counted, and others go on" {
    open_flooded_clinic
    flooded seconds
    wait_for steps_stored_are $((THOUSANDS * 900)) flood
    count_steps $((THOUSANDS * 900)) flood
    tell_flood 'one message a second of the past, a tenth broken, at full speed'
}

@test "a flood of devices, of readings, of repetitions has an end, and others go on" {
    open_flooded_clinic
    flooded devices
    [ "$(in_database 'SELECT count(*) FROM device WHERE patient =
        (SELECT key FROM patient WHERE id = "flood")')" -le 256 ]
    [ "$(in_database "SELECT refusal FROM rejected LIMIT 1")" = flood ]
    tell_flood 'messages of 1000 devices each, at full speed'
    flooded spans
    tell_flood 'messages of 1000 overlapping readings each, in no order'
    flooded batches
    wait_for steps_stored_are 1440 again
    count_steps 1440 again
    tell_flood 'the same batch of 1440 minutes, again and again'
}

@test "strangers are refused, or enrolled, without end to those who are known" {
    write_config
    stepward patient add p1
    start_gateway
    freeze_time
    awk -v root="$ROOT" -v n=$((THOUSANDS * 200)) -v at="$(minute_ago 3)" 'BEGIN {
        for (i = 0; i < n; i++)
            printf "%s/patient/stranger%d/steps\t{\"start\":%d,\"steps\":1}\n", root, i, at
    }' >"$CLINIC/messages"
    SENT=$(wc -l <"$CLINIC/messages")
    feed "$CLINIC/messages"
    send_good p1
    all_are_accounted_for
    [ "$(counted rejected)" -eq $((SENT - 1)) ]
    rejected_is_bounded
    [ "$(stepward patient list --format csv | tail -n +2 | wc -l)" -eq 1 ]

    stop_gateway
    write_config 'auto_enroll = true'
    start_gateway
    feed "$CLINIC/messages"
    SENT=$((2 * SENT - 1))
    send_good p1
    all_are_accounted_for
    # With p1, of whom two steps are known, there are 5000 patients at most.
    count_steps $((THOUSANDS * 200 < 5000 ? THOUSANDS * 200 + 2 : 5001))
    memory_is_bounded
    nothing_is_lost_or_doubled
    tell_fault 'strangers' 'messages of unknown patients, refused and then enrolled' \
        "$SENT" hostile
}
