#!/usr/bin/env bats
# rights.bats -- who may do what at the broker as it is shipped, with passwords: a patient
# with one password, or a device that floods, takes nothing from the others, and what the
# broker drops or another client takes is told.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    freeze_time
}
teardown() { clinic_close; }

in_database() { sqlite3 -readonly "$DATA/stepward.db" "$1"; }
counted() { stepward status --format json | jq -r ".[0].$1"; }
has_no_incident() { [ "$(stepward incidents --format json)" = "[]" ]; }

# ---- the broker as shipped ----

# The shipped settings with the lines for passwords in force, but for ports, paths and TLS.
# Who asks without a name is `watcher`, who may see and do everything.
start_shipped_broker() {
    local user
    install -d "$CLINIC/tools"
    printf -- '-u watcher\n-P watcher\n' | tee "$CLINIC/tools/mosquitto_pub" >"$CLINIC/tools/mosquitto_sub"
    export XDG_CONFIG_HOME=$CLINIC/tools
    : >"$CLINIC/passwords"
    for user in p1 p2 anna stepward-gateway watcher; do
        mosquitto_passwd -b "$CLINIC/passwords" "$user" "$user"
    done
    echo stepward-gateway >"$CLINIC/gateway.password"
    chmod 600 "$CLINIC/gateway.password"
    {
        cat "$STEPWARD_SOURCE/config/mosquitto/stepward.acl"
        printf '%s\n' "user watcher" "topic readwrite clinic/#" "topic read \$SYS/#"
    } >"$CLINIC/acl"
    {
        sed -E -e '/^#listener 1883/,+1d; /^#listener 8883/,$d' \
            -e 's/^#(password_file|acl_file|use_username_as_clientid)/\1/' \
            -e "s|^listener 1883|listener $PORT|; s|^allow_anonymous true|allow_anonymous false|" \
            -e "s|/etc/mosquitto/stepward/passwd|$CLINIC/passwords|; s|/etc/mosquitto/stepward.acl|$CLINIC/acl|" \
            "$STEPWARD_SOURCE/config/mosquitto/stepward.conf"
        printf '%s\n' "user $(id -un)" "persistence_location $CLINIC/broker/" "sys_interval 1"
    } >"$CLINIC/mosquitto.conf"
    : >"$CLINIC/broker.log"
    start broker mosquitto -c "$CLINIC/mosquitto.conf"
    wait_for broker_runs_or_ended
    broker_runs
}

open_shipped_clinic() {
    start_shipped_broker
    BROKER_KEYS="username = \"stepward-gateway\"  password_file = \"$CLINIC/gateway.password\"" write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist anna --rest-limit 1h
    start_gateway
}

as() { # USER PROGRAM ARGUMENT…
    local user=$1 program=$2
    shift 2
    "$program" -p "$PORT" -h 127.0.0.1 -u "$user" -P "$user" "$@"
}
all_retained() { mosquitto_sub -p "$PORT" -h 127.0.0.1 --retained-only -W 2 -t 'clinic/#' -F %t || :; }

@test "the shipped list of rights is the one that is printed for its site and therapists" {
    write_config
    stepward patient add p1 --therapist anna
    stepward patient add p2 --therapist bob
    stepward patient add p3 # of whom nobody takes care yet
    diff "$STEPWARD_SOURCE/config/mosquitto/stepward.acl" <(stepward site --rights)
    sed -i 's/^site = .*/site = "praxis"/' "$CONFIG"
    echo 'source band { topic = "home/+/BTtoMQTT/{device}"  total = "/steps" }' >>"$CONFIG"
    stepward patient add p4 --therapist zoe
    stepward site --rights >"$CLINIC/rights"
    grep -qx 'topic write clinic/praxis/alerts/zoe/+/+/set' "$CLINIC/rights"
    grep -qx 'topic readwrite home/+/BTtoMQTT/+' "$CLINIC/rights"
    run ! grep -E 'clinic/(main|\+)/' "$CLINIC/rights"
    run stepward site p1 --rights
    [ "$status" -eq 2 ]
}

@test "what a member wrote into the database gets no line of its own in the list of rights" {
    write_config
    stepward patient add p1 --therapist anna
    stepward patient add p2 --therapist bob
    stepward site --rights >"$CLINIC/before"
    grep -qx 'user bob' "$CLINIC/before"
    stepward patient add p3 --therapist eve
    stepward patient add p4 --therapist mal
    sqlite3 "$DATA/stepward.db" "UPDATE plan SET therapist = 'eve' || char(10) || 'topic readwrite #' WHERE therapist = 'eve';
        UPDATE plan SET therapist = '#' WHERE therapist = 'mal';
        INSERT INTO outbox(topic, about, payload) VALUES ('clinic/x' || char(10) || 'topic readwrite #/y', '', '');
        INSERT OR REPLACE INTO meta(name, text) VALUES ('site', '+')"
    stepward site --rights | diff "$CLINIC/before" -
}

# The list is made for the new site before the gateway has cleared the old one.
move_under_the_list() { # PROTOCOL
    start_broker
    BROKER_KEYS="protocol = $1  username = stepward-gateway" write_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for retained "$ROOT/patient/p1/today"
    wait_for retained "$ROOT/alerts/anna/p1/rest"
    stop_gateway
    sed -i 's/^site = .*/site = "praxis"/' "$CONFIG"
    stepward site --rights >"$CLINIC/acl"
    grep -qx 'topic write clinic/main/#' "$CLINIC/acl"
    printf '%s\n' "user watcher" "topic readwrite #" >>"$CLINIC/acl"
    install -d "$CLINIC/tools"
    echo '-u watcher' >"$CLINIC/tools/mosquitto_sub"
    export XDG_CONFIG_HOME=$CLINIC/tools
    end broker
    start_broker "acl_file $CLINIC/acl"
    all_retained | grep -qx clinic/main/patient/p1/today
    launch_gateway
    wait_for eval 'all_retained | grep -qx clinic/praxis/alerts/anna/p1/rest'
    wait_for eval '[ -z "$(all_retained | grep ^clinic/main/)" ]'
    stop_gateway # what has been sent is stored
    stepward site --rights >"$CLINIC/rights"
    run ! grep clinic/main/ "$CLINIC/rights"
}

@test "after a change of site the gateway may clear what it published below the old one" {
    move_under_the_list 5
}

@test "so it is with MQTT 3.1.1, where nobody would say that it may not" { move_under_the_list 4; }

@test "a patient who names the gateway's client id neither gets nor clears what waits for it" {
    local i
    open_shipped_clinic
    stop_gateway
    for i in {1..20}; do as p2 mosquitto_pub -q 1 -t "$ROOT/patient/p2/steps" -m "$(steps_at "$i" 1)"; done
    # As its session, and as a new one; what it would get, it would print.
    [ -z "$(as p1 mosquitto_sub -i stepward-test -c -q 1 -t "$ROOT/#" -W 1)" ]
    [ -z "$(as p1 mosquitto_sub -i stepward-gateway -q 1 -t "$ROOT/#" -W 1)" ]
    start_gateway
    wait_for steps_stored_are 20
    # And while it is connected.
    as p1 mosquitto_sub -i stepward-test -q 1 -t "$ROOT/#" -W 1 || :
    as p2 mosquitto_pub -q 1 -t "$ROOT/patient/p2/steps" -m "$(steps_at 30 1)"
    wait_for steps_stored_are 21
    has_no_incident
    [ "$(log_lines 'connected to mqtt')" -eq 2 ]
}

# n_topics TOPIC…: published retained by p1; with 3.1.1 it is not told that it may not.
retain_as_p1() {
    local topic
    for topic; do as p1 mosquitto_pub -V mqttv311 -q 1 -r -t "$topic" -m retained; done
}

@test "what a patient makes the broker retain is two messages, and none is an action" {
    open_shipped_clinic
    send_steps p1 "$(still 70 0)"
    wait_for retained "$ROOT/patient/p1/today"
    wait_for retained "$ROOT/patients/anna"
    subscribe told "$ROOT/alerts/anna/#"
    wait_for has_seen_alert told '.state == "open"'
    all_retained | sort -u >"$CLINIC/before" # one of the same name may come in between
    retain_as_p1 clinic/x{1..9}/patient/p1/steps "$ROOT"/alerts/{p1,anna}/{p1,x}/{rest,y}/set \
        "$ROOT"/alerts/anna/p1/rest "$ROOT"/gateway/{status,echo,health} "$ROOT"/patient/p1/{today,z} \
        "$ROOT"/patient/p2/{steps,pain} "$ROOT"/digest/p1 \
        "$ROOT"/board/{p1,anna}/{p1,x} "$ROOT"/patients/{p1,anna,x} other
    diff "$CLINIC/before" <(all_retained | sort -u)
    retain_as_p1 "$ROOT"/patient/p1/{steps,pain}
    [ "$(all_retained | sort -u | comm -13 "$CLINIC/before" - | wc -l)" -eq 2 ]
    # No more than the gateway would take from the broker.
    head -c 300000 /dev/zero | as p1 mosquitto_pub -V mqttv311 -q 1 -r -t "$ROOT/patient/p1/pain" -s || :
    [ "$(retained "$ROOT/patient/p1/pain")" = retained ]
    # The therapist may.
    as anna mosquitto_pub -q 1 -t "$ROOT/alerts/anna/p1/rest/set" -m '{"action":"ack"}'
    wait_for has_seen_alert told '.state == "acknowledged"'
}

# reads USER FILTER: the topics of what the broker retains there for that login.
reads() { as "$1" mosquitto_sub --retained-only -W 1 -t "$2" -F %t 2>/dev/null | sort | tr '\n' ' '; }

@test "a therapist reads the overviews of their own patients, and a device none" {
    open_shipped_clinic
    stepward patient add p3 --therapist bob
    wait_for retained "$ROOT/patients/bob"
    wait_for retained "$ROOT/board/bob/p3"
    [ "$(reads anna "$ROOT/board/anna/#")" = "$ROOT/board/anna/p1 $ROOT/board/anna/p2 " ]
    [ "$(reads anna "$ROOT/patients/anna")" = "$ROOT/patients/anna " ]
    [ -z "$(reads anna "$ROOT/board/bob/#")" ]
    [ -z "$(reads anna "$ROOT/patients/bob")" ]
    [ "$(reads anna "$ROOT/board/#")" = "$ROOT/board/anna/p1 $ROOT/board/anna/p2 " ]
    [ "$(reads anna "$ROOT/patients/+")" = "$ROOT/patients/anna " ]
    [ -z "$(reads p1 "$ROOT/board/#")$(reads p1 "$ROOT/patients/#")" ]
    wait_for status_is_well
}

@test "what is tried uses the gateway's login nowhere but in the gateway" {
    open_shipped_clinic
    stepward try p1
    echo p1 >"$CLINIC/p1.password"
    chmod 600 "$CLINIC/p1.password"
    stepward try p1 --user p1 --password-file "$CLINIC/p1.password" | grep 'logged in as p1'
    run stepward try p1 --user stepward-gateway --password-file "$CLINIC/gateway.password"
    [ "$status" -eq 2 ]
    run stepward simulate --patients 1 --days 0 --no-live
    [ "$status" -eq 1 ]
    [[ $output == *"would push the gateway off the broker: name another login"* ]]
    [ "$(log_lines 'connected to mqtt')" -eq 1 ]
    has_no_incident
}

@test "a gateway that cannot keep messages does not log in twice: what waits for it stays" {
    local hits
    open_shipped_clinic
    stop_gateway
    as p2 mosquitto_pub -q 1 -t "$ROOT/patient/p2/steps" -m "$(steps_at 3 21)"
    echo ENOSPC >"$CLINIC/disk"
    start gateway env FAIL_DISK_UNDER="$DATA" FAIL_DISK_HOW="$CLINIC/disk" FAIL_DISK_BUT=gateway.lock \
        LD_PRELOAD="$STEPWARD_BIN/fail_disk.so" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
    wait_for status_complains "free space"
    # It tries again after a while, in which it could have told the broker.
    hits=$(disk_hits)
    wait_for eval '[ "$(disk_hits)" -gt $((hits + 1)) ]'
    : >"$CLINIC/disk"
    wait_for steps_stored_are 21
    run ! has_incident session_lost
}
disk_hits() { stat -c %s "$CLINIC/disk.hits" 2>/dev/null || echo 0; }

# ---- what comes retained ----

@test "retained actions are not asked for, and in MQTT 3.1.1 they cost nothing" {
    local protocol
    start_broker "log_type all"
    write_config
    stepward patient add p1 --therapist anna
    awk -v root="$ROOT" 'BEGIN { for (i = 0; i < 200; i++) print root "/alerts/anna/x" i "/y/set" }' |
        while read -r topic; do publish "$topic" '{"action":"ack"}' -r; done
    for protocol in 5 4; do
        BROKER_KEYS="protocol = $protocol" write_config
        start_gateway
        send_steps p1 "$(steps_at "$protocol" 1)"
        wait_for steps_stored_are $((6 - protocol)) p1
        [ "$(counted messages)" -eq $((6 - protocol)) ]
        [ "$(counted rejected)" -eq 0 ]
        stop_gateway
        grep "Sending PUBLISH to stepward-test .*/set'" "$CLINIC/broker.log" |
            grep -cv '~stepward' >"$CLINIC/sent.$protocol" || :
    done
    [ "$(cat "$CLINIC/sent.5")" -eq 0 ]
    [ "$(cat "$CLINIC/sent.4")" -eq 200 ]
    [ "$(log_lines 'an action is published without the retain flag')" -eq 1 ]
}

# ---- what the broker drops ----

flood() { # N
    local i
    for ((i = 0; i < $1; i++)); do echo "$ROOT/patient/p1/steps	$(steps_at $((i + 10)) 1)"; done >"$CLINIC/flood"
    feed "$CLINIC/flood"
}
dropped_say() { # TEXT
    stepward incidents --format json |
        jq -e --arg text "$1" 'any(.what == "messages_dropped" and (.text | contains($text)))'
}
dropped_about_21() {
    stepward incidents --format json | jq -e 'any(.what == "messages_dropped" and (.text |
        test("the broker dropped (2[1-9]|3[0-9]) messages, because a client.s queue was full")))'
}
dropped_rows() {
    stepward incidents --format json | jq '[.[] | select(.what == "messages_dropped")] | length'
}
all_dropped_is_told() { dropped_say "dropped $(retained "\$SYS/broker/publish/messages/dropped") message"; }
broker_uptime_s() { retained "\$SYS/broker/uptime" | cut -d' ' -f1; }
dropped_is_settled() { [ "$(retained "\$SYS/broker/publish/messages/dropped")" -eq "$1" ]; }

@test "what the broker drops while the gateway is away is told, with the number and since when" {
    local since uptime_s n_told
    start_broker "max_queued_messages 30"
    write_config
    stepward patient add p1
    start_gateway
    wait_for eval '[ "$(in_database "SELECT text FROM meta WHERE name = '"'dropped'"'")" = 0 ]'
    since=$(date -u +%Y-%m-%dT%H:)
    stop_gateway
    flood 50
    # The first word of what waits is the gateway's own.
    wait_for dropped_is_settled 21
    start_gateway
    # 21, or a few more, if the gateway's own words are counted with them.
    wait_for dropped_about_21
    dropped_say "from $since"
    wait_for eval '[[ $(counted incident) == *"dropped "[23]?" messages"* ]]'
    # The gateway's own words found the queue full, too, as it connected: those are counted
    # once the broker has told its counts twice more.
    wait_for steps_stored_are 29
    uptime_s=$(broker_uptime_s)
    wait_for eval '[ "$(broker_uptime_s)" -ge $((uptime_s + 2)) ]'
    wait_for all_dropped_is_told
    # Known now, over a restart of both.
    stop_gateway
    n_told=$(dropped_rows)
    start_gateway
    end broker
    start_broker "max_queued_messages 30"
    wait_for status_is_well
    [ "$(dropped_rows)" -eq "$n_told" ]
}

@test "what it drops meanwhile is told too, and who may not read the count is well" {
    start_broker "max_queued_messages 10"
    write_config
    stepward patient add p1
    start_gateway
    wait_for eval '[ "$(in_database "SELECT text FROM meta WHERE name = '"'dropped'"'")" = 0 ]'
    freeze gateway
    # More than the socket's buffers hold.
    awk -v topic="$ROOT/patient/p1/steps" 'BEGIN {
        for (i = 0; i < 500; i++) { printf "%s\t{\"x\":\"", topic; for (k = 0; k < 3000; k++) printf "0123456789"; print "\"}" }
    }' >"$CLINIC/flood"
    feed "$CLINIC/flood"
    thaw gateway
    wait_for dropped_say "readings that it had acknowledged may be among them"
    stop_gateway
    end broker
    printf '%s\n' "topic readwrite clinic/#" >"$CLINIC/acl"
    start_broker "acl_file $CLINIC/acl"
    launch_gateway
    wait_for status_is_well
    run ! has_incident subscription_refused
}

# ---- a session that another client emptied ----

@test "a session that comes back with less is told, where MQTT 5 lets us know" {
    start_broker
    write_config
    stepward patient add p1
    start_gateway
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    stop_gateway
    start_gateway # nobody was there
    wait_for status_is_well
    has_no_incident
    stop_gateway
    send_steps p1 "$(steps_at 6 100)"
    send_steps p1 "$(steps_at 7 200)"
    # What waits is the gateway's last word, and these.
    mosquitto_sub -V mqttv5 -x 3600 -c -p "$PORT" -h 127.0.0.1 -i stepward-test -q 1 -t "$ROOT/patient/+/steps" \
        -W 2 >"$CLINIC/stolen" || :
    grep -q 200 "$CLINIC/stolen"
    start_gateway
    wait_for has_incident session_lost
    log_says "emptied the session of stepward-test: messages sent from "
    [ "$(steps_stored)" -eq 21 ]
}

@test "a gateway that may not read its own status misses no word of it" {
    local i
    printf 'topic readwrite %s/#\n' "$ROOT/patient" "$ROOT/alerts" "$ROOT/board" "$ROOT/patients" \
        "$ROOT/digest" "$ROOT/gateway/health" \
        "$ROOT/gateway/echo" >"$CLINIC/acl"
    printf '%s\n' "topic write $ROOT/gateway/status" "topic read \$SYS/#" >>"$CLINIC/acl"
    start_broker "acl_file $CLINIC/acl"
    write_config
    stepward patient add p1
    for i in 1 2 3; do
        launch_gateway
        wait_for status_is_well
        send_steps p1 "$(steps_at "$i" 1)"
        wait_for steps_stored_are "$i"
        stop_gateway
    done
    run ! has_incident session_lost
}

# ---- what is counted once, and shared ----

log_lines_are() { [ "$(log_lines "$2")" -eq "$1" ]; }
@test "a message that the broker sends again is counted once" {
    local i
    start_broker
    write_config
    sed -i 's/commit_interval = .*/commit_interval = "10s"/' "$CONFIG"
    stepward patient add p1
    for i in 1 2 3; do
        start gateway env STEPWARD_FAULT=after_append:1 "$STEPWARD_BIN/stepward-gateway-faults" -c "$CONFIG"
        wait_for log_lines_are $((2 * i - 1)) "connected to"
        send_steps p1 "$(steps_at $((10 * i)) 1)"
        wait_for eval '! is_running gateway'
        end gateway || :
        start_gateway
        wait_for steps_stored_are "$i"
        stop_gateway
    done
    [ "$(counted messages)" -eq 3 ]
}

rejected_of() { in_database "SELECT count(*) FROM rejected WHERE CAST(topic AS TEXT) LIKE '%/$1/%'"; }

@test "what one device is refused does not push out what others are, be they known or not" {
    start_broker
    write_config
    for patient in p1 p2; do stepward patient add "$patient"; done
    start_gateway
    publish "$ROOT/patient/p2/steps" 'oops'
    publish "$ROOT/patient/p3/steps" "$(steps_at 5 21)" # is added in a moment
    awk -v root="$ROOT" 'BEGIN { for (i = 0; i < 11000; i++) print root "/patient/p1/steps\tno " i }' >"$CLINIC/flood"
    feed "$CLINIC/flood"
    wait_for eval '[ "$(counted rejected)" -eq 11002 ]'
    [ "$(rejected_of p2)" -eq 1 ]
    [ "$(rejected_of p3)" -eq 1 ]
    [ "$(rejected_of p1)" -eq 9998 ]
    # No more do thousands of strangers, together.
    awk -v root="$ROOT" 'BEGIN { for (i = 0; i < 11000; i++) print root "/patient/stranger" i "/steps\t1" }' >"$CLINIC/flood"
    feed "$CLINIC/flood"
    wait_for eval '[ "$(counted rejected)" -eq 22002 ]'
    [ "$(rejected_of p2)" -eq 1 ]
    [ "$(rejected_of p1)" -eq 4999 ]
    [ "$(in_database 'SELECT count(*) FROM rejected')" -eq 10000 ]
}
