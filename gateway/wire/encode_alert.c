/* encode_alert.c -- an alert's current state as payload, and its evidence alone.
 * The sentence for the therapist is message.c's. */
#include <inttypes.h>
#include <stdio.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"

enum { PAYLOAD_VERSION = 1 };

char *sw_encode_evidence(const struct sw_alert *alert)
{
    const struct sw_rule *rule = sw_rule(alert->kind);
    struct sw_json_object object = sw_json_object();
    for (size_t i = 0; rule->evidence[i].name; i++) {
        char text[SW_DECIMAL_TEXT_MAX] = "null";
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

/* What of a payload a test alert has not from its kind. */
struct told {
    const char *id, *kind, *message;
    char *evidence;
};

static void put_who_and_what(struct sw_json_object *object, const char *site,
                             const struct sw_alert *alert, const struct told *told)
{
    sw_json_number(object, "v", PAYLOAD_VERSION);
    sw_json_text(object, "id", told->id);
    sw_json_number(object, "rev", alert->rev);
    sw_json_text(object, "site", site);
    sw_json_text(object, "patient", alert->patient.str);
    sw_json_text(object, "therapist", alert->therapist.str);
    sw_json_text(object, "kind", told->kind);
    sw_json_text(object, "level", sw_alert_level_name(alert->level));
    sw_json_text(object, "state", sw_alert_state_name(alert->state));
    sw_json_text_or_null(object, "reason", sw_alert_reason_name(alert->reason));
}

static char *encode(const char *site, const struct sw_alert *alert,
                    const struct told *told)
{
    struct sw_json_object object = sw_json_object();
    put_who_and_what(&object, site, alert, told);
    put_instant(&object, "opened_at", alert->opened_at_s);
    put_instant(&object, "updated_at", alert->updated_at_s);
    put_instant(&object, "closed_at", alert->closed_at_s);
    sw_json_text_or_null(&object, "by", alert->by);
    sw_json_text_or_null(&object, "note", alert->note);
    if (alert->over_budget) /* else it is left out, as it nearly always is */
        sw_json_raw(&object, "over_budget", "true");
    sw_json_text(&object, "message", told->message);
    sw_json_raw(&object, "evidence", told->evidence);
    return sw_json_finish(&object);
}

char *sw_encode_alert(const char *site, const struct sw_alert *alert)
{
    char message[SW_MESSAGE_MAX], id[SW_ALERT_ID_MAX + 1];
    struct told told = {.id = id,
                        .kind = sw_alert_kind_name(alert->kind),
                        .message = message,
                        .evidence = sw_encode_evidence(alert)};
    sw_alert_id_format(alert, id);
    sw_alert_message(alert, message);
    char *payload = encode(site, alert, &told);
    cJSON_free(told.evidence);
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
    struct told told = {
        .id = id, .kind = SW_ALERT_TEST, .message = message, .evidence = evidence};
    bool is_over = alert->state == SW_STATE_CLOSED;
    sw_test_alert_id_format(alert, id);
    snprintf(message, sizeof(message), "%s %s.%s",
             is_over ? "The test is over: nothing was wrong with"
                     : "This is a test: nothing is wrong with",
             alert->patient.str, is_over ? "" : " It ends by itself.");
    return encode(site, alert, &told);
}
