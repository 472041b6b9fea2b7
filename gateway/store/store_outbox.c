/* store_outbox.c -- what is still to be published, in the order it was put.
 * Sending, and knowing that the broker has it, is session.c's business. */
#include "store/store_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sw_store_put_outbound(struct sw_store *store, const char *topic, const char *about,
                          const char *payload)
{
    struct sw_query q = sw_query(store, SQL_PUT_OUTBOUND);
    sw_bind_text(&q, topic);
    sw_bind_text(&q, about);
    sw_bind_text(&q, payload);
    return sw_query_run(&q);
}

static int read_outbound(const struct sw_query *q, struct sw_outbound *ret)
{
    char *payload = strdup(sw_column_str(q, 2));
    if (!payload)
        return -ENOMEM;
    ret->seq = sw_column_int(q, 0);
    sw_column_text(q, 1, ret->topic, sizeof ret->topic);
    ret->payload = payload;
    return 0;
}

int sw_store_next_outbound(struct sw_store *store, int64_t after,
                           struct sw_outbound *ret)
{
    struct sw_query q = sw_query(store, SQL_NEXT_OUTBOUND);
    sw_bind_int(&q, after);
    int r = sw_query_row(&q);
    if (r > 0 && read_outbound(&q, ret) < 0)
        return sw_query_end(&q, -ENOMEM);
    return sw_query_one(&q, r);
}

int sw_store_each_outbound(struct sw_store *store,
                           int (*each)(void *ctx, int64_t seq, const char *topic),
                           void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_OUTBOUND);
    int r;
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_int(&q, 0), sw_column_str(&q, 1));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_outbound_done(struct sw_store *store, int64_t seq)
{
    struct sw_query q = sw_query(store, SQL_OUTBOUND_DONE);
    sw_bind_int(&q, seq);
    return sw_query_run(&q);
}
