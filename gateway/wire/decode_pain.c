/* decode_pain.c -- a score of pain, as a patient's app sends it.
 * The same instant twice is the set's business, an alert about it core's. */
#include <stdio.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/fields.h"
#include "wire/json.h"

static const double SCORE_MAX = 10; /* the numeric rating scale */

static enum sw_refusal judge_time(int64_t at_s, const struct sw_receipt *receipt,
                                  char *why)
{
    bool is_too_old = at_s < receipt->oldest_s;
    if (!is_too_old && at_s <= receipt->newest_s)
        return SW_ACCEPTED;
    char text[SW_INSTANT_LEN + 1];
    sw_instant_format(at_s, text);
    snprintf(why, SW_WHY_MAX, "at: %s is %s", text,
             is_too_old ? "too old" : "in the future");
    return is_too_old ? SW_REFUSED_TOO_OLD : SW_REFUSED_FUTURE;
}

static enum sw_refusal read_pain(const struct sw_fields *fields,
                                 const struct sw_receipt *receipt, struct sw_pain *ret)
{
    if (cJSON_IsArray(fields->object)) {
        snprintf(fields->why, SW_WHY_MAX, "an array: publish each score by itself");
        return SW_REFUSED_SHAPE;
    }
    if (!cJSON_IsObject(fields->object)) {
        sw_field_wrong(fields, "", -1, fields->object, "an object");
        return SW_REFUSED_SHAPE;
    }
    if (!sw_field(fields, "score")) {
        snprintf(fields->why, SW_WHY_MAX, "no score");
        return SW_REFUSED_SHAPE;
    }
    ret->at_s = receipt->at_s;
    if (!sw_field_number(fields, "score", 0, SCORE_MAX, &ret->score) ||
        !sw_field_time(fields, "at", &ret->at_s) ||
        !sw_field_bool(fields, "flare", &ret->flare))
        return SW_REFUSED_SHAPE;
    bool has_time = sw_field(fields, "at") != NULL;
    ret->stamp = has_time ? SW_STAMP_OWN : receipt->stamp;
    if (!has_time && receipt->retained) {
        snprintf(fields->why, SW_WHY_MAX, "a retained score does not say when it was");
        return SW_REFUSED_NO_TIME;
    }
    return judge_time(ret->at_s, receipt, fields->why);
}

enum sw_refusal sw_decode_pain(const char *payload, size_t len,
                               const struct sw_receipt *receipt,
                               struct sw_pain *ret_pain, char why[static SW_WHY_MAX])
{
    struct sw_pain pain = {0};
    cJSON *root = NULL;
    why[0] = '\0';
    enum sw_refusal r = sw_json_parse(payload, len, &root, why);
    if (r == SW_ACCEPTED) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        r = read_pain(&fields, receipt, &pain);
    }
    if (r == SW_ACCEPTED)
        *ret_pain = pain;
    cJSON_Delete(root);
    return r;
}
