/* evaluate.c -- bring up to date what patients are judged by, and turn it, with what
 * therapists asked for, into effects.
 *
 * Storing and applying effects is commit.c's business.
 */
#include "daemon/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "records/facts.h"
#include "stepward/host.h"
#include "util/array.h"

/* ---- what patients are judged by ---- */

/* Minutes became known since the last computation. Note how late they came, if that was
 * by a message, and in the wake window, where a rest can be seen. What had to wait because
 * the gateway was not connected did not come late. */
static void note_lateness(const struct patients *patients, struct patient *patient,
                          int64_t last_s, const struct eval_time *eval_time)
{
    const struct online_spans *online = eval_time->online_spans;
    int64_t received_s = patient->known.heard_at_s;
    int64_t newest_s = patient->facts.newest_known_s;
    bool is_by_message = last_s != 0 && received_s >= last_s && received_s >= newest_s;
    if (!is_by_message || !eval_time->clock_trusted || !online->growing ||
        newest_s < online->spans[online->n - 1].from_s)
        return;
    int32_t minute = sw_local_minute(patients->zone, received_s);
    bool in_window = minute >= patient->plan.wake_from_min &&
                     minute < patient->plan.wake_to_min &&
                     sw_day_of(patients->zone, received_s) == patients->today;
    if (in_window && sw_lateness_note(&patient->lateness, received_s, newest_s))
        patient->unstored.has_lateness = true;
}

/* Bring up to date what today's readings show. */
static int refresh_today(struct patients *patients, struct patient *patient,
                         const struct eval_time *eval_time)
{
    int64_t now_s = eval_time->now_s;
    /* Known minutes have begun since the row was computed; or the clock was put back,
     * and some that had begun have not. */
    bool is_out_of_time =
        (patient->facts.again_at_s != 0 && now_s >= patient->facts.again_at_s) ||
        now_s < patient->day.computed_s;
    if (!patient->day.is_changed && !is_out_of_time)
        return 0;
    int r = day_cache_need(patients, patient);
    if (r < 0)
        return r;
    struct sw_day *day = malloc(sizeof(*day));
    if (!day)
        return -ENOMEM;
    r = sw_day_compute(day, patients->zone, patients->today, &patient->plan,
                       &patient->day.set);
    if (r < 0)
        goto out;
    int64_t last_s = patient->day.computed_s, known_s = patient->facts.newest_known_s;
    patient->day.computed_s = now_s;
    sw_facts_fill(&patient->facts, day, patient->alerts, now_s);
    if (patient->facts.newest_known_s > known_s)
        note_lateness(patients, patient, last_s, eval_time);
    sw_day_strip(day, now_s, patient->overview.strip);
    patient->worn_today_s = patient->facts.alert_unworn.worn_at_s;
    /* Rows are compared as bytes: what follows the id's end must stay zero. */
    memcpy(day->row.patient.str, patient->known.id.str, strlen(patient->known.id.str));
    /* Readings may change no number: then the existence of the row itself is the
     * news. */
    bool is_news = memcmp(&patient->day.row, &day->row, sizeof(day->row)) != 0 ||
                   !patient->day.is_touched;
    patient->unstored.has_row |= day->touched && is_news;
    patient->day.is_touched = day->touched;
    memcpy(&patient->day.row, &day->row, sizeof(day->row)); /* with its padding */
    patient->day.is_changed = false;
out:
    free(day);
    return r;
}

/* Read again what alerts rest on of other days, if it changed in the store. */
static int read_history(struct patients *patients, struct patient *patient)
{
    struct sw_facts *facts = &patient->facts;
    struct sw_stored_history stored = {
        .store = patients->store, .zone = patients->zone, .patient = &patient->known};
    struct sw_days_before before = sw_stored_days(&stored);
    struct sw_eval_input input = {.zone = patients->zone,
                                  .plan = &patient->plan,
                                  .today = patients->today,
                                  .alerts = patient->alerts};
    int r = 0;
    if (patient->known.key == 0)
        return 0;
    if (patient->stale & STALE_DAYS)
        r = sw_history_days(&before, &input, facts, &patient->past_unworn);
    if (r >= 0 && (patient->stale & STALE_PAINS))
        r = sw_stored_pains(&stored, facts);
    if (r >= 0 && (patient->stale & STALE_BATTERIES))
        r = sw_stored_batteries(&stored, patient->alerts, facts);
    if (r < 0)
        return r;
    patient->stale = 0;
    return 0;
}

/* What happened cannot lie in the future: the clock was ahead when it was noted.
 * Without this correction a silence would not be noticed until then, and an alert would
 * open in the future. */
static void mend_future(struct patient *patient, int64_t now_s)
{
    if (patient->known.heard_at_s > now_s) {
        patient->known.heard_at_s = now_s;
        patient->known.heard_stamp = SW_STAMP_RECEIPT;
        patient->unstored.has_heard = true;
    }
    if (patient->known.refusing.to_s > now_s) {
        struct sw_refusing *refusing = &patient->known.refusing;
        refusing->to_s = now_s;
        refusing->from_s = refusing->from_s < now_s ? refusing->from_s : now_s;
        patient->unstored.has_refusing = true;
    }
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert *alert = &patient->alerts[kind];
        bool rests_on_it = kind == SW_ALERT_SILENT || kind == SW_ALERT_UNUSABLE ||
                           kind == SW_ALERT_PAIN;
        if (rests_on_it && alert->span.from_s > now_s)
            alert->span.from_s = now_s;
        if (!sw_alert_is_open(alert) && alert->opened_at_s > now_s)
            *alert = (struct sw_alert){.rev = 0}; /* the store makes new ids unique */
    }
}

int evaluate_prepare(struct patients *patients, const struct eval_time *eval_time,
                     bool due)
{
    int64_t now_s = eval_time->now_s;
    bool is_today = sw_day_of(patients->zone, now_s) == patients->today;
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        patient->is_prepared = patient->judge == JUDGE_SOON ||
                               (due && patient->judge == JUDGE_WITH_COMMIT);
        if (!patient->is_prepared)
            continue;
        int r = refresh_today(patients, patient, eval_time);
        if (r >= 0 && is_today)
            r = read_history(patients, patient);
        if (r < 0)
            return r;
        if (is_today && eval_time->clock_trusted)
            mend_future(patient, now_s);
    }
    return 0;
}

/* ---- what therapists asked for ---- */

static int effects_add_alert(struct effects *effects, const struct alert_effect *effect)
{
    int r = GROW(effects->alerts, effects->n_alerts, effects->cap_alerts);
    if (r < 0)
        return r;
    effects->alerts[effects->n_alerts++] = *effect;
    effects->n_urgent += !effect->is_evidence && !effect->waits;
    return 0;
}

/* sw_holdoff_allows() may correct its argument, so it gets a copy. */
static bool allows(struct sw_holdoff holdoff, int64_t now_s)
{
    return sw_holdoff_allows(&holdoff, now_s);
}

static int evaluate_asked(const struct actions *actions, struct asked *asked,
                          int64_t now_s, struct effects *effects)
{
    bool waits = !allows(asked->patient->limits.actions, now_s);
    struct alert_effect effect = {.patient = asked->patient,
                                  .alert = actions_look_ahead(actions, asked),
                                  .waits = waits,
                                  .asked = asked};
    effect.from = effect.alert.state;
    enum sw_alert_outcome outcome =
        sw_alert_apply(&effect.alert, &asked->action, asked->at_s, &effect.publish);
    if (outcome != SW_OUTCOME_DONE) {
        int r = GROW(effects->unchanged, effects->n_unchanged, effects->cap_unchanged);
        if (r >= 0)
            effects->unchanged[effects->n_unchanged++] =
                (struct unchanged_effect){asked, outcome};
        return r;
    }
    int r = effects_add_alert(effects, &effect);
    if (r >= 0)
        effects->n_asked = effects->n_alerts;
    return r;
}

/* ---- patients ---- */

/* The patient's alerts as they will be once the requested actions are done. Returns the
 * SW_KIND_BITs of those that differ from memory. */
static unsigned alerts_as_asked(const struct effects *effects,
                                const struct patient *patient,
                                struct sw_alert alerts[static SW_ALERT_KINDS])
{
    unsigned differs = 0;
    if (patient->alerts)
        memcpy(alerts, patient->alerts, SW_ALERT_KINDS * sizeof(*alerts));
    else
        memset(alerts, 0, SW_ALERT_KINDS * sizeof(*alerts));
    for (size_t i = 0; i < effects->n_asked; i++) {
        const struct alert_effect *effect = &effects->alerts[i];
        if (effect->patient != patient)
            continue;
        alerts[effect->alert.kind] = effect->alert;
        differs |= 1u << effect->alert.kind;
    }
    return differs;
}

static struct sw_eval_input eval_input_of(const struct patients *patients,
                                          const struct patient *patient,
                                          const struct eval_time *eval_time,
                                          const struct sw_alert *alerts)
{
    const struct sw_patient *known = &patient->known;
    return (struct sw_eval_input){
        .zone = patients->zone,
        .plan = &patient->plan,
        .today = patients->today,
        .now_s = eval_time->now_s,
        .clock_trusted = eval_time->clock_trusted,
        .alerts = patient->alerts ? alerts : NULL, /* most have none */
        .past_unworn = patient->past_unworn,
        .worn_today_s = patient->worn_today_s,
        .refusing = known->refusing,
        .heard_at_s = known->heard_at_s ? known->heard_at_s : known->added_at_s,
        .online_spans = online_spans_all(eval_time->online_spans),
    };
}

/* The alert was judged as if the alert that inhibits it had ended, but that end is held
 * off. Until then it must not open either. */
static bool opens_too_early(const struct sw_alert_effect *found,
                            const struct sw_alert *alerts)
{
    bool opens =
        found->change == SW_CHANGE_OPENED || found->change == SW_CHANGE_REOPENED;
    return opens && sw_alert_is_inhibited(found->kind, alerts);
}

/* Compared field by field: of texts and padding not every byte is set. */
static bool has_same_basis(const struct sw_alert *a, const struct sw_alert *b)
{
    return memcmp(a->evidence, b->evidence, sizeof a->evidence) == 0 &&
           a->span.from_s == b->span.from_s && a->span.to_s == b->span.to_s &&
           strcmp(a->device.str, b->device.str) == 0 &&
           strcmp(a->therapist.str, b->therapist.str) == 0 && a->state == b->state &&
           a->level == b->level && a->updated_at_s == b->updated_at_s;
}

/* What an alert rests on may have changed, even if nothing else about it did. */
static int add_evidence(struct patient *patient, const struct sw_alert *alerts,
                        unsigned differs, struct effects *effects)
{
    int r = 0;
    for (int kind = 0; r >= 0 && patient->alerts && kind < SW_ALERT_KINDS; kind++) {
        bool is_news = !(differs & (1u << kind)) &&
                       alerts[kind].state != SW_STATE_NONE &&
                       !has_same_basis(&alerts[kind], &patient->alerts[kind]);
        struct alert_effect effect = {
            .patient = patient, .alert = alerts[kind], .is_evidence = true};
        if (is_news)
            r = effects_add_alert(effects, &effect);
    }
    return r;
}

static int evaluate_patient(const struct patients *patients, struct patient *patient,
                            const struct eval_time *eval_time, struct effects *effects)
{
    struct sw_alert alerts[SW_ALERT_KINDS], before[SW_ALERT_KINDS];
    struct sw_alert_effect found[SW_ALERT_KINDS];
    struct patient_effect rest = {.patient = patient, .nudge = patient->nudge};
    struct sw_facts facts = patient->facts;
    unsigned differs = alerts_as_asked(effects, patient, alerts);
    memcpy(before, alerts, sizeof before);
    struct sw_eval_input input = eval_input_of(patients, patient, eval_time, alerts);
    sw_facts_complete(&facts, &input);
    sw_alerts_label(alerts, &patient->known.id, &patient->plan.therapist);
    size_t n = sw_alerts_judge(&facts, alerts, found);
    rest.nudge_min = sw_nudge_due(&facts, &rest.nudge);
    int r = GROW(effects->patients, effects->n_patients, effects->cap_patients);
    for (size_t i = 0; r >= 0 && i < n; i++) {
        enum sw_alert_kind kind = found[i].kind;
        bool is_early = opens_too_early(&found[i], alerts);
        differs |= 1u << kind;
        if (is_early || !allows(patient->limits.changes[kind], eval_time->now_s)) {
            alerts[kind] = before[kind];
            rest.is_put_off = true;
            rest.held_off |= is_early ? 0 : 1u << kind;
            continue;
        }
        struct alert_effect effect = {
            .patient = patient,
            .alert = alerts[kind],
            .from = found[i].from,
            .opens = found[i].change == SW_CHANGE_OPENED,
            .publish = found[i].publish,
            .why = sw_alert_change_why(found[i].change, &alerts[kind]),
        };
        r = effects_add_alert(effects, &effect);
    }
    if (r >= 0)
        r = add_evidence(patient, alerts, differs, effects);
    if (r >= 0)
        effects->patients[effects->n_patients++] = rest;
    return r;
}

/* Between the end of a day and the loading of the next nothing is judged, because the
 * facts belong to one day and the time to the other. */
int evaluate(const struct patients *patients, const struct actions *actions,
             const struct eval_time *eval_time, struct effects *effects)
{
    bool is_today = sw_day_of(patients->zone, eval_time->now_s) == patients->today;
    int r = 0;
    effects->n_alerts = effects->n_asked = effects->n_urgent = 0;
    effects->n_patients = effects->n_unchanged = effects->n_stale = 0;
    effects->has_enrolled = effects->has_digests = false;
    for (size_t i = 0; r >= 0 && i < actions->n_asked; i++)
        if (!actions->asked[i].done)
            r = evaluate_asked(actions, &actions->asked[i], eval_time->now_s, effects);
    for (size_t i = 0; r >= 0 && is_today && i < patients->n; i++)
        if (patients->all[i]->is_prepared)
            r = evaluate_patient(patients, patients->all[i], eval_time, effects);
    return r < 0 ? r : 0;
}

int effects_add_stale(struct effects *effects, struct patient *patient, enum stale what)
{
    struct stale_effect *last =
        effects->n_stale > 0 ? &effects->stale[effects->n_stale - 1] : NULL;
    if (last && last->patient == patient) {
        last->what |= (unsigned)what;
        return 0;
    }
    int r = GROW(effects->stale, effects->n_stale, effects->cap_stale);
    if (r >= 0)
        effects->stale[effects->n_stale++] =
            (struct stale_effect){patient, (unsigned)what};
    return r;
}

int64_t effects_key_of(const struct effects *effects, const struct patient *patient)
{
    bool is_enrolled = patient->unstored.enrolling.transaction == effects->transaction;
    if (patient->known.key != 0)
        return patient->known.key;
    return is_enrolled ? patient->unstored.enrolling.key : 0;
}

/* ---- applying ---- */

static void apply_to_patient(const struct patient_effect *effect)
{
    struct patient *patient = effect->patient;
    patient->nudge = effect->nudge;
    if (effect->nudge_min > 0)
        patient->unpublished.nudge_min = effect->nudge_min;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        if (effect->held_off & ~patient->limits.held_off & 1u << kind)
            sw_log(SW_LOG_NOTICE,
                   "%s: %s changes again and again: until that stops, it is published "
                   "at most once in %d s",
                   patient->known.id.str, sw_alert_kind_name((enum sw_alert_kind)kind),
                   SW_HOLDOFF_EVERY_S);
    patient->limits.held_off |= effect->held_off;
    patient->judge = effect->is_put_off ? JUDGE_WITH_COMMIT : JUDGE_NOT;
}

void effects_apply_unstored(const struct effects *effects, struct actions *actions)
{
    for (size_t i = 0; i < effects->n_unchanged; i++) {
        const struct unchanged_effect *effect = &effects->unchanged[i];
        effect->asked->done = true;
        if (effect->outcome != SW_OUTCOME_NOTHING_NEW)
            actions_answer_outcome(actions, &effect->asked->topic, effect->outcome);
    }
    for (size_t i = 0; i < effects->n_patients; i++)
        apply_to_patient(&effects->patients[i]);
    for (size_t i = 0; i < effects->n_alerts; i++) {
        const struct alert_effect *effect = &effects->alerts[i];
        if (!effect->is_evidence)
            continue;
        effect->patient->alerts[effect->alert.kind] = effect->alert;
        effect->patient->overview.has_news = true;
    }
}

static void apply_alert(const struct alert_effect *effect, int64_t now_s)
{
    struct patient *patient = effect->patient;
    enum sw_alert_kind kind = effect->alert.kind;
    struct sw_holdoff *holdoff =
        effect->asked ? &patient->limits.actions : &patient->limits.changes[kind];
    if (!effect->asked && holdoff->until_s <= now_s)
        patient->limits.held_off &= ~(1u << kind);
    sw_holdoff_allows(holdoff, now_s); /* corrects it after the clock was put back */
    sw_holdoff_note(holdoff, now_s);
    patient->alerts[kind] = effect->alert;
    patient->day.is_changed = true; /* the facts depend on what is open */
    patient->overview.has_news = true;
}

/* What was read from the store is stale if this commit changed it: there is more to
 * judge. */
void effects_apply(const struct effects *effects, struct actions *actions,
                   int64_t now_s)
{
    effects_apply_unstored(effects, actions);
    for (size_t i = 0; i < effects->n_alerts; i++)
        if (!effects->alerts[i].is_evidence)
            apply_alert(&effects->alerts[i], now_s);
    for (size_t i = 0; i < effects->n_stale; i++) {
        effects->stale[i].patient->stale |= effects->stale[i].what;
        effects->stale[i].patient->judge = JUDGE_SOON;
    }
}

void effects_fini(struct effects *effects)
{
    free(effects->alerts);
    free(effects->patients);
    free(effects->unchanged);
    free(effects->stale);
    *effects = (struct effects){0};
}
