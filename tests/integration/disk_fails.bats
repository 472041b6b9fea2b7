#!/usr/bin/env bats
# disk_fails.bats -- a disk that is full, read-only or failing: nothing acknowledged is
# lost, it is said, once, and all goes on by itself when the disk mends.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/disk

KINDS=("EIO" "ENOSPC bytes" "EROFS" "EIO random 30" "ENOSPC" "EDQUOT" "EIO sync")
TRIES=${FAULT_TRIES:-4} # one kind after the other
MINUTES=300             # a try: a third before the disk breaks, the others while it does
REMEDY='free space|check the card'

setup() {
    clinic_open
    start_broker
    write_config
    mend_disk
    stepward patient add p1
    LOST=0 DOUBLED=0
}
teardown() { clinic_close; }

# Minutes $1 … $1 + $2 of the life of p1, each sent once.
minutes() {
    awk -v from="$FIRST" -v a="$1" -v n="$2" 'BEGIN {
        for (i = a; i < a + n; i++)
            printf "{\"start\":%d,\"steps\":%d}\n", from + 60 * i, i % 100
    }' | lines p1
}
steps_of() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) s += i % 100; print s + 0 }'; }

send_minutes() {
    minutes "$1" "$2" >"$CLINIC/minutes-$1"
    feed "$CLINIC/minutes-$1"
}

some_time() { pause "$(printf '0.%03d' $((RANDOM % 600)))"; }

# The disk breaks while messages flow, is noticed, and mends.
one_try() {
    local try=$1 third=$((MINUTES / 3)) kind feeding before
    kind=${KINDS[try % ${#KINDS[@]}]}
    before=$(hits)
    send_minutes $((try * MINUTES)) "$third" 3>&- &
    feeding=$!
    some_time
    break_disk "${kind/bytes/$((RANDOM % 20000))}"
    send_minutes $((try * MINUTES + third)) $((2 * third)) 3>&-
    wait_for was_hit_since "$before"
    # What fails by chance may be over before it is seen.
    [[ $kind == *random* ]] || wait_for status_fails_with "$REMEDY"
    some_time
    mend_disk
    wait "$feeding"
    wait_for steps_stored_are "$(steps_of $(((try + 1) * MINUTES)))" p1
    wait_for status_is_well
}

@test "a disk that fails while messages flow loses none and mends by itself" {
    local try
    FIRST=$(minute_ago $((MINUTES * TRIES + 60)))
    start_gateway
    for ((try = 0; try < TRIES; try++)); do one_try "$try"; done
    stop_gateway
    # Said, and not said again at each of the many tries; a line a beginning and an end.
    [ "$(logged .)" -le $((20 + 12 * TRIES)) ]
    count_steps "$(steps_of $((TRIES * MINUTES)))" p1
    tell_fault "disk full, read-only, failing" \
        "writes, syncs fail or are cut short while messages flow" "$TRIES" disk_fails
    nothing_is_lost_or_doubled
}

@test "a database that cannot be written is said over MQTT, and its end too" {
    start_gateway
    break_disk "EIO sync"
    FIRST=$(minute_ago 60)
    send_minutes 0 30
    wait_for health_is '.problem | test("cannot write the database.*check the card")'
    status_fails_with "cannot write the database"
    mend_disk
    wait_for health_is '.problem == null and (.incident | test("cannot write"))'
    wait_for steps_stored_are "$(steps_of 30)" p1
    status_is_well
    [ "$(stepward incidents --format json | jq -r '.[0].what')" = cannot_store ]
    [ "$(ends)" -eq 0 ]
}

# tries_again: some of its tries have failed meanwhile.
tries_again() {
    local before
    before=$(hits)
    wait_for was_hit_since "$before"
    before=$(hits)
    wait_for was_hit_since "$before"
}

@test "a gateway that starts on a disk that fails waits, says so once, and goes on" {
    local kind
    start_gateway # the broker knows it from now on
    stop_gateway
    FIRST=$(minute_ago 120)
    send_minutes 0 60
    for kind in ENOSPC EROFS; do
        break_disk "$kind"
        : >"$CLINIC/gateway.log"
        launch_gateway
        wait_for status_fails_with "$REMEDY"
        tries_again
        is_running gateway
        [ "$(logged "$REMEDY")" -eq 1 ]
        status_is offline # why is said on the machine, see above
        [ "$(ends)" -eq 0 ]
        mend_disk
        wait_for status_is online
        wait_for status_is_well
        wait_for health_is ".problem == null and (.incident | test(\"$REMEDY\"))"
        stop_gateway
    done
    steps_stored_are "$(steps_of 60)" p1
}

@test "a gateway told to end while it waits for its disk ends at once, and well" {
    break_disk ENOSPC
    launch_gateway
    wait_for status_fails_with "$REMEDY"
    end gateway
}

@test "messages that cannot be kept stay with the broker, however long it takes" {
    start_gateway
    break_disk ENOSPC
    FIRST=$(minute_ago 120)
    send_minutes 0 60
    # It does not acknowledge, gives up, is started again, and then waits.
    wait_for has_ended_since 0
    wait_for status_fails_with 'free space'
    tries_again
    [ "$(ends)" -eq 1 ]
    [ "$(logged stopping)" -eq 1 ]
    [ "$(logged .)" -le 20 ]
    steps_stored_are 0 p1
    mend_disk
    wait_for steps_stored_are "$(steps_of 60)" p1
    wait_for status_is_well
}
