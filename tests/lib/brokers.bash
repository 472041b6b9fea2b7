# brokers.bash -- brokers of other makes, as ordinary processes in a test's folder.
#
#     missing=$(broker_missing rabbitmq); [ -z "$missing" ] || skip "$missing"
#     start_rabbitmq; …; end broker KILL || :; start_rabbitmq
#
# Each listens at $PORT of 127.0.0.1 alone, keeps what it keeps below $CLINIC/broker, and
# goes on there when it is started again. What Debian's packages would start as services
# of the machine is not touched. What clients need to log in is in CLIENT, what the
# gateway needs in BROKER_KEYS. Their settings are those that the README recommends.
# shellcheck shell=bash
# shellcheck disable=SC2034 # read by clinic.bash

CLIENT=()          # options of mosquitto_pub and mosquitto_sub
BROKER_START_S=180 # Erlang loads for half a minute on a busy machine

AEDES_MODULES=${AEDES_MODULES:-$STEPWARD_SOURCE/build/aedes/node_modules}

# broker_missing NAME: why it cannot be run here; nothing where it can.
broker_missing() {
    case $1 in
    rabbitmq)
        [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] ||
            echo "RabbitMQ is not installed (apt-get install rabbitmq-server)"
        ;;
    ejabberd)
        [ -n "$(ejabberd_libraries)" ] ||
            echo "ejabberd is not installed (apt-get install ejabberd)"
        ;;
    aedes)
        if ! command -v node >/dev/null; then
            echo "there is no node here (apt-get install nodejs npm)"
        elif [ ! -d "$AEDES_MODULES/aedes" ]; then
            echo "aedes is not in $AEDES_MODULES (scripts/test puts it there)"
        fi
        ;;
    esac
}

# answers_at PORT
answers_at() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
broker_answers_or_ended() { answers_at "$PORT" || ! is_running broker; }
wait_for_broker() {
    wait_for -t "$BROKER_START_S" broker_answers_or_ended
    answers_at "$PORT"
}

# ---- RabbitMQ ----

# How long it keeps the session of a gateway that is away, which is a day by itself.
# 3.13 gave the key another name.
rabbitmq_keeps_sessions() {
    local version
    version=$(basename /usr/lib/rabbitmq/lib/rabbitmq_server-*)
    version=${version#rabbitmq_server-}
    if printf '%s\n' 3.13 "$version" | sort -CV; then
        echo 'mqtt.max_session_expiry_interval_seconds = 2678400'
    else
        echo 'mqtt.subscription_ttl = 2678400000'
    fi
}

# Erlang's nodes find each other by epmd; this one has an epmd of its own, and both
# listen on 127.0.0.1. Its script becomes the server if it may, so that the process that
# is killed is the server.
start_rabbitmq() {
    local at=$CLINIC/broker/rabbitmq
    if [ ! -e "$at" ]; then
        mkdir -p "$at"
        RABBITMQ_EPMD_PORT=$(free_port)
        RABBITMQ_NODE_PORT=$(free_port)
        echo '[rabbitmq_mqtt].' >"$at/plugins"
        cat >"$at/rabbitmq.conf" <<EOF
listeners.tcp = none
mqtt.listeners.tcp.1 = 127.0.0.1:$PORT
mqtt.allow_anonymous = true
$(rabbitmq_keeps_sessions)
log.console = true
EOF
        start epmd epmd -port "$RABBITMQ_EPMD_PORT" -address 127.0.0.1
        wait_for answers_at "$RABBITMQ_EPMD_PORT"
    fi
    start broker env HOME="$at" ERL_EPMD_PORT="$RABBITMQ_EPMD_PORT" \
        ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP="$at/crash" \
        RABBITMQ_NODENAME=stepward-test@localhost \
        RABBITMQ_DIST_PORT="$RABBITMQ_NODE_PORT" RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" \
        RABBITMQ_CONFIG_FILE="$at/rabbitmq.conf" \
        RABBITMQ_ADVANCED_CONFIG_FILE="$at/advanced.config" \
        RABBITMQ_MNESIA_BASE="$at/data" RABBITMQ_LOG_BASE="$at/log" RABBITMQ_LOGS=- \
        RABBITMQ_ENABLED_PLUGINS_FILE="$at/plugins" \
        RABBITMQ_ALLOW_INPUT=1 /usr/lib/rabbitmq/bin/rabbitmq-server -noinput
    wait_for_broker
}

# ---- ejabberd ----

# The folder in which ejabberd's library is, beside those that it needs.
ejabberd_libraries() {
    local app
    for app in /usr/lib/*/ejabberd-*/ebin/ejabberd.app; do
        [ ! -e "$app" ] || (cd "$(dirname "$app")/../.." && pwd)
        return 0
    done
}

# Erlang by itself, as no node: nothing but MQTT listens. A client's name is a JID of a
# host that it serves; anybody may log in.
start_ejabberd() {
    local at=$CLINIC/broker/ejabberd
    mkdir -p "$at/data"
    cat >"$at/ejabberd.yml" <<EOF
hosts: [localhost]
auth_method: [anonymous]
anonymous_protocol: login_anon
listen:
  - {port: $PORT, ip: "127.0.0.1", module: mod_mqtt}
modules:
  mod_mqtt:
    session_expiry: 31 days
    max_queue: 250000
    access_publish: {"#": [allow]}
    access_subscribe: {"#": [allow]}
EOF
    CLIENT=(-u client@localhost -P any)
    echo any >"$CLINIC/password"
    chmod 600 "$CLINIC/password"
    BROKER_KEYS="username = \"gateway@localhost\"  password_file = \"$CLINIC/password\""
    start broker env HOME="$at" ERL_LIBS="$(ejabberd_libraries)" \
        EJABBERD_CONFIG_PATH="$at/ejabberd.yml" EJABBERD_LOG_PATH="$at/log" \
        ERL_CRASH_DUMP="$at/crash" erl -noinput -mnesia dir "\"$at/data\"" -s ejabberd
    wait_for_broker
}

# ---- aedes ----

# start_aedes [FOLDER]: keeps sessions there; without one in memory.
start_aedes() {
    start broker env AEDES_MODULES="$AEDES_MODULES" node \
        "$STEPWARD_SOURCE/tests/aedes/broker.js" "$PORT" "$@"
    wait_for_broker
}
