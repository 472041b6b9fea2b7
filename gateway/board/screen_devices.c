/* screen_devices.c -- who wears what, since when, and how well it does its job; what was
 * refused, with the remedy; and devices that nobody wears, to be assigned. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/patient_parts.h"
#include "chart/words.h"
#include "stepward/wire.h"
#include "util/array.h"

enum {
    DAYS = 7,
    DAY_S = 24 * 3600,
    REJECTED_READ = 500,
    REJECTED_SHOWN = 30,
    STRANGERS_MAX = 20
};

struct line {
    struct sw_patient patient;
    struct sw_plan plan;
    int32_t worn_min, window_min; /* of the last days */
    struct sw_lateness lateness;
};

struct devices {
    const struct board_view *view;
    struct mk *m;
    struct line *lines; /* in order of id */
    size_t n, cap;
    const struct line *line; /* being written */
    size_t n_of_line, n_rejected;
    struct sw_device_id strangers[STRANGERS_MAX];
    size_t n_strangers;
};

/* ---- gathering ---- */

static int add_patient(void *ctx, const struct sw_patient *patient,
                       const struct sw_plan *plan)
{
    struct devices *devices = ctx;
    if (!board_may_see(devices->view, plan))
        return 0;
    int r = GROW(devices->lines, devices->n, devices->cap);
    if (r == 0)
        devices->lines[devices->n++] =
            (struct line){.patient = *patient, .plan = *plan};
    return r;
}

static int compare_id(const void *id, const void *line)
{
    return strcmp(id, ((const struct line *)line)->patient.id.str);
}

static struct line *find_line(const struct devices *devices, const char *id)
{
    return devices->n == 0 ? NULL
                           : bsearch(id, devices->lines, devices->n,
                                     sizeof *devices->lines, compare_id);
}

static int add_row(void *ctx, const struct sw_day_row *row)
{
    struct line *line = find_line(ctx, row->patient.str);
    if (line) {
        line->worn_min += row->active_min + row->still_min;
        line->window_min +=
            row->active_min + row->still_min + row->unworn_min + row->unknown_min;
    }
    return 0;
}

static int add_lateness(void *ctx, struct sw_patient_id patient,
                        const struct sw_lateness *lateness)
{
    struct line *line = find_line(ctx, patient.str);
    if (line)
        line->lateness = *lateness;
    return 0;
}

static int gather(struct devices *devices)
{
    const struct board_view *view = devices->view;
    int32_t today = sw_day_of(view->zone, view->now_s);
    int r = sw_store_each_patient_on(view->store, today, add_patient, devices);
    if (r >= 0) /* today is not over, so its share would be too small */
        r = sw_store_each_day(view->store, NULL, today - DAYS, today - 1, add_row,
                              devices);
    if (r >= 0)
        r = sw_store_each_lateness(view->store, 0, add_lateness, devices);
    return r < 0 ? r : 0;
}

/* ---- who wears what ---- */

static void put_when(const struct board_view *view, struct mk *m, int64_t at_s)
{
    char when[SW_WHEN_LEN + 1];
    sw_when_format(view->zone, at_s, sw_day_of(view->zone, view->now_s), when);
    mk_text(m, when);
}

static int put_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct devices *devices = ctx;
    struct mk *m = devices->m;
    if (assignment->to_s != INT64_MAX ||
        assignment->patient_key != devices->line->patient.key)
        return 0;
    mk_open(m, "li");
    mk_element(m, "b", assignment->device.str);
    mk_open(m, "small");
    mk_text(m, W_DEVICES_SINCE);
    put_when(devices->view, m, assignment->from_s);
    mk_close(m);
    if (devices->view->token) {
        mk_text(m, " ");
        board_form(devices->view, m, "/act/device-release");
        board_hidden(m, "device", assignment->device.str);
        mk_open(m, "button");
        mk_attrf(m, "aria-label", "%s: %s", W_DEVICES_RELEASE, assignment->device.str);
        mk_text(m, W_DEVICES_RELEASE);
        mk_close(m);
        mk_close(m);
    }
    mk_close(m);
    devices->n_of_line++;
    return 0;
}

static int put_battery(void *ctx, const struct sw_battery *battery)
{
    struct devices *devices = ctx;
    int64_t heard_s = devices->line->patient.heard_at_s;
    if (battery->at_s <
        heard_s - DAYS * DAY_S) /* of a device that was replaced since */
        return 0;
    mk_open(devices->m, "li");
    mk_textf(devices->m, W_DEVICES_BATTERY, battery->pct);
    if (*battery->device.str)
        mk_textf(devices->m, " (%s)", battery->device.str);
    mk_open(devices->m, "small");
    mk_text(devices->m, ", ");
    put_when(devices->view, devices->m, battery->at_s);
    mk_close(devices->m);
    mk_close(devices->m);
    return 0;
}

static int put_line(struct devices *devices, const struct line *line)
{
    const struct board_view *view = devices->view;
    struct mk *m = devices->m;
    char title[BOARD_TITLE_MAX], advice[SW_LATENESS_ADVICE_MAX];
    int32_t late_min =
        sw_lateness_min(&line->lateness, line->plan.fresh_min, view->now_s);
    board_patient_title(view, &line->patient, title);
    devices->line = line;
    devices->n_of_line = 0;
    mk_open_keyed(m, "tr", line->patient.id.str);
    mk_attrf(m, "data-search", "%s %s", title, line->plan.therapist.str);
    mk_open(m, "th");
    mk_attr(m, "scope", "row");
    mk_open(m, "a");
    mk_attrf(m, "href", "/patient/%s", line->patient.id.str);
    mk_element(m, "bdi", title);
    mk_close(m);
    mk_close(m);
    mk_open(m, "td");
    mk_open(m, "ul");
    int r = sw_store_each_assignment(view->store, NULL, put_assignment, devices);
    if (devices->n_of_line == 0)
        mk_element(m, "li", W_DEVICES_OWN_TOPIC);
    mk_close(m);
    mk_close(m);
    mk_open(m, "td");
    if (line->patient.heard_at_s != 0)
        put_when(view, m, line->patient.heard_at_s);
    else
        mk_text(m, W_PATIENT_NEVER);
    mk_close(m);
    mk_open(m, "td");
    mk_open(m, "ul");
    if (r >= 0)
        r = sw_store_each_battery(view->store, line->patient.key, put_battery, devices);
    mk_close(m);
    mk_close(m);
    mk_open(m, "td");
    if (line->window_min > 0)
        mk_textf(m, W_DEVICES_WORN, 100 * line->worn_min / line->window_min);
    else
        mk_text(m, W_NOT_ENOUGH);
    mk_close(m);
    mk_open(m, "td");
    if (late_min > 0) {
        sw_lateness_advice(line->patient.id, &line->plan, &line->lateness, late_min,
                           advice);
        mk_text(m, advice);
    }
    mk_close(m);
    mk_close(m);
    return r;
}

static int put_worn(struct devices *devices)
{
    static const char *const columns[] = W_DEVICES_COLUMNS;
    struct mk *m = devices->m;
    int r = 0;
    mk_open(m, "div");
    mk_attr(m, "class", "wide");
    mk_attr(m, "tabindex", "0");
    mk_open(m, "table");
    mk_attr(m, "class", "devices");
    mk_open(m, "thead");
    mk_open(m, "tr");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        mk_element(m, "th", columns[i]);
    mk_close(m);
    mk_close(m);
    mk_open(m, "tbody");
    for (size_t i = 0; i < devices->n && r >= 0; i++)
        r = put_line(devices, &devices->lines[i]);
    mk_close(m);
    mk_close(m);
    mk_close(m);
    return r;
}

/* ---- what was refused ---- */

/* The device in the gateway's own sentence, "nobody wore F8A45F at …". */
static bool find_stranger(const char *why, struct sw_device_id *ret)
{
    static const char verb[] = " wore ";
    const char *at = strstr(why, verb);
    size_t len = at ? strcspn(at + strlen(verb), " ") : 0;
    if (len == 0 || len >= sizeof ret->str)
        return false;
    memcpy(ret->str, at + strlen(verb), len);
    ret->str[len] = '\0';
    return true;
}

static void note_stranger(struct devices *devices, const char *why)
{
    struct sw_device_id device;
    if (devices->n_strangers == STRANGERS_MAX || !find_stranger(why, &device))
        return;
    for (size_t i = 0; i < devices->n_strangers; i++)
        if (strcmp(devices->strangers[i].str, device.str) == 0)
            return;
    devices->strangers[devices->n_strangers++] = device;
}

/* Whose it is decides who may see it: what is nobody's, those who see everybody. */
static int put_rejected(void *ctx, const struct sw_rejected *rejected)
{
    struct devices *devices = ctx;
    const struct board_view *view = devices->view;
    struct mk *m = devices->m;
    bool sees_all = board_sees_all(view);
    bool is_theirs =
        *rejected->patient.str && find_line(devices, rejected->patient.str);
    if (rejected->refusal == SW_REFUSED_DEVICE)
        note_stranger(devices, rejected->why);
    if ((!sees_all && !is_theirs) || devices->n_rejected == REJECTED_SHOWN)
        return 0;
    devices->n_rejected++;
    char *why = sw_local_times(view->zone, rejected->why, view->now_s);
    mk_open(m, "li");
    mk_open(m, "small");
    put_when(view, m, rejected->at_s);
    mk_close(m);
    mk_textf(
        m, " %s: ", *rejected->patient.str ? rejected->patient.str : W_DEVICES_NOBODY);
    mk_text(m, why ? why : rejected->why);
    mk_open(m, "small");
    mk_textf(m, " (%s)", rejected->topic);
    mk_close(m);
    mk_close(m);
    free(why);
    return 0;
}

static int put_refused(struct devices *devices)
{
    struct mk *m = devices->m;
    mk_open_keyed(m, "section", "refused");
    mk_element(m, "h2", W_DEVICES_REFUSED);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    int r = sw_store_each_rejected(devices->view->store, REJECTED_READ, put_rejected,
                                   devices);
    if (devices->n_rejected == 0)
        mk_element(m, "li",
                   board_sees_all(devices->view) ? W_DEVICES_NONE_REFUSED
                                                 : W_DEVICES_NONE_YOURS);
    mk_close(m);
    if (devices->n_rejected > 0)
        mk_element(m, "p", W_DEVICES_RETRY);
    mk_close(m);
    return r;
}

/* ---- devices of nobody ---- */

static void assign_form(struct devices *devices, const struct sw_device_id *device)
{
    struct mk *m = devices->m;
    board_form(devices->view, m, "/act/device-assign");
    if (device) {
        board_hidden(m, "device", device->str);
        mk_element(m, "b", device->str);
    } else {
        mk_open(m, "input");
        mk_attr(m, "type", "text");
        mk_attr(m, "name", "device");
        mk_attr(m, "placeholder", W_DEVICES_ID);
        mk_attr(m, "aria-label", W_DEVICES_ID);
        mk_close(m);
    }
    mk_open(m, "select");
    mk_attr(m, "name", "patient");
    mk_attrf(m, "aria-label", "%s: %s", W_CLINIC_PATIENT, device ? device->str : "");
    for (size_t i = 0; i < devices->n; i++) {
        char title[BOARD_TITLE_MAX];
        board_patient_title(devices->view, &devices->lines[i].patient, title);
        mk_open(m, "option");
        mk_attr(m, "value", devices->lines[i].patient.id.str);
        mk_text(m, title);
        mk_close(m);
    }
    mk_close(m);
    mk_element(m, "button", W_DEVICES_ASSIGN);
    mk_close(m);
}

static void put_strangers(struct devices *devices)
{
    struct mk *m = devices->m;
    if (!devices->view->token || devices->n == 0)
        return;
    mk_open(m, "section");
    mk_element(m, "h2", W_DEVICES_STRANGERS);
    mk_element(m, "p", W_DEVICES_ASSIGN_WORDS);
    mk_open(m, "ul");
    mk_attr(m, "class", "strangers");
    for (size_t i = 0; i <= devices->n_strangers; i++) {
        mk_open(m, "li");
        assign_form(devices, i < devices->n_strangers ? &devices->strangers[i] : NULL);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
}

static int put_missed(void *ctx, const struct sw_missed *missed)
{
    struct devices *devices = ctx;
    mk_open(devices->m, "p");
    mk_textf(devices->m, W_DEVICES_MISSED, missed->source, (long long)missed->n_missed,
             (long long)missed->n_seen, missed->example);
    mk_close(devices->m);
    return 0;
}

int board_devices(const struct board_view *view, struct mk *m)
{
    struct devices devices = {.view = view, .m = m};
    int r = sw_store_begin_reading(view->store);
    if (r < 0)
        return r;
    r = gather(&devices);
    board_begin(view, m, W_DEVICES, BOARD_DEVICES);
    if (devices.n == 0)
        mk_element(m, "p", W_CLINIC_EMPTY);
    if (r >= 0)
        r = put_worn(&devices);
    if (r >= 0)
        r = put_refused(&devices);
    if (r >= 0)
        r = sw_store_each_missed(view->store, view->now_s - SW_MISSED_SHOWN_S,
                                 put_missed, &devices);
    put_strangers(&devices);
    board_end(view, m);
    sw_store_rollback(view->store);
    free(devices.lines);
    return r < 0 ? r : 0;
}
