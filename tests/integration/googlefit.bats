#!/usr/bin/env bats
# googlefit.bats -- three years of a real wearer's quarter hours: the steps of each civil
# day are what the vendor says, clock changes included.
load ../lib/clinic
load ../lib/readings

DAYS=$STEPWARD_SOURCE/../shared/data/googlefit

setup() { clinic_open; }
teardown() { clinic_close; }

# One array of readings a day; a bucket without a number is no data.
day_batches() {
    awk -F, 'NR > 1 && $4 != "" {
        if (day != $1) { if (day) print line "]"; line = "["; separator = "" }
        day = $1
        line = line separator sprintf("{\"start\":\"%sT%s\",\"seconds\":900,\"steps\":%s}",
                                      $1, $2, $4)
        separator = ","
    } END { print line "]" }' "$1"
}

# A day the vendor gives no number for has no row with us.
vendor_days() { awk -F, 'NR > 1 && $2 != "" { print $1 "," $2 }' "$1"; }
our_days_are() { diff <(echo "$1") <(all_rows wearer | cut -d, -f2,3); }

@test "407 of 407 vendor days have the vendor's steps" {
    [ -d "$DAYS" ] || skip "no recorded days beside the source ($DAYS)"
    [ "$(tail -n +2 "$DAYS/vendor_days.csv" | wc -l)" -eq 407 ]
    ZONE=America/Toronto
    start_broker
    write_config
    stepward patient add wearer
    start_gateway
    day_batches "$DAYS/buckets_15min.csv" | publish_lines "$ROOT/patient/wearer/steps"
    wait_for our_days_are "$(vendor_days "$DAYS/vendor_days.csv")"
    [ -z "$(refusals | tail -n +2)" ]
}
