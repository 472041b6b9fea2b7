#!/usr/bin/env bats
# restore.bats -- a clinic that moved, or whose database is gone: its backups are not
# passed over, whoever copied them; and backups that are not made are told of.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() { clinic_open; }
teardown() { clinic_close; }

# A backup with p1 in it, and no database: as on a new Pi, or after a hand slipped.
leave_backups_alone() {
    start_broker
    write_config
    stepward patient add p1
    stepward backup
    rm -f "$DATA"/stepward.db* "$DATA"/inbox* "$DATA/gateway.lock"
}
# In one line, and nothing is begun.
says() { # CODE WORDS COMMAND…
    local code=$1 words=$2
    run stepward "${@:3}"
    echo "stepward ${*:3}: $status: $output"
    [ "$status" -eq "$code" ] && [ "${#lines[@]}" -eq 1 ] && [[ $output == *"$words"* ]]
}
status_tells() { says 1 "$1" status; }

@test "with backups there and no database none is begun, and the way back is told" {
    leave_backups_alone
    local command
    for command in "patient add p2" "patient set p1 --goal 5" status today alerts "patient list" \
        "site --rights" "site p1"; do
        # shellcheck disable=SC2086 # the words of a command
        says 1 'no database, but 1 backup in ' $command
        [[ $output == *'`sudo systemctl restart stepward-gateway` brings it back'* ]]
    done
    : >"$DATA/stepward.db" # an empty file is no database either
    says 1 'no database, but 1 backup in ' patient add p2
    start_gateway
    [ "$(stepward patient list --format csv | tail -n +2 | cut -d, -f1)" = p1 ]
    grep -q 'started from the backup of .*, because there was no database yet' "$CLINIC/gateway.log"
    [ "$(stepward incidents --format json | jq -r '.[].what')" = begun_from_backup ]
}

@test "with backups that are not sound an empty one is begun, and not in silence" {
    leave_backups_alone
    local backup
    for backup in "$DATA"/backup/*.db; do echo "no database" >"$backup"; done
    start_gateway
    grep -q 'the database was missing; there was no sound backup, so an empty one was started' "$CLINIC/gateway.log"
    stepward incidents --format json | jq -e 'any(.what == "database_damaged")'
}

@test "who moves the backups away begins anew" {
    leave_backups_alone
    mv "$DATA/backup" "$CLINIC/kept"
    stepward patient add p2
}

# ---- copied by root ----

# The clinic is the user 1's, as that of the service is the user stepward's.
serve_as_another() {
    [ "$(id -u)" -eq 0 ] || skip "root alone can be another user"
    chmod 755 "$CLINIC" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" 2>/dev/null || :
    AS=$(id -un 1)
    # Who was root and acts as another cannot be traced, as looking for leaks would.
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    as_service test -x "$CLINIC" || skip "others cannot enter this folder"
    as_service test -x "$STEPWARD_BIN/stepward" || skip "others cannot run the programs"
}
as_service() { setpriv --reuid=1 --regid=1 --clear-groups "$@"; }
gateway_of_service() { as_service "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"; }
start_gateway_of_service() {
    start gateway setpriv --reuid=1 --regid=1 --clear-groups \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    wait_for status_is online
}

# Root's copy of the backups, as with `sudo cp -r` from a stick: 700, 600, or what it was.
leave_backups_of_root() {
    serve_as_another
    leave_backups_alone
    chmod 644 "$CONFIG"
    chown 1:1 "$DATA"
    chown -R 0:0 "$DATA/backup"
    chmod 700 "$DATA/backup"
    chmod 600 "$DATA"/backup/*
}

@test "a folder of root's is named by gateway and command line, with the command that gives it back" {
    leave_backups_of_root
    local remedy="it is root's: sudo chown -R $AS: $DATA/backup"
    run gateway_of_service
    echo "$output"
    [ "$status" -eq 1 ]
    [[ ${lines[-1]} == *"cannot read the backups: $remedy"* ]]
    [ ! -e "$DATA/stepward.db" ]
    run as_service "$STEPWARD_BIN/stepward" -c "$CONFIG" patient add p2
    [ "$status" -eq 1 ]
    [[ $output == *"no database, and the backups cannot be read: $remedy" ]]
    run as_service "$STEPWARD_BIN/stepward" -c "$CONFIG" status
    [ "$status" -eq 1 ]
    [[ $output == *"$remedy" ]]
    [ ! -e "$DATA/stepward.db" ]
    # One file of it is enough.
    chown 1 "$DATA/backup"
    run gateway_of_service
    [ "$status" -eq 1 ]
    [[ ${lines[-1]} == *"cannot read the backups: it is root's: sudo chown -R $AS: $DATA/backup/stepward-"* ]]
    eval "$(sed 's/.*: sudo //' <<<"${lines[-1]}")"
    start_gateway_of_service
}

# Files are for the group too where data_dir is.
file_mode() { if [ "$(stat -c %a "$DATA")" = 2770 ]; then echo 660; else echo 600; fi; }
owner_of() { stat -c '%U %a' "$1"; }

@test "root mends it by whatever root runs, and the gateway goes on" {
    leave_backups_of_root
    says 1 "no database, but 1 backup in" status || # and another line that it was mended
        [[ $output == *"in $DATA 2 files were not the gateway's, or open to others: mended"* ]]
    [ "$(owner_of "$DATA/backup")" = "$AS $(stat -c %a "$DATA")" ]
    [ "$(owner_of "$DATA"/backup/stepward-*.db)" = "$AS $(file_mode)" ]
    chown -R 0:0 "$DATA/backup"
    chmod -R go+rX "$DATA/backup"
    "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check 2>"$CLINIC/said" >/dev/null
    grep -q "in $DATA 2 files were not the gateway's" "$CLINIC/said"
    [ "$(owner_of "$DATA/backup" | cut -d' ' -f1)" = "$AS" ]
    start_gateway_of_service
    [ "$(stepward patient list --format csv | tail -n +2 | cut -d, -f1)" = p1 ]
}

@test "what root mends is the gateway's alone: no link is followed, nothing else is touched" {
    leave_backups_of_root
    echo secret >"$CLINIC/other"
    echo mine >"$DATA/notes"
    mkdir "$CLINIC/elsewhere"
    echo secret >"$CLINIC/elsewhere/stepward-1.db"
    ln -s "$CLINIC/other" "$DATA/stepward.db.link"
    ln -s "$CLINIC/other" "$DATA/backup/stepward-link.db"
    ln "$CLINIC/other" "$DATA/backup/stepward-hard.db"
    chmod 644 "$CLINIC/other" "$DATA/notes" "$CLINIC/elsewhere/stepward-1.db"
    mv "$DATA/backup" "$CLINIC/real"
    ln -s "$CLINIC/elsewhere" "$DATA/backup"
    stepward status || :
    [ "$(owner_of "$CLINIC/elsewhere/stepward-1.db")" = "root 644" ]
    rm "$DATA/backup"
    mv "$CLINIC/real" "$DATA/backup"
    stepward status || :
    [ "$(owner_of "$CLINIC/other")" = "root 644" ]
    [ "$(owner_of "$DATA/notes")" = "root 644" ]
    [ "$(owner_of "$DATA/backup")" = "$AS $(stat -c %a "$DATA")" ]
}

@test "a database that root copied is named, and mended by root" {
    serve_as_another
    start_broker
    write_config
    chmod 644 "$CONFIG"
    stepward patient add p1
    chown 1:1 "$DATA"
    run as_service "$STEPWARD_BIN/stepward" -c "$CONFIG" today
    [ "$status" -eq 1 ]
    [[ $output == *"it is another user's: sudo chown $AS $DATA/stepward.db"* ]]
    stepward today
    [ "$(owner_of "$DATA/stepward.db")" = "$AS $(file_mode)" ]
    as_service "$STEPWARD_BIN/stepward" -c "$CONFIG" today
}

# ---- backups that are not made ----

# The gateway began so many hours ago.
watched_for() {
    sqlite3 -cmd '.timeout 5000' "$DATA/stepward.db" \
        "INSERT INTO online_span (from_s, to_s) VALUES ($(($(date +%s) - 3600 * $1)), $(($(date +%s) - 3600 * $1 + 60)))"
}
# The newest backup was made so many hours ago.
age_backup() {
    mv "$(ls "$DATA"/backup/stepward-*.db)" \
        "$DATA/backup/stepward-$(date -u -d "$1 hours ago" +%Y%m%dT%H%M%SZ).db"
}

@test "no backup for 48 hours is a problem, but not in a clinic that is younger" {
    start_broker
    write_config
    stepward patient add p1
    start_gateway
    wait_for status_is_well
    watched_for 47
    status_is_well
    watched_for 49
    status_complains 'there is no backup: see `systemctl status stepward-backup.timer`, and make one: `sudo -u stepward stepward backup`'
    stepward status --format json 2>/dev/null | jq -e '.[0].problem | test("there is no backup")'
    stepward backup
    status_is_well
    age_backup 47
    status_is_well
    age_backup 49
    status_complains "no backup was made for 48 hours, the newest is of $(TZ=$ZONE date -d '49 hours ago' +%F)"
    stepward backup
    status_is_well
}

@test "a backup that failed is a problem at once, until one is made" {
    start_broker
    write_config
    stepward patient add p1
    stepward backup
    start_gateway
    wait_for status_is_well
    # As a clock that is wrong has it: the newest is of tomorrow.
    age_backup -24
    run stepward backup
    [ "$status" -eq 1 ]
    [[ $output == *"the clock stands before this backup"* ]]
    status_is_well # of tomorrow is newer than the failure
    age_backup 1
    status_complains "failed: "
    status_complains 'the clock stands before this backup: set it first: mend that, then `sudo -u stepward stepward backup`'
    stepward backup
    status_is_well
    [ ! -e "$DATA/backup/failed" ]
}
