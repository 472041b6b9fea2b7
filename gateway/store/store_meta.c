/* store_meta.c -- what the gateway stores about itself: its health, incidents, when it
 * was connected, when it did not trust its clock, and small texts by name. */
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
    struct sw_query q = sw_query(store, SQL_PUT_HEALTH);
#define X(name, help) sw_bind_int(&q, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    sw_bind_text(&q, health->version);
    sw_bind_int(&q, health->connected);
    sw_bind_int(&q, health->clock_trusted);
    sw_bind_int(&q, health->written_at_s);
    sw_bind_int(&q, health->last_message_at_s);
    sw_bind_int(&q, health->last_commit_at_s);
    sw_bind_text(&q, health->problem);
    sw_bind_text(&q, health->incident);
    return sw_query_run(&q);
}

static void read_health(const struct sw_query *q, struct sw_health *ret)
{
    int i = 0;
#define X(name, help) ret->name = sw_column_int(q, i++);
    SW_HEALTH_COUNTERS(X)
#undef X
    sw_column_text(q, i++, ret->version, sizeof ret->version);
    ret->connected = sw_column_int(q, i++) != 0;
    ret->clock_trusted = sw_column_int(q, i++) != 0;
    ret->written_at_s = sw_column_int(q, i++);
    ret->last_message_at_s = sw_column_int(q, i++);
    ret->last_commit_at_s = sw_column_int(q, i++);
    sw_column_text(q, i++, ret->problem, sizeof ret->problem);
    sw_column_text(q, i, ret->incident, sizeof ret->incident);
}

int sw_store_get_health(struct sw_store *store, struct sw_health *ret)
{
    struct sw_query q = sw_query(store, SQL_GET_HEALTH);
    int r = sw_query_row(&q);
    if (r > 0)
        read_health(&q, ret);
    return sw_query_one(&q, r);
}

/* ---- when the gateway was connected ---- */

static int run_on_span(struct sw_store *store, enum sw_sql sql, struct sw_span span)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, span.from_s);
    sw_bind_int(&q, span.to_s);
    return sw_query_run(&q);
}

static int prune_online(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_PRUNE_ONLINE);
    sw_bind_int(&q, ONLINE_SPANS_MAX);
    return sw_query_run(&q);
}

static int put_online(struct sw_store *store, struct sw_span span)
{
    int r = run_on_span(store, SQL_EXTEND_ONLINE, span);
    if (r < 0 || sw_changes(store) > 0)
        return r;
    r = run_on_span(store, SQL_ADD_ONLINE, span);
    return r < 0 ? r : prune_online(store);
}

int sw_store_put_online(struct sw_store *store, struct sw_span span)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    return sw_atomic_end(store, own, put_online(store, span));
}

static int run_at(struct sw_store *store, enum sw_sql sql, int64_t at_s)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, at_s);
    return sw_query_run(&q);
}

int sw_store_cut_online(struct sw_store *store, int64_t at_s)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = run_at(store, SQL_DROP_ONLINE, at_s);
    if (r >= 0)
        r = run_at(store, SQL_CUT_ONLINE, at_s);
    return sw_atomic_end(store, own, r);
}

int sw_store_get_online(struct sw_store *store, struct sw_span *spans, size_t max,
                        size_t *ret_n)
{
    struct sw_query q = sw_query(store, SQL_GET_ONLINE);
    size_t n = 0;
    int r = 0;
    sw_bind_int(&q, max < ONLINE_SPANS_MAX ? (int64_t)max : ONLINE_SPANS_MAX);
    while (n < max && (r = sw_query_row(&q)) > 0) {
        spans[n].from_s = sw_column_int(&q, 0);
        spans[n++].to_s = sw_column_int(&q, 1);
    }
    sw_query_end(&q, r);
    if (r < 0)
        return r;
    *ret_n = n;
    return 0;
}

int sw_store_online_since(struct sw_store *store, int64_t *ret_s)
{
    struct sw_query q = sw_query(store, SQL_FIRST_ONLINE);
    int r = sw_query_row(&q);
    *ret_s = r > 0 ? sw_column_int(&q, 0) : 0;
    return sw_query_one(&q, r);
}

/* ---- what happened to it ---- */

static int put_incident(struct sw_store *store, const struct sw_incident *incident)
{
    struct sw_query q = sw_query(store, SQL_PUT_INCIDENT);
    sw_bind_text(&q, sw_incident_code(incident->kind));
    sw_bind_int(&q, incident->at_s);
    sw_bind_int(&q, incident->over_at_s);
    sw_bind_text(&q, incident->text);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    q = sw_query(store, SQL_PRUNE_INCIDENTS);
    sw_bind_int(&q, INCIDENTS_MAX);
    return sw_query_run(&q);
}

int sw_store_put_incident(struct sw_store *store, const struct sw_incident *incident)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    return sw_atomic_end(store, own, put_incident(store, incident));
}

int sw_store_drop_incident(struct sw_store *store, enum sw_incident_kind kind,
                           int64_t at_s)
{
    struct sw_query q = sw_query(store, SQL_DROP_INCIDENT);
    sw_bind_text(&q, sw_incident_code(kind));
    sw_bind_int(&q, at_s);
    return sw_query_run(&q);
}

int sw_store_each_incident(struct sw_store *store, int64_t from_s,
                           int (*each)(void *ctx, const struct sw_incident *incident),
                           void *ctx)
{
    struct sw_query q = sw_query(store, SQL_GET_INCIDENTS);
    struct sw_incident incident;
    int r;
    sw_bind_int(&q, from_s);
    while ((r = sw_query_row(&q)) > 0) {
        incident.kind = sw_incident_kind(sw_column_str(&q, 0));
        incident.at_s = sw_column_int(&q, 1);
        incident.over_at_s = sw_column_int(&q, 2);
        sw_column_text(&q, 3, incident.text, sizeof incident.text);
        if (incident.kind == SW_INCIDENT_KINDS) /* a kind of a later version */
            continue;
        r = each(ctx, &incident);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

/* ---- small texts ---- */

int sw_store_put_meta(struct sw_store *store, const char *name, const char *text)
{
    struct sw_query q = sw_query(store, SQL_PUT_META);
    sw_bind_text(&q, name);
    sw_bind_text(&q, text);
    return sw_query_run(&q);
}

int sw_store_get_meta(struct sw_store *store, const char *name, char **ret)
{
    struct sw_query q = sw_query(store, SQL_GET_META);
    char *text = NULL;
    sw_bind_text(&q, name);
    int r = sw_query_row(&q);
    if (r > 0) {
        text = strdup(sw_column_str(&q, 0));
        if (!text)
            return sw_query_end(&q, -ENOMEM);
    }
    r = sw_query_one(&q, r);
    if (r == 0)
        *ret = text;
    return r;
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
