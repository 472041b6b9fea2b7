#!/usr/bin/env bats
# fault_points.bats -- kill -9 aimed at each place where it could hurt: between a
# message, its acknowledgement, the database, and what the therapist is told.
#
# A round kills one patient's life at each point, with a commit interval and a pass of
# the point that change from round to round; FAULT_TRIES rounds. Its first life is
# undisturbed, and all others must come out like it.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

ROUNDS=${FAULT_TRIES:-1}
STARTS_ARMED=2 # it is killed once more while it makes good for the first time

setup() {
    clinic_open
    start_broker
    TOLD=$CLINIC/told
    shut_folders
    mkdir "$CLINIC/notify.d"
    cat >"$CLINIC/notify.d/teller" <<SH
#!/bin/sh
echo "\$STEPWARD_ALERT_PATIENT \$STEPWARD_ALERT_STATE" >>"$TOLD"
SH
    chmod 755 "$CLINIC/notify.d/teller"
    write_config "notify { run = \"$CLINIC/notify.d\" }"
    KILLED=0 CRASHED=0 ODD=0 LOST=0 DOUBLED=0
}
teardown() { clinic_close; }

points() { STEPWARD_FAULT=list "$STEPWARD_BIN/stepward-gateway-faults"; }

# Which passes of a point a life surely reaches; one of them a round.
passes_of() {
    case $1 in
    after_append) echo 1 7 30 32 ;;
    in_transaction | after_commit | after_trim) echo 1 2 3 ;;
    *_compaction) echo 1 ;;
    *) echo 1 2 ;; # an alert opens, and closes
    esac
}
pass_of() { # POINT ROUND
    local passes
    read -ra passes < <(passes_of "$1")
    echo "${passes[$(($2 % ${#passes[@]}))]}"
}

launch_armed() {
    start gateway env STEPWARD_FAULT="$1" "$STEPWARD_BIN/stepward-gateway-faults" \
        -c "$CONFIG"
}
gateway_ended() { ! is_running gateway; }
# Notes how it ended: by the fault, or by itself, which is a crash.
bury_gateway() {
    local code=0
    end gateway || code=$?
    case $code in
    0) ;;
    137)
        KILLED=$((KILLED + 1))
        deaths=$((deaths + 1))
        ;;
    *) CRASHED=$((CRASHED + 1)) ;;
    esac
}

# tends FAULT COMMAND…: true if it is; meanwhile a gateway that was killed starts again.
tends() {
    local fault=$1
    shift
    if gateway_ended; then
        bury_gateway
        if [ "$deaths" -lt "$STARTS_ARMED" ]; then
            launch_armed "$fault"
        else
            launch_gateway
        fi
    fi
    "$@"
}

# ---- the inbox is made smaller by copying its rest: only in a flood ----

# Messages of 32 KB. A commit forgets 4 MiB of them, the first one perhaps less: whichever
# that was, one comes after which as much is forgotten as is left, and something is left.
FLOOD=275

# The first minute again and again, in messages as long as a gateway takes them.
flood() {
    local i at pad
    at=$(minute_ago $((100 + MINUTES_BEFORE)))
    pad=$(printf '%032000d' 0)
    for ((i = 0; i < FLOOD; i++)); do
        echo "{\"start\":$at,\"steps\":[40],\"pad\":\"$pad\"}"
    done | lines "$1"
}

inbox_holds() { [ "$(stat -c %s "$DATA/inbox")" -ge "$1" ]; }

# The database is held by another hand until the flood is in the inbox.
flood_inbox() {
    wait_for status_is online
    [ -e "$CLINIC/hold" ] || mkfifo "$CLINIC/hold"
    start holder sqlite3 "$DATA/stepward.db" ".timeout 10000" "BEGIN IMMEDIATE;" \
        ".system echo held" ".system cat $CLINIC/hold"
    wait_for grep -q held "$CLINIC/holder.log"
    feed <(flood "$1")
    wait_for inbox_holds $((FLOOD * 32000))
    : >"$CLINIC/hold"
    wait "$(pid_of holder)"
    rm "$CLINIC/holder.log" "$CLINIC/pids/holder"
}

# The clinic's program was told of it, at least once.
is_told() { grep -qx "$1 $2" "$TOLD"; }
all_are_told() {
    local patient
    for patient in "$@"; do is_told "$patient" open && is_told "$patient" closed || return; done
}

# A life in which the gateway is killed at POINT:PASS.
disturbed_life() {
    local patient=$1 fault=$2 deaths=0
    launch_armed "$fault"
    case $fault in *_compaction:*) flood_inbox "$patient" ;; esac
    feed <(life_rests "$patient")
    wait_for tends "$fault" alert_is "$patient" open
    wait_for tends "$fault" is_told "$patient" open
    feed <(life_walks "$patient")
    wait_for tends "$fault" alert_is "$patient" closed
    wait_for tends "$fault" is_told "$patient" closed
    bury_gateway # it may be killed as it ends
    [ "$deaths" -gt 0 ] || {
        echo "$patient: $fault was never reached"
        return 1
    }
}

undisturbed_life() {
    launch_gateway
    feed <(life_rests "$1")
    wait_for alert_is "$1" open
    feed <(life_walks "$1")
    wait_for alert_is "$1" closed
    stop_gateway
    steps_stored_are "$LIFE_STEPS" "$1"
}

round() {
    local round=$1 point i=$1 patient patients=()
    freeze_time
    for point in undisturbed $(points); do patients+=("$point-$round"); done
    for patient in "${patients[@]}"; do add_patient "$patient"; done
    undisturbed_life "undisturbed-$round"
    for point in $(points); do
        commit_every "${INTERVALS[i++ % ${#INTERVALS[@]}]}"
        disturbed_life "$point-$round" "$point:$(pass_of "$point" "$round")"
    done
    start_gateway
    wait_for lives_are_told "${patients[@]}" || :
    wait_for all_are_told "${patients[@]}"
    stop_gateway
    count_steps "$LIFE_STEPS" "${patients[@]}"
    count_alerts 1 "${patients[@]}"
    for patient in "${patients[@]}"; do
        life_is_like "$patient" "undisturbed-$round" || ODD=$((ODD + 1))
    done
}

@test "killed at any of the points: every step is stored once, every alert is told" {
    local round
    # From now on the broker keeps what the gateway misses.
    start_gateway
    stop_gateway
    subscribe anna "$ROOT/alerts/anna/#"
    for ((round = 0; round < ROUNDS; round++)); do round "$round"; done
    tell_fault "kill -9 of the gateway at $(points | wc -l) points of its work" \
        "a switch in test builds" "$KILLED" fault_points
    nothing_is_lost_or_doubled
    [ "$ODD" -eq 0 ]
    [ "$CRASHED" -eq 0 ]
    [ -z "$(refusals | tail -n +2)" ]
}

@test "a point that there is not, and a pass that is none, are errors" {
    local fault
    for fault in nowhere:1 after_append after_append:0 after_append:1x after_append:; do
        if STEPWARD_FAULT=$fault "$STEPWARD_BIN/stepward-gateway-faults" --version; then
            return 1
        fi
    done
    STEPWARD_FAULT=after_append:1 "$STEPWARD_BIN/stepward-gateway-faults" --version
    ! grep -q STEPWARD_FAULT "$STEPWARD_BIN/stepward-gateway"
}
