# board.bash -- stepward-web in a test's clinic, and somebody who uses it.
#
#     load ../lib/clinic
#     load ../lib/board
#     write_config 'web { listen = "127.0.0.1:…" }' …    # or write_board_config
#     add_user anna therapist; start_board; log_in anna; get / | grep …
#
# The browser is curl: it has the cookies of its user in a jar, and takes the token of
# forms from the page, as a person's browser does.
# shellcheck shell=bash

BOARD_PASSWORD='correct horse'

# write_board_config [LINE…]: the clinic's configuration with the board at $BOARD_PORT, and
# further lines of it in $WEB_KEYS.
write_board_config() {
    BOARD_PORT=${BOARD_PORT:-$(free_port)}
    BOARD=${BOARD:-http://127.0.0.1:$BOARD_PORT}
    write_config "web {" "listen = \"${BOARD_LISTEN:-127.0.0.1:$BOARD_PORT}\"" \
        "${WEB_KEYS:-}" "}" "$@"
}

add_user() { # ID ROLE [OPTION…]
    stepward user add "$1" --role "${@:2}" <<<"$BOARD_PASSWORD" 2>&1
}

launch_board() { start board "$STEPWARD_BIN/stepward-web" -c "$CONFIG"; }
start_board() {
    launch_board
    wait_for board_answers
}
board_answers() { browse nobody "$BOARD/board.css" -o /dev/null -f; }
end_board() { end board; }

# browse WHO CURL-ARGUMENT…: with WHO's cookies.
browse() {
    local who=$1
    shift
    # shellcheck disable=SC2086 # words
    curl -s --max-time 30 -b "$CLINIC/$who.jar" -c "$CLINIC/$who.jar" ${CURL_WORDS:-} "$@"
}

# as WHO get PATH…: the page; status: its status alone.
get() { browse "${WHO:-anna}" "$BOARD$1" "${@:2}"; }
status_of() { get "$1" -o /dev/null -w '%{http_code}' "${@:2}"; }

# The token of the page's forms.
token_of() { get "$1" | grep -o 'name="token" value="[^"]*"' | head -1 | cut -d'"' -f4; }

# post PATH NAME=VALUE…: as the page $FROM does ("/"); prints the status.
post() {
    local path=$1 field fields=()
    shift
    for field in "$@"; do fields+=(--data-urlencode "$field"); done
    browse "${WHO:-anna}" "$BOARD$path" -o "$CLINIC/answer" -w '%{http_code}' \
        -H "Origin: $BOARD" --data-urlencode "token=$(token_of "${FROM:-/}")" "${fields[@]}"
}

log_in() { # WHO; prints the status
    WHO=$1 FROM=/login post /login "user=$1" "password=${2:-$BOARD_PASSWORD}"
}

# What a page of the board was told, from `follow NAME WHO PATH` on.
follow() {
    local name=$1
    WHO=$2 start "$name" follow_page "$2" "$3"
    wait_for grep -q '^event: ' "$CLINIC/$name.log"
}
follow_page() {
    # shellcheck disable=SC2086 # words
    exec curl -sN --max-time 600 ${CURL_WORDS:-} -b "$CLINIC/$1.jar" "$BOARD/events?page=$2"
}
