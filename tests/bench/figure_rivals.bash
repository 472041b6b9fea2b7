# figure_rivals.bash -- what a clinic would otherwise do, on the same backlog.
#
# rival.py, committing every message or a batch, and the gateway: rate, cost, and what
# is lost and doubled when each is killed in the middle and started again.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root: of who reads this

# shellcheck source=tests/lib/readings.bash
. "$root/tests/lib/readings.bash"

figure rivals "a Python script (paho-mqtt, sqlite3) on the same backlog: rate, cost, losses by kill -9"

KILLS=3

rival() { # COMMIT [OPTION…]
    timeout --foreground 1800 /usr/bin/python3 "$root/tests/bench/rival.py" "$PORT" "$CLINIC/rival.db" \
        --commit "$1" "${@:2}"
}
rival_query() { sqlite3 -readonly "$CLINIC/rival.db" ".timeout --foreground 5000" "SELECT $1 FROM reading"; }
rival_rows() { rival_query 'count(*)'; }

rival_with_backlog() { # COMMIT MESSAGES
    bench_broker
    rm -f "$CLINIC"/rival.db*
    rival "$1" --subscribe
    backlog "$2" 1
}
gateway_with_backlog() { # MESSAGES
    bench_broker
    fill "$PATIENTS"
    start_gateway
    stop_gateway
    backlog "$1" 1
}

# report_rival WHO MESSAGES: of $WATCHED.
report_rival() {
    local stored cpu rss written
    read -r _ stored cpu rss written _ <<<"$WATCHED"
    report "$1: rate" "$(calc "$2 / $stored" 0)" - "readings a second, $2 messages"
    report "$1: cpu" "$(calc "$cpu * 100000 / $2")" - "s for 100,000"
    report "$1: peak RSS" "$(calc "$rss / 1024" 1)" - "MiB"
    report "$1: writes" "$(calc "$written / $2" 0)" - "bytes a reading (write_bytes)"
}

# Until what a command prints stays the same for longer than a commit_interval.
settled() {
    local now before='' since=$SECONDS until=$((SECONDS + 600))
    while [ "$SECONDS" -lt "$until" ] && [ $((SECONDS - since)) -lt 13 ]; do
        now=$("$@" 2>/dev/null) || now=
        [ "$now" = "$before" ] || since=$SECONDS
        before=$now
        pause 0.5
    done
    echo "$before"
}

kill_rival() { # COMMIT MESSAGES
    local part
    rival_with_backlog "$1" "$2"
    for ((part = 1; part <= KILLS; part++)); do
        start rival /usr/bin/python3 "$root/tests/bench/rival.py" "$PORT" \
            "$CLINIC/rival.db" --commit "$1"
        wait_for -t 300 has_rows $(($2 * part / 8)) # what is lost is not waited for
        pause 0.0$((RANDOM % 10))
        end rival KILL || :
    done
    start rival /usr/bin/python3 "$root/tests/bench/rival.py" "$PORT" "$CLINIC/rival.db" \
        --commit "$1"
    settled rival_rows >/dev/null
    end rival || :
}
has_rows() { [ "$(rival_rows)" -ge "$1" ]; }

kill_rival_and_report() { # WHO COMMIT MESSAGES
    local rows distinct how="of $3 readings, $KILLS kills"
    kill_rival "$2" "$3"
    rows=$(rival_rows)
    distinct=$(rival_query 'count(DISTINCT patient || start)')
    report "$1: lost" $(($3 - distinct)) - "$how"
    report "$1: doubled" $((rows - distinct)) - "$how"
}

# In steps, because the gateway counts what came twice only once, in the steps of a day.
kill_gateway_and_report() { # MESSAGES
    local part stored how="of $1 readings, $KILLS kills; in steps"
    gateway_with_backlog "$1"
    for ((part = 1; part <= KILLS; part++)); do
        : >"$CLINIC/gateway.log"
        launch_gateway
        wait_for grep -q connected "$CLINIC/gateway.log"
        pause 0.$((RANDOM % 5))
        end gateway KILL || :
    done
    start_gateway
    stored=$(settled steps_stored)
    end gateway || fail "the gateway failed"
    report "stepward: lost" $((STEPS > stored ? STEPS - stored : 0)) "== 0" "$how"
    report "stepward: doubled" $((stored > STEPS ? stored - STEPS : 0)) "== 0" "$how"
}

measure_rivals() {
    local n=20000 commit who
    [ "$QUICK" = no ] || n=5000
    need python3 python3-paho-mqtt
    begin_minutes_ago $((n / PATIENTS))
    for commit in message batch; do
        who="python, commit by $commit"
        rival_with_backlog $commit $n
        watch -n $n -b $((BYTES - n)) -- /usr/bin/python3 "$root/tests/bench/rival.py" \
            "$PORT" "$CLINIC/rival.db" --commit $commit
        report_rival "$who" $n
        kill_rival_and_report "$who" $commit $n
    done
    gateway_with_backlog $n
    drain_waiting_by_gateway $n
    report_rival stepward $n
    kill_gateway_and_report $n
}
