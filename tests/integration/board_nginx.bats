#!/usr/bin/env bats
# board_nginx.bats -- the board behind the clinic's own nginx, by the lines of the README:
# TLS ends there, and stepward-web listens at a socket.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/board

setup() {
    command -v nginx >/dev/null || skip "nginx is not installed"
    clinic_open
    NAME=board.clinic.example
    BOARD_PORT=$(free_port)
    BOARD=https://$NAME:$BOARD_PORT
    BOARD_LISTEN=unix:$CLINIC/web.sock WEB_KEYS="hosts = [\"$NAME\"]" write_board_config
    CURL_WORDS="--cacert $CLINIC/cert.pem --resolve $NAME:$BOARD_PORT:127.0.0.1"
    stepward patient add p1 --therapist anna
    add_user anna therapist
    start_nginx
    start_board
    [ "$(log_in anna)" = 303 ]
}
teardown() { [ -z "${NAME:-}" ] || clinic_close; }

# The block `location` as the README has it, but for the place of the socket.
readme_location() {
    sed -n '/^    location \/ {/,/^    }/p' "$STEPWARD_SOURCE/README.md" |
        sed "s|/run/stepward/web.sock|$CLINIC/web.sock|"
}

start_nginx() {
    local at=$CLINIC/nginx kind
    mkdir "$at"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=$NAME" -addext "subjectAltName=DNS:$NAME" -keyout "$CLINIC/key.pem" \
        -out "$CLINIC/cert.pem" 2>/dev/null
    {
        # One process, so that nothing is left where it is killed.
        echo "daemon off; master_process off; pid $at/pid; error_log stderr;"
        [ "$(id -u)" != 0 ] || echo "user root;" # who alone may enter this folder
        echo "events { } http { access_log off;"
        for kind in client_body proxy fastcgi scgi uwsgi; do echo "${kind}_temp_path $at/$kind;"; done
        echo "server { listen 127.0.0.1:$BOARD_PORT ssl;"
        echo "ssl_certificate $CLINIC/cert.pem; ssl_certificate_key $CLINIC/key.pem;"
        readme_location
        echo "} }"
    } >"$at/nginx.conf"
    start nginx nginx -p "$at" -c "$at/nginx.conf"
    wait_for nginx_listens
}
nginx_listens() { : <"/dev/tcp/127.0.0.1/$BOARD_PORT"; }

@test "names, cookies and addresses are those of the browser's own connection" {
    get / | grep -q 'Log out (anna)'
    grep -q '__Host-stepward' "$CLINIC/anna.jar"
    [ "$(awk '$6 == "__Host-stepward" { print $4 }' "$CLINIC/anna.jar")" = TRUE ] # for TLS alone
    [ "$(get / -o /dev/null -w '%{http_code}' -H 'Host: elsewhere.example')" = 421 ]
    # A browser may say whom it speaks for; what counts is whom nginx speaks for.
    WHO=guest
    [ "$(browse guest "$BOARD/login" -o "$CLINIC/login" -w '%{http_code}')" = 200 ]
    [ "$(browse guest "$BOARD/login" -o /dev/null -w '%{http_code}' -H "Origin: $BOARD" \
        -H 'X-Forwarded-For: 192.0.2.66' --data-urlencode 'user=anna' --data-urlencode 'password=wrong' \
        --data-urlencode "token=$(grep -o 'name="token" value="[^"]*"' "$CLINIC/login" | cut -d'"' -f4)")" = 403 ]
    failed() { stepward audit --format json | jq -c '.[] | select(.what == "log-in failed")'; }
    wait_for failed_is_noted
    [[ $(failed) == *127.0.0.1* && $(failed) != *192.0.2.66* ]]
}
failed_is_noted() { stepward audit --format json | jq -e 'any(.[]; .what == "log-in failed")'; }

@test "a form counts from our page alone, and from TLS alone" {
    [ "$(post /act/plan patient=p1 goal=4000)" = 303 ]
    local origin token
    token=$(token_of /)
    for origin in https://evil.example "https://$NAME" "http://$NAME:$BOARD_PORT" null; do
        [ "$(browse anna "$BOARD/act/plan" -o /dev/null -w '%{http_code}' -H "Origin: $origin" \
            -d "token=$token&patient=p1&goal=9000")" = 403 ]
    done
    [ "$(stepward patient list --format json | jq '.[0].goal')" = 4000 ]
}

@test "an open page is told of changes at once, and not when a buffer is full" {
    follow page anna /
    wait_for grep -q '^event: order' "$CLINIC/page.log"
    stepward patient set p1 --name Later
    wait_for grep -q Later "$CLINIC/page.log"
    # nginx goes, and with it the reader: the board is not waiting for anybody.
    end nginx || :
    wait_for has_ended page
}
has_ended() { ! is_running "$1"; }

@test "a page is as large as the browser wants it, and arrives whole" {
    local i
    for i in {2..60}; do stepward patient add "p$i" --therapist anna >/dev/null; done
    get / >"$CLINIC/plain"
    get / --compressed >"$CLINIC/unpacked"
    [ "$(grep -o 'data-key="row-' "$CLINIC/plain" | wc -l)" = 60 ]
    [ "$(grep -o 'data-key="row-' "$CLINIC/unpacked" | wc -l)" = 60 ]
    get / -D "$CLINIC/headers" -H 'Accept-Encoding: gzip' -o /dev/null
    grep -qi '^content-encoding: gzip' "$CLINIC/headers"
    grep -qi "^content-security-policy: default-src 'self'" "$CLINIC/headers"
}
