/* store_meta.c -- what the gateway stores about itself: its health, incidents, what its
 * sources missed, when it was connected, when it did not trust its clock, and small texts
 * by name. */
#include "store/store_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Spans kept: three days with a broker that drops us twice a minute, years with
 * a sound one. */
enum { ONLINE_SPANS_MAX = 10000 };
enum { INCIDENTS_MAX = 1000 };
enum { SPAN_TEXT_MAX = 48 }; /* two numbers */

int sw_store_put_health(struct sw_store *store, const struct sw_health *health)
{
#define COUNTER(name, help) sw_int(health->name),
    return sw_run_with(store, SQL_PUT_HEALTH,
                       SW_HEALTH_COUNTERS(COUNTER) sw_text(health->version),
                       sw_int(health->connected), sw_int(health->clock_trusted),
                       sw_int(health->written_at_s), sw_int(health->last_message_at_s),
                       sw_int(health->last_commit_at_s), sw_text(health->problem),
                       sw_text(health->incident));
#undef COUNTER
}

int sw_store_get_health(struct sw_store *store, struct sw_health *ret)
{
    struct sw_query q = sw_query(store, SQL_GET_HEALTH);
    int r = sw_query_row(&q);
    if (r <= 0)
        return sw_query_one(&q, r);
    int i = 0;
#define X(name, help) ret->name = sw_column_int(&q, i++);
    SW_HEALTH_COUNTERS(X)
#undef X
    sw_column_text(&q, i++, ret->version, sizeof ret->version);
    ret->connected = sw_column_int(&q, i++) != 0;
    ret->clock_trusted = sw_column_int(&q, i++) != 0;
    ret->written_at_s = sw_column_int(&q, i++);
    ret->last_message_at_s = sw_column_int(&q, i++);
    ret->last_commit_at_s = sw_column_int(&q, i++);
    sw_column_text(&q, i++, ret->problem, sizeof ret->problem);
    sw_column_text(&q, i, ret->incident, sizeof ret->incident);
    return sw_query_one(&q, r);
}

/* ---- when the gateway was connected ---- */

int sw_store_put_online(struct sw_store *store, struct sw_span span)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_EXTEND_ONLINE, sw_int(span.from_s),
                        sw_int(span.to_s));
    if (r == 0 && sw_changes(store) == 0) {
        r = sw_run_with(store, SQL_ADD_ONLINE, sw_int(span.from_s), sw_int(span.to_s));
        if (r == 0)
            r = sw_run_with(store, SQL_PRUNE_ONLINE, sw_int(ONLINE_SPANS_MAX));
    }
    return sw_atomic_end(store, own, r);
}

int sw_store_cut_online(struct sw_store *store, int64_t at_s)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_DROP_ONLINE, sw_int(at_s));
    if (r == 0)
        r = sw_run_with(store, SQL_CUT_ONLINE, sw_int(at_s));
    return sw_atomic_end(store, own, r);
}

int sw_store_get_online(struct sw_store *store, struct sw_span *spans, size_t max,
                        size_t *ret_n)
{
    size_t n = 0;
    int r = 0;
    struct sw_query q =
        sw_query_with(store, SQL_GET_ONLINE,
                      sw_int(max < ONLINE_SPANS_MAX ? (int64_t)max : ONLINE_SPANS_MAX));
    while (n < max && sw_query_next(&q, &r))
        spans[n++] = (struct sw_span){sw_column_int(&q, 0), sw_column_int(&q, 1)};
    sw_query_end(&q, r);
    if (r < 0)
        return r;
    *ret_n = n;
    return 0;
}

int sw_store_online_since(struct sw_store *store, int64_t *ret_s)
{
    *ret_s = 0;
    return sw_query_number(sw_query(store, SQL_FIRST_ONLINE), ret_s);
}

/* ---- what happened to it ---- */

int sw_store_put_incident(struct sw_store *store, const struct sw_incident *incident)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_PUT_INCIDENT,
                        sw_text(sw_incident_code(incident->kind)),
                        sw_int(incident->at_s), sw_int(incident->over_at_s),
                        sw_text(incident->text));
    if (r == 0)
        r = sw_run_with(store, SQL_PRUNE_INCIDENTS, sw_int(INCIDENTS_MAX));
    return sw_atomic_end(store, own, r);
}

int sw_store_drop_incident(struct sw_store *store, enum sw_incident_kind kind,
                           int64_t at_s)
{
    return sw_run_with(store, SQL_DROP_INCIDENT, sw_text(sw_incident_code(kind)),
                       sw_int(at_s));
}

int sw_store_each_incident(struct sw_store *store, int64_t from_s,
                           int (*each)(void *ctx, const struct sw_incident *incident),
                           void *ctx)
{
    struct sw_incident incident;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_GET_INCIDENTS, sw_int(from_s));
    while (sw_query_next(&q, &r)) {
        incident.kind = sw_incident_kind(sw_column_str(&q, 0));
        incident.at_s = sw_column_int(&q, 1);
        incident.over_at_s = sw_column_int(&q, 2);
        sw_column_text(&q, 3, incident.text, sizeof incident.text);
        if (incident.kind != SW_INCIDENT_KINDS) /* that is a kind of a later version */
            r = each(ctx, &incident);
    }
    return sw_query_end(&q, r);
}

/* ---- what its sources missed ---- */

int sw_store_add_missed(struct sw_store *store, const struct sw_missed *missed)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_PRUNE_MISSED,
                        sw_int(missed->last_s - SW_MISSED_SHOWN_S));
    if (r == 0)
        r = sw_run_with(store, SQL_ADD_MISSED, sw_text(missed->source),
                        sw_int(missed->since_s), sw_int(missed->last_s),
                        sw_int(missed->n_missed), sw_int(missed->n_seen),
                        sw_text(missed->example));
    return sw_atomic_end(store, own, r);
}

int sw_store_each_missed(struct sw_store *store, int64_t from_s,
                         int (*each)(void *ctx, const struct sw_missed *missed),
                         void *ctx)
{
    struct sw_missed missed;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_MISSED, sw_int(from_s));
    while (sw_query_next(&q, &r)) {
        sw_column_text(&q, 0, missed.source, sizeof missed.source);
        missed.since_s = sw_column_int(&q, 1);
        missed.last_s = sw_column_int(&q, 2);
        missed.n_missed = sw_column_int(&q, 3);
        missed.n_seen = sw_column_int(&q, 4);
        sw_column_text(&q, 5, missed.example, sizeof missed.example);
        r = each(ctx, &missed);
    }
    return sw_query_end(&q, r);
}

/* ---- small texts ---- */

int sw_store_put_meta(struct sw_store *store, const char *name, const char *text)
{
    return sw_run_with(store, SQL_PUT_META, sw_text(name), sw_text(text));
}

int sw_store_get_meta(struct sw_store *store, const char *name, char **ret)
{
    struct sw_query q = sw_query_with(store, SQL_GET_META, sw_text(name));
    int r = sw_query_row(&q);
    char *text = r > 0 ? strdup(sw_column_str(&q, 0)) : NULL;
    if (r > 0 && !text)
        return sw_query_end(&q, -ENOMEM);
    if (r > 0)
        *ret = text;
    return sw_query_one(&q, r);
}

/* ---- when the clock was not trusted: a line a span in table meta ---- */

#define META_DISTRUSTED "distrusted"

int sw_store_get_distrusted(struct sw_store *store,
                            struct sw_span spans[static SW_DISTRUSTED_MAX],
                            size_t *ret_n)
{
    char *text = NULL, *rest;
    size_t n = 0;
    int r = sw_store_get_meta(store, META_DISTRUSTED, &text);
    if (r < 0)
        return r;
    rest = text;
    for (char *line; n < SW_DISTRUSTED_MAX && (line = strsep(&rest, "\n"));) {
        struct sw_span span;
        if (sscanf(line, "%" SCNd64 " %" SCNd64, &span.from_s, &span.to_s) == 2)
            spans[n++] = span;
    }
    free(text);
    *ret_n = n;
    return 0;
}

int sw_store_add_distrusted(struct sw_store *store, struct sw_span span)
{
    struct sw_span spans[SW_DISTRUSTED_MAX + 1];
    char text[(SW_DISTRUSTED_MAX + 1) * SPAN_TEXT_MAX] = "";
    size_t n, len = 0;
    int r = sw_store_get_distrusted(store, spans, &n);
    if (r < 0)
        return r;
    spans[n++] = span;
    for (size_t i = n > SW_DISTRUSTED_MAX ? 1 : 0; i < n; i++)
        len +=
            (size_t)snprintf(text + len, sizeof text - len, "%" PRId64 " %" PRId64 "\n",
                             spans[i].from_s, spans[i].to_s);
    return sw_store_put_meta(store, META_DISTRUSTED, text);
}
