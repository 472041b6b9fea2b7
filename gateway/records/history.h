/* history.h -- what is known of a patient over many days, for a page about them: rows as
 * they are stored, what each minute was, plans, scores, alerts, contacts and
 * devices.
 *
 *     struct sw_history history = {.store = store, .zone = &zone, .now_s = now_s,
 *                                  .patient = patient, .plan = config->plan,
 *                                  .from_day = today - 27, .to_day = today};
 *     r = sw_history_gather(&history);       // 0 or a negative errno
 *     …history.days[0..n_days)
 *     sw_history_fini(&history);
 */
#ifndef RECORDS_HISTORY_H
#define RECORDS_HISTORY_H

#include "stepward/civil.h"
#include "stepward/store.h"

enum {
    SW_HISTORY_LONG_REST = 8
}; /* beside a minute's class: in a rest over the limit */

struct sw_history_day {
    int32_t day;
    bool has_row;
    struct sw_day_row row;      /* as stored, which is what `summary` prints */
    const struct sw_plan *plan; /* in force that day */
    int64_t begin_s;
    /* enum sw_minute_class of each minute that has begun, and SW_HISTORY_LONG_REST. */
    uint8_t *minutes;
    int32_t n_minutes, n_begun;
};

struct sw_history_plan {
    int32_t from_day; /* the first: 0 */
    struct sw_plan plan;
};

/* A device, and when its first data of these days began. */
struct sw_history_device {
    int64_t from_s;
    struct sw_device_id device;
};

struct sw_history {
    struct sw_store *store;
    const struct sw_zone *zone;
    int64_t now_s;
    struct sw_patient patient;
    struct sw_plan plan; /* where none is stored */
    int32_t from_day, to_day;

    struct sw_history_day *days; /* without a gap, the oldest first */
    size_t n_days;
    uint8_t *minutes;              /* of all days */
    struct sw_history_plan *plans; /* in order of day */
    size_t n_plans, cap_plans;
    struct sw_day_set scores;
    struct sw_alert *alerts; /* that opened on these days; those that are open first */
    size_t n_alerts, cap_alerts;
    struct sw_contact *contacts; /* on these days, in order of time */
    size_t n_contacts, cap_contacts;
    struct sw_history_device *devices; /* in order of time */
    size_t n_devices, cap_devices;
};

int sw_history_gather(struct sw_history *history);
void sw_history_fini(struct sw_history *history);

#endif
