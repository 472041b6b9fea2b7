/* history.c -- what alerts rest on besides today's minutes.
 *
 * When to read it again is the business of the daemon and of the replay.
 */
#include "records/history.h"

#include <errno.h>
#include <stdlib.h>

#include "records/records.h"

static int keep_steps(void *ctx, const struct sw_day_row *row)
{
    *(int64_t *)ctx = row->steps;
    return 0;
}

static int history_over(const struct sw_days_before *before,
                        const struct sw_eval_input *moment, struct sw_facts *facts)
{
    const struct sw_alert *open = sw_open_alert(moment->alerts, SW_ALERT_OVER);
    int32_t its_day = open ? sw_day_of(moment->zone, open->opened_at_s) : moment->today;
    facts->over_steps = 0;
    if (its_day == moment->today)
        return 0;
    return before->rows(before->ctx, its_day, its_day, keep_steps, &facts->over_steps);
}

static int keep_worn_day(void *ctx, const struct sw_day_row *row)
{
    if (row->active_min + row->still_min == 0)
        return 0;
    *(int32_t *)ctx = row->day;
    return 1; /* the first is enough */
}

/* The stretch ends with the first minute in which the device was worn: on its own day,
 * on a day since, or today, which sw_facts_complete() adds. */
static int history_unworn(const struct sw_days_before *before,
                          const struct sw_eval_input *moment,
                          struct sw_unworn *past_unworn)
{
    const struct sw_alert *open = sw_open_alert(moment->alerts, SW_ALERT_UNWORN);
    int32_t its_day = open ? sw_day_of(moment->zone, open->span.to_s - 1) : 0;
    int32_t worn_day = moment->today;
    if (!open || its_day >= moment->today)
        return 0;
    int r = before->unworn(before->ctx, its_day, open->span.to_s, past_unworn);
    if (r < 0 || past_unworn->worn_at_s != 0)
        return r;
    r = before->rows(before->ctx, its_day + 1, moment->today - 1, keep_worn_day,
                     &worn_day);
    if (r >= 0 && worn_day != moment->today)
        past_unworn->worn_at_s = sw_day_begin(moment->zone, worn_day);
    return r;
}

int sw_history_days(const struct sw_days_before *before,
                    const struct sw_eval_input *moment, struct sw_facts *facts,
                    struct sw_unworn *past_unworn)
{
    int r = 0;
    facts->n_valid_days = 0;
    if (moment->plan->floor > 0) /* else no rule needs them */
        r = before->valid(before->ctx, moment->today, facts->valid_days);
    if (r < 0)
        return r;
    facts->n_valid_days = r;
    r = history_unworn(before, moment, past_unworn);
    return r < 0 ? r : history_over(before, moment, facts);
}

/* ---- as it is stored ---- */

int sw_stored_plan_on(const struct sw_stored_history *history, int32_t day,
                      struct sw_plan *ret)
{
    char why[SW_WHY_MAX];
    int r = sw_store_plan_on(history->store, history->patient->key, day, ret);
    if (r == SW_STORE_NONE)
        *ret = sw_plan_default();
    for (size_t i = 0; i < history->n_sets; i++)
        sw_plan_set(ret, history->sets[i].key, history->sets[i].value, why);
    return r < 0 ? r : 0;
}

struct stored_valid {
    const struct sw_stored_history *history;
    struct sw_valid_day *days;
    int n;
};

static int keep_valid_day(void *ctx, const struct sw_day_row *row)
{
    struct stored_valid *found = ctx;
    struct sw_plan plan;
    int r = sw_stored_plan_on(found->history, row->day, &plan);
    if (r == 0)
        found->days[found->n++] =
            (struct sw_valid_day){row->day, row->steps, plan.floor};
    return r;
}

static int stored_valid(void *ctx, int32_t today,
                        struct sw_valid_day ret[static SW_LOW_DAYS])
{
    struct stored_valid found = {.history = ctx, .days = ret};
    int r = sw_store_last_valid_days(found.history->store, found.history->patient->key,
                                     today, SW_LOW_DAYS, keep_valid_day, &found);
    return r < 0 ? r : found.n;
}

static int stored_rows(void *ctx, int32_t from_day, int32_t to_day,
                       int (*each)(void *ctx, const struct sw_day_row *row),
                       void *each_ctx)
{
    const struct sw_stored_history *history = ctx;
    return sw_store_each_day(history->store, &history->patient->id, from_day, to_day,
                             each, each_ctx);
}

static int stored_unworn(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret)
{
    const struct sw_stored_history *history = ctx;
    struct sw_day *computed = malloc(sizeof(*computed));
    if (!computed)
        return -ENOMEM;
    int r = sw_records_day(history->store, history->zone, history->patient->key, day,
                           computed);
    if (r >= 0)
        *ret = sw_unworn_of(computed, INT64_MAX, to_s);
    free(computed);
    return r;
}

struct sw_days_before sw_stored_days(struct sw_stored_history *history)
{
    return (struct sw_days_before){stored_valid, stored_rows, stored_unworn, history};
}

int sw_stored_pains(const struct sw_stored_history *history, struct sw_facts *facts)
{
    struct sw_day_set scores = {.n_pains = 0};
    int r = sw_store_load_last_pains(history->store, history->patient->key, &scores);
    if (r >= 0)
        sw_facts_from_pains(facts, scores.pains, scores.n_pains);
    sw_day_set_fini(&scores);
    return r;
}

struct stored_batteries {
    struct sw_facts *facts;
    const struct sw_alert *open;
};

static int add_battery(void *ctx, const struct sw_battery *battery)
{
    const struct stored_batteries *found = ctx;
    sw_facts_add_battery(found->facts, battery, found->open);
    return 0;
}

int sw_stored_batteries(const struct sw_stored_history *history,
                        const struct sw_alert *alerts, struct sw_facts *facts)
{
    struct stored_batteries found = {facts, sw_open_alert(alerts, SW_ALERT_BATTERY)};
    sw_facts_clear_batteries(facts);
    return sw_store_each_battery(history->store, history->patient->key, add_battery,
                                 &found);
}
