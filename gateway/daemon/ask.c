/* ask.c -- requests to devices that must be asked for their steps: when, for which span,
 * and in which words. What they answer is ingest_adapter.c's business. */
#include "daemon/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_S = 60 };

bool asks_next(const struct sw_ask *ask, const struct sw_zone *zone, int64_t until_s,
               int64_t now_s, struct sw_span *ret)
{
    int64_t to_s = now_s - now_s % MINUTE_S;
    int64_t from_s = until_s ? until_s : sw_day_begin(zone, sw_day_of(zone, to_s));
    if (from_s > to_s) /* the clock was set back */
        from_s = to_s - ask->every_s;
    bool is_due = until_s == 0 || until_s > to_s || to_s - until_s >= ask->every_s;
    if (!is_due || from_s == to_s)
        return false;
    if (to_s - from_s > SW_READING_SECONDS_MAX) /* no reading is longer */
        from_s = to_s - SW_READING_SECONDS_MAX;
    *ret = (struct sw_span){from_s, to_s};
    return true;
}

char *asks_payload(const struct sw_ask *ask, struct sw_span span)
{
    static const char from[] = "$from", to[] = "$to";
    char *payload = NULL;
    size_t len;
    FILE *out = open_memstream(&payload, &len);
    if (!out)
        return NULL;
    for (const char *at = ask->payload; *at;) {
        bool is_from = strncmp(at, from, sizeof from - 1) == 0;
        bool is_to = strncmp(at, to, sizeof to - 1) == 0;
        if (is_from || is_to)
            fprintf(out, "%" PRId64, is_from ? span.from_s : span.to_s);
        else
            fputc(*at, out);
        at += is_from ? sizeof from - 1 : is_to ? sizeof to - 1 : 1;
    }
    if (fclose(out) == 0)
        return payload;
    free(payload);
    return NULL;
}

bool asks_due(const struct asks *asks, size_t i, const struct sw_ask *ask,
              const struct sw_zone *zone, int64_t now_s, struct sw_span *ret)
{
    const struct asked_span *asked = &asks->of[i];
    return ask->topic && *ask->topic && !asked->is_out &&
           asks_next(ask, zone, asked->until_s, now_s, ret) &&
           ret->to_s != asked->tried_s;
}

void asks_sent(struct asks *asks, size_t i, struct sw_span span)
{
    asks->of[i].tried_s = span.to_s;
    asks->of[i].is_out = true;
}

void asks_event(struct asks *asks, const struct sw_session_event *event)
{
    bool is_ours = event->cookie >= ASK_COOKIE && event->cookie < 2 * ASK_COOKIE;
    size_t i = (size_t)(event->cookie - ASK_COOKIE);
    if (!is_ours || i >= SW_SOURCES_MAX)
        return;
    if (event->kind == SW_SESSION_DELIVERED)
        asks->of[i].until_s = asks->of[i].tried_s;
    asks->of[i].is_out = false;
}

void asks_tick(struct asks *asks, const struct sw_config *config,
               const struct sw_zone *zone, struct sw_session *session, int64_t now_s)
{
    for (size_t i = 0; i < config->n_sources; i++) {
        const struct sw_ask *ask = &config->sources[i].ask;
        struct sw_span span;
        if (!asks_due(asks, i, ask, zone, now_s, &span))
            continue;
        char *payload = asks_payload(ask, span);
        /* The broker keeps it for a device that is away. */
        if (payload && sw_session_publish(session, ask->topic, payload, strlen(payload),
                                          false, 0, ASK_COOKIE + i) == 0)
            asks_sent(asks, i, span);
        free(payload);
    }
}
