# figure_live.bash -- a clinic as it is by day: what comes in is taken in at once.
#
# Processor, disk, memory and the time to an alert while devices send; and what is taken
# while none does. See load.c and probe.c.
# shellcheck shell=bash

figure cpu "processor: of a backlog against a receiver that does nothing; live at 1,000 readings a second"
figure latency "milliseconds from the deciding reading to the alert at a subscriber, beside 1,000 readings a second"
figure flash "bytes written for a reading, 100 patients with one a minute each, at once or spread"
figure memory "peak RSS with 100, 1,000 and 10,000 patients who send live, and when a day comes at once"
figure idle "processor and wake-ups with 1,000 known patients who send nothing"

CLINIC_PATIENTS=1000
DEFAULT_COMMIT_S=10

# clinic_of N: a broker, and a gateway that knows so many patients.
clinic_of() {
    bench_broker
    fill "$1"
    start_gateway
    GATEWAY=$(pid_of gateway)
}
close_clinic() { stop_gateway || fail "the gateway failed"; }

measure_cpu() {
    local seconds=30 rate=1000 before spent
    [ "$QUICK" = no ] || seconds=10
    report_drain_cpu 100000 5
    clinic_of $CLINIC_PATIENTS
    before=$(cpu_of "$GATEWAY")
    load -P $CLINIC_PATIENTS -n $((rate * seconds)) -r $rate >/dev/null
    wait_for is_stored $((rate * seconds))
    spent=$(calc "$(cpu_of "$GATEWAY") - $before")
    report "cpu live" "$(calc "$spent * 100000 / ($rate * $seconds)")" - \
        "s for 100,000 readings, $rate a second for $seconds s, until all is stored"
    report "cpu live, of a core" "$(calc "$spent * 100 / $seconds" 1)" - "%"
    close_clinic
}

measure_latency() {
    local probes=200 i
    [ "$QUICK" = no ] || probes=40
    bench_broker
    fill $CLINIC_PATIENTS
    for ((i = 0; i < probes; i++)); do
        stepward patient add "probe$i" --therapist "of-probe$i" --rest-limit 1h >/dev/null
    done
    start_gateway
    start load "$BENCH/load" -p "$PORT" -P $CLINIC_PATIENTS -n 600000 -r 1000 \
        -s $(($(date +%s) / 60 * 60 - 600 * 60))
    timeout --foreground 600 "$BENCH/probe" -p "$PORT" -n "$probes" >"$CLINIC/latency"
    is_running load || fail "the load ended before the probes"
    end load || :
    local how="ms, $probes alerts beside 1,000 readings a second"
    report "alert latency p50" "$(quantile 0.5 <"$CLINIC/latency")" "<= 5" "$how"
    report "alert latency p99" "$(quantile 0.99 <"$CLINIC/latency")" "<= 25" "$how"
    report "alert latency, worst" "$(quantile 1 <"$CLINIC/latency")" - "$how"
    close_clinic
}

# A minute of everybody's, MINUTES times: as devices send whose clocks are right, or each
# at a moment of its own.
send_together() { # PATIENTS MINUTES
    local minute next=$EPOCHSECONDS
    for ((minute = 0; minute < $2; minute++)); do
        load -P "$1" -n "$1" -s $((EPOCHSECONDS / 60 * 60 - 60)) >/dev/null
        next=$((next + 60))
        pause $((next - EPOCHSECONDS))
    done
}
send_spread() { # PATIENTS MINUTES
    load -P "$1" -n $(($1 * $2)) -r "$(calc "$1 / 60" 4)" \
        -s $((EPOCHSECONDS / 60 * 60 - 60)) >/dev/null
}

report_flash() { # WHAT SEND
    local patients=100 minutes=10 before device_before n
    [ "$QUICK" = no ] || minutes=2
    n=$((patients * minutes))
    clinic_of $patients
    "$2" $patients 1 # what a start, and new devices, bring with them
    pause $((2 * DEFAULT_COMMIT_S))
    before=$(written_by "$GATEWAY")
    device_before=$(device_written)
    "$2" $patients $minutes
    wait_for is_stored $((n + patients))
    local how="bytes a reading, $patients patients, $minutes minutes, defaults"
    report "flash, $1" "$(calc "($(written_by "$GATEWAY") - $before) / $n" 0)" "<= 512" \
        "$how (write_bytes)"
    if [ -n "$device_before" ]; then
        sync -f "$DATA"
        report "flash, the device, $1" "$(calc "($(device_written) - $device_before) / $n" 0)" - \
            "bytes a reading, by everything that wrote to the device meanwhile"
    fi
    close_clinic
}

measure_flash() {
    report_flash "each minute at once" send_together
    report_flash "evenly spread" send_spread
}

peak_mib() { calc "$(peak_kib_of "$GATEWAY") / 1024" 1; }

# A day of minutes until now, in batches of an hour, and then one by one; its messages:
# $SENT.
a_day_at_once() { # PATIENTS
    local patients=$1 hours=14 singles=2
    SENT=$((patients * (hours + singles)))
    load -P "$patients" -n $((patients * hours)) -b 60 -r 2000 \
        -s $(($(date +%s) / 60 * 60 - (hours * 60 + singles) * 60)) >/dev/null
    load -P "$patients" -n $((patients * singles)) -r 2000 >/dev/null
    wait_for -t 300 is_stored $SENT
    report "memory, $patients patients, a day at once" "$(peak_mib)" - \
        "MiB, peak RSS; $((hours * 60 + singles)) minutes each, 2,000 messages a second"
}

# The gateway of a clinic where it is afternoon: started anew with the day so far, and
# then everybody sends each minute as it is over.
report_memory() { # PATIENTS MIB
    local patients=$1 minutes=5 n
    [ "$QUICK" = no ] || minutes=2
    n=$((patients * minutes))
    clinic_of "$patients"
    a_day_at_once "$patients"
    close_clinic
    start_gateway
    GATEWAY=$(pid_of gateway)
    load -P "$patients" -n $n -r "$(calc "$patients / 60" 4)" \
        -s $(($(date +%s) / 60 * 60 - 60)) >/dev/null
    wait_for -t 300 is_stored $((SENT + n))
    report "memory, $patients patients" "$(peak_mib)" "<= $2" \
        "MiB, peak RSS; one message a minute each, $minutes minutes, after 14 hours of today"
    close_clinic
}

measure_memory() {
    report_memory 100 8
    report_memory 1000 16
    [ "$QUICK" = yes ] || report_memory 10000 64
}

measure_idle() {
    local settle_s=90 seconds=60 cpu waits
    [ "$QUICK" = no ] || { settle_s=15 seconds=20; }
    clinic_of $CLINIC_PATIENTS
    pause $settle_s
    cpu=$(cpu_of_threads "$GATEWAY")
    waits=$(waits_of "$GATEWAY")
    pause $seconds
    report "idle cpu" "$(calc "($(cpu_of_threads "$GATEWAY") - $cpu) * 100 / $seconds")" "<= 0.1" \
        "% of a core, $CLINIC_PATIENTS known patients, $seconds s"
    report "idle wake-ups" "$(calc "($(waits_of "$GATEWAY") - $waits) / $seconds" 2)" "<= 2" \
        "a second, voluntary context switches of all threads"
    close_clinic
}
