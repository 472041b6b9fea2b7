/* commit.c -- judge, then store everything in one transaction.
 *
 * When to try, and what to do when it fails, is gateway_judge.c's business; what is
 * stored, and in which order, commit_store.c's.
 */
#include "daemon/commit.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/commit_private.h"
#include "stepward/fault.h"
#include "stepward/host.h"
#include "util/array.h"

static int add_effect(struct effects *effects, const struct effect *effect)
{
    int r =
        patients_need_alerts(effect->patient); /* after the commit it must not fail */
    if (r >= 0)
        r = GROW(effects->items, effects->n, effects->cap);
    if (r < 0)
        return r;
    effects->items[effects->n++] = *effect;
    effects->n_urgent += !effect->waits;
    return 0;
}

/* ---- acting ---- */

/* The alert as it will be when what was asked of it before is done. */
static struct sw_alert as_asked(const struct effects *effects,
                                const struct asked *asked)
{
    const struct sw_alert *kept = asked->patient->alerts;
    for (size_t i = effects->n_acts; i-- > 0;) {
        const struct effect *effect = &effects->items[i];
        if (effect->patient == asked->patient &&
            effect->alert.kind == asked->topic.kind)
            return effect->alert;
    }
    return kept ? kept[asked->topic.kind] : (struct sw_alert){.rev = 0};
}

static int apply_command(struct actions *actions, struct asked *asked, int64_t now_s,
                         struct effects *effects)
{
    struct effect effect = {.patient = asked->patient,
                            .alert = as_asked(effects, asked),
                            .waits = !sw_holdoff_allows(&asked->patient->acts, now_s),
                            .who = asked->action.by,
                            .why = asked->why};
    effect.from = effect.alert.state;
    enum sw_alert_outcome act =
        sw_alert_apply(&effect.alert, &asked->action, asked->at_s, &effect.publish);
    sw_action_why(&asked->action, asked->why);
    asked->done = act != SW_OUTCOME_DONE;
    if (act != SW_OUTCOME_DONE && act != SW_OUTCOME_NOTHING_NEW)
        actions_answer_outcome(actions, &asked->topic, act);
    if (asked->done)
        return 0;
    int r = add_effect(effects, &effect);
    if (r >= 0)
        effects->n_acts = effects->n;
    return r;
}

static int apply_all_commands(struct actions *actions, int64_t now_s,
                              struct effects *effects)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < actions->n_asked; i++)
        if (!actions->asked[i].done)
            r = apply_command(actions, &actions->asked[i], now_s, effects);
    return r;
}

/* ---- judging ---- */

/* The patient's alerts as they will be when what is asked of them was done; returns
 * SW_KIND_BITs of those that differ from memory. */
static unsigned look_ahead(const struct effects *effects, const struct patient *patient,
                           struct sw_alert alerts[static SW_ALERT_KINDS])
{
    unsigned differs = 0;
    if (patient->alerts)
        memcpy(alerts, patient->alerts, SW_ALERT_KINDS * sizeof(*alerts));
    else
        memset(alerts, 0, SW_ALERT_KINDS * sizeof(*alerts));
    for (size_t i = 0; i < effects->n_acts; i++) {
        const struct effect *effect = &effects->items[i];
        if (effect->patient != patient)
            continue;
        alerts[effect->alert.kind] = effect->alert;
        differs |= 1u << effect->alert.kind;
    }
    return differs;
}

static struct effect effect_of(struct patient *patient, const struct sw_alert *alert,
                               const struct sw_alert_effect *found)
{
    return (struct effect){
        .patient = patient,
        .alert = *alert,
        .from = found->from,
        .opens = found->change == SW_CHANGE_OPENED,
        .publish = found->publish,
        .who = "gateway",
        .why = sw_alert_change_why(found->change, alert),
    };
}

/* See sw_holdoff_allows(). */
static bool is_held_off(struct patient *patient, enum sw_alert_kind kind, int64_t now_s)
{
    struct sw_holdoff *holdoff = &patient->holdoffs[kind];
    unsigned bit = 1u << kind;
    if (holdoff->until_s <= now_s)
        patient->held_off &= ~bit;
    if (sw_holdoff_allows(holdoff, now_s))
        return false;
    if (!(patient->held_off & bit))
        sw_log(SW_LOG_NOTICE,
               "%s: %s changes again and again: told at most once in %d s until it "
               "does not",
               patient->known.id.str, sw_alert_kind_name(kind), SW_HOLDOFF_EVERY_S);
    patient->held_off |= bit;
    return true;
}

/* It was judged as if what inhibits it had ended, but that end is held off: until then
 * it does not open either. */
static bool opens_too_early(const struct sw_alert_effect *found,
                            const struct sw_alert *alerts)
{
    bool opens =
        found->change == SW_CHANGE_OPENED || found->change == SW_CHANGE_REOPENED;
    return opens && sw_alert_is_inhibited(found->kind, alerts);
}

/* Between the end of a day and the loading of the next nothing is judged: the facts
 * are of the one, the time of the other. */
static int judge_one(struct commit *commit, struct patient *patient,
                     const struct eval_time *eval_time, struct effects *effects)
{
    struct sw_alert alerts[SW_ALERT_KINDS], before[SW_ALERT_KINDS];
    struct sw_alert_effect found[SW_ALERT_KINDS];
    struct patients *patients = commit->patients;
    bool is_today = sw_day_of(patients->zone, eval_time->now_s) == patients->today;
    int r = patients_refresh(patients, patient, eval_time->now_s);
    if (r < 0 || !is_today)
        return r;
    r = patients_read_history(patients, patient);
    if (r < 0)
        return r;
    patients_mend_future(patient, eval_time);
    unsigned differs = look_ahead(effects, patient, alerts);
    memcpy(before, alerts, sizeof before);
    size_t n = evaluate_patient(patients, patient, eval_time, alerts, found),
           n_held_off = 0;
    for (size_t i = 0; r >= 0 && i < n; i++) {
        enum sw_alert_kind kind = found[i].kind;
        struct effect effect = effect_of(patient, &alerts[kind], &found[i]);
        differs |= 1u << kind;
        if (opens_too_early(&found[i], alerts) ||
            is_held_off(patient, kind, eval_time->now_s)) {
            alerts[kind] = before[kind];
            n_held_off++;
        } else {
            r = add_effect(effects, &effect);
        }
    }
    if (r < 0)
        return r;
    patients_keep_evidence(patient, alerts, differs);
    patient->to_judge_later = n_held_off > 0;
    if (n == n_held_off) /* else it is judged again until that is stored */
        patient->to_judge = false;
    return 0;
}

static int judge_all(struct commit *commit, const struct eval_time *eval_time, bool due,
                     struct effects *effects)
{
    struct patients *patients = commit->patients;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        if (patient->to_judge || (due && patient->to_judge_later))
            r = judge_one(commit, patient, eval_time, effects);
    }
    return r;
}

/* ---- committing ---- */

static void apply_heard(const struct commit *commit, struct patient *patient)
{
    if (!commit_has_heard(commit, patient))
        return;
    patient->heard_stored_s = patient->known.heard_at_s;
    patient->heard_unstored = false;
}

/* What was recalled is stale if this commit changed it: then there is more to judge. */
static void apply_effect(const struct effect *effect, bool is_act, int64_t now_s)
{
    struct patient *patient = effect->patient;
    sw_holdoff_note(is_act ? &patient->acts : &patient->holdoffs[effect->alert.kind],
                    now_s);
    patient->alerts[effect->alert.kind] = effect->alert;
    patient->today_changed = true; /* the facts look at what open ones are about */
    patient->to_judge = patient->stale != 0;
}

/* Everything is on disk: what was pending is not any more. */
static void apply_committed(struct commit *commit, const struct effects *effects)
{
    struct patients *patients = commit->patients;
    for (size_t i = 0; i < effects->n; i++)
        apply_effect(&effects->items[i], i < effects->n_acts, patients->now_s);
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        patient->today_unpublished =
            patient->today_unpublished || patient->row_unstored;
        patient->row_unstored = false;
        apply_heard(commit, patient);
        patient->was_stored = patient->known.key != 0;
        bool has_own_numbers = patient->n_new_devices > 0 && patient->known.key != 0;
        if (has_own_numbers)
            day_cache_drop(patients, patient);
    }
    ingest_clear(commit->ingest);
    commit->n_delivered = 0;
    commit->epoch = patients->epoch;
    digest_schedule_committed(&commit->digest_schedule);
    patients->n_erased = 0;
    if (commit->minute_due || commit->online_spans->cut_s != 0) {
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

/* Nothing was stored: what stands in memory, and is not what the store says, is taken
 * back. */
static void back_out(struct commit *commit, const struct sw_health *health_before)
{
    struct patients *patients = commit->patients;
    sw_store_rollback(patients->store);
    *commit->health = *health_before;
    digest_schedule_check(&commit->digest_schedule);
    for (size_t i = 0; i < patients->n;
         i++) /* those that were put into the store now */
        if (!patients->all[i]->was_stored)
            patients->all[i]->known.key = 0;
}

static int find_effects(struct commit *commit, const struct eval_time *eval_time,
                        bool due, struct effects *effects)
{
    effects->n = effects->n_acts = effects->n_urgent = 0;
    int r = apply_all_commands(&commit->ingest->actions, eval_time->now_s, effects);
    return r < 0 ? r : judge_all(commit, eval_time, due, effects);
}

/* Another hand (the command line) was faster, and what was found rests on what is no
 * longer so. With the lock held nobody is faster a second time, in whatever loops they
 * write: they wait for as long as that takes. */
static int find_again(struct commit *commit, const struct eval_time *eval_time,
                      bool due, struct effects *effects)
{
    int r = ingest_load(commit->ingest, commit->patients->today);
    return r < 0 ? r : find_effects(commit, eval_time, due, effects);
}

static int transact(struct commit *commit, struct effects *effects,
                    const struct eval_time *eval_time, bool due, bool *ret_committed)
{
    struct sw_store *store = commit->patients->store;
    struct sw_health before = *commit->health;
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    if (patients_is_behind(commit->patients))
        r = find_again(commit, eval_time, due, effects);
    bool is_worth_it = due || effects->n_urgent > 0;
    if (r >= 0 && is_worth_it)
        r = commit_store(commit, effects, eval_time);
    if (r >= 0 && is_worth_it) {
        FAULT_POINT(in_transaction);
        r = sw_store_commit(store);
        FAULT_POINT(after_commit);
    }
    *ret_committed = r >= 0 && is_worth_it;
    if (*ret_committed)
        apply_committed(commit, effects);
    else
        back_out(commit, &before);
    return r < 0 ? r : 0;
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
    if (patients->is_behind) /* what could not be loaded is not judged by */
        r = ingest_load(commit->ingest, patients->today);
    if (r >= 0 &&
        digest_schedule_is_due(&commit->digest_schedule, patients, eval_time)) {
        patients_mark_everyone(patients);
        due = true;
    }
    while (r >= 0 && again) {
        bool committed = false;
        r = find_effects(commit, eval_time, due, &effects);
        if (r >= 0 && (due || effects.n_urgent > 0))
            r = transact(commit, &effects, eval_time, due, &committed);
        *ret_committed = *ret_committed || committed;
        due = false;
        again = committed && commit->judge_again; /* by what is stored now */
    }
    free(effects.items);
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
