#!/usr/bin/env bats
# large_database.bats -- a database that takes long to check: messages are kept in the
# inbox meanwhile, and nothing goes into it before it is known to be sound.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/disk

BACKED_UP=30 STORED=20 MEANWHILE=15 # minutes: in the backup, in the database, in its check
ALL=$((BACKED_UP + STORED + MEANWHILE))

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p1
    LOST=0 DOUBLED=0
    freeze_time
}
teardown() {
    go_on
    clinic_close
}

stepward() { "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }
# Its check gets nothing to read while it is held.
launch_gateway() { start gateway readers_held; }
readers_held() {
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    export HOLD_READS=$CLINIC/hold LD_PRELOAD="$STEPWARD_BIN/hold_reads.so"
    exec "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
}
hold() { touch "$CLINIC/hold"; }
go_on() { rm -f "$CLINIC/hold"; }

# More than is checked at once, in a table of nobody's.
enlarge() {
    sqlite3 "$DATA/stepward.db" \
        'CREATE TABLE filler (x); INSERT INTO filler VALUES (zeroblob(40 << 20))' \
        'PRAGMA wal_checkpoint(TRUNCATE)'
}
damage() {
    local db=$DATA/stepward.db
    head -c 4096 /dev/urandom | dd of="$db" bs=4096 conv=notrunc status=none \
        seek=$(($(stat -c %s "$db") / 4096 - 1000))
}

# Minutes FROM, FROM + 1, … of the life of p1, one a message, N of them.
send_minutes() {
    local i
    for ((i = $1; i < $1 + $2; i++)); do steps_at $((ALL + 60 - i)) $((1 + i)); done |
        lines p1 >"$CLINIC/minutes"
    feed "$CLINIC/minutes"
}
steps_of() { echo $((($1 + $2) * ($1 + $2 + 1) / 2 - $1 * ($1 + 1) / 2)); } # the same minutes
inbox_holds() { [ "$(grep -ao SWR1 "$DATA/inbox" | wc -l)" -ge "$1" ]; }
ended_by_itself() { ! is_running gateway; }
is_connected() { [ "$(stepward status --format json 2>/dev/null | jq -r '.[0].connected')" = true ]; }
is_checked() { [ "$(logged 'the database is sound')" -ge 1 ]; }

@test "while a large database is checked messages are kept, and nothing is done with them" {
    enlarge
    hold
    start_gateway
    wait_for health_is '.problem | test("is being checked")'
    send_minutes 0 "$ALL"
    wait_for inbox_holds "$ALL"
    status_fails_with 'is being checked: messages wait in the inbox'
    wait_for is_connected # it is stored within commit_interval
    [ "$(steps_stored p1)" -eq 0 ]
    inbox_holds "$ALL"
    go_on
    wait_for steps_stored_are "$(steps_of 0 "$ALL")" p1
    is_checked
    wait_for status_is_well
    [ "$(logged 'database is being checked')" -eq 1 ]
    [ "$(stepward incidents --format json | jq length)" -eq 0 ]
}

@test "a gateway that is stopped or killed meanwhile has them still" {
    enlarge
    hold
    start_gateway
    send_minutes 0 10
    wait_for inbox_holds 10
    kill_gateway
    start_gateway
    send_minutes 10 10
    wait_for inbox_holds 20
    go_on # it may be stopped in the midst of it or behind it
    stop_gateway
    start_gateway
    wait_for steps_stored_are "$(steps_of 0 20)" p1
}

@test "damage that is found beside the work: nothing acknowledged goes into it" {
    local code=0
    start_gateway
    send_minutes 0 "$BACKED_UP"
    wait_for steps_stored_are "$(steps_of 0 "$BACKED_UP")" p1
    stepward backup
    send_minutes "$BACKED_UP" "$STORED"
    wait_for steps_stored_are "$(steps_of 0 $((BACKED_UP + STORED)))" p1
    stop_gateway
    enlarge
    damage
    hold
    start_gateway
    send_minutes $((BACKED_UP + STORED)) "$MEANWHILE"
    wait_for inbox_holds "$MEANWHILE"
    go_on
    wait_for ended_by_itself
    end gateway || code=$?
    [ "$code" -eq 1 ]
    [ "$(logged 'error the database is damaged .* the next start moves it aside')" -eq 1 ]
    inbox_holds "$MEANWHILE"
    start_gateway
    wait_for health_is '.incident | test("the database was damaged .* was restored")'
    [ -n "$(compgen -G "$DATA/stepward.db.damaged-*")" ]
    wait_for steps_stored_are \
        $(($(steps_of 0 "$BACKED_UP") + $(steps_of $((BACKED_UP + STORED)) "$MEANWHILE"))) p1
    send_minutes "$BACKED_UP" "$STORED" # what was stored since the backup, said again
    wait_for steps_stored_are "$(steps_of 0 "$ALL")" p1 || :
    count_steps "$(steps_of 0 "$ALL")" p1
    tell_fault "damage in a large database" "a page, found while messages come" 1 \
        large_database
    nothing_is_lost_or_doubled
}
