/* gateway_take.c -- the loop's side of the inbox: what waits there is taken, held back,
 * or made safe where it is.
 *
 * What a message says is ingest.c's business; trimming what was stored, that of
 * gateway_judge.c.
 */
#include <string.h>

#include "daemon/gateway_private.h"

enum {
    SYNC_GRACE_MS = GATEWAY_LOOK_MS, /* a commit that is due does it better */
    TAKE_MAX = 16384, /* messages a turn: then a look at the rest of the world */
    HOLD_BYTES = SW_INBOX_LIMIT / 2, /* so much waits for the clock to be trusted */
};

/* What was acknowledged does not go into a damaged database. An untrusted clock would
 * refuse good readings, and misdate those without a time of their own: they wait for it
 * as long as the inbox has room. */
bool gateway_is_held(const struct gateway *gateway)
{
    if (check_is_awaited(&gateway->data.check))
        return true;
    return !gateway_is_clock_trusted(gateway) &&
           sw_inbox_unread_bytes(gateway->data.inbox) < HOLD_BYTES;
}

/* Take what waits in the inbox. */
int gateway_take_messages(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct sw_inbox_record record;
    int r = 0;
    if (gateway->inbox_woke)
        gateway->safe_ms = now_ms;
    gateway->more_wait = false;
    if (gateway_is_held(gateway) || gateway->retry_at_ms != 0)
        return 0;
    for (int i = 0; i < TAKE_MAX && !ingest_is_full(&gateway->ingest); i++) {
        r = sw_inbox_read(gateway->data.inbox, &record);
        gateway->more_wait = r != 0;
        if (r == 0)
            gateway->taken_ms = now_ms;
        if (r <= 0)
            break;
        gateway->n_news++;
        receive_clock_date(&gateway->keeper, &record, &gateway->now,
                           now_s + gateway->config->max_future_s);
        r = ingest_take(&gateway->ingest, &record, now_s);
        gateway_stop_if_damaged(gateway, r);
        if (r < 0)
            break;
    }
    if (!ingest_is_empty(&gateway->ingest))
        gateway_want_commit_by_interval(gateway, now_ms);
    if (ingest_is_full(&gateway->ingest) || gateway->ingest.is_urgent)
        gateway_want_commit(gateway, now_ms, 0);
    return r < 0 ? r : 0;
}

/* Refused messages that are to be tried again: with the clock that judges new ones. */
int gateway_take_again(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    bool may_take = gateway_is_clock_trusted(gateway) && !gateway_is_held(gateway) &&
                    gateway->retry_at_ms == 0;
    int r = may_take ? ingest_take_again(&gateway->ingest, now_s) : 0;
    gateway_stop_if_damaged(gateway, r);
    if (r > 0)
        gateway_want_commit(gateway, now_ms, 0);
    return r;
}

/* Messages that are not committed in time, be it for a clock or for a disk, are synced
 * where they are. Usually the commit comes first, and this costs nothing. */
void gateway_sync_what_waits(struct gateway *gateway, int64_t now_ms)
{
    int64_t patience_ms = gateway->config->commit_interval_s * 1000 + SYNC_GRACE_MS;
    bool is_empty = sw_inbox_pending(gateway->data.inbox) == 0;
    int r = 0;
    gateway->inbox_woke = is_empty; /* if the loop waits for it */
    if (!is_empty && now_ms - gateway->safe_ms < patience_ms)
        return;
    if (!is_empty)
        r = sw_inbox_sync(gateway->data.inbox);
    gateway->safe_ms = now_ms;
    if (r < 0) {
        sw_log(SW_LOG_WARNING, "cannot sync the inbox: %s", strerror(-r));
        gateway->safe_ms += GATEWAY_RETRY_MS - patience_ms;
    }
}
