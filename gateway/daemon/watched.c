/* watched.c -- spans of watched time: growing, merged over short gaps, few. */
#include "daemon/watched.h"

#include <string.h>

int watched_load(struct watched *watched, struct sw_store *store)
{
    struct sw_span newest_first[WATCHED_SPANS_MAX];
    size_t n;
    int r = sw_store_get_watched(store, newest_first, WATCHED_SPANS_MAX, &n);
    if (r < 0)
        return r;
    *watched = (struct watched){.n = n};
    for (size_t i = 0; i < n; i++)
        watched->spans[i] = newest_first[n - 1 - i];
    return 0;
}

int watched_store(struct watched *watched, struct sw_store *store)
{
    int r = 0;
    if (watched->cut_s != 0)
        r = sw_store_cut_watched(store, watched->cut_s);
    if (r >= 0 && watched->distrusted.to_s != 0)
        r = sw_store_add_distrusted(store, watched->distrusted);
    if (r < 0)
        return r;
    if (!watched->unstored || watched->n == 0)
        return 0;
    return sw_store_put_watched(store, watched->spans[watched->n - 1]);
}

static void begin_span(struct watched *watched, int64_t now_s)
{
    struct sw_span *last = watched->n ? &watched->spans[watched->n - 1] : NULL;
    bool continues = last && now_s >= last->to_s && now_s - last->to_s <= WATCHED_GAP_S;
    watched->growing = true;
    if (continues)
        return;
    if (watched->n == WATCHED_SPANS_MAX) {
        memmove(watched->spans, watched->spans + 1,
                (WATCHED_SPANS_MAX - 1) * sizeof(*watched->spans));
        watched->n--;
    }
    /* After a clock was put back, time that was counted is not counted again. */
    int64_t from_s = last && last->to_s > now_s ? last->to_s : now_s;
    watched->spans[watched->n++] = (struct sw_span){from_s, from_s};
}

void watched_tick(struct watched *watched, int64_t now_s, bool watching)
{
    if (watching && !watched->growing)
        begin_span(watched, now_s);
    if (watched->growing && watching) {
        struct sw_span *last = &watched->spans[watched->n - 1];
        watched->unstored = watched->unstored || now_s > last->to_s;
        last->to_s = now_s > last->to_s ? now_s : last->to_s;
    }
    watched->growing = watching;
}

void watched_cut(struct watched *watched, int64_t now_s)
{
    if (watched_until(watched) <= now_s)
        return;
    while (watched->n > 0 && watched->spans[watched->n - 1].from_s >= now_s)
        watched->n--;
    if (watched->n > 0 && watched->spans[watched->n - 1].to_s > now_s)
        watched->spans[watched->n - 1].to_s = now_s;
    watched->growing = false;
    watched->cut_s = now_s;
}

void watched_distrusted(struct watched *watched, int64_t now_s, int64_t for_s)
{
    struct sw_span *span = &watched->distrusted;
    int64_t from_s = now_s - for_s;
    bool has_one = span->to_s != 0 && span->from_s < from_s;
    *span = (struct sw_span){has_one ? span->from_s : from_s, now_s};
}

int64_t watched_until(const struct watched *watched)
{
    return watched->n > 0 ? watched->spans[watched->n - 1].to_s : 0;
}

int64_t watched_missed_s(const struct watched *watched, int64_t now_s)
{
    int64_t until_s = watched_until(watched);
    bool is_gap = !watched->growing && until_s != 0 && now_s > until_s;
    return is_gap ? now_s - until_s : 0;
}
