#!/usr/bin/env bats
# check.bats -- `stepward-gateway --check`: what it approves works for the gateway, and
# what it refuses it names, with its line and what to do.
load ../lib/clinic

setup() {
    clinic_open
    chmod 755 "$CLINIC" "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" 2>/dev/null || :
    cd "$CLINIC" || return
    make_certificate good
}
teardown() { clinic_close; }

# make_certificate NAME [OPTION…]: NAME.crt and its key, NAME.key.
make_certificate() {
    local name=$1
    shift
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=$name" -keyout "$name.key" -out "$name.crt" "$@" 2>/dev/null
}

check() {
    env ${SHIFTED:+LD_PRELOAD="$SHIFTED"} \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
        "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
}
# with KEY=VALUE…: a configuration of a broker with TLS.
with() {
    local pair
    BROKER_KEYS=$(for pair in "$@"; do echo "${pair%%=*} = \"$CLINIC/${pair#*=}\""; done)
    URI=mqtts://localhost:1 write_config
}
is_approved() {
    run check
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = "# all is well: the gateway can start with this" ]
}
# is_refused KEY WHY: in one line that names file and line of it.
is_refused() {
    run check
    echo "$output"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == "$CONFIG:$(grep -n "^$1 " "$CONFIG" | cut -d: -f1): $1"*"$2"* ]]
}

@test "success ends with one line that says so, and what is printed reads back" {
    write_config
    is_approved
    with ca_file=good.crt cert_file=good.crt key_file=good.key
    is_approved
    echo "$output" >effective.conf
    CONFIG=$CLINIC/effective.conf is_approved
}

@test "a certificate that is none is refused by name" {
    echo "no certificate" >text
    with ca_file=text
    is_refused ca_file "is not a certificate"
    with ca_file=good.key
    is_refused ca_file "is a private key, not a certificate"
    openssl x509 -in good.crt -outform DER -out der
    with ca_file=der
    is_refused ca_file "is in DER, not in PEM"
    { cat good.crt; sed 's/^MI/XX/' good.crt; } >broken
    with ca_file=broken
    is_refused ca_file "certificate 2 in it is broken"
    with cert_file=text key_file=good.key
    is_refused cert_file "is not a certificate"
}

# at DAYS COMMAND…: with the gateway's clock so far ahead.
at() {
    echo "$(($1 * 86400)) 0 1" >clock
    SHIFT_CLOCK=$CLINIC/clock SHIFTED=$STEPWARD_BIN/shift_clock.so "${@:2}"
}

@test "what expired, or is not valid yet, is refused with the day" {
    with ca_file=good.crt
    at 10 is_refused ca_file "expired on $(date -u -d '2 days' +%F): put a new one there"
    with cert_file=good.crt key_file=good.key
    at 10 is_refused cert_file "expired on $(date -u -d '2 days' +%F)"
    at -10 is_refused cert_file "is this machine's clock right?"
    make_certificate long -days 100
    cat good.crt long.crt >bundle # one that is valid is enough
    with ca_file=bundle
    at 10 is_approved
}

@test "a key that cannot be used is refused by name" {
    make_certificate other
    with cert_file=good.crt key_file=other.key
    is_refused key_file "is not the key of the certificate in cert_file"
    openssl pkey -in good.key -aes128 -passout pass:secret -out locked.key
    with cert_file=good.crt key_file=locked.key
    is_refused key_file "is encrypted"
    cp good.crt copy.crt
    chmod 600 copy.crt
    with cert_file=good.crt key_file=copy.crt
    is_refused key_file "is a certificate without a private key"
    echo x >text
    chmod 600 text
    with cert_file=good.crt key_file=text
    is_refused key_file "is not a private key"
    with key_file=good.key
    is_refused key_file "needs cert_file"
    with cert_file=good.crt
    is_refused cert_file "is a certificate without a private key"
    cat good.crt good.key >both
    with cert_file=both
    is_approved
}

@test "a password that others can read is refused, by --check and at the start" {
    echo secret >password
    local mode
    for mode in 644 640 604; do
        chmod "$mode" password
        BROKER_KEYS="password_file = \"$CLINIC/password\"" write_config
        sed -i 's/^password_file/\n&/' "$CONFIG"
        is_refused password_file "others can read it (mode 0$mode): sudo chmod 600 $CLINIC/password"
        run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
        [ "$status" -eq 2 ]
        [[ $output == *"others can read it"* ]]
    done
    chmod 600 password
    is_approved
}

# The service runs as who owns data_dir, here the user 1.
serve_as_another() {
    [ "$(id -u)" -eq 0 ] || skip "root alone can be another user"
    runuser -u "$(id -un 1)" -- test -x "$CLINIC" || skip "others cannot enter this folder"
    mkdir -p "$DATA"
    chown 1:1 "$DATA"
    chmod 700 "$DATA"
}

@test "what only root can read is refused, for the gateway does not run as root" {
    serve_as_another
    echo secret >password
    chmod 600 password
    BROKER_KEYS="password_file = \"$CLINIC/password\"" write_config
    chmod 644 "$CONFIG"
    is_refused password_file "the gateway runs as $(id -un 1), who cannot read it: sudo chown $(id -un 1) $CLINIC/password"
    [[ $output != *"run it as root"* ]]
    chown 1 password
    is_approved
    mkdir closed
    mv password closed
    chmod 700 closed
    BROKER_KEYS="password_file = \"$CLINIC/closed/password\"" write_config
    is_refused password_file "cannot enter its folder: move it to /etc/stepward"
    write_config
    chmod 600 "$CONFIG"
    run check
    [ "$status" -eq 2 ]
    [[ $output == "$CONFIG: this file: the gateway runs as "*": sudo chown "* ]]
}

# A folder that its owner cannot write to stands for one of root's: whose the gateway is,
# is told by its owner.
@test "a data_dir that the gateway's user cannot write to is refused" {
    serve_as_another
    write_config
    chmod 644 "$CONFIG"
    is_approved
    chmod 500 "$DATA"
    run check
    [ "$status" -eq 2 ]
    [[ $output == "$CONFIG: data_dir: the gateway runs as $(id -un 1), who cannot write there: sudo chown -R "* ]]
}

@test "a key that only root can read is refused as well" {
    serve_as_another
    with cert_file=good.crt key_file=good.key
    chmod 644 "$CONFIG" good.crt
    is_refused key_file "who cannot read it: sudo chown $(id -un 1) $CLINIC/good.key"
}
