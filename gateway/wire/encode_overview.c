/* encode_overview.c -- what a therapist's app shows of a patient, and the list of their
 * patients, as payloads. When they are published is the gateway's business. */
#include "stepward/overview.h"

#include <string.h>

#include "stepward/civil.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "util/fingerprint.h"
#include "wire/compose.h"

enum { PAYLOAD_VERSION = 1, SILENCE_STEP_MIN = 15 };

#define UPDATED_AT "updated_at"
/* The kinds of alert that say that something is wrong with the device. */
static const unsigned OF_DEVICE =
    SW_KIND_BIT(SW_ALERT_SILENT) | SW_KIND_BIT(SW_ALERT_UNUSABLE) |
    SW_KIND_BIT(SW_ALERT_UNWORN) | SW_KIND_BIT(SW_ALERT_BATTERY);

static void put_instant(struct sw_json_object *object, const char *key, int64_t at_s)
{
    char text[SW_INSTANT_LEN + 1] = "";
    if (at_s != 0)
        sw_instant_format(at_s, text);
    sw_json_text_or_null(object, key, text);
}

/* 0 is none. */
static void put_limit(struct sw_json_object *object, const char *key, int64_t number)
{
    if (number > 0)
        sw_json_number(object, key, number);
    else
        sw_json_raw(object, key, "null");
}

/* A silence grows by time alone, and is told in steps: else an overview would say
 * something new each minute although nothing came. All that is told is due. */
static void put_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    enum { LENGTH, LIMIT };
    struct sw_alert told = *alert;
    if (alert->kind == SW_ALERT_SILENT) {
        told.evidence[LENGTH] -= told.evidence[LENGTH] % SILENCE_STEP_MIN;
        if (told.evidence[LENGTH] < told.evidence[LIMIT])
            told.evidence[LENGTH] = told.evidence[LIMIT];
    }
    sw_alert_message(&told, out);
}

/* An array of texts. */
static void put_device_problems(struct sw_json_object *object,
                                const struct sw_overview *overview)
{
    char message[SW_MESSAGE_MAX];
    cJSON *array = sw_json_array(object, "device_problems");
    for (size_t i = 0; overview->alerts && i < SW_ALERT_KINDS; i++) {
        const struct sw_alert *alert = &overview->alerts[i];
        if (!sw_alert_is_open(alert) || !(OF_DEVICE & SW_KIND_BIT(alert->kind)))
            continue;
        put_message(alert, message);
        sw_json_array_text(object, array, message);
    }
    if (overview->late_min > 0) {
        char late[SW_LATENESS_TEXT_MAX];
        sw_lateness_text(overview->late_min, late);
        sw_json_array_text(object, array, late);
    }
}

static void put_alerts(struct sw_json_object *object,
                       const struct sw_overview *overview)
{
    cJSON *array = sw_json_array(object, "alerts");
    for (size_t i = 0; overview->alerts && i < SW_ALERT_KINDS; i++) {
        const struct sw_alert *alert = &overview->alerts[i];
        char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX];
        if (!sw_alert_is_open(alert))
            continue;
        struct sw_json_object item = sw_json_object();
        sw_alert_id_format(alert, id);
        put_message(alert, message);
        sw_json_text(&item, "id", id);
        sw_json_text(&item, "kind", sw_alert_kind_name(alert->kind));
        sw_json_text(&item, "level", sw_alert_level_name(alert->level));
        sw_json_text(&item, "state", sw_alert_state_name(alert->state));
        put_instant(&item, "opened_at", alert->opened_at_s);
        put_instant(&item, "shelved_until", alert->shelved_until_s);
        sw_json_raw(&item, "over_budget", alert->over_budget ? "true" : "false");
        sw_json_text(&item, "message", message);
        sw_json_item(object, array, &item);
    }
}

char *sw_encode_overview(const struct sw_overview *overview)
{
    struct sw_json_object object = sw_json_object();
    const struct sw_plan *plan = &overview->plan;
    char day[SW_DATE_LEN + 1], wake[SW_PLAN_TEXT_MAX];
    sw_date_format(overview->row.day, day);
    sw_plan_get(plan, "wake", wake);
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "patient", overview->patient.str);
    sw_json_text(&object, "therapist", plan->therapist.str);
    put_instant(&object, UPDATED_AT, overview->updated_at_s);
    put_instant(&object, "heard_at", overview->heard_at_s);
    sw_json_text(&object, "day", day);
    if (sw_day_row_knows_steps(&overview->row))
        sw_json_number(&object, "steps", overview->row.steps);
    else
        sw_json_raw(&object, "steps", "null");
    put_limit(&object, "goal", plan->goal);
    put_limit(&object, "floor", plan->floor);
    put_limit(&object, "ceiling", plan->ceiling);
    sw_json_number(&object, "rest_min", overview->rest_min);
    sw_json_number(&object, "rest_limit_min", plan->rest_limit_min);
    put_limit(&object, "late_min", overview->late_min);
    sw_json_text(&object, "wake", wake);
    sw_json_text(&object, "strip", overview->strip);
    put_device_problems(&object, overview);
    put_alerts(&object, overview);
    return sw_json_finish(&object);
}

/* The keys and values before it are ours, so the first that looks like it is it. */
uint64_t sw_overview_sum(const char *payload, size_t len)
{
    static const char key[] = "\"" UPDATED_AT "\":\"";
    const char *at = memmem(payload, len, key, sizeof key - 1);
    size_t before = at ? (size_t)(at - payload) : len, left = len - before;
    size_t skipped = sizeof key - 1 + SW_INSTANT_LEN;
    if (skipped > left)
        skipped = left;
    uint64_t sum =
        sw_fingerprint(payload, before, payload + before + skipped, left - skipped);
    return sum != 0 ? sum : 1;
}

char *sw_encode_patients(const struct sw_listed_patient *patients, size_t n)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    cJSON *array = sw_json_array(&object, "patients");
    for (size_t i = 0; i < n; i++) {
        struct sw_json_object item = sw_json_object();
        sw_json_text(&item, "patient", patients[i].patient.str);
        put_instant(&item, "since", patients[i].since_s);
        sw_json_item(&object, array, &item);
    }
    return sw_json_finish(&object);
}
