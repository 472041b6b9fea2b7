#!/usr/bin/env bats
# backlog.bats -- the gateway was away for a day and more: what the broker kept for it
# is taken in without growing beyond a stated bound, and without losing the connection.
#
#     FAULT_TRIES=1000 ctest -R integration.backlog      # so many patients
#     BACKLOG_DAYS=4 …                                   # so many days before today
load ../lib/clinic
load ../lib/readings
load ../lib/faults

setup() {
    clinic_open
    freeze_time # else a minute may begin between two readings, and both be of the same one
    LOST=0 DOUBLED=0
    start_broker
    write_config 'auto_enroll = true'
}
teardown() { clinic_close; }

PATIENTS=${FAULT_TRIES:-150}
DAYS=${BACKLOG_DAYS:-1}
SLOW_DISK_MS=0
INBOX_LIMIT=$((16 * 1024 * 1024))
# Whatever the backlog: 150,000 readings pending (13 MB), a MiB of days in memory, the
# database's cache. What the sanitizers need on top is theirs.
MEMORY_KIB=$((48 * 1024))
SANITIZED_MEMORY_KIB=$((96 * 1024))

memory_bound() {
    if grep -q __asan_init "$STEPWARD_BIN/stepward-gateway"; then echo $SANITIZED_MEMORY_KIB
    elif grep -q __tsan_init "$STEPWARD_BIN/stepward-gateway"; then echo $((8 * SANITIZED_MEMORY_KIB))
    else echo $MEMORY_KIB; fi
}

# The session exists, and nobody is there to take what it is sent.
gateway_was_there() {
    start_gateway
    stop_gateway
}
# With a disk as slow as $SLOW_DISK_MS says. A sanitizer is not to hoard what was freed.
launch_gateway() { start gateway slow_gateway; }
slow_gateway() {
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:quarantine_size_mb=1"
    export SLOW_DISK_MS LD_PRELOAD="$STEPWARD_BIN/slow_disk.so"
    exec "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
}
connections() { grep -c 'connected to mqtt' "$CLINIC/gateway.log"; }

# What was sent, from the listing: the sum of a column.
sent() { awk -F, -v i="$1" 'NR > 1 { n += $i } END { print n }' "$CLINIC/sent.csv"; }

# The largest size of the inbox, looked at all the time, is kept in inbox.max.
watch_inbox() {
    local max=0 size
    while :; do
        size=$(stat -c %s "$DATA/inbox" 2>/dev/null) || size=0
        [ "$size" -le "$max" ] || max=$size
        echo "$max" >"$CLINIC/inbox.max"
        pause 0.02
    done
}

@test "a backlog of days drains within the memory and the inbox it may use" {
    local steps memory_kib
    gateway_was_there
    stepward simulate --patients "$PATIENTS" --days "$DAYS" --no-live --format csv >"$CLINIC/sent.csv"
    steps=$(sent 6)
    start watcher watch_inbox
    start_gateway
    wait_for -t $((60 + PATIENTS * DAYS / 2)) steps_stored_are "$steps" || :
    count_difference "$steps" "$(steps_stored)"
    memory_kib=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$(pid_of gateway)/status")
    echo "messages $(sent 4), readings $(sent 5), memory $memory_kib KiB, inbox $(cat "$CLINIC/inbox.max") bytes"
    tell_fault "$DAYS days and today so far of $PATIENTS patients wait in the broker" \
        "the gateway was away; it took $memory_kib KiB of memory" "$(sent 4)" backlog
    nothing_is_lost_or_doubled
    [ "$memory_kib" -le "$(memory_bound)" ]
    [ "$(cat "$CLINIC/inbox.max")" -le "$INBOX_LIMIT" ]
    [ "$(connections)" -eq 2 ]
    [ -z "$(refusals | tail -n +2)" ]
    wait_for stepward status
}

@test "a slow disk makes the broker wait, and loses neither a message nor the connection" {
    local i minutes=60 steps=1830 # of the minutes 1 to 60: so many steps each
    sed -i 's/^commit_interval.*/commit_interval = "0"/' "$CONFIG"
    gateway_was_there
    for ((i = 1; i <= minutes; i++)); do steps_at "$i" "$i"; done |
        publish_lines "$ROOT/patient/p1/steps"
    SLOW_DISK_MS=200 # for each message, and more than once of each commit
    start_gateway
    wait_for -t 120 steps_stored_are $steps || :
    count_difference $steps "$(steps_stored)"
    tell_fault "a disk that takes $SLOW_DISK_MS ms longer for each sync" \
        "fsync and fdatasync interposed" "$minutes" backlog
    nothing_is_lost_or_doubled
    [ "$(connections)" -eq 2 ]
}
