# proofs.sh -- what the broker's files let whom do, shown by connecting as each of them. The
# proof is on a broker of its own, with the same settings, passwords and rights on other
# ports: nothing that is said there reaches a patient, an app or the gateway, and no client
# that is connected is pushed off.
# shellcheck shell=bash
# shellcheck disable=SC2154 # scratch, and what setup sets

PROOF_WAIT_S=60 # a Pi with a slow card, while it updates itself
OTHER=proof.other # a device's and a therapist's name that are nobody's
proof_pid=

proof_port() { # OTHER_PORT: one that nobody has, and that is not this one
    local port
    while :; do
        port=$((RANDOM % 8000 + 11000))
        [ "$port" != "$1" ] || continue
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
            echo "$port"
            return
        }
    done
}

hashed_login() { # NAME PASSWORD: its line of mosquitto's passwords
    printf '%s:%s\n' "$1" "$2" >"$scratch/login"
    mosquitto_passwd -U "$scratch/login" || fail "mosquitto_passwd failed (see above)"
    cat "$scratch/login"
}

# client NAME USER PASSWORD PORT [CA [HOST]]: the options of mosquitto's tools, in files, where
# nobody sees the password; `as NAME mosquitto_pub …` uses them.
client() {
    mkdir -p "$scratch/clients/$1"
    {
        printf -- '-h %s\n-p %s\n' "${6:-localhost}" "$4"
        [ -z "$2" ] || printf -- '-u %s\n' "$2"
        [ -z "$3" ] || printf -- '-P %s\n' "$3"
        [ -z "${5:-}" ] || printf -- '--cafile %s\n' "$5"
    } >"$scratch/clients/$1/mosquitto_pub"
    cp "$scratch/clients/$1/mosquitto_pub" "$scratch/clients/$1/mosquitto_sub"
}
as() {
    XDG_CONFIG_HOME=$scratch/clients/$1 timeout "$PROOF_WAIT_S" "${@:2}"
}

# The broker of the proof, with the files that are in place; a made-up device, a made-up
# therapist and the gateway have logins there.
start_proof() {
    local folder=$scratch/proof
    rm -rf "$folder"
    mkdir "$folder"
    cp "$BROKER_ETC/stepward/passwd" "$BROKER_ETC/stepward.acl" "$folder/"
    {
        hashed_login proof.device "$proof_password"
        hashed_login proof.therapist "$proof_password"
        hashed_login proof.prover "$proof_password"
    } >>"$folder/passwd"
    {
        echo
        "$PRINTS_RIGHTS" -c "$conf" site --rights --therapist proof.therapist |
            sed -n '/^user proof\.therapist$/,/^$/p'
        printf '%s\n' "pattern read proof/end" "user proof.prover" "topic write proof/end"
    } >>"$folder/stepward.acl"
    run_proof "$folder" ||
        { grep -q 'Address already in use' "$scratch/proof.log" && run_proof "$folder"; } ||
        fail "the broker would not start with these settings: $(broker_reason "$scratch/proof.log" 0 | tail -n 1)"
    proof_is_tls=no
    ! grep -q "^listener $proof_tls" "$folder/mosquitto.conf" || proof_is_tls=yes
    client gateway "$gateway_user" "$(head -n 1 "$etc/gateway.password")" "$proof_plain"
    client prover proof.prover "$proof_password" "$proof_plain"
    proof_client device proof.device "$proof_password"
    proof_client therapist proof.therapist "$proof_password"
}
run_proof() { # FOLDER: false if it does not run
    local folder=$1 end=$((SECONDS + PROOF_WAIT_S))
    proof_plain=$(proof_port 0)
    proof_tls=$(proof_port "$proof_plain")
    {
        sed -E -e '/^listener 1883 ::1/,+1d; /^(bind_interface|socket_domain|persistence_location)/d' \
            -e "s|^listener $port .*|listener $proof_plain 127.0.0.1|" \
            -e "s|^listener $tls_port.*|listener $proof_tls|" \
            -e 's|^persistence true|persistence false|' \
            -e "s|^password_file .*|password_file $folder/passwd|" \
            -e "s|^acl_file .*|acl_file $folder/stepward.acl|" \
            "$BROKER_ETC/conf.d/stepward.conf"
        [ "$(id -u)" -eq 0 ] && [ -z "$STEPWARD_ROOT" ] || echo "user $(id -un)"
    } >"$folder/mosquitto.conf"
    for_broker "$folder" "$folder"/*
    chmod 711 "$scratch"
    : >"$scratch/proof.log"
    mosquitto -c "$folder/mosquitto.conf" >>"$scratch/proof.log" 2>&1 9>&- &
    proof_pid=$!
    until grep -q ' running$' "$scratch/proof.log"; do
        kill -0 "$proof_pid" 2>/dev/null && [ "$SECONDS" -lt "$end" ] || return
        sleep 0.05
    done
}
proof_client() { # NAME USER PASSWORD: over TLS, where the network may come in
    if [ "$proof_is_tls" = yes ]; then
        client "$1" "$2" "$3" "$proof_tls" "$etc/tls/ca.crt"
    else
        client "$1" "$2" "$3" "$proof_plain"
    fi
}
end_proof() {
    [ -n "$proof_pid" ] || return 0
    kill -KILL "$proof_pid" 2>/dev/null || : # it keeps nothing
    wait "$proof_pid" 2>/dev/null || :
    proof_pid=
}

# try_write CLIENT TOPIC: "yes", "no" or what is in the way.
try_write() {
    local said code=0
    said=$(as "$1" mosquitto_pub -V 5 -q 1 -t "$2" -m proof 2>&1) || code=$?
    case $said in
    '') [ "$code" -eq 0 ] && echo yes || echo "mosquitto_pub ended with $code" ;;
    *[Nn]"ot authori"[sz]ed*) echo no ;;
    *) tail -n 1 <<<"$said" ;;
    esac
}
prove_write() { # CLIENT yes|no WHO TOPIC
    local found
    found=$(try_write "$1" "$root_topic/$4")
    [ "$found" != "$2" ] || return 0
    if [ "$found" = yes ] && has_own_rights; then
        echo "note: by the clinic's own lines in $BROKER_ETC/stepward.acl $3 may write $root_topic/$4"
    elif [ "$found" = yes ]; then
        fail "the broker lets $3 write $root_topic/$4, which it must not"
    elif [ "$found" = no ]; then
        fail "the broker does not let $3 write $root_topic/$4"
    else
        fail "$3 cannot connect: $found"
    fi
}

has_own_rights() {
    sed "1,/^$RIGHTS_MARK/d" "$BROKER_ETC/stepward.acl" |
        grep -E '^[[:space:]]*(user|topic|pattern)' >/dev/null
}

# read_retained CLIENT: the topics of what is retained there, in scratch/read. It comes in
# the order of the filters, so proof/end is the last; 27 if that does not come in time.
read_retained() {
    local pid code=0
    : >"$scratch/read"
    XDG_CONFIG_HOME=$scratch/clients/$1 mosquitto_sub -W "$PROOF_WAIT_S" --retained-only -F %t \
        -t "$root_topic/#" -t proof/end >"$scratch/read" 2>"$scratch/why" 9>&- &
    pid=$!
    until grep -qxF proof/end "$scratch/read"; do
        kill -0 "$pid" 2>/dev/null || {
            wait "$pid" || code=$?
            return "$code"
        }
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
}

# prove_reads CLIENT WHO TOPIC…: of all that the gateway retains there, these and no other.
prove_reads() {
    local name=$1 who=$2 code=0 topic
    shift 2
    for topic; do echo "$root_topic/$topic"; done | sort >"$scratch/must"
    read_retained "$name" || code=$?
    [ "$code" -ne 27 ] || fail "the broker did not send $who all that it retains within $PROOF_WAIT_S s: run it again when this machine has less to do"
    [ "$code" -eq 0 ] || fail "$who cannot connect: $(tail -n 1 "$scratch/why")"
    grep -vxF proof/end "$scratch/read" | sort >"$scratch/can"
    ! cmp -s "$scratch/can" "$scratch/must" || return 0
    topic=$(comm -13 "$scratch/can" "$scratch/must" | head -n 1)
    [ -z "$topic" ] || fail "the broker does not let $who read $topic"
    topic=$(comm -23 "$scratch/can" "$scratch/must" | head -n 1)
    [ -z "$topic" ] || has_own_rights || fail "the broker lets $who read $topic, which it must not"
    [ -z "$topic" ] ||
        echo "note: by the clinic's own lines in $BROKER_ETC/stepward.acl $who may read $topic"
}

# What the gateway says and hears, of the one that is looked at and of another.
publish_all() { # DEVICE THERAPIST
    local topic device therapist
    for device in "$1" "$OTHER"; do
        printf '%s\n' "patient/$device/"{steps,pain,nudge,today}
    done >"$scratch/topics"
    for therapist in "$2" "$OTHER"; do
        printf '%s\n' "alerts/$therapist/$1/rest" "board/$therapist/$1" "patients/$therapist" \
            "digest/$therapist"
    done >>"$scratch/topics"
    printf '%s\n' gateway/status "patient/$1/rogue" >>"$scratch/topics"
    while IFS= read -r topic; do
        if ! as gateway mosquitto_pub -V 5 -q 1 -r -t "$root_topic/$topic" -m proof 2>"$scratch/why" ||
            [ -s "$scratch/why" ]; then
            fail "the gateway cannot write $root_topic/$topic: $(tail -n 1 "$scratch/why")"
        fi
    done <"$scratch/topics"
    as prover mosquitto_pub -q 1 -r -t proof/end -m proof
}

prove_device() { # CLIENT ID
    local topic
    prove_reads "$1" "the device $2" "patient/$2/nudge" "patient/$2/today"
    for topic in steps pain; do prove_write "$1" yes "the device $2" "patient/$2/$topic"; done
    for topic in "patient/$2/today" "patient/$2/rogue" "patient/$OTHER/steps" \
        "alerts/proof.therapist/$2/rest" "alerts/proof.therapist/$2/rest/set" gateway/status; do
        prove_write "$1" no "the device $2" "$topic"
    done
    echo "proved: the device $2 may write its steps and pain, read what is said to its wearer, and no more"
}
prove_therapist() { # CLIENT ID DEVICE
    local topic
    prove_reads "$1" "the therapist $2" "alerts/$2/$3/rest" "board/$2/$3" "patients/$2" "digest/$2"
    prove_write "$1" yes "the therapist $2" "alerts/$2/$3/rest/set"
    for topic in "alerts/$2/$3/rest" "alerts/$OTHER/$3/rest/set" "patient/$3/steps" "digest/$2"; do
        prove_write "$1" no "the therapist $2" "$topic"
    done
    echo "proved: the therapist $2 may read and answer their own alerts, and no more"
}

# A stranger is let in nowhere: without a name, with one that is not known, with a wrong
# password.
prove_strangers() { # PLAIN_PORT TLS_PORT|""
    local at user said code
    for at in "$1" ${2:+"$2"}; do
        for user in '' proof.nobody "$gateway_user"; do
            client stranger "$user" "${user:+wrong}" "$at" "$([ "$at" = "$1" ] || echo "$etc/tls/ca.crt")"
            code=0
            said=$(as stranger mosquitto_pub -V 5 -q 1 -t "$root_topic/gateway/status" -m proof 2>&1) || code=$?
            [ "$code" -ne 0 ] ||
                fail "the broker lets a stranger in at port $at: see allow_anonymous in the files in $BROKER_ETC"
            [[ $said == *[Nn]"ot authori"[sz]ed* || $said == *"ad user"* ]] ||
                fail "port $at of the broker: $(head -n 1 <<<"$said")"
        done
    done
    echo "proved: a stranger is not let in"
}
