/* commit_store.c -- all that a commit stores, in the open transaction and in its order.
 *
 * Beginning, ending and taking back the transaction is commit.c's business; how what
 * messages brought is stored, commit_readings.c's.
 */
#include "daemon/commit_private.h"
#include "daemon/commit_readings.h"
#include "records/budget.h"
#include "records/records.h"

enum { HEARD_PAUSE_S = 30 * 60 }; /* between messages; few devices make longer ones */

int commit_enroll(struct commit *commit, struct patient *patient)
{
    int64_t key;
    if (patient->known.key != 0)
        return 0;
    int r = sw_store_add_patient(commit->patients->store, &patient->known,
                                 &commit->config->plan, &key);
    if (r == SW_STORE_EXISTS) {
        struct sw_patient stored;
        r = sw_store_find_patient(commit->patients->store, patient->known.id, &stored);
        key = stored.key;
    }
    if (r >= 0)
        patient->known.key = key;
    digest_schedule_check(&commit->digest_schedule);
    return r;
}

/* With the minute; but at once if it ends a silence, or a long pause: else a crash
 * would have the next start tell of a silence that is over, or too early of one. */
bool commit_has_heard(const struct commit *commit, const struct patient *patient)
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
    struct patients *patients = commit->patients;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        bool is_stored = patient->known.key != 0;
        if (is_stored && patient->row_unstored)
            r = sw_store_put_day(patients->store, patient->known.key, patients->today,
                                 &patient->row);
        if (r >= 0 && commit_has_heard(commit, patient))
            r = sw_store_put_heard(patients->store, patient->known.key,
                                   patient->known.heard_at_s,
                                   patient->known.heard_stamp);
    }
    return r;
}

static int store_refused(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->ingest->n_refused; i++) {
        struct refused *refused = &commit->ingest->refused[i];
        bool is_new = refused->row.id == 0;
        refused->row.why = refused->why;
        r = is_new ? sw_store_put_rejected(commit->patients->store, &refused->row,
                                           refused->topic_len)
                   : sw_store_refuse_again(commit->patients->store, refused->row.id,
                                           refused->row.refusal, refused->why);
    }
    return r;
}

/* What was refused and is accepted now is no longer among the refused. */
static int store_again(struct commit *commit)
{
    const struct ingest *ingest = commit->ingest;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ingest->n_again; i++)
        if (!ingest->again[i].refused)
            r = sw_store_drop_rejected(commit->patients->store, ingest->again[i].id);
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
    struct patients *patients = commit->patients;
    struct sw_alert *alert = &effect->alert;
    int r = make_id_new(patients->store, effect);
    if (r >= 0)
        r = sw_records_apply_budget(patients->store, patients->zone,
                                    commit->config->alert_budget, alert);
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
            r = sw_records_put_alert(commit->patients->store, commit->config->site,
                                     effect->patient->known.key, &effect->alert,
                                     effect->from, effect->who, effect->why,
                                     effect->publish);
    }
    return r;
}

static int store_health(struct commit *commit, const struct eval_time *eval_time)
{
    struct sw_health next = *commit->health;
    struct sw_store *store = commit->patients->store;
    next.messages += commit->ingest->messages;
    next.readings += commit->ingest->readings;
    next.rejected += commit->ingest->rejected;
    next.commits++;
    next.open_alerts = sw_store_open_alerts(store);
    next.inbox_pending -= commit->ingest->taken; /* the others wait for the clock */
    if (next.inbox_pending < 0)
        next.inbox_pending = 0;
    incidents_fill_health(commit->incidents, eval_time->now_s, &next);
    next.written_at_s = eval_time->now_s;
    if (eval_time->clock_trusted) /* the next start asks whether its clock shows less */
        next.last_commit_at_s = eval_time->now_s;
    if (commit->ingest->last_message_at_s != 0)
        next.last_message_at_s = commit->ingest->last_message_at_s;
    int r = sw_store_put_health(store, &next);
    if (r >= 0)
        *commit->health = next; /* taken back if the commit fails: see commit.c */
    return r;
}

static int store_delivered(struct commit *commit)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->n_delivered; i++)
        r = sw_store_outbound_done(commit->patients->store, commit->delivered[i]);
    return r;
}

/* They may have been published once more after the erasure had their topics cleared;
 * now that they are gone nothing is. */
static int store_erased(struct commit *commit)
{
    const struct patients *patients = commit->patients;
    sw_topic_text topic;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n_erased; i++) {
        sw_topic_today(topic, commit->config->site, patients->erased[i]);
        r = sw_store_put_outbound(patients->store, topic, "", "");
    }
    return r;
}

/* Before anything that it dates is there to be found without it. */
static int store_clock(struct commit *commit)
{
    const struct receive_clock *keeper = commit->keeper;
    bool is_due = keeper && receive_clock_is_unstored(keeper);
    return is_due ? sw_store_put_clock(commit->patients->store, &keeper->clock) : 0;
}

int commit_store(struct commit *commit, struct effects *effects,
                 const struct eval_time *eval_time)
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
        r = digest_schedule_store(&commit->digest_schedule, commit->patients,
                                  commit->config, eval_time);
    if (r >= 0)
        r = store_delivered(commit);
    if (r >= 0)
        r = store_erased(commit);
    if (r >= 0 && (commit->minute_due || commit->online_spans->cut_s != 0))
        r = online_spans_store(commit->online_spans, commit->patients->store);
    if (r >= 0)
        r = incidents_store(commit->incidents, commit->patients->store);
    if (r >= 0 && commit->dropped)
        r = dropped_store(commit->dropped, commit->patients->store);
    if (r >= 0)
        r = store_health(commit, eval_time);
    return r;
}
