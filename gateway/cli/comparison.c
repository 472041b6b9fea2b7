/* comparison.c -- gather the alerts of a replay, and find those that there were.
 * How they are shown is cmd_replay.c's business. */
#include "cli/comparison.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static bool is_in(const struct comparison *comparison, const struct sw_alert *alert)
{
    bool is_over_before =
        alert->closed_at_s != 0 && alert->closed_at_s < comparison->window.from_s;
    return alert->opened_at_s < comparison->window.to_s && !is_over_before;
}

static struct comparison_pair *add_pair(struct comparison *comparison)
{
    if (GROW(comparison->pairs, comparison->n_pairs, comparison->cap_pairs) < 0)
        return NULL;
    comparison->pairs[comparison->n_pairs] =
        (struct comparison_pair){.was = {.rev = 0}};
    return &comparison->pairs[comparison->n_pairs++];
}

static int note_stored(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct comparison *comparison = ctx;
    (void)patient_key;
    if (!is_in(comparison, alert))
        return 0;
    struct comparison_pair *pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->was = *alert;
    return 0;
}

int comparison_add_stored(struct comparison *comparison,
                          const struct sw_patient_id *patient)
{
    struct sw_alert_filter filter = {.patient = *patient,
                                     .closed_too = true,
                                     .updated_from_s = comparison->window.from_s};
    return sw_store_each_alert(comparison->cli->store, &filter, note_stored,
                               comparison);
}

/* ---- the replay ---- */

static int add_event(struct comparison *comparison, const struct sw_replay_event *event)
{
    int r = GROW(comparison->events, comparison->n_events, comparison->cap_events);
    if (r < 0)
        return r;
    comparison->events[comparison->n_events++] = (struct comparison_event){
        *event->alert, event->effect->change, event->facts->now_s};
    return 0;
}

/* The pair of an alert that was told of before; the newest come last. */
static struct comparison_pair *find_published(struct comparison *comparison,
                                              const struct sw_alert *alert)
{
    for (size_t i = comparison->n_pairs; i > 0; i--) {
        const struct sw_alert *would = &comparison->pairs[i - 1].would;
        bool is_it = would->kind == alert->kind &&
                     would->opened_at_s == alert->opened_at_s &&
                     strcmp(would->patient.str, alert->patient.str) == 0;
        if (would->state != SW_STATE_NONE && is_it)
            return &comparison->pairs[i - 1];
    }
    return NULL;
}

static int note_event(void *ctx, const struct sw_replay_event *event)
{
    struct comparison *comparison = ctx;
    struct comparison_pair *pair = find_published(comparison, event->alert);
    bool is_early = event->facts->now_s < comparison->window.from_s;
    if (!pair)
        pair = add_pair(comparison);
    if (!pair)
        return -ENOMEM;
    pair->would = *event->alert;
    return is_early ? 0 : add_event(comparison, event);
}

void tale_leave_out_early(struct comparison *comparison)
{
    size_t n = 0;
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct sw_alert *would = &comparison->pairs[i].would;
        bool is_early = would->state != SW_STATE_NONE && !is_in(comparison, would);
        if (!is_early)
            comparison->pairs[n++] = comparison->pairs[i];
    }
    comparison->n_pairs = n;
}

void tale_listen(struct comparison *comparison, struct sw_replay *replay)
{
    replay->each = note_event;
    replay->ctx = comparison;
}

/* ---- beside each other ---- */

static const struct sw_alert *either(const struct comparison_pair *pair)
{
    return pair->would.state != SW_STATE_NONE ? &pair->would : &pair->was;
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

static bool is_same(const struct sw_alert *was, const struct sw_alert *would)
{
    int64_t was_to_s = was->closed_at_s ? was->closed_at_s : INT64_MAX;
    int64_t would_to_s = would->closed_at_s ? would->closed_at_s : INT64_MAX;
    return was->kind == would->kind && was->opened_at_s <= would_to_s &&
           would->opened_at_s <= was_to_s &&
           strcmp(was->patient.str, would->patient.str) == 0;
}

/* The first lone one there was that is the same. */
static struct comparison_pair *find_lone(struct comparison *comparison,
                                         const struct sw_alert *would)
{
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct comparison_pair *pair = &comparison->pairs[i];
        bool is_lone =
            pair->was.state != SW_STATE_NONE && pair->would.state == SW_STATE_NONE;
        if (is_lone && is_same(&pair->was, would))
            return pair;
    }
    return NULL;
}

static void sort(struct comparison *comparison)
{
    if (comparison->n_pairs > 1)
        qsort(comparison->pairs, comparison->n_pairs, sizeof *comparison->pairs,
              by_patient_and_time);
}

void comparison_match(struct comparison *comparison)
{
    sort(comparison);
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        struct comparison_pair *pair = &comparison->pairs[i];
        if (pair->would.state == SW_STATE_NONE || pair->was.state != SW_STATE_NONE)
            continue;
        struct comparison_pair *lone = find_lone(comparison, &pair->would);
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
    sort(comparison);
}

bool comparison_is_from_before(const struct comparison *comparison,
                               const struct comparison_pair *pair)
{
    return pair->would.state != SW_STATE_NONE &&
           pair->would.opened_at_s < comparison->knows_from_s;
}

void comparison_fini(struct comparison *comparison)
{
    free(comparison->pairs);
    free(comparison->events);
    comparison->pairs = NULL;
    comparison->events = NULL;
    comparison->n_pairs = comparison->n_events = 0;
}
