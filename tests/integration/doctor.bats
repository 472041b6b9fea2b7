#!/usr/bin/env bats
# doctor.bats -- `stepward doctor` with a real gateway and broker: what is well, and what is
# said when it is not; and the numbers for Prometheus.
bats_require_minimum_version 1.5.0
load ../lib/clinic
load ../lib/readings

setup() {
    clinic_open
    start_broker
    write_config
}
teardown() { clinic_close; }

found() { stepward doctor --format json 2>/dev/null | jq -r ".[] | select(.check == \"$1\") | $2"; }
is() { [ "$(found "$1" .state)" = "$2" ]; }
says() { found "$1" '.text + " | " + .remedy' | grep -F -- "$2"; }

@test "of a gateway that works nothing is wrong but what is this machine's, perhaps" {
    stepward patient add p1 --therapist anna
    start_gateway
    send_steps p1 "$(steps_at 0 10)"
    wait_for has_row p1
    wait_for is rights well
    wrong=$(stepward doctor --format json 2>/dev/null |
        jq -r '.[] | select(.state == "wrong") | .check' | grep -vxE 'clock|zone|wear|disk' || :)
    echo "wrong: $wrong"
    [ "$wrong" = '' ]
    for check in configuration 'in force' versions gateway broker session database inbox \
        therapists patients; do
        echo "$check"
        is "$check" well
    done
}

@test "exit code 1, and the line that names it" {
    stepward patient add p1
    start_gateway
    run -1 stepward doctor
    [[ $output == *"therapists "*"p1"* ]]
    [[ ${lines[-1]} == "stepward: "*" wrong" ]]
    says therapists '1 patient has none, and nobody is told: p1 | `stepward patient set'
}

@test "without gateway and broker" {
    end broker
    says broker "nothing answers at mqtt://127.0.0.1:$PORT: Connection refused"
    says database 'no database'
    stepward patient add p1
    says gateway 'the gateway has never run'
    start_broker
    is broker well
}

@test "a second look while the gateway works disturbs nobody" {
    stepward patient add p1 --therapist anna
    start_gateway
    before=$(grep -c 'New connection' "$CLINIC/broker.log")
    stepward doctor || :
    [ "$(grep -c 'New connection' "$CLINIC/broker.log")" -eq "$before" ]
    status_is online
}

@test "a wrong configuration, a changed one, one whose files are missing" {
    start_gateway
    echo '# another line' >>"$CONFIG"
    says 'in force' 'runs with what it said before'
    echo 'notify { run = "/nonexistent" }' >>"$CONFIG"
    says configuration '/nonexistent: No such file'
    echo 'x = 1' >>"$CONFIG"
    says configuration 'unknown key x'
    is gateway unknown
    run -1 stepward doctor
}

@test "a right that is missing at the broker is told with what to grant" {
    end broker
    cat >"$CLINIC/acl" <<ACL
topic readwrite clinic/main/gateway/#
topic read clinic/main/#
topic read \$SYS/#
ACL
    start_broker "acl_file $CLINIC/acl"
    start_gateway
    refused() { is rights wrong; }
    wait_for refused
    says rights "let the gateway's user"
}

# ---- for Prometheus ----

metrics() { stepward status --format prometheus; }
checked() { "$STEPWARD_SOURCE/tests/lib/prometheus-check"; }

@test "numbers for Prometheus are in its format, well and not" {
    stepward patient add p1 --therapist anna
    start_gateway
    send_steps p1 "$(steps_at 0 10)"
    wait_for has_row p1
    well() { metrics | checked | grep -qx 'stepward_healthy{} 1'; }
    wait_for well
    metrics | checked >"$CLINIC/numbers"
    cat "$CLINIC/numbers"
    grep -qx 'stepward_broker_connected{} 1' "$CLINIC/numbers"
    grep -qE '^stepward_messages_received_total\{\} [1-9]' "$CLINIC/numbers"
    grep -q '^stepward_info{"site": "main", "version": "[0-9.]*"} 1$' "$CLINIC/numbers"
    grep -qE '^stepward_last_commit_timestamp_seconds\{\} 1[0-9]{9}$' "$CLINIC/numbers"
    stop_gateway
    run -1 --separate-stderr metrics
    [ -z "${stderr:=}" ]
    checked <<<"$output" | grep -q '^stepward_problem_info{"problem": "the gateway is not running'
    rm -r "$DATA"
    run -1 --separate-stderr metrics
    checked <<<"$output" | grep -qx 'stepward_healthy{} 0'
}

@test "what a label holds is escaped" {
    stepward patient add p1
    start_gateway
    stop_gateway
    sed -i "s|^data_dir.*|data_dir = '$DATA/\"quoted\" \\\\ and more'|" "$CONFIG"
    mkdir -p "$DATA"/'"quoted" \ and more'
    run -1 --separate-stderr metrics
    echo "$output"
    checked <<<"$output" | grep -F '"quoted\"' | grep problem
}

@test "no other command has that format" {
    run -2 stepward alerts --format prometheus
    [[ $output == *'it is table, csv or json' ]]
    run -2 stepward status --format xml
    [[ $output == *'it is table, csv, json or prometheus' ]]
}
