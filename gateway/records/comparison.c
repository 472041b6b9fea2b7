/* comparison.c -- the alerts of a replay beside those there were: gathered and paired. */
#include "records/comparison.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/replay_store.h"
#include "stepward/rule.h"
#include "util/array.h"

static bool is_there(const struct sw_alert *alert)
{
    return alert->state != SW_STATE_NONE;
}

static bool is_in(const struct sw_comparison *comparison, const struct sw_alert *alert)
{
    bool is_over_before =
        alert->closed_at_s != 0 && alert->closed_at_s < comparison->window.from_s;
    return alert->opened_at_s < comparison->window.to_s && !is_over_before;
}

static struct sw_compared *add_pair(struct sw_comparison *comparison)
{
    if (GROW(comparison->pairs, comparison->n_pairs, comparison->cap_pairs) < 0)
        return NULL;
    comparison->pairs[comparison->n_pairs] = (struct sw_compared){.was = {.rev = 0}};
    return &comparison->pairs[comparison->n_pairs++];
}

static int note_stored(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct sw_comparison *comparison = ctx;
    (void)patient_key;
    if (!is_in(comparison, alert))
        return 0;
    struct sw_compared *pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->was = *alert;
    return 0;
}

static int add_stored(struct sw_comparison *comparison, struct sw_store *store,
                      const struct sw_patient_id *patient)
{
    struct sw_alert_filter filter = {.patient = *patient,
                                     .closed_too = true,
                                     .updated_from_s = comparison->window.from_s};
    return sw_store_each_alert(store, &filter, note_stored, comparison);
}

/* ---- the replay ---- */

/* The pair of an alert that had an event before; the newest pairs come last. */
static struct sw_compared *find_published(struct sw_comparison *comparison,
                                          const struct sw_alert *alert)
{
    for (size_t i = comparison->n_pairs; i > 0; i--) {
        const struct sw_alert *would = &comparison->pairs[i - 1].would;
        bool is_it = would->kind == alert->kind &&
                     would->opened_at_s == alert->opened_at_s &&
                     strcmp(would->patient.str, alert->patient.str) == 0;
        if (is_there(would) && is_it)
            return &comparison->pairs[i - 1];
    }
    return NULL;
}

static int note_event(void *ctx, const struct sw_replay_event *event)
{
    struct sw_comparison *comparison = ctx;
    struct sw_compared *pair = find_published(comparison, event->alert);
    int64_t now_s = event->facts->now_s;
    if (!pair)
        pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->would = *event->alert;
    if (now_s < comparison->window.from_s)
        return 0;
    int r = GROW(comparison->events, comparison->n_events, comparison->cap_events);
    if (r == 0)
        comparison->events[comparison->n_events++] =
            (struct sw_replayed_event){*event->alert, event->effect->change, now_s};
    return r;
}

void sw_comparison_listen(struct sw_comparison *comparison, struct sw_replay *replay)
{
    replay->each = note_event;
    replay->ctx = comparison;
}

/* ---- beside each other ---- */

static const struct sw_alert *either(const struct sw_compared *pair)
{
    return is_there(&pair->would) ? &pair->would : &pair->was;
}

static int by_patient_and_time(const void *a, const void *b)
{
    const struct sw_alert *x = either(a), *y = either(b);
    int order = strcmp(x->patient.str, y->patient.str);
    if (order != 0)
        return order;
    if (x->opened_at_s != y->opened_at_s)
        return x->opened_at_s < y->opened_at_s ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

/* The first stored alert without a partner that is of the same patient and kind, and
 * overlaps it in time. */
static struct sw_compared *find_lone(struct sw_comparison *comparison,
                                     const struct sw_alert *would)
{
    int64_t would_to_s = would->closed_at_s ? would->closed_at_s : INT64_MAX;
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct sw_compared *pair = &comparison->pairs[i];
        const struct sw_alert *was = &pair->was;
        int64_t was_to_s = was->closed_at_s ? was->closed_at_s : INT64_MAX;
        if (is_there(was) && !is_there(&pair->would) && was->kind == would->kind &&
            was->opened_at_s <= would_to_s && would->opened_at_s <= was_to_s &&
            strcmp(was->patient.str, would->patient.str) == 0)
            return pair;
    }
    return NULL;
}

static void sort_pairs(struct sw_comparison *comparison)
{
    if (comparison->n_pairs > 1)
        qsort(comparison->pairs, comparison->n_pairs, sizeof *comparison->pairs,
              by_patient_and_time);
}

void sw_comparison_match(struct sw_comparison *comparison)
{
    for (size_t i = 0; i < comparison->n_pairs; i++)
        if (!is_in(comparison, &comparison->pairs[i].would)) /* it closed before */
            comparison->pairs[i].would = (struct sw_alert){.rev = 0};
    sort_pairs(comparison);
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct sw_compared *pair = &comparison->pairs[i];
        if (!is_there(&pair->would) || is_there(&pair->was))
            continue;
        struct sw_compared *lone = find_lone(comparison, &pair->would);
        if (!lone)
            continue;
        pair->was = lone->was;
        lone->was = (struct sw_alert){.rev = 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < comparison->n_pairs; i++)
        if (either(&comparison->pairs[i])->state != SW_STATE_NONE)
            comparison->pairs[n++] = comparison->pairs[i];
    comparison->n_pairs = n;
    sort_pairs(comparison);
}

bool sw_comparison_is_from_before(const struct sw_comparison *comparison,
                                  const struct sw_compared *pair)
{
    return is_there(&pair->would) && pair->would.opened_at_s < comparison->knows_from_s;
}

void sw_comparison_fini(struct sw_comparison *comparison)
{
    free(comparison->pairs);
    free(comparison->events);
}

/* ---- all of what is stored ---- */

static void drop_unknown_pasts(struct sw_comparison *comparison)
{
    size_t n = 0;
    for (size_t i = 0; i < comparison->n_pairs; i++)
        if (!(sw_rule(comparison->pairs[i].was.kind)->traits & SW_RULE_PAST_UNKNOWN))
            comparison->pairs[n++] = comparison->pairs[i];
    comparison->n_pairs = n;
}

int sw_comparison_stored(const struct sw_comparison_order *order,
                         const struct sw_patient *patients, size_t n,
                         struct sw_comparison *ret, bool *ret_knows_online)
{
    struct sw_replay_store past = {.from = {.store = order->store,
                                            .zone = order->zone,
                                            .sets = order->sets,
                                            .n_sets = order->n_sets},
                                   .is_always = order->is_always};
    struct sw_replay replay = {.from_day = order->from_day - SW_REPLAY_WARM_UP_DAYS,
                               .to_day = order->to_day,
                               .until_s = order->now_s};
    int64_t end_s = sw_day_begin(order->zone, order->to_day + 1);
    *ret = (struct sw_comparison){
        .zone = order->zone,
        .n_days = order->to_day - order->from_day + 1,
        .window = {sw_day_begin(order->zone, order->from_day),
                   end_s < order->now_s ? end_s : order->now_s + 1},
        .knows_from_s = sw_day_begin(order->zone, replay.from_day + 1)};
    int r = sw_replay_store_open(&past);
    sw_comparison_listen(ret, &replay);
    for (size_t i = 0; r >= 0 && i < n; i++) {
        r = add_stored(ret, order->store, &patients[i].id);
        if (r >= 0)
            r = sw_replay_stored(&past, &replay, &patients[i]);
    }
    *ret_knows_online = past.knows_watched;
    sw_replay_store_fini(&past);
    drop_unknown_pasts(ret);
    sw_comparison_match(ret);
    return r < 0 ? r : 0;
}
