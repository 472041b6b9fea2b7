# machine.bash -- a machine to set up, as a folder that `stepward setup` takes for /: its
# broker, as scripts/install leaves it, on ports of its own, and how it starts anew.
# shellcheck shell=bash

machine_open() {
    clinic_open
    MACHINE=$CLINIC/machine
    TLS_PORT=$(free_port)
    CONFIG=$MACHINE/etc/stepward/stepward.conf
    BROKER=$MACHINE/etc/mosquitto
    CA=$MACHINE/etc/stepward/tls/ca.crt
    mkdir -p "$MACHINE"/etc/stepward "$MACHINE"/usr/lib/stepward "$BROKER/conf.d" "$CLINIC/broker" "$CLINIC/as"
    ln -s "$STEPWARD_SOURCE/scripts/lib/setup" "$MACHINE/usr/lib/stepward/setup"
    sed -E "s|localhost:1883|localhost:$PORT|; s|^data_dir = .*|data_dir = \"$DATA\"|; s|^commit_interval = .*|commit_interval = \"1s\"|" \
        "$STEPWARD_SOURCE/config/stepward.conf" >"$CONFIG"
    printf '%s\n' "user $(id -un)" "persistence_location $CLINIC/broker/" "log_dest stderr" \
        "include_dir $BROKER/conf.d" >"$BROKER/mosquitto.conf"
    sed "s|^listener 1883 127|listener $PORT 127|" "$STEPWARD_SOURCE/config/mosquitto/stepward.conf" \
        >"$BROKER/conf.d/stepward.conf"
    export STEPWARD_ROOT=$MACHINE STEPWARD_PORT=$PORT STEPWARD_TLS_PORT=$TLS_PORT
    make_machine_program restart-broker <<'EOF'
[ ! -e "$MACHINE/refuses" ] || { echo refused; exit 1; }
if [ -e "$CLINIC/pids/broker" ]; then
    kill "$(cat "$CLINIC/pids/broker")" 2>/dev/null || :
    while kill -0 "$(cat "$CLINIC/pids/broker")" 2>/dev/null; do sleep 0.05; done
fi
: >"$CLINIC/broker.log"
setsid mosquitto -c "$MACHINE/etc/mosquitto/mosquitto.conf" >"$CLINIC/broker.log" 2>&1 </dev/null 3>&- 9>&- &
echo $! >"$CLINIC/pids/broker"
until grep -q ' running$' "$CLINIC/broker.log"; do
    kill -0 "$(cat "$CLINIC/pids/broker")" || exit 1
    sleep 0.05
done
EOF
    make_machine_program reload-broker <<'EOF'
kill -HUP "$(cat "$CLINIC/pids/broker")"
EOF
    "$MACHINE/restart-broker" # as scripts/install leaves it: for this machine alone
}
make_machine_program() {
    {
        printf '#!/usr/bin/env bash\nset -eu\nMACHINE=%q CLINIC=%q\n' "$MACHINE" "$CLINIC"
        cat
    } >"$MACHINE/$1"
    chmod +x "$MACHINE/$1"
}
# The broker is no child of this shell.
machine_close() {
    local pid
    if [ -e "$CLINIC/pids/broker" ]; then
        pid=$(cat "$CLINIC/pids/broker")
        kill -KILL "$pid" 2>/dev/null || :
        rm -f "$CLINIC/pids/broker"
    fi
    clinic_close
}

set_up() { # OPTION…
    stepward setup --site main --timezone "$ZONE" --network 127.0.0.1 --broker here --yes "$@"
}

# as USER PASSWORD TOOL…: mosquitto's tool over TLS, by what a login says.
as() {
    "$3" -h 127.0.0.1 -p "$TLS_PORT" --cafile "$CA" -u "$1" -P "$2" -V 5 -q 1 "${@:4}"
}
# shellcheck disable=SC2154 # output is of bats
# The line of a login's text, or the last one, which is what the QR code holds.
said_of() { sed -nE "s/^  $1 +([^ ]+).*/\1/p" <<<"$output"; }
said_uri() { grep -E '^mqtts?://' <<<"$output" | tail -n 1; }

# Everything in the folders that setup writes, but for what says who connected when.
machine_state() {
    (cd "$MACHINE/etc" && find . -type f ! -name .setup.lock -exec sha256sum {} + | sort -k 2)
}
