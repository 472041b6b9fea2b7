#!/usr/bin/env bats
# writers.bats -- command lines that write again and again: the gateway judges and
# commits all the same, and they get their turn too.
load ../lib/clinic
load ../lib/readings

PATIENTS=300
LOOPS=4
ALERTS=6

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add p0 --therapist anna
    add_likes_of_p0
    start_gateway
    subscribe anna "$ROOT/alerts/anna/#"
}
teardown() {
    touch "$CLINIC/enough" # ends the loops
    clinic_close
}

# p1, p2, … with the plan of p0, in one go.
add_likes_of_p0() {
    sqlite3 "$DATA/stepward.db" "
        CREATE TEMP TABLE p0 AS SELECT * FROM plan;
        WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n
                                 WHERE i < $PATIENTS)
            INSERT INTO patient (id, name, added_at_s, heard_at_s)
                SELECT 'p' || i, '', added_at_s, heard_at_s FROM n, patient WHERE id = 'p0';
        CREATE TEMP TABLE like_p0 AS SELECT patient.key AS its_key, p0.* FROM patient, p0
            WHERE patient.id <> 'p0';
        UPDATE like_p0 SET patient = its_key;
        ALTER TABLE like_p0 DROP COLUMN its_key;
        INSERT INTO plan SELECT * FROM like_p0;"
}

# write_again_and_again PATIENT: a line for each write that was done.
write_again_and_again() {
    local goal=1000
    until [ -e "$CLINIC/enough" ]; do
        stepward patient set "$1" --goal "$((goal++))"
    done
}
writes() { cat "$CLINIC"/loop*.log | grep -c ^changed; }

@test "loops of patient set keep no alert from being stored and published" {
    local i
    for ((i = 0; i < LOOPS; i++)); do start "loop$i" write_again_and_again "p$i"; done
    for ((i = 0; i < LOOPS; i++)); do
        wait_for grep -q ^changed "$CLINIC/loop$i.log"
    done
    for ((i = 0; i < ALERTS; i++)); do
        publish "$ROOT/patient/p$((LOOPS + i))/pain" '{"score":9}'
        wait_for has_seen_alert anna ".patient == \"p$((LOOPS + i))\""
    done
    run ! grep 'cannot write' "$CLINIC/gateway.log"
    local before
    before=$(writes)
    wait_for eval '[ "$(writes)" -gt '"$before"' ]'
}
