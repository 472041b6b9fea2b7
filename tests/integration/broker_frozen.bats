#!/usr/bin/env bats
# broker_frozen.bats -- a broker that is stopped: nobody closes the connection, and nothing
# comes any more.
load ../lib/clinic
load ../lib/readings
load ../lib/faults
load ../lib/broker

setup() {
    clinic_open
    LOST=0 DOUBLED=0
    start_broker
}
teardown() {
    [ ! -e "$CLINIC/pids/broker" ] || thaw broker
    clinic_close
}


@test "a frozen broker is noticed within 30 s, and what was under way arrives when it thaws" {
    write_config
    start_gateway
    open_an_alert
    freeze broker
    acknowledge
    miss_the_broker
    log_says "not connected to mqtt://127.0.0.1:$PORT: the broker acknowledged nothing"
    thaw broker
    acknowledgement_arrives
    wait_for status_is_well
    send_steps p1 "$(steps_at 80 21)"
    wait_for steps_stored_are 21
    count_steps 21 p1
    tell_fault "broker frozen" "SIGSTOP, SIGCONT after it was noticed" 1 broker_frozen
    nothing_is_lost_or_doubled
}

@test "the gateway ends within seconds while the broker is frozen in the middle of a flood" {
    local round n=1500 began
    freeze_time # the same minutes in every round
    write_config
    stepward patient add p1
    start_gateway
    for ((round = 1; round <= ${FAULT_TRIES:-2}; round++)); do
        one_a_minute $n "$round" >"$CLINIC/lines"
        start_feed "$CLINIC/lines"
        pause "0.$((RANDOM % 6))" # any moment of the flood
        freeze broker
        began=$SECONDS
        stop_gateway
        [ $((SECONDS - began)) -le 15 ]
        # Its threads may be at work still: nothing of theirs was freed.
        [ "$(log_lines "did not answer the disconnect: ending without its answer")" -eq "$round" ]
        thaw broker
        start_gateway
        fed
        wait_for steps_stored_are $((round * n))
    done
    count_steps $(((round - 1) * n)) p1
    tell_fault "exit while the broker is frozen" "SIGSTOP of the broker in a flood, SIGTERM" \
        $((round - 1)) broker_frozen
    nothing_is_lost_or_doubled
}
