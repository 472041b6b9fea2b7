/* replay_store.c -- a patient's past from the store.
 *
 * Times of receipt are not stored: a reading counts as received when it ended. So too
 * the past of batteries: nothing is said of it.
 */
#include "book/replay_store.h"

#include <errno.h>
#include <stdlib.h>

enum { SPANS_MAX = 10000 }; /* as many as the store keeps */

void sw_replay_apply(struct sw_plan *plan, const struct sw_replay_set *sets, size_t n)
{
    char why[SW_WHY_MAX];
    for (size_t i = 0; i < n; i++)
        sw_plan_set(plan, sets[i].key, sets[i].value, why);
}

static int plan_on(void *ctx, int32_t day, struct sw_plan *ret)
{
    const struct sw_replay_store *past = ctx;
    int r = sw_store_plan_on(past->store, past->patient.key, day, ret);
    if (r == SW_STORE_NONE)
        *ret = sw_plan_default();
    if (r < 0)
        return r;
    sw_replay_apply(ret, past->sets, past->n_sets);
    return 0;
}

/* ---- before the replay ---- */

struct valid_days {
    struct sw_replay_store *past;
    struct sw_replay_start *start;
};

static int keep_valid_day(void *ctx, const struct sw_day_row *row)
{
    const struct valid_days *days = ctx;
    struct sw_replay_start *start = days->start;
    struct sw_plan plan;
    int r = plan_on(days->past, row->day, &plan);
    if (r < 0)
        return r;
    start->valid_days[start->n_valid_days++] =
        (struct sw_valid_day){row->day, row->steps, plan.floor};
    return 0;
}

static int start(void *ctx, struct sw_replay_start *ret)
{
    struct sw_replay_store *past = ctx;
    struct valid_days days = {past, ret};
    int64_t begin_s = sw_day_begin(past->zone, past->from_day);
    int64_t key = past->patient.key;
    ret->added_at_s = past->patient.added_at_s;
    int r = sw_store_last_said(past->store, key, begin_s, &ret->heard_at_s);
    if (r >= 0)
        r = sw_store_load_pains(past->store, key, 0, begin_s, &ret->scores);
    if (r >= 0)
        r = sw_store_last_valid_days(past->store, key, past->from_day, SW_LOW_DAYS,
                                     keep_valid_day, &days);
    return r < 0 ? r : 0;
}

/* ---- a day ---- */

static int load(void *ctx, int32_t day, struct sw_arrivals *ret)
{
    const struct sw_replay_store *past = ctx;
    struct sw_day_set set = {0};
    int r =
        sw_store_load_day(past->store, past->patient.key, sw_day_begin(past->zone, day),
                          sw_day_begin(past->zone, day + 1), &set);
    if (r >= 0)
        r = sw_arrivals_add_set(ret, &set);
    sw_day_set_fini(&set);
    return r < 0 ? r : sw_arrivals_prepare(ret);
}

static const char *device(void *ctx, int64_t device_key)
{
    (void)ctx;
    (void)device_key;
    return NULL;
}

struct sw_replay_source sw_replay_store_source(struct sw_replay_store *past)
{
    return (struct sw_replay_source){start, load, plan_on, device, past};
}

/* ---- when the gateway was connected ---- */

int sw_replay_watched(struct sw_store *store, struct sw_spans *ret)
{
    struct sw_span *spans = calloc(SPANS_MAX, sizeof *spans);
    size_t n = 0;
    if (!spans)
        return -ENOMEM;
    int r = sw_store_get_watched(store, spans, SPANS_MAX, &n);
    if (r < 0) {
        free(spans);
        return r;
    }
    for (size_t i = 0; i < n / 2; i++) { /* they come the newest first */
        struct sw_span kept = spans[i];
        spans[i] = spans[n - 1 - i];
        spans[n - 1 - i] = kept;
    }
    *ret = (struct sw_spans){spans, n};
    return 0;
}
