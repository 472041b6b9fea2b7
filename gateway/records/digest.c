/* digest.c -- a therapist's day, from stored rows and alerts.
 *
 * The words are the wire library's business; when a digest is
 * sent is digest_due.c's. */
#include "records/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records/caseload.h"
#include "util/array.h"

/* The alerts of a therapist while they are gathered. */
struct gathering {
    struct sw_digest *digest;
    const struct sw_zone *zone;
    struct sw_span span; /* of the day, up to now */
    struct sw_digest_alert *open;
    size_t n_open, cap_open;
    struct sw_digest_patient *over; /* one per alert at first, then one per patient */
    size_t n_over, cap_over;
};

static bool is_within(const struct gathering *g, int64_t at_s)
{
    return at_s >= g->span.from_s && at_s < g->span.to_s;
}

static void put_since(const struct gathering *g, struct sw_digest_alert *alert)
{
    int32_t day = sw_day_of(g->zone, alert->since_s);
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    bool is_of_the_day = day == g->digest->day;
    sw_date_format(day, date);
    sw_hhmm_format(sw_local_minute(g->zone, alert->since_s), time);
    snprintf(alert->since, sizeof(alert->since), "%s%s%s", is_of_the_day ? "" : date,
             is_of_the_day ? "" : " ", time);
}

static int add_open(struct gathering *g, const struct sw_alert_life *life)
{
    const struct sw_alert *alert = &life->alert;
    int r = GROW(g->open, g->n_open, g->cap_open);
    if (r < 0)
        return r;
    struct sw_digest_alert *open = &g->open[g->n_open++];
    *open = (struct sw_digest_alert){
        .patient = alert->patient,
        .kind = alert->kind,
        .level = alert->level,
        .acknowledged = alert->state == SW_STATE_CLOSED
                            ? life->last_ack_s != 0 /* closed later: as it was then */
                            : alert->state == SW_STATE_ACKNOWLEDGED,
        .over_budget = alert->over_budget,
        .opened_at_s = alert->opened_at_s,
        .since_s = sw_alert_since_s(alert)};
    put_since(g, open);
    return 0;
}

static int add_over(struct gathering *g, const struct sw_alert *alert)
{
    int r = GROW(g->over, g->n_over, g->cap_over);
    if (r >= 0)
        g->over[g->n_over++] = (struct sw_digest_patient){alert->patient, 1};
    return r;
}

static int add_life(void *ctx, const struct sw_alert_life *life)
{
    struct gathering *g = ctx;
    struct sw_digest *digest = g->digest;
    const struct sw_alert *alert = &life->alert;
    bool opened = is_within(g, alert->opened_at_s);
    bool is_closed = alert->state == SW_STATE_CLOSED;
    bool closed = is_closed && is_within(g, alert->closed_at_s);
    bool was_withdrawn = alert->reason == SW_REASON_WITHDRAWN;
    int r = 0;
    digest->raised += opened;
    digest->acknowledged += life->last_ack_s != 0 && is_within(g, life->last_ack_s);
    digest->closed += closed && !was_withdrawn;
    digest->withdrawn += closed && was_withdrawn;
    digest->over_budget += opened && alert->over_budget;
    if (!is_closed || alert->closed_at_s >= g->span.to_s)
        r = add_open(g, life);
    if (r >= 0 && opened && alert->over_budget)
        r = add_over(g, alert);
    return r;
}

/* ---- sorted, and cut to what a digest lists ---- */

static int by_urgency(const void *a, const void *b)
{
    const struct sw_digest_alert *x = a, *y = b;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    if (x->acknowledged != y->acknowledged)
        return x->acknowledged ? 1 : -1;
    if (x->opened_at_s != y->opened_at_s)
        return x->opened_at_s < y->opened_at_s ? -1 : 1;
    int order = strcmp(x->patient.str, y->patient.str);
    return order != 0 ? order : (int)x->kind - (int)y->kind;
}

static int digest_by_patient(const void *a, const void *b)
{
    const struct sw_digest_patient *x = a, *y = b;
    return strcmp(x->patient.str, y->patient.str);
}

static int by_count(const void *a, const void *b)
{
    const struct sw_digest_patient *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->patient.str, y->patient.str);
}

static void merge_over(struct gathering *g)
{
    size_t n = 0;
    qsort(g->over, g->n_over, sizeof(*g->over), digest_by_patient);
    for (size_t i = 0; i < g->n_over; i++) {
        bool is_same = n > 0 && digest_by_patient(&g->over[n - 1], &g->over[i]) == 0;
        if (is_same)
            g->over[n - 1].n++;
        else
            g->over[n++] = g->over[i];
    }
    g->n_over = n;
    qsort(g->over, g->n_over, sizeof(*g->over), by_count);
}

static void finish(struct gathering *g)
{
    struct sw_digest *digest = g->digest;
    digest->n_attention = (int32_t)g->n_open;
    if (g->n_open > 0) {
        qsort(g->open, g->n_open, sizeof(*g->open), by_urgency);
        memcpy(digest->attention, g->open,
               (size_t)sw_digest_named(digest->n_attention) * sizeof(*g->open));
    }
    if (g->n_over > 0) {
        merge_over(g);
        digest->n_over = (int32_t)g->n_over;
        memcpy(digest->over, g->over,
               (size_t)sw_digest_named(digest->n_over) * sizeof(*g->over));
    }
}

static void add_id(struct sw_digest_ids *list, const struct sw_patient_id *id)
{
    if (list->n < SW_DIGEST_LIST_MAX)
        list->ids[list->n] = *id;
    list->n++;
}

/* Patients added later do not count, unless there is data of the day. */
static void add_cases(struct sw_digest *digest, const struct sw_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (cases[i].added_at_s > digest->at_s && !cases[i].has_data)
            continue;
        digest->patients++;
        if (!cases[i].has_data)
            add_id(&digest->no_data, &cases[i].patient);
        if (cases[i].met_goal)
            add_id(&digest->goal_met, &cases[i].patient);
    }
}

static struct sw_span span_until_now(const struct sw_digest_order *order)
{
    int64_t end_s = sw_day_begin(order->zone, order->day + 1);
    int64_t until_s = order->now_s + 1; /* this second counts */
    return (struct sw_span){sw_day_begin(order->zone, order->day),
                            until_s < end_s ? until_s : end_s};
}

static int fill(struct sw_digest *digest, struct sw_store *store,
                const struct sw_digest_order *order, const struct sw_case *cases,
                size_t n)
{
    struct gathering g = {
        .digest = digest, .zone = order->zone, .span = span_until_now(order)};
    *digest = (struct sw_digest){.therapist = cases[0].therapist,
                                 .day = order->day,
                                 .at_s = g.span.to_s - 1,
                                 .budget = order->budget};
    add_cases(digest, cases, n);
    int r = sw_store_each_life(store, &digest->therapist, g.span, add_life, &g);
    if (r >= 0)
        finish(&g);
    free(g.open);
    free(g.over);
    return r;
}

int sw_records_each_digest(struct sw_store *store, const struct sw_digest_order *order,
                           int (*each)(void *ctx, const struct sw_digest *digest),
                           void *ctx)
{
    struct sw_caseload all;
    struct sw_digest *digest = malloc(sizeof(*digest));
    if (!digest)
        return -ENOMEM;
    int r = sw_caseload_load(&all, store, order->day);
    if (r < 0)
        goto out;
    for (size_t i = 0, n; r == 0 && i < all.n; i += n) {
        const char *therapist = all.items[i].therapist.str;
        n = sw_caseload_next(&all, i);
        if (order->therapist && strcmp(order->therapist, therapist) != 0)
            continue;
        r = fill(digest, store, order, &all.items[i], n);
        if (r == 0)
            r = each(ctx, digest);
    }
    sw_caseload_fini(&all);
out:
    free(digest);
    return r;
}
