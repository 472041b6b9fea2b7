#!/usr/bin/env bats
# disk_small.bats -- a disk that is really full or read-only, and a limit of file size:
# what disk_fails.bats says of a disk that pretends is true of the kernel's too.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/disk

DISK=3m

setup() {
    clinic_open
    start_broker
    write_config
    LOST=0 DOUBLED=0
    TRIES=${FAULT_TRIES:-2}
    FIRST=$(minute_ago $((400 * TRIES + 500))) # all of it is past
}
teardown() {
    local code=0
    clinic_close || code=$?
    ! mountpoint -q "$DATA" || umount "$DATA"
    return "$code"
}

# The kernel's own disk.
stepward() { "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }
launch_gateway() { start gateway "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"; }

mount_small_disk() {
    mkdir -p "$DATA"
    mount -t tmpfs -o "size=$DISK,mode=700" tmpfs "$DATA" 2>/dev/null ||
        skip "NOT TESTED: mounting a small disk needs root"
}

minutes() {
    awk -v from="$FIRST" -v a="$1" -v n="$2" 'BEGIN {
        for (i = a; i < a + n; i++)
            printf "{\"start\":%d,\"steps\":%d}\n", from + 60 * i, i % 100
    }' | lines p1
}
steps_of() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) s += i % 100; print s + 0 }'; }
send_minutes() {
    minutes "$1" "$2" >"$CLINIC/minutes"
    feed "$CLINIC/minutes"
}
fill_disk() { head -c 100M /dev/zero >"$DATA/filler" 2>/dev/null || :; }

@test "a disk that runs full: said, nothing lost, and on it goes when there is space" {
    local try
    mount_small_disk
    stepward patient add p1
    start_gateway
    for ((try = 0; try < TRIES; try++)); do
        fill_disk
        send_minutes $((try * 400)) 400
        wait_for status_fails_with 'full.*free space|free space.*full'
        run stepward patient add "q$try"
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        run stepward backup
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        rm "$DATA/filler"
        wait_for steps_stored_are "$(steps_of $(((try + 1) * 400)))" p1
    done
    stop_gateway
    count_steps "$(steps_of $((TRIES * 400)))" p1
    tell_fault "a small disk runs full" "tmpfs of 3 MB, filled while messages come" \
        "$TRIES" disk_small
    nothing_is_lost_or_doubled
}

@test "a disk that is read-only at the start: it waits, says so, and goes on" {
    mount_small_disk
    stepward patient add p1
    start_gateway # the broker knows it from now on
    stop_gateway
    send_minutes 0 100
    mount -o remount,ro "$DATA"
    launch_gateway
    wait_for status_fails_with 'read-only'
    wait_for grep -qi 'read-only' "$CLINIC/gateway.log"
    is_running gateway
    mount -o remount,rw "$DATA"
    wait_for steps_stored_are "$(steps_of 100)" p1
    [ "$(logged 'error ')" -eq 1 ]
}

@test "a limit of file size is a full disk, and no death" {
    stepward patient add p1
    start_gateway
    prlimit --pid "$(pid_of gateway)" --fsize=4096:
    send_minutes 0 400
    wait_for status_fails_with 'free space'
    is_running gateway
    prlimit --pid "$(pid_of gateway)" --fsize=unlimited:
    wait_for steps_stored_are "$(steps_of 400)" p1
    wait_for status_is_well
}
