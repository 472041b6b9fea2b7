/* ward_judge.c -- complete a patient's facts with what the clock says, and judge.
 *
 * What to do with the effects is commit.c's business.
 */
#include "daemon/ward.h"
#include "records/facts.h"

/* What happened cannot be yet to come: the clock was ahead when it was noted. Else a
 * silence would not be noticed until that time, and an alert would open in it. */
void ward_mend_future(struct patient *patient, const struct judging *judging)
{
    int64_t now_s = judging->now_s;
    if (!judging->clock_trusted)
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

static struct sw_moment moment_of(const struct ward *ward,
                                  const struct patient *patient,
                                  const struct judging *judging,
                                  const struct sw_alert *alerts)
{
    const struct sw_patient *known = &patient->known;
    return (struct sw_moment){
        .zone = ward->zone,
        .plan = &patient->plan,
        .today = ward->today,
        .now_s = judging->now_s,
        .clock_trusted = judging->clock_trusted,
        .alerts = patient->alerts ? alerts : NULL, /* most have none */
        .past_unworn = patient->past_unworn,
        .worn_today_s = patient->worn_today_s,
        .heard_at_s = known->heard_at_s ? known->heard_at_s : known->added_at_s,
        .watched = watched_spans(judging->watched),
    };
}

static void note_nudge(struct patient *patient)
{
    int32_t nudge_min = sw_nudge_due(&patient->facts, &patient->nudge);
    if (nudge_min > 0)
        patient->nudge_min = nudge_min;
}

size_t ward_judge(struct ward *ward, struct patient *patient,
                  const struct judging *judging,
                  struct sw_alert alerts[static SW_ALERT_KINDS],
                  struct sw_alert_effect effects[static SW_ALERT_KINDS])
{
    struct sw_moment moment = moment_of(ward, patient, judging, alerts);
    sw_facts_complete(&patient->facts, &moment);
    sw_alerts_label(alerts, &patient->known.id, &patient->plan.therapist);
    size_t n = sw_alerts_judge(&patient->facts, alerts, effects);
    note_nudge(patient);
    return n;
}

void ward_keep_evidence(struct patient *patient, const struct sw_alert *alerts,
                        unsigned differs)
{
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++)
        if (!(differs & (1u << kind)))
            patient->alerts[kind] = alerts[kind];
}

/* Of a patient of whom nothing new is known what is old raises nothing now, and ends
 * nothing that is not open: the next commit is soon enough, and in a backlog it sees to
 * much of it at once. */
void ward_note_news(const struct ward *ward, struct patient *patient, int64_t said_s)
{
    int64_t fresh_s = ward->now_s - 60 * (int64_t)(SW_REST_FRESH_MIN + 1);
    bool is_fresh = said_s >= fresh_s || patient->facts.newest_known_s >= fresh_s;
    if (is_fresh || patient->alerts)
        patient->to_judge = true;
    else
        patient->to_judge_later = true;
}

void ward_mark_everyone(struct ward *ward)
{
    for (size_t i = 0; i < ward->n; i++)
        ward->patients[i]->to_judge = true;
}
