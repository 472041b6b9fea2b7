/* screen_day.c -- one day of a patient: every minute, the alerts, and the story that
 * `stepward explain` tells. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/patient_parts.h"
#include "chart/dates.h"
#include "chart/legend.h"
#include "chart/minutes.h"
#include "chart/words.h"
#include "records/explain.h"
#include "util/number.h"

struct screen {
    const struct board_view *view;
    struct sw_explain explain;
    struct sw_day_row row; /* as stored */
    bool has_row;
};

static int take_row(void *ctx, const struct sw_day_row *row)
{
    struct screen *screen = ctx;
    screen->row = *row;
    screen->has_row = true;
    return 0;
}

/* ---- the head ---- */

static void day_link(const struct screen *screen, struct mk *m, int32_t day,
                     const char *word, const char *rel)
{
    char date[SW_DATE_LEN + 1];
    sw_date_format(day, date);
    mk_open(m, "a");
    mk_attr(m, "class", "button");
    mk_attr(m, "rel", rel);
    mk_attrf(m, "href", "/patient/%s/day/%s", screen->explain.patient.id.str, date);
    mk_text(m, word);
    mk_close(m);
}

static void day_head(const struct screen *screen, struct mk *m)
{
    const struct board_view *view = screen->view;
    const struct sw_explain *explain = &screen->explain;
    int32_t today = sw_day_of(view->zone, view->now_s), day = explain->day_number;
    mk_open(m, "nav");
    mk_attr(m, "class", "jumps");
    mk_attr(m, "aria-label", W_DAY_PLACES);
    mk_open(m, "a");
    mk_attr(m, "class", "button");
    mk_attrf(m, "href", "/patient/%s", explain->patient.id.str);
    mk_text(m, W_DAY_BACK);
    mk_close(m);
    if (day > 0)
        day_link(screen, m, day - 1, W_DAY_BEFORE, "prev");
    if (day < today)
        day_link(screen, m, day + 1, W_DAY_AFTER, "next");
    mk_close(m);
    board_patient_as_of(view, m, &explain->patient, &explain->judged.plan);
    if (day == today)
        mk_element(m, "p", W_DAY_RUNNING);
}

/* ---- the minutes ---- */

/* Which device the steps are of, as long as it is the same; returns how many spans. */
static size_t device_spans(const struct sw_explain *explain, int32_t n_begun,
                           struct chart_span spans[static SW_DAY_BLOCKS_MAX])
{
    size_t n = 0;
    for (int32_t i = 0; i * SW_BLOCK_MIN < n_begun; i++) {
        const char *name = explain->devices.blocks[i].device.str;
        int32_t end = (i + 1) * SW_BLOCK_MIN;
        if (!explain->devices.blocks[i].is_known)
            continue;
        if (!*name)
            name = W_PATIENT_UNNAMED;
        bool goes_on = n > 0 && spans[n - 1].to == i * SW_BLOCK_MIN &&
                       strcmp(spans[n - 1].name, name) == 0;
        if (!goes_on)
            spans[n++] = (struct chart_span){.from = i * SW_BLOCK_MIN, .name = name};
        spans[n - 1].to = end < n_begun ? end : n_begun;
    }
    return n;
}

static void minutes_figure(const struct screen *screen, struct mk *m)
{
    const struct sw_explain *explain = &screen->explain;
    struct chart_minutes minutes = {
        .day = explain->day,
        .zone = screen->view->zone,
        .n_begun = sw_day_begun_min(explain->day, screen->view->now_s),
        .rest_limit_min = explain->judged.plan.rest_limit_min};
    struct chart_span spans[SW_DAY_BLOCKS_MAX];
    minutes.n_devices = device_spans(explain, minutes.n_begun, spans);
    minutes.devices = spans;
    char limit[SW_LENGTH_TEXT_MAX];
    mk_open_keyed(m, "figure", "minutes");
    mk_attr(m, "class", "card");
    mk_open(m, "figcaption");
    mk_element(m, "h2", W_DAY_MINUTES);
    mk_close(m);
    mk_open(m, "div");
    mk_attr(m, "class", "pieces");
    chart_minutes(m, &minutes);
    mk_close(m);
    chart_classes_legend(m, "minutes-1", false);
    sw_length_format(minutes.rest_limit_min, limit);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_DAY_RESTS, limit);
    mk_close(m);
    mk_close(m);
}

/* Minutes of the wake window that have not begun. */
static int32_t to_come_min(const struct screen *screen)
{
    const struct sw_day *day = screen->explain.day;
    int32_t n = 0;
    for (int32_t i = sw_day_begun_min(day, screen->view->now_s); i < day->n_minutes;
         i++)
        n += day->minutes[i].in_window;
    return n;
}

static void numbers(const struct screen *screen, struct mk *m)
{
    mk_open_keyed(m, "section", "numbers");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_DAY_NUMBERS);
    if (screen->has_row)
        board_day_list(m, &screen->row, to_come_min(screen));
    else
        mk_element(m, "p", W_DAY_NO_ROW);
    mk_close(m);
}

/* ---- alerts, the story, the verdicts ---- */

static void day_alerts(const struct screen *screen, struct mk *m)
{
    const struct sw_explain *explain = &screen->explain;
    mk_open(m, "section");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_DAY_ALERTS);
    mk_open(m, "ul");
    mk_attr(m, "class", "happened");
    for (size_t i = 0; i < explain->n_alerts; i++)
        board_alert_item(screen->view, m, &explain->alerts[i]);
    if (explain->n_alerts == 0)
        mk_element(m, "li", W_DAY_NO_ALERTS);
    mk_close(m);
    mk_close(m);
}

/* The end of the day is 24:00; what is of another day has its date. */
static void story_time(const struct screen *screen, struct mk *m, int64_t at_s)
{
    const struct sw_zone *zone = screen->view->zone;
    int32_t day = screen->explain.day_number;
    char when[SW_WHEN_LEN + 1] = "";
    if (at_s == sw_day_begin(zone, day + 1))
        sw_hhmm_format(24 * 60, when);
    else if (at_s != 0)
        sw_when_format(zone, at_s, day, when);
    mk_open(m, "td");
    mk_attr(m, "class", "moment");
    mk_text(m, when);
    mk_close(m);
}

static void story(const struct screen *screen, struct mk *m)
{
    const struct sw_explain *explain = &screen->explain;
    mk_open_keyed(m, "section", "story");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_DAY_STORY);
    if (explain->n_lines == 0) {
        mk_element(m, "p", W_DAY_NO_STORY);
        mk_close(m);
        return;
    }
    mk_open(m, "table");
    mk_open(m, "thead");
    mk_open(m, "tr");
    mk_element(m, "th", W_DAY_FROM);
    mk_element(m, "th", W_DAY_TO);
    mk_element(m, "th", W_DAY_WHAT);
    mk_close(m);
    mk_close(m);
    mk_open(m, "tbody");
    for (size_t i = 0; i < explain->n_lines; i++) {
        const struct sw_explain_line *line = &explain->lines[i];
        mk_open(m, "tr");
        story_time(screen, m, line->from_s);
        story_time(screen, m, line->to_s);
        mk_element(m, "td", line->text);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
    mk_close(m);
}

static void verdicts(const struct screen *screen, struct mk *m)
{
    mk_open_keyed(m, "section", "verdicts");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_DAY_VERDICTS);
    mk_open(m, "dl");
    mk_attr(m, "class", "verdicts");
    for (enum sw_alert_kind kind = 0; kind < SW_ALERT_KINDS; kind++) {
        char text[SW_EXPLAIN_TEXT_MAX];
        sw_explain_verdict(&screen->explain, kind, text);
        mk_open(m, "div");
        mk_element(m, "dt", sw_rule(kind)->words->about);
        mk_element(m, "dd", text);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
}

/* ---- all of it ---- */

static void draw_day(const struct screen *screen, struct mk *m)
{
    char name[BOARD_TITLE_MAX], date[CHART_DATE_MAX],
        title[BOARD_TITLE_MAX + CHART_DATE_MAX + 2];
    board_patient_title(screen->view, &screen->explain.patient, name);
    chart_date_format(screen->explain.day_number, CHART_DATE_FULL, date);
    snprintf(title, sizeof title, W_DAY_TITLE, name, date);
    board_begin(screen->view, m, title, BOARD_NOW);
    day_head(screen, m);
    numbers(screen, m);
    minutes_figure(screen, m);
    mk_open(m, "div");
    mk_attr(m, "class", "halves");
    mk_open(m, "div");
    day_alerts(screen, m);
    story(screen, m);
    mk_close(m);
    verdicts(screen, m);
    mk_close(m);
    board_end(screen->view, m);
}

int board_day(const struct board_view *view, const char *id, const char *day,
              struct mk *m)
{
    struct screen screen = {.view = view,
                            .explain = {.store = view->store,
                                        .zone = view->zone,
                                        .now_s = view->now_s,
                                        .is_for_people = true}};
    struct sw_explain *explain = &screen.explain;
    struct sw_plan plan;
    int r = board_find_patient(view, id, &explain->patient, &plan);
    if (r < 0)
        return r;
    if (!sw_date_parse(day, strlen(day), &explain->day_number) ||
        explain->day_number > sw_day_of(view->zone, view->now_s))
        return -ENOENT;
    r = sw_store_each_day(view->store, &explain->patient.id, explain->day_number,
                          explain->day_number, take_row, &screen);
    if (r >= 0)
        r = sw_explain_gather(explain);
    if (r >= 0)
        draw_day(&screen, m);
    sw_explain_fini(explain);
    return r;
}
