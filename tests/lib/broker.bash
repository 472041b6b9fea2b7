# broker.bash -- faults of the broker and of the way to it, and what the gateway says.
# shellcheck shell=bash

# A process that is stopped keeps its sockets, and the kernel takes what is sent to them.
freeze() { kill -STOP "$(pid_of "$1")"; }
thaw() { kill -CONT "$(pid_of "$1")"; }

# What mosquitto knows is on its disk; the first time that it is asked.
save_broker() {
    kill -USR1 "$(pid_of broker)"
    wait_for grep -q 'Saving in-memory database' "$CLINIC/broker.log"
    wait_for broker_is_saved
}
broker_is_saved() {
    [ -s "$CLINIC/broker/mosquitto.db" ] && [ ! -e "$CLINIC/broker/mosquitto.db.new" ]
}

log_says() { grep -qF "$1" "$CLINIC/gateway.log"; }
log_lines() { grep -cF "$1" "$CLINIC/gateway.log" || :; }
status_is_well() { stepward status >/dev/null 2>&1; }
# status_complains TEXT: exit code 1, and the text is in the one line that says why.
status_complains() {
    local why code=0
    why=$(stepward status 2>&1 >/dev/null) || code=$?
    [ "$code" -eq 1 ] && [ "$(wc -l <<<"$why")" -eq 1 ] && [[ $why == *"$1"* ]]
}
has_incident() { stepward incidents --format json | jq -e "any(.what == \"$1\")"; }

# one_a_minute N STEPS: N messages with as many steps each, of one minute each, as feed
# takes them; the newest minute is two days ago.
one_a_minute() {
    local i start
    start=$(minute_ago 2880)
    for ((i = 0; i < $1; i++)); do
        echo "$ROOT/patient/p1/steps	{\"start\":$((start - 60 * i)),\"steps\":$2}"
    done
}
# slowly < LINES: a hundred a second.
slowly() {
    local line
    while IFS= read -r line; do
        echo "$line"
        pause 0.01
    done
}
# start_feed FILE, fed: in the background; until the broker has acknowledged all of it.
start_feed() {
    # shellcheck disable=SC2016 # expanded by the bash that becomes the feed
    start feeder bash -c 'exec "$STEPWARD_BIN/feed" -p "$0" <"$1"' "$PORT" "$1"
}
fed() {
    wait "$(pid_of feeder)" || return
    rm "$CLINIC/pids/feeder"
}

# Within 30 s, what a slow machine adds, and no more.
miss_the_broker() {
    wait_for -t 45 status_complains "the broker acknowledged nothing for 30 s"
}

# An alert of p1, told; its acknowledgement, which is then under way to the broker.
open_an_alert() {
    stepward patient add p1 --therapist anna --rest-limit 1h
    subscribe before "$ROOT/alerts/#"
    send_steps p1 "$(still 70 0)"
    wait_for has_seen_alert before '.state == "open"'
    end before || :
}
acknowledge() {
    stepward ack "$(stepward alerts --format csv | sed -n 2p | cut -d, -f1)" --by anna
}
acknowledgement_arrives() {
    subscribe after "$ROOT/alerts/#"
    wait_for has_seen_alert after '.state == "acknowledged" and .rev == 2'
}

# ---- a broker that hangs up just as something is published ----

# The gateway is started so that a publication is lost at each touch of $LOSE_WRITE.
start_gateway_that_loses_writes() {
    local LD_PRELOAD=$STEPWARD_BIN/lose_write.so
    local ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
    export LOSE_WRITE=$CLINIC/lose LD_PRELOAD ASAN_OPTIONS
    launch_gateway
    unset LD_PRELOAD
    wait_for status_is online
}
# Each patient's alert is lost once, and arrives.
lost_alerts_arrive() { # PATIENT…
    local id
    subscribe alerts "$ROOT/alerts/#"
    for id in "$@"; do
        stepward patient add "$id" --therapist anna --rest-limit 1h
        touch "$LOSE_WRITE"
        send_steps "$id" "$(still 70 0)"
        wait_for has_seen_alert alerts ".patient == \"$id\" and .state == \"open\""
        [ ! -e "$LOSE_WRITE" ]
    done
}
