/* redate.c -- every patient's readings, and the days that change by it.
 *
 * When this is due, and what is in memory, is the business of gateway_clock.c and
 * ingest.c; how rows move, that of the store.
 */
#include "daemon/redate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "records/records.h"
#include "util/array.h"
#include "util/line.h"

enum { MIN_S = 60, HOUR_MIN = 60 };

/* By the wrong clock today was another day, and what its day was computed from ended at
 * another time. */
static struct sw_span span_of_todays(const struct sw_redating *redating)
{
    int64_t now_s = redating->now_s, wrong_s = now_s - redating->by_s;
    return wrong_s < now_s ? (struct sw_span){wrong_s, now_s}
                           : (struct sw_span){now_s, wrong_s};
}

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

/* Those that have a row; and those that lie between what is counted now, for each of
 * them may have one from now on. A clock may have been decades ahead: of most days
 * between then and now nothing is known, before or after. */
static int find_days(const struct patients *patients, const struct patient *patient,
                     struct sw_span span, struct days *ret)
{
    struct sw_span counted = {0, 0};
    int32_t from = sw_day_of(patients->zone, span.from_s);
    int32_t to = sw_day_of(patients->zone, span.to_s);
    int r = sw_store_counted_span(patients->store, patient->known.key, &counted);
    *ret = (struct days){.from = 0, .to = -1};
    if (r < 0)
        return r;
    bool is_beside = counted.to_s < span.from_s || counted.from_s > span.to_s;
    if (r == 0 && !is_beside) {
        int32_t first = sw_day_of(patients->zone, counted.from_s);
        int32_t last = sw_day_of(patients->zone, counted.to_s);
        ret->from = first > from ? first : from;
        ret->to = last < to ? last : to;
    }
    return sw_store_each_day(patients->store, &patient->known.id, from, to, note_row,
                             ret);
}

static int refresh(struct patients *patients, const struct patient *patient,
                   struct sw_span span)
{
    struct days days;
    int r = find_days(patients, patient, span, &days);
    for (int32_t day = days.from; r >= 0 && day <= days.to; day++) {
        r = sw_records_refresh(patients->store, patients->zone, patient->known.key,
                               day);
        beat(&patients->beat);
    }
    for (size_t i = 0; r >= 0 && i < days.n; i++) {
        r = sw_records_refresh(patients->store, patients->zone, patient->known.key,
                               days.items[i]);
        beat(&patients->beat);
    }
    free(days.items);
    return r;
}

/* ---- patients ---- */

static int redate_patient(struct redate *redate, struct patients *patients,
                          const struct patient *patient)
{
    struct sw_span touched, todays = span_of_todays(&redate->redating);
    int r = sw_store_redate(patients->store, patient->known.key, &redate->redating,
                            &touched, &redate->sum);
    bool is_touched = touched.from_s != 0 || touched.to_s != 0;
    if (is_touched && touched.from_s < todays.from_s)
        todays.from_s = touched.from_s;
    if (is_touched && touched.to_s > todays.to_s)
        todays.to_s = touched.to_s;
    return r < 0 ? r : refresh(patients, patient, todays);
}

int redate_store(struct redate *redate, struct patients *patients)
{
    int r = 0;
    sw_store_limit_newest(patients->store, redate->redating.newest_s);
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        if (patients->all[i]->known.key != 0)
            r = redate_patient(redate, patients, patients->all[i]);
        beat(&patients->beat); /* months of a clinic take their time */
    }
    return r < 0
               ? r
               : sw_store_redate_rest(patients->store, &redate->redating, &redate->sum);
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

static void add_length(struct sw_line *line, int64_t seconds)
{
    int64_t min = (seconds + MIN_S / 2) / MIN_S;
    if (min >= HOUR_MIN)
        sw_line_add(line, "%" PRId64 " h ", min / HOUR_MIN);
    sw_line_add(line, "%" PRId64 " min", min % HOUR_MIN);
}

void redate_format(const struct redate *redate, char text[static SW_WHY_MAX])
{
    const struct sw_redated *sum = &redate->sum;
    struct sw_line line = sw_line(text, SW_WHY_MAX);
    const char *divider = "; dated anew: ";
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    sw_instant_format(redate->span.from_s, from);
    sw_instant_format(redate->span.to_s, to);
    sw_line_add(&line, "the clock was ");
    if (redate->ahead_s != 0)
        add_length(&line, llabs(redate->ahead_s));
    sw_line_add(&line, "%s%s from %s to %s", redate->ahead_s != 0 ? " " : "",
                redate->ahead_s < 0 ? "behind" : "ahead", from, to);
    add_count(&line, &divider, sum->totals, "total");
    add_count(&line, &divider, sum->pains, "score");
    add_count(&line, &divider, sum->batteries, "level");
    add_count(&line, &divider, sum->heard, "last message");
    divider = "; dropped: ";
    add_count(&line, &divider, sum->dropped, "row");
    divider = "; taken again: ";
    add_count(&line, &divider, sum->refused, "refused");
}
