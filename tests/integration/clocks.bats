#!/usr/bin/env bats
# clocks.bats -- a machine without a clock chip: it boots in the past and jumps, and is
# set by an hour either way. What the devices sent is counted as if the clock had always
# been right, and nobody is alarmed by a clock.
load ../lib/clinic
load ../lib/readings
load ../lib/time

setup() {
    clinic_open
    start_broker
    write_config
    shift_clocks
}
teardown() { clinic_close; }

SETTLED_S=70 # a step is believed after a minute

sql() { sqlite3 -readonly "$DATA/stepward.db" "$1"; }
sql_is() { [ "$(sql "$1")" = "$2" ]; }
alerts_are() { diff <(echo "$1") <(all_alerts); } # "PATIENT KIND STATE REASON REV", one a line
all_alerts() {
    sql "SELECT p.id, kind, state, coalesce(reason, ''), rev FROM alert
         JOIN patient AS p ON p.key = patient ORDER BY opened_at_s, p.id" | tr '|' ' '
}
nothing_is_refused() { [ -z "$(refusals | tail -n +2)" ]; }
inbox_is_over() { [ "$(stat -c %s "$DATA/inbox")" -gt "$1" ]; }
is_about() { [ "$1" -ge $(($2 - 5)) ] && [ "$1" -le $(($2 + 5)) ]; } # SECONDS EXPECTED

# Keep the clock wrong so long that it is believed.
believe_it() {
    pass_time $SETTLED_S
    wait_for trusts_its_clock
}

@test "boots in 1970: messages wait, no alert changes, and then all is as if it had been right" {
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add quiet --therapist anna --silent-after 5m
    start_gateway
    send_steps quiet "$(steps_at 0 7)"
    send_steps p1 "$(still 70 0)"
    wait_for alerts_are "p1 rest open  1"
    stop_gateway

    boot_with_clock_wrong_by $((60 - $(right_now_s)))
    start_gateway
    local received_s
    received_s=$(right_now_s)
    send_steps p1 "$(steps_at 80 21)"
    send_steps p1 '{"total": 5000, "device": "band"}'
    publish "$ROOT/patient/p1/pain" '{"score": 6}'
    wait_for inbox_is_over 100
    pass_time 200 # longer than a clock of the boot is waited for
    steps_stored_are 7
    alerts_are "p1 rest open  1"
    wait_for sql_is "SELECT inbox_pending FROM health" 3
    run stepward status
    [ "$status" -eq 1 ]
    [[ $output == *"clock is not trusted"* ]]

    clock_is_set
    believe_it
    wait_for steps_stored_are 28
    is_about "$(sql "SELECT at_s FROM total")" "$received_s"
    is_about "$(sql "SELECT at_s FROM pain")" "$received_s"
    is_about "$(sql "SELECT heard_at_s FROM patient WHERE id = 'p1'")" "$received_s"
    nothing_is_refused
    alerts_are "p1 rest open  1"
    send_steps p1 "$(steps_at 0 60)"
    wait_for alerts_are "p1 rest closed moved 2"
}

@test "boots at its last shutdown, a day ago: what is sent now is not of tomorrow" {
    stepward patient add p1 --therapist anna --rest-limit 1h
    boot_with_clock_wrong_by -86400
    start_gateway
    send_steps p1 "$(still 70 0)"
    send_steps p1 "$(steps_at 75 33)"
    wait_for inbox_is_over 100
    pass_time 30
    steps_stored_are 0
    clock_is_set
    believe_it
    wait_for steps_stored_are 33
    wait_for alerts_are "p1 rest open  1"
    nothing_is_refused
}

@test "an hour ahead and back: no silence that was none, no alert twice, and silence in its time" {
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add quiet --therapist anna --silent-after 6m
    start_gateway
    send_steps quiet "$(steps_at 0 7)"
    send_steps p1 "$(still 70 0)"
    wait_for alerts_are "p1 rest open  1"
    pass_time 100
    step_clock 3600
    believe_it
    pass_time 60
    alerts_are "p1 rest open  1"
    step_clock -3600
    believe_it
    alerts_are "p1 rest open  1"
    # Watched since it was heard: 100 s, 60 s and from now on. Two more minutes are not
    # enough, the hour notwithstanding; four are.
    send_steps p1 "$(still 8 0)"
    pass_time 100
    alerts_are "p1 rest open  1"
    pass_time 150
    wait_for alerts_are "p1 rest open  1
quiet silent open  1"
    send_steps quiet "$(steps_at 0 7)"
    send_steps p1 "$(steps_at 0 60)"
    wait_for alerts_are "p1 rest closed moved 2
quiet silent closed heard 2"
    sql_is "SELECT count(*) FROM watched AS a JOIN watched AS b
            ON a.from_s < b.from_s AND b.from_s < a.to_s" 0
}

@test "a jump ahead over the end of the wake window that is taken back ends nothing" {
    stepward patient add p1 --therapist anna --rest-limit 1h \
        --wake "08:00-$(TZ=$ZONE date -d "@$(($(right_now_s) + 1800))" +%H:%M)"
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for alerts_are "p1 rest open  1"
    step_clock 3600
    pass_time 30
    step_clock -3600
    believe_it
    alerts_are "p1 rest open  1"
}

@test "a clock that was ahead over midnight is put back: each day has its own steps" {
    ZONE=$(zone_where_hour_is 23)
    write_config
    stepward patient add p1 --therapist anna --rest-limit 30m --wake 00:00-24:00
    stepward patient add quiet --therapist anna --silent-after 5m --wake 00:00-24:00
    WRONG_S=3600
    tell_clocks
    start_gateway
    send_steps quiet "$(steps_at 0 7)"
    send_steps p1 "$(steps_at 5 11)"
    wait_for steps_stored_are 18
    step_clock -3600
    believe_it
    send_steps p1 "$(steps_at 0 100)"
    wait_for steps_stored_are 118
    nothing_is_refused
    local day
    day=$(TZ=$ZONE date -d "@$(right_now_s)" +%F)
    # The minutes around it may belong to the next day by now.
    if [ "$(TZ=$ZONE date -d "@$(minute_ago 10)" +%F)" = "$day" ]; then
        sql_is "SELECT group_concat(day) FROM day WHERE patient = 'p1'" "$day"
    fi
    # Heard an hour ahead: silence is counted all the same, and not before its time.
    [ -z "$(all_alerts)" ]
    pass_time 360
    wait_for alerts_are "quiet silent open  1"
}

@test "set while the broker is away, back or ahead: reconnects within the back-off" {
    stepward patient add p1
    start_gateway
    local step n=1
    for step in -3600 3600 -86400 86400; do
        end broker
        step_clock "$step"
        start_broker
        n=$((n + 1))
        wait_for -t 40 has_connected "$n"
    done
    believe_it
    send_steps p1 "$(steps_at 0 9)"
    wait_for steps_stored_are 9
}
has_connected() { [ "$(grep -c 'connected to mqtt' "$CLINIC/gateway.log")" -ge "$1" ]; }

@test "set while readings wait for their commit: they are stored in its time, and the next ones too" {
    sed -i 's/^commit_interval.*/commit_interval = "10s"/' "$CONFIG"
    stepward patient add p1
    start_gateway
    send_steps p1 "$(steps_at 3 9)"
    pass_time 1 # the loop has taken it
    step_clock -3600
    send_steps p1 "$(steps_at 2 5)"
    pass_time 12
    wait_for -t 20 steps_stored_are 9
    clock_is_set
    believe_it
    pass_time 12
    wait_for steps_stored_are 14
    nothing_is_refused
}
