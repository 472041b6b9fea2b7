/* commit.c -- judge, then store everything in one transaction, and only then update
 * memory.
 *
 * When to try, and what to do when it fails, is the loop's business. evaluate.c finds
 * what is to change; write_buffer.c stores what messages brought.
 */
#include "daemon/commit.h"

#include <stdlib.h>
#include <string.h>

#include "records/digest.h"
#include "records/records.h"
#include "stepward/fault.h"
#include "util/array.h"

enum { HEARD_PAUSE_S = 30 * 60 }; /* between messages; few devices make longer ones */

/* ---- digests ---- */

void commit_check_digests(struct commit *commit)
{
    commit->digest_schedule.due_s = 0;
}

/* If the due time cannot be looked up, the next turn tries again. */
static bool are_digests_due(struct digest_schedule *digest_schedule,
                            const struct patients *patients,
                            const struct eval_time *eval_time)
{
    if (!eval_time->clock_trusted)
        return false;
    if (digest_schedule->epoch != sw_store_epoch(patients->store)) {
        digest_schedule->due_s = 0;
        digest_schedule->epoch = sw_store_epoch(patients->store);
    }
    if (digest_schedule->due_s == 0 &&
        sw_records_next_digest(patients->store, patients->zone, eval_time->now_s,
                               &digest_schedule->due_s) < 0)
        return false;
    return eval_time->now_s >= digest_schedule->due_s;
}

/* Digests include patients enrolled by this very transaction. A due time that is looked
 * up in the transaction is discarded with it. */
static int store_digests(const struct commit *commit, const struct eval_time *eval_time,
                         struct effects *effects)
{
    const struct patients *patients = commit->patients;
    struct digest_schedule digest_schedule = commit->digest_schedule;
    if (effects->has_enrolled)
        digest_schedule.due_s = 0;
    if (!are_digests_due(&digest_schedule, patients, eval_time))
        return 0;
    effects->has_digests = true;
    return sw_records_put_digests(patients->store, patients->zone, commit->config->site,
                                  commit->config->alert_budget, eval_time->now_s);
}

/* ---- storing, in the open transaction ---- */

/* Add the patient to the store if only this process has enrolled it so far. */
static int commit_enroll(const struct commit *commit, struct patient *patient,
                         struct effects *effects)
{
    struct sw_store *store = commit->patients->store;
    int64_t key;
    if (effects_key_of(effects, patient) != 0)
        return 0;
    int r = sw_store_add_patient(store, &patient->known, &commit->config->plan, &key);
    if (r == SW_STORE_EXISTS) {
        struct sw_patient stored;
        r = sw_store_find_patient(store, patient->known.id, &stored);
        key = stored.key;
    }
    if (r < 0)
        return r;
    patient->unstored.enrolling.key = key;
    patient->unstored.enrolling.transaction = effects->transaction;
    effects->has_enrolled = true;
    return r;
}

static int store_readings(const struct commit *commit, struct effects *effects)
{
    struct patients *patients = commit->patients;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++)
        if (patients->all[i]->first_pending != 0)
            r = commit_enroll(commit, patients->all[i], effects);
    return r < 0 ? r : write_buffer_store(patients, effects);
}

/* The time of the last message is stored once a minute, but at once if it ends a
 * silence or a long pause. Otherwise, after a crash, the next start would report a
 * silence that is over, or report one too early. */
static bool is_heard_due(const struct commit *commit, const struct patient *patient)
{
    const struct sw_alert *silent =
        patient->alerts ? &patient->alerts[SW_ALERT_SILENT] : NULL;
    bool ends_silence = silent && silent->state != SW_STATE_NONE &&
                        patient->unstored.heard_s <= silent->span.from_s;
    bool ends_pause =
        patient->known.heard_at_s - patient->unstored.heard_s > HEARD_PAUSE_S;
    return patient->unstored.has_heard &&
           (commit->minute_due || ends_silence || ends_pause);
}

static int store_patients(const struct commit *commit, const struct effects *effects)
{
    struct patients *patients = commit->patients;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        const struct patient *patient = patients->all[i];
        int64_t key = effects_key_of(effects, patient);
        if (key == 0)
            continue;
        if (patient->unstored.has_row)
            r = sw_store_put_day(patients->store, key, patients->today,
                                 &patient->day.row);
        if (r >= 0 && patient->unstored.has_lateness)
            r = sw_store_put_lateness(patients->store, key, &patient->lateness);
        if (r >= 0 && is_heard_due(commit, patient))
            r = sw_store_put_heard(patients->store, key, patient->known.heard_at_s,
                                   patient->known.heard_stamp);
        if (r >= 0 && patient->unstored.has_refusing)
            r = sw_store_put_refusing(patients->store, key, &patient->known.refusing);
    }
    return r;
}

/* A message that was refused before and is accepted now is no longer among the
 * refused. */
static int store_refused(const struct commit *commit)
{
    const struct ingest *ingest = commit->ingest;
    struct sw_store *store = commit->patients->store;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ingest->n_again; i++)
        if (!ingest->again[i].refused)
            r = sw_store_drop_rejected(store, ingest->again[i].id);
    for (size_t i = 0; r >= 0 && i < ingest->n_refused; i++) {
        const struct refused *refused = &ingest->refused[i];
        struct sw_rejected row = refused->row;
        row.why = refused->why;
        r = row.id == 0 ? sw_store_put_rejected(store, &row, refused->topic_len)
                        : sw_store_refuse_again(store, row.id, row.refusal, row.why);
    }
    return r;
}

static int store_missed(const struct commit *commit)
{
    const struct ingest *ingest = commit->ingest;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < ingest->n_missed; i++)
        r = sw_store_add_missed(commit->patients->store, &ingest->missed[i]);
    return r;
}

/* The opening time is part of the id, and may come again after the clock was put
 * back. */
static int make_id_new(struct sw_store *store, struct sw_alert *alert)
{
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

static int store_alert(const struct commit *commit, struct alert_effect *effect,
                       struct effects *effects)
{
    struct patients *patients = commit->patients;
    char asked_why[SW_ACTION_WHY_MAX] = "";
    const struct asked *asked = effect->asked;
    int r = patients_need_alerts(effect->patient); /* must not fail after the commit */
    if (r >= 0)
        r = commit_enroll(commit, effect->patient, effects);
    if (r >= 0 && effect->opens)
        r = make_id_new(patients->store, &effect->alert);
    if (r >= 0 && effect->opens)
        r = sw_records_apply_budget(patients->store, patients->zone,
                                    commit->config->alert_budget, &effect->alert);
    if (r < 0)
        return r;
    if (effect->opens && sw_alert_is_held_back(&effect->alert)) {
        effect->publish = false;
        effect->why = "over budget";
    }
    if (asked)
        sw_action_why(&asked->action, asked_why);
    r = sw_records_put_alert(patients->store, commit->config,
                             effects_key_of(effects, effect->patient), &effect->alert,
                             effect->from, asked ? asked->action.by : "gateway",
                             asked ? asked_why : effect->why, effect->publish);
    if (r < 0 || !asked)
        return r;
    return sw_records_audit_action(patients->store, asked->topic.therapist.str,
                                   SW_AUDIT_MQTT, asked->at_s, &effect->alert,
                                   &asked->action);
}

/* The broker has received some publications. Those of erased patients, and those of a
 * patient whose therapist is another, may have been published once more after their
 * topics were cleared, or were not cleared yet; from now on nothing is published
 * there. */
static int store_outbox(const struct commit *commit)
{
    const struct patients *patients = commit->patients;
    const char *site = commit->config->site;
    sw_topic_text topic;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < commit->n_delivered; i++)
        r = sw_store_outbound_done(patients->store, commit->delivered[i]);
    for (size_t i = 0; r >= 0 && i < patients->n_left; i++) {
        const struct left_topic *left = &patients->left[i];
        const struct patient *patient = patients_find(patients, left->patient.str);
        bool came_back =
            patient && strcmp(patient->plan.therapist.str, left->therapist.str) == 0;
        sw_topic_board(topic, site, &left->therapist, &left->patient);
        if (!came_back)
            r = sw_store_put_outbound(patients->store, topic, "", "");
        sw_topic_today(topic, site, left->patient);
        if (r >= 0 && left->is_erased)
            r = sw_store_put_outbound(patients->store, topic, "", "");
    }
    return r;
}

static int store_health(const struct commit *commit, const struct eval_time *eval_time,
                        struct effects *effects)
{
    const struct ingest *ingest = commit->ingest;
    struct sw_health *next = &effects->health;
    struct sw_store *store = commit->patients->store;
    *next = *commit->health;
    next->messages += ingest->messages;
    next->readings += ingest->readings;
    next->rejected += ingest->rejected;
    next->commits++;
    next->open_alerts = sw_store_open_alerts(store);
    next->inbox_pending -= ingest->taken; /* the others wait for the clock */
    if (next->inbox_pending < 0)
        next->inbox_pending = 0;
    incidents_fill_health(commit->incidents, eval_time->now_s, next);
    next->written_at_s = eval_time->now_s;
    if (eval_time->clock_trusted) /* the next start compares its clock with this */
        next->last_commit_at_s = eval_time->now_s;
    if (ingest->last_message_at_s != 0)
        next->last_message_at_s = ingest->last_message_at_s;
    return sw_store_put_health(store, next);
}

static bool is_online_due(const struct commit *commit)
{
    return commit->minute_due || commit->online_spans->cut_s != 0;
}

static int store_all(const struct commit *commit, const struct eval_time *eval_time,
                     struct effects *effects)
{
    const struct receive_clock *keeper = commit->keeper;
    struct sw_store *store = commit->patients->store;
    int r = 0;
    if (keeper && receive_clock_is_unstored(keeper)) /* before anything that it dates */
        r = sw_store_put_clock(store, &keeper->clock);
    if (r >= 0)
        r = store_readings(commit, effects);
    if (r >= 0)
        r = store_refused(commit);
    if (r >= 0)
        r = store_missed(commit);
    for (size_t i = 0; r >= 0 && i < effects->n_alerts; i++)
        if (!effects->alerts[i].is_evidence)
            r = store_alert(commit, &effects->alerts[i], effects);
    if (r >= 0) /* those too who were enrolled for an alert */
        r = store_patients(commit, effects);
    if (r >= 0) /* an alert that ended with the wake window is not listed as open */
        r = store_digests(commit, eval_time, effects);
    if (r >= 0)
        r = store_outbox(commit);
    if (r >= 0 && is_online_due(commit))
        r = online_spans_store(commit->online_spans, store);
    if (r >= 0)
        r = incidents_store(commit->incidents, store);
    if (r >= 0 && commit->dropped)
        r = dropped_store(commit->dropped, store);
    return r < 0 ? r : store_health(commit, eval_time, effects);
}

/* ---- applying ---- */

/* Everything is on disk, so nothing is pending any more. */
static void commit_apply(struct commit *commit, const struct effects *effects)
{
    struct patients *patients = commit->patients;
    effects_apply(effects, &commit->ingest->actions, patients->now_s);
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        patient->known.key = effects_key_of(effects, patient);
        patient->unpublished.has_day |= patient->unstored.has_row;
        patient->overview.has_news |=
            patient->unstored.has_row || patient->unstored.has_heard;
        patient->unstored.has_row = false;
        if (patient->known.key == 0)
            continue;
        patient->unstored.has_lateness = false;
        patient->unstored.has_refusing = false;
        if (is_heard_due(commit, patient)) {
            patient->unstored.heard_s = patient->known.heard_at_s;
            patient->unstored.has_heard = false;
        }
        if (patient->devices.n_news > 0) /* the store has assigned them numbers */
            day_cache_drop(patients, patient);
    }
    patients->n_left = 0;
    patients->lists_changed |= effects->has_enrolled;
    *commit->health = effects->health;
    ingest_clear(commit->ingest);
    commit->n_delivered = 0;
    commit->epoch = patients->epoch;
    if (effects->has_enrolled || effects->has_digests)
        commit_check_digests(commit);
    if (is_online_due(commit)) {
        commit->online_spans->unstored = false;
        commit->online_spans->distrusted.to_s = 0;
    }
    commit->online_spans->cut_s = 0;
    if (commit->keeper)
        receive_clock_committed(commit->keeper);
    commit->minute_due = false;
    incidents_committed(commit->incidents);
    if (commit->dropped)
        commit->dropped->unstored = false;
}

/* ---- one transaction ---- */

static int find_effects(struct commit *commit, const struct eval_time *eval_time,
                        bool due, struct effects *effects)
{
    int r = evaluate_prepare(commit->patients, eval_time, due);
    return r < 0 ? r
                 : evaluate(commit->patients, &commit->ingest->actions, eval_time,
                            effects);
}

/* Another writer (the command line) may have been faster, so that the effects rest on
 * data that is outdated. Once the lock is held, nobody is faster a second time, however
 * often they write: they wait for as long as this takes. */
static int transact(struct commit *commit, struct effects *effects,
                    const struct eval_time *eval_time, bool due, bool *ret_committed)
{
    struct sw_store *store = commit->patients->store;
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    if (patients_is_behind(commit->patients)) {
        r = ingest_load(commit->ingest, commit->patients->today);
        if (r >= 0)
            r = find_effects(commit, eval_time, due, effects);
    }
    bool is_worth_it = due || effects->n_urgent > 0;
    effects->transaction = ++commit->n_transactions;
    if (r >= 0 && is_worth_it)
        r = store_all(commit, eval_time, effects);
    if (r >= 0 && is_worth_it) {
        FAULT_POINT(in_transaction);
        r = sw_store_commit(store);
        FAULT_POINT(after_commit);
    }
    *ret_committed = r >= 0 && is_worth_it;
    if (*ret_committed)
        commit_apply(commit, effects);
    else
        sw_store_rollback(store);
    return r;
}

int commit_attempt(struct commit *commit, const struct eval_time *eval_time, bool due,
                   bool *ret_committed)
{
    struct effects effects = {0};
    struct patients *patients = commit->patients;
    bool again = true;
    int r = 0;
    patients->now_s = eval_time->now_s;
    *ret_committed = false;
    if (patients->is_behind) /* never judge by data that could not be loaded */
        r = ingest_load(commit->ingest, patients->today);
    if (r >= 0 && are_digests_due(&commit->digest_schedule, patients, eval_time)) {
        patients_mark_everyone(patients);
        due = true;
    }
    while (r >= 0 && again) {
        bool committed = false;
        r = find_effects(commit, eval_time, due, &effects);
        if (r >= 0 && (due || effects.n_urgent > 0))
            r = transact(commit, &effects, eval_time, due, &committed);
        if (r >= 0 && !committed)
            effects_apply_unstored(&effects, &commit->ingest->actions);
        *ret_committed = *ret_committed || committed;
        due = false;
        again = committed && effects.n_stale > 0; /* by what is stored now */
    }
    effects_fini(&effects);
    return r < 0 ? r : 0;
}

int commit_note_delivered(struct commit *commit, int64_t seq)
{
    int r = GROW(commit->delivered, commit->n_delivered, commit->cap_delivered);
    if (r >= 0)
        commit->delivered[commit->n_delivered++] = seq;
    return r;
}

void commit_fini(struct commit *commit)
{
    free(commit->delivered);
    commit->delivered = NULL;
    commit->n_delivered = commit->cap_delivered = 0;
}
