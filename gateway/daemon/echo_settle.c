/* echo_settle.c -- make store and broker tell the same of alerts.
 *
 * After data were lost: what the broker retains and the store does not know was
 * published by the database that is lost. It is adopted, with its id and revision, and
 * judged like any other, and a later revision is taken over. Else, or while another
 * gateway of the site is there: what the store does not know is another gateway's, and
 * left alone; a later revision is nobody's of ours, and followed by one that says what
 * the store does. In any case an older one, an alert of another's topic and one that is
 * followed by another are told anew as the store has it; of a patient who was erased it
 * is cleared. Hearing is echo.c's business.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/echo.h"
#include "stepward/wire.h"

static const char AS_BROKER[] = "as the broker has it";

struct settling {
    struct echo *echo;
    struct sw_store *store;
    const char *site;
    int64_t now_s;
    struct echo_found *found;
};

/* Then the broker has the last word. */
static bool is_lost(const struct settling *settling)
{
    return settling->echo->cause == ECHO_RENEWED && !settling->echo->is_shared;
}

static bool is_same_id(const struct sw_alert *a, const struct sw_alert *b)
{
    return a->kind == b->kind && a->opened_at_s == b->opened_at_s &&
           strcmp(a->patient.str, b->patient.str) == 0;
}

static int put(const struct settling *settling, int64_t key,
               const struct sw_alert *alert, enum sw_alert_state from)
{
    settling->found->n++;
    return sw_store_put_alert(settling->store, key, alert, from, "gateway", AS_BROKER);
}

/* ---- publications ---- */

static int put_outbound(const struct settling *settling, const struct sw_alert *alert,
                        const char *payload)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    settling->found->n++;
    settling->found->is_behind = settling->echo->cause != ECHO_RENEWED;
    sw_alert_id_format(alert, id);
    sw_topic_alert(topic, settling->site, alert);
    return sw_store_put_outbound(settling->store, topic, id, payload);
}

/* As it was told already, or would have been. */
static int tell(const struct settling *settling, const struct sw_alert *alert)
{
    char *payload = sw_encode_alert(settling->site, alert);
    int r = payload ? put_outbound(settling, alert, payload) : -ENOMEM;
    free(payload);
    return r;
}

static int clear(const struct settling *settling, const struct sw_alert *heard)
{
    return put_outbound(settling, heard, "");
}

struct overtaken {
    struct sw_store *store;
    sw_topic_text topic;
};

static int drop_if_overtaken(void *ctx, int64_t seq, const char *topic)
{
    const struct overtaken *overtaken = ctx;
    return strcmp(topic, overtaken->topic) == 0
               ? sw_store_outbound_done(overtaken->store, seq)
               : 0;
}

/* The broker is further than what a restored database still wants to say there. */
static int drop_outbound(const struct settling *settling, const struct sw_alert *heard)
{
    struct overtaken overtaken = {.store = settling->store};
    sw_topic_alert(overtaken.topic, settling->site, heard);
    return sw_store_each_outbound(settling->store, drop_if_overtaken, &overtaken);
}

/* ---- other alerts of the same patient and kind ---- */

struct search {
    const struct sw_alert *like;
    bool (*is_it)(const struct sw_alert *alert, const struct sw_alert *like);
    bool has_found;
    int64_t key;
    struct sw_alert found;
};

static int compare(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct search *search = ctx;
    if (alert->kind != search->like->kind || !search->is_it(alert, search->like))
        return 0;
    search->key = key;
    search->found = *alert;
    search->has_found = true;
    return 1;
}

/* The first one of the kind: open ones come first, then the newest. */
static int look_for(const struct settling *settling,
                    const struct sw_alert_filter *filter, struct search *search)
{
    int r = sw_store_each_alert(settling->store, filter, compare, search);
    return r < 0 ? r : 0;
}

static bool is_sent_day(const struct sw_alert *alert, const struct sw_alert *like)
{
    (void)like;
    return alert->rev > 0;
}

static bool is_shelved(const struct settling *settling, const struct sw_alert *alert)
{
    return sw_alert_is_open(alert) && alert->shelved_until_s > settling->now_s;
}

/* What the store would have retained where the heard one is. Of one that is shelved
 * nothing is said until that ends. */
static int tell_newest(const struct settling *settling, const struct sw_alert *heard)
{
    struct sw_alert_filter filter = {
        .patient = heard->patient, .therapist = heard->therapist, .closed_too = true};
    struct search search = {.like = heard, .is_it = is_sent_day};
    int r = look_for(settling, &filter, &search);
    if (r < 0)
        return r;
    if (!search.has_found)
        return clear(settling, heard);
    return is_shelved(settling, &search.found) ? 0 : tell(settling, &search.found);
}

static bool is_another(const struct sw_alert *alert, const struct sw_alert *like)
{
    return !is_same_id(alert, like);
}

/* One a patient and kind is open. An older one has closed before this one opened, how
 * is lost: nothing is told of it, as another is shown now. A newer one stays;
 * *ret_has_room is false then. */
static int make_room(const struct settling *settling, const struct sw_alert *heard,
                     bool *ret_has_room)
{
    struct sw_alert_filter filter = {.patient = heard->patient};
    struct search search = {.like = heard, .is_it = is_another};
    struct sw_alert *other = &search.found;
    int r = look_for(settling, &filter, &search);
    *ret_has_room = !search.has_found || other->opened_at_s < heard->opened_at_s;
    if (r < 0 || !search.has_found || !*ret_has_room)
        return r;
    enum sw_alert_state from = other->state;
    other->state = SW_STATE_CLOSED;
    other->reason = SW_REASON_LOST;
    other->updated_at_s = other->closed_at_s = settling->now_s;
    return put(settling, search.key, other, from);
}

/* ---- the broker knows more ---- */

static int put_retained(const struct settling *settling, int64_t key,
                        const struct sw_alert *alert, enum sw_alert_state from)
{
    int r = put(settling, key, alert, from);
    return r < 0 ? r : echo_note_same(settling->echo, key, alert);
}

static int adopt(const struct settling *settling, int64_t key,
                 const struct sw_alert *heard)
{
    struct sw_alert adopted = *heard;
    bool has_room;
    adopted.adopted = true;
    sw_alert_guess_span(&adopted);
    int r = make_room(settling, heard, &has_room);
    if (r < 0)
        return r;
    if (!has_room) /* it is open in the store, later, and shown nowhere */
        return tell_newest(settling, heard);
    r = drop_outbound(settling, heard);
    return r < 0 ? r : put_retained(settling, key, &adopted, SW_STATE_NONE);
}

static int take_over(const struct settling *settling, int64_t key,
                     const struct sw_alert *stored, const struct sw_alert *heard)
{
    struct sw_alert taken = *heard;
    bool has_room = true;
    taken.adopted = true;
    taken.span = stored->span;
    taken.shelved_until_s = stored->shelved_until_s;
    int r = sw_alert_is_open(heard) ? make_room(settling, heard, &has_room) : 0;
    if (r >= 0)
        r = drop_outbound(settling, stored);
    if (r >= 0)
        r = drop_outbound(settling, heard);
    if (r < 0)
        return r;
    if (has_room)
        return put_retained(settling, key, &taken, stored->state);
    taken = *stored; /* it is over; its next revision, if any, is a new one */
    taken.rev = heard->rev;
    r = put(settling, key, &taken, stored->state);
    return r < 0 ? r : tell_newest(settling, heard);
}

/* ---- another gateway knows more ---- */

enum { REV_SANE = INT32_MAX / 2 }; /* none that counts from 1 comes there */

/* It keeps its place, where somebody is there to keep it up to date. */
static int leave_alone(const struct settling *settling, const struct sw_alert *heard,
                       int64_t patient_key)
{
    struct echo_found *found = settling->found;
    if (!sw_alert_is_open(heard))
        return 0;
    if (found->n_strange++ == 0)
        sw_alert_id_format(heard, found->strange);
    bool keeps_place = settling->echo->is_shared && patient_key != 0;
    return keeps_place ? echo_note_same(settling->echo, patient_key, heard) : 0;
}

/* Our alert, in words that are not ours: ours follow, in a later revision. */
static int outdo(const struct settling *settling, int64_t key,
                 const struct sw_alert *stored, const struct sw_alert *heard)
{
    struct sw_alert next = *stored;
    if (heard->rev < REV_SANE)
        next.rev = heard->rev + 1;
    settling->found->n++;
    int r = sw_store_put_alert(settling->store, key, &next, stored->state, "gateway",
                               "told again");
    return r < 0 ? r : tell_newest(settling, heard);
}

/* ---- patients that the store does not know ---- */

/* Nobody can judge it any more: it is closed where it is seen. */
static int close_stranger(const struct settling *settling, const struct sw_alert *heard)
{
    struct sw_alert closed = *heard;
    closed.state = SW_STATE_CLOSED;
    closed.reason = SW_REASON_LOST;
    closed.rev++;
    closed.updated_at_s = closed.closed_at_s = settling->now_s;
    return tell(settling, &closed);
}

static int settle_unknown(const struct settling *settling, const struct sw_alert *heard)
{
    struct sw_patient patient;
    int64_t erased_at_s;
    int r = sw_store_find_patient(settling->store, heard->patient, &patient);
    if (r == 0)
        return is_lost(settling) ? adopt(settling, patient.key, heard)
                                 : leave_alone(settling, heard, patient.key);
    if (r == SW_STORE_NONE)
        r = sw_store_find_tombstone(settling->store, heard->patient, &erased_at_s);
    if (r == 0 && !settling->echo->is_shared)
        return clear(settling, heard);
    if (r < 0)
        return r;
    if (!is_lost(settling))
        return leave_alone(settling, heard, 0);
    return sw_alert_is_open(heard) ? close_stranger(settling, heard) : 0;
}

static int settle_one(const struct settling *settling, const struct sw_alert *heard)
{
    struct sw_alert stored;
    int64_t key;
    int r = echo_find(settling->store, heard, &key, &stored);
    if (r == SW_STORE_NONE)
        return settle_unknown(settling, heard);
    if (r < 0)
        return r;
    if (heard->rev <= stored.rev)
        return tell_newest(settling, heard);
    if (is_lost(settling))
        return take_over(settling, key, &stored, heard);
    return settling->echo->is_shared ? leave_alone(settling, heard, key)
                                     : outdo(settling, key, &stored, heard);
}

/* ---- what was not heard ---- */

static int tell_if_missing(void *ctx, int64_t key, const struct sw_alert *alert)
{
    const struct settling *settling = ctx;
    bool is_missing = alert->rev > 0 && !is_shelved(settling, alert) &&
                      !echo_is_same(settling->echo, key, alert->kind);
    return is_missing ? tell(settling, alert) : 0;
}

static int clear_today(void *ctx, const char *patient)
{
    const struct settling *settling = ctx;
    struct sw_patient_id id = {""};
    sw_topic_text topic;
    strncpy(id.str, patient, SW_ID_MAX);
    sw_topic_today(topic, settling->site, id);
    return sw_store_put_outbound(settling->store, topic, "", "");
}

/* Open alerts that the broker does not show, and days of the erased that it may. */
static int settle_rest(const struct settling *settling)
{
    struct sw_alert_filter open_ones = {.closed_too = false};
    int r = 0;
    if (!settling->echo->gave_up || settling->echo->cause != ECHO_RENEWED)
        r = sw_store_each_alert(settling->store, &open_ones, tell_if_missing,
                                (void *)(uintptr_t)settling);
    if (r >= 0 && settling->found->is_behind && !settling->echo->is_shared)
        r = sw_store_each_tombstone(settling->store, clear_today,
                                    (void *)(uintptr_t)settling);
    return r;
}

static int settle_all(const struct settling *settling)
{
    const struct echo *echo = settling->echo;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < echo->n_heard; i++)
        r = settle_one(settling, &echo->heard[i]);
    if (r >= 0)
        r = settle_rest(settling);
    if (r >= 0 && echo->cause == ECHO_RENEWED)
        r = echo_forget(settling->store, echo->is_shared);
    return r;
}

int echo_settle(struct echo *echo, struct sw_store *store, const char *site,
                int64_t now_s, struct echo_found *ret)
{
    struct settling settling = {echo, store, site, now_s, ret};
    bool is_put_off = echo->is_shared && echo->cause == ECHO_RENEWED;
    bool is_behind = echo->session_lost && echo->cause != ECHO_RENEWED;
    *ret = (struct echo_found){.is_behind = is_behind};
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    r = settle_all(&settling);
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    r = sw_store_commit(store);
    if (r < 0)
        return r;
    echo_fini(echo);
    echo->is_put_off = is_put_off;
    return 0;
}
