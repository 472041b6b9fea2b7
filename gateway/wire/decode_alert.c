/* decode_alert.c -- an alert's payload back into the alert, as far as it says.
 * Only our own payloads are meant: anything else is refused, whole. */
#include <math.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/fields.h"
#include "wire/json.h"

/* The text of a field; NULL if it is none, or longer than max. */
static const char *text_of(const struct sw_fields *fields, const char *name, size_t max)
{
    const cJSON *value = sw_field(fields, name);
    bool fits = cJSON_IsString(value) && strlen(value->valuestring) <= max;
    return fits ? value->valuestring : NULL;
}

/* null, as we write it for nothing, is "". */
static bool take_text(const struct sw_fields *fields, const char *name, size_t max,
                      char *out)
{
    const char *text = text_of(fields, name, max);
    bool is_null = cJSON_IsNull(sw_field(fields, name));
    if (text)
        strcpy(out, text);
    return text || is_null;
}

static bool take_id(const struct sw_fields *fields, const char *name,
                    char out[static SW_ID_MAX + 1])
{
    return text_of(fields, name, SW_ID_MAX) && sw_field_id(fields, name, out) && *out;
}

static bool take_instant(const struct sw_fields *fields, const char *name,
                         int64_t *ret_s)
{
    return cJSON_IsNull(sw_field(fields, name)) ||
           (sw_field(fields, name) && sw_field_time(fields, name, ret_s));
}

static bool take_words(const struct sw_fields *fields, struct sw_alert *alert)
{
    enum { WORD_MAX = 32 };
    const char *kind = text_of(fields, "kind", WORD_MAX);
    const char *level = text_of(fields, "level", WORD_MAX);
    const char *state = text_of(fields, "state", WORD_MAX);
    char reason[WORD_MAX + 1] = "";
    return kind && sw_alert_kind_parse(kind, &alert->kind) && level &&
           sw_alert_level_parse(level, &alert->level) && state &&
           sw_alert_state_parse(state, &alert->state) &&
           alert->state != SW_STATE_NONE &&
           take_text(fields, "reason", WORD_MAX, reason) &&
           sw_alert_reason_parse(reason, &alert->reason);
}

/* What it rests on may lack: a later version may say it otherwise. */
static void take_evidence(const struct sw_fields *fields, struct sw_alert *alert)
{
    struct sw_fields evidence = {
        .object = sw_field(fields, "evidence"), .index = -1, .why = fields->why};
    const struct sw_rule *rule = sw_rule(alert->kind);
    for (size_t i = 0; rule->evidence[i].name; i++) {
        const cJSON *value = cJSON_IsObject(evidence.object)
                                 ? sw_field(&evidence, rule->evidence[i].name)
                                 : NULL;
        bool is_number = cJSON_IsNumber(value) && fabs(value->valuedouble) < 1e12;
        int32_t parts = sw_unit_parts(rule->evidence[i].unit);
        alert->evidence[i] =
            is_number ? llround(value->valuedouble * parts) : SW_EVIDENCE_NONE;
    }
    bool names_device = rule->traits & SW_RULE_NAMES_DEVICE;
    if (names_device && cJSON_IsObject(evidence.object))
        sw_field_id(&evidence, "device", alert->device.str);
}

static bool is_of_this_id(const struct sw_fields *fields, const struct sw_alert *alert)
{
    char id[SW_ALERT_ID_MAX + 1];
    const char *said = text_of(fields, "id", SW_ALERT_ID_MAX);
    sw_alert_id_format(alert, id);
    return said && strcmp(said, id) == 0;
}

static bool read_alert(const struct sw_fields *fields, struct sw_alert *alert)
{
    int64_t rev = 0;
    bool is_good = cJSON_IsObject(fields->object) &&
                   sw_field_whole(fields, "rev", 1, INT32_MAX - 1, &rev) && rev > 0 &&
                   take_id(fields, "patient", alert->patient.str) &&
                   take_id(fields, "therapist", alert->therapist.str) &&
                   take_words(fields, alert) &&
                   take_instant(fields, "opened_at", &alert->opened_at_s) &&
                   take_instant(fields, "updated_at", &alert->updated_at_s) &&
                   take_instant(fields, "closed_at", &alert->closed_at_s) &&
                   take_text(fields, "by", SW_ALERT_BY_MAX, alert->by) &&
                   take_text(fields, "note", SW_ALERT_NOTE_MAX, alert->note) &&
                   is_of_this_id(fields, alert);
    alert->rev = (int32_t)rev;
    alert->over_budget = cJSON_IsTrue(sw_field(fields, "over_budget"));
    if (is_good)
        take_evidence(fields, alert);
    return is_good;
}

bool sw_decode_alert(const char *payload, size_t len, struct sw_alert *ret)
{
    struct sw_alert alert = {.rev = 0};
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    bool is_good = sw_json_parse(payload, len, &root, why) == SW_ACCEPTED;
    if (is_good) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        is_good = read_alert(&fields, &alert);
    }
    if (is_good)
        *ret = alert;
    cJSON_Delete(root);
    return is_good;
}
