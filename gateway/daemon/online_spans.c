/* online_spans.c -- spans of online time: growing, merged over short gaps, few. */
#include "daemon/online_spans.h"

#include <string.h>

int online_spans_load(struct online_spans *online, struct sw_store *store)
{
    struct sw_span newest_first[ONLINE_SPANS_MAX];
    size_t n;
    int r = sw_store_get_online(store, newest_first, ONLINE_SPANS_MAX, &n);
    if (r < 0)
        return r;
    *online = (struct online_spans){.n = n};
    for (size_t i = 0; i < n; i++)
        online->spans[i] = newest_first[n - 1 - i];
    return 0;
}

int online_spans_store(struct online_spans *online, struct sw_store *store)
{
    int r = 0;
    if (online->cut_s != 0)
        r = sw_store_cut_online(store, online->cut_s);
    if (r >= 0 && online->distrusted.to_s != 0)
        r = sw_store_add_distrusted(store, online->distrusted);
    if (r < 0)
        return r;
    if (!online->unstored || online->n == 0)
        return 0;
    return sw_store_put_online(store, online->spans[online->n - 1]);
}

static void begin_span(struct online_spans *online, int64_t now_s)
{
    int64_t last_s = online_until_s(online);
    bool continues =
        online->n > 0 && now_s >= last_s && now_s - last_s <= ONLINE_SPANS_GAP_S;
    if (continues)
        return;
    if (online->n == ONLINE_SPANS_MAX) {
        memmove(online->spans, online->spans + 1,
                (ONLINE_SPANS_MAX - 1) * sizeof(*online->spans));
        online->n--;
    }
    /* After the clock was put back, time that was counted is not counted again. */
    int64_t from_s = last_s > now_s ? last_s : now_s;
    online->spans[online->n++] = (struct sw_span){from_s, from_s};
}

void online_spans_tick(struct online_spans *online, int64_t now_s, bool watching)
{
    if (watching && !online->growing)
        begin_span(online, now_s);
    online->growing = watching;
    if (watching && now_s > online_until_s(online)) {
        online->spans[online->n - 1].to_s = now_s;
        online->unstored = true;
    }
}

void online_spans_cut(struct online_spans *online, int64_t now_s)
{
    if (online_until_s(online) <= now_s)
        return;
    while (online->n > 0 && online->spans[online->n - 1].from_s >= now_s)
        online->n--;
    if (online_until_s(online) > now_s)
        online->spans[online->n - 1].to_s = now_s;
    online->growing = false;
    online->cut_s = now_s;
}

void online_spans_distrusted(struct online_spans *online, int64_t now_s, int64_t for_s)
{
    struct sw_span *span = &online->distrusted;
    int64_t from_s = now_s - for_s;
    bool has_one = span->to_s != 0 && span->from_s < from_s;
    *span = (struct sw_span){has_one ? span->from_s : from_s, now_s};
}

int64_t online_until_s(const struct online_spans *online)
{
    return online->n > 0 ? online->spans[online->n - 1].to_s : 0;
}

int64_t online_spans_missed_s(const struct online_spans *online, int64_t now_s)
{
    int64_t until_s = online_until_s(online);
    bool is_gap = !online->growing && until_s != 0 && now_s > until_s;
    return is_gap ? now_s - until_s : 0;
}
