#!/usr/bin/env bats
# setup.bats -- `stepward setup` from nothing to an alert over TLS, by what the QR code says;
# what is forbidden, tried from outside; the second run; and failures half way.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/broker
load ../lib/machine

setup() {
    machine_open
    freeze_time
}
teardown() { machine_close; }

# by_uri URI TOOL…: a client that has nothing but the line in the QR code. It takes the CA
# from the broker's own answer, and believes it for its fingerprint.
by_uri() {
    local uri=$1 rest user password host port print
    [[ $uri =~ ^mqtts://([^:]+):([^@]+)@([^:/]+):([0-9]+)/([^?]+)\?ca=sha256:([0-9a-f]{64})$ ]]
    user=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} host=${BASH_REMATCH[3]}
    port=${BASH_REMATCH[4]} TOPIC=${BASH_REMATCH[5]//%23/#} print=${BASH_REMATCH[6]}
    openssl s_client -connect "$host:$port" -showcerts </dev/null 2>/dev/null |
        awk -v out="$CLINIC/chain" '/BEGIN CERT/ { n++ } n { print > (out n) }'
    rest=$(openssl x509 -in "$CLINIC/chain2" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
    [ "$rest" = "$print" ]
    openssl x509 -in "$CLINIC/chain2" >"$CLINIC/ca-of-chain"
    "$2" -h "$host" -p "$port" --cafile "$CLINIC/ca-of-chain" -u "$user" -P "$password" -V 5 -q 1 "${@:3}"
}

@test "from nothing to an alert over TLS, by what the QR codes hold" {
    run -0 set_up --therapist anna
    [[ $output == *"proved: a stranger is not let in"* ]]
    local therapist device
    therapist=$(said_uri)
    run -0 stepward patient add p1 --therapist anna --rest-limit 1h
    run -0 stepward device add p1 --host 127.0.0.1
    device=$(said_uri)
    launch_gateway
    wait_for status_is_well
    by_uri "$therapist" true
    start app by_uri "$therapist" mosquitto_sub -t "$TOPIC" -F '%t %p'
    by_uri "$device" mosquitto_pub -t "clinic/main/patient/p1/steps" -m "$(still 70 0)"
    wait_for grep -q '"state":"open"' "$CLINIC/app.log"
    run ! grep -q 'Connection error' "$CLINIC/app.log"
}

@test "the text, the QR code on the terminal and the one on the sheet are the same" {
    set_up
    stepward patient add p1 --therapist anna
    run -0 --separate-stderr stepward device add p1 --sheet "$CLINIC/p1.html"
    [ "$(said_of user)" = p1 ]
    [ "$(said_of steps)" = clinic/main/patient/p1/steps ]
    [[ $output == *"$(cat "$CA")"* ]]
    [ "$(stat -c %a "$CLINIC/p1.html")" = 600 ]
    grep -qF "$(said_of password)" "$CLINIC/p1.html"
    command -v zbarimg rsvg-convert >/dev/null || skip "zbarimg or rsvg-convert is missing"
    grep -o '<svg.*</svg>' "$CLINIC/p1.html" >"$CLINIC/qr.svg"
    rsvg-convert -w 600 "$CLINIC/qr.svg" >"$CLINIC/qr.png"
    [ "$(zbarimg -q --raw "$CLINIC/qr.png")" = "$(said_uri)" ]
    printf '%s\n' "$output" | grep '^█' >"$CLINIC/blocks"
    draw_blocks <"$CLINIC/blocks" >"$CLINIC/blocks.pgm"
    [ "$(zbarimg -q --raw "$CLINIC/blocks.pgm")" = "$(said_uri)" ]
}
# What the terminal shows, as a picture of 8 points a module.
draw_blocks() {
    python3 -c '
import sys
rows = []
for line in sys.stdin.read().splitlines():
    rows.append([c in "█▀" for c in line])
    rows.append([c in "█▄" for c in line])
print("P2", len(rows[0]) * 8, len(rows) * 8, 1)
for row in rows:
    for _ in range(8):
        print(*[int(light) for light in row for _ in range(8)])
'
}

@test "what is forbidden is refused, tried from outside" {
    local p1 p2 anna
    set_up --therapist anna --therapist bob >"$CLINIC/said"
    anna=$(sed -nE 's/^  password +//p' "$CLINIC/said" | head -n 1)
    stepward patient add p1 --therapist anna
    stepward patient add p2 --therapist bob
    p1=$(stepward device add p1 | sed -nE 's/^  password +//p')
    p2=$(stepward device add p2 | sed -nE 's/^  password +//p')
    run as p1 "$p1" mosquitto_pub -t clinic/main/patient/p1/pain -m '{"score":3}'
    [ "$status" -eq 0 ] && [ -z "$output" ]
    for topic in clinic/main/patient/p2/steps clinic/main/patient/p1/today \
        clinic/main/alerts/anna/p1/rest/set clinic/main/gateway/status other; do
        run as p1 "$p1" mosquitto_pub -t "$topic" -m x
        [[ $output == *"ot authori"* ]]
    done
    run as anna "$anna" mosquitto_pub -t clinic/main/alerts/bob/p2/rest/set -m x
    [[ $output == *"ot authori"* ]]
    run as p1 "$p2" mosquitto_pub -t clinic/main/patient/p1/steps -m x
    [ "$status" -ne 0 ]
    run mosquitto_pub -h 127.0.0.1 -p "$PORT" -t x -m x
    [ "$status" -ne 0 ]
    run mosquitto_pub -h 127.0.0.1 -p "$TLS_PORT" -u p1 -P "$p1" -t x -m x # without TLS
    [ "$status" -ne 0 ]
    run mosquitto_sub -h 127.0.0.1 -p "$TLS_PORT" --cafile "$CA" -t '#' -W 1
    [ "$status" -ne 27 ]
    # Nobody but their own users reads secrets, and no secret is where others may look.
    [ -z "$(find "$MACHINE/etc" \( -name '*.key' -o -name passwd -o -name gateway.password \) -perm /077)" ]
    run ! grep -rqF -e "$p1" -e "$anna" "$MACHINE" "$DATA" "$CLINIC/broker.log"
    stepward audit --format csv | grep -q 'broker login added,p1'
}

@test "a device is locked, and renewed: the old password is worth nothing" {
    local before after
    set_up
    stepward patient add p1 --therapist anna
    before=$(stepward device add p1 | sed -nE 's/^  password +//p')
    run -1 stepward device add p1
    [[ $output == *"p1 has a login already: sudo stepward device renew p1 gives it a new password"* ]]
    after=$(stepward device renew p1 | sed -nE 's/^  password +//p')
    run as p1 "$before" mosquitto_pub -t clinic/main/patient/p1/steps -m '[]'
    [ "$status" -ne 0 ]
    start device as p1 "$after" mosquitto_sub -d -t clinic/main/patient/p1/today
    wait_for grep -q "as p1 (p5" "$CLINIC/broker.log"
    stepward device lock p1
    device_is_off() { ! is_running device; }
    wait_for device_is_off # at once, not when it comes back
    rm "$CLINIC/pids/device"
    cannot_connect() { ! as p1 "$after" mosquitto_pub -t clinic/main/patient/p1/steps -m '[]'; }
    wait_for cannot_connect
    run -1 stepward device renew p1
    [[ $output == *"p1 has no login: sudo stepward device add p1"* ]]
    stepward audit --format csv | grep -q 'broker login locked,p1'
}

@test "a lock that the broker does not take note of is said, and undone" {
    set_up >/dev/null
    stepward patient add p1 --therapist anna
    stepward device add p1 >/dev/null
    machine_state >"$CLINIC/before"
    refused() { # REASON
        run -1 stepward device lock p1
        [[ $output == *"$1"*"everything is as it was before"* ]]
        machine_state >"$CLINIC/after"
        diff "$CLINIC/before" "$CLINIC/after"
        run ! grep -q 'broker login locked' <(stepward audit --format csv)
    }
    make_machine_program reload-broker <<<'exit 1'
    refused "the broker does not read its passwords anew"
    make_machine_program reload-broker <<<'exit 0' # and nothing happened
    refused "the broker that runs does not let p1 in"
}

@test "where devices come from one interface, the login names its address" {
    local device address
    read -r device address < <(ip -o -4 addr show scope global | awk '{ sub("/.*", "", $4); print $2, $4; exit }') ||
        skip "this machine has no network"
    set_up --network "$device" >/dev/null
    stepward patient add p1 --therapist anna
    run -0 stepward device add p1 --sheet "$CLINIC/p1.html"
    [ "$(said_of broker)" = "$address," ]
    [[ $(said_uri) == *"@$address:$TLS_PORT/"* ]]
    grep -qF "<dd>$address</dd>" "$CLINIC/p1.html"
}

@test "names are for one, and for who is there" {
    set_up --therapist anna >/dev/null
    run -1 stepward device add p1
    [[ $output == *"no patient p1 yet: \`stepward patient add p1\` first"* ]]
    stepward patient add p1 --therapist bob
    run -1 stepward therapist add p1
    [[ $output == *"p1 is a patient: a therapist needs another id"* ]]
    stepward patient add cyn --therapist bob
    run -1 stepward therapist add cyn
    [[ $output == *"cyn is a patient: a therapist needs another id"* ]]
    run -2 stepward device add 'a b'
    run -1 stepward therapist add stepward-gateway
    [[ $output == *"stepward-gateway is not for a therapist: take another id"* ]]
    local pid
    pid=$(cat "$CLINIC/pids/broker")
    run -1 stepward therapist add dan --host elsewhere.example
    [[ $output == *"the broker's certificate does not name elsewhere.example: it names $(hostname)"* ]]
    [ "$(cat "$CLINIC/pids/broker")" = "$pid" ] # a typo stops nobody
}

@test "a second run changes what is asked, and keeps the rest" {
    set_up --therapist anna >"$CLINIC/said"
    machine_state >"$CLINIC/first"
    set_up >/dev/null
    machine_state >"$CLINIC/second"
    diff "$CLINIC/first" "$CLINIC/second"
    run -0 stepward setup --site praxis --yes
    machine_state >"$CLINIC/third"
    run diff "$CLINIC/second" "$CLINIC/third"
    [ "$(grep -c '^> ' <<<"$output")" -eq 2 ] # the configuration, and the list of rights
    [ "$(stepward site p1 --topic steps)" = clinic/praxis/patient/p1/steps ]
    local anna
    anna=$(sed -nE 's/^  password +//p' "$CLINIC/said")
    run as anna "$anna" mosquitto_pub -t clinic/praxis/alerts/anna/p1/rest/set -m x
    [ "$status" -eq 0 ] && [ -z "$output" ]
}

@test "what fails half way leaves all as it was, the broker too" {
    machine_state >"$CLINIC/before"
    touch "$MACHINE/refuses"
    run -1 set_up --therapist anna
    [[ $output == *"the broker does not start with this: refused"* ]]
    [[ $output == *"everything is as it was before"* ]]
    rm "$MACHINE/refuses"
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
    "$MACHINE/restart-broker"
    mosquitto_pub -h 127.0.0.1 -p "$PORT" -t x -m x # whom the broker let in, it lets in

    set_up >/dev/null
    sed -i '/^password_file/s/^/#/' "$BROKER/conf.d/stepward.conf" # by hand
    run -1 set_up
    [[ $output == *"was changed by hand: sudo mv"* ]]
    sed -i '/^#password_file/s/^#//; s/^acl_file/#&/' "$BROKER/conf.d/stepward.conf"
    run -1 set_up
    [[ $output == *"the broker lets the device proof.device read clinic/main/"* ]]
}

@test "a setup that was killed is put back by the next one" {
    set_up >/dev/null
    machine_state >"$CLINIC/before"
    mv "$MACHINE/restart-broker" "$MACHINE/restarts"
    make_machine_program restart-broker <<'EOF'
touch "$MACHINE/restarting"
sleep 600 3>&- 9>&- &
echo $! >"$CLINIC/pids/sleeper"
wait
EOF
    start killed "$STEPWARD_BIN/stepward" -c "$CONFIG" setup --new-ca --yes
    wait_for test -e "$MACHINE/restarting"
    end killed KILL || :
    mv "$MACHINE/restarts" "$MACHINE/restart-broker"
    kill -KILL "$(cat "$CLINIC/pids/sleeper")"
    rm "$CLINIC/pids/sleeper"
    machine_state >"$CLINIC/after"
    run diff "$CLINIC/before" "$CLINIC/after"
    [ "$status" -ne 0 ]
    run -0 stepward setup --renew
    [[ $output == *"everything is as it was before"* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
}

@test "wrong answers are refused with the way to right ones, and nothing is written" {
    machine_state >"$CLINIC/before"
    run -2 stepward setup --yes --site 'a/b'
    [[ $output == *"site a/b: 1 to 32 of"* ]]
    run -2 stepward setup --yes --timezone ../../etc/passwd
    [[ $output == *"time zone ../../etc/passwd: a name of the IANA database"* ]]
    run -2 stepward setup --yes --therapist 'anna;reboot'
    [[ $output == *"therapist anna;reboot: 1 to 36"* ]]
    run -2 stepward setup --yes --network 'eth77 evil'
    [[ $output == *"network eth77 evil: all, none (this machine alone), or one of: "* ]]
    run -2 stepward setup --yes --broker 'mqtt://a b'
    [[ $output == *"broker mqtt://a b: here, or where it is"* ]]
    run -1 stepward setup </dev/null
    [[ $output == *"this is no terminal: answer them by options, and add --yes"* ]]
    echo 'listener 1999' >"$BROKER/conf.d/other.conf"
    run -1 set_up
    [[ $output == *"the broker has a setting of its own for who may connect"*"other.conf: listener"* ]]
    rm "$BROKER/conf.d/other.conf"
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
}

@test "five questions at a terminal, and a no changes nothing" {
    machine_state >"$CLINIC/before"
    answer() { printf '%s\n' "$@" | script -qec "$STEPWARD_BIN/stepward -c $CONFIG setup" /dev/null; }
    run answer '' '' anna here 127.0.0.1 no
    echo "$output"
    [[ $output == *"nothing was changed"* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
    run answer 'no good' praxis Europe/Vienna anna here 127.0.0.1 yes
    [[ $output == *"site no good: 1 to 32 of"* ]]
    grep -q '^site = "praxis"' "$CONFIG"
    grep -q '^timezone = "Europe/Vienna"' "$CONFIG"
    grep -q '^anna:' "$BROKER/stepward/passwd"
}

@test "certificates name this machine, and are made anew before they end" {
    set_up >/dev/null
    openssl x509 -in "$CA" -noout -ext nameConstraints >"$CLINIC/constraints"
    grep -q "DNS:localhost" "$CLINIC/constraints"
    run ! grep -q critical "$CLINIC/constraints" # mbedTLS does not read that
    openssl x509 -in "$BROKER/stepward/broker.crt" -noout -checkhost "$(hostname).local" | grep 'does match'
    openssl x509 -in "$BROKER/stepward/broker.crt" -noout -checkip 127.0.0.1 | grep 'does match'
    machine_state >"$CLINIC/before"
    run -0 stepward setup --renew
    [[ $output == *"the authority's certificate ends on "* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after" # not yet
    openssl x509 -req -days 3 -in <(openssl req -new -key "$BROKER/stepward/broker.key" -subj /CN=soon) \
        -CA "$CA" -CAkey "$MACHINE/etc/stepward/ca/ca.key" -set_serial 7 -out "$BROKER/stepward/broker.crt" 2>/dev/null
    run -0 stepward setup --renew
    openssl x509 -in "$BROKER/stepward/broker.crt" -noout -checkend 8640000
    openssl s_client -connect "127.0.0.1:$TLS_PORT" -CAfile "$CA" -verify_return_error </dev/null
    # The authority is good for nothing but this clinic.
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=bank -keyout "$CLINIC/k" -out "$CLINIC/csr" 2>/dev/null
    openssl x509 -req -in "$CLINIC/csr" -days 2 -CA "$CA" -CAkey "$MACHINE/etc/stepward/ca/ca.key" -set_serial 9 \
        -extfile <(echo subjectAltName=DNS:bank.example) -out "$CLINIC/bank.crt" 2>/dev/null
    run ! openssl verify -CAfile "$CA" "$CLINIC/bank.crt"
    [[ $output == *"permitted subtree violation"* ]]
}

@test "what the authority does not permit is left out of certificates, and they are renewed" {
    local leaf=$BROKER/stepward/broker.crt
    set_up >/dev/null
    authority() { # CONSTRAINT: another one for the same key
        openssl req -x509 -key "$MACHINE/etc/stepward/ca/ca.key" -days 900 -subj /CN=before \
            -addext "nameConstraints = $1" -addext 'keyUsage = critical, keyCertSign' -out "$CA"
    }
    authority 'permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0' # neither this name nor ::1
    run -0 stepward setup --renew
    [[ $output == *"no certificate names "*"$(hostname).local"*"::1"*": the authority does not permit it"* ]]
    openssl verify -CAfile "$CA" "$leaf"
    openssl s_client -connect "127.0.0.1:$TLS_PORT" -CAfile "$CA" -verify_return_error \
        -verify_hostname localhost </dev/null
    openssl x509 -in "$leaf" -noout -checkip 127.0.0.1 | grep 'does match'
    openssl x509 -in "$leaf" -noout -checkip ::1 | grep 'does NOT match'
    machine_state >"$CLINIC/before"
    run -0 stepward setup --renew # not again, for what it cannot name
    [[ $output != *"made the certificate"* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
    authority 'permitted;DNS:elsewhere.example,permitted;IP:10.99.99.99/255.255.255.255'
    machine_state >"$CLINIC/before"
    run -1 stepward setup --renew
    [[ $output == *"the authority vouches for none of this machine's names and addresses"*"--new-ca"* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
}

@test "an address that does not last stands in no certificate" {
    # shellcheck source=/dev/null
    . "$STEPWARD_SOURCE/scripts/lib/authority.sh"
    ip() {
        printf '2: eth0    %s eth0\\       valid_lft 700sec\n' \
            'inet 192.168.1.7/24 brd 192.168.1.255 scope global dynamic' \
            'inet6 fd00::7/64 scope global dynamic mngtmpaddr' \
            'inet6 fd00::abcd/64 scope global temporary dynamic' \
            'inet6 2001:db8::7/64 scope global dynamic mngtmpaddr' \
            'inet6 2001:db8::53/64 scope global'
    }
    run -0 lasting_addresses
    [ "$(xargs <<<"$output")" = "127.0.0.1 ::1 192.168.1.7 fd00::7 2001:db8::53" ]
    run -0 passing_addresses
    [ "$(xargs <<<"$output")" = "fd00::abcd 2001:db8::7" ]
}

@test "a broker elsewhere is tried for what the gateway needs of it" {
    local elsewhere
    elsewhere=$(free_port)
    echo secret >"$CLINIC/password"
    printf '%s\n' "listener $elsewhere 127.0.0.1" "allow_anonymous true" "user $(id -un)" \
        "max_queued_messages 5000" >"$CLINIC/elsewhere.conf"
    start elsewhere mosquitto -c "$CLINIC/elsewhere.conf"
    wait_for grep -q ' running$' "$CLINIC/elsewhere.log"
    local options=(--broker "mqtt://127.0.0.2:$elsewhere" --user gw --password-file "$CLINIC/password")
    run -1 set_up "${options[@]}"
    [[ $output == *"the broker at mqtt://127.0.0.2:$elsewhere: the gateway cannot write"* ]]
    options[1]=mqtt://$(hostname):$elsewhere
    sed -i 's/ 127.0.0.1$//' "$CLINIC/elsewhere.conf"
    end elsewhere || :
    start elsewhere mosquitto -c "$CLINIC/elsewhere.conf"
    wait_for grep -q ' running$' "$CLINIC/elsewhere.log"
    options[1]=mqtt://127.0.0.2:$elsewhere
    run -0 set_up "${options[@]}"
    [[ $output == *"well: it queues 1100 messages for one that is away, at least"* ]]
    [[ $output == *"well: dots in topics stay dots"* ]]
    grep -q "uri = \"mqtt://127.0.0.2:$elsewhere\"" "$CONFIG"
    stepward patient add p1 --therapist anna
    run -1 stepward device add p1
    [[ $output == *"the broker is elsewhere"* ]]
    # One that forgets.
    end elsewhere || :
    sed -i 's/^max_queued_messages .*/max_queued_messages 100/' "$CLINIC/elsewhere.conf"
    start elsewhere mosquitto -c "$CLINIC/elsewhere.conf"
    wait_for grep -q ' running$' "$CLINIC/elsewhere.log"
    machine_state >"$CLINIC/before"
    run -1 set_up "${options[@]}"
    [[ $output == *"raise that limit (mosquitto: max_queued_messages)"* ]]
    machine_state >"$CLINIC/after"
    diff "$CLINIC/before" "$CLINIC/after"
}
