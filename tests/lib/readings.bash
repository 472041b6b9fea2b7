# readings.bash -- payloads that devices send, and what the day's rows then say.
# shellcheck shell=bash

# For the readings, time stands still from here on.
freeze_time() { NOW_S=$(date +%s); }

# The first second of the current minute, $1 minutes ago. Who adds up what several calls
# gave freezes time: a minute may begin between two of them.
minute_ago() { echo $((${NOW_S:-$(date +%s)} / 60 * 60 - 60 * $1)); }

# batch START_S STEPS…: minutes from START_S on.
batch() {
    local start=$1
    shift
    local IFS=,
    echo "{\"start\":$start,\"seconds\":60,\"steps\":[$*]}"
}

# minutes_of N STEPS: the number N times, for batch.
minutes_of() {
    local i
    for ((i = 0; i < $1; i++)); do echo "$2"; done
}

# still FROM TO: a batch of measured zeros from FROM to TO minutes ago, TO excluded.
still() {
    # shellcheck disable=SC2046 # one word a minute
    batch "$(minute_ago "$1")" $(minutes_of $(($1 - $2)) 0)
}
# steps_at AGO STEPS: one minute.
steps_at() { batch "$(minute_ago "$1")" "$2"; }

# The summary's rows of all days in the data, without the header.
all_rows() { stepward summary --format csv --from 2000-01-01 --to 2098-12-31 "$@" | tail -n +2; }
steps_stored() { all_rows "$@" | awk -F, '{ n += $3 } END { print n + 0 }'; }
steps_stored_are() { [ "$(steps_stored "${@:2}")" -eq "$1" ]; }
rest_is_at_least() { all_rows "$2" | awk -F, -v min="$1" '$9 >= min { ok = 1 } END { exit !ok }'; }
has_row() { [ -n "$(all_rows "$1")" ]; }
# rows_are EXPECTED [PATIENT…]: the columns up to `valid`.
rows_are() { diff <(echo "$1") <(all_rows "${@:2}" | cut -d, -f1-14); }
refusals() { stepward rejected --format csv; }
