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
static int store_rejected_prune(struct sw_store *store)
{
    struct room room;
    bool known;
    int r;
    while ((r = read_room(store, &room)) >= 0 && is_over(&room, &known)) {
        struct sw_query q = sw_query(store, SQL_PRUNE_REJECTED);
        sw_bind_int(&q, known);
        r = sw_query_run(&q);
        if (r < 0 || sw_changes(store) == 0)
            break;
    }
    return r < 0 ? r : 0;
}

static int store_rejected_insert(struct sw_store *store,
                                 const struct sw_rejected *rejected, size_t topic_len)
{
    struct sw_query q = sw_query(store, SQL_PUT_REJECTED);
    bool is_known = rejected->patient.str[0] != '\0';
    sw_bind_int(&q, rejected->at_s);
    sw_bind_text(&q, sw_refusal_code(rejected->refusal));
    sw_bind_text(&q, rejected->why);
    sw_bind_blob(&q, rejected->topic, topic_len);
    sw_bind_blob(&q, rejected->payload, rejected->payload_len);
    sw_bind_int(&q, rejected->retained);
    sw_bind_int(&q, sw_clock_of(store, rejected->stamp));
    sw_bind_int(&q, is_known);
    if (is_known)
        sw_bind_blob(&q, rejected->patient.str, strlen(rejected->patient.str));
    else
        sw_bind_blob(&q, rejected->topic, topic_len);
    return sw_query_run(&q);
}

int sw_store_put_rejected(struct sw_store *store, const struct sw_rejected *rejected,
                          size_t topic_len)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = store_rejected_insert(store, rejected, topic_len);
    if (r == 0)
        r = store_rejected_prune(store);
    return sw_atomic_end(store, own, r);
}

/* SW_ACCEPTED, whose code is "", if this version does not know the code. */
static enum sw_refusal refusal_of(const char *code)
{
    static const enum sw_refusal refusals[] = {
#define X(name, text, remedy) name,
        SW_REFUSALS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strcmp(sw_refusal_code(refusals[i]), code) == 0)
            return refusals[i];
    return SW_ACCEPTED;
}

static void read_rejected(const struct sw_query *q, struct sw_rejected *ret)
{
    const void *payload = sqlite3_column_blob(q->stmt, 5);
    *ret = (struct sw_rejected){
        .id = sw_column_int(q, 0),
        .at_s = sw_column_int(q, 1),
        .refusal = refusal_of(sw_column_str(q, 2)),
        .why = sw_column_str(q, 3),
        .topic = sw_column_str(q, 4), /* read as text, which SQLite ends with a NUL */
        .topic_len = (size_t)sqlite3_column_bytes(q->stmt, 4),
        .payload = payload ? payload : "",
        .payload_len = (size_t)sqlite3_column_bytes(q->stmt, 5),
        .retained = sw_column_int(q, 6) != 0,
        .stamp = sw_stamp_in_use(q->store, sw_column_int(q, 7)),
    };
}

static int each_rejected(struct sw_store *store, enum sw_sql sql, int64_t limit,
                         int (*each)(void *ctx, const struct sw_rejected *rejected),
                         void *ctx)
{
    struct sw_query q = sw_query(store, sql);
    struct sw_rejected rejected;
    int r;
    sw_bind_int(&q, limit > 0 ? limit : 0); /* a negative LIMIT means all */
    while ((r = sw_query_row(&q)) > 0) {
        read_rejected(&q, &rejected);
        r = each(ctx, &rejected);
        if (r != 0)
            break;
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

/* Run a statement that changes one row: 0 or SW_STORE_NONE. */
static int run_on_one(struct sw_query *q)
{
    int r = sw_query_run(q);
    if (r < 0)
        return r;
    return sw_changes(q->store) > 0 ? 0 : SW_STORE_NONE;
}

int sw_store_mark_rejected(struct sw_store *store, int64_t id)
{
    struct sw_query q = sw_query(store, SQL_MARK_REJECTED);
    sw_bind_int(&q, id);
    return run_on_one(&q);
}

int sw_store_refuse_again(struct sw_store *store, int64_t id, enum sw_refusal refusal,
                          const char *why)
{
    struct sw_query q = sw_query(store, SQL_REFUSE_AGAIN);
    sw_bind_int(&q, id);
    sw_bind_text(&q, sw_refusal_code(refusal));
    sw_bind_text(&q, why);
    return run_on_one(&q);
}

int sw_store_drop_rejected(struct sw_store *store, int64_t id)
{
    struct sw_query q = sw_query(store, SQL_DROP_REJECTED);
    sw_bind_int(&q, id);
    return sw_query_run(&q);
}

int sw_store_drop_held(struct sw_store *store, struct sw_patient_id patient)
{
    struct sw_query q = sw_query(store, SQL_DROP_HELD);
    sw_bind_blob(&q, patient.str, strlen(patient.str));
    return sw_query_run(&q);
}
