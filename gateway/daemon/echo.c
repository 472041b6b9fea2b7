/* echo.c -- hear the retained alerts once.
 * When to ask, and that nothing is judged meanwhile, is the gateway's business; what
 * comes of the differences is echo_settle.c's. */
#include "daemon/echo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/array.h"

static const char AWAITED[] = "awaited", PUT_OFF[] = "put off";

/* ---- after damage: until it is settled, over restarts too ---- */

int echo_load(struct echo *echo, struct sw_store *store, bool begin)
{
    char *awaited = NULL;
    int r = 0;
    if (begin)
        r = sw_store_put_meta(store, SW_META_MARK_ASKED, AWAITED);
    if (r >= 0)
        r = sw_store_get_meta(store, SW_META_MARK_ASKED, &awaited);
    echo->is_put_off = r == 0 && strcmp(awaited, PUT_OFF) == 0;
    if (begin || (r == 0 && strcmp(awaited, AWAITED) == 0))
        echo->cause = ECHO_RENEWED;
    free(awaited);
    return r < 0 ? r : 0;
}

int echo_forget(struct sw_store *store, bool is_put_off)
{
    return sw_store_put_meta(store, SW_META_MARK_ASKED, is_put_off ? PUT_OFF : "");
}

bool echo_is_awaited(const struct echo *echo)
{
    return echo->cause != ECHO_NONE;
}

bool echo_holds_back(const struct echo *echo)
{
    return echo->cause == ECHO_RENEWED && !echo->is_put_off;
}

/* ---- the mark behind them ---- */

enum { MARK_LEN = 20 };

static void print_mark(const struct echo *echo, char out[static MARK_LEN + 1])
{
    snprintf(out, MARK_LEN + 1, "%" PRIu64, echo->mark);
}

/* Marks of earlier connects may still wait at the broker. */
void echo_ask(struct echo *echo, struct sw_session *session, const char *site,
              bool session_present, int64_t now_ms)
{
    sw_topic_text topic;
    char mark[MARK_LEN + 1];
    if (!echo_is_awaited(echo))
        echo->cause = echo->is_put_off ? ECHO_RENEWED : ECHO_CONNECTED;
    echo->session_lost = echo->session_lost || !session_present;
    echo->is_complete = false;
    arc4random_buf(&echo->mark, sizeof echo->mark);
    print_mark(echo, mark);
    sw_topic_echo_end(topic, site);
    sw_session_publish(session, topic, mark, strlen(mark), false, 0, 0);
    echo->asked_ms = now_ms;
}

static void on_mark(struct echo *echo, const struct echo_word *word)
{
    char mark[MARK_LEN + 1];
    print_mark(echo, mark);
    bool is_last = echo->asked_ms != 0 && word->len == strlen(mark) &&
                   memcmp(word->payload, mark, word->len) == 0;
    echo->is_complete = echo->is_complete || is_last;
}

bool echo_gives_up(struct echo *echo, int64_t now_ms)
{
    bool is_overdue = echo_is_awaited(echo) && !echo->is_complete &&
                      echo->asked_ms != 0 && now_ms - echo->asked_ms > ECHO_WAIT_MS;
    echo->is_complete = echo->is_complete || is_overdue;
    echo->gave_up = echo->gave_up || is_overdue;
    return is_overdue;
}

/* ---- hearing ---- */

int echo_find(struct sw_store *store, const struct sw_alert *alert, int64_t *ret_key,
              struct sw_alert *ret)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    return sw_store_find_alert(store, id, ret_key, ret);
}

static int64_t place_of(int64_t patient_key, enum sw_alert_kind kind)
{
    return patient_key * SW_ALERT_KINDS + (int64_t)kind;
}

int echo_note_same(struct echo *echo, int64_t patient_key,
                   const struct sw_alert *stored)
{
    if (!sw_alert_is_open(stored))
        return 0;
    int r = GROW(echo->same, echo->n_same, echo->cap_same);
    if (r >= 0)
        echo->same[echo->n_same++] = place_of(patient_key, stored->kind);
    return r;
}

bool echo_is_same(const struct echo *echo, int64_t patient_key, enum sw_alert_kind kind)
{
    int64_t place = place_of(patient_key, kind);
    for (size_t i = 0; i < echo->n_same; i++)
        if (echo->same[i] == place)
            return true;
    return false;
}

static bool is_told_the_same(const struct sw_alert *told, const struct sw_alert *stored)
{
    return told->rev == stored->rev &&
           strcmp(told->therapist.str, stored->therapist.str) == 0;
}

static int note_other(struct echo *echo, const struct sw_alert *alert)
{
    int r = echo->n_heard < ECHO_MAX ? GROW(echo->heard, echo->n_heard, echo->cap_heard)
                                     : 1;
    if (r == 0)
        echo->heard[echo->n_heard++] = *alert;
    return r < 0 ? r : 0;
}

/* 0 if the store knows the patient, or that it was erased. */
static int find_patient(struct sw_store *store, struct sw_patient_id id)
{
    struct sw_patient patient;
    int64_t erased_at_s;
    int r = sw_store_find_patient(store, id, &patient);
    return r == SW_STORE_NONE ? sw_store_find_tombstone(store, id, &erased_at_s) : r;
}

static int on_alert(struct echo *echo, struct sw_store *store,
                    const struct sw_alert *alert)
{
    struct sw_alert stored;
    int64_t key;
    int r = echo_find(store, alert, &key, &stored);
    if (r < 0)
        return r;
    if (r == 0 && is_told_the_same(alert, &stored))
        return echo_note_same(echo, key, &stored);
    if (r == SW_STORE_NONE && !sw_alert_is_open(alert)) {
        r = find_patient(store, alert->patient);
        if (r != 0) /* nobody's, and over: it says nothing */
            return r < 0 ? r : 0;
    }
    return note_other(echo, alert);
}

int echo_take(struct echo *echo, struct sw_store *store, const struct echo_word *word)
{
    struct sw_alert alert;
    if (word->kind == ECHO_MARK)
        on_mark(echo, word);
    else if (word->kind == ECHO_ALERT &&
             sw_decode_alert(word->payload, word->len, &alert))
        return on_alert(echo, store, &alert);
    return 0;
}

void echo_break_off(struct echo *echo)
{
    echo->n_heard = echo->n_same = 0;
    echo->is_complete = echo->gave_up = false;
    echo->asked_ms = 0;
}

bool echo_may_settle(const struct echo *echo, int64_t now_s)
{
    for (size_t i = 0; echo->is_complete && i < echo->n_heard; i++) {
        int64_t ago_s = now_s - echo->heard[i].opened_at_s;
        if (ago_s <= 0 && ago_s > -ECHO_SECOND_S)
            return false;
    }
    return echo->is_complete;
}

void echo_fini(struct echo *echo)
{
    free(echo->heard);
    free(echo->same);
    *echo = (struct echo){0};
}
