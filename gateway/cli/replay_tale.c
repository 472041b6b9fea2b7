/* replay_tale.c -- gather the alerts of a replay, and find those that there were.
 * How they are shown is cmd_replay.c's business. */
#include "cli/replay_tale.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static bool is_in(const struct tale *tale, const struct sw_alert *alert)
{
    bool is_over_before =
        alert->closed_at_s != 0 && alert->closed_at_s < tale->window.from_s;
    return alert->opened_at_s < tale->window.to_s && !is_over_before;
}

static struct tale_pair *add_pair(struct tale *tale)
{
    if (GROW(tale->pairs, tale->n_pairs, tale->cap_pairs) < 0)
        return NULL;
    tale->pairs[tale->n_pairs] = (struct tale_pair){.was = {.rev = 0}};
    return &tale->pairs[tale->n_pairs++];
}

static int note_stored(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct tale *tale = ctx;
    (void)patient_key;
    if (!is_in(tale, alert))
        return 0;
    struct tale_pair *pair = add_pair(tale);
    if (!pair)
        return -ENOMEM;
    pair->was = *alert;
    return 0;
}

int tale_add_stored(struct tale *tale, const struct sw_patient_id *patient)
{
    struct sw_alert_filter filter = {
        .patient = *patient, .closed_too = true, .updated_from_s = tale->window.from_s};
    return sw_store_each_alert(tale->cli->store, &filter, note_stored, tale);
}

/* ---- the replay ---- */

static int add_event(struct tale *tale, const struct sw_replay_event *event)
{
    int r = GROW(tale->events, tale->n_events, tale->cap_events);
    if (r < 0)
        return r;
    tale->events[tale->n_events++] =
        (struct tale_event){*event->alert, event->effect->change, event->facts->now_s};
    return 0;
}

/* The pair of an alert that was told of before; the newest come last. */
static struct tale_pair *find_told(struct tale *tale, const struct sw_alert *alert)
{
    for (size_t i = tale->n_pairs; i > 0; i--) {
        const struct sw_alert *would = &tale->pairs[i - 1].would;
        bool is_it = would->kind == alert->kind &&
                     would->opened_at_s == alert->opened_at_s &&
                     strcmp(would->patient.str, alert->patient.str) == 0;
        if (would->state != SW_STATE_NONE && is_it)
            return &tale->pairs[i - 1];
    }
    return NULL;
}

static int note_event(void *ctx, const struct sw_replay_event *event)
{
    struct tale *tale = ctx;
    struct tale_pair *pair = find_told(tale, event->alert);
    bool is_early = event->facts->now_s < tale->window.from_s;
    if (!pair)
        pair = add_pair(tale);
    if (!pair)
        return -ENOMEM;
    pair->would = *event->alert;
    return is_early ? 0 : add_event(tale, event);
}

static void leave_out_early(struct tale *tale)
{
    size_t n = 0;
    for (size_t i = 0; i < tale->n_pairs; i++) {
        const struct sw_alert *would = &tale->pairs[i].would;
        bool is_early = would->state != SW_STATE_NONE && !is_in(tale, would);
        if (!is_early)
            tale->pairs[n++] = tale->pairs[i];
    }
    tale->n_pairs = n;
}

int tale_replay(struct tale *tale, struct sw_replay *replay,
                const struct sw_patient_id *patient)
{
    replay->each = note_event;
    replay->ctx = tale;
    int r = sw_replay_patient(replay, patient);
    leave_out_early(tale);
    return r;
}

/* ---- beside each other ---- */

static const struct sw_alert *either(const struct tale_pair *pair)
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
static struct tale_pair *find_lone(struct tale *tale, const struct sw_alert *would)
{
    for (size_t i = 0; i < tale->n_pairs; i++) {
        struct tale_pair *pair = &tale->pairs[i];
        bool is_lone =
            pair->was.state != SW_STATE_NONE && pair->would.state == SW_STATE_NONE;
        if (is_lone && is_same(&pair->was, would))
            return pair;
    }
    return NULL;
}

static void sort(struct tale *tale)
{
    if (tale->n_pairs > 1)
        qsort(tale->pairs, tale->n_pairs, sizeof *tale->pairs, by_patient_and_time);
}

void tale_match(struct tale *tale)
{
    sort(tale);
    for (size_t i = 0; i < tale->n_pairs; i++) {
        struct tale_pair *pair = &tale->pairs[i];
        if (pair->would.state == SW_STATE_NONE || pair->was.state != SW_STATE_NONE)
            continue;
        struct tale_pair *lone = find_lone(tale, &pair->would);
        if (!lone)
            continue;
        pair->was = lone->was;
        lone->was = (struct sw_alert){.rev = 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < tale->n_pairs; i++)
        if (either(&tale->pairs[i])->state != SW_STATE_NONE)
            tale->pairs[n++] = tale->pairs[i];
    tale->n_pairs = n;
    sort(tale);
}

bool tale_is_from_before(const struct tale *tale, const struct tale_pair *pair)
{
    return pair->would.state != SW_STATE_NONE &&
           pair->would.opened_at_s < tale->knows_from_s;
}

void tale_fini(struct tale *tale)
{
    free(tale->pairs);
    free(tale->events);
    tale->pairs = NULL;
    tale->events = NULL;
    tale->n_pairs = tale->n_events = 0;
}
