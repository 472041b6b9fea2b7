#!/usr/bin/env bats
# config.bats -- nothing starts half-configured, and an error names its place.
load ../lib/clinic

setup() {
    clinic_open
    write_config
}
teardown() { clinic_close; }

gateway() { "$STEPWARD_BIN/stepward-gateway" "$@"; }

# refused_at LINE WORD: both programs say "FILE:LINE: …WORD…" in one line and exit 2; all
# of the file has no line, "".
refused_at() {
    local program
    for program in "gateway -c $CONFIG --check" "gateway -c $CONFIG" "stepward today"; do
        run $program
        echo "$program: $status: $output"
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == *"$CONFIG:${1:+$1:} "*"$2"* ]]
    done
}
lines_of_config() { wc -l <"$CONFIG"; }

@test "--check prints the effective configuration, which reads back as itself" {
    run gateway -c "$CONFIG" --check
    [ "$status" -eq 0 ]
    echo "$output" >"$CLINIC/effective.conf"
    grep -q "timezone *= *\"$ZONE\"" "$CLINIC/effective.conf"
    grep -q 'silent_after *= *"4h"' "$CLINIC/effective.conf"
    run gateway -c "$CLINIC/effective.conf" --check
    [ "$status" -eq 0 ]
    diff "$CLINIC/effective.conf" <(echo "$output")
}

@test "--check starts nothing and leaves no trace" {
    gateway -c "$CONFIG" --check
    [ ! -e "$DATA" ]
}

@test "the example configuration is in order" {
    gateway -c "$STEPWARD_SOURCE/config/stepward.conf" --check
}

@test "an unknown key is refused with its line" {
    echo 'time_zone = "UTC"' >>"$CONFIG"
    refused_at "$(lines_of_config)" time_zone
}

@test "a bad value is refused with its line" {
    sed -i 's/^commit_interval.*/commit_interval = "10 parsecs"/' "$CONFIG"
    refused_at "$(grep -n commit_interval "$CONFIG" | cut -d: -f1)" commit_interval
}

@test "a zone that does not exist is refused with its line" {
    sed -i 's/^timezone.*/timezone = "Europe\/Atlantis"/' "$CONFIG"
    refused_at 2 Atlantis
}

@test "a plan out of range is refused with its line" {
    printf 'plan {\n    rest_limit = "5m"\n}\n' >>"$CONFIG"
    refused_at $(($(lines_of_config) - 1)) rest_limit
}

@test "a broken file is refused with its line" {
    echo 'broker {' >>"$CONFIG"
    run gateway -c "$CONFIG" --check
    [ "$status" -eq 2 ]
    [[ $output == *"$CONFIG:"[0-9]*": "* ]]
}

@test "a missing file is refused with its name" {
    CONFIG=$CLINIC/absent.conf
    refused_at '' 'No such file'
}

@test "\$STEPWARD_CONFIG names the file when -c does not" {
    STEPWARD_CONFIG=$CONFIG gateway --check | grep -q "$ZONE"
}

@test "an unknown option is wrong usage" {
    run gateway --nonsense
    [ "$status" -eq 2 ]
}

# made_with MODE: a data_dir that somebody made, with the command line's database in it.
made_with() {
    mkdir -p "$DATA"
    chmod "$1" "$DATA"
    stepward patient add p1
}
# For the group too, if it is that of the user alone: it is called like the user.
closed_mode() {
    # shellcheck disable=SC2059 # the format is the caller's
    if [ "$(id -gn)" = "$(id -un)" ]; then printf "$1" $((02770)); else printf "$1" $((0700)); fi
}
mode_is() { [ "$(stat -c %a "$DATA")" = "$1" ]; }
logs() { grep -q "$1" "$CLINIC/gateway.log"; }

@test "a data_dir that is open to others is closed by the gateway, and said once" {
    made_with 755
    mode_is 755 # the command line leaves it
    launch_gateway
    wait_for logs "$DATA was open to others (mode 0755): now $(closed_mode %04o)"
    mode_is "$(closed_mode %o)"
    wait_for logs 'site main'
    stop_gateway
    : >"$CLINIC/gateway.log"
    launch_gateway
    wait_for logs 'site main'
    run ! logs 'open to others'
}

@test "a data_dir that is for all, like /tmp, stays, with a warning" {
    made_with 1777
    launch_gateway
    wait_for logs "warning .*$DATA is open to others (mode 1777).*chmod $(closed_mode %o) $DATA"
    mode_is 1777
}
