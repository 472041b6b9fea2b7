#!/usr/bin/env bats
# kill_test.bats -- kill -9 at random moments, while messages come at full speed and
# alerts open and close: nothing acknowledged is lost, nothing is counted twice.
#
# A round has two kills: one while it starts, with a backlog, and one at work. Meanwhile
# one patient begins to rest and the one of the round before walks again.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

WALKERS=(p1 p2 p3 p4)
KILLS=${FAULT_TRIES:-12}
MINUTES=1500 # a walker and round: more than the gateway takes in before it is killed

setup() {
    clinic_open
    start_broker
    write_config
    LOST=0 DOUBLED=0
    local patient
    for patient in "${WALKERS[@]}"; do stepward patient add "$patient"; done
}
teardown() { clinic_close; }

# A round's minutes, from $1 on, of all walkers: each minute is sent once.
minutes_walked() {
    awk -v from="$1" -v n="$MINUTES" -v root="$ROOT" -v names="${WALKERS[*]}" 'BEGIN {
        k = split(names, name, " ")
        for (i = 0; i < n; i++)
            for (j = 1; j <= k; j++)
                printf "%s/patient/%s/steps\t{\"start\":%d,\"steps\":%d}\n",
                    root, name[j], from + 60 * i, (from / 60 + i) % 201
    }'
}
steps_walked() { # by each
    awk -F '"steps":' -v k="${#WALKERS[@]}" '{ n += $2 } END { print n / k }' \
        "$CLINIC"/round-*.lines
}

send_round() {
    minutes_walked $((FIRST + 60 * MINUTES * $1)) >"$CLINIC/round-$1.lines"
    feed "$CLINIC/round-$1.lines" 3>&- &
    sending=$!
}

pause_up_to_ms() { pause "$(printf '0.%03d' $((RANDOM % $1)))"; }

rests() {
    freeze_time
    SINCE[$1]=$NOW_S
    feed <(life_rests "r$1")
}
walks() {
    NOW_S=${SINCE[$1]}
    feed <(life_walks "r$1")
}

# The moments are random, what happens between them is not.
round() {
    local round=$1 sending
    commit_every "${INTERVALS[round % ${#INTERVALS[@]}]}"
    launch_gateway
    pause_up_to_ms 400
    end gateway KILL || :
    launch_gateway
    if [ "$round" -gt 0 ]; then wait_for alert_is "r$((round - 1))" open; fi
    send_round "$round"
    if [ "$round" -gt 0 ]; then walks $((round - 1)); fi
    rests "$round"
    pause_up_to_ms 600
    end gateway KILL || :
    wait "$sending" # the broker keeps what the gateway does not take
}

all_is_told() {
    steps_stored_are $((${#WALKERS[@]} * $(steps_walked))) "${WALKERS[@]}" &&
        lives_are_told "${lives[@]}"
}

@test "kill -9 again and again at full speed: every step once, every alert told" {
    local round life lives=() rounds=$((KILLS / 2))
    declare -A SINCE
    FIRST=$(minute_ago $((MINUTES * rounds + 60)))
    for ((round = 0; round < rounds; round++)); do
        lives+=("r$round")
        add_patient "r$round"
    done
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    end gateway KILL || :
    for ((round = 0; round < rounds; round++)); do round "$round"; done

    start_gateway
    wait_for alert_is "r$((rounds - 1))" open
    walks $((rounds - 1))
    wait_for -t 120 all_is_told || :
    stop_gateway

    count_steps "$(steps_walked)" "${WALKERS[@]}"
    count_steps "$LIFE_STEPS" "${lives[@]}"
    count_alerts 1 "${lives[@]}"
    tell_fault "kill -9 of the gateway at random moments" \
        "messages at full speed, alerts opening and closing" $((2 * rounds)) kill_test
    nothing_is_lost_or_doubled
    for life in "${lives[@]}"; do [ "$(alerts_of "$life")" = "$(alerts_of r0)" ]; done
    [ -z "$(refusals | tail -n +2)" ]
}
