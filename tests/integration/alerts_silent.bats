#!/usr/bin/env bats
# alerts_silent.bats -- a device that says nothing, and is heard again. One test: silence
# takes its time.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
    stepward patient add quiet --therapist anna --silent-after 1m
    stepward patient add asleep --therapist anna --silent-after 1m --wake 01:00-02:00
    start_gateway
    subscribe anna "$ROOT/alerts/#"
}
teardown() { clinic_close; }

# Whole minutes are judged, so the alert comes one to two minutes after the last message.
SILENCE_S=180

# A clean session of the same name ends the gateway's: what is sent now is not queued for
# it, and reaches it as a retained copy when it subscribes again.
forget_session() {
    mosquitto_sub -p "$PORT" -h 127.0.0.1 -i stepward-test -E -t nothing
}

@test "silence raises one alert, which neither a restart nor a retained copy ends, but a message" {
    wait_for -t $SILENCE_S has_seen_alert anna '.state == "open"'
    kill_gateway
    forget_session
    send_steps quiet "$(still 240 0)" -r
    start_gateway
    wait_for has_row quiet
    # There is a rest of 4 h now; while `silent` is open it is not raised.
    [ "$(stepward alerts --format csv | tail -n +2 | cut -d, -f2,3)" = quiet,silent ]
    send_steps quiet "$(steps_at 0 5)"
    wait_for has_seen_alert anna '.kind == "rest" and .state == "open"'
    seen_payloads anna | jq -se '
        [.[] | select(.kind == "silent")] |
        ([.[] | .id] | unique | length) == 1 and ([.[] | .rev] | unique) == [1, 2] and
        .[0].state == "open" and .[0].level == "low" and .[0].patient == "quiet" and
        .[0].evidence.limit_min == 1 and .[0].evidence.silent_min >= 1 and
        .[-1].state == "closed" and .[-1].reason == "heard"'
    [ "$(seen_payloads anna | jq -r .patient | sort -u)" = quiet ]
    [ -n "$(retained "$ROOT/alerts/anna/quiet/silent")" ]
}
