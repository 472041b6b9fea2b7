/* plan_change.c -- change a plan from a day on, and move open alerts to another
 * therapist. What a field may hold is core/plan.c's business. */
#include "records/plan_change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "stepward/wire.h"
#include "util/array.h"

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

static int put_plans(struct sw_store *store, int64_t patient_key, int32_t from_day,
                     const struct sw_plan *plan, const struct plans *later)
{
    int r = sw_store_put_plan(store, patient_key, from_day, plan);
    for (size_t i = 0; r >= 0 && i < later->n; i++)
        r = sw_store_put_plan(store, patient_key, later->items[i].from_day,
                              &later->items[i].plan);
    return r;
}

int sw_records_change_plan(struct sw_store *store, const struct sw_zone *zone,
                           const struct sw_patient *patient, int32_t from_day,
                           const struct sw_plan *plan)
{
    struct plans later = {.after_day = from_day};
    struct sw_plan before = {0};
    int r = sw_store_plan_on(store, patient->key, from_day, &before);
    if (r >= 0)
        r = sw_store_each_plan(store, patient->key, gather_plan, &later);
    if (r < 0)
        goto out;
    for (size_t i = 0; sw_plan_field(i); i++)
        carry_field(&later, &before, plan, sw_plan_field(i)->key);
    r = put_plans(store, patient->key, from_day, plan, &later);
    if (r >= 0)
        r = sw_records_refresh_since(store, zone, patient, from_day);
out:
    free(later.items);
    return r;
}

/* ---- alerts ---- */

struct open_alerts {
    struct sw_alert items[SW_ALERT_KINDS]; /* at most one of a kind is open */
    size_t n;
};

static int plan_change_gather_alert(void *ctx, int64_t patient_key,
                                    const struct sw_alert *alert)
{
    struct open_alerts *alerts = ctx;
    (void)patient_key;
    if (alerts->n < SW_ALERT_KINDS && sw_alert_is_open(alert))
        alerts->items[alerts->n++] = *alert;
    return 0;
}

/* Clear it even if this alert was never published: an earlier one may
 * be retained there. */
static int clear_topic(struct sw_store *store, const char *site,
                       const struct sw_alert *alert)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    sw_alert_id_format(alert, id);
    sw_topic_alert(topic, site, alert);
    return sw_store_put_outbound(store, topic, id, "");
}

/* Whether the alert is published does not change: the budget was applied
 * when it opened. */
static int move_alert(struct sw_store *store, const char *site, int64_t patient_key,
                      const struct sw_alert *alert,
                      const struct sw_therapist_id *therapist, const char *who,
                      int64_t now_s)
{
    struct sw_alert moved = *alert;
    bool publish = alert->shelved_until_s <= now_s && !sw_alert_is_held_back(alert);
    int r = clear_topic(store, site, alert);
    if (r < 0)
        return r;
    moved.therapist = *therapist;
    moved.rev += publish;
    moved.updated_at_s = now_s > alert->updated_at_s ? now_s : alert->updated_at_s;
    return sw_records_put_alert(store, site, patient_key, &moved, alert->state, who,
                                "therapist", publish);
}

int sw_records_reassign(struct sw_store *store, const char *site,
                        const struct sw_patient *patient,
                        const struct sw_therapist_id *therapist, const char *who,
                        int64_t now_s)
{
    struct sw_alert_filter filter = {.patient = patient->id};
    struct open_alerts alerts = {.n = 0};
    int r = sw_store_each_alert(store, &filter, plan_change_gather_alert, &alerts);
    for (size_t i = 0; r >= 0 && i < alerts.n; i++) {
        bool is_there = strcmp(alerts.items[i].therapist.str, therapist->str) == 0;
        if (!is_there)
            r = move_alert(store, site, patient->key, &alerts.items[i], therapist, who,
                           now_s);
    }
    return r;
}
