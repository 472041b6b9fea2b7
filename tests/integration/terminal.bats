#!/usr/bin/env bats
# terminal.bats -- what people see on a terminal of 80 columns: no line is longer, and a
# column that is left out is named. A pipe gets all.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

# on_terminal COLUMNS COMMAND…: as `script` shows it; with $WANTED in COLUMNS, which the
# shell would set by itself.
on_terminal() {
    local width=$1 words
    shift
    words=$(printf '%q ' env ${WANTED:+"COLUMNS=$WANTED"} "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@")
    NO_COLOR=1 script -qec "stty cols $width rows 50; $words" /dev/null </dev/null | tr -d '\r'
}
is_narrow() { # FILE COLUMNS
    local widest
    widest=$(LC_ALL=C.UTF-8 wc -L <"$1")
    [ "$widest" -le "$2" ] || { echo "$widest columns wide:"; cat "$1"; return 1; }
}

LISTINGS=(today 'today --therapist anna' summary 'summary --days 14' 'patient list'
    'patient show p1' 'patient show long' alerts 'alerts --all' 'alerts --stats' digest rejected
    status incidents 'explain p1' 'explain long' 'minutes p1' 'device list --all'
    'plan suggest p1' site 'site p1' 'site long' 'replay --always'
    'replay --always --by event' 'replay --always --by patient'
    'replay --always --by therapist')

# p1 with names, alerts, pain; a patient and a therapist with the longest ids; refused
# messages; a device.
LONG=p0123456789.p0123456789-p0123456789x
fill() {
    freeze_time
    stepward patient add p1 --name 'Anna-Maria Sönnichsen-Oberhauser' --therapist anna \
        --rest-limit 1h --goal 6000 --floor 3000 --ceiling 9000
    stepward patient add p2 --name 山田太郎さん --therapist anna
    stepward patient add "$LONG" --name Wolfeschlegelsteinhausenbergerdorff \
        --therapist dr.johannes-von-und-zu-guttenberg.01
    stepward device assign F8A45F123456 "$LONG"
    start_gateway
    send_steps p1 "$(batch "$(minute_ago 100)" 80 80 80)"
    send_steps p1 "$(still 70 0)"
    send_steps p1 'nonsense, which is no JSON, but has blanks'
    send_steps nobody "$(batch "$(minute_ago 100)" 80)"
    publish "$ROOT/patient/p1/pain" '{"score":8.5,"flare":true}'
    publish "$ROOT/patient/$LONG/pain" '{"score":9}'
    wait_for steps_stored_are 240
    wait_for alerts_are 3
    wait_for refused_are 2
}
alerts_are() { [ "$(stepward alerts --format csv | tail -n +2 | wc -l)" -eq "$1" ]; }
refused_are() { [ "$(stepward rejected --format csv | tail -n +2 | wc -l)" -eq "$1" ]; }

@test "no line of any listing is longer than a terminal of 80 columns" {
    fill
    local listing
    for listing in "${LISTINGS[@]}"; do
        echo "stepward $listing"
        # shellcheck disable=SC2086 # words of the command
        on_terminal 80 ${listing/long/$LONG} >"$CLINIC/seen"
        grep -q . "$CLINIC/seen"
        is_narrow "$CLINIC/seen" 80
    done
}

# What the heading of the wide table says is in that of the narrow one, or named below.
nothing_is_lost() {
    local title seen
    seen=$(tr -s ' \n' '  ' <"$CLINIC/seen")
    while read -r title; do
        if [[ $seen != *"left out: "*"$title"* ]]; then
            for word in $title; do
                head -n 8 "$CLINIC/seen" | grep -qF -- "$word" || { echo "lost: $title"; return 1; }
            done
        fi
    done < <(sed -n "$1" "$CLINIC/wide" | sed 's/  \+/\n/g')
}

@test "a column that is left out is named, and --wide and a pipe have it" {
    fill
    local listing line
    # the line of the heading behind each
    for listing in today:2 summary:2 'patient list:1' alerts:1 rejected:1 \
        'alerts --stats:2' 'replay --always:3' site:1; do
        line=${listing##*:} listing=${listing%:*}
        echo "stepward $listing"
        # shellcheck disable=SC2086 # words of the command
        {
            on_terminal 1000 $listing >"$CLINIC/wide"
            on_terminal 80 $listing >"$CLINIC/seen"
            on_terminal 80 $listing --wide >"$CLINIC/all"
        }
        nothing_is_lost "${line}p"
        run ! grep -q '^left out: ' "$CLINIC/all" "$CLINIC/wide"
        # shellcheck disable=SC2086
        diff "$CLINIC/all" <(stepward $listing)
    done
    on_terminal 80 today | grep -q '^left out: .*therapist'
}

@test "COLUMNS is heard on a terminal, and not in a pipe" {
    fill
    WANTED=60 on_terminal 80 alerts >"$CLINIC/seen"
    is_narrow "$CLINIC/seen" 60
    COLUMNS=60 stepward alerts >"$CLINIC/seen"
    run ! grep -q '^left out: ' "$CLINIC/seen"
}

@test "no line of help is longer than 80 columns" {
    local command
    stepward --help >"$CLINIC/seen"
    is_narrow "$CLINIC/seen" 80
    "$STEPWARD_BIN/stepward-gateway" --help >"$CLINIC/seen"
    is_narrow "$CLINIC/seen" 80
    while read -r command; do
        # shellcheck disable=SC2086 # words of the command
        stepward help $command >"$CLINIC/seen"
        is_narrow "$CLINIC/seen" 80
    done < <(stepward --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\+\( \(add\|set\|show\|list\|erase\|export\|assign\|release\|suggest\|accept\)\b\)\?\).*/\1/p' | grep -v '^help$')
}

@test "an alert is acknowledged by the number of its line" {
    fill
    local id
    id=$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)
    stepward alerts | grep -q "^1  $id "
    run stepward ack 1
    [ "$status" -eq 0 ]
    [[ $output == "acknowledged $id"*": "* ]]
}
