#!/usr/bin/env bats
# brokers.bats -- the same story with brokers of several makes: a gateway connects, 500
# readings wait for it, the broker is killed, comes back, an alert is raised and
# acknowledged.
#
# What a broker keeps over a kill is its own promise: where it keeps what waited, all of
# it is stored, once; where it does not, the gateway says what may be missing.
load ../lib/clinic
load ../lib/readings
load ../lib/broker
load ../lib/brokers

PATIENTS=(p1 p2 p3 p4 p5)
EACH=100 # readings that wait, of each patient

setup() {
    clinic_open
    freeze_time
}
teardown() { clinic_close; }

need_broker() {
    local missing
    missing=$(broker_missing "$1")
    [ -z "$missing" ] || skip "$missing"
}

# ---- devices and apps, in MQTT 3.1.1, which all of them speak ----

client() { # PROGRAM [OPTION…]
    "$1" -V mqttv311 -h 127.0.0.1 -p "$PORT" "${CLIENT[@]}" -q 1 "${@:2}"
}
publish() { client mosquitto_pub -t "$1" -m "$2"; }

# subscribe NAME FILTER: as clinic.bash's, which relies on what mosquitto alone publishes.
subscribe() {
    : >"$CLINIC/$1.log"
    start "$1" mosquitto_sub -V mqttv311 -h 127.0.0.1 -p "$PORT" "${CLIENT[@]}" -q 1 \
        -F '%r %t %p' -t "$ROOT/hello" -t "$2"
    wait_for is_greeted "$1"
}
is_greeted() {
    publish "$ROOT/hello" '{}' && grep -q "$ROOT/hello" "$CLINIC/$1.log"
}
retained() { client mosquitto_sub -C 1 -W "${2:-1}" -t "$1"; }

# ---- the story ----

connects() {
    MAX_AGE=31d write_config # so long a broker may be asked to keep a session
    local patient
    for patient in "${PATIENTS[@]}"; do stepward patient add "$patient" --therapist anna; done
    launch_gateway
    wait_for status_is_well
    publish "$ROOT/patient/p1/steps" "$(steps_at 1 7)"
    wait_for steps_stored_are 7
    [ "$(retained "$ROOT/gateway/status" 10)" = online ]
}

# While the gateway is away: readings of one step, minutes of yesterday and before.
readings_wait() {
    local patient i start
    start=$((NOW_S / 60 * 60 - 60 * $1))
    for patient in "${PATIENTS[@]}"; do
        for ((i = 0; i < EACH; i++)); do
            echo "{\"start\":$((start - 60 * i)),\"steps\":1}"
        done | client mosquitto_pub -l -t "$ROOT/patient/$patient/steps"
    done
}
N_WAITING=$((${#PATIENTS[@]} * EACH))

# waiting_are_stored STEPS: so many, each once, and nothing was refused.
waiting_are_stored() {
    wait_for steps_stored_are "$1"
    [ "$(refusals | wc -l)" -eq 1 ] # the header
    [ "$(stepward incidents --format json)" = "[]" ]
}

# What the broker kept in memory is gone, and is missed since the gateway went.
loss_is_told() {
    wait_for has_incident session_lost
    log_says "the broker kept no session for stepward-test: messages sent from "
    stepward status --format json | jq -e '.[0].incident | contains("may be missing")'
}

# alert_is_shown STATE REV: to an app that connects only now.
alert_is_shown() {
    retained "$ROOT/alerts/anna/p2/pain" 5 | jq -e ".state == \"$1\" and .rev == $2"
}
alert_is_raised_and_acknowledged() {
    local topic=$ROOT/alerts/anna/p2/pain
    subscribe anna "$ROOT/alerts/anna/#"
    publish "$ROOT/patient/p2/pain" '{"score": 9}'
    wait_for has_seen_alert anna '.kind == "pain" and .state == "open" and .rev == 1'
    publish "$topic/set" '{"action": "ack", "by": "Anna K."}'
    wait_for has_seen_alert anna '.state == "acknowledged" and .rev == 2 and .by == "Anna K."'
    wait_for alert_is_shown acknowledged 2
    stepward alerts --format json | jq -e '.[0].state == "acknowledged"'
    wait_for status_is_well
}

# The gateway connects again by itself, and what the broker has lost is published again.
alert_outlives_the_broker() { # START…
    end broker KILL || :
    "$@"
    wait_for alert_is_shown acknowledged 2
}

# The broker's own promise: on the disk (SETTLE: when it is there), or in memory.
keeps_over_a_kill() { # START…
    "$@"
    connects
    stop_gateway
    readings_wait 2880
    "${SETTLE:-true}"
    end broker KILL || :
    "$@"
    launch_gateway
    waiting_are_stored $((7 + N_WAITING))
    alert_is_raised_and_acknowledged
}
keeps_in_memory() { # START…
    "$@"
    connects
    stop_gateway
    readings_wait 2880
    launch_gateway
    waiting_are_stored $((7 + N_WAITING))
    stop_gateway
    readings_wait 5760
    end broker KILL || :
    "$@"
    launch_gateway
    loss_is_told
    publish "$ROOT/patient/p1/steps" "$(steps_at 2 3)"
    wait_for steps_stored_are $((10 + N_WAITING))
    alert_is_raised_and_acknowledged
    alert_outlives_the_broker "$@"
}

@test "mosquitto keeps what waits in its file" {
    SETTLE=save_broker
    keeps_over_a_kill start_broker
}

@test "RabbitMQ, with MQTT 3.1.1, keeps what waits on the disk" {
    need_broker rabbitmq
    BROKER_KEYS="protocol = 4"
    keeps_over_a_kill start_rabbitmq
}

@test "ejabberd, with MQTT 5, keeps what waits in memory" {
    need_broker ejabberd
    keeps_in_memory start_ejabberd
}

@test "aedes, with MQTT 3.1.1, keeps what waits in memory" {
    need_broker aedes
    BROKER_KEYS="protocol = 4"
    keeps_in_memory start_aedes
}

@test "aedes with aedes-persistence-level keeps what waits on the disk" {
    need_broker aedes
    BROKER_KEYS="protocol = 4"
    keeps_over_a_kill start_aedes "$CLINIC/broker/aedes"
}
