/* encode_board.c -- what a therapist's app shows of a patient, and the list of their
 * patients, as payloads. When they are published is the gateway's business. */
#include "stepward/board.h"

#include "stepward/civil.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "wire/compose.h"

enum { PAYLOAD_VERSION = 1 };

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

static void put_alerts(struct sw_json_object *object, const struct sw_board *board)
{
    cJSON *array = sw_json_array(object, "alerts");
    for (size_t i = 0; board->alerts && i < SW_ALERT_KINDS; i++) {
        const struct sw_alert *alert = &board->alerts[i];
        char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX];
        if (!sw_alert_is_open(alert))
            continue;
        struct sw_json_object item = sw_json_object();
        sw_alert_id_format(alert, id);
        sw_alert_message(alert, message);
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

char *sw_encode_board(const struct sw_board *board)
{
    struct sw_json_object object = sw_json_object();
    const struct sw_plan *plan = &board->plan;
    char day[SW_DATE_LEN + 1], wake[SW_PLAN_TEXT_MAX];
    sw_date_format(board->row.day, day);
    sw_plan_get(plan, "wake", wake);
    sw_json_number(&object, "v", PAYLOAD_VERSION);
    sw_json_text(&object, "patient", board->patient.str);
    sw_json_text(&object, "therapist", plan->therapist.str);
    put_instant(&object, "updated_at", board->updated_at_s);
    put_instant(&object, "heard_at", board->heard_at_s);
    sw_json_text(&object, "day", day);
    if (sw_day_row_knows_steps(&board->row))
        sw_json_number(&object, "steps", board->row.steps);
    else
        sw_json_raw(&object, "steps", "null");
    put_limit(&object, "goal", plan->goal);
    put_limit(&object, "floor", plan->floor);
    put_limit(&object, "ceiling", plan->ceiling);
    sw_json_number(&object, "rest_min", board->rest_min);
    sw_json_number(&object, "rest_limit_min", plan->rest_limit_min);
    put_limit(&object, "late_min", board->late_min);
    sw_json_text(&object, "wake", wake);
    sw_json_text(&object, "strip", board->strip);
    put_alerts(&object, board);
    return sw_json_finish(&object);
}

char *sw_encode_patients(const struct sw_board_patient *patients, size_t n)
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
