/* store_clock.c -- which clock dated what came without a time of its own, and
 * dating it anew.
 *
 * When a clock turns out to be wrong, and which days change,
 * is daemon/redate.c's business.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/store_private.h"

enum { CLOCK_OWN = 0, CLOCK_UNSURE = -1 }; /* values of `clock` besides keys */

int64_t sw_clock_of(const struct sw_store *store, enum sw_stamp stamp)
{
    if (stamp == SW_STAMP_OWN)
        return CLOCK_OWN;
    bool is_known = stamp == SW_STAMP_RECEIPT && store->clock != 0;
    return is_known ? store->clock : CLOCK_UNSURE;
}

enum sw_stamp sw_stamp_of(int64_t clock)
{
    if (clock == CLOCK_OWN)
        return SW_STAMP_OWN;
    return clock == CLOCK_UNSURE ? SW_STAMP_UNSURE : SW_STAMP_RECEIPT;
}

enum sw_stamp sw_stamp_in_use(const struct sw_store *store, int64_t clock)
{
    return store->clock != 0 && clock == store->clock ? SW_STAMP_RECEIPT
                                                      : SW_STAMP_UNSURE;
}

void sw_store_use_clock(struct sw_store *store, int64_t key)
{
    store->clock = key;
}

void sw_store_limit_newest(struct sw_store *store, int64_t newest_s)
{
    store->newest_s = newest_s;
}

int sw_store_next_to_come(struct sw_store *store, int64_t *ret_at_s)
{
    struct sw_query q = sw_query_with(store, SQL_NEXT_TO_COME, sw_int(store->newest_s));
    int r = sw_query_row(&q);
    bool is_none = r > 0 && sw_column_is_null(&q, 0);
    if (r > 0)
        *ret_at_s = sw_column_int(&q, 0);
    r = sw_query_one(&q, r);
    return r == 0 && is_none ? SW_STORE_NONE : r;
}

/* ---- the boots ---- */

int sw_store_put_clock(struct sw_store *store, const struct sw_boot_clock *clock)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_PUT_CLOCK, sw_int(clock->key), sw_int(clock->boot),
                        sw_int(clock->offset_ms), sw_int(clock->since_ms),
                        sw_int(clock->seen_ms),
                        clock->has_before ? sw_int(clock->offset_before_ms) : sw_null(),
                        sw_int(clock->reported_at_s));
    if (r == 0)
        r = sw_run_with(store, SQL_PRUNE_CLOCKS, sw_int(clock->key));
    return sw_atomic_end(store, own, r);
}

int sw_store_last_clock(struct sw_store *store, struct sw_boot_clock *ret)
{
    struct sw_query q = sw_query(store, SQL_LAST_CLOCK);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret = (struct sw_boot_clock){
            .key = sw_column_int(&q, 0),
            .boot = (uint32_t)sw_column_int(&q, 1),
            .offset_ms = sw_column_int(&q, 2),
            .since_ms = sw_column_int(&q, 3),
            .seen_ms = sw_column_int(&q, 4),
            .has_before = !sw_column_is_null(&q, 5),
            .offset_before_ms = sw_column_int(&q, 5),
            .reported_at_s = sw_column_int(&q, 6),
        };
    return sw_query_one(&q, r);
}

/* ---- dating anew ---- */

struct redate {
    struct sw_store *store;
    const struct sw_redating *redating;
    struct sw_span *touched;
    struct sw_redated *sum;
};

/* Run a statement on the clock's rows of `whose`, a device or a patient, and add the
 * number of changed rows to *count. */
static int redate_run(const struct redate *redate, enum sw_sql sql, int64_t whose,
                      int64_t number, int64_t *count)
{
    int r = sw_run_with(redate->store, sql, sw_int(whose),
                        sw_int(redate->redating->clock), sw_int(number));
    if (r == 0 && count)
        *count += sw_changes(redate->store);
    return r;
}

static void touch(struct sw_span *touched, int64_t from_s, int64_t to_s)
{
    bool is_first = touched->from_s == 0 && touched->to_s == 0;
    touched->from_s = is_first || from_s < touched->from_s ? from_s : touched->from_s;
    touched->to_s = is_first || to_s > touched->to_s ? to_s : touched->to_s;
}

/* Include the totals on either side: the steps counted between them change too. */
static int touch_totals(struct sw_store *store, int64_t device_key, struct sw_span span,
                        struct sw_span *touched)
{
    const int64_t ends[] = {span.from_s, span.to_s};
    struct sw_span beside;
    int r = 0;
    for (size_t i = 0; r == 0 && i < 2; i++) {
        r = sw_total_neighbours(store, device_key, ends[i], &beside);
        if (r == 0)
            touch(touched, beside.from_s, beside.to_s);
    }
    return r;
}

struct redate_sqls { /* on table total or pain */
    enum sw_sql span, drop, move, moved;
};

/* From the clock's first row to its last: 0 or SW_STORE_NONE. */
static int redate_span(const struct redate *redate, enum sw_sql sql, int64_t whose,
                       struct sw_span *ret)
{
    return sw_query_span(sw_query_with(redate->store, sql, sw_int(whose),
                                       sw_int(redate->redating->clock)),
                         ret);
}

/* Move all rows of total or pain, or drop those in the future. */
static int redate_rows(const struct redate *redate, const struct redate_sqls *sqls,
                       int64_t whose, int64_t *moved)
{
    const struct sw_redating *redating = redate->redating;
    if (redating->drops)
        return redate_run(redate, sqls->drop, whose, redating->newest_s,
                          &redate->sum->dropped);
    int r = redate_run(redate, sqls->move, whose, redating->by_s, moved);
    return r < 0 ? r
                 : sw_run_with(redate->store, sqls->moved, sw_int(whose),
                               sw_int(redating->clock));
}

static int redate_totals(void *ctx, int64_t device_key, const char *id)
{
    static const struct redate_sqls sqls = {SQL_TOTALS_OF_CLOCK, SQL_DROP_TOTALS,
                                            SQL_REDATE_TOTALS, SQL_REDATED_TOTALS};
    const struct redate *redate = ctx;
    struct sw_span span;
    (void)id;
    int r = redate_span(redate, sqls.span, device_key, &span);
    if (r != 0)
        return r < 0 ? r : 0;
    r = touch_totals(redate->store, device_key, span, redate->touched);
    if (r == 0)
        r = redate_rows(redate, &sqls, device_key, &redate->sum->totals);
    span.from_s += redate->redating->by_s;
    span.to_s += redate->redating->by_s;
    return r < 0 ? r : touch_totals(redate->store, device_key, span, redate->touched);
}

static int redate_pains(const struct redate *redate, int64_t patient_key)
{
    static const struct redate_sqls sqls = {SQL_PAINS_OF_CLOCK, SQL_DROP_PAINS,
                                            SQL_REDATE_PAINS, SQL_REDATED_PAINS};
    int64_t by_s = redate->redating->by_s;
    struct sw_span span;
    int r = redate_span(redate, sqls.span, patient_key, &span);
    if (r != 0)
        return r < 0 ? r : 0;
    touch(redate->touched, span.from_s, span.to_s);
    touch(redate->touched, span.from_s + by_s, span.to_s + by_s);
    return redate_rows(redate, &sqls, patient_key, &redate->sum->pains);
}

/* An alert moves along with the rows it rests on, or it would end for a false reason.
 * A message that was received cannot be in the future by any clock. */
static int redate_patient(struct redate *redate, int64_t patient_key)
{
    static const enum sw_sql of_alerts[] = {SQL_REDATE_SILENCE, SQL_REDATE_REST,
                                            SQL_REDATE_PAIN};
    const struct sw_redating *redating = redate->redating;
    struct sw_redated *sum = redate->sum;
    size_t n_alerts = redating->drops ? 0 : sizeof of_alerts / sizeof *of_alerts;
    int r = 0;
    for (size_t i = 0; r == 0 && i < n_alerts; i++)
        r = redate_run(redate, of_alerts[i], patient_key, redating->by_s, NULL);
    if (r == 0)
        r = sw_readings_each_device(redate->store, patient_key, redate_totals, redate);
    if (r == 0)
        r = redate_pains(redate, patient_key);
    if (r == 0 && redating->drops)
        r = redate_run(redate, SQL_DROP_BATTERIES, patient_key, redating->newest_s,
                       &sum->dropped);
    if (r == 0 && !redating->drops)
        r = redate_run(redate, SQL_REDATE_BATTERIES, patient_key, redating->by_s,
                       &sum->batteries);
    if (r == 0 && !redating->drops)
        r = redate_run(redate, SQL_REDATE_HEARD, patient_key, redating->by_s,
                       &sum->heard);
    if (r == 0)
        r = sw_run_with(redate->store, SQL_CUT_HEARD, sw_int(patient_key),
                        sw_int(redating->now_s));
    return r;
}

int sw_store_redate(struct sw_store *store, int64_t patient_key,
                    const struct sw_redating *redating, struct sw_span *ret_touched,
                    struct sw_redated *sum)
{
    struct redate redate = {store, redating, ret_touched, sum};
    bool own;
    *ret_touched = (struct sw_span){0, 0};
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = redate_patient(&redate, patient_key);
    return sw_atomic_end(store, own, r);
}

int sw_store_counted_span(struct sw_store *store, int64_t patient_key,
                          struct sw_span *ret)
{
    return sw_query_span(sw_query_with(store, SQL_COUNTED_SPAN, sw_int(patient_key),
                                       sw_int(store->newest_s)),
                         ret);
}

/* ---- what is not a patient's ---- */

int sw_store_redate_rest(struct sw_store *store, const struct sw_redating *redating,
                         struct sw_redated *sum)
{
    struct sw_value clock = sw_int(redating->clock), by_s = sw_int(redating->by_s);
    struct sw_value now_s = sw_int(redating->now_s);
    bool was_ahead = redating->by_s < 0, own;
    if (redating->drops)
        return 0;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_RETRY_MISDATED, clock, sw_int(redating->since_s));
    if (r == 0)
        sum->refused += sw_changes(store);
    if (r == 0)
        r = sw_run_with(store, SQL_REDATE_REJECTED, clock, by_s);
    if (r == 0 && was_ahead)
        r = sw_run_with(store, SQL_REDATE_SHELVED, now_s, by_s);
    if (r == 0 && was_ahead)
        r = sw_run_with(store, SQL_REDATE_INCIDENTS, now_s, by_s);
    return sw_atomic_end(store, own, r);
}
