/* store_alert.c -- alerts in their present state, the log of their changes, and the
 * publications that are still to be sent, in the order in which they were put. When an
 * alert opens or closes is core/alert.c's business, how it is published is the wire
 * library's, and sending is daemon/publish.c's.
 */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(SW_EVIDENCE_MAX == 3, "columns evidence_0 to evidence_2 of table alert");

static void bind_state(struct sw_query *q, const struct sw_alert *alert)
{
    sw_bind_text(q, alert->therapist.str);
    sw_bind_text(q, sw_alert_kind_name(alert->kind));
    sw_bind_text(q, sw_alert_level_name(alert->level));
    sw_bind_text(q, sw_alert_state_name(alert->state));
    sw_bind_text(q, sw_alert_reason_name(alert->reason));
    sw_bind_int(q, alert->rev);
    sw_bind_int(q, alert->opened_at_s);
    sw_bind_int(q, alert->updated_at_s);
    sw_bind_int(q, alert->closed_at_s);
    sw_bind_int(q, alert->shelved_until_s);
    sw_bind_text(q, alert->by);
    sw_bind_text(q, alert->note);
}

static int store_alert_put_state(struct sw_store *store, int64_t patient_key,
                                 const char *id, const struct sw_alert *alert)
{
    struct sw_query q = sw_query(store, SQL_PUT_ALERT);
    sw_bind_text(&q, id);
    sw_bind_int(&q, patient_key);
    bind_state(&q, alert);
    for (int i = 0; i < SW_EVIDENCE_MAX; i++)
        sw_bind_int(&q, alert->evidence[i]);
    sw_bind_int(&q, alert->span.from_s);
    sw_bind_int(&q, alert->span.to_s);
    sw_bind_text(&q, alert->device.str);
    sw_bind_int(&q, alert->over_budget);
    return sw_query_run(&q);
}

static int log_transition(struct sw_store *store, const char *id,
                          const struct sw_alert *alert, enum sw_alert_state from,
                          const char *who, const char *why)
{
    struct sw_query q = sw_query(store, SQL_LOG_ALERT);
    sw_bind_text(&q, id);
    sw_bind_int(&q, alert->updated_at_s);
    sw_bind_text(&q, who);
    sw_bind_text(&q, sw_alert_state_name(from));
    sw_bind_text(&q, sw_alert_state_name(alert->state));
    sw_bind_text(&q, why);
    return sw_query_run(&q);
}

static int prune_log(struct sw_store *store, int64_t patient_key, const char *id,
                     enum sw_alert_kind kind)
{
    struct sw_query q = sw_query(store, SQL_PRUNE_LOG_OF);
    sw_bind_text(&q, id);
    sw_bind_int(&q, SW_STORE_LOG_OF_ALERT);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    q = sw_query(store, SQL_PRUNE_LOG_OF_KIND);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, sw_alert_kind_name(kind));
    sw_bind_int(&q, SW_STORE_LOG_OF_KIND);
    sw_bind_text(&q, id);
    return sw_query_run(&q);
}

int sw_store_put_alert(struct sw_store *store, int64_t patient_key,
                       const struct sw_alert *alert, enum sw_alert_state from,
                       const char *who, const char *why)
{
    char id[SW_ALERT_ID_MAX + 1];
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    sw_alert_id_format(alert, id);
    r = store_alert_put_state(store, patient_key, id, alert);
    if (r == 0)
        r = log_transition(store, id, alert, from, who, why);
    if (r == 0)
        r = prune_log(store, patient_key, id, alert->kind);
    return sw_atomic_end(store, own, r);
}

/* False if this version does not know one of the words. */
static bool read_words(const struct sw_query *q, struct sw_alert *ret)
{
    return sw_alert_kind_parse(sw_column_str(q, 3), &ret->kind) &&
           sw_alert_level_parse(sw_column_str(q, 4), &ret->level) &&
           sw_alert_state_parse(sw_column_str(q, 5), &ret->state) &&
           sw_alert_reason_parse(sw_column_str(q, 6), &ret->reason);
}

static void read_state(const struct sw_query *q, struct sw_alert *ret)
{
    sw_column_text(q, 1, ret->patient.str, sizeof ret->patient.str);
    sw_column_text(q, 2, ret->therapist.str, sizeof ret->therapist.str);
    ret->rev = sw_column_int32(q, 7);
    ret->opened_at_s = sw_column_int(q, 8);
    ret->updated_at_s = sw_column_int(q, 9);
    ret->closed_at_s = sw_column_int(q, 10);
    ret->shelved_until_s = sw_column_int(q, 11);
    sw_column_text(q, 12, ret->by, sizeof ret->by);
    sw_column_text(q, 13, ret->note, sizeof ret->note);
    for (int i = 0; i < SW_EVIDENCE_MAX; i++)
        ret->evidence[i] = sw_column_int(q, 14 + i);
    ret->span.from_s = sw_column_int(q, 17);
    ret->span.to_s = sw_column_int(q, 18);
    sw_column_text(q, 20, ret->device.str, sizeof ret->device.str);
    ret->over_budget = sw_column_int(q, 21) != 0;
}

/* A kind that came with a later version is not damage: -EPROTO. */
static int read_alert(const struct sw_query *q, struct sw_alert *ret)
{
    *ret = (struct sw_alert){0};
    read_state(q, ret);
    if (read_words(q, ret))
        return 0;
    snprintf(q->store->error, sizeof q->store->error,
             "alert %s holds a word that this version does not know",
             sw_column_str(q, 19));
    q->store->error_r = -EPROTO;
    return q->store->error_r;
}

int sw_store_each_alert(struct sw_store *store, const struct sw_alert_filter *filter,
                        int (*each)(void *ctx, int64_t patient_key,
                                    const struct sw_alert *alert),
                        void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_ALERT);
    struct sw_alert alert;
    int r;
    sw_bind_text(&q, filter->patient.str);
    sw_bind_text(&q, filter->therapist.str);
    sw_bind_int(&q, filter->closed_too);
    sw_bind_int(&q, filter->updated_from_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = read_alert(&q, &alert);
        if (r == 0)
            r = each(ctx, sw_column_int(&q, 0), &alert);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_each_life(struct sw_store *store, const struct sw_therapist_id *therapist,
                       struct sw_span span,
                       int (*each)(void *ctx, const struct sw_alert_life *life),
                       void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_LIFE);
    struct sw_alert_life life;
    int r;
    sw_bind_text(&q, therapist->str);
    sw_bind_int(&q, span.from_s);
    sw_bind_int(&q, span.to_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = read_alert(&q, &life.alert);
        life.first_ack_s = sw_column_int(&q, 22);
        life.last_ack_s = sw_column_int(&q, 23);
        if (r == 0)
            r = each(ctx, &life);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

static int each_transition(struct sw_query *q,
                           int (*each)(void *ctx, const struct sw_transition *found),
                           void *ctx)
{
    struct sw_transition found;
    int r;
    while ((r = sw_query_row(q)) > 0) {
        found.at_s = sw_column_int(q, 0);
        sw_column_text(q, 1, found.id, sizeof found.id);
        sw_column_text(q, 2, found.kind, sizeof found.kind);
        sw_column_text(q, 3, found.who, sizeof found.who);
        sw_column_text(q, 4, found.from, sizeof found.from);
        sw_column_text(q, 5, found.to, sizeof found.to);
        sw_column_text(q, 6, found.why, sizeof found.why);
        r = each(ctx, &found);
        if (r != 0)
            break;
    }
    return sw_query_end(q, r);
}

int sw_store_each_transition(
    struct sw_store *store, int64_t patient_key, struct sw_span span,
    int (*each)(void *ctx, const struct sw_transition *transition), void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_TRANSITION);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, span.from_s);
    sw_bind_int(&q, span.to_s);
    return each_transition(&q, each, ctx);
}

int sw_store_each_transition_of(struct sw_store *store, const char *alert_id,
                                int (*each)(void *ctx,
                                            const struct sw_transition *transition),
                                void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_TRANSITION_OF);
    sw_bind_text(&q, alert_id);
    return each_transition(&q, each, ctx);
}

int sw_store_find_alert(struct sw_store *store, const char *id,
                        int64_t *ret_patient_key, struct sw_alert *ret)
{
    struct sw_query q = sw_query(store, SQL_FIND_ALERT);
    struct sw_alert alert;
    sw_bind_text(&q, id);
    int r = sw_query_row(&q);
    if (r > 0) {
        int64_t key = sw_column_int(&q, 0);
        int known = read_alert(&q, &alert);
        if (known < 0)
            return sw_query_end(&q, known);
        *ret_patient_key = key;
        *ret = alert;
    }
    return sw_query_one(&q, r);
}

static int64_t store_alert_count(struct sw_query *q)
{
    int64_t n = 0;
    int r = sw_query_row(q);
    if (r > 0)
        n = sw_column_int(q, 0);
    r = sw_query_one(q, r);
    return r < 0 ? r : n;
}

int64_t sw_store_open_alerts(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_OPEN_ALERTS);
    return store_alert_count(&q);
}

int64_t sw_store_count_opened(struct sw_store *store,
                              const struct sw_therapist_id *therapist, int64_t from_s,
                              int64_t to_s)
{
    struct sw_query q = sw_query(store, SQL_COUNT_OPENED);
    sw_bind_text(&q, therapist->str);
    sw_bind_int(&q, from_s);
    sw_bind_int(&q, to_s);
    return store_alert_count(&q);
}

/* ---- the outbox ---- */

int sw_store_put_outbound(struct sw_store *store, const char *topic, const char *about,
                          const char *payload)
{
    struct sw_query q = sw_query(store, SQL_PUT_OUTBOUND);
    sw_bind_text(&q, topic);
    sw_bind_text(&q, about);
    sw_bind_text(&q, payload);
    return sw_query_run(&q);
}

static int read_outbound(const struct sw_query *q, struct sw_outbound *ret)
{
    char *payload = strdup(sw_column_str(q, 2));
    if (!payload)
        return -ENOMEM;
    ret->seq = sw_column_int(q, 0);
    sw_column_text(q, 1, ret->topic, sizeof ret->topic);
    ret->payload = payload;
    return 0;
}

int sw_store_next_outbound(struct sw_store *store, int64_t after,
                           struct sw_outbound *ret)
{
    struct sw_query q = sw_query(store, SQL_NEXT_OUTBOUND);
    sw_bind_int(&q, after);
    int r = sw_query_row(&q);
    if (r > 0 && read_outbound(&q, ret) < 0)
        return sw_query_end(&q, -ENOMEM);
    return sw_query_one(&q, r);
}

int sw_store_each_outbound(struct sw_store *store,
                           int (*each)(void *ctx, int64_t seq, const char *topic),
                           void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_OUTBOUND);
    int r;
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_int(&q, 0), sw_column_str(&q, 1));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_outbound_done(struct sw_store *store, int64_t seq)
{
    struct sw_query q = sw_query(store, SQL_OUTBOUND_DONE);
    sw_bind_int(&q, seq);
    return sw_query_run(&q);
}
