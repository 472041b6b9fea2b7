/* ward_judge.c -- complete a patient's facts with what the clock says, and judge.
 *
 * What to do with the effects is commit.c's business.
 */
#include <errno.h>
#include <string.h>

#include "daemon/ward.h"

static void add_silence(struct sw_facts *facts, const struct ward *ward,
                        const struct patient *patient, const struct watched *watched)
{
    int64_t heard_at_s = patient->known.heard_at_s ? patient->known.heard_at_s
                                                   : patient->known.added_at_s;
    if (heard_at_s > facts->now_s)
        heard_at_s = facts->now_s;
    bool can_be_silent = facts->now_s - heard_at_s >= patient->plan.silent_after_s;
    facts->heard_at_s = heard_at_s;
    facts->silent_wake_s = facts->silent_s = 0;
    if (!can_be_silent)
        return;
    facts->silent_wake_s = watched_wake_seconds(watched, ward->zone, &patient->plan,
                                                heard_at_s, facts->now_s);
    facts->silent_s = watched_seconds(watched, heard_at_s, facts->now_s);
}

/* What happened cannot be yet to come: the clock was ahead when it was noted. Else a
 * silence would not be noticed until that time, and an alert would open in it. */
static void mend_future(struct patient *patient, int64_t now_s)
{
    if (patient->known.heard_at_s > now_s) {
        patient->known.heard_at_s = now_s;
        patient->heard_unstored = true;
    }
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert *alert = &patient->alerts[kind];
        if (kind == SW_ALERT_SILENT && alert->span.from_s > now_s)
            alert->span.from_s = now_s;
        if (!sw_alert_is_open(alert) && alert->opened_at_s > now_s)
            *alert = (struct sw_alert){.rev = 0}; /* new ids the store sees to */
    }
}

/* An alert of a day before today rests on that day, and ends at latest today. */
static void add_past_wear(struct sw_facts *facts, const struct ward *ward,
                          const struct patient *patient)
{
    const struct sw_alert *open = ward_open_alert(patient, SW_ALERT_UNWORN);
    if (!open || open->span.to_s > sw_day_begin(ward->zone, ward->today))
        return;
    facts->alert_unworn = patient->past_unworn;
    if (facts->alert_unworn.worn_at_s == 0)
        facts->alert_unworn.worn_at_s = patient->worn_today_s;
}

static void complete_facts(struct sw_facts *facts, const struct ward *ward,
                           const struct patient *patient, const struct judging *judging)
{
    int32_t minute = sw_local_minute(ward->zone, judging->now_s);
    facts->now_s = judging->now_s;
    facts->clock_trusted = judging->clock_trusted;
    facts->plan = patient->plan;
    facts->today = ward->today;
    facts->in_window =
        minute >= patient->plan.wake_from_min && minute < patient->plan.wake_to_min;
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++)
        facts->alert_day[kind] =
            sw_day_of(ward->zone, patient->alerts[kind].opened_at_s);
    add_past_wear(facts, ward, patient);
    add_silence(facts, ward, patient, judging->watched);
}

/* The therapist of an open alert stays: its retained copy lies under that topic. */
static void label_alerts(const struct patient *patient, struct sw_alert *alerts)
{
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        alerts[kind].patient = patient->known.id;
        if (!sw_alert_is_open(&alerts[kind]))
            alerts[kind].therapist = patient->plan.therapist;
    }
}

static void note_nudge(struct patient *patient)
{
    int32_t nudge_min = sw_nudge_due(&patient->facts, &patient->nudge);
    if (nudge_min > 0)
        patient->nudge_min = nudge_min;
}

/* Most patients have no alert, and most judgements none to tell of: the memory for a
 * patient's alerts is taken when there is one. */
int ward_judge(struct ward *ward, struct patient *patient,
               const struct judging *judging,
               struct sw_alert_effect effects[static SW_ALERT_KINDS])
{
    struct sw_alert first_ones[SW_ALERT_KINDS] = {{.rev = 0}};
    struct sw_alert *alerts = patient->alerts ? patient->alerts : first_ones;
    if (judging->clock_trusted)
        mend_future(patient, judging->now_s);
    complete_facts(&patient->facts, ward, patient, judging);
    label_alerts(patient, alerts);
    size_t n = sw_alerts_judge(&patient->facts, alerts, effects);
    if (n > 0 && ward_need_alerts(patient) < 0)
        return -ENOMEM;
    if (n > 0 && alerts == first_ones)
        memcpy(patient->alerts, first_ones, sizeof(first_ones));
    if (n > 0)
        patient->today_changed = true; /* the facts look at what open ones are about */
    note_nudge(patient);
    patient->to_judge = false;
    return (int)n;
}
