/* intake_again.c -- messages that were refused, and that somebody wants taken once more
 * after mending the cause.
 *
 * Each is taken as it came, at its own time of receipt. Nobody counts it again; the
 * commit that stores what came of it also removes its row, or notes the new reason
 * there. A row that is refused again keeps its place: as a new one it would push out
 * the oldest of the others.
 */
#include "daemon/intake_private.h"

struct taking {
    struct intake *intake;
    int64_t now_s;
};

static int take(void *ctx, const struct sw_rejected *row)
{
    const struct taking *taking = ctx;
    struct intake *intake = taking->intake;
    struct sw_inbox_record record = {
        .received_at_s = row->at_s,
        .retained = row->retained,
        .topic = row->topic,
        .topic_len = row->topic_len,
        .payload = row->payload,
        .payload_len = row->payload_len,
    };
    size_t n_refused = intake->n_refused;
    intake->again_id = row->id;
    intake->again_stamp = row->stamp;
    int r = intake_take_in(intake, &record, taking->now_s);
    intake->again_id = 0;
    if (r < 0)
        return r;
    bool refused = intake->n_refused > n_refused;
    intake->again[intake->n_again++] = (struct again){row->id, refused};
    return intake_is_full(intake);
}

int intake_take_again(struct intake *intake, int64_t now_s)
{
    struct taking taking = {intake, now_s};
    bool waits_for_commit = intake->n_again > 0 || intake_is_full(intake);
    if (!intake->maybe_marked || waits_for_commit)
        return 0;
    intake->maybe_marked = false; /* unless it is found by what is taken */
    int r = sw_store_each_marked(intake->ward->store, AGAIN_MAX, take, &taking);
    if (r < 0)
        return r;
    intake->maybe_marked = intake->maybe_marked || intake->n_again > 0;
    return (int)intake->n_again;
}
