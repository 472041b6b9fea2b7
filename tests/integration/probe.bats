#!/usr/bin/env bats
# probe.bats -- a gateway that cannot hear, or cannot be heard, says so: mosquitto grants a
# subscription and delivers nothing, takes a publication and drops it. A message that goes
# round by each subscription finds out, and does no harm.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() { clinic_open; }
teardown() { clinic_close; }

# With 0 for "any number" mosquitto 2.0.11 takes every refusal for one too many, and hangs up.
QUEUE="max_queued_messages 1000"
SOURCE='source band { topic = "home/+/BTtoMQTT/{device}"  total = "/steps" }'

write_acl() { printf '%s\n' "topic read \$SYS/#" "$@" >"$CLINIC/acl"; }
# Rights are read again: what is missed is tried again after a minute.
grant_all() {
    write_acl "topic readwrite #"
    kill -HUP "$(pid_of broker)"
    wait_for -t 150 status_is_well
}
incident_is_over() {
    stepward incidents --format json | jq -e ".[] | select(.what == \"$1\") | .over_at != null"
}
commits() { stepward status --format json | jq '.[0].commits'; }
waits_for_nothing() { [ "$(stepward status --format json | jq -r '.[0].inbox_pending')" = 0 ]; }

@test "an access list that lets no reading in is said with its remedy, and over when it is mended" {
    write_acl "topic readwrite $ROOT/gateway/#" "topic readwrite $ROOT/alerts/#" \
        "topic write $ROOT/patient/#"
    start_broker "acl_file $CLINIC/acl" "$QUEUE"
    write_config
    start_gateway
    wait_for status_complains "messages to $ROOT/patient/+/steps and 1 more topic do not arrive: let the gateway's user read and write there"
    wait_for has_incident deaf
    grant_all
    wait_for -t 90 incident_is_over deaf
}

@test "one that keeps only the steps of a source, or what therapists set, away is found in MQTT 3.1.1 too" {
    write_acl "topic readwrite $ROOT/patient/#" "topic readwrite $ROOT/gateway/#" \
        "topic readwrite $ROOT/alerts/+/+/+" "topic write $ROOT/alerts/+/+/+/set" \
        "topic write home/#"
    start_broker "acl_file $CLINIC/acl" "$QUEUE"
    BROKER_KEYS="protocol = 4" write_config "$SOURCE"
    start_gateway
    wait_for status_complains "messages to $ROOT/alerts/+/+/+/set and 1 more topic do not arrive"
    grant_all
}

@test "alerts that a broker of MQTT 3.1.1 swallows without a word are said, for the right as for the size" {
    write_acl "topic readwrite $ROOT/patient/#" "topic readwrite $ROOT/gateway/#" \
        "topic readwrite $ROOT/alerts/+/+/+/set" "topic read $ROOT/alerts/#"
    start_broker "acl_file $CLINIC/acl" "$QUEUE"
    BROKER_KEYS="protocol = 4" write_config
    start_gateway
    wait_for status_complains "alerts do not come through the broker: let the gateway's user write and read $ROOT/alerts/#"
    wait_for has_incident mute
    end broker
    start_broker "message_size_limit 400"
    wait_for log_says "alerts do not come through"
    wait_for status_complains "(mosquitto: message_size_limit)"
}

@test "with a right to read alone a source cannot be tried: both are named, and nothing else breaks" {
    write_acl "topic readwrite $ROOT/#" "topic read home/#"
    start_broker "acl_file $CLINIC/acl" "$QUEUE"
    write_config "$SOURCE"
    start_gateway
    wait_for status_complains "messages to home/+/BTtoMQTT/+ do not arrive: let the gateway's user read and write there"
    grant_all
}

@test "a broker that hangs up on what it refuses is not tried again and again, and the right is named" {
    write_acl "topic readwrite $ROOT/#" "topic read home/#"
    start_broker "acl_file $CLINIC/acl" # with 0, see above
    write_config "$SOURCE"
    stepward patient add p1
    start_gateway
    if broker_hangs_up; then
        wait_for status_complains "the broker hangs up on the test whether messages arrive: let the gateway's user read and write $ROOT/#"
    else
        wait_for status_complains "messages to home/+/BTtoMQTT/+ do not arrive"
    fi
    wait_for status_is online
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
}
broker_hangs_up() { wait_for -t 10 log_says "not connected to"; }

@test "a topic with a dot that is lost is said of who has one, and of nobody else" {
    write_acl "topic readwrite #" "topic deny $ROOT/patient/~stepward.probe/steps"
    start_broker "acl_file $CLINIC/acl" "$QUEUE"
    write_config
    stepward patient add p1
    start_gateway
    wait_for status_is_well
    stop_gateway
    stepward patient add p.2
    start_gateway
    wait_for status_complains "give p.2 one without"
    wait_for has_incident dots_lost
}

@test "a probe is stored, counted, refused and enrolled nowhere, costs no commit, and is not retained" {
    start_broker
    write_config "auto_enroll = true" "$SOURCE"
    subscribe all "#"
    start_gateway
    wait_for grep -q "home/~stepward-probe/BTtoMQTT/~stepward-probe {\"stepward\":\"probe " "$CLINIC/all.log"
    wait_for grep -q "$ROOT/alerts/~stepward-probe/~stepward-probe/~stepward-probe/set" "$CLINIC/all.log"
    wait_for status_is_well
    local before
    before=$(grep -c 'stepward":"probe' "$CLINIC/all.log")
    [ "$before" -eq 10 ]
    [ "$(stepward rejected --format json | jq length)" -eq 0 ]
    [ "$(stepward patient list --format json | jq length)" -eq 0 ]
    [ "$(stepward status --format json | jq '.[0].messages')" -eq 0 ]
    [ "$(stepward status --format json | jq '.[0].inbox_pending')" -eq 0 ]
    [ "$(stepward incidents --format json | jq length)" -eq 0 ]
    # Whoever comes later finds none of them.
    subscribe later "#"
    [ "$(grep -c 'stepward":"probe' "$CLINIC/later.log")" -eq 0 ]
    # Another gateway of the site, or of another on the same sources, does not take them up.
    publish home/~stepward-probe/BTtoMQTT/~stepward-probe '{"stepward":"probe 0123-5"}'
    publish "$ROOT/patient/~stepward-probe/steps" '{"stepward":"probe 0123-0"}'
    publish "$ROOT/patient/~other/steps" '{"start":1,"steps":1}'
    wait_for [ "$(stepward status --format json | jq '.[0].messages')" -le 1 ]
    wait_for refused_is_one
}
refused_is_one() { [ "$(stepward rejected --format json | jq length)" -eq 1 ]; }
