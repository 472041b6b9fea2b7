#!/usr/bin/env bats
# readings.bats -- every form a device may send, and every reason to refuse one.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
}
teardown() { clinic_close; }

last_refusal_is() { [ "$(refusals | sed -n 2p | cut -d, -f2)" = "$1" ]; }
# minute_is PATIENT HH:MM STEPS CLASS, today.
minute_is() {
    stepward minutes "$1" --day today --format csv | cut -d, -f1-3 | grep -x "$2,$3,$4"
}
clock() { TZ=$ZONE date -d "@$1" +%H:%M; }

@test "every form of a reading is understood" {
    write_config
    stepward patient add p1
    stepward patient add p2
    start_gateway
    local at
    at=$(minute_ago 60)
    send_steps p1 "{\"start\":$at,\"seconds\":60,\"steps\":11}"
    send_steps p1 "{\"start\":$((at + 60)),\"steps\":12}"
    send_steps p1 "{\"start\":$((at + 120))999,\"steps\":13}"
    send_steps p1 "{\"start\":\"$(TZ=America/Lima date -d "@$((at + 180))" +%FT%T.5%:z)\",\"steps\":14}"
    send_steps p1 "{\"start\":$((at + 240)),\"seconds\":60,\"steps\":[15,null,16]}"
    send_steps p1 "[{\"start\":$((at + 420)),\"steps\":17},{\"start\":$((at + 480)),\"steps\":0,\"worn\":false,\"battery\":55,\"colour\":\"red\"}]"
    send_steps p2 "{\"at\":$((at + 540)),\"total\":1000,\"device\":\"c\"}"
    send_steps p2 "{\"at\":$((at + 600)),\"total\":1018,\"device\":\"c\"}"
    send_steps p2 '{"total":1018,"device":"c"}'
    wait_for steps_stored_are 98 p1
    wait_for steps_stored_are 18 p2
    local i
    for i in 0 1 2 3 4; do
        minute_is p1 "$(clock $((at + 60 * i)))" $((11 + i)) active
    done
    minute_is p1 "$(clock $((at + 300)))" 0 unknown
    minute_is p1 "$(clock $((at + 360)))" 16 active
    minute_is p1 "$(clock $((at + 420)))" 17 active
    minute_is p1 "$(clock $((at + 480)))" 0 unworn
    minute_is p2 "$(clock $((at + 540)))" 18 still
    # The counter without a time took the time of receipt: its span says "still" till now.
    minute_is p2 "$(clock "$(minute_ago 5)")" 0 still
    [ -z "$(refusals | tail -n +2)" ]
}

@test "repetitions and the larger of two values count once" {
    write_config
    stepward patient add p1
    start_gateway
    freeze_time
    local i
    for i in 1 2 3; do
        send_steps p1 "$(steps_at 30 40)"
        send_steps p1 "$(steps_at 30 20)"
        send_steps p1 "$(batch "$(minute_ago 31)" 7 41)"
    done
    send_steps p1 "$(steps_at 20 1)"
    wait_for steps_stored_are 49
}

# refused REASON PAYLOAD: it lands in `rejected` with this reason and blocks nobody: a
# good reading sent right after it is stored.
good_steps=0
refused() {
    publish "$3" "$2"
    send_steps p1 "$(steps_at $((60 - good_steps)) 1)"
    good_steps=$((good_steps + 1))
    wait_for steps_stored_are "$good_steps" p1
    wait_for last_refusal_is "$1"
}

@test "every refusal is kept with its reason and never blocks another message" {
    MAX_AGE=31d
    write_config
    stepward patient add p1
    start_gateway
    local topic=$ROOT/patient/p1/steps
    refused size "$(printf '%65537s' '{}')" "$topic"
    refused json '{"start":1,' "$topic"
    refused json "$(steps_at 60 1) x" "$topic"
    refused json "" "$topic"
    refused utf8 "$(printf '{"start":1,"steps":1,"device":"\xff"}')" "$topic"
    refused shape '{"start":1}' "$topic"
    refused shape "{\"start\":$(minute_ago 9),\"steps\":\"37\"}" "$topic"
    refused shape "{\"start\":$(minute_ago 9),\"steps\":1,\"seconds\":90001}" "$topic"
    refused no-time '{"steps":5}' "$topic"
    refused implausible "$(steps_at 9 256)" "$topic"
    refused too-old "$(batch "$(minute_ago $((31 * 1440 + 60)))" 1)" "$topic"
    refused future "$(batch "$(minute_ago -30)" 1)" "$topic"
    refused patient "$(steps_at 9 1)" "$ROOT/patient/nobody/steps"
    refused topic "$(steps_at 9 1)" "$ROOT/patient/Jane Doe/steps"
    [ "$(refusals | tail -n +2 | wc -l)" -eq 14 ]
}

# Seven right items, of 1 to 64 steps, in forms that devices have; and wrong ones between.
mixed() {
    local at
    at=$(minute_ago 60)
    cat <<EOF
[{"start":${at}000000000,"steps":0.6,"battery":null},
{"start":$((at + 60)),"seconds":0,"steps":500},
{"start":"$(date -u -d @$((at + 120)) '+%F %T') +0000","steps":2,"battery":"full"},
{"steps":500},
{"start":$((at + 180)),"steps":[4,"500",-1,8.4,null,900,16],"worn":1},
{"start":5,"steps":[50,50]},{"start":6,"steps":50},
{"start":$((at + 1200))000,"steps":32,"worn":null,"device":null},
[{"start":$at,"steps":50}],
{"start":"$(TZ=Etc/GMT-2 date -d @$((at + 1260)) '+%FT%T')+0200","steps":64}]
EOF
}
refused_items() {
    cat <<EOF
too-old [5].steps[0]: 1970-01-01T00:00:05Z is too old, $((($(date +%s) + 43195) / 86400)) days back; and 2 more, up to [6]
implausible [4].steps[5]: 900 steps in 60 s is implausible
shape [8]: an array is not an object
shape [4].steps[1]: a text is not a number
no-time [3]: steps without a start
shape [1].seconds: 0 is not in 1..90000
EOF
}
items_are_refused() {
    diff <(refused_items | sort) <(stepward rejected --format json |
        jq -r '.[] | .reason + " " + .why' | sort)
}

none_is_marked() {
    [ "$(sqlite3 "file:$DATA/stepward.db?mode=ro" 'SELECT sum(retry) FROM rejected')" -eq 0 ]
}

@test "what is right is taken, what is wrong is refused by itself, once, kill -9 or not" {
    MAX_AGE=31d
    write_config
    sed -i 's/^commit_interval.*/commit_interval = "10m"/' "$CONFIG"
    stepward patient add p1
    start_gateway
    freeze_time
    publish "$ROOT/patient/p1/steps" "$(mixed)"
    wait_for grep -q '"seconds":0' "$DATA/inbox"
    end gateway KILL || : # it was acknowledged, and nothing is stored
    sed -i 's/^commit_interval.*/commit_interval = "1s"/' "$CONFIG"
    start_gateway
    wait_for steps_stored_are 127 p1
    items_are_refused
    # Each is listed with its own part of the message, and is taken again by itself.
    [ "$(stepward rejected --format json | jq -r '.[] | select(.reason == "no-time").payload')" = \
        '{"steps":500}' ]
    stepward rejected --retry | grep 'marked 6'
    wait_for none_is_marked
    [ "$(stepward rejected --format json | jq -r '.[].reason' | sort | uniq -c | xargs)" = \
        "1 implausible 1 no-time 3 shape 1 too-old" ]
    [ "$(steps_stored p1)" -eq 127 ]
}

@test "auto_enroll adds an unknown patient with the default plan" {
    write_config 'auto_enroll = true' 'plan { therapist = "anna" }'
    start_gateway
    send_steps newcomer "$(steps_at 5 33)"
    wait_for steps_stored_are 33 newcomer
    stepward patient list --format csv | grep '^newcomer,.*anna'
}

# The broker tells logins by name: with a therapist's, a patient could read their alerts.
@test "auto_enroll enrolls nobody by a therapist's name, nor with a patient for a therapist" {
    write_config 'auto_enroll = true' 'plan { therapist = "anna" }'
    stepward patient add p1 --therapist ben
    start_gateway
    send_steps anna "$(steps_at 5 33)"
    wait_for last_refusal_says "anna is a therapist, and the broker tells logins by name"
    send_steps ben "$(steps_at 5 33)"
    wait_for last_refusal_says "ben is a therapist"
    stop_gateway
    write_config 'auto_enroll = true' 'plan { therapist = "p1" }'
    start_gateway
    send_steps p2 "$(steps_at 5 33)"
    wait_for last_refusal_says "name another in plan { therapist }"
    [ "$(stepward patient list --format csv | tail -n +2 | wc -l)" -eq 1 ]
}
last_refusal_says() { refusals | tail -n +2 | head -n 1 | grep -qF "$1"; }

heard() { stepward patient list --format json | jq -r ".[] | select(.patient == \"$1\") | .heard_at"; }

@test "a retained copy is stored but is not heard" {
    write_config
    stepward patient add p1
    stepward patient add p2
    # The gateway is not subscribed yet: p1's message reaches it as a retained copy.
    send_steps p1 "$(steps_at 9 44)" -r
    start_gateway
    send_steps p2 "$(steps_at 9 55)"
    wait_for steps_stored_are 99
    [ "$(heard p1)" = null ]
    [ "$(heard p2)" != null ]
}

first_refusal_says() { [[ "$(refusals | sed -n 2p)" == *"$1"* ]]; }

@test "today so far is cut when it comes, and refused where the broker keeps it" {
    write_config
    stepward patient add p1
    local at
    at=$(TZ=$ZONE date -d "today 00:00" +%s)
    send_steps p1 "{\"start\":$at,\"seconds\":86400,\"steps\":700}" -r
    start_gateway
    wait_for last_refusal_is no-time
    first_refusal_says "does not say when its steps were counted"
    send_steps p1 "{\"start\":$at,\"seconds\":86400,\"steps\":800}"
    wait_for steps_stored_are 800 p1
    [ "$(refusals | wc -l)" -eq 2 ]
}

@test "the steps of an hour are one device's, and the listing says whose" {
    write_config
    stepward patient add p1
    start_gateway
    local at
    at=$(($(date +%s) / 3600 * 3600 - 3 * 3600))
    send_steps p1 "{\"start\":$at,\"steps\":[40,40],\"device\":\"phone\"}"
    send_steps p1 "{\"start\":$((at + 3600)),\"steps\":[40,40],\"device\":\"phone\"}"
    send_steps p1 "{\"start\":$((at + 3600)),\"steps\":[60,60],\"device\":\"watch\"}"
    wait_for steps_stored_are 200 p1
    stepward minutes p1 --format csv | grep -x "$(clock "$at"),40,active,phone"
    stepward minutes p1 --format csv | grep -x "$(clock $((at + 3600))),60,active,watch"
    stepward explain p1 --format csv | grep -E ",device,steps by (phone|watch)$" | wc -l | grep -x 2
}
