# figure_replay.bash -- how long `stepward replay` takes for a clinic's last weeks.
#
# The past is that of `stepward simulate`, taken in by a gateway.
# shellcheck shell=bash

figure replay "seconds of 'stepward replay' for 100 patients and 28 days"

measure_replay() {
    local patients=100 days=28 sent
    [ "$QUICK" = no ] || { patients=20 days=14; }
    bench_broker
    bench_config "auto_enroll = true" "plan { floor = 2000 }"
    rm -rf "$DATA"
    start_gateway
    read -r _ sent _ < <(stepward simulate --patients $patients --days $days --no-live)
    wait_for -t 600 is_stored "$sent"
    stop_gateway
    for _ in 1 2 3; do
        seconds_of stepward replay --days $days --always --format csv --by patient
    done | median >"$CLINIC/replay"
    report "replay, $patients patients, $days days" "$(cat "$CLINIC/replay")" - \
        "s, median of 3"
}
