/* store_rejected.c -- the newest refused messages with their reasons, bounded in rows
 * and bytes. Mending the cause and trying again is the caller's business.
 *
 * The room is shared. A known patient holds the messages refused for them; every other
 * message is held by its topic. When there is no room for another, the oldest message
 * of the holder with most is dropped: of unknown topics while these have more than half
 * of the room, else of patients. So a device that sends more than its share pushes out
 * its own messages, and no number of unknown senders can push out those of patients. A
 * single holder may fill all of the room. */
#include "store/store_private.h"

#include <string.h>

enum { REJECTED_BYTES_MAX = 16 * 1024 * 1024 }; /* of topics and payloads */

/* [0] is for unknown topics, [1] for known patients. */
struct room {
    int64_t n[2], bytes[2];
};

static int read_room(struct sw_store *store, struct room *ret)
{
    struct sw_query q = sw_query(store, SQL_REJECTED_ROOM);
    int r;
    *ret = (struct room){.n = {0}};
    while ((r = sw_query_row(&q)) > 0) {
        int known = sw_column_int(&q, 0) != 0;
        ret->n[known] = sw_column_int(&q, 1);
        ret->bytes[known] = sw_column_int(&q, 2);
    }
    return sw_query_end(&q, r);
}

/* Whether there is too much, and then which of the two must give way. */
static bool is_over(const struct room *room, bool *ret_known)
{
    if (room->n[0] + room->n[1] > SW_REJECTED_MAX)
        *ret_known = room->n[0] <= SW_REJECTED_MAX / 2;
    else if (room->bytes[0] + room->bytes[1] > REJECTED_BYTES_MAX)
        *ret_known = room->bytes[0] <= REJECTED_BYTES_MAX / 2;
    else
        return false;
    return true;
}

/* Usually one message goes for one that came, found by an index. */
static int rejected_prune(struct sw_store *store)
{
    struct room room;
    bool known;
    int r;
    while ((r = read_room(store, &room)) >= 0 && is_over(&room, &known)) {
        r = sw_run_with(store, SQL_PRUNE_REJECTED, sw_int(known));
        if (r < 0 || sw_changes(store) == 0)
            break;
    }
    return r < 0 ? r : 0;
}

int sw_store_put_rejected(struct sw_store *store, const struct sw_rejected *rejected,
                          size_t topic_len)
{
    const char *patient = rejected->patient.str;
    bool is_known = *patient != '\0', own;
    struct sw_value topic = sw_blob(rejected->topic, topic_len);
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(
            store, SQL_PUT_REJECTED, sw_int(rejected->at_s),
            sw_text(sw_refusal_code(rejected->refusal)), sw_text(rejected->why), topic,
            sw_blob(rejected->payload, rejected->payload_len),
            sw_int(rejected->retained), sw_int(sw_clock_of(store, rejected->stamp)),
            sw_int(is_known), is_known ? sw_blob(patient, strlen(patient)) : topic);
    if (r == 0)
        r = rejected_prune(store);
    return sw_atomic_end(store, own, r);
}

static int each_rejected(struct sw_store *store, enum sw_sql sql, int64_t limit,
                         int (*each)(void *ctx, const struct sw_rejected *rejected),
                         void *ctx)
{
    int r = 0; /* a negative LIMIT means all */
    struct sw_query q = sw_query_with(store, sql, sw_int(limit > 0 ? limit : 0));
    while (sw_query_next(&q, &r)) {
        struct sw_rejected rejected = {
            .id = sw_column_int(&q, 0),
            .at_s = sw_column_int(&q, 1),
            .refusal = sw_refusal_parse(sw_column_str(&q, 2)),
            .why = sw_column_str(&q, 3),
            .topic = sw_column_str(&q, 4), /* as text, which SQLite ends with a NUL */
            .topic_len = (size_t)sqlite3_column_bytes(q.stmt, 4),
            .retained = sw_column_int(&q, 6) != 0,
            .stamp = sw_stamp_in_use(store, sw_column_int(&q, 7)),
        };
        rejected.payload = sw_column_blob(&q, 5, &rejected.payload_len);
        sw_column_text(&q, 8, rejected.patient.str, sizeof rejected.patient.str);
        r = each(ctx, &rejected);
    }
    return sw_query_end(&q, r);
}

int sw_store_each_rejected(struct sw_store *store, int64_t limit,
                           int (*each)(void *ctx, const struct sw_rejected *rejected),
                           void *ctx)
{
    return each_rejected(store, SQL_EACH_REJECTED, limit, each, ctx);
}

int sw_store_each_marked(struct sw_store *store, int64_t limit,
                         int (*each)(void *ctx, const struct sw_rejected *rejected),
                         void *ctx)
{
    return each_rejected(store, SQL_EACH_MARKED, limit, each, ctx);
}

int sw_store_mark_rejected(struct sw_store *store, int64_t id)
{
    return sw_run_on_one(sw_query_with(store, SQL_MARK_REJECTED, sw_int(id)));
}

int sw_store_refuse_again(struct sw_store *store, int64_t id, enum sw_refusal refusal,
                          const char *why)
{
    return sw_run_on_one(sw_query_with(store, SQL_REFUSE_AGAIN, sw_int(id),
                                       sw_text(sw_refusal_code(refusal)),
                                       sw_text(why)));
}

int sw_store_drop_rejected(struct sw_store *store, int64_t id)
{
    return sw_run_with(store, SQL_DROP_REJECTED, sw_int(id));
}

int sw_store_drop_held(struct sw_store *store, struct sw_patient_id patient)
{
    return sw_run_with(store, SQL_DROP_HELD, sw_blob(patient.str, strlen(patient.str)));
}
