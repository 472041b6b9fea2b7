/* change.c -- a plan changes, open alerts move to another therapist, a device changes
 * hands. What a plan's field may hold is core/plan.c's business.
 */
#include "records/change.h"

#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "stepward/wire.h"
#include "util/array.h"

/* The days to compute anew, each once. */
struct days {
    int32_t *items;
    size_t n, cap;
};

static int note_day(void *ctx, const struct sw_day_row *row)
{
    struct days *days = ctx;
    for (size_t i = 0; i < days->n; i++)
        if (days->items[i] == row->day)
            return 0;
    int r = GROW(days->items, days->n, days->cap);
    if (r == 0)
        days->items[days->n++] = row->day;
    return r;
}

static int refresh_days(struct sw_store *store, const struct sw_zone *zone,
                        int64_t patient_key, const struct days *days)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < days->n; i++)
        r = sw_records_refresh(store, zone, patient_key, days->items[i]);
    return r;
}

/* ---- a plan ---- */

struct dated_plan {
    int32_t from_day;
    struct sw_plan plan;
};
struct plans {
    int32_t after_day; /* gather plans that begin later */
    struct dated_plan *items;
    size_t n, cap;
};

static int gather_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct plans *plans = ctx;
    if (from_day <= plans->after_day)
        return 0;
    int r = GROW(plans->items, plans->n, plans->cap);
    if (r == 0)
        plans->items[plans->n++] = (struct dated_plan){from_day, *plan};
    return r;
}

static bool same_field(const struct sw_plan *a, const struct sw_plan *b,
                       const char *key)
{
    char text_a[SW_PLAN_TEXT_MAX], text_b[SW_PLAN_TEXT_MAX];
    return sw_plan_get(a, key, text_a) && sw_plan_get(b, key, text_b) &&
           strcmp(text_a, text_b) == 0;
}

/* Carry one field of `to` into later plans, up to the first that differs from
 * `from` in it. */
static void carry_field(struct plans *later, const struct sw_plan *from,
                        const struct sw_plan *to, const char *key)
{
    char text[SW_PLAN_TEXT_MAX], why[SW_WHY_MAX];
    if (same_field(from, to, key) || !sw_plan_get(to, key, text))
        return;
    for (size_t i = 0; i < later->n; i++) {
        if (!same_field(&later->items[i].plan, from, key))
            return;
        sw_plan_set(&later->items[i].plan, key, text, why);
    }
}

int sw_records_change_plan(struct sw_store *store, const struct sw_zone *zone,
                           const struct sw_patient *patient, int32_t from_day,
                           const struct sw_plan *plan)
{
    struct plans later = {.after_day = from_day};
    struct days days = {.n = 0};
    struct sw_plan before = {0};
    int r = sw_store_plan_on(store, patient->key, from_day, &before);
    if (r >= 0)
        r = sw_store_each_plan(store, patient->key, gather_plan, &later);
    for (size_t i = 0; r >= 0 && sw_plan_field(i); i++)
        carry_field(&later, &before, plan, sw_plan_field(i)->key);
    if (r >= 0)
        r = sw_store_put_plan(store, patient->key, from_day, plan);
    for (size_t i = 0; r >= 0 && i < later.n; i++)
        r = sw_store_put_plan(store, patient->key, later.items[i].from_day,
                              &later.items[i].plan);
    if (r >= 0)
        r = sw_store_each_day(store, &patient->id, from_day, INT32_MAX, note_day,
                              &days);
    if (r >= 0)
        r = refresh_days(store, zone, patient->key, &days);
    free(later.items);
    free(days.items);
    return r;
}

/* ---- a therapist ---- */

struct open_alerts {
    struct sw_alert items[SW_ALERT_KINDS]; /* at most one of a kind is open */
    size_t n;
};

static int gather_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct open_alerts *alerts = ctx;
    (void)patient_key;
    if (alerts->n < SW_ALERT_KINDS && sw_alert_is_open(alert))
        alerts->items[alerts->n++] = *alert;
    return 0;
}

int sw_records_reassign(struct sw_store *store, const struct sw_config *config,
                        const struct sw_patient *patient,
                        const struct sw_therapist_id *therapist, const char *who,
                        int64_t now_s)
{
    struct sw_alert_filter filter = {.patient = patient->id};
    struct open_alerts alerts = {.n = 0};
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    int r = sw_store_each_alert(store, &filter, gather_alert, &alerts);
    for (size_t i = 0; r >= 0 && i < alerts.n; i++) {
        struct sw_alert *alert = &alerts.items[i];
        if (strcmp(alert->therapist.str, therapist->str) == 0)
            continue;
        /* The old topic is cleared even if this alert was never published: an earlier
         * one may be retained there. */
        sw_alert_id_format(alert, id);
        sw_topic_alert(topic, config->site, alert);
        r = sw_store_put_outbound(store, topic, id, "");
        if (r < 0)
            break;
        /* Whether it is published does not change: the budget was applied when it
         * opened. */
        bool publish = alert->shelved_until_s <= now_s && !sw_alert_is_held_back(alert);
        alert->therapist = *therapist;
        alert->rev += publish;
        if (now_s > alert->updated_at_s)
            alert->updated_at_s = now_s;
        r = sw_records_put_alert(store, config, patient->key, alert, alert->state, who,
                                 "therapist", publish);
    }
    return r;
}

/* ---- a device ---- */

/* A new assignment: the span for which it holds, and one assignment of every patient
 * who ever wore the device. */
struct handover {
    int64_t from_s, to_s;
    struct sw_assignment *wearers;
    size_t n, cap;
};

static int note_wearer(void *ctx, const struct sw_assignment *assignment)
{
    struct handover *handover = ctx;
    bool is_known = assignment->patient_key == 0;
    bool is_then =
        assignment->from_s <= handover->from_s && handover->from_s < assignment->to_s;
    if (is_then)
        handover->to_s = assignment->to_s;
    for (size_t i = 0; i < handover->n && !is_known; i++)
        is_known = handover->wearers[i].patient_key == assignment->patient_key;
    if (is_known)
        return 0;
    int r = GROW(handover->wearers, handover->n, handover->cap);
    if (r == 0)
        handover->wearers[handover->n++] = *assignment;
    return r;
}

int sw_records_assign(struct sw_store *store, const struct sw_zone *zone,
                      const struct sw_device_id *device, int64_t patient_key,
                      int64_t from_s)
{
    struct handover handover = {.from_s = from_s, .to_s = INT64_MAX};
    struct days days = {.n = 0};
    int r = sw_store_each_assignment(store, device, note_wearer, &handover);
    if (r >= 0)
        r = sw_store_put_assignment(store, device, from_s, patient_key);
    if (r >= 0) /* the new wearer is one of them too, and the new span is known */
        r = sw_store_each_assignment(store, device, note_wearer, &handover);
    /* Every stored day of the wearers that may change: a counter's difference reaches
     * back to its last total before. */
    for (size_t i = 0; r >= 0 && i < handover.n; i++) {
        const struct sw_assignment *wearer = &handover.wearers[i];
        struct sw_span span = {from_s, from_s};
        r = sw_store_total_span(store, wearer->patient_key, device, from_s, &span);
        if (r >= 0) /* a reading that begins the day before may reach into it */
            r = sw_store_each_day(store, &wearer->patient,
                                  sw_day_of(zone, span.from_s) - 1, INT32_MAX, note_day,
                                  &days);
    }
    for (size_t i = 0; r >= 0 && patient_key != 0 && i < handover.n; i++)
        r = sw_store_move_device(store, device, handover.wearers[i].patient_key,
                                 patient_key, from_s, handover.to_s);
    for (size_t i = 0; r >= 0 && i < handover.n; i++)
        r = refresh_days(store, zone, handover.wearers[i].patient_key, &days);
    free(handover.wearers);
    free(days.items);
    return r < 0 ? r : 0;
}
