/* decode_recorded.c -- a line of a recording: who, when, and the payload as it came.
 *
 * What the payload says is the other decoders' business.
 */
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/fields.h"
#include "wire/json.h"

static enum sw_refusal read_fields(const cJSON *json, struct sw_recorded *ret,
                                   char *why)
{
    struct sw_fields fields = {.object = json, .index = -1, .why = why};
    const cJSON *payload = sw_field(&fields, "payload");
    ret->received_s = 0;
    if (!cJSON_IsObject(json)) {
        snprintf(why, SW_WHY_MAX, "a line is one JSON object");
        return SW_REFUSED_SHAPE;
    }
    bool is_well = sw_field_id(&fields, "patient", ret->patient.str) &&
                   sw_field_time(&fields, "received", &ret->received_s);
    if (!is_well)
        return SW_REFUSED_SHAPE;
    if (!*ret->patient.str || !payload) {
        snprintf(why, SW_WHY_MAX, "a line has a patient and a payload");
        return SW_REFUSED_SHAPE;
    }
    ret->has_received = sw_field(&fields, "received") != NULL;
    ret->is_pain = cJSON_GetObjectItemCaseSensitive(payload, "score") != NULL;
    ret->payload = cJSON_PrintUnformatted(payload);
    return ret->payload ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

enum sw_refusal sw_decode_recorded(const char *line, size_t len,
                                   struct sw_recorded *ret, char why[static SW_WHY_MAX])
{
    cJSON *json = NULL;
    *ret = (struct sw_recorded){.payload = NULL};
    enum sw_refusal r = sw_json_parse(line, len, &json, why);
    if (r != SW_ACCEPTED)
        return r;
    r = read_fields(json, ret, why);
    cJSON_Delete(json);
    return r;
}
