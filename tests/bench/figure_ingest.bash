# figure_ingest.bash -- a backlog that waits at the broker, drained as fast as it goes.
#
# By a receiver that does nothing and by the gateway, in turns, each with a broker of its
# own and the same backlog: how long, at what cost. See receiver.c, load.c and watch.c.
# shellcheck shell=bash
# shellcheck disable=SC2034 # STEPS is for the rivals

figure ingest "rate and processor of draining a backlog, against a receiver that does nothing"
figure batch "the same with batches of 60 readings, against single ones"

PATIENTS=1000

# watch OPTION… -- COMMAND…: $WATCHED is then
#     ACKNOWLEDGED_S STORED_S CPU_S RSS_KIB WRITTEN_BYTES FIRST_S
watch() {
    WATCHED=$(timeout --foreground 1800 "$BENCH/watch" -p "$PORT" "$@" 2>"$CLINIC/watch.log") || {
        cat "$CLINIC/watch.log"
        fail "the backlog was not drained"
    }
    grep '^watch:' "$CLINIC/watch.log" || :
}

# backlog MESSAGES ITEMS: waits at the broker; its size is then in $READINGS, $BYTES and $STEPS.
backlog() {
    local line
    line=$(load -n "$1" -b "$2" -P $PATIENTS -s "$START_S")
    read -r _ READINGS BYTES STEPS _ <<<"$line"
}

readings_stored() {
    { stepward status --format json 2>/dev/null || :; } | jq '.[0].readings'
}

drain_by_receiver() { # MESSAGES ITEMS
    bench_broker
    "$BENCH/receiver" -p "$PORT" -n 0 >/dev/null
    backlog "$1" "$2"
    watch -n "$1" -b "$BYTES" -- "$BENCH/receiver" -p "$PORT"
}

# By one that has $DATA, and what waits for it already.
drain_waiting_by_gateway() { # MESSAGES
    local before counted
    before=$(readings_stored)
    watch -n "$1" -b "$BYTES" -d "$DATA/stepward.db" -- \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    counted=$(($(readings_stored) - before))
    [ "$counted" -ge "$READINGS" ] || fail "$counted of $READINGS readings are stored"
}

drain_by_gateway() { # MESSAGES ITEMS
    start_gateway
    stop_gateway
    backlog "$1" "$2"
    drain_waiting_by_gateway "$1"
}

begin_minutes_ago() { START_S=$(($(date +%s) / 60 * 60 - $1 * 60)); }

# Of the table of pairs, the median of an expression of its columns: those of the
# receiver are r1…r6, those of the gateway g1…g6.
of_pairs() {
    local names=(r1 r2 r3 r4 r5 r6 g1 g2 g3 g4 g5 g6) expression=$1 i
    for i in "${!names[@]}"; do expression=${expression//${names[i]}/\$$((i + 1))}; done
    awk "{ printf \"%.4f\\n\", $expression }" "$PAIRS" | median
}

# drain MESSAGES ITEMS ROUNDS
drain() {
    local n=$1 items=$2 minutes=$(($1 * $2 / PATIENTS)) round receiver gateway
    PAIRS=$CLINIC/drain-$n-$items
    [ ! -e "$PAIRS" ] || return 0
    begin_minutes_ago "$minutes"
    for ((round = 1; round <= $3; round++)); do
        drain_by_receiver "$n" "$items"
        receiver=$WATCHED
        bench_broker
        fill $PATIENTS
        drain_by_gateway "$n" "$items"
        gateway=$WATCHED
        echo "   round $round: receiver $receiver, gateway $gateway"
        echo "$receiver $gateway" >>"$PAIRS"
    done
}

report_drain() { # MESSAGES ROUNDS
    local how="$1 messages, $PATIENTS patients, $2 rounds in turns, median"
    drain "$1" 1 "$2"
    report "ingest ratio, $1" "$(of_pairs r1/g2)" ">= 0.9" "$how; until all is stored"
    report "ingest ratio to the last acknowledgement, $1" "$(of_pairs r1/g1)" - "$how"
    report "ingest rate, $1" "$(of_pairs "$1/g2")" - "readings a second"
    report "receiver's rate, $1" "$(of_pairs "$1/r1")" - "messages a second"
    report_drain_cpu "$1" "$2"
    report "ingest peak RSS, $1" "$(of_pairs g4/1024)" - "MiB"
    report "ingest writes, $1" "$(of_pairs "g5/$1")" - "bytes a reading (write_bytes)"
}

report_drain_cpu() { # MESSAGES ROUNDS
    local how="$1 messages, $PATIENTS patients, $2 rounds in turns, median"
    drain "$1" 1 "$2"
    report "cpu ratio, $1" "$(of_pairs g3/r3)" "<= 1.35" "$how; user + system"
    report "cpu, $1" "$(of_pairs "g3*100000/$1")" - "s for 100,000 readings"
    report "receiver's cpu, $1" "$(of_pairs "r3*100000/$1")" - "s for 100,000 messages"
}

measure_ingest() {
    if [ "$QUICK" = yes ]; then
        report_drain 100000 3
    else
        report_drain 100000 7
        report_drain 1000000 3
    fi
}

measure_batch() {
    local n=20000 rounds=5 single batched
    [ "$QUICK" = no ] || { n=10000 rounds=3; }
    drain 100000 1 $rounds
    single=$(of_pairs 100000/g2)
    drain $n 60 $rounds
    batched=$(of_pairs "$n*60/g2")
    report "batch ratio" "$(calc "$batched / $single" 1)" ">= 20" \
        "readings a second in batches of 60 against single ones, $n batches"
    report "batch rate" "$batched" - "readings a second"
}
