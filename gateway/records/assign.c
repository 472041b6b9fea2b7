/* assign.c -- a device changes hands: store the assignment, move the readings, and
 * compute the changed days anew. */
#include "records/assign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "util/array.h"

/* Every patient who ever wore the device, each once. */
struct holders {
    struct sw_assignment *items;
    size_t n, cap;
};

static bool assign_is_listed(const struct holders *holders, int64_t patient_key)
{
    for (size_t i = 0; i < holders->n; i++)
        if (holders->items[i].patient_key == patient_key)
            return true;
    return false;
}

static int note_holder(void *ctx, const struct sw_assignment *assignment)
{
    struct holders *holders = ctx;
    bool is_news = assignment->patient_key != 0 &&
                   !assign_is_listed(holders, assignment->patient_key);
    if (!is_news)
        return 0;
    int r = GROW(holders->items, holders->n, holders->cap);
    if (r == 0)
        holders->items[holders->n++] = *assignment;
    return r;
}

/* The span for which the new assignment holds. */
struct until {
    int64_t from_s, to_s;
};

static int note_until(void *ctx, const struct sw_assignment *assignment)
{
    struct until *until = ctx;
    bool is_within =
        assignment->from_s <= until->from_s && until->from_s < assignment->to_s;
    if (is_within)
        until->to_s = assignment->to_s;
    return 0;
}

/* ---- the days that change ---- */

struct days {
    int32_t *items;
    size_t n, cap;
};

static int assign_note_day(void *ctx, const struct sw_day_row *row)
{
    struct days *days = ctx;
    int r = GROW(days->items, days->n, days->cap);
    if (r == 0)
        days->items[days->n++] = row->day;
    return r;
}

static int assign_by_day(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void leave_each_once(struct days *days)
{
    size_t n = 0;
    if (days->n > 1)
        qsort(days->items, days->n, sizeof *days->items, assign_by_day);
    for (size_t i = 0; i < days->n; i++)
        if (n == 0 || days->items[i] != days->items[n - 1])
            days->items[n++] = days->items[i];
    days->n = n;
}

/* Every stored day of the holders that may change: a counter's difference reaches back
 * to its last total before. */
static int gather_days(struct sw_store *store, const struct sw_zone *zone,
                       const struct sw_device_id *device, const struct holders *holders,
                       int64_t from_s, struct days *days)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < holders->n; i++) {
        const struct sw_assignment *holder = &holders->items[i];
        struct sw_span span = {from_s, from_s};
        r = sw_store_total_span(store, holder->patient_key, device, from_s, &span);
        if (r >= 0) /* a reading that begins the day before may reach into it */
            r = sw_store_each_day(store, &holder->patient,
                                  sw_day_of(zone, span.from_s) - 1, INT32_MAX,
                                  assign_note_day, days);
    }
    leave_each_once(days);
    return r < 0 ? r : 0;
}

static int assign_refresh(struct sw_store *store, const struct sw_zone *zone,
                          const struct holders *holders, const struct days *days)
{
    int r = 0;
    for (size_t i = 0; i < holders->n; i++)
        for (size_t d = 0; r >= 0 && d < days->n; d++)
            r = sw_records_refresh(store, zone, holders->items[i].patient_key,
                                   days->items[d]);
    return r;
}

/* ---- all of it ---- */

static int move_readings(struct sw_store *store, const struct sw_device_id *device,
                         const struct holders *holders, int64_t patient_key,
                         const struct until *until)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && patient_key != 0 && i < holders->n; i++)
        r = sw_store_move_device(store, device, holders->items[i].patient_key,
                                 patient_key, until->from_s, until->to_s);
    return r;
}

int sw_records_assign(struct sw_store *store, const struct sw_zone *zone,
                      const struct sw_device_id *device, int64_t patient_key,
                      int64_t from_s)
{
    struct holders holders = {.n = 0};
    struct days days = {.n = 0};
    struct until until = {from_s, INT64_MAX};
    int r = sw_store_each_assignment(store, device, note_holder, &holders);
    if (r >= 0)
        r = sw_store_put_assignment(store, device, from_s, patient_key);
    if (r >= 0) /* the new wearer is a holder too */
        r = sw_store_each_assignment(store, device, note_holder, &holders);
    if (r >= 0)
        r = sw_store_each_assignment(store, device, note_until, &until);
    if (r >= 0)
        r = gather_days(store, zone, device, &holders, from_s, &days);
    if (r >= 0)
        r = move_readings(store, device, &holders, patient_key, &until);
    if (r >= 0)
        r = assign_refresh(store, zone, &holders, &days);
    free(holders.items);
    free(days.items);
    return r < 0 ? r : 0;
}
