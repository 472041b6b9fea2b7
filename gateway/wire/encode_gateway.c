/* encode_gateway.c -- the gateway's health and its nudge to a patient as payloads; and
 * another gateway's health read back. */
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"
#include "wire/fields.h"
#include "wire/json.h"

char *sw_encode_nudge(int32_t rest_min)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "rest_min", rest_min);
    return sw_json_finish(&object);
}

char *sw_encode_health(const struct sw_health *health)
{
    struct sw_json_object object = sw_json_object();
    char at[SW_INSTANT_LEN + 1] = "";
    if (health->at_s != 0)
        sw_instant_format(health->at_s, at);
    sw_json_text_or_null(&object, "at", at);
#define X(name, help) sw_json_number(&object, #name, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    sw_json_text(&object, "version", health->version);
    sw_json_text(&object, "client_id", health->client_id);
    sw_json_text(&object, "instance", health->instance);
    sw_json_text_or_null(&object, "problem", health->problem);
    sw_json_text_or_null(&object, "incident", health->incident);
    return sw_json_finish(&object);
}

/* Take a printable word, because it is repeated in a line of text. */
static void take_word(const struct sw_fields *fields, const char *name, char *out,
                      size_t max)
{
    const cJSON *value = sw_field(fields, name);
    bool fits = cJSON_IsString(value) && strlen(value->valuestring) <= max;
    for (const char *c = fits ? value->valuestring : ""; *c; c++)
        fits = fits && *c > ' ' && *c < 0x7f;
    if (fits)
        strcpy(out, value->valuestring);
}

bool sw_decode_health(const char *payload, size_t len, struct sw_health *ret)
{
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    *ret = (struct sw_health){.at_s = 0};
    bool is_good =
        sw_json_parse(payload, len, &root, why) == SW_ACCEPTED && cJSON_IsObject(root);
    struct sw_fields fields = {.object = root, .index = -1, .why = why};
    if (is_good) {
        const struct sw_time_form contract = {NULL};
        sw_time_of(sw_field(&fields, "at"), &contract, &ret->at_s);
        take_word(&fields, "client_id", ret->client_id, SW_CLIENT_ID_MAX);
        take_word(&fields, "instance", ret->instance, SW_INSTANCE_LEN);
        take_word(&fields, "version", ret->version, sizeof ret->version - 1);
    }
    cJSON_Delete(root);
    return is_good;
}
