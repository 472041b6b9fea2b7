#!/usr/bin/env bats
# erase.bats -- a patient leaves nothing but a tombstone: not in the database, its free
# pages and its log, not in the backups, not at the broker; and the others lose nothing.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

MARK=Zwetschgenbaum # in the name and in a note: it is looked for in the files

setup() {
    clinic_open
    start_broker
    write_config
    LOST=0 DOUBLED=0
    freeze_time
    stepward patient add p1 --name "Frau $MARK" --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist anna --rest-limit 1h
}
teardown() { clinic_close; }

in_database() { sqlite3 -readonly "$DATA/stepward.db" "$1"; }
files_name() { grep -rlaF "$1" "$DATA" --include='stepward*' --include='*.part*'; }
retained_of() { mosquitto_sub -p "$PORT" -h 127.0.0.1 -t "$ROOT/#" -W 1 -F '%t' | grep -E "/$1(/|\$)"; }
is_retained() { retained_of "$1" | grep -q "$2"; }
nothing_is_retained_of() { ! retained_of "$1"; }
nothing_waits() { [ "$(in_database 'SELECT count(*) FROM outbox')" -eq 0 ]; }
alert_of() { stepward alerts --patient "$1" --format json | jq -r '.[0].id // empty'; }
has_alert() { [ -n "$(alert_of "$1")" ]; }

@test "without --yes it says what would go, and does nothing" {
    run stepward patient erase p1
    [ "$status" -eq 2 ]
    [[ "$output" == *"p1 has 0 readings, 0 days, 0 alerts and 0 contacts, and there are 0 backups"* ]]
    stepward patient show p1 >/dev/null
    stepward backup
    run stepward patient erase p1
    [[ "$output" == *"and there is 1 backup: to remove it"* ]]
}

@test "erased while a flood of it is under way: nothing of it stays, the others are whole" {
    local flood
    start_gateway
    feed <(life_rests p1; life_rests p2)
    wait_for has_alert p1
    wait_for has_alert p2
    stepward ack "$(alert_of p1)" --by anna --note "$MARK"
    wait_for is_retained p1 today
    wait_for is_retained p1 rest
    stepward backup
    [ -n "$(files_name "$MARK")" ]
    for ((i = 0; i < 3000; i++)); do steps_at $((30 + i % 60)) $((i % 100)); done |
        lines p1 >"$CLINIC/flood"
    feed "$CLINIC/flood" 3>&- &
    flood=$!
    stepward patient erase p1 --yes | grep "erased p1, from 1 backup too"
    [ -z "$(files_name "$MARK")" ]
    end gateway KILL || :
    start_gateway
    feed <(life_walks p2)
    wait "$flood"
    feed <(steps_at 2 3 | lines p1)
    wait_for nothing_is_retained_of p1
    wait_for steps_stored_are "$LIFE_STEPS" p2
    wait_for nothing_waits
    stop_gateway
    [ -z "$(files_name "$MARK")" ]
    [ "$(in_database "SELECT count(*) FROM patient WHERE id = 'p1'")" -eq 0 ]
    [ "$(in_database "SELECT count(*) FROM rejected WHERE why LIKE 'erased on %'")" -gt 0 ]
    [ "$(in_database "SELECT count(*) FROM rejected WHERE length(payload) > 0")" -eq 0 ]
    count_steps "$LIFE_STEPS" p2
    tell_fault "a patient is erased in a flood of it, then kill -9" "by hand" 1 erase
    nothing_is_lost_or_doubled
}

@test "while the gateway does not run: what is retained is cleared when it starts" {
    start_gateway
    feed <(life_rests p1)
    wait_for is_retained p1 rest
    stop_gateway
    stepward patient erase p1 --yes
    start_gateway
    wait_for nothing_is_retained_of p1
}

@test "what the gateway says of itself names no patient, nor does what an earlier version said" {
    local told="the broker refused what was published to $ROOT" copy
    start_gateway
    stop_gateway
    sqlite3 "$DATA/stepward.db" "INSERT INTO incident (kind, at_s, over_at_s, text) VALUES
        ('publication_refused', 1000, 2000, '$told/board/unassigned/p1: Not authorized');
        UPDATE health SET incident = '$told/alerts/anna/p1/rest: Not authorized'"
    stepward backup
    copy=$(echo "$DATA"/backup/*.db)
    stepward patient erase p1 --yes
    for copy in "$copy" "$DATA/stepward.db"; do
        sqlite3 -readonly "$copy" "SELECT text FROM incident UNION SELECT incident FROM health" |
            sort | diff - <(printf '%s\n' "$told/alerts/anna/…/rest: Not authorized" \
                "$told/board/unassigned/…: Not authorized")
    done
}

@test "the id is not given again, nor enrolled by itself; erasing again is fine" {
    write_config 'auto_enroll = true'
    stepward patient erase p1 --yes
    run stepward patient add p1
    [ "$status" -eq 1 ]
    [[ "$output" == *"p1 was erased on "*"choose a new id"* ]]
    start_gateway
    feed <(steps_at 5 10 | lines p1; steps_at 5 10 | lines p3)
    wait_for has_row p3
    [ -z "$(stepward patient list --format csv | grep '^p1,')" ]
    stepward patient erase p1 --yes
    run stepward patient erase p9 --yes
    [ "$status" -eq 1 ]
}

held_by_p1() { # DATABASE: its rows of refused messages, and of their shares
    sqlite3 -readonly "$1" "SELECT (SELECT count(*) FROM rejected WHERE holder = CAST('p1' AS BLOB))
        + (SELECT count(*) FROM rejected_share WHERE holder = CAST('p1' AS BLOB))"
}

@test "what was refused of its device goes too, though the source is no more" {
    local copy
    write_config 'source band { topic = "band/{device}"  total = "" }'
    stepward device assign b1 p1 --from 2020-01-01
    start_gateway
    publish band/b1 "no number"
    wait_for has_refused 1
    stop_gateway
    stepward backup
    copy=$(echo "$DATA"/backup/*.db)
    [ "$(held_by_p1 "$DATA/stepward.db")" -eq 2 ]
    [ "$(held_by_p1 "$copy")" -eq 2 ]
    write_config
    stepward patient erase p1 --yes
    [ "$(held_by_p1 "$DATA/stepward.db")" -eq 0 ]
    [ "$(held_by_p1 "$copy")" -eq 0 ]
}

@test "a damaged backup is named, and does not keep the patient in the others" {
    local older newer
    stepward backup
    older=$(echo "$DATA"/backup/*.db)
    newer=$DATA/backup/stepward-20991231T000000Z.db
    head -c 8192 /dev/urandom >"$newer"
    chown --reference="$older" "$newer"
    run stepward patient erase p1 --yes
    [ "$status" -eq 1 ]
    [[ "$output" == *"erased, but not from all backups: $newer: "*": remove that file, then run it again"* ]]
    [ "$(grep -acF "$MARK" "$older")" -eq 0 ]
    [ "$(sqlite3 -readonly "$older" "SELECT group_concat(id) FROM patient")" = p2 ]
    rm "$newer"
    stepward patient erase p1 --yes
}

@test "what an old version's writes left in free pages goes too" {
    local i
    for ((i = 0; i < 60; i++)); do
        stepward patient set p1 --name "$MARK $i"
    done
    start_gateway
    for ((i = 0; i < 40; i++)); do
        printf '{"start":5,"pad":"%s%03000d"}\n' "$MARK" "$i"
    done | lines p1 >"$CLINIC/refused"
    feed "$CLINIC/refused"
    wait_for has_refused 40
    stepward patient set p1 --name "Frau $MARK"
    stop_gateway
    stepward patient erase p1 --yes
    [ -z "$(files_name "$MARK")" ]
}
has_refused() { [ "$(refusals | tail -n +2 | wc -l)" -ge "$1" ]; }
