/* store_clock.c -- which clock dated what came without a time of its own, and
 * dating it anew.
 *
 * When a clock turns out to be wrong, and which days change,
 * is daemon/redate.c's business.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/store_readings.h"

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
    struct sw_query q = sw_query(store, SQL_NEXT_TO_COME);
    sw_bind_int(&q, store->newest_s);
    int r = sw_query_row(&q);
    bool is_none = r > 0 && sw_column_is_null(&q, 0);
    if (r > 0)
        *ret_at_s = sw_column_int(&q, 0);
    r = sw_query_one(&q, r);
    return r == 0 && is_none ? SW_STORE_NONE : r;
}

/* ---- the boots ---- */

static int store_clock_prune(struct sw_store *store, int64_t newest_key)
{
    struct sw_query q = sw_query(store, SQL_PRUNE_CLOCKS);
    sw_bind_int(&q, newest_key);
    return sw_query_run(&q);
}

int sw_store_put_clock(struct sw_store *store, const struct sw_boot_clock *clock)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    struct sw_query q = sw_query(store, SQL_PUT_CLOCK);
    sw_bind_int(&q, clock->key);
    sw_bind_int(&q, clock->boot);
    sw_bind_int(&q, clock->offset_ms);
    sw_bind_int(&q, clock->since_ms);
    sw_bind_int(&q, clock->seen_ms);
    if (clock->has_before)
        sw_bind_int(&q, clock->offset_before_ms);
    else
        sw_bind_null(&q);
    sw_bind_int(&q, clock->reported_at_s);
    r = sw_query_run(&q);
    if (r == 0)
        r = store_clock_prune(store, clock->key);
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

/* Run a statement on the rows of `whose`, a device or a patient, and add the number of
 * changed rows to *count. */
static int run_on(struct sw_store *store, enum sw_sql sql, int64_t whose, int64_t clock,
                  int64_t number, int64_t *count)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, whose);
    sw_bind_int(&q, clock);
    sw_bind_int(&q, number);
    int r = sw_query_run(&q);
    if (r == 0 && count)
        *count += sw_changes(store);
    return r;
}

static int give_back(struct sw_store *store, enum sw_sql sql, int64_t whose,
                     int64_t clock)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, whose);
    sw_bind_int(&q, clock);
    return sw_query_run(&q);
}

/* The span from the clock's first row to its last: 0 or SW_STORE_NONE. */
static int span_of_clock(struct sw_store *store, enum sw_sql sql, int64_t whose,
                         int64_t clock, struct sw_span *ret)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, whose);
    sw_bind_int(&q, clock);
    int r = sw_query_row(&q);
    bool is_none = r > 0 && sw_column_is_null(&q, 0);
    if (r > 0)
        *ret = (struct sw_span){sw_column_int(&q, 0), sw_column_int(&q, 1)};
    r = sw_query_one(&q, r);
    return r == 0 && is_none ? SW_STORE_NONE : r;
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

struct redate {
    struct sw_store *store;
    const struct sw_redating *redating;
    struct sw_span *touched;
    struct sw_redated *sum;
};

/* Move all rows of total or pain, or drop those in the future. */
static int move_rows(const struct redate *redate, bool is_total, int64_t whose)
{
    const struct sw_redating *redating = redate->redating;
    struct sw_store *store = redate->store;
    struct sw_redated *sum = redate->sum;
    if (redating->drops)
        return run_on(store, is_total ? SQL_DROP_TOTALS : SQL_DROP_PAINS, whose,
                      redating->clock, redating->newest_s, &sum->dropped);
    int r =
        run_on(store, is_total ? SQL_REDATE_TOTALS : SQL_REDATE_PAINS, whose,
               redating->clock, redating->by_s, is_total ? &sum->totals : &sum->pains);
    return r < 0 ? r
                 : give_back(store, is_total ? SQL_REDATED_TOTALS : SQL_REDATED_PAINS,
                             whose, redating->clock);
}

static int redate_totals(void *ctx, int64_t device_key, const char *id)
{
    const struct redate *redate = ctx;
    const struct sw_redating *redating = redate->redating;
    struct sw_span span;
    (void)id;
    int r = span_of_clock(redate->store, SQL_TOTALS_OF_CLOCK, device_key,
                          redating->clock, &span);
    if (r != 0)
        return r < 0 ? r : 0;
    r = touch_totals(redate->store, device_key, span, redate->touched);
    if (r == 0)
        r = move_rows(redate, true, device_key);
    span.from_s += redating->by_s;
    span.to_s += redating->by_s;
    return r < 0 ? r : touch_totals(redate->store, device_key, span, redate->touched);
}

static int redate_pains(const struct redate *redate, int64_t patient_key)
{
    const struct sw_redating *redating = redate->redating;
    struct sw_span span;
    int r = span_of_clock(redate->store, SQL_PAINS_OF_CLOCK, patient_key,
                          redating->clock, &span);
    if (r != 0)
        return r < 0 ? r : 0;
    touch(redate->touched, span.from_s, span.to_s);
    touch(redate->touched, span.from_s + redating->by_s, span.to_s + redating->by_s);
    return move_rows(redate, false, patient_key);
}

/* An alert moves along with the rows it rests on, or it would end for
 * a false reason. */
static int redate_alerts(const struct redate *redate, int64_t patient_key)
{
    static const enum sw_sql sqls[] = {SQL_REDATE_SILENCE, SQL_REDATE_REST,
                                       SQL_REDATE_PAIN};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof sqls / sizeof *sqls; i++)
        r = run_on(redate->store, sqls[i], patient_key, redate->redating->clock,
                   redate->redating->by_s, NULL);
    return r;
}

static int redate_batteries(const struct redate *redate, int64_t patient_key)
{
    const struct sw_redating *redating = redate->redating;
    return redating->drops
               ? run_on(redate->store, SQL_DROP_BATTERIES, patient_key, redating->clock,
                        redating->newest_s, &redate->sum->dropped)
               : run_on(redate->store, SQL_REDATE_BATTERIES, patient_key,
                        redating->clock, redating->by_s, &redate->sum->batteries);
}

/* A message that was received cannot be in the future by any clock. */
static int redate_heard(const struct redate *redate, int64_t patient_key)
{
    const struct sw_redating *redating = redate->redating;
    int r = 0;
    if (!redating->drops)
        r = run_on(redate->store, SQL_REDATE_HEARD, patient_key, redating->clock,
                   redating->by_s, &redate->sum->heard);
    return r < 0
               ? r
               : give_back(redate->store, SQL_CUT_HEARD, patient_key, redating->now_s);
}

static int store_clock_redate_patient(const struct redate *redate, int64_t patient_key)
{
    int r = 0;
    if (!redate->redating->drops)
        r = redate_alerts(redate, patient_key);
    if (r == 0)
        r = sw_readings_each_device(redate->store, patient_key, redate_totals,
                                    (void *)(uintptr_t)redate);
    if (r == 0)
        r = redate_pains(redate, patient_key);
    if (r == 0)
        r = redate_batteries(redate, patient_key);
    return r == 0 ? redate_heard(redate, patient_key) : r;
}

int sw_store_redate(struct sw_store *store, int64_t patient_key,
                    const struct sw_redating *redating, struct sw_span *ret_touched,
                    struct sw_redated *sum)
{
    struct redate redate = {store, redating, ret_touched, sum};
    bool own;
    *ret_touched = (struct sw_span){0, 0};
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    return sw_atomic_end(store, own, store_clock_redate_patient(&redate, patient_key));
}

int sw_store_counted_span(struct sw_store *store, int64_t patient_key,
                          struct sw_span *ret)
{
    struct sw_query q = sw_query(store, SQL_COUNTED_SPAN);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, store->newest_s);
    int r = sw_query_row(&q);
    bool is_none = r > 0 && sw_column_is_null(&q, 1);
    if (r > 0)
        *ret = (struct sw_span){sw_column_int(&q, 0), sw_column_int(&q, 1)};
    r = sw_query_one(&q, r);
    return r == 0 && is_none ? SW_STORE_NONE : r;
}

/* ---- what is not a patient's ---- */

static int run_with(struct sw_store *store, enum sw_sql sql, int64_t first,
                    int64_t second, int64_t *count)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, first);
    sw_bind_int(&q, second);
    int r = sw_query_run(&q);
    if (r == 0 && count)
        *count += sw_changes(store);
    return r;
}

static int redate_rest(struct sw_store *store, const struct sw_redating *redating,
                       struct sw_redated *sum)
{
    int r = run_with(store, SQL_RETRY_MISDATED, redating->clock, redating->since_s,
                     &sum->refused);
    if (r == 0)
        r = run_with(store, SQL_REDATE_REJECTED, redating->clock, redating->by_s, NULL);
    bool was_ahead = redating->by_s < 0;
    if (r == 0 && was_ahead)
        r = run_with(store, SQL_REDATE_SHELVED, redating->now_s, redating->by_s, NULL);
    if (r == 0 && was_ahead)
        r = run_with(store, SQL_REDATE_INCIDENTS, redating->now_s, redating->by_s,
                     NULL);
    return r;
}

int sw_store_redate_rest(struct sw_store *store, const struct sw_redating *redating,
                         struct sw_redated *sum)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    return sw_atomic_end(store, own,
                         redating->drops ? 0 : redate_rest(store, redating, sum));
}
