#!/usr/bin/env bats
# try.bats -- `site` and `try`: what a person who sets up a clinic finds out by them. A
# reading arrives, or it is said why not; a test alert arrives, and nothing of it stays.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    freeze_time
    TEST_TOPIC=$ROOT/alerts/anna/p1/test
}
teardown() {
    [ ! -e "$CLINIC/pids/gateway" ] || thaw gateway # where a test failed before
    clinic_close
}

open_clinic() { # LINE…: of the broker's configuration
    start_broker "$@"
    write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
}

# try CODE ARGUMENT…: ends with this code; what it says is in $output.
try() {
    local code=$1
    shift
    run stepward try "$@"
    echo "stepward try $*: $status"
    echo "$output"
    [ "$status" -eq "$code" ]
}
in_database() { sqlite3 -readonly "$DATA/stepward.db" "$1"; }
class_counts() { # of all minutes: active,still,unworn
    all_rows p1 | cut -d, -f4-6
}

# ---- site ----

@test "a topic of site is one to publish to, and one to subscribe to" {
    open_clinic
    local topic
    topic=$(stepward site p1 --topic steps)
    publish "$topic" "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    subscribe anna "$(stepward site p1 --topic alerts)"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert anna '.kind == "rest"'
}

# ---- a reading ----

@test "a reading is stored, and changes neither steps nor rests" {
    open_clinic
    send_steps p1 "$(batch "$(minute_ago 40)" 80 80 80)"
    wait_for steps_stored_are 240
    try 0 p1
    [ "${lines[0]}" = "publishing to $ROOT/patient/p1/steps:" ]
    [[ ${lines[1]} == '  {"device":"try","start":'*',"seconds":60,"steps":0,"worn":false}' ]]
    [ "${lines[2]}" = "the broker acknowledged it" ]
    [[ ${lines[4]} == 'stored: "not worn" at '*', which changes no steps and no rest' ]]
    [ "${lines[5]}" = "p1's steps today are now 240" ]
    [ "$(class_counts)" = "3,0,1" ]
}

@test "what is found was not there before: another minute each time" {
    open_clinic
    try 0 p1
    try 0 p1
    try 0 p1 --steps 20
    [[ $output == *"stored: 20 steps at "*"p1's steps today are now 20"* ]]
    [ "$(class_counts)" = "0,1,2" ]
}

@test "a device that spoke of each minute by itself needs no trying" {
    open_clinic
    send_steps p1 "$(still 65 -2 | jq -c '.device = "band"')"
    wait_for has_row p1
    try 1 p1 --device band
    [[ $output == *"nothing sent: the device band has already reported each of the last 60 minutes"* ]]
}

@test "an unknown patient is named at once, with the remedy" {
    open_clinic
    try 1 p2
    [[ $output == *"nothing sent: no patient p2: \`stepward patient add p2\`"* ]]
    [ -z "$(refusals | sed 1d)" ]
    stepward patient add p2
    try 0 p2 # and is not taken for the one of before
}

# What comes before the gateway has noticed goes with all else of the patient.
is_refused_as_erased() {
    try 1 p1 && [[ $output == *"refused: erased on "*": the id stays taken"* ]]
}
@test "a patient who was erased is refused" {
    open_clinic
    stepward patient erase p1 --yes
    wait_for is_refused_as_erased
}

# ---- the device's rights ----

# p1 logs in and may write its own steps; who has no name may do anything.
write_rights() {
    printf '%s\n' "topic readwrite #" "topic read \$SYS/#" \
        "pattern write clinic/+/patient/%u/steps" >"$CLINIC/acl"
    mosquitto_passwd -b -c "$CLINIC/passwords" p1 secret
    printf 'secret\nof the device\n' >"$CLINIC/password"
    printf 'wrong\n' >"$CLINIC/wrong"
}

@test "a device's own login is tried: its rights, and its password" {
    write_rights
    # With 0 for "any number" mosquitto 2.0.11 takes every refusal for one too many.
    open_clinic "acl_file $CLINIC/acl" "password_file $CLINIC/passwords" \
        "max_queued_messages 1000"
    stepward patient add p2
    try 0 p1 --user p1 --password-file "$CLINIC/password"
    try 1 p2 --user p1 --password-file "$CLINIC/password"
    [[ $output == *"Not authorized: allow p1 to publish to this topic in the broker's access list"*"sudo scripts/install"* ]]
    try 1 p1 --user p1 --password-file "$CLINIC/wrong"
    [[ $output == *"Not authorized: "*"mend --user and --password-file"*"sudo systemctl reload mosquitto"* ]]
    try 1 p1 --user p1 --password-file "$CLINIC/none"
    [[ $output == *"--password-file $CLINIC/none: No such file or directory"* ]]
    : >"$CLINIC/empty"
    try 1 p1 --user p1 --password-file "$CLINIC/empty"
    [[ $output == *"the first line takes 1 to 1024 characters"* ]]
    [ -z "$(all_rows p2)" ]
}

@test "a broker of MQTT 3.1.1 does not say that it refuses: nothing comes of it" {
    write_rights
    # shellcheck disable=SC2034 # write_config reads it
    BROKER_KEYS='protocol = 4'
    open_clinic "acl_file $CLINIC/acl" "password_file $CLINIC/passwords"
    stepward patient add p2
    wait_for status_is_well
    try 1 p2 --user p1 --password-file "$CLINIC/password" --wait 3s
    [[ $output == *"nothing came of it within 3s: allow p1 to publish to this topic in the broker's access"* ]]
}

# ---- a gateway that does not take it ----

@test "without a gateway nothing is sent" {
    open_clinic
    stop_gateway
    subscribe devices "$ROOT/patient/#"
    try 1 p1
    [[ $output == *"nothing sent: the gateway is not running: start it: "* ]]
    try 1 p1 --alert
    [[ $output == *"nothing sent: the gateway is not running: start it: "* ]]
    [ -z "$(seen devices)" ]
    [ "$(in_database 'SELECT count(*) FROM outbox')" -eq 0 ]
}

@test "a gateway that is not connected takes nothing, and that is said" {
    start_broker
    URI=mqtt://127.0.0.1:$(free_port) write_config
    stepward patient add p1
    launch_gateway
    wait_for status_complains "not connected to the broker"
    write_config # the right one, and the gateway was not restarted
    try 1 p1 --wait 2s
    [[ $output == *"nothing came of it within 2s: not connected to the broker at "* ]]
}

@test "a reading that waits when somebody says stop is taken back" {
    local signal code
    open_clinic
    wait_for gateway_reported # and writes nothing now, with the database locked
    freeze gateway
    for signal in TERM INT; do
        : >"$CLINIC/reading.log"
        start reading "$STEPWARD_BIN/stepward" -c "$CONFIG" try p1 --wait 10m
        wait_for grep -qF "publishing to $ROOT/patient/p1/steps" "$CLINIC/reading.log"
        ! nothing_waits || false
        code=0
        end reading "$signal" || code=$?
        [ "$code" -eq 1 ]
        grep -qF "stopped: the reading was taken back" "$CLINIC/reading.log"
        nothing_waits
    done
}

@test "what is stored later than one waits is not called lost" {
    start_broker
    write_config
    sed -i 's/commit_interval = .*/commit_interval = "30m"/' "$CONFIG"
    stepward patient add p1
    start_gateway
    wait_for gateway_reported
    try 1 p1 --wait 1s --user p1
    [[ $output == *"the gateway stores within commit_interval, 30m: wait longer"* ]]
    try 0 p1 # what it published itself it looks after at once
    [ -n "$(all_rows p1)" ]
}
gateway_reported() { [ "$(in_database 'SELECT connected FROM health')" = 1 ]; }

@test "another site on the same broker is another clinic's: nothing is sent there" {
    open_clinic
    subscribe devices 'clinic/#'
    sed -i 's/^site = .*/site = "praxis"/' "$CONFIG"
    [ "$(stepward site p1 --topic steps)" = clinic/praxis/patient/p1/steps ]
    try 1 p1
    [[ $output == *"the gateway listens to $ROOT/patient/+/steps, and not to clinic/praxis/"* ]]
    try 1 p1 --alert
    [[ $output == *"the gateway listens to $ROOT/patient/+/steps, and not to clinic/praxis/"* ]]
    [[ $(seen devices) != *clinic/praxis/* ]]
    [[ $(seen devices) != */steps* ]]
}

# ---- a test alert ----

nothing_is_retained() { [ -z "$(retained "$ROOT/alerts/+/+/test")" ]; }
nothing_waits() { [ "$(in_database 'SELECT count(*) FROM outbox')" -eq 0 ]; }
was_never_an_alert() {
    [ "$(in_database 'SELECT (SELECT count(*) FROM alert) + (SELECT count(*) FROM alert_log)')" -eq 0 ]
}
states() { seen anna | grep -vF /set/error | sed 's/.*"state":"\([a-z]*\)".*/\1/; s/.* $/cleared/' | xargs; }
states_are() { [ "$(states)" = "$1" ]; }

has_seen_error() { [[ $(seen anna) == *"/test/set/error "*"$1"* ]]; }

# In the background, until the broker has it.
start_alert() { # OPTION…
    start alert "$STEPWARD_BIN/stepward" -c "$CONFIG" try p1 --alert "$@"
    wait_for grep -q 'it stays open' "$CLINIC/alert.log"
}

@test "a test alert is raised, closed and cleared, and is no alert" {
    open_clinic
    subscribe anna "$ROOT/alerts/anna/#"
    try 0 p1 --alert --for 2s
    [[ $output == *"$TEST_TOPIC"* ]]
    [[ $output == *"closed and cleared: nothing of it stays at the broker"* ]]
    wait_for states_are "open closed cleared"
    [[ $(seen anna | head -n 1) == *'"message":"This is a test: nothing is wrong with p1. It ends by itself."'* ]]
    nothing_is_retained
    nothing_waits
    was_never_an_alert
    [ "$(stepward alerts --all --format csv | wc -l)" -eq 1 ]
    [[ $(stepward digest --therapist anna --format json) != *'"raised":1'* ]]
}

@test "who answers a test alert is told that there is no such kind" {
    open_clinic
    subscribe anna "$ROOT/alerts/anna/#"
    start_alert --for 10m
    publish "$TEST_TOPIC/set" '{"action":"ack"}'
    wait_for has_seen_error "test is no kind of alert"
    end alert INT || :
    wait_for nothing_is_retained
}

@test "a signal closes and clears it" {
    open_clinic
    subscribe anna "$ROOT/alerts/anna/#"
    start_alert --for 10m
    ! nothing_is_retained || false
    end alert TERM
    states_are "open closed cleared"
    nothing_is_retained
    nothing_waits
}

@test "the command is killed: the gateway clears it at its next connect" {
    open_clinic
    start_alert --for 10m
    end alert KILL || :
    ! nothing_is_retained || false
    stop_gateway
    start_gateway
    wait_for nothing_is_retained
    log_says "clearing a test alert that was left behind: $TEST_TOPIC"
    nothing_waits
    was_never_an_alert
}

@test "the command is killed before the gateway has it: it is cleared all the same" {
    open_clinic
    wait_for gateway_reported # and writes nothing now, with the database locked
    freeze gateway
    start alert "$STEPWARD_BIN/stepward" -c "$CONFIG" try p1 --alert
    wait_for grep -qF "$TEST_TOPIC" "$CLINIC/alert.log"
    end alert KILL || :
    ! nothing_waits || false
    thaw gateway
    wait_for nothing_waits
    kill_gateway
    start_gateway
    wait_for nothing_is_retained
    was_never_an_alert
}

@test "the gateway is killed meanwhile: the next one closes and clears it" {
    open_clinic
    subscribe anna "$ROOT/alerts/anna/#"
    start_alert --for 10m --wait 1s
    kill_gateway
    local code=0
    end alert INT || code=$?
    [ "$code" -eq 1 ]
    grep -qF "the gateway closes and clears it as soon as it can: the gateway is not running" \
        "$CLINIC/alert.log"
    start_gateway
    wait_for nothing_is_retained
    wait_for nothing_waits
    was_never_an_alert
}

@test "an alert that the broker refuses is taken back, and it is said why" {
    printf '%s\n' "topic readwrite clinic/#" "topic read \$SYS/#" \
        "topic deny $ROOT/alerts/anna/#" >"$CLINIC/acl"
    open_clinic "acl_file $CLINIC/acl" "max_queued_messages 1000"
    try 1 p1 --alert --wait 5s
    [[ $output == *"it was taken back: "*"refused what was published to $ROOT/alerts/anna/…/test: Not authorized"* ]]
    nothing_waits
}
