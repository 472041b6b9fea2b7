/* evaluate.c -- complete a patient's facts with what the clock says, and judge.
 *
 * What to do with the effects is commit.c's business.
 */
#include "daemon/patients.h"
#include "records/facts.h"

/* What happened cannot be yet to come: the clock was ahead when it was noted. Else a
 * silence would not be noticed until that time, and an alert would open in it. */
void patients_mend_future(struct patient *patient, const struct eval_time *eval_time)
{
    int64_t now_s = eval_time->now_s;
    if (!eval_time->clock_trusted)
        return;
    if (patient->known.heard_at_s > now_s) {
        patient->known.heard_at_s = now_s;
        patient->known.heard_stamp = SW_STAMP_RECEIPT;
        patient->heard_unstored = true;
    }
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert *alert = &patient->alerts[kind];
        bool rests_on_it = kind == SW_ALERT_SILENT || kind == SW_ALERT_PAIN;
        if (rests_on_it && alert->span.from_s > now_s)
            alert->span.from_s = now_s;
        if (!sw_alert_is_open(alert) && alert->opened_at_s > now_s)
            *alert = (struct sw_alert){.rev = 0}; /* new ids the store sees to */
    }
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
        .heard_at_s = known->heard_at_s ? known->heard_at_s : known->added_at_s,
        .online_spans = online_spans_spans(eval_time->online_spans),
    };
}

static void note_nudge(struct patient *patient)
{
    int32_t nudge_min = sw_nudge_due(&patient->facts, &patient->nudge);
    if (nudge_min > 0)
        patient->nudge_min = nudge_min;
}

size_t evaluate_patient(struct patients *patients, struct patient *patient,
                        const struct eval_time *eval_time,
                        struct sw_alert alerts[static SW_ALERT_KINDS],
                        struct sw_alert_effect effects[static SW_ALERT_KINDS])
{
    struct sw_eval_input input = eval_input_of(patients, patient, eval_time, alerts);
    sw_facts_complete(&patient->facts, &input);
    sw_alerts_label(alerts, &patient->known.id, &patient->plan.therapist);
    size_t n = sw_alerts_judge(&patient->facts, alerts, effects);
    note_nudge(patient);
    return n;
}

void patients_keep_evidence(struct patient *patient, const struct sw_alert *alerts,
                            unsigned differs)
{
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++)
        if (!(differs & (1u << kind)))
            patient->alerts[kind] = alerts[kind];
}

/* Of a patient of whom nothing new is known what is old raises nothing now, and ends
 * nothing that is not open: the next commit is soon enough, and in a backlog it sees to
 * much of it at once. */
void patients_note_news(const struct patients *patients, struct patient *patient,
                        int64_t said_s)
{
    int64_t fresh_s = patients->now_s - 60 * (int64_t)(SW_REST_FRESH_MIN + 1);
    bool is_fresh = said_s >= fresh_s || patient->facts.newest_known_s >= fresh_s;
    if (is_fresh || patient->alerts)
        patient->to_judge = true;
    else
        patient->to_judge_later = true;
}

void patients_mark_everyone(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        patients->all[i]->to_judge = true;
}
