/* encode_digest.c -- a therapist's day as payload; the sentences are
 * message_digest.c's.
 */
#include <stdlib.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"

enum { PAYLOAD_VERSION = 1 };

/* An array under that key; NULL, and the object has failed, without memory. */
static cJSON *put_array(struct sw_json_object *object, const char *key)
{
    cJSON *array = cJSON_AddArrayToObject(object->json, key);
    object->failed |= !array;
    return array;
}

/* Consumes what was composed. */
static void put_item(struct sw_json_object *object, cJSON *array,
                     struct sw_json_object *item)
{
    bool is_in = !item->failed && cJSON_AddItemToArray(array, item->json);
    if (!is_in)
        cJSON_Delete(item->json);
    object->failed |= !is_in;
}

static void put_attention(struct sw_json_object *object, const struct sw_digest *digest)
{
    cJSON *array = put_array(object, "attention");
    char since[SW_INSTANT_LEN + 1];
    for (int32_t i = 0; i < sw_digest_named(digest->n_attention); i++) {
        const struct sw_digest_alert *alert = &digest->attention[i];
        struct sw_json_object item = sw_json_object();
        sw_instant_format(alert->opened_at_s, since);
        sw_json_text(&item, "patient", alert->patient.str);
        sw_json_text(&item, "kind", sw_alert_kind_name(alert->kind));
        sw_json_text(&item, "level", sw_alert_level_name(alert->level));
        sw_json_text(&item, "state",
                     sw_alert_state_name(alert->acknowledged ? SW_STATE_ACKNOWLEDGED
                                                             : SW_STATE_OPEN));
        sw_json_raw(&item, "over_budget", alert->over_budget ? "true" : "false");
        sw_json_text(&item, "opened_at", since);
        put_item(object, array, &item);
    }
}

static void put_over(struct sw_json_object *object, const struct sw_digest *digest)
{
    cJSON *array = put_array(object, "over_budget_patients");
    for (int32_t i = 0; i < sw_digest_named(digest->n_over); i++) {
        struct sw_json_object item = sw_json_object();
        sw_json_text(&item, "patient", digest->over[i].patient.str);
        sw_json_number(&item, "alerts", digest->over[i].n);
        put_item(object, array, &item);
    }
}

static void put_ids(struct sw_json_object *object, const char *key,
                    const struct sw_digest_ids *list)
{
    cJSON *array = put_array(object, key);
    for (int32_t i = 0; i < sw_digest_named(list->n); i++) {
        struct sw_json_object item = {.json = cJSON_CreateString(list->ids[i].str)};
        put_item(object, array, &item);
    }
}

static void put_counts(struct sw_json_object *object, const struct sw_digest *digest)
{
    sw_json_number(object, "patients", digest->patients);
    sw_json_number(object, "raised", digest->raised);
    sw_json_number(object, "acknowledged", digest->acknowledged);
    sw_json_number(object, "closed", digest->closed);
    sw_json_number(object, "withdrawn", digest->withdrawn);
    sw_json_number(object, "budget", digest->budget);
    sw_json_number(object, "over_budget", digest->over_budget);
    sw_json_number(object, "open", digest->n_attention);
    sw_json_number(object, "no_data_patients", digest->no_data.n);
    sw_json_number(object, "goal_met_patients", digest->goal_met.n);
}

char *sw_encode_digest(const char *site, const struct sw_digest *digest)
{
    struct sw_json_object object = sw_json_object();
    char date[SW_DATE_LEN + 1], at[SW_INSTANT_LEN + 1];
    char *message = sw_digest_message(digest);
    sw_date_format(digest->day, date);
    sw_instant_format(digest->at_s, at);
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "site", site);
    sw_json_text(&object, "therapist", digest->therapist.str);
    sw_json_text(&object, "day", date);
    sw_json_text(&object, "at", at);
    sw_json_text(&object, "message", message ? message : "");
    object.failed |= !message;
    put_counts(&object, digest);
    put_attention(&object, digest);
    put_over(&object, digest);
    put_ids(&object, "no_data", &digest->no_data);
    put_ids(&object, "goal_met", &digest->goal_met);
    free(message);
    return sw_json_finish(&object);
}
