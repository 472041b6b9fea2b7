/* reconcile.c -- compare each alert that the broker retains with the store's, and
 * publish or withdraw what differs.
 *
 * health.c finds out whether another gateway of the site is there; publish.c
 * sends what is put into the outbox here.
 */
#include "daemon/reconcile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/array.h"

enum {
    REV_SANE = INT32_MAX / 2, /* no alert that counts from 1 gets this far */
    SAME_SECOND_S = 2,
};

static const char NOTE_LOST[] = "awaited", NOTE_PUT_OFF[] = "put off";

/* ---- from the connect to the mark ---- */

int reconcile_load(struct reconcile *reconcile, struct sw_store *store,
                   const char *site, bool is_renewed)
{
    char *note = NULL;
    int r = is_renewed ? sw_store_put_meta(store, SW_META_MARK_ASKED, NOTE_LOST) : 0;
    reconcile->store = store;
    reconcile->site = site;
    if (r >= 0)
        r = sw_store_get_meta(store, SW_META_MARK_ASKED, &note);
    if (is_renewed || (note && strcmp(note, NOTE_LOST) == 0))
        reconcile->loss = RECONCILE_LOST;
    else if (note && strcmp(note, NOTE_PUT_OFF) == 0)
        reconcile->loss = RECONCILE_PUT_OFF;
    if (reconcile->loss == RECONCILE_LOST)
        reconcile->state = RECONCILE_WANTED;
    free(note);
    return r < 0 ? r : 0;
}

bool reconcile_holds_back(const struct reconcile *reconcile)
{
    return reconcile->loss == RECONCILE_LOST;
}

/* A mark of an earlier connect may still wait at the broker, so each mark is
 * different. */
int reconcile_start(struct reconcile *reconcile, struct sw_session *session,
                    bool session_present, int64_t now_ms)
{
    sw_topic_text topic;
    uint64_t mark;
    arc4random_buf(&mark, sizeof mark);
    snprintf(reconcile->mark, sizeof reconcile->mark, "%" PRIu64, mark);
    sw_topic_echo_end(topic, reconcile->site);
    reconcile->session_lost |= !session_present;
    int r = sw_session_publish(session, topic, reconcile->mark, strlen(reconcile->mark),
                               false, 0, 0);
    reconcile->state = r < 0 ? RECONCILE_WANTED : RECONCILE_LISTENING;
    reconcile->started_ms = now_ms;
    return r < 0 ? r : 0;
}

void reconcile_drop_repeated(struct reconcile *reconcile)
{
    if (reconcile->state == RECONCILE_DONE)
        reconcile_fini(reconcile);
}

/* What was received is no longer true, and the next connect starts over. */
void reconcile_break_off(struct reconcile *reconcile)
{
    reconcile_fini(reconcile);
    if (reconcile->state != RECONCILE_DONE)
        reconcile->state = RECONCILE_WANTED;
}

void reconcile_fini(struct reconcile *reconcile)
{
    free(reconcile->heard);
    free(reconcile->same);
    reconcile->heard = NULL;
    reconcile->same = NULL;
    reconcile->n_heard = reconcile->cap_heard = 0;
    reconcile->n_same = reconcile->cap_same = 0;
}

bool reconcile_gives_up(struct reconcile *reconcile, int64_t now_ms)
{
    bool is_overdue = reconcile->state == RECONCILE_LISTENING &&
                      now_ms - reconcile->started_ms > RECONCILE_WAIT_MS;
    if (is_overdue)
        reconcile->state = RECONCILE_BLIND;
    return is_overdue;
}

/* An id contains the second of the opening. While a received alert opened in this very
 * second, one that opens next could get the same id. */
bool reconcile_is_ready(const struct reconcile *reconcile, int64_t now_s)
{
    bool is_ready =
        reconcile->state == RECONCILE_COMPLETE || reconcile->state == RECONCILE_BLIND;
    for (size_t i = 0; is_ready && i < reconcile->n_heard; i++) {
        int64_t ahead_s = reconcile->heard[i].opened_at_s - now_s;
        is_ready = ahead_s < 0 || ahead_s >= SAME_SECOND_S;
    }
    return is_ready;
}

/* ---- what the broker retains ---- */

static int find_stored(struct reconcile *reconcile, const struct sw_alert *heard,
                       int64_t *ret_key, struct sw_alert *ret)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(heard, id);
    return sw_store_find_alert(reconcile->store, id, ret_key, ret);
}

static int reconcile_find_tombstone(struct reconcile *reconcile,
                                    struct sw_patient_id id)
{
    int64_t erased_at_s;
    return sw_store_find_tombstone(reconcile->store, id, &erased_at_s);
}

/* Only one alert of a patient and kind is open, so these two identify it. */
static int64_t reconcile_place_of(int64_t patient_key, enum sw_alert_kind kind)
{
    return patient_key * SW_ALERT_KINDS + (int64_t)kind;
}

static int note_same(struct reconcile *reconcile, int64_t patient_key,
                     const struct sw_alert *alert)
{
    if (!sw_alert_is_open(alert))
        return 0;
    int r = GROW(reconcile->same, reconcile->n_same, reconcile->cap_same);
    if (r == 0)
        reconcile->same[reconcile->n_same++] =
            reconcile_place_of(patient_key, alert->kind);
    return r;
}

static int take_alert(struct reconcile *reconcile, const struct sw_alert *heard)
{
    struct sw_alert stored;
    struct sw_patient patient;
    int64_t key;
    int r = find_stored(reconcile, heard, &key, &stored);
    bool is_same = r == 0 && heard->rev == stored.rev && heard->state == stored.state &&
                   strcmp(heard->therapist.str, stored.therapist.str) == 0;
    if (is_same)
        return note_same(reconcile, key, &stored);
    if (r == SW_STORE_NONE && !sw_alert_is_open(heard)) {
        r = sw_store_find_patient(reconcile->store, heard->patient, &patient);
        if (r == SW_STORE_NONE)
            r = reconcile_find_tombstone(reconcile, heard->patient);
        if (r == SW_STORE_NONE) /* it is closed, and of an unknown patient */
            return 0;
    }
    if (r < 0 || reconcile->n_heard == RECONCILE_ALERTS_MAX)
        return r < 0 ? r : 0;
    r = GROW(reconcile->heard, reconcile->n_heard, reconcile->cap_heard);
    if (r == 0)
        reconcile->heard[reconcile->n_heard++] = *heard;
    return r;
}

int reconcile_take(struct reconcile *reconcile, const struct notice *notice)
{
    struct sw_alert alert;
    if (notice->kind == NOTICE_ALERT &&
        sw_decode_alert(notice->payload, notice->len, &alert))
        return take_alert(reconcile, &alert);
    bool is_our_mark = notice->kind == NOTICE_MARK &&
                       reconcile->state == RECONCILE_LISTENING &&
                       notice->len == strlen(reconcile->mark) &&
                       memcmp(notice->payload, reconcile->mark, notice->len) == 0;
    if (is_our_mark)
        reconcile->state = RECONCILE_COMPLETE;
    return 0;
}

/* ---- publications ---- */

/* An empty payload clears what is retained there. */
static int reconcile_publish(struct reconcile *reconcile, const struct sw_alert *alert,
                             const char *payload)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    reconcile->n_changed++;
    reconcile->is_behind = reconcile->loss == RECONCILE_KEPT;
    sw_alert_id_format(alert, id);
    sw_topic_alert(topic, reconcile->site, alert);
    return sw_store_put_outbound(reconcile->store, topic, id, payload);
}

/* Nothing is published of a shelved alert until the shelving ends. */
static int publish_alert(struct reconcile *reconcile, const struct sw_alert *alert)
{
    if (sw_alert_is_open(alert) && alert->shelved_until_s > reconcile->now_s)
        return 0;
    char *payload = sw_encode_alert(reconcile->site, alert);
    int r = payload ? reconcile_publish(reconcile, alert, payload) : -ENOMEM;
    free(payload);
    return r;
}

struct published {
    enum sw_alert_kind kind;
    bool is_found;
    int64_t key;
    struct sw_alert alert;
};

static int take_if_published(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct published *published = ctx;
    published->is_found = alert->kind == published->kind && alert->rev > 0;
    published->key = key;
    published->alert = *alert;
    return published->is_found;
}

/* Publish what should be retained where the alert was received: the open alert of its
 * patient and kind, otherwise the newest. */
static int publish_stored(struct reconcile *reconcile, const struct sw_alert *heard)
{
    struct sw_alert_filter filter = {
        .patient = heard->patient, .therapist = heard->therapist, .closed_too = true};
    struct published published = {.kind = heard->kind};
    int r =
        sw_store_each_alert(reconcile->store, &filter, take_if_published, &published);
    if (r < 0)
        return r;
    return published.is_found ? publish_alert(reconcile, &published.alert)
                              : reconcile_publish(reconcile, heard, "");
}

/* ---- alerts that differ ---- */

static int reconcile_put(struct reconcile *reconcile, int64_t key,
                         const struct sw_alert *alert, enum sw_alert_state from,
                         const char *why)
{
    reconcile->n_changed++;
    return sw_store_put_alert(reconcile->store, key, alert, from, "gateway", why);
}

static void close_as_lost(const struct reconcile *reconcile, struct sw_alert *alert)
{
    alert->state = SW_STATE_CLOSED;
    alert->reason = SW_REASON_LOST;
    alert->updated_at_s = alert->closed_at_s = reconcile->now_s;
}

/* The broker has an alert that opened after the patient's open one, so that one had
 * closed before. How it closed, and in which revision, is lost, so nothing is
 * published. */
static int close_one_before(struct reconcile *reconcile, const struct sw_alert *heard)
{
    struct sw_alert_filter filter = {.patient = heard->patient};
    struct published before = {.kind = heard->kind};
    int r = sw_store_each_alert(reconcile->store, &filter, take_if_published, &before);
    if (r < 0 || !before.is_found || before.alert.opened_at_s >= heard->opened_at_s)
        return r < 0 ? r : 0;
    enum sw_alert_state from = before.alert.state;
    close_as_lost(reconcile, &before.alert);
    return reconcile_put(reconcile, before.key, &before.alert, from,
                         "another opened since");
}

/* The alert is another gateway's. While that gateway is there, its alert keeps its
 * place, because nobody else would keep it up to date. */
static int leave_alone(struct reconcile *reconcile, const struct sw_alert *heard,
                       int64_t patient_key)
{
    if (!sw_alert_is_open(heard))
        return 0;
    if (reconcile->n_strange++ == 0)
        sw_alert_id_format(heard, reconcile->strange);
    bool keeps_place = reconcile->is_shared && patient_key != 0;
    return keeps_place ? note_same(reconcile, patient_key, heard) : 0;
}

static int reconcile_unknown(struct reconcile *reconcile, const struct sw_alert *heard,
                             bool is_lost)
{
    struct sw_alert closed = *heard;
    struct sw_patient patient = {.key = 0};
    int r = reconcile_find_tombstone(reconcile, heard->patient);
    if (r == 0 && !reconcile->is_shared)
        return reconcile_publish(reconcile, heard, "");
    if (r >= 0)
        r = sw_store_find_patient(reconcile->store, heard->patient, &patient);
    if (r >= 0 && !is_lost)
        return leave_alone(reconcile, heard, patient.key);
    if (r >= 0)
        r = close_one_before(reconcile, heard);
    if (r < 0 || !sw_alert_is_open(heard))
        return r;
    /* Nobody knows whether the alert is over. If its cause lasts, another one opens. */
    close_as_lost(reconcile, &closed);
    closed.rev++;
    return publish_alert(reconcile, &closed);
}

/* A restored database takes over what became of its alert since: it was acknowledged,
 * say, or closed. If the alert was closed here and is open there, it is not taken over,
 * because another may be open. If it is not taken over, the broker's version
 * is not ours, and ours follows in a later revision. */
static int reconcile_later(struct reconcile *reconcile, int64_t key,
                           const struct sw_alert *stored, const struct sw_alert *heard,
                           bool is_lost)
{
    struct sw_alert next = *stored;
    bool takes_over = is_lost && (sw_alert_is_open(stored) || !sw_alert_is_open(heard));
    if (takes_over) {
        next = *heard;
        next.span = stored->span;
        next.shelved_until_s = stored->shelved_until_s;
    } else if (heard->rev < REV_SANE) {
        next.rev = heard->rev + 1;
    }
    int r = reconcile_put(reconcile, key, &next, stored->state,
                          "the broker had a later revision");
    if (r < 0)
        return r;
    return takes_over ? note_same(reconcile, key, &next)
                      : publish_stored(reconcile, heard);
}

static int reconcile_one(struct reconcile *reconcile, const struct sw_alert *heard)
{
    bool is_lost = reconcile->loss != RECONCILE_KEPT && !reconcile->is_shared;
    struct sw_alert stored;
    int64_t key;
    int r = find_stored(reconcile, heard, &key, &stored);
    if (r == SW_STORE_NONE)
        return reconcile_unknown(reconcile, heard, is_lost);
    if (r < 0)
        return r;
    if (heard->rev <= stored.rev)
        return publish_stored(reconcile, heard);
    return reconcile->is_shared
               ? leave_alone(reconcile, heard, key)
               : reconcile_later(reconcile, key, &stored, heard, is_lost);
}

/* ---- all of them ---- */

/* A restored outbox holds publications of alerts from before the loss. */
static int drop_if_alert(void *ctx, int64_t seq, const char *topic)
{
    const struct reconcile *reconcile = ctx;
    struct sw_topic parsed;
    bool is_alert = sw_topic_parse(reconcile->site, topic, strlen(topic), &parsed) ==
                    SW_TOPIC_ALERT;
    return is_alert ? sw_store_outbound_done(reconcile->store, seq) : 0;
}

static int publish_if_missing(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct reconcile *reconcile = ctx;
    bool is_missing = alert->rev > 0;
    for (size_t i = 0; is_missing && i < reconcile->n_same; i++)
        is_missing = reconcile->same[i] != reconcile_place_of(key, alert->kind);
    return is_missing ? publish_alert(reconcile, alert) : 0;
}

/* A broker that is behind may show the day of a patient who was erased. */
static int reconcile_clear_today(void *ctx, const char *patient)
{
    const struct reconcile *reconcile = ctx;
    struct sw_patient_id id = {""};
    sw_topic_text topic;
    strncpy(id.str, patient, SW_ID_MAX);
    sw_topic_today(topic, reconcile->site, id);
    return sw_store_put_outbound(reconcile->store, topic, "", "");
}

static int reconcile_all(struct reconcile *reconcile)
{
    struct sw_store *store = reconcile->store;
    struct sw_alert_filter open_ones = {.closed_too = false};
    bool was_lost = reconcile->loss != RECONCILE_KEPT;
    bool is_complete = reconcile->state == RECONCILE_COMPLETE;
    int r = 0;
    if (was_lost && is_complete && !reconcile->is_shared)
        r = sw_store_each_outbound(store, drop_if_alert, reconcile);
    for (size_t i = 0; r >= 0 && i < reconcile->n_heard; i++)
        r = reconcile_one(reconcile, &reconcile->heard[i]);
    if (r >= 0 && (is_complete || reconcile->loss != RECONCILE_LOST))
        r = sw_store_each_alert(store, &open_ones, publish_if_missing, reconcile);
    if (r >= 0 && reconcile->is_behind && !reconcile->is_shared)
        r = sw_store_each_tombstone(store, reconcile_clear_today, reconcile);
    if (r >= 0 && was_lost) /* the next start asks nothing, or holds nothing back */
        r = sw_store_put_meta(store, SW_META_MARK_ASKED,
                              reconcile->is_shared || !is_complete ? NOTE_PUT_OFF : "");
    return r;
}

int reconcile_finish(struct reconcile *reconcile, bool is_shared, int64_t now_s)
{
    size_t n_same = reconcile->n_same;
    bool was_lost = reconcile->loss != RECONCILE_KEPT;
    bool is_settled = !is_shared && reconcile->state == RECONCILE_COMPLETE;
    reconcile->is_shared = is_shared;
    reconcile->now_s = now_s;
    reconcile->n_changed = reconcile->n_strange = 0;
    reconcile->is_behind = reconcile->session_lost && !was_lost;
    int r = sw_store_begin(reconcile->store);
    if (r < 0)
        return r;
    r = reconcile_all(reconcile);
    if (r < 0)
        sw_store_rollback(reconcile->store);
    else
        r = sw_store_commit(reconcile->store);
    if (r < 0) {
        reconcile->n_same = n_same;
        return r;
    }
    reconcile_fini(reconcile);
    reconcile->session_lost = false;
    reconcile->state = RECONCILE_DONE;
    reconcile->loss = was_lost && !is_settled ? RECONCILE_PUT_OFF : RECONCILE_KEPT;
    return 0;
}
