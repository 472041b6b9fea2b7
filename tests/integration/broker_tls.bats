#!/usr/bin/env bats
# broker_tls.bats -- a broker behind TLS, with a private authority of the clinic's own.
load ../lib/clinic
load ../lib/readings
load ../lib/broker

setup() {
    clinic_open
    freeze_time
    TLS_PORT=$(free_port)
    URI=mqtts://localhost:$TLS_PORT
    make_authority right
    make_authority wrong
    make_certificate server "subjectAltName=DNS:localhost"
    make_certificate gateway "extendedKeyUsage=clientAuth"
}
teardown() { clinic_close; }

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=$1 authority" -keyout "$CLINIC/$1.key" -out "$CLINIC/$1.crt" 2>/dev/null
}
# make_certificate NAME EXTENSION: signed by the right authority.
make_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$CLINIC/$1.key" -out "$CLINIC/$1.csr" 2>/dev/null
    openssl x509 -req -in "$CLINIC/$1.csr" -days 2 -CA "$CLINIC/right.crt" \
        -CAkey "$CLINIC/right.key" -CAcreateserial -extfile <(echo "$2") \
        -out "$CLINIC/$1.crt" 2>/dev/null
}

start_tls_broker() { # LINE…
    start_broker "listener $TLS_PORT 127.0.0.1" "cafile $CLINIC/right.crt" \
        "certfile $CLINIC/server.crt" "keyfile $CLINIC/server.key" "$@"
}
trust() { BROKER_KEYS="ca_file = \"$CLINIC/$1.crt\"" write_config; }

@test "readings arrive over TLS, and over a restart of the broker" {
    start_tls_broker
    trust right
    stepward patient add p1
    start_gateway
    send_steps p1 "$(steps_at 5 21)"
    wait_for steps_stored_are 21
    end broker
    start_tls_broker
    send_steps p1 "$(steps_at 6 4)"
    wait_for steps_stored_are 25
}

@test "a broker that another authority vouches for is refused, and that is said" {
    start_tls_broker
    trust wrong
    launch_gateway
    wait_for status_complains "certificate verify failed: ca_file must hold the authority that signed"
    log_says "not connected to $URI: cannot connect: "
    [ "$(retained "$ROOT/gateway/status")" = "" ]
}

@test "a broker whose certificate is of another name is refused" {
    make_certificate server "subjectAltName=DNS:elsewhere.example"
    start_tls_broker
    trust right
    launch_gateway
    wait_for status_complains "does its certificate name this host"
    [ "$(retained "$ROOT/gateway/status")" = "" ]
}

@test "a port with TLS that is taken for one without, and the reverse, is suspected" {
    start_tls_broker
    URI=mqtt://localhost:$TLS_PORT write_config
    launch_gateway
    wait_for status_complains "A port of TLS wants mqtts://"
    stop_gateway
    URI=mqtts://localhost:$PORT trust right
    launch_gateway
    wait_for status_complains "A port without TLS wants mqtt://"
}

@test "the gateway shows its own certificate where the broker wants one" {
    start_tls_broker "require_certificate true"
    trust right
    launch_gateway
    wait_for status_complains "does it want one of ours (cert_file)?"
    stop_gateway
    BROKER_KEYS="ca_file = \"$CLINIC/right.crt\"  cert_file = \"$CLINIC/gateway.crt\"
        key_file = \"$CLINIC/gateway.key\"" write_config
    start_gateway
    wait_for status_is_well
}

@test "a broker behind TLS that hangs up just as an alert is published gets it later" {
    start_tls_broker
    trust right
    start_gateway_that_loses_writes
    lost_alerts_arrive p2 p3 p4
}
