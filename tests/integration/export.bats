#!/usr/bin/env bats
# export.bats -- all that is stored of a patient as one document, whose readings can be
# published again: a fresh gateway makes the same days of them.
load ../lib/clinic
load ../lib/readings
load ../lib/faults

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

has_alert() { stepward alerts --all --patient "$1" --format json | jq -e '.[0]' >/dev/null; }
# publish_again PART TOPIC: each of the document's.
publish_again() {
    jq -c ".$1[]" "$CLINIC/p1.json" | sed "s|^|$ROOT/patient/p1/$2\t|"
}
days() { all_rows p1; }
days_are() { diff <(echo "$1") <(days); }

@test "sqlite3 alone shows every reading" {
    local every_reading="SELECT strftime('%s', start) + 0 AS start, seconds, steps, worn, device
        FROM reading WHERE patient = 'p1' ORDER BY device, start, seconds"
    freeze_time
    add_patient p1
    add_patient p2
    start_gateway
    feed <({
        batch "$(minute_ago 1000)" {0..250} {0..250} # in runs
        echo "{\"start\":$(minute_ago 900),\"steps\":200}" # it was 100
        echo "{\"start\":$(minute_ago 30),\"steps\":7,\"worn\":false,\"device\":\"band\"}"
        echo "{\"start\":$(minute_ago 20),\"seconds\":900,\"steps\":3000,\"device\":\"band\"}"
    } | lines p1)
    feed <(batch "$(minute_ago 60)" 5 0 250 | lines p2)
    wait_for steps_stored_are $((2 * 31375 - 100 + 200 + 7 + 3000)) p1
    wait_for steps_stored_are 255 p2
    sqlite3 -readonly -header "$DATA/stepward.db" 'SELECT * FROM reading' >"$CLINIC/shown"
    [ "$(head -n 1 "$CLINIC/shown")" = 'patient|device|start|seconds|steps|worn' ]
    grep -qx "p1|band|$(date -u -d "@$(minute_ago 30)" +%FT%TZ)|60|7|0" "$CLINIC/shown"
    [ "$(grep -c '^p2' "$CLINIC/shown")" -eq 3 ]
    diff <(sqlite3 -readonly -json "$DATA/stepward.db" "$every_reading" |
        jq -c '.[] | .worn = (.worn == 1)') \
        <(stepward patient export p1 | jq -c '.readings | sort_by(.device // "", .start, .seconds)[]
            | {start, seconds, steps, worn, device: (.device // "")}')
    stop_gateway
}

@test "what is exported and published again makes the same days" {
    local before
    freeze_time
    add_patient p1
    stepward patient set p1 --name 'Anna "A" Ümläut'
    add_patient p2
    start_gateway
    feed <(life_rests p1; life_rests p2)
    feed <({
        batch "$(minute_ago 2000)" 10 null 30 | sed 's/}$/,"device":"band","battery":55}/'
        echo "{\"at\":$(minute_ago 1500),\"total\":100,\"device\":\"clip\"}"
        echo "{\"at\":$(minute_ago 1400),\"total\":900,\"device\":\"clip\"}"
        echo "{\"total\":900,\"device\":\"clip\"}"
        echo "{\"start\":$(minute_ago 200),\"steps\":0,\"worn\":false}"
    } | lines p1)
    feed <(printf '%s/patient/p1/pain\t{"at":%s,"score":6.5}\n' "$ROOT" "$(minute_ago 3)")
    wait_for has_alert p1
    wait_for steps_stored_are $((LIFE_STEPS - 60 + 40 + 800)) p1
    stop_gateway
    before=$(days)
    stepward patient export p1 --out "$CLINIC/p1.json"
    [ "$(stat -c %a "$CLINIC/p1.json")" = 600 ]
    # each export is a row of the audit, and so of the next
    diff <(jq 'del(.audit)' "$CLINIC/p1.json") <(stepward patient export p1 | jq 'del(.audit)')
    [ "$(jq -r '.audit[-1].what' "$CLINIC/p1.json")" = 'patient exported' ]
    [ "$(jq -r '.patient[0].name' "$CLINIC/p1.json")" = 'Anna "A" Ümläut' ]
    [ "$(jq -r '.plans[0].therapist' "$CLINIC/p1.json")" = anna ]
    [ "$(jq -r '.alerts[0].log[0].to' "$CLINIC/p1.json")" = open ]
    [ "$(jq '.days | length' "$CLINIC/p1.json")" -eq "$(wc -l <<<"$before")" ]
    [ "$(grep -c p2 "$CLINIC/p1.json")" -eq 0 ]
    [ "$(jq -c '[.totals[].by_receipt]' "$CLINIC/p1.json")" = '[null,null,true]' ]

    DATA=$CLINIC/fresh
    write_config
    add_patient p1
    start_gateway
    feed <(publish_again readings steps; publish_again totals steps; publish_again pain pain)
    wait_for days_are "$before"
}

@test "a file that is there is left alone, and one that failed is not left behind" {
    add_patient p1
    echo mine >"$CLINIC/mine"
    run stepward patient export p1 --out "$CLINIC/mine"
    [ "$status" -eq 1 ]
    [[ $output == *"mine: File exists, and nothing is overwritten: choose another name"* ]]
    [ "$(cat "$CLINIC/mine")" = mine ]
    run stepward patient export p9 --out "$CLINIC/p9.json"
    [ "$status" -eq 1 ]
    [ ! -e "$CLINIC/p9.json" ]
    run stepward patient export p1 --out "$CLINIC/nowhere/p1.json"
    [ "$status" -eq 1 ]
}
