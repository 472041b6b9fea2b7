#!/usr/bin/env bats
# privacy.bats -- what is on the wire knows pseudonyms alone, a day of everything long; an
# export has all that the clinic holds of a patient, and an erasure leaves none of it.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/time

# Words that stand in names, notes, contacts and users, and nowhere else.
NAME=Zwetschgenbaum
NOTE=Kreuzbandriss
CONTACT=Scheidungskind
SECRETS="$NAME|$CONTACT|Renamed"

setup() {
    clinic_open
    start_broker
    ALERT_BUDGET=1 write_config
    shift_clocks
    END=$(TZ=$ZONE date -d "@$(minute_ago -3)" +%H:%M)
    for patient in p1 p2 p3 p4; do
        stepward patient add "$patient" --name "Frau $NAME $patient" --therapist anna \
            --rest-limit 1h --goal 50 --wake "08:00-$END"
    done
}
teardown() { clinic_close; }

# All there is, retained or not, to the last byte.
capture() {
    SEEN_FORMAT='%r %t %p' subscribe wire '#'
}
wire_has() { grep -qE "$1" "$CLINIC/wire.log"; }
alert_of() { stepward alerts --patient "$1" --format json | jq -r '.[0].id // empty'; }
has_alert() { [ -n "$(alert_of "$1")" ]; }

# Everything that the gateway publishes, in a day that has all of it.
live_a_day() {
    start_gateway
    wait_for wire_has "$ROOT/gateway/health"
    send_steps p1 "$(still 70 0)"
    wait_for has_alert p1
    send_steps p2 "$(still 70 0)"
    wait_for has_alert p2
    wait_for wire_has "$ROOT/patient/p1/nudge"
    publish "$ROOT/patient/p3/pain" '{"score": 9, "flare": true}'
    wait_for has_alert p3
    publish "$ROOT/patient/p4/steps" 'not JSON'
    publish "$ROOT/patient/nobody/steps" '{"start": 1, "seconds": 60, "steps": 1}'
    publish "$ROOT/alerts/anna/p1/rest/set" '{"action": "ack", "id": "wrong"}'
    wait_for wire_has '/set/error'
    publish "$ROOT/alerts/anna/p1/rest/set" '{"action": "ack", "by": "anna"}'
    stepward shelve "$(alert_of p2)" --for 2h
    stepward unshelve "$(alert_of p2)"
    stepward contact p1 --outcome called --note "$CONTACT"
    stepward contact p2 --outcome visit --alert "$(alert_of p2)" --note "$CONTACT"
    stepward patient set p2 --name "Renamed $NAME" --goal 4000
    stepward patient show p1 >/dev/null
    stepward device assign D1 p3
    stepward try p4 --alert
    stepward patient set p4 --therapist ben
    send_steps p2 "$(steps_at 0 60)"
    pass_time 240
    wait_for wire_has "$ROOT/digest/anna"
    wait_for wire_has "$ROOT/board/anna/p1"
    wait_for wire_has "$ROOT/patients/anna"
    wait_for wire_has "$ROOT/patient/p1/today"
    stop_gateway
    start_gateway
    stepward patient erase p3 --yes
    wait_for erased_is_cleared
    stop_gateway
}
erased_is_cleared() { ! mosquitto_sub -p "$PORT" -h 127.0.0.1 -t "$ROOT/#" -W 1 -F '%t' | grep -q /p3; }

@test "a day of everything on the wire has no name, and no word of a contact" {
    capture
    live_a_day
    [ "$(grep -c . "$CLINIC/wire.log")" -gt 40 ]
    wire_has 'p1-rest-'
    run ! grep -naE "$SECRETS" "$CLINIC/wire.log"
    # nor does the broker keep any
    run ! grep -rqaE "$SECRETS" "$CLINIC/broker" "$CLINIC/broker.log"
    # and the log of the gateway names nobody either
    run ! grep -naE "$SECRETS" "$CLINIC/gateway.log"
    # while the database has all of it
    stepward patient show p1 | grep -q "$NAME"
    stepward contact --list | grep -q "$CONTACT"
}

@test "the note of an acknowledgement is on its alert's topic, and on no other" {
    capture
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for has_alert p1
    stepward ack "$(alert_of p1)" --by anna --note "$NOTE"
    wait_for wire_has "$NOTE"
    pass_time 240
    wait_for wire_has "$ROOT/digest/anna"
    wait_for wire_has "$ROOT/board/anna/p1"
    stop_gateway
    [ "$(grep -aE "$NOTE" "$CLINIC/wire.log" | cut -d' ' -f2 | sort -u)" = "$ROOT/alerts/anna/p1/rest" ]
    run ! grep -naE "$NAME" "$CLINIC/wire.log"
}

@test "an export has all that the clinic holds, and after an erasure no file has a byte of it" {
    local id=q7-Quitte
    stepward patient add "$id" --name "Herr $NAME" --therapist anna --rest-limit 1h
    start_gateway
    send_steps "$id" "$(still 70 0)"
    wait_for has_alert "$id"
    publish "$ROOT/patient/$id/pain" '{"score": 4}'
    publish "$ROOT/patient/$id/steps" "refused $NOTE"
    wait_for has_refused "$id"
    stepward ack "$(alert_of "$id")" --by anna --note "$NOTE"
    stepward contact "$id" --outcome called --note "$CONTACT"
    stepward device assign "D-$NOTE" "$id"
    stepward backup
    stepward patient export "$id" --out "$CLINIC/export.json"
    jq -e --arg name "Herr $NAME" --arg note "$NOTE" --arg contact "$CONTACT" '
        .patient[0].name == $name and (.alerts | length) >= 1 and
        any(.alerts[]; .note == $note) and .contacts[0].note == $contact and
        (.readings | length) == 70 and .pain[0].score == 4 and
        (.wearings | length) == 1 and (.days | length) >= 1 and
        ([.audit[].what] | contains(["patient added", "acknowledged", "contact",
            "device assigned", "patient exported"])) and
        any(.audit[]; .detail | strings | contains($contact) or contains($note))' "$CLINIC/export.json"
    grep -rqaE "$id" "$DATA"
    stepward patient erase "$id" --yes
    wait_for nothing_waits # what clears the broker names the topics until it is sent
    stop_gateway
    # The tombstone has the id, so that late messages do not bring it back; nothing has more.
    run ! grep -rnaE "Herr $NAME|$NOTE|$CONTACT" "$DATA"
    sqlite3 -readonly "$DATA/stepward.db" .dump | grep -aF "$id"
    [ "$(sqlite3 -readonly "$DATA/stepward.db" .dump | grep -acF "$id")" -eq 1 ]
    sqlite3 -readonly "$DATA/stepward.db" .dump | grep -aF "$id" | grep -q 'INSERT INTO tombstone'
    stepward audit --verify | grep 'of them are of patients who were erased'
}
nothing_waits() { [ "$(sqlite3 -readonly "$DATA/stepward.db" 'SELECT count(*) FROM outbox')" -eq 0 ]; }
has_refused() { [ "$(stepward rejected --patient "$1" --format csv | wc -l)" -ge 2 ]; }

@test "a look by the command line is in the audit" {
    USER=carla LOGNAME=carla SUDO_USER=carla stepward explain p1 >/dev/null
    USER=carla LOGNAME=carla SUDO_USER=carla stepward patient show p1 >/dev/null
    stepward audit --patient p1 --format json | jq -e '
        [.[] | select(.what == "looked")] | length == 1 and .[0].how == "command"'
}

@test "a row of the audit that was changed is found" {
    stepward audit --verify | grep 'the audit is whole: 4 rows'
    run sqlite3 "$DATA/stepward.db" "UPDATE audit SET who = 'nobody' WHERE key = 2"
    [[ $output == *'a row of the audit is never changed'* ]]
    run sqlite3 "$DATA/stepward.db" 'DELETE FROM audit WHERE key = 2'
    [[ $output == *'a row of the audit is never removed'* ]]
    sqlite3 "$DATA/stepward.db" "DROP TRIGGER audit_change; UPDATE audit SET who = 'nobody' WHERE key = 2"
    run stepward audit --verify
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *'the audit is broken at row 2: '* ]]
}

@test "each test that the README names for who could do what is there" {
    local named file name n=0
    while IFS= read -r named; do
        file=${named%%: *} name=${named#*: }
        grep -qF "@test \"$name\"" "$STEPWARD_SOURCE/tests/integration/$file.bats" ||
            { echo "no test: $named"; return 1; }
        n=$((n + 1))
    done < <(sed -n '/^## Who could do what/,/^## Take it off/p' "$STEPWARD_SOURCE/README.md" |
        tr '\n' ' ' | grep -oE '`[a-z_]+: [^`]+`' | tr -d '`')
    [ "$n" -gt 20 ]
}
