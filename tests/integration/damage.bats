#!/usr/bin/env bats
# damage.bats -- files that a dying card or a careless hand damaged: the gateway starts,
# what can be saved is in use, what cannot is said, and nothing is wrong in silence.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/disk

KINDS=(page sector header cut empty gone garbage log log_gone log_cut)
TRIES=${FAULT_TRIES:-${#KINDS[@]}} # one kind after the other
BACKED_UP=600 STORED=200 IN_INBOX=60 # minutes: in the backup, in the database, not yet
ALL=$((BACKED_UP + STORED + IN_INBOX))

# Killed by hand here, and not started again.
launch_gateway() { start gateway "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"; }

setup() {
    clinic_open
    mend_disk
    start_broker
    write_config
    stepward patient add p1
    LOST=0 DOUBLED=0
    FIRST=$(minute_ago $((ALL + 60)))
}
teardown() { clinic_close; }

# Minutes $1 … $1 + $2 of the life of p1.
minutes() {
    awk -v from="$FIRST" -v a="$1" -v n="$2" 'BEGIN {
        for (i = a; i < a + n; i++)
            printf "{\"start\":%d,\"steps\":%d}\n", from + 60 * i, 1 + i % 100
    }' | lines p1
}
steps_of() { # FROM MINUTES
    awk -v a="$1" -v n="$2" 'BEGIN { for (i = a; i < a + n; i++) s += 1 + i % 100; print s + 0 }'
}
send_minutes() {
    minutes "$1" "$2" >"$CLINIC/minutes"
    feed "$CLINIC/minutes"
}
inbox_is_empty() { [ "$(stat -c %s "$DATA/inbox")" -eq 16 ]; } # its first line

# A gateway that was killed at work: a backup, a database with a log beside it, an inbox
# with messages. Kept as $CLINIC/sound.
live() {
    start_gateway
    send_minutes 0 "$BACKED_UP"
    wait_for steps_stored_are "$(steps_of 0 "$BACKED_UP")" p1
    stepward backup
    send_minutes "$BACKED_UP" "$STORED"
    wait_for steps_stored_are "$(steps_of 0 $((BACKED_UP + STORED)))" p1
    wait_for inbox_is_empty
    end gateway KILL || : # what was stored since the backup is in the log
    commit_every 1h
    start_gateway
    send_minutes $((BACKED_UP + STORED)) "$IN_INBOX"
    wait_for inbox_holds "$IN_INBOX"
    end gateway KILL || :
    commit_every 1s
    cp -a "$DATA" "$CLINIC/sound"
}
inbox_holds() { [ "$(grep -ao SWR1 "$DATA/inbox" | wc -l)" -ge "$1" ]; }

# ---- how files are damaged ----

random_below() { echo $(((RANDOM * 32768 + RANDOM) % $1)); }
size_of() { stat -c %s "$1"; }
# overwrite FILE FROM BYTES [SOURCE]
overwrite() {
    head -c "$3" "${4:-/dev/urandom}" |
        dd of="$1" bs=64K oflag=seek_bytes seek="$2" conv=notrunc iflag=fullblock status=none
}
random_page() { echo $((4096 * (1 + $(random_below $(($(size_of "$1") / 4096 - 1)))))); }

damage() {
    local db=$DATA/stepward.db log=$DATA/stepward.db-wal
    case $1 in
    page) overwrite "$db" "$(random_page "$db")" 4096 ;;
    sector) overwrite "$db" "$(random_page "$db")" 512 /dev/zero ;; # a page's first
    # Another version or another program's mark is refused, which is no damage.
    header) overwrite "$db" "$((RANDOM % 2 ? RANDOM % 20 : 44))" 4 ;;
    cut) truncate -s "$(random_below "$(size_of "$db")")" "$db" ;;
    empty) : >"$db" ;;
    gone) rm "$db" ;;
    garbage) head -c 40000 /dev/urandom >"$db" ;;
    log) overwrite "$log" $((32 + $(random_below $(($(size_of "$log") - 200))))) 100 ;;
    log_gone) rm "$log" ;;
    log_cut) truncate -s "$(random_below "$(size_of "$log")")" "$log" ;;
    esac
}

# ---- what must be true of it ----

damage_is_said() {
    stepward incidents --format json |
        jq -e "any(.[]; .what == \"$1_damaged\")" >/dev/null
}
status_tells() { grep -qE "$1" <<<"$(stepward status 2>&1)"; }
is_said_everywhere() {
    local words=$1
    wait_for health_is ".incident | test(\"$words\")"
    wait_for status_tells "$words"
    grep -qE "error ($words)" "$CLINIC/gateway.log"
}
tables() { all_rows | sha256sum; }

# What is not said must be whole; what is said, the devices can send again.
one_try() {
    local kind=$1
    rm -rf "$DATA"
    cp -a "$CLINIC/sound" "$DATA"
    damage "$kind"
    : >"$CLINIC/gateway.log"
    start_gateway
    wait_for inbox_is_empty
    wait_for status_is_well
    if damage_is_said database; then
        said=$((said + 1))
        is_said_everywhere 'the database was|the end of the database'
        [ "$(steps_stored p1)" -ge "$(steps_of 0 "$BACKED_UP")" ]
    else
        echo "$kind: harmless"
        count_steps "$(steps_of 0 "$ALL")" p1
    fi
    send_minutes 0 "$ALL"
    wait_for steps_stored_are "$(steps_of 0 "$ALL")" p1 || :
    count_steps "$(steps_of 0 "$ALL")" p1
    stop_gateway
}

@test "a database damaged anywhere: the gateway starts, and nothing is wrong in silence" {
    local try said=0
    live
    for ((try = 0; try < TRIES; try++)); do one_try "${KINDS[try % ${#KINDS[@]}]}"; done
    echo "$said of $TRIES did harm and were said"
    [ "$said" -ge $((TRIES / 2)) ]
    tell_fault "damaged database" \
        "pages, sectors, header, truncated, gone; its log too" "$TRIES" damage
    nothing_is_lost_or_doubled
}

# ---- the inbox ----

# Messages that wait, in a gateway that was killed; the database is sound.
live_with_inbox() {
    commit_every 1h
    start_gateway
    send_minutes 0 "$IN_INBOX"
    wait_for inbox_holds "$IN_INBOX"
    end gateway KILL || :
    commit_every 1s
    cp -a "$DATA" "$CLINIC/sound"
}

# How many records the gateway found sound: all of them if it said nothing.
sound_records() {
    local said
    said=$(grep -oE 'after [0-9]+ sound records?' "$CLINIC/gateway.log" | cut -d' ' -f2)
    echo "${said:-$(grep -ao SWR1 "$CLINIC/cut" | wc -l)}"
}

one_inbox() {
    local inbox=$DATA/inbox
    rm -rf "$DATA"
    cp -a "$CLINIC/sound" "$DATA"
    case $(($1 % 3)) in
    0) overwrite "$inbox" "$(random_below "$(size_of "$inbox")")" 1 ;;
    1) truncate -s "$(random_below "$(size_of "$inbox")")" "$inbox" ;;
    2) overwrite "$inbox" $((512 * $(random_below $(($(size_of "$inbox") / 512))))) 512 /dev/zero ;;
    esac
    cp "$inbox" "$CLINIC/cut"
    if cmp -s "$inbox" "$CLINIC/sound/inbox"; then return; fi # the very byte
    : >"$CLINIC/gateway.log"
    start_gateway
    wait_for inbox_is_empty
    # A cut between two records is an end like any other, and so is an empty file.
    if [ "$(logged 'error inbox: ')" -gt 0 ]; then
        [ -s "$DATA/inbox.damaged-1" ]
        is_said_everywhere 'inbox: '
    else
        [ $(($1 % 3)) -eq 1 ]
    fi
    # What stands before the damage is used, and nothing else.
    wait_for steps_stored_are "$(steps_of 0 "$(sound_records)")" p1
    send_minutes 0 "$IN_INBOX"
    wait_for steps_stored_are "$(steps_of 0 "$IN_INBOX")" p1 || :
    count_steps "$(steps_of 0 "$IN_INBOX")" p1
    stop_gateway
    [ -z "$(refusals | tail -n +2)" ]
}

@test "an inbox damaged anywhere: what stands before is used, the rest kept aside" {
    local try tries=${FAULT_TRIES:-3}
    live_with_inbox
    for ((try = 0; try < tries; try++)); do one_inbox "$try"; done
    tell_fault "damaged inbox" "bytes, sectors, truncated" "$tries" damage
    nothing_is_lost_or_doubled
}

# ---- no backup, a newer version, damage at work, the command line ----

@test "without a backup an empty database is begun, and that is said" {
    start_gateway
    send_minutes 0 10
    wait_for steps_stored_are "$(steps_of 0 10)" p1
    stop_gateway
    damage garbage
    start_gateway
    is_said_everywhere 'the database was damaged and moved to stepward.db.damaged-.*an empty one'
    [ "$(stepward patient list --format csv | wc -l)" -eq 1 ]
    stop_gateway
    # It went on: the next start finds nothing to say.
    : >"$CLINIC/gateway.log"
    start_gateway
    [ "$(logged error)" -eq 0 ]
    [ "$(stepward incidents --format json | jq length)" -eq 1 ]
}

@test "a database of before the first release is refused with the remedy and left untouched" {
    local before command
    rm "$DATA"/stepward.db*
    sqlite3 "$DATA/stepward.db" <"$BATS_TEST_DIRNAME/../unit/store/store-before.sql"
    before=$(sha256sum "$DATA/stepward.db")
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == *"$DATA/stepward.db"*"before the first release: move it away, and the gateway makes a new one"* ]]
    for command in today "patient add p9" status; do
        # shellcheck disable=SC2086 # words
        run stepward $command
        [ "$status" -eq 1 ]
        [[ $output == *"before the first release: move it away"* ]]
    done
    [ "$before" = "$(sha256sum "$DATA/stepward.db")" ]
    [ -z "$(compgen -G "$DATA/*damaged*")" ]
    mv "$DATA/stepward.db" "$CLINIC/before.db" # what the line says
    start_gateway
    stop_gateway
    [ "$(sqlite3 "$DATA/stepward.db" 'PRAGMA user_version')" -eq 1 ]
}

@test "a database of a newer version is refused with the remedy and left untouched" {
    local before
    start_gateway
    send_minutes 0 10
    wait_for steps_stored_are "$(steps_of 0 10)" p1
    stepward backup
    stop_gateway
    sqlite3 "$DATA/stepward.db" 'PRAGMA user_version = 99'
    before=$(sha256sum "$DATA/stepward.db")
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == *"newer Stepward"*"install that version or restore a backup"* ]]
    run stepward today
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == *"newer Stepward"* ]]
    [ "$before" = "$(sha256sum "$DATA/stepward.db")" ]
    [ -z "$(compgen -G "$DATA/*damaged*")" ]
}

ended_by_itself() { ! is_running gateway; }

# 90 days of p1, a message each.
send_days() {
    local day zeros
    zeros=$(minutes_of 1440 3 | paste -sd,)
    for ((day = 90; day > 0; day--)); do
        echo "{\"start\":$((FIRST - 86400 * day)),\"steps\":[$zeros]}"
    done | lines p1 >"$CLINIC/days"
    feed "$CLINIC/days"
}

# Each day is read, and changes: a minute of it had more steps.
send_one_a_day() {
    local day
    for ((day = 90; day > 0; day--)); do
        batch $((FIRST - 86400 * day)) 77
    done | lines p1 >"$CLINIC/late"
    feed "$CLINIC/late"
}

@test "damage met at work: it stops with a clear line, and the next start restores" {
    local code=0
    start_gateway
    send_days
    wait_for -t 120 steps_stored_are $((90 * 1440 * 3)) p1
    stepward backup
    stop_gateway
    start_gateway
    # As a bad sector would, once it is read: the check of the start was before.
    sqlite3 -cmd '.timeout 5000' "$DATA/stepward.db" 'UPDATE readings_run SET steps = zeroblob(length(steps))'
    send_one_a_day
    wait_for ended_by_itself
    end gateway || code=$?
    [ "$code" -eq 1 ]
    [ "$(logged 'error the database is damaged .* the next start moves it aside')" -eq 1 ]
    start_gateway
    is_said_everywhere 'the database was damaged'
    send_one_a_day # what was stored between the damage and its discovery
    wait_for -t 120 steps_stored_are $((90 * (1440 * 3 + 74))) p1
    stop_gateway
}

COMMANDS=("today" "summary" "minutes p1" "patient list" "patient show p1" "alerts --all"
    "rejected" "status" "incidents" "backup" "device list" "patient set p1 --goal 6000"
    "ack p1-rest-1" "patient add p2")

@test "every command says in one line that the database is damaged" {
    local command kind code said
    start_gateway
    send_minutes 0 "$ALL"
    wait_for steps_stored_are "$(steps_of 0 "$ALL")" p1
    stop_gateway
    cp -a "$DATA" "$CLINIC/sound"
    for command in "${COMMANDS[@]}"; do
        for kind in garbage cut page; do
            rm -rf "$DATA"
            cp -a "$CLINIC/sound" "$DATA"
            damage "$kind"
            code=0
            # shellcheck disable=SC2086 # the words of a command
            said=$(stepward $command 2>&1 >/dev/null) || code=$?
            echo "$command, $kind: $code, $said"
            [ "$code" -le 1 ]
            [ "$(grep -c . <<<"$said")" -le 1 ]
            [ "$kind" != garbage ] || grep -qE 'damaged|not running' <<<"$said"
            ! grep -q damaged <<<"$said" || grep -qE 'start (the gateway|it)' <<<"$said"
        done
    done
}
