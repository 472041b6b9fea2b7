/* records.c -- compute and store a patient's day, store an alert with its publication,
 * and say whether a name is free.
 *
 * When to do so is the daemon's and the commands' business. What being held back means
 * for the rest of an alert's life is core/alert.c's.
 */
#include "records/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"

int sw_records_day_devices(struct sw_store *store, const struct sw_zone *zone,
                           int64_t patient_key, int32_t day, struct sw_day *ret,
                           struct sw_day_devices *ret_devices)
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
    if (r >= 0 && ret_devices)
        r = sw_day_devices(ret_devices, zone, day, &plan, &set);
    sw_day_set_fini(&set);
    return r;
}

int sw_records_day(struct sw_store *store, const struct sw_zone *zone,
                   int64_t patient_key, int32_t day, struct sw_day *ret)
{
    return sw_records_day_devices(store, zone, patient_key, day, ret, NULL);
}

int sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                       int64_t patient_key, int32_t day)
{
    if (!sw_store_has_readings_of(store, sw_day_begin(zone, day)))
        return 0;
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

/* The programs of the clinic are told what is published. */
static int put_notification(struct sw_store *store, const struct sw_config *config,
                            int64_t patient_key, const struct sw_alert *alert)
{
    struct sw_patient patient = {.name = ""};
    int r = config->notify.names
                ? sw_store_find_patient(store, alert->patient, &patient)
                : 0;
    if (r < 0)
        return r;
    char *words = sw_alert_words(alert, config->notify.names ? patient.name : NULL);
    if (!words)
        return -ENOMEM;
    r = sw_store_put_notification(store, patient_key, alert, words);
    free(words);
    return r;
}

int sw_records_put_alert(struct sw_store *store, const struct sw_config *config,
                         int64_t patient_key, const struct sw_alert *alert,
                         enum sw_alert_state from, const char *who, const char *why,
                         bool publish)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_topic_text topic;
    int r = sw_store_put_alert(store, patient_key, alert, from, who, why);
    if (r < 0 || !publish)
        return r;
    char *payload = sw_encode_alert(config->site, alert);
    if (!payload)
        return -ENOMEM;
    sw_alert_id_format(alert, id);
    sw_topic_alert(topic, config->site, alert);
    r = sw_store_put_outbound(store, topic, id, payload);
    free(payload);
    if (r >= 0 && sw_config_notifies(config))
        r = put_notification(store, config, patient_key, alert);
    return r;
}

int sw_records_audit_action(struct sw_store *store, const char *who, const char *how,
                            int64_t at_s, const struct sw_alert *alert,
                            const struct sw_action *action)
{
    static const enum sw_audit_act acts[SW_ACTIONS] = {
        [SW_ACTION_ACK] = SW_AUDIT_ACKNOWLEDGED,
        [SW_ACTION_UNACK] = SW_AUDIT_UNACKNOWLEDGED,
        [SW_ACTION_SHELVE] = SW_AUDIT_SHELVED,
        [SW_ACTION_UNSHELVE] = SW_AUDIT_UNSHELVED,
    };
    char id[SW_ALERT_ID_MAX + 1], detail[SW_AUDIT_DETAIL_MAX + 1];
    bool is_for_another = strcmp(who, action->by) != 0;
    bool has_note = action->note[0] != '\0';
    struct sw_audit audit = {.at_s = at_s,
                             .who = who,
                             .how = how,
                             .act = acts[action->kind],
                             .patient = alert->patient.str,
                             .detail = detail};
    sw_alert_id_format(alert, id);
    snprintf(detail, sizeof detail, "%s%s%s%s%s", id, is_for_another ? " by " : "",
             is_for_another ? action->by : "", has_note ? ": " : "", action->note);
    return sw_store_put_audit(store, &audit);
}

int sw_records_apply_budget(struct sw_store *store, const struct sw_zone *zone,
                            int32_t budget, struct sw_alert *alert)
{
    if (budget == 0 || alert->level != SW_LEVEL_LOW)
        return 0;
    int32_t day = sw_day_of(zone, alert->opened_at_s);
    int64_t n = sw_store_count_opened(store, &alert->therapist, sw_day_begin(zone, day),
                                      sw_day_begin(zone, day + 1));
    if (n >= budget)
        sw_alert_hold_back(alert);
    return n < 0 ? (int)n : 0;
}

/* ---- names ---- */

/* 0 if it is nothing yet; 1, with `why`, if it is. */
static int check_taken(const char *word, const char *what, const char *whose,
                       char why[static SW_WHY_MAX])
{
    if (!what)
        return 0;
    snprintf(why, SW_WHY_MAX,
             "%s is %s, and the broker tells logins by name: choose another id for the "
             "%s",
             word, what, whose);
    return 1;
}

static bool is_gateways_login(const struct sw_config *config, const char *word)
{
    return config->broker.username && strcmp(config->broker.username, word) == 0;
}

int sw_records_check_patient_name(struct sw_store *store,
                                  const struct sw_config *config, const char *word,
                                  char why[static SW_WHY_MAX])
{
    const char *what = NULL;
    int r = sw_store_find_therapist(store, word);
    if (r < 0)
        return r;
    if (r != SW_STORE_NONE || strcmp(config->plan.therapist.str, word) == 0)
        what = "a therapist";
    if (is_gateways_login(config, word))
        what = "the gateway's login";
    return check_taken(word, what, "patient", why);
}

int sw_records_check_therapist_name(struct sw_store *store,
                                    const struct sw_config *config, const char *word,
                                    char why[static SW_WHY_MAX])
{
    const char *what = "a patient";
    struct sw_patient_id id = {""};
    struct sw_patient patient;
    int64_t erased_at_s;
    strncpy(id.str, word, SW_ID_MAX);
    int r = sw_store_find_patient(store, id, &patient);
    if (r == SW_STORE_NONE) {
        what = "a patient who was erased";
        r = sw_store_find_tombstone(store, id, &erased_at_s);
    }
    if (r < 0)
        return r;
    if (r == SW_STORE_NONE)
        what = NULL;
    if (is_gateways_login(config, word))
        what = "the gateway's login";
    return check_taken(word, what, "therapist", why);
}
