#!/usr/bin/env bats
# idle.bats -- a gateway that nobody sends anything wakes hardly ever, and yet hears at
# once of what the command line changed, though it would look by itself only after 20 s.
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

rest_is() { [ "$(sqlite3 -readonly "$DATA/stepward.db" "SELECT state FROM alert WHERE kind = 'rest'")" = "$1" ]; }
wait_shortly() { wait_for -t $((DEADLINE_S / 4)) "$@"; }

@test "each change of a plan is judged at once" {
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for rest_is open
    for _ in 1 2 3 4 5; do
        stepward patient set p1 --rest-limit 3h
        wait_shortly rest_is closed
        stepward patient set p1 --rest-limit 1h
        wait_shortly rest_is open
    done
}
