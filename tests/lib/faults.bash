# faults.bash -- lives whose outcome is known, and whether it came true: for tests that
# end the gateway in the middle of them.
#
# A life is a rest that is too long, told to the therapist anna, and a walk that ends it.
# Everybody's life is the same, so that all rows and alerts must be alike, however often
# the gateway was killed meanwhile; what the first one's must be is told by numbers.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the tests read what is set here

LIFE_STEPS=1695 # of the lines of both halves: 30 minutes of 40 to 69 steps, one of 60
MINUTES_BEFORE=30

INTERVALS=(10s 1s 0) # of commits; a test takes one after the other

add_patient() { stepward patient add "$1" --therapist anna --rest-limit 1h; }

# lines PATIENT < PAYLOADS: as feed takes them.
lines() { sed "s|^|$ROOT/patient/$1/steps\t|"; }

# The first half: minutes walked, one a message, then a rest of 70 minutes.
life_rests() {
    local i
    {
        for ((i = 0; i < MINUTES_BEFORE; i++)); do
            steps_at $((100 + MINUTES_BEFORE - i)) $((40 + i % 30))
        done
        still 70 0
    } | lines "$1"
}
# The second: up and about, which ends the rest.
life_walks() { steps_at 0 60 | lines "$1"; }

commit_every() {
    sed -i "s/^commit_interval = .*/commit_interval = \"$1\"/" "$CONFIG"
}

# ---- what must be true afterwards ----

# The alerts of a patient as the database has them and as anna last saw them, one
# {id, payload} a line, in order of id; whether the gateway runs by now is another
# question.
alerts_stored() {
    stepward alerts --all --patient "$1" --format json 2>/dev/null |
        jq -S -c 'sort_by(.id)[] | del(.stale_since)'
}
alerts_seen() {
    seen_payloads anna | jq -S -s -c --arg patient "$1" '
        map(select(.patient == $patient)) | group_by(.id)[] | last'
}
# No revision of an alert was seen after a later one.
revisions_rise() {
    seen_payloads anna | jq -s -e --arg patient "$1" '
        map(select(.patient == $patient)) | group_by(.id) | all(map(.rev) | . == sort)'
}
# None missing, none doubled: what was last seen of each alert is what is stored.
alerts_are_told() {
    [ -n "$(alerts_stored "$1")" ] && revisions_rise "$1" >/dev/null &&
        diff <(alerts_stored "$1") <(alerts_seen "$1")
}

# Without what tells one patient and one moment from another.
anonymous() { sed "s/\b$1\b/PATIENT/g"; }
rows_of() { all_rows "$1" | anonymous "$1"; }
alerts_of() {
    alerts_stored "$1" | jq -c 'del(.id, .opened_at, .updated_at, .closed_at)' |
        anonymous "$1"
}
# The life of patient $1 came out as that of $2.
life_is_like() {
    diff <(rows_of "$2") <(rows_of "$1") && diff <(alerts_of "$2") <(alerts_of "$1")
}

# The lives of all these patients are whole.
lives_are_told() {
    local patient
    for patient in "$@"; do
        steps_stored_are "$LIFE_STEPS" "$patient" && alerts_are_told "$patient" || return
    done
}

alert_is() { # PATIENT STATE: seen, and stored
    has_seen_alert anna ".patient == \"$1\" and .state == \"$2\"" &&
        [ "$(alerts_stored "$1" | jq -r .state)" = "$2" ]
}

# ---- what was lost and what was doubled ----

# count_difference EXPECTED GOT: into LOST and DOUBLED.
count_difference() {
    LOST=$((LOST + ($1 > $2 ? $1 - $2 : 0)))
    DOUBLED=$((DOUBLED + ($2 > $1 ? $2 - $1 : 0)))
}

# count_steps EXPECTED PATIENT…: each is to have so many.
count_steps() {
    local patient
    for patient in "${@:2}"; do count_difference "$1" "$(steps_stored "$patient")"; done
}

# count_alerts EXPECTED PATIENT…: each is to have so many, and anna to have seen the
# last revision of each and no other alert.
count_alerts() {
    local patient stored seen
    for patient in "${@:2}"; do
        stored=$(alerts_stored "$patient")
        seen=$(alerts_seen "$patient")
        count_difference "$1" "$(grep -c . <<<"$stored")"
        LOST=$((LOST + $(comm -23 <(echo "$stored") <(echo "$seen") | wc -l)))
        DOUBLED=$((DOUBLED + $(comm -13 <(echo "$stored") <(echo "$seen") | wc -l)))
        revisions_rise "$patient" >/dev/null || DOUBLED=$((DOUBLED + 1))
    done
}

nothing_is_lost_or_doubled() {
    echo "lost $LOST, doubled $DOUBLED"
    [ "$LOST" -eq 0 ] && [ "$DOUBLED" -eq 0 ]
}

# tell_fault FAULT HOW TRIES TEST: a line of the table of faults, if one is being made.
tell_fault() {
    [ -z "${FAULT_TABLE:-}" ] ||
        echo "$1|$2|$3|$LOST|$DOUBLED|ctest -R integration.$4" >>"$FAULT_TABLE"
}
