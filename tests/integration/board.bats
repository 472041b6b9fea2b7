#!/usr/bin/env bats
# board.bats -- stepward-web over HTTP: who gets in, what they see and may do, and that
# nobody else gets anything.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/board

setup() {
    clinic_open
    write_board_config
    stepward patient add p1 --therapist anna --rest-limit 1h
    stepward patient add p2 --therapist bob
    add_user anna therapist
}
teardown() {
    local code=0
    clinic_close || code=$?
    ! grep -sE 'Sanitizer|runtime error:|Assertion' "$CLINIC/board.log" || code=1
    return "$code"
}

# An alert of p1 that a gateway opened.
open_alert() {
    start_broker
    start_gateway
    send_steps p1 "$(still 70 0)"
    wait_for alert_is_open
    ALERT=$(stepward alerts --format json | jq -r '.[0].id')
}
alert_is_open() { [ "$(stepward alerts --format json | jq length)" -ge 1 ]; }
alert_is() { [ "$(stepward alerts --format json | jq -r '.[0].state')" = "$1" ]; }

@test "without a section web it says how to switch the board on" {
    write_config
    run -2 "$STEPWARD_BIN/stepward-web" -c "$CONFIG"
    [[ $output == *"$CONFIG: the board is switched off: add the section"* ]]
}

@test "where nobody may log in yet, the page says how to begin" {
    stepward user remove anna
    start_board
    get /login | grep -q 'stepward user add NAME --role admin'
}

@test "an address that others reach needs TLS" {
    BOARD_LISTEN=0.0.0.0:$BOARD_PORT write_board_config
    run -2 "$STEPWARD_BIN/stepward-web" -c "$CONFIG"
    [[ $output == *"stepward.conf:"*"set cert_file and key_file"* ]]
    [ "${#lines[@]}" -eq 1 ]
}

@test "a name and its password let in, and out again" {
    start_board
    [ "$(status_of /)" = 303 ]
    [ "$(log_in anna wrong-password)" = 403 ]
    grep -q 'not right' "$CLINIC/answer"
    [ "$(status_of /)" = 303 ]
    [ "$(log_in anna)" = 303 ]
    get / | grep -q 'Log out (anna)'
    grep -q '#HttpOnly_127.0.0.1' "$CLINIC/anna.jar"
    [ "$(post /logout)" = 303 ]
    [ "$(status_of /)" = 303 ]
    [ "$(stepward audit --format json | jq -c '[.[] | select(.who == "anna" and (.what | startswith("log"))) | .what]')" = \
        '["logged out","logged in","log-in failed"]' ]
}

@test "every answer says what a browser may do with it" {
    start_board
    log_in anna
    get / -D "$CLINIC/headers" -o /dev/null
    grep -qi "^content-security-policy: default-src 'self'; .*frame-ancestors 'none'" "$CLINIC/headers"
    grep -qi '^x-content-type-options: nosniff' "$CLINIC/headers"
    grep -qi '^referrer-policy: same-origin' "$CLINIC/headers"
    grep -qi '^cache-control: no-store' "$CLINIC/headers"
    run get /login -D -
    [[ ${output,,} != *"style="* ]]
}

@test "a therapist sees the patients whose plan names them, and learns of no others" {
    add_user bob therapist
    start_board
    log_in anna
    [ "$(status_of /patient/p1)" = 200 ]
    [ "$(status_of /patient/p2)" = 404 ]
    [ "$(status_of /patient/p2/plan)" = 404 ]
    [ "$(status_of /patient/nobody)" = 404 ]
    get /patient/p2 | sed 's/p2/X/g' >"$CLINIC/foreign"
    get /patient/nobody | sed 's/nobody/X/g' | diff "$CLINIC/foreign" -
    [ "$(get /api/v1/patients | jq -r '.[].patient')" = p1 ]
    [ "$(status_of /api/v1/minutes/p2)" = 404 ]
    [ "$(status_of '/api/v1/alerts?patient=p2')" = 404 ]
    [ "$(post /act/plan patient=p2 goal=1000)" = 404 ]
    [ "$(stepward patient list --format json | jq '.[] | select(.patient == "p2").goal')" = 0 ]
}

@test "a patient is to be had as a file, as the command line makes it" {
    start_board
    log_in anna
    [ "$(status_of /patient/p2/report)" = 404 ]
    is_the_same() { # unless a minute begins in between
        get '/patient/p1/report?days=7' -D "$CLINIC/headers" -o "$CLINIC/p1.html"
        stepward report p1 --days 7 >"$CLINIC/made.html"
        diff -q <(sed 's/as of [0-9:]*//' "$CLINIC/p1.html") <(sed 's/as of [0-9:]*//' "$CLINIC/made.html")
    }
    wait_for is_the_same
    grep -qi '^content-disposition: attachment; filename="p1.html"' "$CLINIC/headers"
    [[ "$(stepward audit --patient p1 --format csv)" == *,anna,board,looked,p1,* ]]
}

@test "a screen on the wall has the list alone, and nothing to press" {
    add_user wall wall
    start_board
    log_in wall
    [ "$(WHO=wall status_of /)" = 200 ]
    [ "$(WHO=wall status_of /patient/p1)" = 403 ]
    [ "$(WHO=wall status_of /api/v1/today)" = 403 ]
    ! WHO=wall get / | grep -q '<form'
}

@test "an act is the command line's, and its refusal is shown" {
    open_alert
    start_board
    log_in anna
    [ "$(post /act/ack "alert=$ALERT" note='called her' back=/alerts)" = 303 ]
    alert_is acknowledged
    [ "$(stepward alerts --format json | jq -r '.[0].by')" = anna ]
    [ "$(post /act/shelve "alert=$ALERT" for=soon)" = 422 ]
    grep -q 'it is 1m to 7d' "$CLINIC/answer"
    [ "$(post /act/shelve "alert=$ALERT" until=2026-01-02T12:00:00Z)" = 409 ] # pressed late
    grep -q 'it is past 2026-01-0[123] ..:00: choose another time' "$CLINIC/answer"
    [ "$(post /act/shelve "alert=$ALERT" minutes=30)" = 303 ]
    [ "$(post /act/shelve "alert=$ALERT" for=1h colour=red)" = 400 ]
    [ "$(post /act/ack "alert=--help")" = 404 ]
    [ "$(post /act/ack 'note=x')" = 422 ]
    [ "$(post /act/unshelve "alert=$ALERT")" = 303 ]
    [ "$(post /act/ack "alert=$ALERT" by=bob)" = 400 ]
    [ "$(post /act/plan patient=p1 goal=4000)" = 303 ]
    [ "$(stepward patient list --format json | jq '.[] | select(.patient == "p1").goal')" = 4000 ]
    stepward audit --format json | jq -e '[.[] | select(.who == "anna" and .how == "board")] | length >= 4'
}

@test "a look at a patient is in the audit, once in a while" {
    start_board
    log_in anna
    get /patient/p1 >/dev/null
    get /patient/p1 >/dev/null
    get /patient/p2 >/dev/null
    [ "$(stepward audit --format json | jq '[.[] | select(.what == "looked")] | length')" = 1 ]
}

@test "listings for programs are looks too" {
    open_alert
    start_board
    log_in anna
    get '/api/v1/summary?days=2' >/dev/null
    get '/api/v1/summary?days=3' >/dev/null
    looks() { stepward audit --format json | jq -c '[.[] | select(.what == "looked") | [.patient, .detail]] | sort'; }
    [ "$(looks)" = '[["","1 patient: summary"]]' ]
    get '/api/v1/alerts?patient=p1&all' >/dev/null
    [ "$(looks)" = '[["","1 patient: summary"],["p1",""]]' ]
    get "/api/v1/alerts?history=$ALERT" >/dev/null
    get '/api/v1/alerts?patient=p2&all' >/dev/null
    [ "$(looks)" = '[["","1 patient: summary"],["p1",""]]' ]
}

@test "one listing keeps nobody waiting for long" {
    start_board
    log_in anna
    [ "$(get '/api/v1/summary?days=36600' -o "$CLINIC/answer" -w '%{http_code}')" = 400 ]
    grep -q 'ask for fewer days' "$CLINIC/answer"
    [ "$(status_of '/api/v1/summary?days=366')" = 200 ]
}

@test "therapists learn nothing of each other" {
    stepward patient set p2 --rest-limit 1h
    open_alert
    send_steps p2 "$(still 70 0)"
    both_are_open() { [ "$(stepward alerts --format json | jq length)" -eq 2 ]; }
    wait_for both_are_open
    add_user lena therapist
    add_user tom admin
    start_board
    log_in anna
    log_in lena
    log_in tom
    [ "$(get '/api/v1/alerts?stats' | jq -r '.[].therapist')" = anna ]
    [ "$(WHO=tom get '/api/v1/alerts?stats' | jq -r '.[].therapist' | xargs)" = 'anna bob' ]
    [ "$(WHO=lena get '/api/v1/alerts?stats' | jq length)" = 0 ]
    [ "$(WHO=lena get '/api/v1/today?therapist=lena' | jq length)" = 0 ]
    ask() { get "/api/v1/$1" -o "$CLINIC/answer" -w '%{http_code}'; }
    [ "$(ask 'today?therapist=bbb')" = 400 ]
    [ "$(grep -c bob "$CLINIC/answer")" -eq 0 ]
    sed 's/bbb/X/' "$CLINIC/answer" >"$CLINIC/nobody"
    [ "$(ask 'today?therapist=bob')" = 400 ]
    sed 's/bob/X/' "$CLINIC/answer" | diff "$CLINIC/nobody" -
    [ "$(ask 'alerts?stats&therapist=bob')" = 400 ]
    [ "$(WHO=tom ask 'today?therapist=bbb')" = 400 ]
    [ "$(get '/api/v1/today?therapist=anna' | jq -r '.[].patient')" = p1 ]
    get /api/v1/status | jq -e 'length == 1'
}

@test "a device's past belongs to who wore it" {
    day_ago() { date -d "-$1 days" +%F; }
    stepward device assign D9 p2 --from "$(day_ago 6)"
    stepward device release D9 --at "$(day_ago 1)"
    stepward device assign D8 p2
    stepward device list --all --format csv >"$CLINIC/before"
    start_board
    log_in anna
    [ "$(post /act/device-assign device=D9 patient=p1 from="$(day_ago 3)")" = 404 ]
    [ "$(post /act/device-assign device=D9 patient=p1 from="$(day_ago 9)")" = 404 ]
    [ "$(post /act/device-release device=D9 at="$(day_ago 3)")" = 404 ]
    [ "$(post /act/device-release device=D8)" = 404 ]
    [ "$(post /act/device-assign device=D8 patient=p1)" = 404 ]
    [ "$(post /act/device-assign device=D8 patient=p1 from="$(day_ago 1)")" = 404 ]
    [ "$(post /act/device-assign device=D7 patient=p2)" = 404 ]
    stepward device list --all --format csv | diff "$CLINIC/before" -
    # Nobody wears it since yesterday.
    [ "$(post /act/device-assign device=D9 patient=p1)" = 303 ]
    [ "$(post /act/device-release device=D9)" = 303 ]
}

@test "what a device sent does not move to a patient of somebody else" {
    write_board_config 'source band { topic = "band/{device}"  steps = "/n"  at = "/t" }'
    start_broker
    start_gateway
    stepward device assign D9 p2 --from 2020-01-01
    publish band/D9 "{\"n\":30,\"t\":$(minute_ago 30)}"
    wait_for has_rows p2
    stepward device release D9 --at 2020-01-02
    start_board
    log_in anna
    [ "$(post /act/device-assign device=D9 patient=p1 from=2020-01-03)" = 404 ]
    has_rows p2
    stepward device assign D9 p1 --from 2020-01-03
    has_rows p1
}
has_rows() { [ "$(stepward summary "$1" --days 2 --format json | jq '[.[].steps] | add // 0')" -gt 0 ]; }

@test "a page that is open ends with the right to it" {
    start_board
    log_in anna
    follow page anna /clinic
    sqlite3 "$DATA/web.db" "UPDATE user SET role = 'wall' WHERE id = 'anna'"
    wait_for grep -q '^event: over' "$CLINIC/page.log"
}

# post_slowly NAME WHO PATH BODY: its header arrives, and the body when $CLINIC/NAME is there;
# the status goes to $CLINIC/NAME.status.
post_slowly() {
    start "$1" send_slowly "$@"
    wait_for grep -q '100 Continue' "$CLINIC/$1.log"
}
send_slowly() {
    {
        until [ -e "$CLINIC/$1" ]; do pause 0.05; done
        printf %s "$4"
    } | curl -sv --max-time 30 -b "$CLINIC/$2.jar" "$BOARD$3" -X POST -T - -H "Origin: $BOARD" \
        -H 'Content-Type: application/x-www-form-urlencoded' -H 'Expect: 100-continue' \
        --expect100-timeout 20 -o /dev/null -w '%{http_code}' >"$CLINIC/$1.status"
}
has_status() { [ "$(cat "$CLINIC/$1.status")" = "$2" ]; }

@test "who was removed while their form was on its way does nothing" {
    add_user eve admin
    add_user boss admin # the last one cannot be removed
    start_board
    log_in eve
    local token
    token=$(WHO=eve token_of /)
    post_slowly names eve /act/names "token=$token"
    post_slowly plan eve /act/plan "token=$token&patient=p1&goal=7777"
    stepward user remove eve
    add_user eve therapist
    touch "$CLINIC/names" "$CLINIC/plan"
    wait_for has_status names 401
    wait_for has_status plan 401
    [ "$(stepward user list --format json | jq -r '.[] | select(.user == "eve").role')" = therapist ]
    [ "$(stepward patient list --format json | jq '.[] | select(.patient == "p1").goal')" = 0 ]
}

@test "a log-in needs the token of a page of ours" {
    start_board
    try() {
        curl -s "$BOARD/login" -o /dev/null -w '%{http_code}' -H "Origin: $BOARD" -b "stepward-visit=$1" \
            --data-urlencode "token=$2" -d user=anna --data-urlencode "password=$BOARD_PASSWORD"
    }
    [ "$(try x '')" = 403 ]
    [ "$(try '' '')" = 403 ]
    [ "$(try 0123456789abcdef '')" = 403 ]
    [ "$(try 0123456789abcdef0123456789abcdeg '')" = 403 ]
}

@test "names can be hidden from who looks over a shoulder" {
    local path
    stepward patient set p1 --name 'Erika Muster'
    open_alert
    start_board
    log_in anna
    get / | grep -q Erika
    get /alerts | grep -q Erika
    [ "$(post /act/names back=/patient/p1)" = 303 ]
    for path in / /alerts /clinic /devices /patient/p1 /patient/p1/plan; do
        [ "$(get "$path" | grep -c Erika)" -eq 0 ]
    done
    [ "$(post /act/names)" = 303 ]
    get / | grep -q Erika
}

@test "a form of another page changes nothing" {
    start_board
    log_in anna
    local token
    token=$(token_of /)
    send() { browse anna "$BOARD/act/plan" -o "$CLINIC/answer" -w '%{http_code}' -d "patient=p1&goal=9000&token=$1" "${@:2}"; }
    [ "$(send "$token" -H 'Origin: http://evil.example')" = 403 ]
    [ "$(send "$token" -H 'Origin: null')" = 403 ]
    [ "$(send "$token")" = 403 ]
    [ "$(send "$token" -H 'Sec-Fetch-Site: cross-site')" = 403 ]
    [ "$(send 0123 -H "Origin: $BOARD")" = 403 ]
    [ "$(send '' -H "Origin: $BOARD")" = 403 ]
    [ "$(stepward patient list --format json | jq '.[] | select(.patient == "p1").goal')" = 0 ]
    [ "$(send "$token" -H 'Sec-Fetch-Site: same-origin')" = 303 ]
    [ "$(stepward patient list --format json | jq '.[] | select(.patient == "p1").goal')" = 9000 ]
}

@test "another name for our address is not ours" {
    start_board
    log_in anna
    [ "$(status_of /login -H 'Host: evil.example')" = 421 ]
    [ "$(status_of /login -H "Host: evil.example:$BOARD_PORT")" = 421 ]
    [ "$(status_of /login -H 'Host: localhost.evil.example')" = 421 ]
    [ "$(WHO=nobody status_of /login -H 'Host:')" != 200 ]
    [ "$(WHO=nobody status_of /login -H "Host: localhost:$BOARD_PORT")" = 200 ]
    [ "$(WHO=nobody status_of /login -H "Host: $(hostname).local")" = 200 ]
    end_board
    WEB_KEYS='hosts = ["board.example"]' write_board_config
    start_board
    [ "$(WHO=nobody status_of /login -H 'Host: Board.Example')" = 200 ]
}

@test "what is too much is refused, and the others go on" {
    start_board
    log_in anna
    head -c 70000 /dev/zero | tr '\0' x >"$CLINIC/large"
    [ "$(browse anna "$BOARD/act/ack" -o /dev/null -w '%{http_code}' -H "Origin: $BOARD" -d "@$CLINIC/large")" = 413 ]
    [ "$(browse anna "$BOARD/act/ack" -o /dev/null -w '%{http_code}' -H "Origin: $BOARD" -H 'Transfer-Encoding: chunked' -d "@$CLINIC/large")" = 413 ]
    [ "$(status_of "/$(head -c 3000 "$CLINIC/large")")" = 400 ]
    [ "$(status_of /nothing)" = 404 ]
    [ "$(status_of /board.css -X DELETE)" = 405 ]
    [ "$(status_of '/?a=%zz')" = 400 ]
    [ "$(status_of /)" = 200 ]
}

@test "who tries many passwords waits" {
    start_board
    local i status
    for i in {1..40}; do
        status=$(log_in anna "guess-number-$i")
        [ "$status" != 429 ] || break
    done
    [ "$status" = 429 ]
    grep -q 'wait' "$CLINIC/answer"
    # A row a minute, and a line of the log, are enough to see it.
    log_in anna once-more
    [ "$(grep -c 'tried too often' "$CLINIC/board.log")" = 1 ]
    [ "$(stepward audit --format json | jq '[.[] | select(.what == "log-in failed")] | length')" -le 2 ]
}

@test "clients that are slow on purpose keep nobody out" {
    start_board
    log_in anna
    python3 - "$BOARD_PORT" <<'EOF' &
import socket, sys, time
socks = []
for i in range(100):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    socks.append(s)
for _ in range(40):
    for s in socks:
        try: s.sendall(b"a")
        except OSError: pass
    time.sleep(0.5)
EOF
    local slow=$! i
    for i in {1..5}; do
        wait_for -t 5 page_is_served
        pause 0.3
    done
    kill "$slow"
}

@test "forms that are sent by half keep nobody out" {
    start_board
    log_in anna
    python3 - "$BOARD_PORT" <<'EOP' &
import socket, sys, time
socks = []
def send():
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
              b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nuser=")
    s.setblocking(False)
    socks.append(s)
for _ in range(70): send()
for _ in range(20):
    for s in list(socks):
        try:
            if s.recv(1000) == b"": raise OSError
        except BlockingIOError: continue
        except OSError: pass
        socks.remove(s)
        send()
    time.sleep(0.5)
EOP
    local slow=$! i
    for i in {1..5}; do
        wait_for -t 5 page_is_served
        pause 0.3
    done
    kill "$slow"
}
page_is_served() { [ "$(status_of / --max-time 2)" = 200 ]; }

@test "a restart logs nobody out, nor does a crash" {
    start_board
    log_in anna
    end_board
    start_board
    [ "$(status_of /)" = 200 ]
    end board KILL || :
    start_board
    [ "$(status_of /)" = 200 ]
    stepward user lock anna
    [ "$(status_of /)" = 303 ]
}

@test "an open page is told of what changed, at once" {
    open_alert
    start_board
    log_in anna
    follow page anna /
    [ "$(grep -c '^event: fragment' "$CLINIC/page.log")" -ge 1 ]
    : >"$CLINIC/page.log"
    stepward ack p1 --by bob
    wait_for -t 5 grep -q '^event: fragment' "$CLINIC/page.log"
    sed -n 's/^data: //p' "$CLINIC/page.log" | jq -es '[.[] | objects | .html? // ""] | join("") | contains("bob")'
    # At once is half a second; once in five times on a machine that is busy otherwise.
    local i before after=1000
    for i in {1..5}; do
        : >"$CLINIC/page.log"
        stepward patient set p1 --name "Name $i"
        before=$(date +%s%N)
        wait_for -t 5 grep -q "Name $i" "$CLINIC/page.log"
        after=$((($(date +%s%N) - before) / 1000000))
        [ "$after" -ge 500 ] || break
    done
    echo "after $after ms"
    [ "$after" -lt 500 ]
    stepward user lock anna
    wait_for grep -q '^event: over' "$CLINIC/page.log"
}

# events_of NAME KIND: how many came since the stream began.
events_of() { grep -c "^event: $2\$" "$CLINIC/$1.log" || :; }
has_event() { [ "$(events_of "$1" "$2")" -ge "${3:-1}" ]; }

@test "an open page says when it cannot be kept current, and goes on after that" {
    start_board
    log_in anna
    follow page anna /
    stepward patient set p1 --name Before
    wait_for grep -q Before "$CLINIC/page.log"
    python3 - "$DATA" <<'EOP'
import sqlite3, sys
with sqlite3.connect(sys.argv[1] + "/stepward.db") as old, sqlite3.connect(sys.argv[1] + "/new.db") as new:
    old.backup(new)
    new.execute("UPDATE patient SET name = 'After'")
EOP
    mkdir "$CLINIC/away"
    mv "$DATA"/stepward.db* "$CLINIC/away/"
    wait_for -t 5 has_event page down
    [ "$(events_of page beat)" = 0 ]
    pause 2.5
    [ "$(events_of page down)" = 1 ]
    [ "$(grep -c 'cannot be kept current' "$CLINIC/board.log")" = 1 ]
    mv "$DATA/new.db" "$DATA/stepward.db"
    wait_for -t 5 grep -q After "$CLINIC/page.log"
    [ "$(events_of page beat)" = 1 ]
    [ "$(events_of page over)" = 0 ]
}

@test "what is put in the place of an open database is shown at once" {
    start_board
    log_in anna
    follow page anna /
    python3 - "$DATA" <<'EOP'
import os, sqlite3, sys
with sqlite3.connect(sys.argv[1] + "/stepward.db") as old, sqlite3.connect(sys.argv[1] + "/new.db") as new:
    old.backup(new)
    new.execute("UPDATE patient SET name = 'After'")
new.close()
for end in ("-wal", "-shm"):
    if os.path.exists(sys.argv[1] + "/stepward.db" + end): os.unlink(sys.argv[1] + "/stepward.db" + end)
os.rename(sys.argv[1] + "/new.db", sys.argv[1] + "/stepward.db")
EOP
    wait_for -t 5 grep -q After "$CLINIC/page.log"
}

@test "users that are brought back count at once" {
    start_board
    log_in anna
    python3 - "$DATA" <<'EOP'
import sqlite3, sys
with sqlite3.connect(sys.argv[1] + "/web.db") as old, sqlite3.connect(sys.argv[1] + "/new.db") as new:
    old.backup(new)
EOP
    stepward user lock anna
    [ "$(status_of /)" = 303 ]
    rm "$DATA"/web.db*
    [ "$(status_of /)" = 503 ]
    [ ! -e "$DATA/web.db" ]
    mv "$DATA/new.db" "$DATA/web.db"
    [ "$(status_of /)" = 200 ]
}

follow_token() {
    exec curl -sN --max-time 600 "$BOARD/api/v1/events?page=/" -H "Authorization: Bearer $1"
}
@test "the stream of a token ends with it, and another one goes on" {
    local name
    start_board
    for name in one two; do
        start "$name" follow_token "$(stepward user token anna --name "$name" --days 1 2>/dev/null | grep -oE '[0-9a-f]{32}')"
        wait_for has_event "$name" order
    done
    stepward user token anna --remove one
    wait_for -t 5 has_event one over
    stepward patient set p1 --name Later
    wait_for -t 5 grep -q Later "$CLINIC/two.log"
    [ "$(events_of two over)" = 0 ]
    [ "$(grep -c Later "$CLINIC/one.log")" = 0 ]
}

@test "who may see less from now on has no open page of what was more" {
    start_board
    log_in anna
    follow page anna /alerts
    python3 - "$DATA" <<'EOP'
import sqlite3, sys
with sqlite3.connect(sys.argv[1] + "/web.db") as db:
    db.execute("UPDATE user SET role = 'wall'")
EOP
    stepward patient set p1 --name Later
    wait_for -t 5 has_event page over
    [ "$(grep -c Later "$CLINIC/page.log")" = 0 ]
}

@test "a log-in has so many open pages" {
    local i
    start_board
    log_in anna
    add_user bob therapist
    log_in bob
    for i in {1..8}; do follow "page$i" anna "/?x=$i"; done
    [ "$(get '/events?page=/' -o /dev/null -w '%{http_code}' --max-time 2)" = 429 ]
    follow bobs bob /
    end page1 || :
    wait_for stream_begins
}
stream_begins() { [ "$(get '/events?page=/' -o /dev/null -w '%{http_code}' --max-time 1 || :)" = 200 ]; }

@test "it ends well when a page is opened at that moment" {
    start_board
    log_in anna
    python3 - "$BOARD_PORT" "$(pid_of board)" "$(awk '$6 == "stepward" {print $7}' "$CLINIC/anna.jar")" <<'EOP'
import os, signal, socket, sys, time
port, pid = int(sys.argv[1]), int(sys.argv[2])
def n_open(): return len(os.listdir("/proc/%d/fd" % pid))
before, until = n_open(), time.monotonic() + 10
socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
while n_open() < before + 5 and time.monotonic() < until: time.sleep(0.02) # all are taken
os.kill(pid, signal.SIGSTOP)
for s in socks:
    s.sendall(b"GET /events?page=/ HTTP/1.1\r\nHost: localhost:%d\r\nCookie: stepward=%s\r\n\r\n" % (port, sys.argv[3].encode()))
os.kill(pid, signal.SIGTERM)
os.kill(pid, signal.SIGCONT)
EOP
    end_board
}

# Somebody else writes to the database until $CLINIC/writes is gone.
write_long() {
    touch "$CLINIC/writes"
    start writer python3 -uc '
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1] + "/stepward.db", isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("writes", flush=True)
while os.path.exists(sys.argv[2]): time.sleep(0.05)
db.execute("ROLLBACK")' "$DATA" "$CLINIC/writes"
    wait_for grep -q writes "$CLINIC/writer.log"
}
looks_are() { [ "$(stepward audit --format json | jq '[.[] | select(.what == "looked")] | length')" = "$1" ]; }

@test "another writer keeps nobody waiting, and each look is noted when it has ended" {
    stepward patient add p3 --therapist anna
    start_board
    log_in anna
    get /patient/p1 >/dev/null
    write_long
    local before
    before=$(date +%s%N)
    [ "$(status_of /patient/p3)" = 200 ]
    [ "$(status_of /)" = 200 ]
    [ $((($(date +%s%N) - before) / 1000000)) -lt 2000 ]
    looks_are 1
    rm "$CLINIC/writes"
    wait_for -t 5 looks_are 2
    end writer || :
    stepward patient add p4 --therapist anna
    write_long
    [ "$(status_of /patient/p4)" = 200 ]
    kill "$(pid_of board)"
    pause 0.5
    rm "$CLINIC/writes"
    end_board
    looks_are 3
}

@test "an invitation works once" {
    local link
    link=$(stepward user add carla --role admin --invite 2>/dev/null)
    [[ $link == "$BOARD"/* ]]
    link=${link#"$BOARD"}
    start_board
    [ "$(WHO=carla status_of "$link")" = 200 ]
    [ "$(WHO=carla FROM=$link post "$link" password=abc again=abc)" = 422 ]
    [ "$(WHO=carla FROM=$link post "$link" 'password=correct horse' 'again=correct horsf')" = 422 ]
    [ "$(WHO=carla FROM=$link post "$link" 'password=correct horse' 'again=correct horse')" = 303 ]
    WHO=carla get / | grep -q 'Log out (carla)'
    [ "$(WHO=other status_of "$link")" = 404 ]
    rm "$CLINIC/carla.jar"
    [ "$(log_in carla)" = 303 ]
}

@test "programs use a token, and get the command line's JSON" {
    open_alert
    start_board
    local token
    token=$(stepward user token anna --days 1 2>/dev/null | grep -oE '[0-9a-f]{32}' | head -1)
    api() { browse robot "$BOARD/api/v1/$1" -H "Authorization: Bearer $token" "${@:2}"; }
    [ "$(browse robot "$BOARD/api/v1/today" -o /dev/null -w '%{http_code}')" = 401 ]
    [ "$(browse robot "$BOARD/api/v1/today" -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer 0123456789abcdef0123456789abcdef')" = 401 ]
    diff <(api alerts) <(stepward alerts --format json --therapist anna)
    diff <(api summary/p1?days=3) <(stepward summary p1 --days 3 --format json)
    diff <(api minutes/p1) <(stepward minutes p1 --format json)
    diff <(api patients) <(stepward patient list --format json | jq -c '.[] | select(.therapist == "anna")' | sed '1i[' | sed '$a]')
    [ "$(api summary?dayz=3 -o /dev/null -w '%{http_code}')" = 400 ]
    [ "$(api ack -d "alert=$ALERT" | jq -r .done)" = "acknowledged $ALERT" ]
    alert_is acknowledged
    api openapi.json | jq -e '.paths["/api/v1/ack"].post.requestBody'
    api unack -d "alert=$ALERT" | jq -e .done
    alert_is open
    [[ "$(api outcome -d "alert=$ALERT" -d outcome=called --data-urlencode 'note=back hurts less' | jq -r .done)" == "noted for p1: "*"called by anna, about $ALERT: back hurts less" ]]
    [[ "$(api contact -d patient=p1 -d outcome=visit | jq -r .done)" == "noted for p1: "*"visit by anna" ]]
    [ "$(api contact -d patient=p2 -d outcome=visit -o /dev/null -w '%{http_code}')" = 404 ]
    [ "$(api outcome -d alert=p9-rest-1 -d outcome=called -o /dev/null -w '%{http_code}')" = 404 ]
    [ "$(api outcome -d "alert=$ALERT" -d outcome=cake | jq -r .error)" = 'say what came of it: --outcome called, visit, plan, device or nothing' ]
    api plan -d patient=p1 -d goal=4000 | jq -e .done
    [ "$(stepward contact p1 --list --format csv | grep -c ,anna,)" -eq 2 ]
    api today | jq -e '.[0].patient == "p1"'
    # A token opens the API alone.
    [ "$(browse robot "$BOARD/" -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token")" = 303 ]
}

@test "the board stays when its database is moved away and another takes its place" {
    open_alert
    start_board
    log_in anna
    [ "$(status_of /patient/p1)" = 200 ]
    stepward backup
    stop_gateway
    cp "$DATA"/backup/stepward-*.db "$DATA/new.db"
    rm "$DATA"/stepward.db*
    [ "$(status_of /patient/p1)" = 503 ]
    mv "$DATA/new.db" "$DATA/stepward.db"
    [ "$(status_of /patient/p1)" = 200 ]
    start_gateway
}

@test "behind the clinic's own server it listens at a socket" {
    BOARD_LISTEN=unix:$CLINIC/web.sock write_board_config
    BOARD=http://localhost
    CURL_WORDS="--unix-socket $CLINIC/web.sock"
    start_board
    [ "$(status_of /board.css)" = 200 ]
    get /login -D "$CLINIC/headers" -o /dev/null
    grep -qi '^set-cookie: __Host-stepward-visit=[0-9a-f]*; Path=/; HttpOnly; SameSite=Strict; Secure' "$CLINIC/headers"
    end board KILL || : # and the socket that is left is no obstacle
    start_board
    end board KILL || : # nor where connect() is forbidden, as to the service
    start board env LD_PRELOAD="$STEPWARD_BIN/no_connect.so" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
        "$STEPWARD_BIN/stepward-web" -c "$CONFIG"
    wait_for board_answers
    # Where somebody listens, another one does not.
    local command
    for command in '' no_connect.so; do
        run -1 env LD_PRELOAD="${command:+$STEPWARD_BIN/$command}" \
            ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" \
            "$STEPWARD_BIN/stepward-web" -c "$CONFIG"
        [[ $output == *"cannot listen at $CLINIC/web.sock"* ]]
    done
    board_answers
}

@test "with a certificate it speaks TLS, and cookies are the host's alone" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$CLINIC/key.pem" -out "$CLINIC/cert.pem" 2>/dev/null
    BOARD_LISTEN=0.0.0.0:$BOARD_PORT
    WEB_KEYS="cert_file = \"$CLINIC/cert.pem\" key_file = \"$CLINIC/key.pem\"" write_board_config
    chmod 644 "$CLINIC/key.pem"
    run -2 "$STEPWARD_BIN/stepward-web" -c "$CONFIG"
    [[ $output == *"key_file: others can read it"* ]]
    chmod 600 "$CLINIC/key.pem"
    BOARD=https://localhost:$BOARD_PORT
    CURL_WORDS="--cacert $CLINIC/cert.pem"
    start_board
    [ "$(log_in anna)" = 303 ]
    grep -q '__Host-stepward' "$CLINIC/anna.jar"
    [ "$(status_of /)" = 200 ]
    run ! browse anna "$BOARD/" --tls-max 1.1 -o /dev/null
    # One address has so many connections, and leaves some for the others.
    [ "$(python3 - "$BOARD_PORT" <<'EOP'
import socket, sys, time
socks = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(70)]
def is_open(s):
    s.setblocking(False)
    try: return s.recv(1) != b""
    except BlockingIOError: return True
    except OSError: return False
until = time.monotonic() + 60
while sum(map(is_open, socks)) > 48 and time.monotonic() < until: time.sleep(0.02)
print(sum(map(is_open, socks)) <= 48)
EOP
)" = True ]
    [ "$(browse anna "$BOARD/act/plan" -o /dev/null -w '%{http_code}' -H "Origin: http://localhost:$BOARD_PORT" -d "token=$(token_of /)&patient=p1")" = 403 ]
}

@test "a page is squeezed where the browser takes that, and its files are kept" {
    start_board
    log_in anna
    get / -H 'Accept-Encoding: gzip' -D "$CLINIC/headers" | gunzip | grep -q '</html>'
    grep -qi '^content-encoding: gzip' "$CLINIC/headers" || get / | wc -c
    local etag
    etag=$(get /board.css -D - -o /dev/null | sed -n 's/^ETag: //pI' | tr -d '\r')
    [ "$(status_of /board.css -H "If-None-Match: $etag")" = 304 ]
}
