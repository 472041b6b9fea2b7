#!/usr/bin/env bats
# users.bats -- who may log in to the board: a password that stands nowhere, links and tokens
# that are shown once, and what becomes of them.
bats_require_minimum_version 1.5.0
load ../lib/clinic

setup() {
    clinic_open
    write_config
    stepward patient add p1 --therapist anna
}
teardown() { clinic_close; }

PASSWORD='correct horse battery'
in_web() { sqlite3 -readonly "$DATA/web.db" "$1"; }
state_of() { stepward user list --format csv | awk -F, -v id="$1" '$1 == id { print $4 }'; }
files_hold() { grep -qaF -- "$1" "$DATA"/web.db*; }
audited() { stepward audit --format json | jq -r '.[] | .what + " " + .detail'; }

# on_terminal ANSWER… -- WORD…: each answer when it is asked for, ^C as the key; what the
# terminal showed, and the exit code.
on_terminal() {
    local answers=() words shown='' asked='' c code=0 in out
    while [ "$1" != -- ]; do answers+=("$1") && shift; done
    shift
    words=$(printf '%q ' "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@")
    mkfifo "$CLINIC/typed"
    exec {out}< <(script -qec "${WRAPPED:-$words}" /dev/null <"$CLINIC/typed" || echo "exit code $?")
    exec {in}>"$CLINIC/typed"
    while IFS= read -r -t 20 -N 1 -u "$out" c; do
        shown+=$c asked+=$c
        if [[ "$asked" == *': ' ]] && [ "${#answers[@]}" -gt 0 ]; then
            if [ "${answers[0]}" = '^C' ]; then printf '\003'; else printf '%s\n' "${answers[0]}"; fi >&"$in"
            answers=("${answers[@]:1}") asked=''
        fi
    done
    exec {in}>&- {out}<&-
    rm "$CLINIC/typed"
    printf '%s\n' "${shown//$'\r'/}"
    [[ ! "$shown" =~ exit\ code\ ([0-9]+) ]] || return "${BASH_REMATCH[1]}"
}

@test "without a terminal the password is the first line of standard input" {
    stepward user add anna --role therapist <<<"$PASSWORD"
    [ "$(state_of anna)" = active ]
    [ "$(stat -c %a "$DATA/web.db")" = 660 ]
    [[ "$(in_web 'SELECT password FROM user')" == '$y$'* ]]
    ! files_hold "$PASSWORD" || false
    run -2 stepward user add bert --role therapist </dev/null
    [[ "$output" == *"the first line of standard input"* ]]
    run -2 stepward user add bert --role therapist <<<"short"
    [[ "$output" == *"at least 8 characters"* ]]
    run -2 stepward user add bert --role therapist <<<"$(printf 'x%.0s' {1..1025})"
    [[ "$output" == *"at most 1,024 characters"* ]]
    run -2 stepward user add bert --role therapist < <(printf 'tabs\tare no text\n')
    [[ "$output" == *"one line of UTF-8"* ]]
    [ -z "$(state_of bert)" ]
    run -1 stepward user add anna --role admin <<<"$PASSWORD"
    [[ "$output" == *"anna exists already"* ]]
    [ "$(audited | head -n 1)" = 'user added anna: therapist' ]
}

@test "on a terminal it is asked for twice, and not shown" {
    run -0 on_terminal "$PASSWORD" "$PASSWORD" -- user add anna --role therapist --team
    [[ "$output" == *'New password for anna: '*'Once more: '*'added anna, therapist who sees the patients of all'* ]]
    [[ "$output" != *"$PASSWORD"* ]]
    run -1 on_terminal "$PASSWORD" "$PASSWORD!" -- user password anna
    [[ "$output" == *"the two are not the same: nothing was changed"* ]]
    run -2 on_terminal short -- user password anna
    [[ "$output" == *"at least 8 characters"* ]]
    local before
    before=$(in_web 'SELECT password FROM user')
    run -130 on_terminal '^C' -- user password anna
    [ "$before" = "$(in_web 'SELECT password FROM user')" ]
    run -0 on_terminal "another $PASSWORD" "another $PASSWORD" -- user password anna
    [[ "$output" == *'anna has a new password, and is logged out everywhere'* ]]
    [ "$before" != "$(in_web 'SELECT password FROM user')" ]
    [ "$(audited | head -n 1)" = 'user password anna' ]
}

@test "an interrupted prompt leaves the terminal as it was" {
    cat >"$CLINIC/both" <<SCRIPT
trap : INT
stty -a | grep -o -e '-\?echo ' | head -n 1
$STEPWARD_BIN/stepward -c $CONFIG user add anna --role therapist
stty -a | grep -o -e '-\?echo ' | head -n 1
SCRIPT
    WRAPPED="bash $CLINIC/both" run on_terminal '^C' --
    [ "$(grep -c '^echo' <<<"$output")" -eq 2 ]
    [ -z "$(state_of anna)" ]
}

@test "an invitation is a link that works once; it is not stored" {
    local link secret
    run --separate-stderr -0 stepward user add anna --role therapist --invite
    link=$output
    # shellcheck disable=SC2154
    [[ "$stderr" == *'added anna'*'works once, until'* ]]
    [[ "$link" =~ ^/invite/[0-9a-f]{32}$ ]]
    secret=${link##*/}
    ! files_hold "$secret" || false
    [ "$(state_of anna)" = no_password ]
    [ "$(in_web 'SELECT count(*) FROM invite')" -eq 1 ]
    [ "$(stepward user password anna --invite 2>/dev/null)" != "$link" ]
    [ "$(in_web 'SELECT count(*) FROM invite')" -eq 1 ] # the first one is void
    stepward user lock anna
    [ "$(in_web 'SELECT count(*) FROM invite')" -eq 0 ]
    run -1 stepward user password anna --invite
    [[ "$output" == *"stepward user unlock anna"* ]]
}

# link_with LINE…: of an invitation, where the section web has these lines.
link_with() {
    write_config 'web {' "$@" '}'
    stepward user password anna --invite 2>/dev/null
}

@test "an invitation is the whole link, as a browser reaches the board" {
    local secret='[0-9a-f]{32}$'
    stepward user add anna --role therapist --invite
    [[ "$(link_with)" =~ ^http://127.0.0.1:8080/invite/$secret ]]
    [[ "$(link_with 'listen = "[::1]:81"')" =~ ^http://\[::1\]:81/invite/$secret ]]
    local tls='cert_file = "/b.pem"  key_file = "/k.pem"'
    [[ "$(link_with 'listen = "0.0.0.0:8443"' "$tls" 'hosts = ["board.example", "b"]')" =~ \
        ^https://board.example:8443/invite/$secret ]]
    [[ "$(link_with 'listen = "0.0.0.0:443"' "$tls")" =~ ^https://$(uname -n)/invite/$secret ]]
    # Behind another server its address is not known.
    [[ "$(link_with 'listen = "unix:/run/stepward/web.sock"')" =~ ^/invite/$secret ]]
}

@test "a new password, a lock and a removal end the sessions" {
    stepward user add anna --role admin <<<"$PASSWORD"
    # Nobody else could let anybody in: one line says what to do.
    run -1 stepward user lock anna
    [ "$output" = 'stepward: anna is the last admin who can log in: `stepward user add NAME --role admin` first' ]
    run -1 stepward user remove anna
    [[ "$output" == *"anna is the last admin who can log in"* ]]
    [ "$(audited | head -n 1)" = 'user added anna: admin' ]
    stepward user add bert --role admin <<<"$PASSWORD"
    put_session() {
        sqlite3 "$DATA/web.db" "INSERT INTO session SELECT randomblob(32), key, 1, 1 FROM user WHERE id = 'anna'"
    }
    sessions() { in_web 'SELECT count(*) FROM session'; }
    put_session
    stepward user password anna <<<"another $PASSWORD"
    [ "$(sessions)" -eq 0 ]
    put_session
    stepward user lock anna
    [ "$(sessions)" -eq 0 ]
    [ "$(state_of anna)" = locked ]
    stepward user unlock anna
    [ "$(state_of anna)" = active ]
    stepward user token anna >/dev/null
    sqlite3 "$DATA/web.db" 'PRAGMA foreign_keys = ON;
        INSERT INTO session SELECT randomblob(32), key, 1, 1 FROM user WHERE id = "anna"'
    stepward user remove anna
    [ "$(sessions)" -eq 0 ]
    [ "$(in_web 'SELECT count(*) FROM token')" -eq 0 ]
    run -1 stepward user lock anna
    [[ "$output" == *"no user anna"* ]]
    [ "$(audited | head -n 3 | xargs)" = 'user removed anna user token made anna: '"$(date +%F)"' user unlocked anna' ]
}

@test "a token is printed once, and listed without itself" {
    local token
    stepward user add anna --role therapist <<<"$PASSWORD"
    token=$(stepward user token anna --days 30 --name reports 2>/dev/null)
    [[ "$token" =~ ^[0-9a-f]{32}$ ]]
    ! files_hold "$token" || false
    [[ "$(stepward user tokens anna --format csv | tail -n 1)" == anna,reports,* ]]
    [[ "$(stepward user tokens)" != *"$token"* ]]
    run -1 stepward user token anna --name reports
    [[ "$output" == *"has a token reports already"* ]]
    run -1 stepward user token nobody
    [[ "$output" == *"no user nobody"* ]]
    run -2 stepward user token anna --days 0
    stepward user token anna --remove reports
    run -1 stepward user token anna --remove reports
    [[ "$output" == *"has no token reports"* ]]
}

@test "a therapist whom no plan names is warned of; what does not fit is refused" {
    run --separate-stderr -0 stepward user add bert --role therapist <<<"$PASSWORD"
    [[ "$stderr" == *"no patient's plan names bert"* ]]
    run --separate-stderr -0 stepward user add anna --role therapist <<<"$PASSWORD"
    [[ "$stderr" != *"names"* && "$stderr" == *"the board is switched off"* ]]
    run -2 stepward user add carl <<<"$PASSWORD"
    [[ "$output" == *"--role therapist, admin or wall"* ]]
    run -2 stepward user add carl --role boss <<<"$PASSWORD"
    run -2 stepward user add carl --role wall --team <<<"$PASSWORD"
    run -2 stepward user add 'carl b' --role wall <<<"$PASSWORD"
    [ "$(stepward user list --format csv | tail -n +2 | cut -d, -f1 | xargs)" = 'anna bert' ]
}

@test "what cannot be put down is not done" {
    stepward user add anna --role therapist <<<"$PASSWORD"
    sqlite3 "$DATA/stepward.db" "CREATE TRIGGER no BEFORE INSERT ON audit
        BEGIN SELECT RAISE(ABORT, 'no room'); END"
    run -1 stepward user lock anna
    [ "$(state_of anna)" = active ]
    run -1 stepward user add bert --role wall <<<"$PASSWORD"
    run -1 stepward patient set p1 --goal 1234
    run -1 stepward patient export p1
    [[ "$output" != *'"v":1'* ]]
    [ "$(stepward user list --format csv | wc -l)" -eq 2 ]
    [[ "$(stepward patient list --format csv)" != *1234* ]]
}
