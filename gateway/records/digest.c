/* digest.c -- a therapist's day, from stored rows and alerts, and when it is sent.
 *
 * The words are the wire library's business. */
#include "records/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/array.h"

/* ---- which therapist has which patients on a day ---- */

struct patient_case {
    struct sw_therapist_id therapist; /* from the plan in force that day */
    struct sw_patient_id patient;
    int32_t wake_to_min;
    int64_t added_at_s;
    bool has_data; /* steps, or minutes known worn or unworn */
    bool met_goal;
};
/* Sorted by therapist, then patient. */
struct caseload {
    struct patient_case *items;
    size_t n, cap;
};

static int add_case(void *ctx, const struct sw_patient *patient,
                    const struct sw_plan *plan)
{
    struct caseload *all = ctx;
    int r = GROW(all->items, all->n, all->cap);
    if (r < 0)
        return r;
    all->items[all->n++] = (struct patient_case){.therapist = plan->therapist,
                                                 .patient = patient->id,
                                                 .wake_to_min = plan->wake_to_min,
                                                 .added_at_s = patient->added_at_s};
    return 0;
}

static int case_compare_id(const void *id, const void *item)
{
    return strcmp(id, ((const struct patient_case *)item)->patient.str);
}

static int case_add_row(void *ctx, const struct sw_day_row *row)
{
    struct caseload *all = ctx;
    struct patient_case *item = all->n ? bsearch(row->patient.str, all->items, all->n,
                                                 sizeof(*all->items), case_compare_id)
                                       : NULL;
    if (!item)
        return 0;
    item->has_data =
        row->steps > 0 || row->active_min + row->still_min + row->unworn_min > 0;
    item->met_goal = row->goal > 0 && row->steps >= row->goal;
    return 0;
}

static int by_therapist(const void *a, const void *b)
{
    const struct patient_case *x = a, *y = b;
    int order = strcmp(x->therapist.str, y->therapist.str);
    return order != 0 ? order : strcmp(x->patient.str, y->patient.str);
}

static int caseload_load(struct caseload *ret, struct sw_store *store, int32_t day)
{
    *ret = (struct caseload){.n = 0};
    int r = sw_store_each_patient_on(store, day, add_case, ret); /* in order of id */
    if (r >= 0)
        r = sw_store_each_day(store, NULL, day, day, case_add_row, ret);
    if (r >= 0 && ret->n > 0)
        qsort(ret->items, ret->n, sizeof(*ret->items), by_therapist);
    return r < 0 ? r : 0;
}

/* How many items from the i-th on have the same therapist. */
static size_t caseload_next(const struct caseload *caseload, size_t i)
{
    const char *therapist = caseload->items[i].therapist.str;
    size_t n = 1;
    while (i + n < caseload->n &&
           strcmp(caseload->items[i + n].therapist.str, therapist) == 0)
        n++;
    return n;
}

/* ---- a digest ---- */

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

static int add_open(struct gathering *g, const struct sw_alert_life *life)
{
    const struct sw_alert *alert = &life->alert;
    int64_t since_s = sw_alert_since_s(alert);
    int32_t day = sw_day_of(g->zone, since_s);
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    bool is_of_the_day = day == g->digest->day;
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
        .since_s = since_s};
    sw_date_format(day, date);
    sw_hhmm_format(sw_local_minute(g->zone, since_s), time);
    snprintf(open->since, sizeof open->since, "%s%s%s", is_of_the_day ? "" : date,
             is_of_the_day ? "" : " ", time);
    return 0;
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
    if (r < 0 || !opened || !alert->over_budget)
        return r;
    r = GROW(g->over, g->n_over, g->cap_over);
    if (r >= 0)
        g->over[g->n_over++] = (struct sw_digest_patient){alert->patient, 1};
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
    return digest_by_patient(a, b);
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
        size_t n = 0;
        qsort(g->over, g->n_over, sizeof(*g->over), digest_by_patient);
        for (size_t i = 0; i < g->n_over; i++) {
            bool is_same =
                n > 0 && digest_by_patient(&g->over[n - 1], &g->over[i]) == 0;
            if (is_same)
                g->over[n - 1].n++;
            else
                g->over[n++] = g->over[i];
        }
        qsort(g->over, n, sizeof(*g->over), by_count);
        digest->n_over = (int32_t)n;
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
static void add_cases(struct sw_digest *digest, const struct patient_case *cases,
                      size_t n)
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

static int fill(struct sw_digest *digest, struct sw_store *store,
                const struct sw_digest_order *order, const struct patient_case *cases,
                size_t n)
{
    int64_t end_s = sw_day_begin(order->zone, order->day + 1);
    int64_t until_s = order->now_s + 1; /* this second counts */
    struct gathering g = {.digest = digest,
                          .zone = order->zone,
                          .span = {sw_day_begin(order->zone, order->day),
                                   until_s < end_s ? until_s : end_s}};
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
    struct caseload all;
    struct sw_digest *digest = malloc(sizeof(*digest));
    if (!digest)
        return -ENOMEM;
    int r = caseload_load(&all, store, order->day);
    for (size_t i = 0, n; r == 0 && i < all.n; i += n) {
        const char *therapist = all.items[i].therapist.str;
        n = caseload_next(&all, i);
        if (order->therapist && strcmp(order->therapist, therapist) != 0)
            continue;
        r = fill(digest, store, order, &all.items[i], n);
        if (r == 0)
            r = each(ctx, digest);
    }
    free(all.items);
    free(digest);
    return r;
}

/* ---- sending them, once per therapist and civil day ----
 *
 * The day of a therapist's last digest is kept in table meta and stored together with
 * the publication. */

enum { META_NAME_MAX = 64 };

static void meta_name(const struct sw_therapist_id *therapist,
                      char out[static META_NAME_MAX])
{
    snprintf(out, META_NAME_MAX, "digest %s", therapist->str);
}

/* The day of the last digest sent, -1 if there is none. */
static int last_sent(struct sw_store *store, const struct sw_therapist_id *therapist,
                     int32_t *ret_day)
{
    char name[META_NAME_MAX], *date = NULL;
    meta_name(therapist, name);
    int r = sw_store_get_meta(store, name, &date);
    *ret_day = -1;
    if (r == 0)
        sw_date_parse(date, strlen(date), ret_day);
    free(date);
    return r < 0 ? r : 0;
}

int sw_records_resend_digest(struct sw_store *store,
                             const struct sw_therapist_id *therapist)
{
    char name[META_NAME_MAX];
    meta_name(therapist, name);
    return sw_store_put_meta(store, name, "");
}

/* A digest that has not been sent, and when it is due. */
struct due {
    struct sw_therapist_id therapist;
    int32_t day;
    int64_t at_s;
};
struct due_list {
    struct due *items;
    size_t n, cap;
};

/* When the last wake window of these n patients ends on that day. */
static int64_t window_end_s(const struct sw_zone *zone, int32_t day,
                            const struct patient_case *cases, size_t n)
{
    int32_t last_min = 0;
    for (size_t i = 0; i < n; i++)
        if (cases[i].wake_to_min > last_min)
            last_min = cases[i].wake_to_min;
    return sw_minute_begin(zone, day, last_min);
}

/* A digest of a future day was sent by a wrong clock and does not count. A day that
 * ended before the first of the patients was added has no digest. */
static int add_due(struct sw_store *store, const struct sw_zone *zone, int32_t day,
                   int32_t today, struct due_list *list)
{
    struct caseload all;
    int32_t last_day;
    int r = caseload_load(&all, store, day);
    for (size_t i = 0, n; r >= 0 && i < all.n; i += n) {
        const struct patient_case *cases = &all.items[i];
        n = caseload_next(&all, i);
        struct due due = {cases->therapist, day, window_end_s(zone, day, cases, n)};
        bool was_there = false;
        for (size_t j = 0; j < n; j++)
            was_there = was_there || cases[j].added_at_s < due.at_s;
        r = last_sent(store, &cases->therapist, &last_day);
        bool is_sent = last_day >= day && last_day <= today;
        if (r < 0 || is_sent || !was_there)
            continue;
        r = GROW(list->items, list->n, list->cap);
        if (r >= 0)
            list->items[list->n++] = due;
    }
    free(all.items);
    return r;
}

/* Yesterday's first, so that today's digest then replaces it. The caller frees
 * the items. */
static int list_due(struct sw_store *store, const struct sw_zone *zone, int64_t now_s,
                    struct due_list *ret)
{
    int32_t today = sw_day_of(zone, now_s);
    *ret = (struct due_list){.n = 0};
    int r = add_due(store, zone, today - 1, today, ret);
    return r < 0 ? r : add_due(store, zone, today, today, ret);
}

int sw_records_next_digest(struct sw_store *store, const struct sw_zone *zone,
                           int64_t now_s, int64_t *ret_at_s)
{
    struct due_list list;
    int64_t next_s = INT64_MAX;
    int r = list_due(store, zone, now_s, &list);
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].at_s < next_s)
            next_s = list.items[i].at_s;
    if (r >= 0)
        *ret_at_s = next_s;
    free(list.items);
    return r;
}

struct putting {
    struct sw_store *store;
    const char *site;
};

static int put_digest(void *ctx, const struct sw_digest *digest)
{
    const struct putting *putting = ctx;
    char name[META_NAME_MAX], date[SW_DATE_LEN + 1];
    sw_topic_text topic;
    char *payload = sw_encode_digest(putting->site, digest);
    if (!payload)
        return -ENOMEM;
    sw_topic_digest(topic, putting->site, &digest->therapist);
    int r = sw_store_put_outbound(putting->store, topic, "", payload);
    free(payload);
    char *text = sw_digest_text(digest);
    sw_topic_digest_text(topic, putting->site, &digest->therapist);
    if (r >= 0)
        r = text ? sw_store_put_outbound(putting->store, topic, "", text) : -ENOMEM;
    free(text);
    meta_name(&digest->therapist, name);
    sw_date_format(digest->day, date);
    return r < 0 ? r : sw_store_put_meta(putting->store, name, date);
}

int sw_records_put_digests(struct sw_store *store, const struct sw_zone *zone,
                           const char *site, int32_t budget, int64_t now_s)
{
    struct putting putting = {store, site};
    struct due_list list;
    int r = list_due(store, zone, now_s, &list);
    for (size_t i = 0; r >= 0 && i < list.n; i++) {
        const struct due *due = &list.items[i];
        struct sw_digest_order order = {.zone = zone,
                                        .day = due->day,
                                        .now_s = now_s,
                                        .budget = budget,
                                        .therapist = due->therapist.str};
        if (due->at_s <= now_s)
            r = sw_records_each_digest(store, &order, put_digest, &putting);
    }
    free(list.items);
    return r;
}
