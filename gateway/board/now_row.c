/* now_row.c -- a patient's row: why, who, what to do about it, the day, and numbers.
 * First comes why, then who: on a phone that is all that the first screen shows. In
 * which order and group rows stand is screen_now.c's business. */
#include "board/now_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/alert_forms.h"
#include "chart/row.h"
#include "chart/strip.h"
#include "chart/words.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "util/number.h"

enum {
    ROW_KEPT_S = 5 * 60, /* who is not on the list any more is forgotten after it */
    STALE_PAIN_S = 24 * 3600,  /* an older score is shown with its date */
    PAIN_STEP = SW_SCORE_UNIT, /* so much more or less than usual counts as such */
    SCORE_TEXT_MAX = 16,
};

/* ---- words that several cells need ---- */

static void now_when(const struct board_view *view, int64_t at_s,
                     char out[static SW_WHEN_LEN + 1])
{
    sw_when_format(view->zone, at_s, sw_day_of(view->zone, view->now_s), out);
}

/* "4", "4.5": of thousandths, to one decimal. */
static void now_score(int32_t score, char out[static SCORE_TEXT_MAX])
{
    int tenths = (score + SW_SCORE_UNIT / 20) / (SW_SCORE_UNIT / 10);
    if (tenths % 10 == 0)
        snprintf(out, SCORE_TEXT_MAX, "%d", tenths / 10);
    else
        snprintf(out, SCORE_TEXT_MAX, "%d.%d", tenths / 10, tenths % 10);
}

/* A date and a time, which a narrow cell parts between them alone. */
static void now_moment(struct mk *m, const char *when)
{
    const char *blank = strchr(when, ' ');
    int n = blank ? (int)(blank - when) : (int)strlen(when);
    mk_open(m, "span");
    mk_attr(m, "class", "moment");
    mk_textf(m, "%.*s", n, when);
    mk_close(m);
    if (blank) {
        mk_text(m, " ");
        now_moment(m, blank + 1);
    }
}

static void now_small(struct mk *m, const char *text)
{
    mk_open(m, "small");
    mk_text(m, text);
    mk_close(m);
}

/* ---- the reasons, and what to do about each ---- */

static bool is_shelved(const struct board_view *view,
                       const struct sw_worklist_alert *alert)
{
    return alert->shelved_until_s > view->now_s;
}

/* What can be done about an alert, or undone. */
static void now_forms(const struct board_view *view, struct mk *m,
                      const struct sw_worklist_line *line,
                      const struct sw_worklist_alert *alert)
{
    char id[SW_ALERT_ID_MAX + 1];
    const struct sw_alert named = {.patient = line->patient.id,
                                   .kind = alert->kind,
                                   .opened_at_s = alert->opened_at_s};
    const char *who = line->patient.id.str;
    const char *about = line->n_alerts > 1 ? sw_rule(alert->kind)->words->about : NULL;
    sw_alert_id_format(&named, id);
    enum board_alert_state state = is_shelved(view, alert) ? BOARD_ALERT_SHELVED
                                   : *alert->seen          ? BOARD_ALERT_SEEN
                                                           : BOARD_ALERT_OPEN;
    board_alert_forms(view, m, id, state, about, who);
}

/* Shape and word say the level, colour repeats it. */
static void now_reason(const struct board_view *view, struct mk *m,
                       const struct sw_worklist_alert *alert)
{
    char brief[SW_MESSAGE_MAX], when[SW_WHEN_LEN + 1], state[SW_ALERT_BY_MAX + 40];
    bool is_medium = alert->level == SW_LEVEL_MEDIUM, is_seen = *alert->seen;
    sw_alert_brief(alert->kind, alert->evidence, brief);
    now_when(view, alert->since_s, when);
    snprintf(state, sizeof state, W_SINCE, is_medium ? W_LEVEL_MEDIUM : W_LEVEL_LOW,
             when);
    if (is_shelved(view, alert)) {
        now_when(view, alert->shelved_until_s, when);
        snprintf(state, sizeof state, W_LATER_AT, when);
    } else if (is_seen) {
        snprintf(state, sizeof state, *alert->by ? W_SEEN_BY : W_SEEN, alert->by);
    }
    mk_open(m, "p");
    mk_attr(m, "class",
            is_seen     ? "level-seen"
            : is_medium ? "level-medium"
                        : "level-low");
    mk_textf(m, "%s %s ", is_seen ? "○" : is_medium ? "◆" : "△", brief);
    now_small(m, state);
    mk_close(m);
}

static void now_note(struct mk *m, const char *mark, const char *text)
{
    if (!*text)
        return;
    mk_open(m, "p");
    mk_attr(m, "class", "note");
    mk_textf(m, "%s%s", mark, text);
    mk_close(m);
}

/* What no alert says: nothing is known of now, they were over the ceiling, or nobody would
 * be told of a rest. The words are those of `stepward today`. */
static void now_notes(const struct board_view *view, struct mk *m,
                      const struct sw_worklist_line *line)
{
    const struct sw_worklist list = {.zone = view->zone, .now_s = view->now_s};
    char no_data[SW_NO_DATA_TEXT_MAX], over[SW_OVER_TEXT_MAX];
    char late[SW_LATENESS_TEXT_MAX] = "";
    sw_worklist_no_data_text(&list, line, no_data);
    sw_worklist_over_text(line, over);
    if (sw_worklist_is_late(line))
        sw_lateness_text(line->late_min, late);
    now_note(m, "", no_data);
    now_note(m, W_OVER_MARK " ", over);
    now_note(m, "", late);
}

/* ---- who ---- */

static void now_who(const struct board_view *view, struct mk *m,
                    const struct sw_worklist_line *line, bool is_mine)
{
    const struct sw_patient *patient = &line->patient;
    bool is_wall = view->role == BOARD_WALL;
    bool has_name = *patient->name && !view->hides_names && !is_wall;
    mk_open(m, "p");
    mk_attr(m, "class", "who");
    if (is_wall) {
        mk_element(m, "b", patient->id.str);
    } else {
        mk_open(m, "a");
        mk_attrf(m, "href", "/patient/%s", patient->id.str);
        mk_element(m, "bdi", has_name ? patient->name : patient->id.str);
        mk_close(m);
    }
    if (has_name) {
        mk_text(m, " ");
        now_small(m, patient->id.str);
    }
    if (!is_mine && !is_wall) {
        mk_text(m, " ");
        now_small(m, line->plan.therapist.str);
    }
    mk_close(m);
}

/* ---- the day and the numbers ---- */

/* All that they are drawn from, whoever looks. */
struct now_numbers {
    int32_t today;
    bool knows_steps, is_over_today, is_pain_old;
    int64_t rest_min, heard_at_s, contact_at_s;
    struct sw_plan plan;
    struct sw_day_row row;
    struct sw_glance glance;
};

static void open_cell(struct mk *m, const char *word)
{
    mk_open(m, "div");
    mk_element(m, "dt", word);
    mk_open(m, "dd");
}

static void close_cell(struct mk *m)
{
    mk_close(m);
    mk_close(m);
}

static void cell_steps(struct mk *m, const struct now_numbers *line)
{
    char text[SW_COUNT_TEXT_MAX];
    const struct sw_plan *plan = &line->plan;
    const struct chart_steps steps = {.steps = line->row.steps,
                                      .goal = plan->goal,
                                      .floor = plan->floor,
                                      .ceiling = plan->ceiling};
    open_cell(m, W_STEPS);
    sw_count_format(line->row.steps, text);
    mk_element(m, "b", line->knows_steps ? text : "–");
    if (plan->goal > 0) {
        sw_count_format(plan->goal, text);
        mk_open(m, "small");
        mk_textf(m, " " W_OF, text);
        mk_close(m);
    }
    if (line->is_over_today) {
        mk_open(m, "small");
        mk_attr(m, "class", "over");
        mk_text(m, W_OVER_MARK " " W_OVER);
        mk_close(m);
    }
    if (line->knows_steps)
        chart_steps(m, &steps);
    close_cell(m);
}

static void cell_rest(struct mk *m, const struct now_numbers *line)
{
    char text[SW_LENGTH_TEXT_MAX];
    open_cell(m, W_REST);
    int64_t min = line->rest_min > 0 ? line->rest_min : line->row.longest_rest_min;
    sw_length_format(min, text);
    bool knows_minutes = line->row.active_min + line->row.still_min > 0;
    mk_element(m, "b", min > 0 ? text : knows_minutes ? W_REST_NONE : "–");
    if (min > 0)
        now_small(m, line->rest_min > 0 ? W_REST_NOW : W_REST_LONGEST);
    if (line->rest_min > 0 && line->rest_min < line->row.longest_rest_min) {
        sw_length_format(line->row.longest_rest_min, text);
        mk_open(m, "small");
        mk_textf(m, W_REST_LONGEST_OF, text);
        mk_close(m);
    }
    close_cell(m);
}

static void cell_pain(const struct board_view *view, struct mk *m,
                      const struct now_numbers *line)
{
    const struct sw_glance *glance = &line->glance;
    char text[SCORE_TEXT_MAX], when[SW_WHEN_LEN + 1];
    int32_t rise = glance->score - glance->score_median;
    const char *arrow = "→", *word = W_PAIN_SAME;
    open_cell(m, W_PAIN);
    if (glance->score_at_s == 0) {
        mk_text(m, "–");
        close_cell(m);
        return;
    }
    if (rise >= PAIN_STEP)
        arrow = "↑", word = W_PAIN_UP;
    if (rise <= -PAIN_STEP)
        arrow = "↓", word = W_PAIN_DOWN;
    now_score(glance->score, text);
    mk_element(m, "b", text);
    if (glance->n_before >= SW_PAIN_SCORES_MIN) {
        mk_text(m, " ");
        mk_open(m, "span");
        mk_attr(m, "role", "img");
        mk_attr(m, "aria-label", word);
        mk_text(m, arrow);
        mk_close(m);
        now_score(glance->score_median, text);
        mk_open(m, "small");
        mk_textf(m, W_USUALLY, text);
        mk_close(m);
    }
    if (line->is_pain_old) {
        now_when(view, glance->score_at_s, when);
        when[SW_DATE_LEN] = '\0';
        mk_open(m, "small");
        now_moment(m, when);
        mk_close(m);
    }
    close_cell(m);
}

static void cell_week(struct mk *m, const struct sw_glance *glance)
{
    static const enum chart_square looks[] = {
        [SW_SQUARE_NO_DATA] = CHART_SQUARE_NO_DATA,
        [SW_SQUARE_THIN] = CHART_SQUARE_THIN,
        [SW_SQUARE_BELOW] = CHART_SQUARE_BELOW,
        [SW_SQUARE_MET] = CHART_SQUARE_MET,
        [SW_SQUARE_NO_GOAL] = CHART_SQUARE_NO_GOAL,
        [SW_SQUARE_SO_FAR] = CHART_SQUARE_SO_FAR,
    };
    enum chart_square squares[SW_GLANCE_DAYS];
    for (size_t i = 0; i < SW_GLANCE_DAYS; i++)
        squares[i] = looks[glance->week[i]];
    open_cell(m, W_WEEK);
    chart_squares(m, squares, SW_GLANCE_DAYS);
    close_cell(m);
}

static void cell_heard(const struct board_view *view, struct mk *m,
                       const struct now_numbers *line)
{
    char when[SW_WHEN_LEN + 1];
    int32_t battery_pct = line->glance.battery_pct;
    open_cell(m, W_HEARD);
    now_when(view, line->heard_at_s, when);
    if (line->heard_at_s == 0)
        mk_text(m, W_NEVER);
    else
        now_moment(m, when);
    if (battery_pct >= 0) {
        mk_open(m, "small");
        mk_textf(m, W_BATTERY " " W_PERCENT, (int)battery_pct);
        mk_close(m);
    }
    if (line->contact_at_s != 0) {
        now_when(view, line->contact_at_s, when);
        mk_open(m, "small");
        mk_textf(m, W_CONTACT, when);
        mk_close(m);
    }
    close_cell(m);
}

static void now_draw_numbers(const struct board_view *view, struct mk *m,
                             const struct now_numbers *numbers)
{
    const struct sw_glance *glance = &numbers->glance;
    const struct chart_strip strip = {.cells = glance->strip,
                                      .from_min = glance->from_min,
                                      .window_min = glance->window_min,
                                      .rest_from_min = glance->rest_from_min,
                                      .rest_to_min = glance->rest_to_min};
    chart_strip(m, &strip);
    mk_open(m, "dl");
    cell_steps(m, numbers);
    cell_rest(m, numbers);
    cell_pain(view, m, numbers);
    cell_week(m, glance);
    cell_heard(view, m, numbers);
    mk_close(m);
}

/* ---- kept for the next page ---- */

struct board_row_kept {
    int64_t patient_key, used_s;
    struct now_numbers numbers;
    struct mk_kept html;
};

static void row_free(struct board_row_kept **row)
{
    if (*row)
        mk_kept_fini(&(*row)->html);
    free(*row);
    *row = NULL;
}

void board_rows_fini(struct board_rows *rows)
{
    for (size_t i = 0; i < BOARD_ROWS_MAX; i++)
        row_free(&rows->of[i]);
}

void board_rows_drop_old(struct board_rows *rows, int64_t now_s)
{
    for (size_t i = 0; i < BOARD_ROWS_MAX; i++)
        if (rows->of[i] &&
            (now_s - rows->of[i]->used_s > ROW_KEPT_S || now_s < rows->of[i]->used_s))
            row_free(&rows->of[i]);
}

static bool is_kept(const struct board_row_kept *row, int64_t patient_key,
                    const struct now_numbers *numbers)
{
    return row && row->html.bytes && row->patient_key == patient_key &&
           memcmp(&row->numbers, numbers, sizeof *numbers) == 0;
}

/* Bytes between the members may make equal numbers look different, which costs time. */
static void now_numbers(const struct board_view *view, struct mk *m,
                        const struct sw_worklist_line *line)
{
    struct now_numbers numbers;
    memset(&numbers, 0, sizeof numbers);
    numbers.today = sw_day_of(view->zone, view->now_s);
    numbers.knows_steps = line->knows_steps;
    numbers.is_over_today = line->is_over_today;
    numbers.is_pain_old = view->now_s - line->glance.score_at_s > STALE_PAIN_S;
    numbers.rest_min = line->rest_min;
    numbers.heard_at_s = line->patient.heard_at_s;
    numbers.contact_at_s = line->contact_at_s;
    numbers.plan = line->plan;
    numbers.row = line->row;
    numbers.glance = line->glance;
    if (!view->rows) {
        now_draw_numbers(view, m, &numbers);
        return;
    }
    int64_t key = line->patient.key;
    struct board_row_kept **row = &view->rows->of[(uint64_t)key % BOARD_ROWS_MAX];
    if (is_kept(*row, key, &numbers)) {
        (*row)->used_s = view->now_s;
        mk_put_kept(m, &(*row)->html);
        return;
    }
    row_free(row);
    size_t from = mk_here(m);
    now_draw_numbers(view, m, &numbers);
    *row = calloc(1, sizeof **row);
    if (!*row)
        return;
    (*row)->patient_key = key;
    (*row)->used_s = view->now_s;
    memcpy(&(*row)->numbers, &numbers, sizeof numbers);
    mk_keep(m, from, &(*row)->html);
}

/* ---- a row ---- */

/* What a search finds it by. */
static void now_search(const struct board_view *view, struct mk *m,
                       const struct sw_worklist_line *line)
{
    bool has_name = !view->hides_names && *line->patient.name;
    mk_attrf(m, "data-search", "%s%s%s %s", line->patient.id.str, has_name ? " " : "",
             has_name ? line->patient.name : "", line->plan.therapist.str);
}

void now_row(const struct board_view *view, struct mk *m,
             const struct sw_worklist_line *line, bool is_mine)
{
    char key[MK_KEY_MAX];
    snprintf(key, sizeof key, "row-%s", line->patient.id.str);
    mk_open_keyed(m, "li", key);
    if (view->role != BOARD_WALL)
        now_search(view, m, line);
    mk_open(m, "div");
    mk_attr(m, "class", "why");
    for (size_t i = 0; i < line->n_alerts; i++)
        now_reason(view, m, &line->alerts[i]);
    now_notes(view, m, line);
    now_who(view, m, line, is_mine);
    for (size_t i = 0; i < line->n_alerts && !now_is_to_read_only(view); i++)
        now_forms(view, m, line, &line->alerts[i]);
    mk_close(m);
    now_numbers(view, m, line);
    mk_close(m);
}
