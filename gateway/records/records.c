/* records.c -- compute and store a patient's day, and store an alert
 * with its publication.
 *
 * When to do so is the daemon's and the commands' business.
 */
#include "records/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/array.h"

int sw_records_day(struct sw_store *store, const struct sw_zone *zone,
                   int64_t patient_key, int32_t day, struct sw_day *ret)
{
    struct sw_day_set set = {0};
    struct sw_plan plan;
    int r = sw_store_plan_on(store, patient_key, day, &plan);
    if (r == SW_STORE_NONE)
        plan = sw_plan_default();
    if (r < 0)
        return r;
    r = sw_store_load_day(store, patient_key, sw_day_begin(zone, day),
                          sw_day_begin(zone, day + 1), &set);
    if (r >= 0)
        r = sw_day_compute(ret, zone, day, &plan, &set);
    sw_day_set_fini(&set);
    return r;
}

int sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                       int64_t patient_key, int32_t day)
{
    struct sw_day *computed = malloc(sizeof(*computed));
    if (!computed)
        return -ENOMEM;
    int r = sw_records_day(store, zone, patient_key, day, computed);
    if (r >= 0)
        r = sw_store_put_day(store, patient_key, day,
                             computed->touched ? &computed->row : NULL);
    free(computed);
    return r;
}

struct days {
    int32_t *items;
    size_t n, cap;
};

static int records_note_day(void *ctx, const struct sw_day_row *row)
{
    struct days *days = ctx;
    int r = GROW(days->items, days->n, days->cap);
    if (r == 0)
        days->items[days->n++] = row->day;
    return r;
}

int sw_records_refresh_since(struct sw_store *store, const struct sw_zone *zone,
                             const struct sw_patient *patient, int32_t from_day)
{
    struct days days = {0};
    int r = sw_store_each_day(store, &patient->id, from_day, INT32_MAX,
                              records_note_day, &days);
    for (size_t i = 0; r >= 0 && i < days.n; i++)
        r = sw_records_refresh(store, zone, patient->key, days.items[i]);
    free(days.items);
    return r;
}

int sw_records_put_alert(struct sw_store *store, const char *site, int64_t patient_key,
                         const struct sw_alert *alert, enum sw_alert_state from,
                         const char *who, const char *why, bool publish)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    int r = sw_store_put_alert(store, patient_key, alert, from, who, why);
    if (r < 0 || !publish)
        return r;
    char *payload = sw_encode_alert(site, alert);
    if (!payload)
        return -ENOMEM;
    sw_alert_id_format(alert, id);
    sw_topic_alert(topic, site, alert);
    r = sw_store_put_outbound(store, topic, id, payload);
    free(payload);
    return r;
}
