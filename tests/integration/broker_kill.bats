#!/usr/bin/env bats
# broker_kill.bats -- the broker is killed and started again while readings flow.
#
# What the broker loses of its own is not the gateway's: judged is what the broker's log
# says that the gateway acknowledged. Every message is of a patient of its own, so that
# the log tells them apart.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/broker

TRIES=${FAULT_TRIES:-4}
EACH=50 # messages between two kills

setup() {
    clinic_open
    LOST=0 DOUBLED=0
    start_logging_broker
}
teardown() { clinic_close; }

# What was queued is on the disk after every few changes. The logs of the brokers before
# it are kept.
start_logging_broker() {
    [ ! -e "$CLINIC/broker.log" ] || cat "$CLINIC/broker.log" >>"$CLINIC/brokers"
    start_broker "autosave_on_changes true" "autosave_interval 1" "log_type all"
}

# numbered COUNT: the message of patient kN holds N steps, up to 200 in turn.
numbered() {
    local i
    for ((i = 1; i <= $1; i++)); do
        echo "$ROOT/patient/k$i/steps	$(steps_at 2000 $((i % 200 + 1)))"
    done
}
flow() { numbered "$1" | slowly | "$STEPWARD_BIN/feed" -p "$PORT"; }

# The patients whose message the gateway acknowledged: PUBLISH to it and then its PUBACK.
# A message id counts for one connection only.
acknowledged() {
    awk -v root="$ROOT" '
        / starting$/ || /New client connected .* as stepward-test/ { delete sent }
        /Sending PUBLISH to stepward-test .*patient\// {
            match($0, /m[0-9]+,/); id = substr($0, RSTART + 1, RLENGTH - 2)
            match($0, /patient\/[^\/]*\//)
            sent[id] = substr($0, RSTART + 8, RLENGTH - 9)
        }
        /Received PUBACK from stepward-test / {
            match($0, /Mid: [0-9]+/); id = substr($0, RSTART + 5, RLENGTH - 5)
            if (id in sent) print sent[id]
        }' "$CLINIC/brokers" "$CLINIC/broker.log" | sort -u
}
# patient,steps of all who have any.
stored() { all_rows | awk -F, '{ n[$1] += $3 } END { for (p in n) print p "," n[p] }'; }

# Into LOST and DOUBLED: patients acknowledged and not stored, and steps too many.
count_messages() {
    local patient steps
    stored | sort >"$CLINIC/stored"
    LOST=$(comm -23 <(acknowledged) <(cut -d, -f1 "$CLINIC/stored" | sort) | wc -l)
    while IFS=, read -r patient steps; do
        [ "$patient" = last ] || [ "$steps" -eq $((${patient#k} % 200 + 1)) ] || DOUBLED=$((DOUBLED + 1))
    done <"$CLINIC/stored"
}
# What the broker has queued for the gateway comes in order, so that nothing is left of it
# once a message published after all others is stored.
is_drained() { stored | grep -q '^last,'; }

@test "what the gateway acknowledged is stored once, however often the broker is killed" {
    local n=$((TRIES * EACH)) round
    write_config "auto_enroll = true"
    start_gateway
    start feeder flow "$n"
    for ((round = 0; round < TRIES; round++)); do
        pause "0.$((RANDOM % 5 + 3))"
        end broker KILL || :
        start_logging_broker
    done
    fed
    wait_for status_is_well
    send_steps last "$(steps_at 2000 1)"
    wait_for is_drained
    [ "$(wc -l < <(acknowledged))" -gt $((n / 2)) ] # or it proves nothing
    count_messages
    tell_fault "broker killed" "kill -9 while readings flow" "$TRIES" broker_kill
    nothing_is_lost_or_doubled
}
