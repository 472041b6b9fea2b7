/* evaluate.c -- turn patients' facts and therapists' requests into effects.
 *
 * Storing and applying effects is commit.c's business. What an alert rests on was
 * gathered before, see patients_prepare().
 */
#include "daemon/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "records/facts.h"
#include "stepward/host.h"
#include "util/array.h"

static int evaluate_add_alert(struct effects *effects,
                              const struct alert_effect *effect)
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

/* ---- what therapists asked for ---- */

/* The alert as it will be once all earlier actions on it are done. */
static struct sw_alert as_asked(const struct effects *effects,
                                const struct asked *asked)
{
    const struct sw_alert *kept = asked->patient->alerts;
    for (size_t i = effects->n_acts; i-- > 0;) {
        const struct alert_effect *effect = &effects->alerts[i];
        if (effect->patient == asked->patient &&
            effect->alert.kind == asked->topic.kind)
            return effect->alert;
    }
    return kept ? kept[asked->topic.kind] : (struct sw_alert){.rev = 0};
}

static int evaluate_act(struct asked *asked, int64_t now_s, struct effects *effects)
{
    struct alert_effect effect = {.patient = asked->patient,
                                  .alert = as_asked(effects, asked),
                                  .waits = !allows(asked->patient->limits.acts, now_s),
                                  .asked = asked};
    effect.from = effect.alert.state;
    enum sw_alert_outcome act =
        sw_alert_apply(&effect.alert, &asked->action, asked->at_s, &effect.publish);
    if (act != SW_OUTCOME_DONE) {
        int r = GROW(effects->acts_without, effects->n_acts_without,
                     effects->cap_acts_without);
        if (r >= 0)
            effects->acts_without[effects->n_acts_without++] =
                (struct act_effect){asked, act};
        return r;
    }
    int r = evaluate_add_alert(effects, &effect);
    if (r >= 0)
        effects->n_acts = effects->n_alerts;
    return r;
}

/* ---- patients ---- */

/* The patient's alerts as they will be once the requested actions are done. Returns the
 * SW_KIND_BITs of those that differ from memory. */
static unsigned evaluate_look_ahead(const struct effects *effects,
                                    const struct patient *patient,
                                    struct sw_alert alerts[static SW_ALERT_KINDS])
{
    unsigned differs = 0;
    if (patient->alerts)
        memcpy(alerts, patient->alerts, SW_ALERT_KINDS * sizeof(*alerts));
    else
        memset(alerts, 0, SW_ALERT_KINDS * sizeof(*alerts));
    for (size_t i = 0; i < effects->n_acts; i++) {
        const struct alert_effect *effect = &effects->alerts[i];
        if (effect->patient != patient)
            continue;
        alerts[effect->alert.kind] = effect->alert;
        differs |= 1u << effect->alert.kind;
    }
    return differs;
}

static struct sw_eval_input evaluate_eval_input_of(const struct patients *patients,
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
            r = evaluate_add_alert(effects, &effect);
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
    unsigned differs = evaluate_look_ahead(effects, patient, alerts);
    memcpy(before, alerts, sizeof before);
    struct sw_eval_input input =
        evaluate_eval_input_of(patients, patient, eval_time, alerts);
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
        r = evaluate_add_alert(effects, &effect);
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
    effects_clear(effects);
    for (size_t i = 0; r >= 0 && i < actions->n_asked; i++)
        if (!actions->asked[i].done)
            r = evaluate_act(&actions->asked[i], eval_time->now_s, effects);
    for (size_t i = 0; r >= 0 && is_today && i < patients->n_prepared; i++)
        r = evaluate_patient(patients, patients->prepared[i], eval_time, effects);
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

static void apply_held_off(struct patient *patient, unsigned held_off)
{
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        if (held_off & ~patient->limits.held_off & 1u << kind)
            sw_log(SW_LOG_NOTICE,
                   "%s: %s changes again and again: told at most once in %d s until it "
                   "does not",
                   patient->known.id.str, sw_alert_kind_name((enum sw_alert_kind)kind),
                   SW_HOLDOFF_EVERY_S);
    patient->limits.held_off |= held_off;
}

static void evaluate_apply_to_patient(const struct patient_effect *effect)
{
    struct patient *patient = effect->patient;
    patient->nudge = effect->nudge;
    if (effect->nudge_min > 0)
        patient->unpublished.nudge_min = effect->nudge_min;
    apply_held_off(patient, effect->held_off);
    patient->judge = effect->is_put_off ? JUDGE_WITH_COMMIT : JUDGE_NOT;
}

void effects_apply_unstored(const struct effects *effects, struct actions *actions)
{
    for (size_t i = 0; i < effects->n_acts_without; i++) {
        const struct act_effect *effect = &effects->acts_without[i];
        effect->asked->done = true;
        if (effect->act != SW_OUTCOME_NOTHING_NEW)
            actions_answer_outcome(actions, &effect->asked->topic, effect->act);
    }
    for (size_t i = 0; i < effects->n_patients; i++)
        evaluate_apply_to_patient(&effects->patients[i]);
    for (size_t i = 0; i < effects->n_alerts; i++) {
        const struct alert_effect *effect = &effects->alerts[i];
        if (effect->is_evidence)
            effect->patient->alerts[effect->alert.kind] = effect->alert;
    }
}

static void apply_alert(const struct alert_effect *effect, int64_t now_s)
{
    struct patient *patient = effect->patient;
    enum sw_alert_kind kind = effect->alert.kind;
    struct sw_holdoff *holdoff =
        effect->asked ? &patient->limits.acts : &patient->limits.changes[kind];
    if (!effect->asked && holdoff->until_s <= now_s)
        patient->limits.held_off &= ~(1u << kind);
    sw_holdoff_allows(holdoff, now_s); /* corrects it after the clock was put back */
    sw_holdoff_note(holdoff, now_s);
    patient->alerts[kind] = effect->alert;
    patient->day.is_changed = true; /* the facts depend on what is open */
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

void effects_clear(struct effects *effects)
{
    effects->n_alerts = effects->n_acts = effects->n_urgent = 0;
    effects->n_patients = effects->n_acts_without = effects->n_stale = 0;
    effects->has_enrolled = effects->has_digests = false;
}

void effects_fini(struct effects *effects)
{
    free(effects->alerts);
    free(effects->patients);
    free(effects->acts_without);
    free(effects->stale);
    *effects = (struct effects){0};
}
