/* decode_set.c -- what a therapist's app asks of an alert, and the answer if it cannot
 * be done. Whether it can is core's business. */
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/compose.h"
#include "wire/fields.h"
#include "wire/json.h"

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* A text of at most max bytes; absent, *out stays as it is. */
static bool read_text(const struct sw_fields *fields, const char *name, size_t max,
                      char *out)
{
    const cJSON *value = sw_field(fields, name);
    char expected[64];
    if (!value || cJSON_IsNull(value))
        return true;
    bool fits = cJSON_IsString(value) && strlen(value->valuestring) <= max &&
                is_one_line(value->valuestring);
    snprintf(expected, sizeof expected, "one line of at most %zu bytes", max);
    if (!fits)
        return sw_field_wrong(fields, name, -1, value, expected);
    strcpy(out, value->valuestring);
    return true;
}

static bool read_kind(const struct sw_fields *fields, enum sw_action_kind *ret)
{
    const cJSON *value = sw_field(fields, "action");
    bool is_known = cJSON_IsString(value) && sw_action_parse(value->valuestring, ret);
    if (!is_known)
        snprintf(fields->why, SW_WHY_MAX,
                 "action: say \"ack\", \"shelve\" or \"unshelve\"");
    return is_known;
}

static bool read_minutes(const struct sw_fields *fields, int32_t *ret)
{
    int64_t minutes = 0;
    if (!sw_field_whole(fields, "minutes", 1, SW_SHELVE_MAX_MIN, &minutes))
        return false;
    if (minutes == 0)
        snprintf(fields->why, SW_WHY_MAX, "minutes: say for how many to shelve it");
    *ret = (int32_t)minutes;
    return minutes != 0;
}

static enum sw_refusal read_action(const struct sw_fields *fields,
                                   struct sw_action *action)
{
    if (!cJSON_IsObject(fields->object)) {
        sw_field_wrong(fields, "", -1, fields->object, "an object");
        return SW_REFUSED_SHAPE;
    }
    bool is_good = read_kind(fields, &action->kind) &&
                   read_text(fields, "id", SW_ALERT_ID_MAX, action->id) &&
                   read_text(fields, "by", SW_ALERT_BY_MAX, action->by) &&
                   read_text(fields, "note", SW_ALERT_NOTE_MAX, action->note);
    if (is_good && action->kind == SW_ACTION_SHELVE)
        is_good = read_minutes(fields, &action->minutes);
    return is_good ? SW_ACCEPTED : SW_REFUSED_SHAPE;
}

enum sw_refusal sw_decode_set(const char *payload, size_t len,
                              struct sw_therapist_id therapist, struct sw_action *ret,
                              char why[static SW_WHY_MAX])
{
    struct sw_action action = {0};
    cJSON *root = NULL;
    why[0] = '\0';
    strcpy(action.by, therapist.str);
    enum sw_refusal r = sw_json_parse(payload, len, &root, why);
    if (r == SW_ACCEPTED) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        r = read_action(&fields, &action);
    }
    if (r == SW_ACCEPTED)
        *ret = action;
    cJSON_Delete(root);
    return r;
}

char *sw_encode_set_error(const char *error)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "v", 1);
    sw_json_text(&object, "error", error);
    return sw_json_finish(&object);
}
