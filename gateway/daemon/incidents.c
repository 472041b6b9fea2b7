/* incidents.c -- incidents in memory: begin, end, log once, store. What counts as an
 * incident is decided where it happens. */
#include "daemon/incidents.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stepward/host.h"

bool incidents_lasts(const struct incidents *incidents, enum sw_incident_kind kind)
{
    const struct sw_incident *last = &incidents->last[kind];
    return last->at_s != 0 && last->over_at_s == 0;
}

static void incidents_note_begin(struct incidents *incidents,
                                 enum sw_incident_kind kind, int64_t now_s)
{
    incidents->last[kind] = (struct sw_incident){.kind = kind, .at_s = now_s};
    incidents->of_this_run[kind] = true;
}

/* A text that is logged already is not logged again. */
__attribute__((format(printf, 4, 0))) static void
set_text(struct incidents *incidents, enum sw_incident_kind kind, bool is_logged,
         const char *format, va_list args)
{
    struct sw_incident *last = &incidents->last[kind];
    char text[SW_WHY_MAX];
    vsnprintf(text, sizeof text, format, args);
    bool is_news = strcmp(text, last->text) != 0;
    if (!is_news)
        return;
    memcpy(last->text, text, sizeof last->text);
    incidents->unstored[kind] = true;
    if (is_logged)
        sw_log(SW_LOG_ERROR, "%s", text);
}

void incidents_begin(struct incidents *incidents, enum sw_incident_kind kind,
                     int64_t now_s, const char *format, ...)
{
    va_list args;
    if (!incidents_lasts(incidents, kind))
        incidents_note_begin(incidents, kind, now_s);
    va_start(args, format);
    set_text(incidents, kind, true, format, args);
    va_end(args);
}

void incidents_end(struct incidents *incidents, enum sw_incident_kind kind,
                   int64_t now_s, const char *format, ...)
{
    struct sw_incident *last = &incidents->last[kind];
    char text[SW_WHY_MAX];
    va_list args;
    if (!incidents_lasts(incidents, kind))
        return;
    last->over_at_s = now_s > last->at_s ? now_s : last->at_s + 1;
    incidents->unstored[kind] = true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sw_log(SW_LOG_NOTICE, "%s", text);
}

void incidents_note(struct incidents *incidents, enum sw_incident_kind kind,
                    int64_t now_s, const char *format, ...)
{
    struct sw_incident *last = &incidents->last[kind];
    bool is_same = last->at_s != 0 && now_s - last->at_s < INCIDENTS_SAME_S;
    va_list args;
    if (!is_same)
        incidents_note_begin(incidents, kind, now_s);
    last->over_at_s = last->at_s;
    va_start(args, format);
    set_text(incidents, kind, true, format, args);
    va_end(args);
}

bool incidents_grows(const struct incidents *incidents, enum sw_incident_kind kind,
                     int64_t now_s)
{
    const struct sw_incident *last = &incidents->last[kind];
    return incidents->of_this_run[kind] && last->at_s != 0 &&
           now_s - last->at_s < INCIDENTS_SAME_S;
}

void incidents_grow(struct incidents *incidents, enum sw_incident_kind kind,
                    int64_t now_s, bool is_logged, const char *format, ...)
{
    struct sw_incident *last = &incidents->last[kind];
    bool is_taken = last->at_s == now_s; /* by an earlier run, as the store has it */
    va_list args;
    if (!incidents_grows(incidents, kind, now_s))
        incidents_note_begin(incidents, kind, now_s + is_taken);
    last->over_at_s = last->at_s;
    va_start(args, format);
    set_text(incidents, kind, is_logged, format, args);
    va_end(args);
}

void incidents_redate(struct incidents *incidents, int64_t now_s, int64_t by_s)
{
    for (int kind = 0; kind < SW_INCIDENT_KINDS; kind++) {
        struct sw_incident *last = &incidents->last[kind];
        if (last->at_s <= now_s)
            continue;
        if (last->over_at_s > now_s)
            last->over_at_s += by_s;
        last->at_s += by_s;
    }
}

void incidents_drop(struct incidents *incidents, enum sw_incident_kind kind,
                    int64_t at_s)
{
    if (incidents->last[kind].at_s != at_s)
        return;
    incidents->last[kind] = (struct sw_incident){.at_s = 0};
    incidents->unstored[kind] = false;
}

/* The newest come first, so the first of each kind counts. */
static int incidents_recall(void *ctx, const struct sw_incident *incident)
{
    struct sw_incident *last = &((struct incidents *)ctx)->last[incident->kind];
    if (last->at_s < incident->at_s)
        *last = *incident;
    return 0;
}

int incidents_load(struct incidents *incidents, struct sw_store *store, int64_t now_s)
{
    struct incidents stored = {0};
    int r = sw_store_each_incident(store, now_s - SW_INCIDENT_SHOWN_S, incidents_recall,
                                   &stored);
    for (int kind = 0; r >= 0 && kind < SW_INCIDENT_KINDS; kind++) {
        if (incidents->last[kind].at_s != 0)
            continue;
        incidents->last[kind] = stored.last[kind];
        if (!incidents_lasts(incidents, (enum sw_incident_kind)kind))
            continue;
        incidents->last[kind].over_at_s = now_s;
        incidents->unstored[kind] = true;
    }
    return r;
}

/* Incidents of an existing connection: without one they do not matter. */
static bool is_of_connection(int kind)
{
    return kind == SW_INCIDENT_DEAF || kind == SW_INCIDENT_MUTE ||
           kind == SW_INCIDENT_DOTS_LOST || kind == SW_INCIDENT_TOO_LARGE ||
           kind == SW_INCIDENT_PUBLICATION_REFUSED || kind == SW_INCIDENT_SITE_SHARED ||
           kind == SW_INCIDENT_SUBSCRIPTION_REFUSED ||
           kind == SW_INCIDENT_QOS_LOWERED || kind == SW_INCIDENT_SESSION_CUT;
}

void incidents_fill_health(const struct incidents *incidents, int64_t now_s,
                           struct sw_health *health)
{
    int64_t newest_s = now_s - SW_INCIDENT_SHOWN_S;
    health->problem[0] = health->incident[0] = '\0';
    for (int kind = 0; kind < SW_INCIDENT_KINDS; kind++) {
        const struct sw_incident *last = &incidents->last[kind];
        bool lasts = incidents_lasts(incidents, (enum sw_incident_kind)kind);
        int64_t at_s = last->at_s < now_s ? last->at_s : now_s; /* not in the future */
        bool is_moot = incidents->offline[0] != '\0' && is_of_connection(kind);
        if (lasts && !is_moot && health->problem[0] == '\0') /* the worst first */
            memcpy(health->problem, last->text, sizeof health->problem);
        if (!lasts && last->at_s != 0 && at_s > newest_s) {
            char at[SW_INSTANT_LEN + 1];
            newest_s = at_s;
            sw_instant_format(last->at_s, at);
            snprintf(health->incident, sizeof health->incident, "%s %.*s", at,
                     SW_WHY_MAX - SW_INSTANT_LEN - 2, last->text);
        }
    }
    if (health->problem[0] == '\0')
        memcpy(health->problem, incidents->checking, sizeof health->problem);
    if (health->problem[0] == '\0')
        memcpy(health->problem, incidents->offline, sizeof health->problem);
}

int incidents_store(const struct incidents *incidents, struct sw_store *store)
{
    int r = 0;
    for (int kind = 0; r >= 0 && kind < SW_INCIDENT_KINDS; kind++)
        if (incidents->unstored[kind])
            r = sw_store_put_incident(store, &incidents->last[kind]);
    return r;
}

void incidents_committed(struct incidents *incidents)
{
    memset(incidents->unstored, 0, sizeof incidents->unstored);
}
