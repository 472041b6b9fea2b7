/* echo.c -- compare retained alerts with the store, and make both tell the same.
 * When to ask, and that nothing is judged meanwhile, is gateway.c's business. */
#include "daemon/echo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "book/book.h"
#include "daemon/grow.h"
#include "stepward/wire.h"

static const char MEMO_ECHO[] = "echo";

int echo_load(struct echo *echo, struct sw_store *store, bool begin)
{
    char *awaited = NULL;
    int r = 0;
    if (begin)
        r = sw_store_put_memo(store, MEMO_ECHO, "awaited");
    if (r >= 0)
        r = sw_store_get_memo(store, MEMO_ECHO, &awaited);
    echo->is_awaited = begin || (r == 0 && *awaited != '\0');
    free(awaited);
    return r < 0 ? r : 0;
}

void echo_ask(struct echo *echo, struct sw_session *session, const char *site,
              int64_t now_ms)
{
    sw_topic_text mark;
    if (!echo->is_awaited)
        return;
    sw_topic_echo_end(mark, site);
    sw_session_publish(session, mark, "1", 1, false, 0, 0);
    echo->asked_ms = now_ms;
}

/* ---- hearing ---- */

/* What the store says of it: 0, SW_STORE_NONE, negative errno. */
static int find(struct sw_store *store, const struct sw_alert *alert, int64_t *ret_key,
                struct sw_alert *ret)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    return sw_store_find_alert(store, id, ret_key, ret);
}

static bool is_closed(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_CLOSED;
}

int echo_take(struct echo *echo, struct sw_store *store,
              const struct sw_inbox_record *record)
{
    struct sw_alert alert, stored;
    int64_t key;
    bool is_news = echo->is_awaited && !echo->is_complete && record->retained &&
                   echo->n_heard < ECHO_MAX &&
                   sw_decode_alert(record->payload, record->payload_len, &alert);
    if (!is_news)
        return 0;
    int r = find(store, &alert, &key, &stored);
    bool is_the_same =
        r == SW_STORE_NONE ? is_closed(&alert) : r == 0 && alert.rev == stored.rev;
    if (r < 0 || is_the_same)
        return r < 0 ? r : 0;
    r = GROW(echo->heard, echo->n_heard, echo->cap_heard);
    if (r >= 0)
        echo->heard[echo->n_heard++] = alert;
    return r;
}

void echo_end(struct echo *echo)
{
    echo->is_complete = echo->is_awaited;
}

bool echo_is_overdue(const struct echo *echo, int64_t now_ms)
{
    return echo->is_awaited && !echo->is_complete && echo->asked_ms != 0 &&
           now_ms - echo->asked_ms > ECHO_WAIT_MS;
}

/* ---- settling ---- */

struct search {
    const struct sw_alert *like;
    int64_t key;
    struct sw_alert found;
    bool has_found;
};

static int compare(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct search *search = ctx;
    if (alert->kind != search->like->kind)
        return 0;
    search->key = key;
    search->found = *alert;
    search->has_found = true;
    return 1;
}

/* Another alert of the store's on the same topic. */
static int find_on_topic(struct sw_store *store, const struct sw_alert *alert,
                         struct search *ret)
{
    struct sw_alert_filter filter = {.patient = alert->patient,
                                     .therapist = alert->therapist};
    *ret = (struct search){.like = alert};
    int r = sw_store_each_alert(store, &filter, compare, ret);
    return r < 0 ? r : 0;
}

static int tell_anew(struct sw_store *store, const char *site, int64_t key,
                     const struct sw_alert *alert, int64_t now_s, const char *why)
{
    struct sw_alert told = *alert;
    told.rev++;
    told.updated_at_s = now_s;
    return sw_book_put_alert(store, site, key, &told, alert->state, "gateway", why,
                             true);
}

/* Nobody knows it any more: it is closed where it is seen, and if its cause lasts the
 * next judgement raises another. */
static int close_unknown(struct sw_store *store, const char *site,
                         const struct sw_alert *alert, int64_t now_s)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    struct search search;
    struct sw_alert closed = *alert;
    closed.state = SW_STATE_CLOSED;
    closed.reason = SW_REASON_WITHDRAWN;
    closed.rev++;
    closed.updated_at_s = closed.closed_at_s = now_s;
    char *payload = sw_encode_alert(site, &closed);
    if (!payload)
        return -ENOMEM;
    sw_alert_id_format(&closed, id);
    sw_topic_alert(topic, site, &closed);
    int r = sw_store_put_outbound(store, topic, id, payload);
    free(payload);
    if (r >= 0)
        r = find_on_topic(store, alert, &search);
    if (r >= 0 && search.has_found) /* what is retained at last is the open one */
        r = tell_anew(store, site, search.key, &search.found, now_s, "told anew");
    return r;
}

/* The broker has a later revision: it is the truth, and what the store still wants to
 * publish of it is not. */
static int take_over(struct sw_store *store, const char *site, int64_t key,
                     const struct sw_alert *stored, const struct sw_alert *alert)
{
    struct sw_alert taken = *stored;
    taken.rev = alert->rev;
    taken.level = alert->level;
    taken.state = alert->state;
    taken.reason = alert->reason;
    taken.updated_at_s = alert->updated_at_s;
    taken.closed_at_s = alert->closed_at_s;
    memcpy(taken.by, alert->by, sizeof taken.by);
    memcpy(taken.note, alert->note, sizeof taken.note);
    return sw_book_put_alert(store, site, key, &taken, stored->state, "gateway",
                             "as the broker has it", true);
}

static int settle_one(struct sw_store *store, const char *site,
                      const struct sw_alert *alert, int64_t now_s)
{
    struct sw_alert stored;
    struct search open;
    int64_t key;
    int r = find(store, alert, &key, &stored);
    if (r == SW_STORE_NONE)
        return is_closed(alert) ? 0 : close_unknown(store, site, alert, now_s);
    if (r < 0)
        return r;
    if (alert->rev <= stored.rev) /* ours is under way, or goes again */
        return sw_book_put_alert(store, site, key, &stored, stored.state, "gateway",
                                 "told again", true);
    bool opens_again = is_closed(&stored) && !is_closed(alert);
    r = find_on_topic(store, alert, &open);
    if (r < 0)
        return r;
    if (opens_again && open.has_found) /* one a patient and kind */
        return tell_anew(store, site, open.key, &open.found, now_s, "told anew");
    return take_over(store, site, key, &stored, alert);
}

int echo_settle(struct echo *echo, struct sw_store *store, const char *site,
                int64_t now_s)
{
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    for (size_t i = 0; r >= 0 && i < echo->n_heard; i++)
        r = settle_one(store, site, &echo->heard[i], now_s);
    if (r >= 0)
        r = sw_store_put_memo(store, MEMO_ECHO, "");
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    r = sw_store_commit(store);
    if (r < 0)
        return r;
    echo_fini(echo);
    return 0;
}

void echo_fini(struct echo *echo)
{
    free(echo->heard);
    *echo = (struct echo){0};
}
