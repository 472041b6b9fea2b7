/* redate.c -- whether the wall clock is trusted, and what is done about data that came
 * while it was wrong: every patient's readings are redated, and the days that change
 * are recomputed.
 *
 * The receive clock (receive.c) decides when the wall clock may be trusted, and dates
 * messages; the store moves rows. loop.c makes messages wait meanwhile.
 */
#include "daemon/redate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/gateway.h"
#include "records/records.h"
#include "util/array.h"
#include "util/line.h"
#include "util/number.h"

enum {
    ASLEEP_MS = 60 * 1000, /* between two turns: the gateway did not watch */
    REDATE_RETRY_MS = 5000,
    MIN_S = 60,
};

/* ---- the days of a span that may change ---- */

struct days {
    int32_t from, to; /* all of these, to < from: none; and: */
    int32_t *items;
    size_t n, cap;
};

static int note_row(void *ctx, const struct sw_day_row *row)
{
    struct days *days = ctx;
    if (days->from <= row->day && row->day <= days->to)
        return 0;
    int r = GROW(days->items, days->n, days->cap);
    if (r >= 0)
        days->items[days->n++] = row->day;
    return r;
}

/* The days that have a row, and those within the counted span, because each of them may
 * have a row from now on. A clock may have been decades ahead: nothing is known of most
 * days between then and now, before or after. */
static int find_days(const struct patients *patients, const struct patient *patient,
                     struct sw_span span, struct days *ret)
{
    struct sw_span counted = {0, 0};
    int32_t from = sw_day_of(patients->zone, span.from_s - 1);
    int32_t to = sw_day_of(patients->zone, span.to_s);
    int r = sw_store_counted_span(patients->store, patient->known.key, &counted);
    *ret = (struct days){.from = 0, .to = -1};
    if (r < 0)
        return r;
    bool is_beside = counted.to_s < span.from_s || counted.from_s > span.to_s;
    if (r == 0 && !is_beside) {
        int32_t first = sw_day_of(patients->zone, counted.from_s - 1);
        int32_t last = sw_day_of(patients->zone, counted.to_s);
        ret->from = first > from ? first : from;
        ret->to = last < to ? last : to;
    }
    return sw_store_each_day(patients->store, &patient->known.id, from, to, note_row,
                             ret);
}

/* ---- patients ---- */

static int redate_days_of(struct patients *patients, const struct patient *patient,
                          struct sw_span span)
{
    struct days days;
    int r = find_days(patients, patient, span, &days);
    size_t n_all = days.to < days.from ? 0 : (size_t)(days.to - days.from) + 1;
    for (size_t i = 0; r >= 0 && i < n_all + days.n; i++) {
        int32_t day = i < n_all ? days.from + (int32_t)i : days.items[i - n_all];
        r = sw_records_refresh(patients->store, patients->zone, patient->known.key,
                               day);
        beat(&patients->beat);
    }
    free(days.items);
    return r;
}

static int redate_readings_of(struct redate *redate, struct patients *patients,
                              const struct patient *patient)
{
    /* By the wrong clock, today was another day, and the data that today was computed
     * from ended at another time. */
    int64_t now_s = redate->redating.now_s, wrong_s = now_s - redate->redating.by_s;
    struct sw_span touched,
        span = {wrong_s < now_s ? wrong_s : now_s, wrong_s < now_s ? now_s : wrong_s};
    int r = sw_store_redate(patients->store, patient->known.key, &redate->redating,
                            &touched, &redate->sum);
    if (r < 0)
        return r;
    bool is_touched = touched.from_s != 0 || touched.to_s != 0;
    if (is_touched && touched.from_s < span.from_s)
        span.from_s = touched.from_s;
    if (is_touched && touched.to_s > span.to_s)
        span.to_s = touched.to_s;
    return redate_days_of(patients, patient, span);
}

int redate_store(struct redate *redate, struct patients *patients)
{
    int r = 0;
    sw_store_limit_newest(patients->store, redate->redating.newest_s);
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        if (patient->known.key != 0)
            r = redate_readings_of(redate, patients, patient);
        patient->lateness = (struct sw_lateness){0}; /* it was told by that clock */
        patient->unstored.has_lateness = true;
        beat(&patients->beat); /* months of a clinic's data take time */
    }
    if (r < 0)
        return r;
    return sw_store_redate_rest(patients->store, &redate->redating, &redate->sum);
}

/* ---- in words ---- */

static void add_count(struct sw_line *line, const char **divider, int64_t n,
                      const char *what)
{
    if (n == 0)
        return;
    sw_line_add(line, "%s%" PRId64 " %s%s", *divider, n, what, sw_plural(n));
    *divider = ", ";
}

void redate_format(const struct redate *redate, char text[static SW_WHY_MAX])
{
    const struct sw_redated *sum = &redate->sum;
    struct sw_line line = sw_line(text, SW_WHY_MAX);
    const char *divider = "; redated: ";
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1], length[SW_LENGTH_TEXT_MAX];
    sw_instant_format(redate->span.from_s, from);
    sw_instant_format(redate->span.to_s, to);
    sw_line_add(&line, "the clock was ");
    sw_length_format((llabs(redate->ahead_s) + MIN_S / 2) / MIN_S, length);
    if (redate->ahead_s != 0)
        sw_line_add(&line, "%s ", length);
    sw_line_add(&line, "%s from %s to %s", redate->ahead_s < 0 ? "behind" : "ahead",
                from, to);
    add_count(&line, &divider, sum->totals, "total");
    add_count(&line, &divider, sum->pains, "score");
    add_count(&line, &divider, sum->batteries, "battery level");
    add_count(&line, &divider, sum->heard, "last message");
    divider = "; dropped: ";
    add_count(&line, &divider, sum->dropped, "row");
    divider = "; taken again: ";
    add_count(&line, &divider, sum->refused, "refused message");
}

/* ---- whether the clock is trusted ---- */

/* Data that a device dated ahead counts once its time has come, also in memory; while
 * no clock was trusted, it was read as if it counted already. Earlier days that a
 * counter spanned until then are recomputed when they next change. */
static void look_until(struct gateway *gateway, bool was_trusted)
{
    int64_t at_s,
        newest_s = gateway->now.wall_ms / 1000 + gateway->config->max_future_s;
    bool is_trusted = gateway->clock.is_trusted;
    sw_store_limit_newest(gateway->data.store, is_trusted ? newest_s : INT64_MAX);
    bool has_come =
        is_trusted &&
        (newest_s >= gateway->patients.to_come_s ||
         (!was_trusted && sw_store_next_to_come(gateway->data.store, &at_s) == 0));
    if (!has_come)
        return;
    /* If it cannot be read now, it is read later. */
    gateway->patients.to_come_s = INT64_MAX;
    gateway->patients.hands_changed = true; /* sets are rebuilt */
    gateway_reload(gateway, gateway->patients.today, gateway->now.monotonic_ms);
}

/* Now the time is known again: what was noted beyond it is not true. */
static void begin_trust(struct gateway *gateway)
{
    int64_t for_ms = gateway->now.monotonic_ms - gateway->distrusted_ms;
    sw_log(SW_LOG_NOTICE, "the clock is trusted");
    if (gateway->distrusted_ms != 0)
        online_spans_distrusted(&gateway->online_spans, gateway->now.wall_ms / 1000,
                                for_ms / 1000);
    gateway->distrusted_ms = 0;
    online_spans_cut(&gateway->online_spans, gateway->now.wall_ms / 1000);
    patients_mark_everyone(&gateway->patients);
}

/* ---- redating ---- */

static int64_t date_s(int64_t uptime_ms, int64_t offset_ms)
{
    return (uptime_ms + offset_ms) / 1000;
}

/* The clock shows again what it did before, so the incident that reported it as wrong
 * was itself wrong. */
static int drop_noted(struct gateway *gateway, const struct sw_boot_clock *before,
                      const struct sw_boot_clock *clock, const struct redate *redate)
{
    bool is_back = before->has_before && before->reported_at_s != 0 &&
                   !sw_clock_is_step(before->offset_before_ms, clock->offset_ms);
    int64_t reported_at_s = before->reported_at_s;
    if (!is_back)
        return 0;
    if (reported_at_s > redate->redating.now_s)
        reported_at_s += redate->redating.by_s;
    incidents_drop(&gateway->incidents, SW_INCIDENT_CLOCK_WRONG, reported_at_s);
    return sw_store_drop_incident(gateway->data.store, SW_INCIDENT_CLOCK_WRONG,
                                  reported_at_s);
}

/* Everything is stored in one transaction, with the clock of this boot as it is from
 * now on. After a crash before the commit, the stored clock still differs, or there is
 * none, and the next start does it all; after a crash after the commit it is not done
 * twice. Returns false if it failed, and is tried again. */
static bool redate_stored(struct gateway *gateway, struct redate *redate,
                          struct sw_boot_clock *clock)
{
    struct sw_store *store = gateway->data.store;
    struct sw_boot_clock before = gateway->clock.clock;
    bool is_this_boot = redate->redating.clock == clock->key;
    char text[SW_WHY_MAX];
    int r = sw_store_begin(store);
    if (r >= 0)
        r = redate_store(redate, &gateway->patients);
    if (r >= 0 && redate->redating.by_s < 0)
        incidents_redate(&gateway->incidents, redate->redating.now_s,
                         redate->redating.by_s);
    if (r >= 0 && is_this_boot)
        r = drop_noted(gateway, &before, clock, redate);
    if (r >= 0) {
        redate_format(redate, text);
        incidents_note(&gateway->incidents, SW_INCIDENT_CLOCK_WRONG,
                       redate->redating.now_s, "%s", text);
        r = incidents_store(&gateway->incidents, store);
    }
    if (is_this_boot)
        clock->reported_at_s = gateway->incidents.last[SW_INCIDENT_CLOCK_WRONG].at_s;
    if (r >= 0)
        r = sw_store_put_clock(store, clock);
    if (r >= 0)
        r = sw_store_commit(store);
    if (r >= 0) {
        incidents_committed(&gateway->incidents);
        return true;
    }
    sw_store_rollback(store);
    gateway_note_failure(gateway, r,
                         "cannot redate what came while the clock was "
                         "wrong");
    gateway->redate_at_ms = sw_clock_monotonic_ms() + REDATE_RETRY_MS;
    return false;
}

/* Data in memory is redated too, and is loaded again. */
static void redate_buffer(struct gateway *gateway, int64_t by_s)
{
    int64_t *last_s = &gateway->health.last_message_at_s;
    int64_t now_s = gateway->now.wall_ms / 1000;
    if (*last_s != 0)
        *last_s = *last_s + by_s < now_s ? *last_s + by_s : now_s;
    ingest_redate(&gateway->ingest, by_s);
    gateway_reload(gateway, gateway->patients.today, gateway->now.monotonic_ms);
}

/* The clock was set and is trusted: it dates everything that came since the machine was
 * switched on. */
static void redate_this_boot(struct gateway *gateway)
{
    struct receive_clock *keeper = &gateway->clock;
    int64_t now_s = gateway->now.wall_ms / 1000;
    struct sw_boot_clock before = keeper->clock,
                         clock = receive_clock_corrected(keeper);
    struct redate redate = {
        .redating = {.clock = clock.key,
                     .by_s = -receive_clock_ahead_s(keeper),
                     .now_s = now_s,
                     .newest_s = now_s + gateway->config->max_future_s,
                     .since_s = date_s(before.since_ms, before.offset_ms)},
        .ahead_s = receive_clock_ahead_s(keeper),
        .span = {date_s(before.since_ms, clock.offset_ms),
                 date_s(keeper->watch.stepped_at_ms, clock.offset_ms)},
    };
    if (!redate_stored(gateway, &redate, &clock))
        return;
    receive_clock_correct(keeper, &clock);
    redate_buffer(gateway, redate.redating.by_s);
}

/* What the previous boot of the machine stored lies ahead of a clock that is
 * synchronised, so that boot's clock was ahead. If that clock had been right earlier in
 * the boot, that gives the right time; otherwise it is unknown, and what lies in the
 * future is dropped. */
static void redate_past_boot(struct gateway *gateway)
{
    struct receive_clock *keeper = &gateway->clock;
    struct sw_boot_clock past = keeper->past, clock = keeper->clock;
    int64_t now_s = gateway->now.wall_ms / 1000;
    int64_t newest_s = now_s + gateway->config->max_future_s;
    bool is_ahead = date_s(past.seen_ms, past.offset_ms) > newest_s;
    bool is_datable =
        past.has_before && date_s(past.seen_ms, past.offset_before_ms) <= newest_s;
    int64_t by_s = is_datable ? (past.offset_before_ms - past.offset_ms) / 1000 : 0;
    struct redate redate = {
        .redating = {.clock = past.key,
                     .by_s = by_s,
                     .now_s = now_s,
                     .drops = !is_datable,
                     .newest_s = newest_s,
                     .since_s = date_s(past.since_ms, past.offset_ms)},
        .ahead_s = -by_s,
        .span = {date_s(past.since_ms, past.offset_ms) + by_s,
                 date_s(past.seen_ms, past.offset_ms) + by_s},
    };
    if (is_ahead && !redate_stored(gateway, &redate, &clock))
        return;
    keeper->past.key = 0;
    if (!is_ahead)
        return;
    receive_clock_committed(keeper);
    redate_buffer(gateway, 0);
}

/* ---- checking the clock ---- */

void gateway_check_clocks(struct gateway *gateway)
{
    struct receive_clock *keeper = &gateway->clock;
    bool was_trusted = keeper->is_trusted;
    bool is_first = keeper->watch.begun_at_ms == 0;
    int64_t before_ms = gateway->now.monotonic_ms;
    gateway->now = sw_clock_read();
    int64_t now_ms = gateway->now.monotonic_ms;
    gateway->was_asleep = now_ms - before_ms > ASLEEP_MS;
    /* The last turn may be a while ago. Until now the gateway watched, by the clock as
     * it was trusted then, whatever the clock shows next. */
    if (gateway->online_spans.growing && !gateway->was_asleep)
        online_spans_tick(&gateway->online_spans,
                          date_s(now_ms, keeper->watch.offset_ms), true);
    receive_clock_check(keeper, &gateway->now, gateway->health.last_commit_at_s);
    atomic_store(&gateway->receiver.offset_ms, receive_clock_offset_ms(keeper));
    bool may_write = !gateway->data.check.is_awaited && now_ms >= gateway->redate_at_ms;
    if (may_write && keeper->is_misdated)
        redate_this_boot(gateway);
    if (may_write && keeper->is_trusted && keeper->past.key != 0 &&
        gateway->now.synchronised)
        redate_past_boot(gateway);
    look_until(gateway, was_trusted);
    if (keeper->is_trusted && !was_trusted)
        begin_trust(gateway);
    if (!keeper->is_trusted && (was_trusted || is_first)) {
        gateway->distrusted_ms = now_ms;
        sw_log(SW_LOG_WARNING, "the clock is not trusted: until it is, no alert is "
                               "judged, and messages wait in the inbox");
    }
    gateway->ingest.clock_trusted = keeper->is_trusted;
}
