/* ingest_retry.c -- messages that were refused, and that somebody wants taken once more
 * after mending the cause.
 *
 * Each is taken as it came, at its own time of receipt. Nobody counts it again; the
 * commit that stores what came of it also removes its row, or notes the new reason
 * there. A row that is refused again keeps its place: as a new one it would push out
 * the oldest of the others.
 */
#include "daemon/ingest_private.h"

struct taking {
    struct ingest *ingest;
    int64_t now_s;
};

static int take(void *ctx, const struct sw_rejected *row)
{
    const struct taking *taking = ctx;
    struct ingest *ingest = taking->ingest;
    struct sw_inbox_record record = {
        .received_at_s = row->at_s,
        .retained = row->retained,
        .topic = row->topic,
        .topic_len = row->topic_len,
        .payload = row->payload,
        .payload_len = row->payload_len,
    };
    size_t n_refused = ingest->n_refused;
    ingest->again_id = row->id;
    ingest->again_stamp = row->stamp;
    int r = ingest_take_in(ingest, &record, taking->now_s);
    ingest->again_id = 0;
    if (r < 0)
        return r;
    bool refused = ingest->n_refused > n_refused;
    ingest->again[ingest->n_again++] = (struct again){row->id, refused};
    return ingest_is_full(ingest);
}

int ingest_take_again(struct ingest *ingest, int64_t now_s)
{
    struct taking taking = {ingest, now_s};
    bool waits_for_commit = ingest->n_again > 0 || ingest_is_full(ingest);
    if (!ingest->maybe_marked || waits_for_commit)
        return 0;
    ingest->maybe_marked = false; /* unless it is found by what is taken */
    int r = sw_store_each_marked(ingest->patients->store, AGAIN_MAX, take, &taking);
    if (r < 0)
        return r;
    ingest->maybe_marked = ingest->maybe_marked || ingest->n_again > 0;
    return (int)ingest->n_again;
}
