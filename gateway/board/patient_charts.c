/* patient_charts.c -- a patient's history as charts. How they look is chart/'s business. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/patient_parts.h"
#include "chart/bands.h"
#include "chart/carpet.h"
#include "chart/dates.h"
#include "chart/legend.h"
#include "chart/words.h"
#include "stepward/wire.h"
#include "util/line.h"

enum {
    MINUTE_S = 60,
    FINE_DAYS = 31,  /* of so many the carpet shows each minute */
    WIDE_DAYS = 120, /* more do not fit a phone, and scroll */
};

void board_plan_changes(const struct sw_plan *before, const struct sw_plan *after,
                        char *out, size_t size)
{
    struct sw_line line = sw_line(out, size);
    for (size_t i = 0; sw_plan_field(i); i++) {
        const char *key = sw_plan_field(i)->key;
        char was[SW_PLAN_TEXT_MAX], is[SW_PLAN_TEXT_MAX];
        sw_plan_get(before, key, was);
        sw_plan_get(after, key, is);
        if (strcmp(was, is) != 0)
            sw_line_add(&line, "%s%s %s", line.n > 0 ? ", " : "", key, is);
    }
}

/* ---- bands ---- */

struct drawing {
    const struct sw_history *history;
    struct chart_day *days;
    struct chart_pain *pains;
    struct chart_event *events;
    char (*texts)[SW_MESSAGE_MAX]; /* of the events */
    size_t n_events;
};

static int32_t minute_of(const struct sw_history *history, int64_t at_s)
{
    int64_t begin_s = sw_day_begin(history->zone, sw_day_of(history->zone, at_s));
    return (int32_t)((at_s - begin_s) / MINUTE_S);
}

/* Returns the event's text, to be filled in. */
static char *add_event(struct drawing *drawing, enum chart_mark mark, int32_t day,
                       int32_t minute)
{
    size_t i = drawing->n_events++;
    drawing->events[i] = (struct chart_event){mark, day, minute, drawing->texts[i]};
    return drawing->texts[i];
}

static void fill_events(struct drawing *drawing)
{
    const struct sw_history *history = drawing->history;
    for (size_t i = 1; i < history->n_plans; i++) {
        const struct sw_history_plan *plan = &history->plans[i];
        if (plan->from_day >= history->from_day && plan->from_day <= history->to_day)
            board_plan_changes(&plan[-1].plan, &plan->plan,
                               add_event(drawing, CHART_MARK_PLAN, plan->from_day, 0),
                               SW_MESSAGE_MAX);
    }
    for (size_t i = 0; i < history->n_alerts; i++) {
        const struct sw_alert *alert = &history->alerts[i];
        bool is_medium = alert->level == SW_LEVEL_MEDIUM;
        sw_alert_message(
            alert, add_event(drawing, is_medium ? CHART_MARK_MEDIUM : CHART_MARK_LOW,
                             sw_day_of(history->zone, alert->opened_at_s),
                             minute_of(history, alert->opened_at_s)));
    }
    for (size_t i = 0; i < history->n_contacts; i++) {
        const struct sw_contact *contact = &history->contacts[i];
        snprintf(add_event(drawing, CHART_MARK_CONTACT,
                           sw_day_of(history->zone, contact->at_s),
                           minute_of(history, contact->at_s)),
                 SW_MESSAGE_MAX, W_PATIENT_CONTACT_BY,
                 board_contact_word(contact->outcome), contact->who);
    }
    for (size_t i = 1; i < history->n_devices; i++) {
        const struct sw_history_device *device = &history->devices[i];
        snprintf(add_event(drawing, CHART_MARK_DEVICE,
                           sw_day_of(history->zone, device->from_s),
                           minute_of(history, device->from_s)),
                 SW_MESSAGE_MAX, "%s",
                 *device->device.str ? device->device.str : W_PATIENT_UNNAMED);
    }
}

static void fill_days(struct drawing *drawing)
{
    const struct sw_history *history = drawing->history;
    int32_t added = sw_day_of(history->zone, history->patient.added_at_s);
    int32_t today = sw_day_of(history->zone, history->now_s);
    for (size_t i = 0; i < history->n_days; i++) {
        const struct sw_history_day *day = &history->days[i];
        drawing->days[i] =
            (struct chart_day){.day = day->day,
                               .has_row = day->has_row,
                               .is_before = !day->has_row && day->day < added,
                               .is_running = day->day == today,
                               .row = day->row,
                               .plan = day->plan};
    }
    for (size_t i = 0; i < history->scores.n_pains; i++) {
        const struct sw_pain *pain = &history->scores.pains[i];
        drawing->pains[i] =
            (struct chart_pain){.day = sw_day_of(history->zone, pain->at_s),
                                .minute = minute_of(history, pain->at_s),
                                .score = pain->score,
                                .flare = pain->flare};
    }
}

static void open_figure(struct mk *m, const char *key, const char *heading)
{
    mk_open_keyed(m, "figure", key);
    mk_attr(m, "class", "card");
    mk_open(m, "figcaption");
    mk_element(m, "h2", heading);
    mk_close(m);
}

/* Links over the chart, a day each, for whoever points at it; the same links are in the
 * table, for whoever does not. */
static void day_links(const struct board_view *view, struct mk *m,
                      const struct sw_history *history, const struct chart_day *days,
                      const char *class)
{
    char date[SW_DATE_LEN + 1], words[CHART_DAY_WORDS_MAX];
    if (view->is_file)
        return;
    mk_open(m, "div");
    mk_attrf(m, "class", "day-links %s", class);
    mk_attr(m, "aria-hidden", "true");
    for (size_t i = 0; i < history->n_days; i++) {
        sw_date_format(history->days[i].day, date);
        mk_open(m, "a");
        mk_attr(m, "tabindex", "-1");
        mk_attrf(m, "href", "/patient/%s/day/%s", history->patient.id.str, date);
        if (days)
            chart_day_words(&days[i], words);
        else
            chart_date_format(history->days[i].day, CHART_DATE_FULL, words);
        mk_attr(m, "title", words);
        mk_close(m);
    }
    mk_close(m);
}

int board_bands_figure(const struct board_view *view, struct mk *m,
                       const struct sw_history *history)
{
    size_t n_events = history->n_plans + history->n_alerts + history->n_contacts +
                      history->n_devices + 1;
    bool scrolls = history->n_days > WIDE_DAYS;
    struct drawing drawing = {.history = history};
    drawing.days = calloc(history->n_days, sizeof *drawing.days);
    drawing.pains = calloc(history->scores.n_pains + 1, sizeof *drawing.pains);
    drawing.events = calloc(n_events, sizeof *drawing.events);
    drawing.texts = calloc(n_events, sizeof *drawing.texts);
    bool is_there = drawing.days && drawing.pains && drawing.events && drawing.texts;
    if (is_there) {
        fill_days(&drawing);
        fill_events(&drawing);
        open_figure(m, "bands", W_PATIENT_DAYS);
        mk_open(m, "div");
        mk_attr(m, "class", scrolls ? "wide year" : "wide");
        if (scrolls)
            mk_attr(m, "tabindex", "0");
        mk_open(m, "div");
        mk_attr(m, "class", "linked");
        chart_bands(m, &(struct chart_bands){.days = drawing.days,
                                             .n_days = history->n_days,
                                             .pains = drawing.pains,
                                             .n_pains = history->scores.n_pains,
                                             .events = drawing.events,
                                             .n_events = drawing.n_events});
        day_links(view, m, history, drawing.days, "across");
        mk_close(m);
        mk_close(m);
        chart_bands_legend(m, history->n_days);
        mk_close(m);
    }
    free(drawing.days);
    free(drawing.pains);
    free(drawing.events);
    free(drawing.texts);
    return is_there ? 0 : -ENOMEM;
}

/* ---- the carpet ---- */

_Static_assert((int)CHART_IN_LONG_REST == (int)SW_HISTORY_LONG_REST,
               "one is the other");

int board_carpet_figure(const struct board_view *view, struct mk *m,
                        const struct sw_history *history)
{
    struct chart_carpet_day *days = calloc(history->n_days, sizeof *days);
    const struct sw_plan *plan = history->days[history->n_days - 1].plan;
    char from[SW_HHMM_LEN + 1], to[SW_HHMM_LEN + 1];
    if (!days)
        return -ENOMEM;
    for (size_t i = 0; i < history->n_days; i++) {
        const struct sw_history_day *day = &history->days[i];
        days[i] = (struct chart_carpet_day){
            .day = day->day,
            .minutes = day->minutes,
            .n_minutes = day->n_begun,
            .clock = chart_clock_of(history->zone, day->begin_s, day->n_minutes)};
    }
    sw_hhmm_format(plan->wake_from_min, from);
    sw_hhmm_format(plan->wake_to_min, to);
    open_figure(m, "carpet", W_PATIENT_MINUTES);
    mk_open(m, "div");
    mk_attr(m, "class", "linked");
    chart_carpet(m, &(struct chart_carpet){.days = days,
                                           .n_days = history->n_days,
                                           .wake_from_min = plan->wake_from_min,
                                           .wake_to_min = plan->wake_to_min});
    day_links(view, m, history, NULL, "down");
    mk_close(m);
    chart_classes_legend(m, "carpet", chart_carpet_shows_rests(history->n_days));
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_PATIENT_WINDOW, from, to);
    if (history->n_days > FINE_DAYS)
        mk_text(m, " " W_PATIENT_FIVE);
    mk_close(m);
    mk_close(m);
    free(days);
    return 0;
}
