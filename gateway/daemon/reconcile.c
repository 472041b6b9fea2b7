/* reconcile.c -- make what the broker knows of us and retains of ours agree with the
 * store: compare each alert that it retains with the store's, and publish or withdraw
 * what differs; clear test alerts that were left behind, and overviews where they do not
 * belong; find out whether it kept our session, and whether another gateway of the site
 * is there.
 *
 * health.c judges what is heard of another gateway; publish.c sends what is put into
 * the outbox here.
 */
#include "daemon/reconcile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway.h"
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
    free(reconcile->retained);
    free(reconcile->same);
    free(reconcile->strays);
    reconcile->retained = NULL;
    reconcile->same = NULL;
    reconcile->strays = NULL;
    reconcile->n_retained = reconcile->cap_retained = 0;
    reconcile->n_same = reconcile->cap_same = 0;
    reconcile->n_strays = reconcile->cap_strays = 0;
}

/* An id contains the second of the opening. While a received alert opened in this very
 * second, one that opens next could get the same id. */
bool reconcile_is_ready(const struct reconcile *reconcile, int64_t now_s)
{
    bool is_ready =
        reconcile->state == RECONCILE_COMPLETE || reconcile->state == RECONCILE_BLIND;
    for (size_t i = 0; is_ready && i < reconcile->n_retained; i++) {
        int64_t ahead_s = reconcile->retained[i].opened_at_s - now_s;
        is_ready = ahead_s < 0 || ahead_s >= SAME_SECOND_S;
    }
    return is_ready;
}

/* ---- what the broker retains ---- */

static int find_stored(struct reconcile *reconcile, const struct sw_alert *retained,
                       int64_t *ret_key, struct sw_alert *ret)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(retained, id);
    return sw_store_find_alert(reconcile->store, id, ret_key, ret);
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

static int take_alert(struct reconcile *reconcile, const struct sw_alert *retained)
{
    struct sw_alert stored;
    struct sw_patient patient;
    int64_t key, erased_at_s;
    int r = find_stored(reconcile, retained, &key, &stored);
    bool is_same = r == 0 && retained->rev == stored.rev &&
                   retained->state == stored.state &&
                   strcmp(retained->therapist.str, stored.therapist.str) == 0;
    if (is_same)
        return note_same(reconcile, key, &stored);
    if (r == SW_STORE_NONE && !sw_alert_is_open(retained)) {
        r = sw_store_find_patient(reconcile->store, retained->patient, &patient);
        if (r == SW_STORE_NONE)
            r = sw_store_find_tombstone(reconcile->store, retained->patient,
                                        &erased_at_s);
        if (r == SW_STORE_NONE) /* it is closed, and of an unknown patient */
            return 0;
    }
    if (r < 0 || reconcile->n_retained == RECONCILE_ALERTS_MAX)
        return r < 0 ? r : 0;
    r = GROW(reconcile->retained, reconcile->n_retained, reconcile->cap_retained);
    if (r == 0)
        reconcile->retained[reconcile->n_retained++] = *retained;
    return r;
}

static int take_stray(struct reconcile *reconcile, const struct notice *notice)
{
    struct sw_topic topic;
    if (reconcile->n_strays == RECONCILE_ALERTS_MAX ||
        sw_topic_parse(reconcile->site, notice->payload, notice->len, &topic) ==
            SW_TOPIC_OTHER)
        return 0;
    int r = GROW(reconcile->strays, reconcile->n_strays, reconcile->cap_strays);
    if (r == 0)
        reconcile->strays[reconcile->n_strays++] =
            (struct stray_topic){topic.therapist, topic.patient};
    return r;
}

int reconcile_take(struct reconcile *reconcile, const struct notice *notice)
{
    struct sw_alert alert;
    if (notice->kind == NOTICE_BOARD || notice->kind == NOTICE_PATIENTS)
        return take_stray(reconcile, notice);
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

/* The first alert of that kind which was ever published; key 0: there is none. */
struct published {
    enum sw_alert_kind kind;
    int64_t key;
    struct sw_alert alert;
};

static int take_if_published(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct published *published = ctx;
    if (alert->kind != published->kind || alert->rev == 0)
        return 0;
    published->key = key;
    published->alert = *alert;
    return 1;
}

/* Publish what should be retained where the alert was received: the open alert of its
 * patient and kind, otherwise the newest. */
static int publish_stored(struct reconcile *reconcile, const struct sw_alert *retained)
{
    struct sw_alert_filter filter = {.patient = retained->patient,
                                     .therapist = retained->therapist,
                                     .closed_too = true};
    struct published published = {.kind = retained->kind};
    int r =
        sw_store_each_alert(reconcile->store, &filter, take_if_published, &published);
    if (r < 0)
        return r;
    return published.key != 0 ? publish_alert(reconcile, &published.alert)
                              : reconcile_publish(reconcile, retained, "");
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
static int close_one_before(struct reconcile *reconcile,
                            const struct sw_alert *retained)
{
    struct sw_alert_filter filter = {.patient = retained->patient};
    struct published before = {.kind = retained->kind};
    int r = sw_store_each_alert(reconcile->store, &filter, take_if_published, &before);
    if (r < 0 || before.key == 0 || before.alert.opened_at_s >= retained->opened_at_s)
        return r < 0 ? r : 0;
    enum sw_alert_state from = before.alert.state;
    close_as_lost(reconcile, &before.alert);
    return reconcile_put(reconcile, before.key, &before.alert, from,
                         "another opened since");
}

/* The alert is another gateway's. While that gateway is there, its alert keeps its
 * place, because nobody else would keep it up to date. */
static int leave_alone(struct reconcile *reconcile, const struct sw_alert *retained,
                       int64_t patient_key)
{
    if (!sw_alert_is_open(retained))
        return 0;
    if (reconcile->n_strange++ == 0)
        sw_alert_id_format(retained, reconcile->strange);
    bool keeps_place = reconcile->is_shared && patient_key != 0;
    return keeps_place ? note_same(reconcile, patient_key, retained) : 0;
}

static int reconcile_unknown(struct reconcile *reconcile,
                             const struct sw_alert *retained, bool is_lost)
{
    struct sw_alert closed = *retained;
    struct sw_patient patient = {.key = 0};
    int64_t erased_at_s;
    int r = sw_store_find_tombstone(reconcile->store, retained->patient, &erased_at_s);
    if (r == 0 && !reconcile->is_shared)
        return reconcile_publish(reconcile, retained, "");
    if (r >= 0)
        r = sw_store_find_patient(reconcile->store, retained->patient, &patient);
    if (r >= 0 && !is_lost)
        return leave_alone(reconcile, retained, patient.key);
    if (r >= 0)
        r = close_one_before(reconcile, retained);
    if (r < 0 || !sw_alert_is_open(retained))
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
                           const struct sw_alert *stored,
                           const struct sw_alert *retained, bool is_lost)
{
    struct sw_alert next = *stored;
    bool takes_over =
        is_lost && (sw_alert_is_open(stored) || !sw_alert_is_open(retained));
    if (takes_over) {
        next = *retained;
        next.span = stored->span;
        next.shelved_until_s = stored->shelved_until_s;
    } else if (retained->rev < REV_SANE) {
        next.rev = retained->rev + 1;
    }
    int r = reconcile_put(reconcile, key, &next, stored->state,
                          "the broker had a later revision");
    if (r < 0)
        return r;
    return takes_over ? note_same(reconcile, key, &next)
                      : publish_stored(reconcile, retained);
}

static int reconcile_one(struct reconcile *reconcile, const struct sw_alert *retained)
{
    bool is_lost = reconcile->loss != RECONCILE_KEPT && !reconcile->is_shared;
    struct sw_alert stored;
    int64_t key;
    int r = find_stored(reconcile, retained, &key, &stored);
    if (r == SW_STORE_NONE)
        return reconcile_unknown(reconcile, retained, is_lost);
    if (r < 0)
        return r;
    if (retained->rev <= stored.rev)
        return publish_stored(reconcile, retained);
    return reconcile->is_shared
               ? leave_alone(reconcile, retained, key)
               : reconcile_later(reconcile, key, &stored, retained, is_lost);
}

/* ---- what is retained of others than our patients ---- */

/* A patient was erased or has another therapist, or a therapist has no patients any more.
 * What the database never knew belongs to another gateway, unless our data were lost. */
static int clear_stray(struct reconcile *reconcile, const struct stray_topic *stray)
{
    struct sw_store *store = reconcile->store;
    struct sw_patient patient;
    sw_topic_text topic;
    int64_t erased_at_s;
    bool is_list = stray->patient.str[0] == '\0';
    int r = is_list ? sw_store_find_therapist(store, stray->therapist.str)
                    : sw_store_find_patient(store, stray->patient, &patient);
    if (r == SW_STORE_NONE && !is_list)
        r = sw_store_find_tombstone(store, stray->patient, &erased_at_s);
    if (r < 0 || (r == SW_STORE_NONE && reconcile->loss == RECONCILE_KEPT))
        return r < 0 ? r : 0;
    if (is_list)
        sw_topic_patients(topic, reconcile->site, &stray->therapist);
    else
        sw_topic_board(topic, reconcile->site, &stray->therapist, &stray->patient);
    reconcile->n_cleared++;
    return sw_store_put_outbound(store, topic, "", "");
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
    for (size_t i = 0; r >= 0 && i < reconcile->n_retained; i++)
        r = reconcile_one(reconcile, &reconcile->retained[i]);
    if (r >= 0 && (is_complete || reconcile->loss != RECONCILE_LOST))
        r = sw_store_each_alert(store, &open_ones, publish_if_missing, reconcile);
    for (size_t i = 0; r >= 0 && !reconcile->is_shared && i < reconcile->n_strays; i++)
        r = clear_stray(reconcile, &reconcile->strays[i]);
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
    bool is_final = !is_shared && reconcile->state == RECONCILE_COMPLETE;
    reconcile->is_shared = is_shared;
    reconcile->now_s = now_s;
    reconcile->n_changed = reconcile->n_strange = reconcile->n_cleared = 0;
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
    reconcile->loss = was_lost && !is_final ? RECONCILE_PUT_OFF : RECONCILE_KEPT;
    return 0;
}

/* A gateway that is there is logged separately. The same text at every connect is one
 * incident. */
static void note_strangers(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    enum { SAME_S = 24 * 3600 };
    const struct reconcile *reconcile = &gateway->reconcile;
    const struct sw_incident *last = &gateway->incidents.last[SW_INCIDENT_SITE_SHARED];
    char who[OTHER_TEXT_MAX] = "its name is not known";
    char text[SW_WHY_MAX + OTHER_TEXT_MAX]; /* cut when it is noted */
    sw_log(SW_LOG_WARNING,
           "%zu alert%s at the broker, the first %s, that this database does not know: "
           "left alone, as another gateway's",
           reconcile->n_strange, sw_plural((int64_t)reconcile->n_strange),
           reconcile->strange);
    if (other_is_there(&gateway->other, now_ms))
        return;
    bool is_another =
        gateway->other.is_known &&
        strcmp(gateway->other.said.client_id, gateway->config->broker.client_id) != 0;
    if (is_another)
        other_describe(&gateway->other, who);
    snprintf(text, sizeof text,
             "alerts at the broker (%.58s) are another gateway's: %s",
             reconcile->strange, who);
    bool is_same =
        strncmp(last->text, text, SW_WHY_MAX - 1) == 0 && now_s - last->at_s < SAME_S;
    if (!is_same)
        incidents_note(&gateway->incidents, SW_INCIDENT_SITE_SHARED, now_s, "%s", text);
}

/* ---- when it is done ---- */

/* The result is stored before anything is judged. */
void gateway_reconcile(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct reconcile *reconcile = &gateway->reconcile;
    bool was_lost = reconcile_holds_back(reconcile);
    if (gateway->data.check.is_awaited) /* nothing is stored yet */
        return;
    bool is_overdue = reconcile->state == RECONCILE_LISTENING &&
                      now_ms - reconcile->started_ms > RECONCILE_WAIT_MS;
    if (is_overdue) { /* the alerts received so far must do */
        reconcile->state = RECONCILE_BLIND;
        sw_log(SW_LOG_WARNING, "the broker does not let us read our own alerts: some "
                               "may stay open there that are over");
    }
    bool has_any = reconcile->n_retained + reconcile->n_strays > 0;
    bool is_in_doubt = reconcile->loss != RECONCILE_KEPT && has_any &&
                       other_may_come(&gateway->other, reconcile->started_ms, now_ms);
    if (!reconcile_is_ready(reconcile, now_s) || is_in_doubt ||
        commit_policy_has_failed(&gateway->commit_policy))
        return;
    int r = reconcile_finish(reconcile, other_is_there(&gateway->other, now_ms), now_s);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0) /* the commit, which fails too, logs it and waits */
        return;
    if (reconcile->n_strange > 0)
        note_strangers(gateway, now_s, now_ms);
    if (reconcile->is_behind)
        patients_republish_today(&gateway->patients);
    if (reconcile->n_changed > 0 || was_lost)
        sw_log(SW_LOG_NOTICE, "alerts compared with the broker's: %zu differed",
               reconcile->n_changed);
    if (reconcile->n_cleared > 0)
        sw_log(SW_LOG_NOTICE,
               "clearing %zu topic%s below board/ and patients/ that are no longer "
               "anybody's",
               reconcile->n_cleared, sw_plural((int64_t)reconcile->n_cleared));
    gateway->outbox.maybe_more |= reconcile->n_cleared > 0;
    if (reconcile->n_changed > 0 || was_lost || reconcile->is_behind)
        gateway_reload(gateway, gateway->patients.today, now_ms);
}

/* No message of the next connection can have come yet, because it begins after this
 * turn. */
void gateway_break_off(struct gateway *gateway)
{
    notices_clear(&gateway->receiver.notices);
    reconcile_break_off(&gateway->reconcile);
    overviews_forget(&gateway->overviews);
    other_break_off(&gateway->other);
    gateway->shown_tests.n = 0;
    gateway->hears_status = false;
}

/* ---- what the broker sends of its own ---- */

int gateway_take_notices(struct gateway *gateway)
{
    struct instant instant = {gateway->now.wall_ms / 1000, gateway->now.monotonic_ms};
    struct notice notice;
    bool is_news = false;
    int r = 0;
    while (r >= 0 && notices_take(&gateway->receiver.notices, &notice)) {
        shown_tests_on_notice(&gateway->shown_tests, &notice, instant.now_ms);
        other_on_notice(&gateway->other, &notice, gateway->instance, instant.now_s,
                        instant.now_ms);
        if (notice.kind == NOTICE_LEFT)
            gateway->connection_log.expects_mark = false;
        gateway->hears_status |= notice.kind == NOTICE_ONLINE;
        is_news |=
            notice.kind == NOTICE_DROPPED &&
            broker_drops_on_message(&gateway->dropped, notice.payload, notice.len,
                                    &gateway->incidents, instant.now_s);
        if (!overviews_on_notice(&gateway->overviews, &notice))
            r = reconcile_take(&gateway->reconcile, &notice);
        gateway->other.is_through |= gateway->reconcile.state == RECONCILE_COMPLETE;
    }
    is_news |= gateway->reconcile.state == RECONCILE_COMPLETE &&
               connection_log_miss_mark(&gateway->connection_log, instant);
    if (is_news)
        commit_policy_want(&gateway->commit_policy, COMMIT_STATUS, instant.now_ms);
    gateway_stop_if_damaged(gateway, r);
    return r;
}

/* ---- test alerts that were left behind ---- */

void shown_tests_on_notice(struct shown_tests *shown, const struct notice *notice,
                           int64_t now_ms)
{
    bool is_cleared = notice->kind == NOTICE_TEST_CLEARED;
    bool is_retained = notice->kind == NOTICE_TEST_RETAINED;
    bool is_new = notice->kind == NOTICE_TEST_SHOWN;
    if (!is_cleared && !is_retained && !is_new)
        return;
    struct shown_test *test = shown->items, *end = shown->items + shown->n;
    while (test < end && (strlen(test->topic) != notice->len ||
                          memcmp(test->topic, notice->payload, notice->len) != 0))
        test++;
    bool is_known = test < end;
    bool has_room = shown->n < SHOWN_TESTS_MAX && notice->len < sizeof test->topic;
    if (is_cleared && is_known)
        *test = shown->items[--shown->n];
    if (is_cleared || (!is_known && !has_room))
        return;
    if (!is_known) {
        memcpy(test->topic, notice->payload, notice->len);
        test->topic[notice->len] = '\0';
        shown->n++;
    }
    test->until_ms = is_retained ? now_ms : now_ms + SHOWN_TESTS_MS;
}

const char *shown_tests_due(struct shown_tests *shown, int64_t now_ms)
{
    for (size_t i = 0; i < shown->n; i++) {
        struct shown_test *test = &shown->items[i];
        if (now_ms < test->until_ms)
            continue;
        test->until_ms = now_ms + SHOWN_TESTS_RETRY_MS;
        return test->topic;
    }
    return NULL;
}

/* A clearing that cannot be sent, or is refused, is tried again until the broker
 * reports that the test alert is cleared. */
void gateway_clear_tests(struct gateway *gateway, int64_t now_ms)
{
    const char *topic;
    while ((topic = shown_tests_due(&gateway->shown_tests, now_ms))) {
        if (sw_session_publish(gateway->session, topic, "", 0, true, 0, 0) < 0)
            return;
        sw_log(SW_LOG_NOTICE, "clearing a test alert that was left behind: %s", topic);
    }
}

/* ---- what the broker knows of us ---- */

/* Whether the broker knew the last run by another login. The login of this run is
 * stored once the gateway is connected by it, and only if it changed, so that a connect
 * costs no write. */
static bool compare_login(struct gateway *gateway, bool is_connected)
{
    const struct sw_config *config = gateway->config;
    struct sw_store *store = gateway->data.store;
    char *before = NULL, *login = NULL;
    int r = sw_store_get_meta(store, SW_META_LOGIN, &before);
    int n =
        asprintf(&login, "%s\n%s", config->broker.client_id, config->broker.username);
    if (n < 0)
        login = NULL;
    bool is_first = login && r == SW_STORE_NONE;
    bool is_other = login && r == 0 && strcmp(before, login) != 0;
    if (is_connected && (is_first || is_other))
        sw_store_put_meta(store, SW_META_LOGIN, login);
    free(before);
    free(login);
    return is_other;
}

void gateway_recall_login(struct gateway *gateway)
{
    gateway->connection_log.is_renamed = compare_login(gateway, false);
}

void gateway_note_login(struct gateway *gateway)
{
    compare_login(gateway, true);
}

/* A restored database holds what was true when it was copied. */
void gateway_recall_mark(struct gateway *gateway)
{
    char *mark = NULL;
    int r = sw_store_get_meta(gateway->data.store, SW_META_MARK, &mark);
    bool is_left = r == 0 && *mark != '\0' && !gateway->data.is_renewed;
    if (is_left)
        gateway->connection_log.expects_mark = true;
    if (r == 0 && *mark != '\0') /* if the gateway crashes, it leaves no mark */
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "");
    free(mark);
}

/* We said goodbye and the broker received it. It then publishes our last will, which
 * waits in our session if the access list lets us receive it. */
void gateway_note_mark(struct gateway *gateway)
{
    if (gateway->connection_log.up && gateway->hears_status &&
        gateway->config->broker.protocol == 5)
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "left");
}
