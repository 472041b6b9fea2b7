#!/usr/bin/env bats
# notify.bats -- the clinic's own programs are told of every publication of an alert, at
# least once, whatever they do and whatever dies meanwhile; and nobody waits for them.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings
load ../lib/faults

setup() {
    clinic_open
    shut_folders
    start_broker
    FOLDER=$CLINIC/notify.d
    TOLD=$CLINIC/told
    mkdir "$FOLDER"
    write_config "notify { run = \"$FOLDER\" }"
}
teardown() { clinic_close; }

# program NAME < LINES: of sh, with $TOLD for what it writes down.
program() {
    { echo '#!/bin/sh' && echo "TOLD='$TOLD'" && cat; } >"$FOLDER/$1.new"
    chmod 755 "$FOLDER/$1.new"
    mv "$FOLDER/$1.new" "$FOLDER/$1"
}
# One that writes down what it was told of, in one write: "PROGRAM PATIENT STATE REV".
teller() {
    program "$1" <<'SH'
echo "${0##*/} $STEPWARD_ALERT_PATIENT $STEPWARD_ALERT_STATE $STEPWARD_ALERT_REV" >>"$TOLD"
SH
}

told() { grep -qx "$1" "$TOLD"; }
times_told() { grep -cx "$1" "$TOLD" || :; }
nothing_waits() { [ "$(rows_waiting)" -eq 0 ]; }
rows_waiting() {
    sqlite3 -readonly "$DATA/stepward.db" 'select count(*) from notification'
}
problem() { stepward status --format json | jq -r '.[0].problem'; }
problem_says() { problem | grep -qF -- "$1"; }
all_is_well() { [ "$(problem)" = '' ]; }

rests() { feed <(life_rests "$1"); }
walks() { feed <(life_walks "$1"); }

@test "what is published is told: opened, acknowledged, over; in plain words" {
    program words <<'SH'
{ env | sort; echo "in $PWD"; cat; echo ----; } >>"$TOLD"
SH
    add_patient p1
    stepward patient set p1 --name "Berta Muster"
    start_gateway
    rests p1
    wait_for grep -q STATE=open "$TOLD"
    stepward ack p1 --by "Anna K." --note "called Berta"
    wait_for grep -q STATE=acknowledged "$TOLD"
    walks p1
    wait_for grep -q STATE=closed "$TOLD"
    wait_for nothing_waits
    cat "$TOLD"
    [ "$(sed -n '/^in /{n;p}' "$TOLD" | head -n 1)" = 'p1: resting (low)' ]
    grep -q '^p1: resting, acknowledged$' "$TOLD"
    grep -q '^p1: resting, over$' "$TOLD"
    grep -q '^p1 has been resting for 1 h 10 min' "$TOLD"
    grep -qE '^Over since ([0-9-]+ )?[0-9:]+ \(moved\)\.$' "$TOLD"
    grep -q '^in /$' "$TOLD"
    grep -q '^STEPWARD_ALERT_ID=p1-rest-' "$TOLD"
    grep -q '^STEPWARD_ALERT_KIND=rest$' "$TOLD"
    grep -q '^STEPWARD_ALERT_LEVEL=low$' "$TOLD"
    grep -q '^STEPWARD_ALERT_THERAPIST=anna$' "$TOLD"
    # No names, and nothing of our own environment.
    run ! grep -E 'Berta|Anna K|called' "$TOLD"
    run ! grep -E '^(HOME|STEPWARD_BIN|TMPDIR|BATS)' "$TOLD"
}

@test "names only where the configuration says so" {
    write_config "notify { run = \"$FOLDER\" names = true }"
    program words <<'SH'
cat >>"$TOLD"
SH
    add_patient p1
    stepward patient set p1 --name "Berta Muster"
    start_gateway
    rests p1
    wait_for grep -qx 'Berta Muster (p1): resting (low)' "$TOLD"
    stepward ack p1 --by "Anna K." --note "called Berta"
    wait_for grep -q 'by Anna K.: called Berta' "$TOLD"
}

@test "one that fails twice is tried again, and the other is told once" {
    program fails <<'SH'
[ "$STEPWARD_ALERT_STATE" = open ] || exit 0
echo x >>"$TOLD.tries"
echo "the server of $STEPWARD_ALERT_PATIENT is down"
[ "$(wc -l <"$TOLD.tries")" -gt 2 ] || exit 7
echo fails >>"$TOLD"
SH
    teller other
    add_patient p17
    start_gateway
    rests p17
    wait_for problem_says 'notify: fails failed: exit code 7: the server of *** is down'
    wait_for told fails
    wait_for nothing_waits
    [ "$(times_told fails)" -eq 1 ]
    [ "$(times_told 'other p17 open 1')" -eq 1 ]
    wait_for all_is_well
    incident() { stepward incidents | grep -q notify_failed; }
    wait_for incident
}

@test "one that hangs keeps neither the other nor the broker's apps waiting" {
    program hangs <<'SH'
[ "$STEPWARD_ALERT_STATE" = open ] || exit 0
if mkdir "$TOLD.once"; then
    sleep 1000 &
    echo $! >"$TOLD.child"
    sleep 1000
fi
echo hangs >>"$TOLD"
SH
    teller other
    add_patient p1
    subscribe anna "$ROOT/alerts/anna/#"
    start_gateway
    rests p1
    wait_for told 'other p1 open 1'
    walks p1
    wait_for told 'other p1 closed 2'
    wait_for alert_is p1 closed
    run ! grep hangs "$TOLD"
    wait_for problem_says 'hangs failed: it took too long'
    wait_for told hangs
    child_is_gone() { ! kill -0 "$(cat "$TOLD.child")" 2>/dev/null; }
    wait_for child_is_gone # what it began went with it
}

@test "what one prints is bounded, and does not keep it from its end" {
    program prints <<'SH'
head -c 1000000 /dev/zero | tr '\0' 'x'
echo
echo prints >>"$TOLD"
SH
    program endless <<'SH'
mkdir "$TOLD.endless" || exit 0
exec cat /dev/zero
SH
    add_patient p1
    start_gateway
    rests p1
    wait_for told prints
    wait_for problem_says 'endless failed: it printed more than 16 MiB'
    wait_for nothing_waits
    [ "$(times_told prints)" -eq 1 ]
    [ "$(awk '/VmHWM/ { print $2 }' "/proc/$(pid_of gateway)/status")" -lt 400000 ]
}

@test "one that is killed is run again" {
    program dies <<'SH'
if mkdir "$TOLD.once"; then kill -9 $$; fi
echo dies >>"$TOLD"
SH
    add_patient p1
    start_gateway
    rests p1
    wait_for told dies
}

@test "killed with -9 in between: told at least once, never lost" {
    program slow <<'SH'
echo begun >>"$TOLD"
sleep 3
echo "$STEPWARD_ALERT_STATE" >>"$TOLD"
SH
    add_patient p1
    add_patient p2
    start_gateway
    rests p1
    wait_for told begun
    kill_gateway
    rests p2
    start_gateway
    wait_for told open
    walks p1
    walks p2
    kill_gateway
    start_gateway
    wait_for nothing_waits
    wait_for told closed
    [ "$(times_told open)" -ge 2 ]
    [ "$(times_told closed)" -ge 2 ]
}

# Killed at some moment of each life, while two programs are told of it, slow and quick.
@test "killed with -9 at random moments: each program is told of all" {
    local i patient program_ state tries=${FAULT_TRIES:-4} deaths=0 LOST=0 DOUBLED=0
    program slow <<'SH'
sleep 0.3
echo "slow $STEPWARD_ALERT_PATIENT $STEPWARD_ALERT_STATE" >>"$TOLD"
SH
    program quick <<'SH'
echo "quick $STEPWARD_ALERT_PATIENT $STEPWARD_ALERT_STATE" >>"$TOLD"
SH
    subscribe anna "$ROOT/alerts/anna/#"
    start_gateway
    for ((i = 0; i < tries; i++)); do
        add_patient "p$i"
        rests "p$i"
        wait_for alert_is "p$i" open
        pause "0.$((RANDOM % 6))"
        walks "p$i"
        pause "0.$((RANDOM % 6))"
        kill_gateway
        deaths=$((deaths + 1))
        start_gateway
    done
    wait_for lives_are_told_of
    for program_ in slow quick; do
        for ((i = 0; i < tries; i++)); do
            for state in open closed; do
                told "$program_ p$i $state" || LOST=$((LOST + 1))
            done
        done
    done
    tell_fault "kill -9 while the clinic's programs are told" "at random moments" \
        "$deaths" notify
    nothing_is_lost_or_doubled
}
lives_are_told_of() {
    local i
    for ((i = 0; i < ${FAULT_TRIES:-4}; i++)); do alert_is "p$i" closed || return; done
    nothing_waits
}

@test "without the broker, too: an acknowledgement is told" {
    teller one
    add_patient p1
    start_gateway
    rests p1
    wait_for told 'one p1 open 1'
    end broker KILL || :
    stepward ack p1
    wait_for told 'one p1 acknowledged 2'
}

@test "a day later it is dropped, and an incident says so" {
    program fails <<'SH'
exit 1
SH
    add_patient p1
    start_gateway
    rests p1
    wait_for problem_says 'fails failed: exit code 1'
    stop_gateway
    sqlite3 "$DATA/stepward.db" 'update notification set at_s = at_s - 90000'
    start_gateway
    wait_for nothing_waits
    incident() { stepward incidents | grep -q notify_dropped; }
    wait_for incident
    wait_for all_is_well
}

@test "a program or a folder that others may write to is not run, and named" {
    teller one
    chmod 777 "$FOLDER/one"
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    [ "$status" -eq 2 ]
    [[ $output == *"notify.d/one"*"chmod go-w"* ]]
    add_patient p1
    start_gateway
    rests p1
    wait_for problem_says 'sudo chmod go-w'
    [ "$(rows_waiting)" -eq 1 ]
    [ ! -e "$TOLD" ]
    chmod 755 "$FOLDER/one"
    wait_for told 'one p1 open 1'
    wait_for all_is_well
    chmod 777 "$FOLDER"
    walks p1
    wait_for problem_says 'notify.d'
    chmod 755 "$FOLDER"
    wait_for told 'one p1 closed 2'
}

@test "no program, no folder, settings beside it: said, or passed over" {
    touch "$FOLDER/ntfy.conf" "$FOLDER/one~" "$FOLDER/README" "$FOLDER/.hidden"
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    [ "$status" -eq 2 ]
    [[ $output == *'no program is in'* ]]
    teller one
    "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    chmod -x "$FOLDER/one"
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    [[ $output == *'cannot be run: sudo chmod 755'* ]]
    rm -r "$FOLDER"
    run "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG" --check
    [[ $output == *'notify.d: No such file'* ]]
    add_patient p1
    start_gateway # it receives and stores all the same
    wait_for problem_says 'No such file'
}

@test "of an erased patient nothing is left to tell" {
    program fails <<'SH'
exit 1
SH
    add_patient p1
    start_gateway
    rests p1
    wait_for problem_says 'fails failed'
    stepward patient erase p1 --yes
    [ "$(rows_waiting)" -eq 0 ]
    wait_for all_is_well
}

# ---- what is shipped ----

# put PROGRAM SETTINGS…
put() {
    cp "$STEPWARD_SOURCE/config/notify.d/$1" "$FOLDER/$1"
    cp "$STEPWARD_SOURCE/config/notify.d/$1.conf" "$FOLDER/$1.conf"
    chmod 755 "$FOLDER/$1"
    printf '%s\n' "${@:2}" >>"$FOLDER/$1.conf"
}

@test "shipped: ntfy posts the words, with title, priority and token" {
    port=$(free_port)
    cat >"$CLINIC/server.py" <<'PY'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(sys.argv[2], "a") as out:
            out.write(f"{self.path}\n{self.headers}{body}----\n")
        self.send_response(int(open(sys.argv[3]).read()))
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
    echo 503 >"$CLINIC/code"
    start server python3 "$CLINIC/server.py" "$port" "$TOLD" "$CLINIC/code"
    put ntfy "url='http://127.0.0.1:$port/secret-\"topic'" "token='to\"ken'"
    add_patient p1
    start_gateway
    rests p1
    wait_for problem_says 'ntfy failed: exit code 22'
    echo 200 >"$CLINIC/code"
    wait_for nothing_waits
    cat "$TOLD"
    grep -qx 'Title: p1: resting (low)' <(tr -d '\r' <"$TOLD")
    grep -qx 'Authorization: Bearer to"ken' <(tr -d '\r' <"$TOLD")
    grep -q '^p1 has been resting for 1 h 10 min' "$TOLD"
    grep -qF '/secret-"topic' "$TOLD"
}

@test "shipped: mail by sendmail, and its address by therapist" {
    cat >"$CLINIC/sendmail" <<SH
#!/bin/sh
{ echo "args \$*"; cat; } >>"$TOLD"
SH
    chmod 755 "$CLINIC/sendmail"
    put mail "from=stepward@clinic.example" "to_each='ben=ben@x.example anna=anna@x.example'" \
        "sendmail='$CLINIC/sendmail'"
    add_patient p1
    start_gateway
    rests p1
    wait_for nothing_waits
    wait_for grep -q '^args' "$TOLD"
    cat "$TOLD"
    grep -qx 'args -i -f stepward@clinic.example -- anna@x.example' "$TOLD"
    grep -qx 'Subject: p1: resting (low)' "$TOLD"
    sed '1,/^$/d' "$TOLD" | base64 -d | grep -q '^p1 has been resting for 1 h 10 min'
}

@test "shipped: mail by SMTP, and an address that is none" {
    port=$(free_port)
    cat >"$CLINIC/smtp.py" <<'PY'
import socketserver, sys
class Handler(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")
    def handle(self):
        self.say("220 test")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            open(sys.argv[2], "ab").write(line)
            if word == b"DATA":
                self.say("354 go on")
                while (text := self.rfile.readline()) != b".\r\n":
                    open(sys.argv[2], "ab").write(text)
            self.say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return
socketserver.TCPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
    start server python3 "$CLINIC/smtp.py" "$port" "$TOLD"
    wait_for bash -c ": </dev/tcp/127.0.0.1/$port"
    put mail "from=stepward@clinic.example" "to='-x@y'" "smtp='smtp://127.0.0.1:$port'"
    add_patient p1
    start_gateway
    rests p1
    wait_for problem_says 'mail.conf: -x@y is no address'
    echo "to='a@x.example b@x.example'" >>"$FOLDER/mail.conf"
    wait_for nothing_waits
    cat "$TOLD"
    [ "$(grep -c '^RCPT TO:' "$TOLD")" -eq 2 ]
    [ "$(grep -c $'\r\r' "$TOLD")" -eq 0 ]
    grep -q '^Message-ID: <p1-rest-' "$TOLD"
}
