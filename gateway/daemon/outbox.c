/* outbox.c -- send what the store holds for publication, in order. */
#include "daemon/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "stepward/fault.h"
#include "stepward/wire.h"

static void retry_refused(struct outbox *outbox, int64_t now_ms)
{
    if (outbox->refused == 0 || now_ms < outbox->retry_at_ms)
        return;
    outbox->sent_to = outbox->refused - 1;
    outbox->refused = 0;
    outbox->maybe_more = true;
}

static void note_refused(struct outbox *outbox, int64_t seq, int64_t now_ms)
{
    if (outbox->refused == 0) {
        outbox->refused = seq;
        outbox->retry_at_ms = now_ms + OUTBOX_RETRY_MS;
    }
    outbox->sent_to = seq;
}

int outbox_pump(struct outbox *outbox, struct sw_store *store,
                struct sw_session *session, int64_t now_ms)
{
    struct sw_outbound row;
    retry_refused(outbox, now_ms);
    if (outbox->epoch != sw_store_epoch(store)) { /* others may have added rows */
        outbox->epoch = sw_store_epoch(store);
        outbox->maybe_more = true;
    }
    if (outbox->in_flight != 0 || !outbox->maybe_more)
        return 0;
    int r = sw_store_next_outbound(store, outbox->sent_to, &row);
    if (r == SW_STORE_NONE)
        outbox->maybe_more = false;
    if (r != 0)
        return r < 0 ? r : 0;
    FAULT_POINT(before_publish);
    bool is_reading = sw_topic_is_steps(row.topic); /* somebody runs `stepward try` */
    bool is_sent =
        sw_session_publish(session, row.topic, row.payload, strlen(row.payload),
                           !is_reading, 0, (uint64_t)row.seq) == 0;
    if (is_sent) {
        outbox->in_flight = row.seq;
        outbox->is_awaited = is_reading || sw_topic_is_test_alert(row.topic);
    }
    FAULT_POINT(after_publish);
    free(row.payload);
    return 0;
}

bool outbox_waits(const struct outbox *outbox)
{
    return outbox->refused != 0 || (outbox->maybe_more && outbox->in_flight == 0);
}

int64_t outbox_event(struct outbox *outbox, const struct sw_session_event *event,
                     int64_t now_ms)
{
    bool is_ours =
        outbox->in_flight != 0 && event->cookie == (uint64_t)outbox->in_flight;
    if (event->kind == SW_SESSION_DOWN)
        outbox->in_flight = 0; /* it will be sent again */
    if (!is_ours)
        return 0;
    int64_t seq = outbox->in_flight;
    outbox->in_flight = 0;
    if (event->refused)
        note_refused(outbox, seq, now_ms);
    if (event->kind != SW_SESSION_DELIVERED)
        return 0;
    outbox->sent_to = seq;
    return seq;
}
