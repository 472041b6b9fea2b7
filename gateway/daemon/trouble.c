/* trouble.c -- incidents in memory: begin, end, log once, hand to the store.
 * What counts as trouble is decided where it happens. */
#include "daemon/trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stepward/host.h"

bool trouble_lasts(const struct trouble *trouble, enum sw_incident_kind kind)
{
    const struct sw_incident *last = &trouble->last[kind];
    return last->at_s != 0 && last->over_at_s == 0;
}

static void begin(struct trouble *trouble, enum sw_incident_kind kind, int64_t now_s)
{
    trouble->last[kind] = (struct sw_incident){.kind = kind, .at_s = now_s};
    trouble->of_this_run[kind] = true;
}

/* What was said already is not said again. */
__attribute__((format(printf, 4, 0))) static void
set_text(struct trouble *trouble, enum sw_incident_kind kind, bool is_logged,
         const char *format, va_list args)
{
    struct sw_incident *last = &trouble->last[kind];
    char text[SW_WHY_MAX];
    vsnprintf(text, sizeof text, format, args);
    bool is_news = strcmp(text, last->text) != 0;
    if (!is_news)
        return;
    memcpy(last->text, text, sizeof last->text);
    trouble->unstored[kind] = true;
    if (is_logged)
        sw_log(SW_LOG_ERROR, "%s", text);
}

void trouble_begin(struct trouble *trouble, enum sw_incident_kind kind, int64_t now_s,
                   const char *format, ...)
{
    va_list args;
    if (!trouble_lasts(trouble, kind))
        begin(trouble, kind, now_s);
    va_start(args, format);
    set_text(trouble, kind, true, format, args);
    va_end(args);
}

void trouble_end(struct trouble *trouble, enum sw_incident_kind kind, int64_t now_s,
                 const char *format, ...)
{
    struct sw_incident *last = &trouble->last[kind];
    char text[SW_WHY_MAX];
    va_list args;
    if (!trouble_lasts(trouble, kind))
        return;
    last->over_at_s = now_s > last->at_s ? now_s : last->at_s + 1;
    trouble->unstored[kind] = true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sw_log(SW_LOG_NOTICE, "%s", text);
}

void trouble_note(struct trouble *trouble, enum sw_incident_kind kind, int64_t now_s,
                  const char *format, ...)
{
    struct sw_incident *last = &trouble->last[kind];
    bool is_same = last->at_s != 0 && now_s - last->at_s < TROUBLE_SAME_S;
    va_list args;
    if (!is_same)
        begin(trouble, kind, now_s);
    last->over_at_s = last->at_s;
    va_start(args, format);
    set_text(trouble, kind, true, format, args);
    va_end(args);
}

bool trouble_grows(const struct trouble *trouble, enum sw_incident_kind kind,
                   int64_t now_s)
{
    const struct sw_incident *last = &trouble->last[kind];
    return trouble->of_this_run[kind] && last->at_s != 0 &&
           now_s - last->at_s < TROUBLE_SAME_S;
}

void trouble_grow(struct trouble *trouble, enum sw_incident_kind kind, int64_t now_s,
                  bool is_logged, const char *format, ...)
{
    struct sw_incident *last = &trouble->last[kind];
    bool is_taken = last->at_s == now_s; /* by an earlier run, which the store has so */
    va_list args;
    if (!trouble_grows(trouble, kind, now_s))
        begin(trouble, kind, now_s + is_taken);
    last->over_at_s = last->at_s;
    va_start(args, format);
    set_text(trouble, kind, is_logged, format, args);
    va_end(args);
}

void trouble_redate(struct trouble *trouble, int64_t now_s, int64_t by_s)
{
    for (int kind = 0; kind < SW_INCIDENT_KINDS; kind++) {
        struct sw_incident *last = &trouble->last[kind];
        if (last->at_s <= now_s)
            continue;
        if (last->over_at_s > now_s)
            last->over_at_s += by_s;
        last->at_s += by_s;
    }
}

void trouble_forget(struct trouble *trouble, enum sw_incident_kind kind, int64_t at_s)
{
    if (trouble->last[kind].at_s != at_s)
        return;
    trouble->last[kind] = (struct sw_incident){.at_s = 0};
    trouble->unstored[kind] = false;
}

static int recall(void *ctx, const struct sw_incident *incident)
{
    struct trouble *trouble = ctx;
    struct sw_incident *last = &trouble->last[incident->kind];
    bool is_known = last->at_s >= incident->at_s; /* newest first, or of this run */
    if (!is_known)
        *last = *incident;
    return 0;
}

int trouble_load(struct trouble *trouble, struct sw_store *store, int64_t now_s)
{
    struct trouble stored = {0};
    int r = sw_store_each_incident(store, now_s - SW_INCIDENT_SHOWN_S, recall, &stored);
    for (int kind = 0; r >= 0 && kind < SW_INCIDENT_KINDS; kind++) {
        if (trouble->last[kind].at_s != 0)
            continue;
        trouble->last[kind] = stored.last[kind];
        if (!trouble_lasts(trouble, (enum sw_incident_kind)kind))
            continue;
        trouble->last[kind].over_at_s = now_s;
        trouble->unstored[kind] = true;
    }
    return r;
}

static void show(const struct sw_incident *incident, char out[static SW_WHY_MAX])
{
    char at[SW_INSTANT_LEN + 1];
    sw_instant_format(incident->at_s, at);
    snprintf(out, SW_WHY_MAX, "%s %.*s", at, SW_WHY_MAX - SW_INSTANT_LEN - 2,
             incident->text);
}

/* What is wrong with a connection that there is: without one it says nothing. */
static bool is_of_connection(int kind)
{
    return kind == SW_INCIDENT_DEAF || kind == SW_INCIDENT_MUTE ||
           kind == SW_INCIDENT_DOTS_LOST || kind == SW_INCIDENT_TOO_LARGE ||
           kind == SW_INCIDENT_PUBLICATION_REFUSED || kind == SW_INCIDENT_SITE_SHARED ||
           kind == SW_INCIDENT_SUBSCRIPTION_REFUSED ||
           kind == SW_INCIDENT_QOS_LOWERED || kind == SW_INCIDENT_SESSION_CUT;
}

void trouble_say(const struct trouble *trouble, int64_t now_s, struct sw_health *health)
{
    int64_t newest_s = now_s - SW_INCIDENT_SHOWN_S;
    health->problem[0] = health->incident[0] = '\0';
    for (int kind = 0; kind < SW_INCIDENT_KINDS; kind++) {
        const struct sw_incident *last = &trouble->last[kind];
        bool lasts = trouble_lasts(trouble, (enum sw_incident_kind)kind);
        int64_t at_s = last->at_s < now_s ? last->at_s : now_s; /* none is to come */
        bool is_moot = trouble->offline[0] != '\0' && is_of_connection(kind);
        if (lasts && !is_moot && health->problem[0] == '\0') /* the worst first */
            memcpy(health->problem, last->text, sizeof health->problem);
        if (!lasts && last->at_s != 0 && at_s > newest_s) {
            newest_s = at_s;
            show(last, health->incident);
        }
    }
    if (health->problem[0] == '\0')
        memcpy(health->problem, trouble->checking, sizeof health->problem);
    if (health->problem[0] == '\0')
        memcpy(health->problem, trouble->offline, sizeof health->problem);
}

int trouble_store(const struct trouble *trouble, struct sw_store *store)
{
    int r = 0;
    for (int kind = 0; r >= 0 && kind < SW_INCIDENT_KINDS; kind++)
        if (trouble->unstored[kind])
            r = sw_store_put_incident(store, &trouble->last[kind]);
    return r;
}

void trouble_settle(struct trouble *trouble)
{
    memset(trouble->unstored, 0, sizeof trouble->unstored);
}
