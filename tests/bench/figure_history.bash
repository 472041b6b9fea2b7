# figure_history.bash -- what years of stored data cost: room, start, answers, and speed.
#
# The past is made by fill.c, through the store's own calls. See watch.c for the start.
# shellcheck shell=bash
# shellcheck disable=SC2153 # BYTES is what backlog leaves

figure size "bytes of database for a patient and a year of minutes"
figure start "milliseconds to the first message accepted, 1,000 patients, five years of days"
figure cli "milliseconds of 'today' and 'summary' on the same database"
figure growth "ingest rate with 1, 10 and 100 times the stored data"

DAYS_A_YEAR=365.25
HISTORY_PATIENTS=1000
FIVE_YEARS_D=1826

measure_size() {
    local patients=20 days=60 bytes
    [ "$QUICK" = no ] || days=10
    fill $patients -D $days
    bytes=$(stat -c %s "$DATA/stepward.db")
    report "database size" "$(calc "$bytes * $DAYS_A_YEAR / $patients / $days / 1e6")" "<= 1" \
        "MB a patient and year, all 1,440 minutes of a day; from $patients patients, $days days"
}

# $DATA: five years. The readings are of an hour each, because those of a minute would
# take days to make; the rows of the days are all there.
fill_history() {
    local days=$FIVE_YEARS_D
    [ "$QUICK" = no ] || days=120
    HISTORY="$HISTORY_PATIENTS patients, $days days"
    fill $HISTORY_PATIENTS -D $days -m 60
    HISTORY="$HISTORY, hourly readings, $(($(stat -c %s "$DATA/stepward.db") / 1000000)) MB"
}

# Drop what the kernel has in memory of the database.
chill() { dd of="$1" oflag=nocache conv=notrunc,fdatasync count=0 status=none; }

# start_once: a thousand messages wait; $FIRST_S is from the start to the first of them
# acknowledged, which is when more than those under way at once have come.
start_once() {
    local under_way_bytes=2600
    start_gateway
    stop_gateway
    backlog 1000 1
    [ "$1" = warm ] || chill "$DATA/stepward.db"
    watch -n 1000 -b "$BYTES" -d "$DATA/stepward.db" -g $under_way_bytes -- \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    read -r _ _ _ _ _ FIRST_S <<<"$WATCHED"
}

measure_start() {
    local cache round rounds=5
    bench_broker
    fill_history
    for cache in warm cold; do
        for ((round = 1; round <= rounds; round++)); do
            begin_minutes_ago $((10 * rounds - round))
            start_once $cache
            calc "$FIRST_S * 1000" 1
        done >"$CLINIC/start-$cache"
    done
    report "start" "$(median <"$CLINIC/start-warm")" "<= 200" \
        "ms to the first message accepted, $HISTORY; median of $rounds"
    report "start, cold" "$(median <"$CLINIC/start-cold")" - \
        "ms, the database not in the kernel's memory"
}

ASKED_TIMES=40

# ask COMMAND…: the median, in milliseconds. No shell stands between, and its own time
# is not counted.
ask() {
    hyperfine -N --warmup 3 --runs $ASKED_TIMES --export-json "$CLINIC/asked" \
        "$(printf '%q ' "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@")" >/dev/null
    calc "$(jq '.results[0].median' "$CLINIC/asked") * 1000" 1
}

# Today until now: most of it came at once and stands in runs, the last minutes came one
# by one and do not, as in the hours of a clinic.
load_today() {
    local minutes=100 single=8 now n
    now=$(($(date +%s) / 60 * 60))
    n=$((HISTORY_PATIENTS * (minutes - single)))
    load -P $HISTORY_PATIENTS -n $n -s $((now - minutes * 60)) >/dev/null
    wait_for -t 600 is_stored $n
    load -P $HISTORY_PATIENTS -n $((HISTORY_PATIENTS * single)) -s $((now - single * 60)) >/dev/null
    wait_for -t 600 is_stored $((HISTORY_PATIENTS * minutes))
}

measure_cli() {
    bench_broker
    fill_history
    start_gateway
    load_today # there is something to tell
    local how="ms, median of $ASKED_TIMES, the gateway runs, $HISTORY"
    report "today" "$(ask today)" "<= 20" "$how"
    report "summary p0042 --days 28" "$(ask summary p0042 --days 28)" "<= 10" "$how"
    report "summary --days 7" "$(ask summary --days 7)" "<= 100" "$how"
    stop_gateway || fail "the gateway failed"
}

# The same backlog to databases of a day, ten and a hundred of the same hundred
# patients, in turns.
measure_growth() {
    local PATIENTS=100 n=100000 rounds=3 times rate round seconds
    [ "$QUICK" = no ] || { n=50000 rounds=1; }
    begin_minutes_ago $((n / PATIENTS))
    for ((round = 1; round <= rounds; round++)); do
        for times in 1 10 100; do
            bench_broker
            fill $PATIENTS -D $times
            drain_by_gateway $n 1
            read -r _ seconds _ <<<"$WATCHED"
            calc "$n / $seconds" 0 >>"$CLINIC/growth-$times"
        done
    done
    rate=$(median <"$CLINIC/growth-1")
    report "ingest rate at 1x" "$rate" - "readings a second; 1x: a day of minutes of $PATIENTS patients"
    for times in 10 100; do
        report "growth, ${times}x" "$(calc "$(median <"$CLINIC/growth-$times") / $rate" 2)" ">= 0.9" \
            "of the rate at 1x, $n messages, $rounds rounds in turns"
    done
}
