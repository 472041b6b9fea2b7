/* commit_store.c -- all that a commit stores, in the open transaction and in its order.
 *
 * Beginning, ending and taking back the transaction is commit.c's business; how what
 * messages brought is stored, pending.c's.
 */
#include "daemon/commit_private.h"
#include "daemon/pending.h"
#include "records/book.h"
#include "records/budget.h"

enum { HEARD_PAUSE_S = 30 * 60 }; /* between messages; few devices make longer ones */

int commit_enroll(struct commit *commit, struct patient *patient)
{
    int64_t key;
    if (patient->known.key != 0)
        return 0;
    int r = sw_store_add_patient(commit->ward->store, &patient->known,
                                 &commit->config->plan, &key);
    if (r == SW_STORE_EXISTS) {
        struct sw_patient stored;
        r = sw_store_find_patient(commit->ward->store, patient->known.id, &stored);
        key = stored.key;
    }
    if (r >= 0)
        patient->known.key = key;
    digests_look_again(&commit->digests);
    return r;
}

/* With the minute; but at once if it ends a silence, or a long pause: else a crash
 * would have the next start tell of a silence that is over, or too early of one. */
bool commit_tells_heard(const struct commit *commit, const struct patient *patient)
{
    const struct sw_alert *silent =
        patient->alerts ? &patient->alerts[SW_ALERT_SILENT] : NULL;
    bool ends_silence = silent && silent->state != SW_STATE_NONE &&
                        patient->heard_stored_s <= silent->span.from_s;
    bool ends_pause =
        patient->known.heard_at_s - patient->heard_stored_s > HEARD_PAUSE_S;
    return patient->known.key != 0 && patient->heard_unstored &&
           (commit->minute_due || ends_silence || ends_pause);
}

static int store_patients(struct commit *commit)
{
    struct ward *ward = commit->ward;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ward->n; i++) {
        struct patient *patient = ward->patients[i];
        bool is_stored = patient->known.key != 0;
        if (is_stored && patient->row_unstored)
            r = sw_store_put_day(ward->store, patient->known.key, ward->today,
                                 &patient->row);
        if (r >= 0 && commit_tells_heard(commit, patient))
            r = sw_store_put_heard(ward->store, patient->known.key,
                                   patient->known.heard_at_s,
                                   patient->known.heard_stamp);
    }
    return r;
}

static int store_refused(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->intake->n_refused; i++) {
        struct refused *refused = &commit->intake->refused[i];
        bool is_new = refused->row.id == 0;
        refused->row.why = refused->why;
        r = is_new ? sw_store_put_rejected(commit->ward->store, &refused->row,
                                           refused->topic_len)
                   : sw_store_refuse_again(commit->ward->store, refused->row.id,
                                           refused->row.refusal, refused->why);
    }
    return r;
}

/* What was refused and is accepted now is no longer among the refused. */
static int store_again(struct commit *commit)
{
    const struct intake *intake = commit->intake;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < intake->n_again; i++)
        if (!intake->again[i].refused)
            r = sw_store_forget_rejected(commit->ward->store, intake->again[i].id);
    return r;
}

/* The opening time is part of the id. After the clock was put back it may come again.
 */
static int make_id_new(struct sw_store *store, struct effect *effect)
{
    struct sw_alert *alert = &effect->alert;
    char id[SW_ALERT_ID_MAX + 1];
    struct sw_alert other;
    int64_t key;
    int r;
    do {
        sw_alert_id_format(alert, id);
        r = sw_store_find_alert(store, id, &key, &other);
        alert->opened_at_s += r == 0;
    } while (r == 0);
    if (alert->updated_at_s < alert->opened_at_s)
        alert->updated_at_s = alert->opened_at_s;
    return r == SW_STORE_NONE ? 0 : r;
}

static int open_effect(struct commit *commit, struct effect *effect)
{
    struct ward *ward = commit->ward;
    struct sw_alert *alert = &effect->alert;
    int r = make_id_new(ward->store, effect);
    if (r >= 0)
        r = sw_book_apply_budget(ward->store, ward->zone, commit->config->alert_budget,
                                 alert);
    if (r >= 0 && sw_alert_is_held_back(alert)) {
        effect->publish = false;
        effect->why = "over budget";
    }
    return r;
}

static int store_effects(struct commit *commit, struct effects *effects)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < effects->n; i++) {
        struct effect *effect = &effects->items[i];
        r = commit_enroll(commit, effect->patient);
        if (r >= 0 && effect->opens)
            r = open_effect(commit, effect);
        if (r >= 0)
            r = sw_book_put_alert(commit->ward->store, commit->config->site,
                                  effect->patient->known.key, &effect->alert,
                                  effect->from, effect->who, effect->why,
                                  effect->publish);
    }
    return r;
}

static int store_health(struct commit *commit, const struct judging *judging)
{
    struct sw_health next = *commit->health;
    struct sw_store *store = commit->ward->store;
    next.messages += commit->intake->messages;
    next.readings += commit->intake->readings;
    next.rejected += commit->intake->rejected;
    next.commits++;
    next.open_alerts = sw_store_open_alerts(store);
    next.inbox_pending -= commit->intake->taken; /* the others wait for the clock */
    if (next.inbox_pending < 0)
        next.inbox_pending = 0;
    trouble_say(commit->trouble, judging->now_s, &next);
    next.written_at_s = judging->now_s;
    if (judging->clock_trusted) /* the next start asks whether its clock shows less */
        next.last_commit_at_s = judging->now_s;
    if (commit->intake->last_message_at_s != 0)
        next.last_message_at_s = commit->intake->last_message_at_s;
    int r = sw_store_put_health(store, &next);
    if (r >= 0)
        *commit->health = next; /* taken back if the commit fails: see commit.c */
    return r;
}

static int store_delivered(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->n_delivered; i++)
        r = sw_store_outbound_done(commit->ward->store, commit->delivered[i]);
    return r;
}

/* They may have been published once more after the erasure had their topics cleared;
 * now that they are gone nothing is. */
static int store_erased(struct commit *commit)
{
    const struct ward *ward = commit->ward;
    sw_topic_text topic;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ward->n_erased; i++) {
        sw_topic_today(topic, commit->config->site, ward->erased[i]);
        r = sw_store_put_outbound(ward->store, topic, "", "");
    }
    return r;
}

/* Before anything that it dates is there to be found without it. */
static int store_clock(struct commit *commit)
{
    const struct timekeeper *keeper = commit->keeper;
    bool is_due = keeper && timekeeper_is_unstored(keeper);
    return is_due ? sw_store_put_clock(commit->ward->store, &keeper->clock) : 0;
}

int commit_store(struct commit *commit, struct effects *effects,
                 const struct judging *judging)
{
    commit->judge_again = false;
    int r = store_clock(commit);
    if (r >= 0)
        r = pending_store(commit);
    if (r >= 0)
        r = store_patients(commit);
    if (r >= 0)
        r = store_again(commit);
    if (r >= 0)
        r = store_refused(commit);
    if (r >= 0)
        r = store_effects(commit, effects);
    if (r >= 0) /* what ended with the wake window is not told of as open */
        r = digests_store(&commit->digests, commit->ward, commit->config, judging);
    if (r >= 0)
        r = store_delivered(commit);
    if (r >= 0)
        r = store_erased(commit);
    if (r >= 0 && (commit->minute_due || commit->watched->cut_s != 0))
        r = watched_store(commit->watched, commit->ward->store);
    if (r >= 0)
        r = trouble_store(commit->trouble, commit->ward->store);
    if (r >= 0 && commit->dropped)
        r = dropped_store(commit->dropped, commit->ward->store);
    if (r >= 0)
        r = store_health(commit, judging);
    return r;
}
