/* online_spans.c -- spans of online time: growing, merged over short gaps, few. */
#include "daemon/online_spans.h"

#include <string.h>

int online_spans_load(struct online_spans *online_spans, struct sw_store *store)
{
    struct sw_span newest_first[ONLINE_SPANS_SPANS_MAX];
    size_t n;
    int r = sw_store_get_online(store, newest_first, ONLINE_SPANS_SPANS_MAX, &n);
    if (r < 0)
        return r;
    *online_spans = (struct online_spans){.n = n};
    for (size_t i = 0; i < n; i++)
        online_spans->spans[i] = newest_first[n - 1 - i];
    return 0;
}

int online_spans_store(struct online_spans *online_spans, struct sw_store *store)
{
    int r = 0;
    if (online_spans->cut_s != 0)
        r = sw_store_cut_online(store, online_spans->cut_s);
    if (r >= 0 && online_spans->distrusted.to_s != 0)
        r = sw_store_add_distrusted(store, online_spans->distrusted);
    if (r < 0)
        return r;
    if (!online_spans->unstored || online_spans->n == 0)
        return 0;
    return sw_store_put_online(store, online_spans->spans[online_spans->n - 1]);
}

static void begin_span(struct online_spans *online_spans, int64_t now_s)
{
    struct sw_span *last =
        online_spans->n ? &online_spans->spans[online_spans->n - 1] : NULL;
    bool continues =
        last && now_s >= last->to_s && now_s - last->to_s <= ONLINE_SPANS_GAP_S;
    online_spans->growing = true;
    if (continues)
        return;
    if (online_spans->n == ONLINE_SPANS_SPANS_MAX) {
        memmove(online_spans->spans, online_spans->spans + 1,
                (ONLINE_SPANS_SPANS_MAX - 1) * sizeof(*online_spans->spans));
        online_spans->n--;
    }
    /* After the clock was put back, time that was counted is not counted again. */
    int64_t from_s = last && last->to_s > now_s ? last->to_s : now_s;
    online_spans->spans[online_spans->n++] = (struct sw_span){from_s, from_s};
}

void online_spans_tick(struct online_spans *online_spans, int64_t now_s, bool watching)
{
    if (watching && !online_spans->growing)
        begin_span(online_spans, now_s);
    if (online_spans->growing && watching) {
        struct sw_span *last = &online_spans->spans[online_spans->n - 1];
        online_spans->unstored = online_spans->unstored || now_s > last->to_s;
        last->to_s = now_s > last->to_s ? now_s : last->to_s;
    }
    online_spans->growing = watching;
}

void online_spans_cut(struct online_spans *online_spans, int64_t now_s)
{
    if (online_until_s(online_spans) <= now_s)
        return;
    while (online_spans->n > 0 &&
           online_spans->spans[online_spans->n - 1].from_s >= now_s)
        online_spans->n--;
    if (online_spans->n > 0 && online_spans->spans[online_spans->n - 1].to_s > now_s)
        online_spans->spans[online_spans->n - 1].to_s = now_s;
    online_spans->growing = false;
    online_spans->cut_s = now_s;
}

void online_spans_distrusted(struct online_spans *online_spans, int64_t now_s,
                             int64_t for_s)
{
    struct sw_span *span = &online_spans->distrusted;
    int64_t from_s = now_s - for_s;
    bool has_one = span->to_s != 0 && span->from_s < from_s;
    *span = (struct sw_span){has_one ? span->from_s : from_s, now_s};
}

int64_t online_until_s(const struct online_spans *online_spans)
{
    return online_spans->n > 0 ? online_spans->spans[online_spans->n - 1].to_s : 0;
}

int64_t online_spans_missed_s(const struct online_spans *online_spans, int64_t now_s)
{
    int64_t until_s = online_until_s(online_spans);
    bool is_gap = !online_spans->growing && until_s != 0 && now_s > until_s;
    return is_gap ? now_s - until_s : 0;
}
