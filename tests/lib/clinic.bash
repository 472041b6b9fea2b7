# clinic.bash -- a clinic in a test's folder: a private broker, a gateway, subscribers.
#
#     load ../lib/clinic
#     setup() { clinic_open; }          teardown() { clinic_close; }
#     @test "…" { start_broker; write_config; start_gateway; publish TOPIC PAYLOAD; … }
#
# Every process is remembered by name and ended by its id in clinic_close. Nothing waits
# for a fixed time: wait_for asks again until a deadline. What readings look like is
# readings.bash's business.
# shellcheck shell=bash

# Under AddressSanitizer on a busy machine everything is slow, and a deadline costs
# nothing where the tests pass.
DEADLINE_S=${DEADLINE_S:-120}

# mosquitto is in /usr/sbin, which an ordinary user of Debian does not have in the PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

stepward() { "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }

clinic_open() {
    : "${STEPWARD_BIN:?the folder of the programs}" "${STEPWARD_SOURCE:?of the source}"
    CLINIC=$BATS_TEST_TMPDIR
    CONFIG=$CLINIC/stepward.conf
    DATA=$CLINIC/data
    ROOT=clinic/main
    PORT=$(free_port)
    # A zone where it is early afternoon now, so that today's wake window is open.
    ZONE=$(zone_where_hour_is 14)
    MAX_AGE=36500d # recorded days stay acceptable for ever
    mkdir -p "$CLINIC/pids" "$CLINIC/broker"
    export TMPDIR=$CLINIC XDG_RUNTIME_DIR=$CLINIC
}

# Programs are run only where others may not write, nor to the folders above; an ordinary
# user's umask may let the own group.
shut_folders() {
    umask 022
    chmod go-w "$CLINIC" "${CLINIC%/*}" "$BATS_RUN_TMPDIR"
}

# Fails if the gateway does not end with 0, or if a sanitizer had something to say.
clinic_close() {
    local file code=0
    [ ! -e "$CLINIC/pids/gateway" ] || end gateway || code=$?
    for file in "$CLINIC"/pids/*; do
        [ ! -e "$file" ] || end "$(basename "$file")" KILL || :
    done
    if grep -qsE 'Sanitizer|runtime error:' "$CLINIC/gateway.log"; then code=1; fi
    if [ "$code" -ne 0 ] || [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        echo "gateway ended with $code"
        tail -n 40 "$CLINIC"/*.log 2>/dev/null || :
    fi
    return "$code"
}

# ---- time and waiting ----

pause() { read -rt "$1" <> <(:) || :; } # seconds

# wait_for [-t SECONDS] COMMAND…: until it succeeds; fails at the deadline, saying so.
wait_for() {
    local seconds=$DEADLINE_S
    if [ "$1" = -t ]; then
        seconds=$2
        shift 2
    fi
    local until=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$until" ]; then
            echo "not within $seconds s: $*"
            "$@" # once more, to show why
            return
        fi
        pause 0.1
    done
}

# The zone of whole hours where the local hour is $1 now: Etc/GMT's sign is inverted.
zone_where_hour_is() {
    local ahead=$(($1 - 10#$(date -u +%H)))
    [ "$ahead" -le 12 ] || ahead=$((ahead - 24))
    [ "$ahead" -ge -12 ] || ahead=$((ahead + 24))
    if [ "$ahead" -ge 0 ]; then echo "Etc/GMT-$ahead"; else echo "Etc/GMT+$((-ahead))"; fi
}

# ---- processes ----

# start NAME COMMAND…: in the background, with its output in NAME.log. File 3 is bats'
# own, and a process that keeps it open keeps bats waiting. What is not there fails at
# once, not at the deadline of who waits for it.
start() {
    local name=$1
    shift
    if ! type -t "$1" >/dev/null; then
        echo "start $name: there is no $1 in $PATH" >&2
        return 1
    fi
    "$@" >>"$CLINIC/$name.log" 2>&1 </dev/null 3>&- &
    echo $! >"$CLINIC/pids/$name"
}

pid_of() { cat "$CLINIC/pids/$1"; }
is_running() { kill -0 "$(pid_of "$1")" 2>/dev/null; }

# end NAME [SIGNAL]: sends TERM or the signal and waits; returns the exit code.
end() {
    local pid code=0
    pid=$(pid_of "$1") || return
    kill -"${2:-TERM}" "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || code=$?
    rm -f "$CLINIC/pids/$1"
    return "$code"
}

# ---- the broker ----

# A port nobody listens on, below the range the kernel gives to outgoing connections.
free_port() {
    local port
    while :; do
        port=$((RANDOM % 12000 + 20000))
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# start_broker [LINE…]: at $PORT, the same port after a restart, and with further lines
# of configuration. Its database is written when it ends.
start_broker() {
    cat >"$CLINIC/mosquitto.conf" <<EOF
listener $PORT 127.0.0.1
allow_anonymous true
user $(id -un)
persistence true
persistence_location $CLINIC/broker/
autosave_interval 0
max_queued_messages 0
max_queued_bytes 0
sys_interval 1
EOF
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$CLINIC/mosquitto.conf"
    : >"$CLINIC/broker.log"
    start broker mosquitto -c "$CLINIC/mosquitto.conf"
    wait_for broker_runs_or_ended
    broker_runs
}
broker_runs() { grep -q ' running$' "$CLINIC/broker.log"; }
broker_runs_or_ended() { broker_runs || ! is_running broker; }

# ---- the gateway ----

# write_config [LINE…]: the test clinic's configuration, and further keys; those of the
# broker in $BROKER_KEYS, where it is in $URI. Every alert is published unless
# $ALERT_BUDGET says otherwise.
write_config() {
    cat >"$CONFIG" <<EOF
site = "main"
timezone = "$ZONE"
data_dir = "$DATA"
alert_budget = ${ALERT_BUDGET:-0}
max_age = "$MAX_AGE"
commit_interval = "1s"
broker { uri = "${URI:-mqtt://127.0.0.1:$PORT}"  client_id = "stepward-test"
${BROKER_KEYS:-} }
EOF
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$CONFIG"
}

retained() { mosquitto_sub -p "$PORT" -h 127.0.0.1 -q 1 -C 1 -W "${2:-1}" -t "$1"; }
status_is() { [ "$(retained "$ROOT/gateway/status")" = "$1" ]; }

launch_gateway() { start gateway "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"; }
start_gateway() {
    launch_gateway
    wait_for status_is online
}
stop_gateway() { end gateway; } # its exit code
# As a crash or a power cut ends it; returns when the broker knows.
kill_gateway() {
    end gateway KILL || :
    wait_for status_is offline
}

# ---- devices, apps and therapists ----

# publish TOPIC PAYLOAD [OPTION…]: returns when the broker has acknowledged it.
publish() {
    local topic=$1 payload=$2
    shift 2
    mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$topic" -m "$payload" "$@"
}
publish_lines() { mosquitto_pub -p "$PORT" -h 127.0.0.1 -q 1 -t "$1" -l; }
# feed FILE [OPTION…]: its lines TOPIC<TAB>PAYLOAD, as fast as the broker takes them;
# returns when it has acknowledged all of them, over restarts of it too.
feed() { "$STEPWARD_BIN/feed" -p "$PORT" "${@:2}" <"$1"; }
send_steps() { publish "$ROOT/patient/$1/steps" "${@:2}"; }

# subscribe NAME FILTER…: what is received is kept, one a line, as "RETAINED TOPIC PAYLOAD"
# (see SEEN_FORMAT); returns when the subscription holds, which a retained message shows.
subscribe() {
    local name=$1 format=${SEEN_FORMAT:-%r %t %p} filters=() filter
    shift
    for filter in "$@" "\$SYS/broker/version"; do filters+=(-t "$filter"); done
    : >"$CLINIC/$name.log"
    start "$name" mosquitto_sub -V mqttv5 -p "$PORT" -h 127.0.0.1 -q 1 -F "$format" \
        "${filters[@]}"
    wait_for grep -q 'broker/version' "$CLINIC/$name.log"
}
# Without what the gateway sends around to see whether anything arrives.
seen() { grep -vE " ([\$]SYS/|[^ ]*/~stepward[-.]probe/)" "$CLINIC/$1.log" || :; }
seen_payloads() { seen "$1" | cut -d' ' -f3-; }
# seen_alert NAME JQ: the number of alerts seen for which the expression is true.
seen_alert() { seen_payloads "$1" | jq -c "select($2)" | wc -l; }
has_seen_alert() { [ "$(seen_alert "$1" "$2")" -ge 1 ]; }
