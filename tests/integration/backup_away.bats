#!/usr/bin/env bats
# backup_away.bats -- backups that leave the card: nothing is written where no disk is,
# what is written is read back, and a fresh machine goes on from it.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/faults

setup() {
    clinic_open
    STICK=$CLINIC/stick
    mkdir "$STICK"
    start_broker
    LOST=0 DOUBLED=0
    freeze_time
    write_config "backup { to = \"$STICK\" }"
    stepward patient add p1 --therapist anna --rest-limit 1h
}
teardown() { clinic_close; }

plug_in() { : >"$STICK/stepward-backups"; }
copies() { find "$STICK" -name 'stepward-*' ! -name stepward-backups -printf '%f\n' | sort; }
n_copies_is() { [ "$(copies | wc -l)" -eq "$1" ]; }
# A backup's name has its second: each is of a second of its own.
backup_again() {
    wait_for second_is_over "$(date +%s)"
    stepward backup "$@"
}
second_is_over() { [ "$(date +%s)" -gt "$1" ]; }
status_says() {
    run stepward status
    [[ $output == *"$1"* ]]
}
encrypt_copies() {
    stepward backup --new-key >"$CLINIC/printed"
    grep -oE 'AGE-SECRET-KEY-1[A-Z0-9]+' "$CLINIC/printed" >"$CLINIC/key"
    sed -i "s/^backup.*/$(grep -oE 'recipient = "age1[a-z0-9]+"' "$CLINIC/printed" | sed 's/.*/backup { to = "STICK" & }/')/" "$CONFIG"
    sed -i "s|STICK|$STICK|" "$CONFIG"
}

@test "nothing is written to a folder of the card, and status says so in a line" {
    run stepward backup
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[1]} == *"no copy of it was made: $STICK: is on the card itself: is it mounted?"* ]]
    [ -z "$(ls -A "$STICK")" ]
    start_gateway
    wait_for status_says "$STICK: is on the card itself"
    rmdir "$STICK"
    run backup_again
    [[ ${lines[1]} == *"$STICK: the folder for backups is not there: is it mounted?"* ]]
    [ ! -e "$STICK" ]
}

@test "a folder of another disk needs no mark" {
    [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$CLINIC")" ] || skip "/dev/shm is on the same disk"
    local shm
    shm=$(mktemp -d /dev/shm/stepward-XXXXXX)
    sed -i "s|^backup.*|backup { to = \"$shm\" }|" "$CONFIG"
    run stepward backup
    ls "$shm" >"$CLINIC/copied"
    rm -rf "$shm"
    [ "$status" -eq 0 ]
    grep -qE '^stepward-[0-9TZ]*\.db$' "$CLINIC/copied"
}

@test "a copy is the backup, as many are kept, and status says when it was made" {
    plug_in
    : >"$STICK/stepward-20250101T000000Z.db.part" # a stick that was pulled out
    : >"$STICK/holiday.jpg"
    stepward backup | grep "copied to $STICK, and read back"
    cmp "$DATA"/backup/*.db "$STICK/$(copies)"
    n_copies_is 1
    backup_again --keep 2
    backup_again --keep 2
    n_copies_is 2
    [ -e "$STICK/holiday.jpg" ]
    [ "$(stepward status --format json | jq -r '.[0].backup_away_at')" != null ]
    ! status_says 'no copy'
}

@test "a damaged web.db is a problem of its own: the backup is made, copied, and old ones go" {
    plug_in
    stepward backup --keep 1
    start_gateway
    head -c 8192 /dev/urandom >"$DATA/web.db"
    run backup_again --keep 1
    [ "$status" -eq 1 ]
    [[ $output == *'; 1 kept'*"copied to $STICK, and read back"* ]]
    [[ ${lines[-1]} == *"the board's users are not in it: $DATA/web.db: "*'put the newest sound backup/web-*.db'* ]]
    n_copies_is 1
    wait_for status_says "$DATA/web.db: "
    rm "$DATA/web.db"
    backup_again
    [ ! -e "$DATA/backup/failed" ]
    run stepward status
    [[ $output != *web.db* ]]
}

@test "an encrypted copy has no word of the clinic, and the key alone opens it" {
    plug_in
    stepward patient set p1 --name Zwetschgenbaum
    encrypt_copies
    run ! grep -rq AGE-SECRET-KEY "$DATA" "$CONFIG"
    stepward backup | grep 'encrypted, and read back'
    copies | grep -q '\.db\.age$'
    run ! grep -qaE 'Zwetschgenbaum|SQLite' "$STICK/$(copies)"
    rm -rf "$DATA"
    run stepward restore --latest
    [ "$status" -eq 2 ]
    [[ $output == *'is encrypted: --key FILE'* ]]
    age-keygen -o "$CLINIC/another" 2>/dev/null
    run stepward restore --latest --key "$CLINIC/another"
    [ "$status" -eq 1 ]
    [[ $output == *'nothing was restored'* ]]
    [ ! -e "$DATA/stepward.db" ] && [ ! -e "$DATA/stepward.db.part" ]
    stepward restore --latest --key "$CLINIC/key" | grep 'restored .*\.db\.age'
    stepward patient show p1 | grep Zwetschgenbaum
}

@test "the board's users leave the card with their backup, and come back without a session" {
    plug_in
    encrypt_copies
    stepward user add anna --role admin <<<"correct horse battery" >/dev/null
    sqlite3 "$DATA/web.db" "INSERT INTO session SELECT randomblob(32), key, 1, 1 FROM user;
        INSERT INTO invite SELECT key, randomblob(32), 1 FROM user"
    backup_again --keep 1
    backup_again --keep 1
    n_copies_is 1
    [ "$(find "$STICK" -name 'web-*.db.age' | wc -l)" -eq 1 ]
    rm "$DATA"/stepward.db* "$DATA"/web.db*
    : >"$DATA/web.db-wal"
    stepward restore --latest --key "$CLINIC/key" | grep "the board's users are restored from .*/web-.*age"
    [ "$(sqlite3 "$DATA/web.db" 'SELECT (SELECT count(*) FROM user), (SELECT count(*) FROM session), (SELECT count(*) FROM invite)')" = '1|0|0' ]
    # Users who are there stay.
    stepward user add ben --role admin <<<"correct horse battery" >/dev/null
    wait_for second_is_over "$(date +%s)"
    stepward restore --latest --key "$CLINIC/key" --replace >/dev/null
    [ "$(sqlite3 "$DATA/web.db" 'SELECT count(*) FROM user')" -eq 2 ]
}

@test "what is damaged is not restored, and what is there not replaced unasked" {
    plug_in
    stepward backup
    cp "$STICK/$(copies)" "$CLINIC/good.db"
    run stepward restore "$CLINIC/good.db"
    [ "$status" -eq 1 ]
    [[ $output == *'--replace makes a backup of it first'* ]]
    head -c 20000 "$CLINIC/good.db" >"$CLINIC/cut.db"
    run stepward restore "$CLINIC/cut.db" --replace
    [ "$status" -eq 1 ]
    [[ $output == *'nothing was restored'* ]]
    stepward patient add p2
    wait_for second_is_over "$(date +%s)"
    stepward restore "$CLINIC/good.db" --replace | grep 'what was there is now'
    [ "$(stepward patient list --format csv | tail -n +2 | cut -d, -f1)" = p1 ]
    [ "$(find "$DATA/backup" -name '*.db' | wc -l)" -eq 2 ]
    start_gateway
    run stepward restore --latest --replace
    [[ $output == *'the gateway runs: first'* ]]
    run stepward restore
    [ "$status" -eq 2 ]
}

@test "what is left of a lost database is set aside, and the restored one is whole" {
    plug_in
    stepward backup
    local left
    for left in gone empty; do
        # A log with its frames, as a gateway that was killed leaves it.
        sqlite3 "$DATA/stepward.db" '.dbconfig no_ckpt_on_close on' \
            "PRAGMA journal_mode = wal; UPDATE patient SET name = 'Zwetschgenbaum'" >/dev/null
        [ -s "$DATA/stepward.db-wal" ]
        : >"$DATA/stepward.db-journal"
        rm "$DATA/stepward.db"
        [ "$left" = gone ] || : >"$DATA/stepward.db"
        stepward restore --latest | grep 'it is now .*/stepward.db.damaged-'
        [ "$(sqlite3 "$DATA/stepward.db" 'PRAGMA integrity_check')" = ok ]
        run ! grep -qa Zwetschgenbaum "$DATA/stepward.db"
        compgen -G "$DATA/stepward.db.damaged-*-wal"
        rm "$DATA"/stepward.db.damaged-*
    done
    start_gateway
    [ "$(stepward patient list --format csv | tail -n +2 | cut -d, -f1)" = p1 ]
}

@test "no gateway starts while one restores" {
    plug_in
    stepward backup
    rm "$DATA/stepward.db"
    mkfifo "$CLINIC/slow"
    printf '#!/bin/bash\ncat "%s"\n' "$CLINIC/slow" >"$CLINIC/age"
    chmod +x "$CLINIC/age"
    printf 'age-encryption.org/v1\n' >"$CLINIC/waits.age"
    : >"$CLINIC/key"
    PATH="$CLINIC:$PATH" stepward restore "$CLINIC/waits.age" --key "$CLINIC/key" &
    local restoring=$!
    exec 7>"$CLINIC/slow" # the program is at work
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    exec 7>&-
    [ "$status" -eq 1 ]
    [[ $output == *'another stepward-gateway is running'* ]]
    local code=0
    wait "$restoring" || code=$?
    [ "$code" -eq 1 ] # what came is no backup
}

@test "root restores as the owner of data_dir: no link leads root elsewhere" {
    [ "$(id -u)" -eq 0 ] || skip "root alone can be another user"
    chmod 755 "$CLINIC" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" 2>/dev/null || :
    setpriv --reuid=1 --regid=1 --clear-groups test -x "$CLINIC" || skip "others cannot enter this folder"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    plug_in
    encrypt_copies
    stepward backup
    chmod 600 "$CLINIC/key" "$STICK"/*.age # the owner may read neither
    chmod 700 "$STICK"
    echo secret >"$CLINIC/other"
    rm "$DATA"/stepward.db*
    chown -R 1:1 "$DATA"
    ln -s "$CLINIC/other" "$DATA/stepward.db.part"
    stepward restore --latest --key "$CLINIC/key" | grep 'restored .*\.db\.age'
    [ "$(cat "$CLINIC/other")" = secret ]
    [ "$(stat -c '%u %a' "$CLINIC/other")" = "0 644" ]
    [ "$(stat -c '%u' "$DATA/stepward.db")" = 1 ]
    [ ! -L "$DATA/stepward.db" ]
    # Nor does a lock that is a link.
    rm "$DATA"/stepward.db* "$DATA/gateway.lock"
    ln -s "$CLINIC/made" "$DATA/gateway.lock"
    run stepward restore --latest --key "$CLINIC/key"
    [ "$status" -eq 1 ]
    [ ! -e "$CLINIC/made" ]
}

@test "an erasure replaces the copies, or says that it could not" {
    plug_in
    stepward patient set p1 --name Zwetschgenbaum
    stepward backup
    backup_again
    n_copies_is 2
    rm "$STICK/stepward-backups"
    run stepward patient erase p1 --yes
    [ "$status" -eq 1 ]
    [[ $output == *'erased, but not from the copies of the backups: '*'then run it again'* ]]
    plug_in
    stepward patient erase p1 --yes | grep "the copies in $STICK were replaced"
    run ! grep -qra Zwetschgenbaum "$STICK" "$DATA"
    n_copies_is 1
}

@test "an erasure makes a backup where there is none: the copies do not go without another" {
    plug_in
    stepward patient set p1 --name Zwetschgenbaum
    stepward patient add p2
    stepward backup
    rm "$DATA"/backup/*
    wait_for second_is_over "$(date +%s)"
    stepward patient erase p1 --yes | grep "the copies in $STICK were replaced"
    n_copies_is 1
    cmp "$DATA"/backup/stepward-*.db "$STICK/$(copies)"
    run ! grep -qra Zwetschgenbaum "$STICK" "$DATA"
}

steps_of() { sqlite3 -readonly "$DATA/stepward.db" 'SELECT coalesce(sum(steps), 0) FROM reading'; }
steps_are() { [ "$(steps_of)" -eq "$1" ]; }
has_alert() { [ "$(stepward alerts --format json | jq -r ".[0].state")" = "$1" ]; }
alert_id() { stepward alerts --format json | jq -r '.[0].id'; }
retained_state() { retained "$ROOT/alerts/anna/p1/rest" | jq -r .state; }
state_is_retained() { [ "$(retained_state)" = "$1" ]; }
minute_at() { # MINUTES-AGO STEPS
    publish "$ROOT/patient/p1/steps" "{\"start\": $(($(date +%s) / 60 * 60 - 60 * $1)), \"seconds\": 60, \"steps\": $2}"
}

@test "a fresh machine goes on: the queue is taken, the acknowledgement is kept" {
    plug_in
    encrypt_copies
    start_gateway
    feed <(life_rests p1)
    wait_for has_alert open
    local id before
    id=$(alert_id)
    before=$(steps_of)
    wait_for state_is_retained open
    stepward backup
    stepward ack "$id" --by anna # after the backup
    wait_for state_is_retained acknowledged
    kill_gateway
    minute_at 3 7 # waits at the broker
    rm -rf "$DATA" # the card is dead
    stepward restore --latest --key "$CLINIC/key"
    start_gateway
    wait_for steps_are $((before + 7))
    wait_for has_alert acknowledged
    [ "$(alert_id)" = "$id" ]
    stepward audit --verify
}
