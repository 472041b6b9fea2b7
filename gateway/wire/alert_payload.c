/* alert_payload.c -- the payloads of alerts: what is published, the same read back, and
 * what a therapist's app asks of an alert, with the answer if it cannot be done.
 *
 * The sentence for the therapist is message.c's, and whether an action can be done is
 * core's business. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"
#include "wire/fields.h"
#include "wire/json.h"

enum { PAYLOAD_VERSION = 1 };

char *sw_encode_evidence(const struct sw_alert *alert)
{
    const struct sw_rule *rule = sw_rule(alert->kind);
    struct sw_json_object object = sw_json_object();
    for (size_t i = 0; rule->evidence[i].name; i++) {
        char text[SW_DECIMAL_TEXT_MAX] = "null";
        if (rule->evidence[i].unit == SW_REFUSAL) {
            enum sw_refusal refusal = (enum sw_refusal)alert->evidence[i];
            sw_json_text_or_null(&object, rule->evidence[i].name,
                                 sw_refusal_code(refusal));
            continue;
        }
        if (alert->evidence[i] != SW_EVIDENCE_NONE)
            sw_decimal_format(alert->evidence[i], sw_unit_parts(rule->evidence[i].unit),
                              text);
        sw_json_raw(&object, rule->evidence[i].name, text);
    }
    if (rule->traits & SW_RULE_NAMES_DEVICE)
        sw_json_text(&object, "device", alert->device.str);
    return sw_json_finish(&object);
}

static void put_instant(struct sw_json_object *object, const char *key, int64_t at_s)
{
    char text[SW_INSTANT_LEN + 1] = "";
    if (at_s != 0)
        sw_instant_format(at_s, text);
    sw_json_text_or_null(object, key, text);
}

/* The parts of a payload that a test alert does not have from its kind. */
struct own {
    const char *id, *kind, *message;
    char *evidence;
};

static char *alert_encode(const char *site, const struct sw_alert *alert,
                          const struct own *own)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "id", own->id);
    sw_json_number(&object, "rev", alert->rev);
    sw_json_text(&object, "site", site);
    sw_json_text(&object, "patient", alert->patient.str);
    sw_json_text(&object, "therapist", alert->therapist.str);
    sw_json_text(&object, "kind", own->kind);
    sw_json_text(&object, "level", sw_alert_level_name(alert->level));
    sw_json_text(&object, "state", sw_alert_state_name(alert->state));
    sw_json_text_or_null(&object, "reason", sw_alert_reason_name(alert->reason));
    put_instant(&object, "opened_at", alert->opened_at_s);
    put_instant(&object, "updated_at", alert->updated_at_s);
    put_instant(&object, "closed_at", alert->closed_at_s);
    sw_json_text_or_null(&object, "by", alert->by);
    sw_json_text_or_null(&object, "note", alert->note);
    if (alert->over_budget) /* else it is left out, as it nearly always is */
        sw_json_raw(&object, "over_budget", "true");
    sw_json_text(&object, "message", own->message);
    sw_json_raw(&object, "evidence", own->evidence);
    return sw_json_finish(&object);
}

char *sw_encode_alert(const char *site, const struct sw_alert *alert)
{
    char message[SW_MESSAGE_MAX], id[SW_ALERT_ID_MAX + 1];
    struct own own = {.id = id,
                      .kind = sw_alert_kind_name(alert->kind),
                      .message = message,
                      .evidence = sw_encode_evidence(alert)};
    sw_alert_id_format(alert, id);
    sw_alert_message(alert, message);
    char *payload = alert_encode(site, alert, &own);
    cJSON_free(own.evidence);
    return payload;
}

/* ---- one that only shows whether alerts arrive ---- */

void sw_test_alert_id_format(const struct sw_alert *alert,
                             char out[static SW_ALERT_ID_MAX + 1])
{
    snprintf(out, SW_ALERT_ID_MAX + 1, "%s-" SW_ALERT_TEST "-%" PRId64,
             alert->patient.str, alert->opened_at_s);
}

char *sw_encode_test_alert(const char *site, const struct sw_alert *alert)
{
    char message[SW_MESSAGE_MAX], id[SW_ALERT_ID_MAX + 1], evidence[] = "{}";
    struct own own = {
        .id = id, .kind = SW_ALERT_TEST, .message = message, .evidence = evidence};
    bool is_over = alert->state == SW_STATE_CLOSED;
    sw_test_alert_id_format(alert, id);
    snprintf(message, sizeof(message), "%s %s.%s",
             is_over ? "The test is over: nothing was wrong with"
                     : "This is a test: nothing is wrong with",
             alert->patient.str, is_over ? "" : " It ends by itself.");
    return alert_encode(site, alert, &own);
}

/* ---- a payload of ours read back, whole; anything else is refused ---- */

/* The text of a field; NULL if it holds none, or one that is longer than max. */
static const char *text_of(const struct sw_fields *fields, const char *name, size_t max)
{
    const cJSON *value = sw_field(fields, name);
    bool fits = cJSON_IsString(value) && strlen(value->valuestring) <= max;
    return fits ? value->valuestring : NULL;
}

/* We write null for nothing, and read it back as "". */
static bool take_text(const struct sw_fields *fields, const char *name, size_t max,
                      char *out)
{
    const char *text = text_of(fields, name, max);
    bool is_null = cJSON_IsNull(sw_field(fields, name));
    if (text)
        strcpy(out, text);
    return text || is_null;
}

static bool alert_take_id(const struct sw_fields *fields, const char *name,
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

/* The evidence may be missing: a later version may say it in another way. */
static void alert_take_evidence(const struct sw_fields *fields, struct sw_alert *alert)
{
    struct sw_fields evidence = {
        .object = sw_field(fields, "evidence"), .index = -1, .why = fields->why};
    const struct sw_rule *rule = sw_rule(alert->kind);
    for (size_t i = 0; rule->evidence[i].name; i++) {
        const cJSON *value = cJSON_IsObject(evidence.object)
                                 ? sw_field(&evidence, rule->evidence[i].name)
                                 : NULL;
        if (rule->evidence[i].unit == SW_REFUSAL) {
            alert->evidence[i] = cJSON_IsString(value)
                                     ? sw_refusal_parse(value->valuestring)
                                     : SW_ACCEPTED;
            continue;
        }
        bool is_number = cJSON_IsNumber(value) && fabs(value->valuedouble) < 1e12;
        int32_t parts = sw_unit_parts(rule->evidence[i].unit);
        alert->evidence[i] =
            is_number ? llround(value->valuedouble * parts) : SW_EVIDENCE_NONE;
    }
    bool names_device = rule->traits & SW_RULE_NAMES_DEVICE;
    if (names_device && cJSON_IsObject(evidence.object))
        sw_field_id(&evidence, "device", alert->device.str);
}

static bool alert_read(const struct sw_fields *fields, struct sw_alert *alert)
{
    int64_t rev = 0;
    bool is_good = cJSON_IsObject(fields->object) &&
                   sw_field_whole(fields, "rev", 1, INT32_MAX - 1, &rev) && rev > 0 &&
                   alert_take_id(fields, "patient", alert->patient.str) &&
                   alert_take_id(fields, "therapist", alert->therapist.str) &&
                   take_words(fields, alert) &&
                   take_instant(fields, "opened_at", &alert->opened_at_s) &&
                   take_instant(fields, "updated_at", &alert->updated_at_s) &&
                   take_instant(fields, "closed_at", &alert->closed_at_s) &&
                   take_text(fields, "by", SW_ALERT_BY_MAX, alert->by) &&
                   take_text(fields, "note", SW_ALERT_NOTE_MAX, alert->note) &&
                   text_of(fields, "id", SW_ALERT_ID_MAX);
    alert->rev = (int32_t)rev;
    alert->over_budget = cJSON_IsTrue(sw_field(fields, "over_budget"));
    if (!is_good)
        return false;
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    alert_take_evidence(fields, alert);
    return strcmp(text_of(fields, "id", SW_ALERT_ID_MAX), id) == 0;
}

bool sw_decode_alert(const char *payload, size_t len, struct sw_alert *ret)
{
    struct sw_alert alert = {.rev = 0};
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    bool is_good = sw_json_parse(payload, len, &root, why) == SW_ACCEPTED;
    if (is_good) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        is_good = alert_read(&fields, &alert);
    }
    if (is_good)
        *ret = alert;
    cJSON_Delete(root);
    return is_good;
}

/* ---- what is asked of an alert ---- */

/* Read one line of at most max bytes. *out stays as it is if the field is absent. */
static bool action_read_text(const struct sw_fields *fields, const char *name,
                             size_t max, char *out)
{
    const cJSON *value = sw_field(fields, name);
    char expected[64];
    if (!value || cJSON_IsNull(value))
        return true;
    bool fits = cJSON_IsString(value) && strlen(value->valuestring) <= max;
    for (const char *at = value->valuestring; fits && *at; at++)
        fits = (unsigned char)*at >= ' ' && *at != 0x7f;
    snprintf(expected, sizeof expected, "one line of at most %zu bytes", max);
    if (!fits)
        return sw_field_wrong(fields, name, -1, value, expected);
    strcpy(out, value->valuestring);
    return true;
}

static bool action_read_kind(const struct sw_fields *fields, enum sw_action_kind *ret)
{
    const cJSON *value = sw_field(fields, "action");
    bool is_known = cJSON_IsString(value) && sw_action_parse(value->valuestring, ret);
    if (!is_known)
        snprintf(fields->why, SW_WHY_MAX,
                 "action: say \"ack\", \"unack\", \"shelve\" or \"unshelve\"");
    return is_known;
}

static bool action_read_minutes(const struct sw_fields *fields, int32_t *ret)
{
    int64_t minutes = 0;
    if (!sw_field_whole(fields, "minutes", 1, SW_SHELVE_MAX_MIN, &minutes))
        return false;
    if (minutes == 0)
        snprintf(fields->why, SW_WHY_MAX, "minutes: say for how many to shelve it");
    *ret = (int32_t)minutes;
    return minutes != 0;
}

static enum sw_refusal action_read(const struct sw_fields *fields,
                                   struct sw_action *action)
{
    if (!cJSON_IsObject(fields->object)) {
        sw_field_wrong(fields, "", -1, fields->object, "an object");
        return SW_REFUSED_SHAPE;
    }
    bool is_good = action_read_kind(fields, &action->kind) &&
                   action_read_text(fields, "id", SW_ALERT_ID_MAX, action->id) &&
                   action_read_text(fields, "by", SW_ALERT_BY_MAX, action->by) &&
                   action_read_text(fields, "note", SW_ALERT_NOTE_MAX, action->note);
    if (is_good && action->kind == SW_ACTION_SHELVE)
        is_good = action_read_minutes(fields, &action->minutes);
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
        r = action_read(&fields, &action);
    }
    if (r == SW_ACCEPTED)
        *ret = action;
    cJSON_Delete(root);
    return r;
}

char *sw_encode_set_error(const char *error)
{
    struct sw_json_object object = sw_json_object();
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "error", error);
    return sw_json_finish(&object);
}
