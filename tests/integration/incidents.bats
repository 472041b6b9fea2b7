#!/usr/bin/env bats
# incidents.bats -- what happens to the gateway itself is said in its log, in `status`,
# in `incidents` and in its health.
load ../lib/clinic
load ../lib/readings

setup() { clinic_open; }
teardown() { clinic_close; }

health() { retained "$ROOT/gateway/health" | jq -r ".$1"; }
health_says() { [[ "$(health incident)" == *"$1"* ]]; }
status_says() { [[ "$(stepward status)" == *"$1"* ]]; }

@test "a damaged database is moved aside, and that is said everywhere" {
    start_broker
    write_config
    stepward patient add p1
    printf 'not a database, not any more' >"$DATA/stepward.db"
    rm -f "$DATA"/stepward.db-*
    start_gateway
    wait_for health_says "the database was damaged and moved to stepward.db.damaged-"
    wait_for status_says "the database was damaged"
    [ "$(stepward incidents --format json | jq -r '.[0].what')" = database_damaged ]
    grep -q "the database was damaged and moved to" "$CLINIC/gateway.log"
    grep -q 'not a database' "$DATA"/stepward.db.damaged-*
}
