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
    sql_is "SELECT count(*) FROM online_span AS a JOIN online_span AS b
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

# ---- a clock that was wrong and believed ----

# The counter of a band that sends no time: PATIENT TOTAL [BATTERY].
shows() { send_steps "$1" "{\"total\":$2,\"device\":\"band\"${3:+,\"battery\":$3}}"; }
scores() { publish "$ROOT/patient/$1/pain" "{\"score\":$2${3:+,\"flare\":$3}}"; }
totals_are() { sql_is "SELECT count(*) FROM total" "$1"; }
pains_are() { sql_is "SELECT count(*) FROM pain" "$1"; }
incidents() { stepward incidents --format csv | grep ',clock_wrong,'; }
nothing_is_to_come() {
    local until
    until=$(($(right_now_s) + 2))
    sql_is "SELECT (SELECT count(*) FROM total WHERE at_s > $until)
        + (SELECT count(*) FROM pain WHERE at_s > $until)
        + (SELECT count(*) FROM device WHERE battery_at_s > $until)
        + (SELECT count(*) FROM patient WHERE heard_at_s > $until)" 0
}
all_are_since() { # SECONDS: nothing is older
    sql_is "SELECT (SELECT count(*) FROM total WHERE at_s < $1 - 2)
        + (SELECT count(*) FROM pain WHERE at_s < $1 - 2)
        + (SELECT count(*) FROM patient WHERE heard_at_s BETWEEN 1 AND $1 - 3)" 0
}
add_two() {
    local patient
    for patient in p1 p2; do
        stepward patient add "$patient" --therapist anna --silent-after 2h --wake 00:00-24:00
    done
}

# ahead_for_a_while HOURS: believed, and then set right.
ahead_for_a_while() {
    local began_s
    add_two
    start_gateway
    began_s=$(right_now_s)
    shows p1 5000
    shows p2 5000
    wait_for totals_are 2 # received: in a second of its own
    pass_time 5
    shows p1 5005
    wait_for steps_stored_are 5 p1
    step_clock $(($1 * 3600))
    believe_it
    shows p1 5010 5
    scores p1 2
    wait_for pains_are 1
    pass_time 3
    step_clock $((-$1 * 3600))
    believe_it
    nothing_is_to_come
    all_are_since "$began_s"
    shows p1 5020 90
    shows p2 5020
    wait_for steps_stored_are 20 p1
    wait_for steps_stored_are 20 p2
    scores p1 9 true
    scores p2 9 true
    # The battery's is of when it was told, and its id says the time of then.
    wait_for alerts_are "p1 pain open  1
p2 pain open  1
p1 battery closed charged 2"
    run ! has_day_to_come
    sql_is "SELECT battery_pct FROM device ORDER BY key LIMIT 1" 90
    # One incident: that it had been behind before was said by the clock that was ahead.
    [ "$(incidents | wc -l)" -eq 1 ]
    incidents | grep -q "the clock was $1 h ahead from "
    incidents | grep -q 'redated: [0-9]* totals, 1 score, '
}
has_day_to_come() { # no day is left of a time to come
    all_rows | awk -F, -v last="$(TZ=$ZONE date -d "@$(($(right_now_s) + 5))" +%F)" \
        '$2 > last { found = 1 } END { exit !found }'
}

@test "an hour ahead for two minutes: what came then is dated anew, and an incident says so" {
    ahead_for_a_while 1
}

@test "ten hours ahead for two minutes: the same" {
    ahead_for_a_while 10
}

@test "days ahead for two minutes: the same" {
    ahead_for_a_while 110
}

@test "hours ahead, set right, kill -9 at every stage: nothing of it is lost" {
    add_two
    start_gateway
    local began_s
    began_s=$(right_now_s)
    shows p1 5000
    wait_for totals_are 1
    step_clock 36000
    believe_it
    kill_gateway # stored by the clock that is ahead
    start_gateway
    shows p1 5010
    scores p1 2
    wait_for pains_are 1
    step_clock -36000
    kill_gateway # it is right, and not yet believed
    shows p1 5015
    start_gateway
    wait_for inbox_is_over 60
    kill_gateway # and what came waits in the inbox
    start_gateway
    believe_it
    wait_for steps_stored_are 15 p1
    kill_gateway
    start_gateway
    nothing_is_to_come
    all_are_since "$began_s"
    pains_are 1
    incidents | grep -q 'the clock was 10 h ahead from '
    scores p1 9 true
    wait_for alerts_are "p1 pain open  1"
}

@test "set right while the gateway is off: it knows by the boot, and believes it after a minute" {
    add_two
    start_gateway
    step_clock 36000
    believe_it
    shows p1 5000
    shows p2 5000
    scores p2 2
    wait_for pains_are 1
    pass_time 60
    stop_gateway
    WRONG_S=0
    SYNCHRONISED=0 # nobody says that this clock is the right one
    tell_clocks
    start_gateway
    run ! trusts_its_clock
    believe_it
    nothing_is_to_come
    incidents | grep -q 'the clock was 10 h ahead from '
    shows p2 5020
    wait_for steps_stored_are 20 p2
    scores p2 9 true
    wait_for alerts_are "p2 pain open  1"
}

@test "after a boot behind what is stored, with nobody to set it: believed after five minutes" {
    add_two
    WRONG_S=36000
    tell_clocks
    start_gateway
    shows p1 5000 80
    scores p2 2
    wait_for pains_are 1
    pass_time 60
    stop_gateway
    boot_with_clock_wrong_by 0
    start_gateway
    pass_time 240
    run ! trusts_its_clock
    pass_time 65
    wait_for trusts_its_clock
    # What another boot dated may be right, where nothing says which clock is: it stays, and
    # is the newest of nothing.
    shows p1 5030 5
    scores p2 9 true
    wait_for alerts_are "p1 battery open  1
p2 pain open  1"
    [ "$(steps_stored p1)" -eq 0 ]
    # Something that sets the clock does.
    pass_time 5
    clock_is_set
    wait_for nothing_is_to_come
    incidents | grep -q 'the clock was ahead from .*; dropped: 2 rows'
    shows p1 5040 50
    wait_for steps_stored_are 10 p1
}

@test "ahead, then a power cut: what had been right in that boot dates what came after" {
    add_two
    start_gateway
    local began_s
    began_s=$(right_now_s)
    shows p1 5000 80
    wait_for totals_are 1
    step_clock 36000
    believe_it
    shows p1 5010 60
    scores p2 2
    wait_for pains_are 1
    pass_time 60
    kill_gateway
    boot_with_clock_wrong_by 0
    SYNCHRONISED=1
    tell_clocks
    start_gateway
    wait_for nothing_is_to_come
    all_are_since "$began_s"
    incidents | grep -q 'the clock was 10 h ahead from .*; redated: 2 totals, 1 score, 1 battery level'
    shows p1 5020 5
    wait_for steps_stored_are 20 p1
    wait_for alerts_are "p1 battery open  1"
}

@test "ahead, then a power cut, and killed as soon as it is dated anew: it is not done twice" {
    add_two
    start_gateway
    local began_s
    began_s=$(right_now_s)
    shows p1 5000 80
    wait_for totals_are 1
    step_clock 36000
    believe_it
    shows p1 5010 60
    scores p1 2
    wait_for pains_are 1
    pass_time 60
    kill_gateway
    boot_with_clock_wrong_by 0
    SYNCHRONISED=1
    tell_clocks
    start gateway armed_gateway in_transaction:1 # the first commit after that
    wait_for gateway_ended
    end gateway || :
    nothing_is_to_come # it was done
    all_are_since "$began_s"
    start_gateway
    shows p1 5020
    wait_for steps_stored_are 20 p1
    nothing_is_to_come
    all_are_since "$began_s"
    [ "$(incidents | wc -l)" -eq 1 ]
}
armed_gateway() { # POINT:N
    local ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    export SHIFT_CLOCK ASAN_OPTIONS LD_PRELOAD="$STEPWARD_BIN/shift_clock.so"
    STEPWARD_FAULT=$1 exec "$STEPWARD_BIN/stepward-gateway-faults" -c "$CONFIG"
}
gateway_ended() { ! is_running gateway; }

@test "what a device dated later, while the clock was ahead too, counts when its time comes" {
    add_two
    start_gateway
    step_clock 1800
    believe_it
    local later_s
    later_s=$(($(right_now_s) + 1700))
    publish "$ROOT/patient/p1/pain" \
        "{\"score\": 9, \"flare\": true, \"at\": \"$(date -u -d "@$later_s" +%FT%TZ)\"}"
    wait_for alerts_are "p1 pain open  1"
    step_clock -1800
    believe_it
    wait_for alerts_are "p1 pain closed lost 2"
    pass_time 1200 # nothing else is said
    wait_for sql_is "SELECT count(*) FROM alert WHERE state = 'open'" 1
}

@test "behind, believed, and set: what came is dated anew, and what was too early is taken" {
    boot_with_clock_wrong_by -86400
    add_two
    start_gateway
    pass_time 200
    wait_for trusts_its_clock
    local began_s
    began_s=$(right_now_s)
    shows p1 5000
    wait_for totals_are 1
    pass_time 5
    shows p1 5010
    scores p1 3
    send_steps p2 "$(steps_at 2 33)"
    wait_for steps_stored_are 10 p1
    wait_for is_refused 'is in the future'
    clock_is_set
    believe_it
    wait_for steps_stored_are 33 p2
    nothing_is_to_come
    all_are_since "$began_s"
    wait_for nothing_is_refused
    incidents | grep -q 'the clock was 24 h behind from '
    shows p1 5030
    wait_for steps_stored_are 30 p1
    [ -z "$(all_alerts)" ]
}
is_refused() { refusals | grep -q "$1"; }

@test "right, behind for two minutes, and right again" {
    add_two
    start_gateway
    local began_s
    began_s=$(right_now_s)
    shows p1 5000
    wait_for totals_are 1
    step_clock -36000
    believe_it
    shows p1 5010
    scores p1 2
    wait_for pains_are 1
    step_clock 36000
    believe_it
    nothing_is_to_come
    all_are_since "$began_s"
    [ "$(incidents | wc -l)" -eq 1 ]
    incidents | grep -q 'the clock was 10 h behind from '
    shows p1 5020
    wait_for steps_stored_are 20 p1
}
