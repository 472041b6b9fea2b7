#!/usr/bin/env bats
# examples.bats -- the worked examples of the contract: messages in through a real
# broker, the summary out of the command line, byte for byte.
load ../lib/clinic
load ../lib/readings

EXAMPLES=$STEPWARD_SOURCE/../shared/examples-2

setup() { clinic_open; }
teardown() { clinic_close; }

# Messages of one patient keep their order; the patients run side by side.
publish_example() {
    local file pid publishers=()
    rm -rf "$CLINIC/messages"
    mkdir "$CLINIC/messages"
    jq -r '[.patient, (.payload | tojson)] | join("\t")' "$1" |
        awk -F'\t' -v folder="$CLINIC/messages" '{ print $2 >(folder "/" $1) }'
    for file in "$CLINIC"/messages/*; do
        publish_lines "$ROOT/patient/$(basename "$file")/steps" <"$file" 3>&- &
        publishers+=($!)
    done
    for pid in "${publishers[@]}"; do wait "$pid"; done
}

example_comes_out() {
    local folder=$1
    ZONE=$(cat "$folder/timezone")
    DATA=$CLINIC/data-$(basename "$folder")
    write_config 'auto_enroll = true'
    start_gateway
    publish_example "$folder/messages.jsonl"
    wait_for -t 120 rows_are "$(tail -n +2 "$folder/expected.csv")"
    stepward summary --format csv --from 2000-01-01 | head -n 1 | cut -d, -f1-14 |
        diff <(head -n 1 "$folder/expected.csv") -
    [ "$(refusals | tail -n +2 | grep -vc implausible)" -eq 0 ]
    stop_gateway
}

@test "every worked example comes out byte for byte" {
    [ -d "$EXAMPLES" ] || skip "no worked examples beside the source ($EXAMPLES)"
    start_broker
    local folder
    for folder in "$EXAMPLES"/*/; do
        echo "example: $folder"
        example_comes_out "${folder%/}"
    done
}
