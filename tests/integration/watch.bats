#!/usr/bin/env bats
# watch.bats -- `stepward today --watch` on a terminal: it is drawn again when something
# changes, and leaves the terminal as it was.
bats_require_minimum_version 1.5.0
load ../lib/clinic

setup() {
    clinic_open
    write_config
    stepward patient add p1 --name Muster --therapist anna
    SEEN=$CLINIC/seen KEYS=$CLINIC/keys
    mkfifo "$KEYS"
}
teardown() {
    exec 9>&-
    [ -z "${SCRIPT_PID:-}" ] || kill "$SCRIPT_PID" 2>/dev/null || true
    clinic_close
}

# A terminal of 80 columns and ROWS, whose keys are what is written to descriptor 9.
watch_on_terminal() { # ROWS
    local words
    words=$(printf '%q ' "$STEPWARD_BIN/stepward" -c "$CONFIG" today --watch)
    script -qefc "stty cols 80 rows $1; $words; echo code=\$?; stty -a" "$SEEN" \
        <"$KEYS" >/dev/null &
    SCRIPT_PID=$!
    exec 9>"$KEYS"
}
is_seen() { grep -aqF -- "$1" "$SEEN"; }
is_left_as_it_was() {
    wait_for is_seen 'code=0'
    wait_for is_seen ' icanon'
    wait_for is_seen ' echo '
    is_seen $'\e[?25h\e[?1049l'
}

@test "it is drawn again when the database changes, and ends with q" {
    watch_on_terminal 24
    wait_for is_seen Muster
    run ! is_seen Beispiel
    stepward patient add p2 --name Beispiel --therapist anna
    wait_for is_seen Beispiel
    printf q >&9
    is_left_as_it_was
}

@test "a program that does not touch the file is noticed, too" {
    watch_on_terminal 24
    wait_for is_seen Muster
    sqlite3 "$CLINIC/data/stepward.db" "update patient set name = 'Anders'"
    wait_for is_seen Anders
    printf q >&9
    is_left_as_it_was
}

@test "it ends with Ctrl-C" {
    watch_on_terminal 24
    wait_for is_seen Muster
    printf '\003' >&9
    is_left_as_it_was
}

@test "no line is longer than the terminal, and what has no room is said" {
    local i
    for i in {2..30}; do
        stepward patient add "p$i" --name "Oberhauser-Sönnichsen $i" --therapist anna
    done
    watch_on_terminal 12
    wait_for is_seen 'more: a larger window shows it'
    printf q >&9
    is_left_as_it_was
    sed '1d; s/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g; /code=0/,$d' "$SEEN" >"$CLINIC/plain"
    [ "$(LC_ALL=C.UTF-8 wc -L <"$CLINIC/plain")" -le 80 ]
    [ "$(grep -c '^p[0-9]' "$CLINIC/plain")" -lt 12 ]
}

@test "without a terminal it prints once" {
    stepward today --watch >"$CLINIC/once"
    grep -q Muster "$CLINIC/once"
    run ! grep -q $'\e' "$CLINIC/once"
    run -2 stepward today --watch --format csv
}
