# figure_web.bash -- the board: what its pages cost, how soon it follows, and what the
# gateway notices of it.
#
# The patients are those of `stepward simulate`, taken in by a gateway that goes on. The
# browser is curl (tests/lib/board.bash), with TLS, over one connection that stays open:
# what it takes to make one is not in the times. What a browser takes to draw is
# tests/browser's business.
# shellcheck shell=bash
# shellcheck disable=SC2119,SC2153,SC2154 # WATCHED and PATIENTS are those of figure_ingest.bash

# shellcheck source=tests/lib/board.bash
. "$root/tests/lib/board.bash"

figure web "the board: its pages, how soon it follows the database, its memory with 20 open, and the gateway beside them"

OPEN_BOARDS=20
WEB_DAYS=28
WEB_BUSY=sim-042 # one who has some of everything

# ---- a clinic with a board ----

web_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$CLINIC/key.pem" \
        -out "$CLINIC/cert.pem" 2>/dev/null
    chmod 600 "$CLINIC/key.pem"
    CURL_WORDS="--cacert $CLINIC/cert.pem"
}

# A broker, and the configuration with the board.
web_broker() {
    bench_broker
    BOARD_PORT=$(free_port)
    BOARD=https://localhost:$BOARD_PORT
    bench_config "auto_enroll = true" "plan { therapist = \"anna\"  floor = 2000  goal = 6000 }" \
        "web { listen = \"127.0.0.1:$BOARD_PORT\"  cert_file = \"$CLINIC/cert.pem\"" \
        "key_file = \"$CLINIC/key.pem\" }"
}

# Each open board is somebody's own: pages of one log-in would be drawn once.
log_in_all() {
    local i
    for ((i = 1; i <= OPEN_BOARDS; i++)); do
        add_user "user$i" admin >/dev/null
        log_in "user$i" >/dev/null
    done
    WHO=user1 get / | grep -q 'user1' || fail "user1 could not log in"
}

open_boards() {
    local i
    for ((i = 1; i <= OPEN_BOARDS; i++)); do follow "open$i" "user$i" /; done
}
close_boards() {
    local i
    for ((i = 1; i <= OPEN_BOARDS; i++)); do end "open$i" || :; done
    end_board || :
}

# What simulate sends has all come at once. The board is asked as of a gateway that was
# there all the time, of which a replay has the most to judge.
web_clinic() { # PATIENTS DAYS
    local sent
    web_broker
    rm -rf "$DATA"
    start_gateway
    read -r _ sent _ < <(stepward simulate --patients "$1" --days "$2" --no-live)
    wait_for -t 600 is_stored "$sent"
    stop_gateway || fail "the gateway failed"
    sqlite3 "$DATA/stepward.db" "UPDATE online_span SET from_s = from_s - $2 * 86400
        WHERE from_s = (SELECT min(from_s) FROM online_span)"
    start_gateway
    start_board
}

# ---- pages ----

# answers N PATH…: the milliseconds of each, N times in turns, as a line each; compressed,
# as browsers ask for them. The first has the connection to make, and does not count. What
# the board took of the processor for one of them, in milliseconds, is in the file answer-cpu.
answers() {
    local i path n=$1 board before
    shift
    board=$(pid_of board)
    for ((i = 0; i <= n; i++)); do
        for path in "$@"; do printf 'url = "%s%s"\noutput = /dev/null\n' "$BOARD" "$path"; done
    done >"$CLINIC/urls"
    before=$(cpu_of_threads "$board")
    browse user1 -f -H 'Accept-Encoding: gzip' -K "$CLINIC/urls" \
        -w '%{stderr}%{time_total}\n' 2>&1 | sed "1,$#d" | awk '{ printf "%.2f\n", $1 * 1000 }'
    calc "($(cpu_of_threads "$board") - $before) * 1000 / (($n + 1) * $#)" 1 >"$CLINIC/answer-cpu"
}

# report_answers WHAT GOAL_P50 GOAL_P99 HOW <TIMES
report_answers() {
    local file=$CLINIC/answers
    cat >"$file"
    report "$1 p50" "$(median <"$file")" "$2" "ms, $4"
    report "$1 p99" "$(quantile 0.99 <"$file")" "$3" "ms, $4"
    report "$1 processor" "$(cat "$CLINIC/answer-cpu")" - "ms of it a request"
}

# What a browser that has nothing yet has to get: the page, and what its head names.
report_first_load() {
    local path bytes=0 n=0 page=$CLINIC/page
    WHO=user1 get / >"$page"
    while read -r path; do
        bytes=$((bytes + $(WHO=user1 get "$path" -f -o /dev/null -H 'Accept-Encoding: gzip' -w '%{size_download}')))
        n=$((n + 1))
    done < <(echo / && grep -oE '<(link|script)[^>]* (href|src)="[^"]*"' "$page" | sed 's/.*="\(.*\)"/\1/')
    report "first load of now, 100 patients" "$(calc "$bytes / 1000" 1)" "<= 60" \
        "KB by gzip; the page is $(calc "$(stat -c %s "$page") / 1000" 0) KB before it"
    report "first load of now, requests" "$n" "<= 3" "page, style and script"
}

report_pages() { # TIMES
    local times=$1 i trials=()
    report_first_load
    answers "$times" / | report_answers "now, 100 patients," "<= 10" "<= 50" "$times requests"
    answers "$times" "/patient/$WEB_BUSY" |
        report_answers "a patient, $WEB_DAYS days," "<= 15" - "$times requests"
    # As a slider moves.
    for ((i = 0; i < 10; i++)); do trials+=("/patient/$WEB_BUSY/plan?rest_limit=$((45 + 10 * i))"); done
    answers $((times / 10)) "${trials[@]}" |
        report_answers "what-if, $WEB_DAYS days," "<= 50" - "$times requests, 10 limits in turns"
}

# ---- an open board ----

# The names that the stream of user1 brings, each behind the moment it came.
stamp_names() {
    local name
    # shellcheck disable=SC2086 # words
    curl -sN --max-time 600 $CURL_WORDS -b "$CLINIC/user1.jar" "$BOARD/events?page=/" |
        grep --line-buffered -oE 'Name-[0-9]+-|event: order' |
        while read -r name; do echo "${EPOCHREALTIME/,/.} $name"; done
}

# The milliseconds from before a command that changes a patient's name, of which it takes
# some itself, to the event that brings the name to a board that is open.
follow_names() { # TIMES
    local i before
    start names stamp_names
    wait_for grep -q order "$CLINIC/names.log"
    for ((i = 1; i <= $1; i++)); do
        pause 0.$((RANDOM % 500 + 300))
        before=$EPOCHREALTIME
        stepward patient set "$WEB_BUSY" --name "Name-$i-" >/dev/null
        wait_for grep -q "Name-$i-" "$CLINIC/names.log"
        calc "($(awk -v name="Name-$i-" '$2 == name { print $1; exit }' "$CLINIC/names.log") - ${before/,/.}) * 1000" 0
    done
    end names || :
    rm "$CLINIC/names.log"
}

rss_mib_of() { calc "$(awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status") / 1024" 1; }

report_open() { # TIMES
    local board
    board=$(pid_of board)
    report "memory without open boards" "$(rss_mib_of "$board" VmRSS)" - "MiB, RSS, after all requests above"
    follow_names "$1" >"$CLINIC/follow"
    report "a change to the event, p50" "$(median <"$CLINIC/follow")" - "ms, one board open, $1 changes"
    report "a change to the event, worst" "$(quantile 1 <"$CLINIC/follow")" "<= 500" "ms, one board open"
    # Another process: what log-ins took is none of what open boards take.
    end_board
    start_board
    board=$(pid_of board)
    open_boards
    follow_names "$1" >"$CLINIC/follow"
    report "memory, $OPEN_BOARDS boards open" "$(rss_mib_of "$board" VmRSS)" "<= 12" \
        "MiB, RSS, TLS, each of a log-in of its own"
    report "memory, $OPEN_BOARDS boards open, peak" "$(rss_mib_of "$board" VmHWM)" - "MiB, peak RSS"
    report "a change to the event, $OPEN_BOARDS boards, p50" "$(median <"$CLINIC/follow")" - "ms, $1 changes"
    report "a change to the event, $OPEN_BOARDS boards, worst" "$(quantile 1 <"$CLINIC/follow")" \
        "<= 500" "ms"
    close_boards
}

# ---- the gateway beside them ----

# $DATA: 100 patients whom the devices of load.c and probe.c belong to, and the users.
beside_clinic() {
    local made=$CLINIC/beside i
    web_broker
    if [ ! -d "$made" ]; then
        fill 100
        for ((i = 0; i < WEB_PROBES; i++)); do
            stepward patient add "probe$i" --therapist "of-probe$i" --rest-limit 1h >/dev/null
        done
        start_board
        log_in_all
        end_board
        cp -r "$DATA" "$made"
    fi
    fresh_data "$made"
    [ "$1" = alone ] || { start_board && open_boards; }
}
leave_beside() { [ "$1" = alone ] || close_boards; }

# Seconds until a backlog is stored, and milliseconds to an alert.
ingest_beside() { # alone|boards MESSAGES
    local PATIENTS=100
    beside_clinic "$1"
    begin_minutes_ago $(($2 / PATIENTS))
    drain_by_gateway "$2" 1
    leave_beside "$1"
    echo "$WATCHED" | awk '{ print $2 }' >>"$CLINIC/ingest-$1"
}
latency_beside() { # alone|boards
    beside_clinic "$1"
    start_gateway
    start load "$BENCH/load" -p "$PORT" -P 100 -n 60000 -r 100 -s $(($(date +%s) / 60 * 60 - 600 * 60))
    timeout --foreground 600 "$BENCH/probe" -p "$PORT" -n "$WEB_PROBES" -g 500 >>"$CLINIC/alert-$1"
    end load || :
    stop_gateway || fail "the gateway failed"
    leave_beside "$1"
}

# In percent of what it takes alone.
beside() { calc "($(median <"$CLINIC/$1-boards") / $(median <"$CLINIC/$1-alone") - 1) * 100" 1; }

report_beside() { # MESSAGES ROUNDS
    local round with how="%, $2 rounds in turns, $OPEN_BOARDS boards of 100 patients open"
    for ((round = 1; round <= $2; round++)); do
        for with in alone boards; do
            ingest_beside $with "$1"
            latency_beside $with
        done
    done
    report "ingest beside boards, longer" "$(beside ingest)" "<= 3" \
        "$how; $1 messages, alone $(median <"$CLINIC/ingest-alone") s"
    report "alert beside boards, later" "$(beside alert)" "<= 3" \
        "$how; p50 of $WEB_PROBES alerts each, alone $(median <"$CLINIC/alert-alone") ms"
    report "alert beside boards, p99" "$(quantile 0.99 <"$CLINIC/alert-boards")" "<= 25" \
        "ms; alone $(quantile 0.99 <"$CLINIC/alert-alone")"
}

measure_web() {
    local times=200 changes=40 messages=100000 rounds=5 large_days=$WEB_DAYS
    WEB_PROBES=100
    [ "$QUICK" = no ] || { times=100 changes=15 messages=50000 rounds=2 large_days=7 WEB_PROBES=20; }
    need curl
    web_certificate
    web_clinic 100 $WEB_DAYS
    log_in_all
    report_pages $times
    report_open $changes
    stop_gateway || fail "the gateway failed"
    web_clinic 1000 $large_days
    log_in_all
    answers $times / | report_answers "now, 1,000 patients," "<= 30" - "$times requests, $large_days days"
    end_board
    stop_gateway || fail "the gateway failed"
    report_beside $messages $rounds
}
