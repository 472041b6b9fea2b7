# disk.bash -- a gateway whose disk fails when the test says so, and which is started
# again when it ends, as the service manager does.
#
#     break_disk ENOSPC; …; mend_disk        # fail_disk.c says what else there is
#
# A load after clinic.bash: how the programs are started is replaced here.
# shellcheck shell=bash

# Replaced at once, never seen half written.
break_disk() {
    echo "$*" >"$CLINIC/disk.new"
    mv "$CLINIC/disk.new" "$CLINIC/disk"
}
mend_disk() { break_disk ""; }
hits() { stat -c %s "$CLINIC/disk.hits" 2>/dev/null || echo 0; }
was_hit_since() { [ "$(hits)" -gt "$1" ]; }

# In place of the shell. The sanitizers' library is not the first one then; they get along with that.
on_disk() {
    exec env FAIL_DISK_UNDER="$DATA" FAIL_DISK_HOW="$CLINIC/disk" \
        FAIL_DISK_BUT=gateway.lock LD_PRELOAD="$STEPWARD_BIN/fail_disk.so" \
        ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0" "$@"
}
stepward() (on_disk "$STEPWARD_BIN/stepward" -c "$CONFIG" "$@")

# Until it is told to end; then the gateway's exit code is its own.
keep_alive() {
    local pid
    trap 'kill "$pid"; wait "$pid"; exit' TERM
    while :; do
        "$@" &
        pid=$!
        wait "$pid" || :
        echo "$(date +%s) ended" >>"$CLINIC/ends"
        pause 0.5
    done
}
launch_gateway() {
    start gateway keep_alive on_disk "$STEPWARD_BIN/stepward-gateway" -c "$CONFIG"
}
ends() { if [ -e "$CLINIC/ends" ]; then wc -l <"$CLINIC/ends"; else echo 0; fi; }
has_ended_since() { [ "$(ends)" -gt "$1" ]; }

# ---- what is said ----

# `status` fails, and says so in one line.
status_fails_with() {
    local said code=0
    said=$(stepward status 2>&1 >/dev/null) || code=$?
    echo "$said"
    [ "$code" -eq 1 ] && [ "$(wc -l <<<"$said")" -eq 1 ] && grep -qE "$1" <<<"$said"
}
status_is_well() { stepward status >/dev/null 2>&1; }
health_is() { retained "$ROOT/gateway/health" | jq -e "$1" >/dev/null; }
logged() { grep -cE "$1" "$CLINIC/gateway.log" || :; }
