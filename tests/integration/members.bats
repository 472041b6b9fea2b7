#!/usr/bin/env bats
# members.bats -- who is a member of the group that owns data_dir uses the command line
# without sudo, while the gateway runs and while it does not; others cannot.
#
# The gateway is Debian's user "daemon", the therapist "games", who is in its group.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings

setup() {
    [ "$(id -u)" -eq 0 ] || skip "only root can act as others"
    clinic_open
    as stranger test -x "$STEPWARD_BIN/stepward" || skip "others cannot reach the programs"
    local folder=$CLINIC # others must get there
    while [ "$folder" != "$(dirname "$BATS_RUN_TMPDIR")" ]; do
        chmod 755 "$folder"
        folder=$(dirname "$folder")
    done
    start_broker
    write_config
    install -d -o daemon -g daemon -m 2770 "$DATA"
}
teardown() { [ -z "${CLINIC:-}" ] || clinic_close; }

# as WHO COMMAND…
as() {
    local user=games groups=--groups=daemon
    case $1 in
    gateway) user=daemon groups=--clear-groups ;;
    stranger) groups=--clear-groups ;;
    esac
    shift
    HOME=/nonexistent XDG_RUNTIME_DIR=/nonexistent setpriv --reuid="$user" \
        --regid="$user" "$groups" "$@"
}
anna() { as anna "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@"; }

launch_gateway() {
    start gateway setpriv --reuid=daemon --regid=daemon --clear-groups \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
}
owner_and_mode() { stat -c '%U:%G %a' "$DATA/$1"; }
is_silent_to_others() {
    local file
    for file in "$DATA" "$DATA"/* "$DATA"/backup/*; do
        [[ $(stat -c %a "$file") == *0 ]] || { echo "$file: $(stat -c %a "$file")"; return 1; }
    done
}

@test "a member reads and writes while the gateway runs, and it goes on" {
    anna patient add p1 # before it ever ran: the folder hands its group down
    [ "$(owner_and_mode stepward.db)" = 'games:daemon 660' ]
    start_gateway
    freeze_time
    send_steps p1 "$(batch "$(minute_ago 100)" 80 80 80)"
    wait_for member_sees 240
    anna patient set p1 --goal 4000 --name Ada
    anna today | grep -q Ada
    wait_for anna status
    anna backup
    [ "$(owner_and_mode backup)" = 'games:daemon 2770' ]
    is_silent_to_others
    kill_gateway
    start_gateway
    send_steps p1 "$(batch "$(minute_ago 90)" 60)"
    wait_for member_sees 300
}
member_sees() { [ "$(anna summary p1 --format csv --day today | tail -n 1 | cut -d, -f3)" = "$1" ]; }

@test "who acts is the user of the process; behind root it is who called sudo" {
    local patient
    start_gateway
    for patient in p1 p2; do
        anna patient add "$patient" --therapist anna --rest-limit 1h
        send_steps "$patient" "$(still 70 0)"
        wait_for has_open_alert "$patient"
    done
    SUDO_USER=therapist anna ack p1
    [ "$(acknowledged_by p1)" = games ]
    # Who gives up being root cannot look for leaks at its end.
    SUDO_USER=therapist ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 \
        "$STEPWARD_BIN/stepward" -c "$CONFIG" ack p2
    [ "$(acknowledged_by p2)" = therapist ]
}
has_open_alert() { [ "$(anna alerts --patient "$1" --format json | jq length)" = 1 ]; }
acknowledged_by() { anna alerts --patient "$1" --format json | jq -r '.[0].by'; }

@test "what a member's command leaves behind the gateway can open" {
    start_gateway
    stop_gateway
    anna patient add p1
    anna today
    start_gateway
    wait_for anna status
    [ -z "$(find "$DATA" ! -group daemon)" ]
}

@test "who is no member is told whose the data are, and sees nothing" {
    start_gateway
    run ! as stranger "$STEPWARD_BIN/stepward" -c "$CONFIG" today
    [[ $output == *"run it as the owner: sudo -u daemon stepward"* ]]
    run ! as stranger ls "$DATA"
}

@test "a data_dir of a version that kept it for the user alone is opened to the group" {
    chmod 700 "$DATA"
    as gateway bash -c "umask 077; touch '$DATA/stepward.db' '$DATA/gateway.lock' '$DATA/password'; mkdir '$DATA/backup'"
    chmod 600 "$DATA"/stepward.db "$DATA"/gateway.lock "$DATA"/password
    start_gateway
    [ "$(stat -c %a "$DATA")" = 2770 ]
    [ "$(owner_and_mode stepward.db)" = 'daemon:daemon 660' ]
    [ "$(owner_and_mode backup)" = 'daemon:daemon 2770' ]
    [ "$(owner_and_mode password)" = 'daemon:daemon 600' ] # not ours
    anna patient add p1
    anna today
}

@test "no link that a member puts into data_dir is followed when it is opened to the group" {
    local folder=$CLINIC/elsewhere
    install -d -o daemon -g daemon -m 700 "$folder"
    install -o daemon -g daemon -m 600 /dev/null "$folder/stepward-20260101T000000Z.db"
    install -o daemon -g daemon -m 600 /dev/null "$CLINIC/password"
    ln -s "$folder" "$DATA/backup"
    ln -s "$CLINIC/password" "$DATA/inbox.1"
    ln "$CLINIC/password" "$DATA/stepward.db.old"
    start_gateway
    [ "$(stat -c %a "$folder")" = 700 ]
    [ "$(stat -c %a "$folder/stepward-20260101T000000Z.db")" = 600 ]
    [ "$(stat -c %a "$CLINIC/password")" = 600 ]
    stop_gateway
    # Nor by root, which mends what it has copied there; and a folder that is one is opened.
    "$STEPWARD_BIN/stepward-gateway" --check -c "$CONFIG"
    [ "$(stat -c %a "$folder") $(stat -c %a "$CLINIC/password")" = '700 600' ]
    rm "$DATA/backup"
    install -d -o daemon -g daemon -m 700 "$DATA/backup"
    "$STEPWARD_BIN/stepward-gateway" --check -c "$CONFIG"
    [ "$(owner_and_mode backup)" = 'daemon:daemon 2770' ]
}

@test "a folder that does not hand its group down is said to a member, not broken" {
    chmod u=rwx,g=rwx,g-s,o= "$DATA"
    as gateway "$STEPWARD_BIN/stepward" -c "$CONFIG" patient add p1
    run ! anna today
    [[ $output == *"does not hand its group down"*"sudo chmod 2770 $DATA"* ]]
    [ -z "$(find "$DATA" ! -user daemon)" ]
}

@test "what the gateway logs in with is closed to a member, who needs it for no command" {
    local folder=$CLINIC/secret file
    install -d -o daemon -g daemon -m 700 "$folder"
    for file in gateway.password gateway.crt gateway.key; do
        install -o daemon -g daemon -m 600 /dev/stdin "$folder/$file" <<<secret
    done
    BROKER_KEYS="username = gateway  password_file = \"$folder/gateway.password\"" write_config
    start_gateway
    anna patient add p1
    send_steps p1 "$(steps_at 5 21)"
    wait_for member_sees 21
    anna patient set --help | grep -q 'goal'
    wait_for anna status
    anna try p1
    anna site --rights | grep -qx 'user gateway'
    # So it is with certificates, and with secrets that the gateway itself refuses.
    BROKER_KEYS="cert_file = \"$folder/gateway.crt\"  key_file = \"$folder/gateway.key\"" write_config
    anna today
    BROKER_KEYS="password_file = \"$folder/gateway.password\"" write_config
    chmod 644 "$folder/gateway.password"
    anna today
    run setpriv --reuid=daemon --regid=daemon --clear-groups "$STEPWARD_BIN/stepward-gateway" --check -c "$CONFIG"
    [ "$status" -eq 2 ]
    [[ $output == *"others can read it"* ]]
}
