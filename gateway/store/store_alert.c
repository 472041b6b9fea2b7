/* store_alert.c -- alerts in their present state, the log of their changes, and the
 * publications that are still to be sent, in the order in which they were put. When an
 * alert opens or closes is core/alert.c's business, how it is published is the wire
 * library's, and sending is daemon/publish.c's.
 */
#include "store/store_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(SW_EVIDENCE_MAX == 3, "columns evidence_0 to evidence_2 of table alert");

static int put_state(struct sw_store *store, int64_t patient_key, const char *id,
                     const struct sw_alert *alert)
{
    return sw_run_with(
        store, SQL_PUT_ALERT, sw_text(id), sw_int(patient_key),
        sw_text(alert->therapist.str), sw_text(sw_alert_kind_name(alert->kind)),
        sw_text(sw_alert_level_name(alert->level)),
        sw_text(sw_alert_state_name(alert->state)),
        sw_text(sw_alert_reason_name(alert->reason)), sw_int(alert->rev),
        sw_int(alert->opened_at_s), sw_int(alert->updated_at_s),
        sw_int(alert->closed_at_s), sw_int(alert->shelved_until_s), sw_text(alert->by),
        sw_text(alert->note), sw_int(alert->evidence[0]), sw_int(alert->evidence[1]),
        sw_int(alert->evidence[2]), sw_int(alert->span.from_s),
        sw_int(alert->span.to_s), sw_text(alert->device.str),
        sw_int(alert->over_budget));
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
    r = put_state(store, patient_key, id, alert);
    if (r == 0)
        r = sw_run_with(store, SQL_LOG_ALERT, sw_text(id), sw_int(alert->updated_at_s),
                        sw_text(who), sw_text(sw_alert_state_name(from)),
                        sw_text(sw_alert_state_name(alert->state)), sw_text(why));
    if (r == 0)
        r = sw_run_with(store, SQL_PRUNE_LOG_OF, sw_text(id),
                        sw_int(SW_STORE_LOG_OF_ALERT));
    if (r == 0)
        r = sw_run_with(store, SQL_PRUNE_LOG_OF_KIND, sw_int(patient_key),
                        sw_text(sw_alert_kind_name(alert->kind)),
                        sw_int(SW_STORE_LOG_OF_KIND), sw_text(id));
    return sw_atomic_end(store, own, r);
}

/* A word that came with a later version is not damage: -EPROTO. */
static int read_alert(const struct sw_query *q, struct sw_alert *ret)
{
    *ret = (struct sw_alert){
        .rev = sw_column_int32(q, 7),
        .opened_at_s = sw_column_int(q, 8),
        .updated_at_s = sw_column_int(q, 9),
        .closed_at_s = sw_column_int(q, 10),
        .shelved_until_s = sw_column_int(q, 11),
        .span = {sw_column_int(q, 17), sw_column_int(q, 18)},
        .over_budget = sw_column_int(q, 21) != 0,
    };
    sw_column_text(q, 1, ret->patient.str, sizeof ret->patient.str);
    sw_column_text(q, 2, ret->therapist.str, sizeof ret->therapist.str);
    sw_column_text(q, 12, ret->by, sizeof ret->by);
    sw_column_text(q, 13, ret->note, sizeof ret->note);
    for (int i = 0; i < SW_EVIDENCE_MAX; i++)
        ret->evidence[i] = sw_column_int(q, 14 + i);
    sw_column_text(q, 20, ret->device.str, sizeof ret->device.str);
    bool is_known = sw_alert_kind_parse(sw_column_str(q, 3), &ret->kind) &&
                    sw_alert_level_parse(sw_column_str(q, 4), &ret->level) &&
                    sw_alert_state_parse(sw_column_str(q, 5), &ret->state) &&
                    sw_alert_reason_parse(sw_column_str(q, 6), &ret->reason);
    if (is_known)
        return 0;
    snprintf(q->store->error, sizeof q->store->error,
             "alert %s holds a word that this version does not know",
             sw_column_str(q, 19));
    q->store->error_r = -EPROTO;
    return q->store->error_r;
}

static int each_alert(struct sw_query *q,
                      int (*each)(void *ctx, int64_t patient_key,
                                  const struct sw_alert *alert),
                      void *ctx)
{
    struct sw_alert alert;
    int r = 0;
    while (sw_query_next(q, &r)) {
        r = read_alert(q, &alert);
        if (r == 0)
            r = each(ctx, sw_column_int(q, 0), &alert);
    }
    return sw_query_end(q, r);
}

int sw_store_each_alert(struct sw_store *store, const struct sw_alert_filter *filter,
                        int (*each)(void *ctx, int64_t patient_key,
                                    const struct sw_alert *alert),
                        void *ctx)
{
    struct sw_query q =
        sw_query_with(store, SQL_EACH_ALERT, sw_text(filter->patient.str),
                      sw_text(filter->therapist.str), sw_int(filter->closed_too),
                      sw_int(filter->updated_from_s));
    return each_alert(&q, each, ctx);
}

int sw_store_each_open_alert(struct sw_store *store,
                             int (*each)(void *ctx, int64_t patient_key,
                                         const struct sw_alert *alert),
                             void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_OPEN_ALERT);
    return each_alert(&q, each, ctx);
}

int sw_store_each_life(struct sw_store *store, const struct sw_therapist_id *therapist,
                       struct sw_span span,
                       int (*each)(void *ctx, const struct sw_alert_life *life),
                       void *ctx)
{
    struct sw_alert_life life;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_LIFE, sw_text(therapist->str),
                                      sw_int(span.from_s), sw_int(span.to_s));
    while (sw_query_next(&q, &r)) {
        r = read_alert(&q, &life.alert);
        life.first_ack_s = sw_column_int(&q, 22);
        life.last_ack_s = sw_column_int(&q, 23);
        if (r == 0)
            r = each(ctx, &life);
    }
    return sw_query_end(&q, r);
}

static int each_transition(struct sw_query q,
                           int (*each)(void *ctx, const struct sw_transition *found),
                           void *ctx)
{
    struct sw_transition found;
    int r = 0;
    while (sw_query_next(&q, &r)) {
        found.at_s = sw_column_int(&q, 0);
        sw_column_text(&q, 1, found.id, sizeof found.id);
        sw_column_text(&q, 2, found.kind, sizeof found.kind);
        sw_column_text(&q, 3, found.who, sizeof found.who);
        sw_column_text(&q, 4, found.from, sizeof found.from);
        sw_column_text(&q, 5, found.to, sizeof found.to);
        sw_column_text(&q, 6, found.why, sizeof found.why);
        r = each(ctx, &found);
    }
    return sw_query_end(&q, r);
}

int sw_store_each_transition(
    struct sw_store *store, int64_t patient_key, struct sw_span span,
    int (*each)(void *ctx, const struct sw_transition *transition), void *ctx)
{
    return each_transition(sw_query_with(store, SQL_EACH_TRANSITION,
                                         sw_int(patient_key), sw_int(span.from_s),
                                         sw_int(span.to_s)),
                           each, ctx);
}

int sw_store_each_transition_of(struct sw_store *store, const char *alert_id,
                                int (*each)(void *ctx,
                                            const struct sw_transition *transition),
                                void *ctx)
{
    return each_transition(
        sw_query_with(store, SQL_EACH_TRANSITION_OF, sw_text(alert_id)), each, ctx);
}

int sw_store_find_alert(struct sw_store *store, const char *id,
                        int64_t *ret_patient_key, struct sw_alert *ret)
{
    struct sw_alert alert;
    struct sw_query q = sw_query_with(store, SQL_FIND_ALERT, sw_text(id));
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

static int64_t alert_count(struct sw_query q)
{
    int64_t n = 0;
    int r = sw_query_number(q, &n);
    return r < 0 ? r : n;
}

int64_t sw_store_open_alerts(struct sw_store *store)
{
    return alert_count(sw_query(store, SQL_OPEN_ALERTS));
}

int64_t sw_store_count_opened(struct sw_store *store,
                              const struct sw_therapist_id *therapist, int64_t from_s,
                              int64_t to_s)
{
    return alert_count(sw_query_with(store, SQL_COUNT_OPENED, sw_text(therapist->str),
                                     sw_int(from_s), sw_int(to_s)));
}

/* ---- the outbox ---- */

int sw_store_put_outbound(struct sw_store *store, const char *topic, const char *about,
                          const char *payload)
{
    bool own; /* a transaction, so that the gateway knows it for an act */
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_PUT_OUTBOUND, sw_text(topic), sw_text(about),
                        sw_text(payload));
    return sw_atomic_end(store, own, r);
}

void sw_try_about(char out[static SW_ALERT_ID_MAX + 1], int pid, int64_t until_s)
{
    snprintf(out, SW_ALERT_ID_MAX + 1, "try-%d-%" PRId64, pid, until_s);
}

bool sw_try_is_over(const char *about, int64_t now_s)
{
    int64_t until_s;
    return sscanf(about, "try-%*d-%" SCNd64, &until_s) == 1 && now_s > until_s;
}

int sw_store_next_outbound(struct sw_store *store, int64_t after,
                           struct sw_outbound *ret)
{
    struct sw_query q = sw_query_with(store, SQL_NEXT_OUTBOUND, sw_int(after));
    int r = sw_query_row(&q);
    if (r > 0) {
        char *payload = strdup(sw_column_str(&q, 2));
        if (!payload)
            return sw_query_end(&q, -ENOMEM);
        ret->seq = sw_column_int(&q, 0);
        sw_column_text(&q, 1, ret->topic, sizeof ret->topic);
        sw_column_text(&q, 3, ret->about, sizeof ret->about);
        ret->payload = payload;
    }
    return sw_query_one(&q, r);
}

int sw_store_each_outbound(struct sw_store *store,
                           int (*each)(void *ctx, int64_t seq, const char *topic),
                           void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_OUTBOUND);
    int r = 0;
    while (sw_query_next(&q, &r))
        r = each(ctx, sw_column_int(&q, 0), sw_column_str(&q, 1));
    return sw_query_end(&q, r);
}

int sw_store_outbound_done(struct sw_store *store, int64_t seq)
{
    return sw_run_with(store, SQL_OUTBOUND_DONE, sw_int(seq));
}
