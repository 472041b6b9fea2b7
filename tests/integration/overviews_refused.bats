#!/usr/bin/env bats
# overviews_refused.bats -- overviews and lists that the broker does not take: it is said
# for as long as that lasts, one is tried now and then, and all come once it takes them.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/time
load ../lib/broker

# Less than a session waits for an answer that is under way when time passes.
SLICE_S=20

setup() {
    clinic_open
    shift_clocks
}
teardown() { clinic_close; }

write_acl() { # LINE…
    printf '%s\n' "topic readwrite clinic/#" "topic read \$SYS/#" "$@" >"$CLINIC/acl"
}

has_overviews() { # of so many patients, and a list
    local topics
    topics=$(mosquitto_sub -p "$PORT" -h 127.0.0.1 --retained-only -W 1 -F %t -t "$ROOT/board/#" -t "$ROOT/patients/#") || :
    [ "$(grep -c /board/ <<<"$topics")" -eq "$1" ] && grep -q /patients/ <<<"$topics"
}
n_denied() { grep -c "Denied PUBLISH.*$1" "$CLINIC/broker.log" || :; }

@test "refused overviews stay a problem until they are taken, and are not tried in a storm" {
    local i before
    write_acl "topic deny $ROOT/board/#" "topic deny $ROOT/patients/#"
    start_broker "acl_file $CLINIC/acl" "max_queued_messages 1000" "log_type all"
    write_config
    for ((i = 0; i < 10; i++)); do stepward patient add "p$i" --therapist anna; done
    start_gateway
    wait_for status_complains "refused what was published to $ROOT/"
    wait_for eval '[ "$(n_denied "$ROOT/patients/")" -ge 1 ]'
    before=$(n_denied "$ROOT/board/")
    [ "$before" -ge 10 ]
    pass_time 300
    status_complains "refused what was published to $ROOT/"
    run ! log_says "takes what is published again"
    [ "$(n_denied "$ROOT/board/")" -le $((before + 11)) ] # one a minute, one at a comparison
    write_acl
    kill -HUP "$(pid_of broker)"
    pass_time 60
    wait_for -t 90 has_overviews 10
    pass_time 120
    wait_for status_is_well
}

@test "a list that is too large stays a problem until it fits" {
    local i
    start_broker "max_packet_size 1400"
    write_config
    for ((i = 0; i < 40; i++)); do stepward patient add "p$i" --therapist anna; done
    start_gateway
    wait_for status_complains "too large for the broker: $ROOT/patients/anna has "
    pass_time 200
    status_complains "too large for the broker: $ROOT/patients/anna has "
    run ! log_says "nothing is too large for the broker any more"
    for ((i = 10; i < 40; i++)); do stepward patient erase "p$i" --yes; done
    pass_time 60
    wait_for -t 90 retained "$ROOT/patients/anna"
    pass_time 120
    wait_for status_is_well
}
