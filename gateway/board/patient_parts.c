/* patient_parts.c -- what the screens about one patient share. */
#include "board/patient_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chart/dates.h"
#include "chart/words.h"
#include "stepward/wire.h"
#include "util/number.h"

/* ---- who it is, and as of when ---- */

void board_patient_title(const struct board_view *view,
                         const struct sw_patient *patient,
                         char out[static BOARD_TITLE_MAX])
{
    bool is_named = *patient->name && !view->hides_names && view->role != BOARD_WALL;
    if (is_named)
        snprintf(out, BOARD_TITLE_MAX, W_PATIENT_TITLE, patient->name, patient->id.str);
    else
        snprintf(out, BOARD_TITLE_MAX, "%s", patient->id.str);
}

void board_patient_as_of(const struct board_view *view, struct mk *m,
                         const struct sw_patient *patient, const struct sw_plan *plan)
{
    char clock[16], heard[SW_WHEN_LEN + 1];
    int64_t local_s = view->now_s + sw_zone_offset(view->zone, view->now_s);
    int32_t today = sw_day_of(view->zone, view->now_s);
    int of_day = (int)(((local_s % 86400) + 86400) % 86400);
    snprintf(clock, sizeof clock, "%02d:%02d:%02d", of_day / 3600, of_day / 60 % 60,
             of_day % 60);
    mk_open_keyed(m, "div", "as-of");
    if (view->stale_since_s != 0) {
        mk_open(m, "p");
        mk_attr(m, "class", "stale");
        if (view->stale_since_s < 0) {
            mk_text(m, W_PATIENT_STALE_EVER);
        } else {
            sw_when_format(view->zone, view->stale_since_s, today, heard);
            mk_textf(m, W_PATIENT_STALE, heard);
        }
        mk_close(m);
    }
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_AS_OF, clock);
    mk_text(m, " \u00b7 ");
    mk_textf(m, W_PATIENT_THERAPIST, plan->therapist.str);
    mk_text(m, " \u00b7 ");
    if (patient->heard_at_s == 0) {
        mk_text(m, W_PATIENT_NEVER);
    } else {
        sw_when_format(view->zone, patient->heard_at_s, today, heard);
        mk_textf(m, W_PATIENT_HEARD, heard);
    }
    mk_close(m);
    mk_close(m);
}

void board_link(const struct board_view *view, struct mk *m, const char *word,
                const char *format, ...)
{
    char href[256];
    va_list args;
    if (view->is_file) {
        mk_text(m, word);
        return;
    }
    va_start(args, format);
    vsnprintf(href, sizeof href, format, args);
    va_end(args);
    mk_open(m, "a");
    mk_attr(m, "href", href);
    mk_text(m, word);
    mk_close(m);
}

void board_print_button(struct mk *m)
{
    mk_open(m, "button");
    mk_attr(m, "type", "button");
    mk_flag(m, "data-print");
    mk_flag(m, "hidden");
    mk_text(m, W_PATIENT_PRINT);
    mk_close(m);
}

/* ---- a day's row ---- */

/* In the order of sw_day_fields(), which begins with the patient. */
enum { FIELD_DAY = 1, FIELD_STEPS, FIELD_UNKNOWN = 6, FIELD_VALID = 13, FIELD_GOAL };
enum { N_COLUMNS = SW_DAY_FIELDS - 1 };

/* How a field is shown; "" also where it is empty. Minutes have less room in a table. */
static void shown_field(const struct sw_day_row *row, size_t field, const char *value,
                        bool is_cell, char out[static SW_DAY_FIELD_MAX])
{
    static const bool is_minutes[SW_DAY_FIELDS] = {
        [3] = true, [4] = true, [5] = true, [6] = true, [8] = true, [12] = true};
    int64_t number = strtoll(value, NULL, 10);
    if (!*value)
        *out = '\0';
    else if (field == FIELD_DAY)
        chart_date_format(row->day, CHART_DATE_FULL, out);
    else if (field == FIELD_STEPS || field == FIELD_GOAL)
        sw_count_format(number, out);
    else if (is_minutes[field] && is_cell)
        snprintf(out, SW_DAY_FIELD_MAX, "%d:%02d", (int)number / 60, (int)number % 60);
    else if (is_minutes[field])
        sw_length_format(number, out);
    else if (field == FIELD_VALID)
        snprintf(out, SW_DAY_FIELD_MAX, "%s",
                 row->valid ? W_PATIENT_ENOUGH : W_PATIENT_TOO_FEW);
    else
        snprintf(out, SW_DAY_FIELD_MAX, "%s", value);
}

static void put_field(struct mk *m, const struct sw_day_row *row, size_t field,
                      const char *value, bool is_cell)
{
    char shown[SW_DAY_FIELD_MAX];
    shown_field(row, field, value, is_cell, shown);
    mk_open(m, "data");
    mk_attr(m, "value", value);
    mk_text(m, shown);
    mk_close(m);
}

void board_day_header(struct mk *m)
{
    static const char *const columns[N_COLUMNS] = W_PATIENT_COLUMNS;
    mk_open(m, "tr");
    for (size_t i = 0; i < N_COLUMNS; i++) {
        mk_open(m, "th");
        mk_attr(m, "scope", "col");
        if (i > 0)
            mk_attr(m, "class", "number");
        mk_text(m, columns[i]);
        mk_close(m);
    }
    mk_close(m);
}

void board_day_cells(const struct board_view *view, struct mk *m,
                     const struct sw_day_row *row)
{
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX], date[CHART_DATE_MAX];
    sw_day_fields(row, fields);
    chart_date_format(row->day, CHART_DATE_FULL, date);
    mk_open(m, "th");
    mk_attr(m, "scope", "row");
    mk_open(m, "data");
    mk_attr(m, "value", fields[FIELD_DAY]);
    board_link(view, m, date, "/patient/%s/day/%s", row->patient.str,
               fields[FIELD_DAY]);
    mk_close(m);
    mk_close(m);
    for (size_t i = FIELD_STEPS; i < SW_DAY_FIELDS; i++) {
        mk_open(m, "td");
        mk_attr(m, "class", "number");
        put_field(m, row, i, fields[i], true);
        mk_close(m);
    }
}

static void list_item(struct mk *m, const char *name)
{
    mk_open(m, "div");
    mk_element(m, "dt", name);
    mk_open(m, "dd");
}

/* The row counts the whole window; of a day that runs, what has begun of it. */
static struct sw_day_row row_so_far(const struct sw_day_row *row, int32_t to_come_min)
{
    struct sw_day_row so_far = *row;
    int32_t known_min = row->active_min + row->still_min;
    so_far.unknown_min -= to_come_min;
    if (so_far.unknown_min < 0) /* the row is of the minute before */
        so_far.unknown_min = 0;
    int32_t begun_min = known_min + row->unworn_min + so_far.unknown_min;
    so_far.coverage_pct = begun_min > 0 ? 100 * known_min / begun_min : 0;
    return so_far;
}

void board_day_list(struct mk *m, const struct sw_day_row *row, int32_t to_come_min)
{
    static const char *const columns[N_COLUMNS] = W_PATIENT_COLUMNS;
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX], length[SW_LENGTH_TEXT_MAX];
    struct sw_day_row so_far = to_come_min > 0 ? row_so_far(row, to_come_min) : *row;
    sw_day_fields(&so_far, fields);
    mk_open(m, "dl");
    mk_attr(m, "class", "day-numbers");
    for (size_t i = FIELD_STEPS; i < SW_DAY_FIELDS; i++) {
        if (!*fields[i])
            continue;
        list_item(m, columns[i - 1]);
        if (i == FIELD_VALID && !row->valid && to_come_min > 0)
            mk_text(m, W_DAY_NOT_YET);
        else
            put_field(m, &so_far, i, fields[i], false);
        mk_close(m);
        mk_close(m);
        if (i != FIELD_UNKNOWN || to_come_min == 0)
            continue;
        list_item(m, W_DAY_TO_COME);
        sw_length_format(to_come_min, length);
        mk_text(m, length);
        mk_close(m);
        mk_close(m);
    }
    mk_close(m);
}

/* ---- alerts ---- */

void board_moment(const struct board_view *view, struct mk *m, int64_t at_s)
{
    char date[CHART_DATE_MAX], clock[SW_HHMM_LEN + 1];
    chart_date_format(sw_day_of(view->zone, at_s), CHART_DATE_YEARLESS, date);
    sw_hhmm_format(sw_local_minute(view->zone, at_s), clock);
    mk_open(m, "span");
    mk_attr(m, "class", "moment");
    mk_textf(m, "%s %s", date, clock);
    mk_close(m);
}

static void put_state(const struct board_view *view, struct mk *m,
                      const struct sw_alert *alert)
{
    char when[SW_WHEN_LEN + 1];
    mk_open(m, "span");
    mk_attr(m, "class", "quiet");
    if (*alert->by) {
        mk_textf(m, W_PATIENT_SEEN, alert->by);
        if (*alert->note)
            mk_textf(m, ": %s", alert->note);
        mk_text(m, " \u00b7 ");
    }
    if (alert->closed_at_s == 0) {
        mk_text(m, W_PATIENT_OPEN);
    } else {
        sw_when_format(view->zone, alert->closed_at_s,
                       sw_day_of(view->zone, alert->opened_at_s), when);
        mk_textf(m, W_PATIENT_UNTIL, when);
    }
    mk_close(m);
}

void board_alert_says(const struct board_view *view, struct mk *m,
                      const struct sw_alert *alert)
{
    char message[SW_MESSAGE_MAX];
    sw_alert_message(alert, message);
    board_moment(view, m, alert->opened_at_s);
    mk_textf(m, " %s ", message);
    put_state(view, m, alert);
}

void board_alert_item(const struct board_view *view, struct mk *m,
                      const struct sw_alert *alert)
{
    bool is_medium = alert->level == SW_LEVEL_MEDIUM;
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    mk_open_keyed(m, "li", id);
    mk_open(m, "span");
    mk_attr(m, "class", is_medium ? "level-medium" : "level-low");
    mk_textf(m, "%s %s", is_medium ? W_LEVEL_MEDIUM_MARK : W_LEVEL_LOW_MARK,
             is_medium ? W_PATIENT_MEDIUM : W_PATIENT_LOW);
    mk_close(m);
    mk_text(m, " ");
    board_alert_says(view, m, alert);
    mk_close(m);
}
