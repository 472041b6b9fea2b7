/* broker_drops.c -- the broker's count of what it dropped, compared with the last one. */
#include "daemon/broker_drops.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/civil.h"

enum {
    DIGITS_MAX = 18, /* so that sums stay far from what a number can hold */
    /* The broker tells a change within its sys_interval, 10 s unless it is set. */
    PUBLISHED_WITHIN_S = 60,
};

static bool read_count(const char *bytes, size_t len, int64_t *ret)
{
    int64_t count = 0;
    if (len == 0 || len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        count = count * 10 + (bytes[i] - '0');
    }
    *ret = count;
    return true;
}

int dropped_load(struct dropped *dropped, struct sw_store *store)
{
    char *text = NULL;
    *dropped = (struct dropped){.is_known = false};
    int r = sw_store_get_meta(store, SW_META_DROPPED, &text);
    if (r == 0)
        dropped->is_known = read_count(text, strlen(text), &dropped->count);
    free(text);
    return r < 0 ? r : 0;
}

void dropped_away(struct dropped *dropped, const struct online_spans *online_spans)
{
    dropped->is_first = true;
    dropped->away_s = online_until_s(online_spans);
}

/* Of one that is told while we are connected not more than that it was a moment ago. */
static int64_t since(const struct dropped *dropped, int64_t now_s)
{
    int64_t from_s = dropped->is_first ? dropped->away_s : now_s - PUBLISHED_WITHIN_S;
    if (!dropped->is_first && dropped->told_at_s > from_s)
        from_s = dropped->told_at_s;
    return from_s > 0 && from_s < now_s ? from_s : now_s;
}

static void note_drops(struct dropped *dropped, int64_t n, struct incidents *incidents,
                       int64_t now_s)
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    bool grows = incidents_grows(incidents, SW_INCIDENT_MESSAGES_DROPPED, now_s);
    if (!grows) {
        dropped->sum = 0;
        dropped->from_s = since(dropped, now_s);
    }
    dropped->sum += n;
    sw_instant_format(dropped->from_s, from);
    sw_instant_format(now_s, to);
    incidents_grow(
        incidents, SW_INCIDENT_MESSAGES_DROPPED, now_s, !grows,
        "from %s to %s the broker dropped %" PRId64
        " message%s, for the queue of a client was full: readings that it had "
        "acknowledged may be among them",
        from, to, dropped->sum, sw_plural(dropped->sum));
}

bool broker_drops_on_message(struct dropped *dropped, const char *bytes, size_t len,
                             struct incidents *incidents, int64_t now_s)
{
    int64_t count;
    if (!read_count(bytes, len, &count))
        return false;
    bool is_new_broker = count < dropped->count; /* it counts from its start on */
    int64_t n = is_new_broker ? count : count - dropped->count;
    bool is_news = dropped->is_known && n > 0;
    if (is_news)
        note_drops(dropped, n, incidents, now_s);
    dropped->unstored |= !dropped->is_known || count != dropped->count;
    dropped->is_known = true;
    dropped->is_first = false;
    dropped->count = count;
    dropped->told_at_s = now_s;
    return is_news;
}

int dropped_store(const struct dropped *dropped, struct sw_store *store)
{
    char text[DIGITS_MAX + 2];
    if (!dropped->unstored)
        return 0;
    snprintf(text, sizeof text, "%" PRId64, dropped->count);
    return sw_store_put_meta(store, SW_META_DROPPED, text);
}
