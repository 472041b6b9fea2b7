/* screen_now.c -- who needs me now, why, and is it getting better?
 *
 * The order is records/worklist.c's business, and the same as that of `stepward today`;
 * the groups are its too. A wall gets the same rows without names and without anything
 * to press. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "board/alert_forms.h"
#include "board/board.h"
#include "board/now_row.h"
#include "chart/row.h"
#include "chart/strip.h"
#include "chart/words.h"
#include "records/gateway_state.h"
#include "records/worklist.h"
#include "stepward/wire.h"

/* ---- groups ---- */

static bool is_mine(const struct board_view *view, const struct sw_worklist_line *line)
{
    return strcmp(line->plan.therapist.str, view->user) == 0;
}

static const char *const group_words[SW_GROUPS] = {
    [SW_GROUP_NEEDS_YOU] = W_NEEDS_YOU,
    [SW_GROUP_ON_TRACK] = W_ON_TRACK,
    [SW_GROUP_OFF_TRACK] = W_OFF_TRACK,
    [SW_GROUP_NO_DATA] = W_NO_DATA_NOW,
};

/* The patients of one caseload: the viewer's own, or all others. */
struct caseload {
    const struct board_view *view;
    const struct sw_worklist *list;
    bool is_mine; /* a wall has none of its own */
    size_t counts[SW_GROUPS];
};

static bool belongs(const struct caseload *caseload,
                    const struct sw_worklist_line *line)
{
    return is_mine(caseload->view, line) == caseload->is_mine;
}

static size_t count_caseload(struct caseload *caseload)
{
    size_t n = 0;
    for (size_t i = 0; i < caseload->list->n; i++) {
        if (!belongs(caseload, &caseload->list->lines[i]))
            continue;
        caseload->counts[sw_worklist_group(&caseload->list->lines[i])]++;
        n++;
    }
    return n;
}

static void now_group(const struct caseload *caseload, struct mk *m,
                      enum sw_group group)
{
    char key[MK_KEY_MAX];
    snprintf(key, sizeof key, "%s %s", group_words[group],
             caseload->is_mine ? "mine" : "team");
    mk_open(m, "section");
    if (group == SW_GROUP_NEEDS_YOU)
        mk_attr(m, "class", "needs-you");
    mk_attr(m, "aria-label", group_words[group]);
    mk_open_keyed(m, "h3", key);
    mk_textf(m, "%s ", group_words[group]);
    mk_open(m, "span");
    mk_textf(m, "%zu", caseload->counts[group]);
    mk_close(m);
    mk_close(m);
    mk_open(m, "ul");
    mk_attr(m, "class", "rows");
    for (size_t i = 0; i < caseload->list->n; i++) {
        const struct sw_worklist_line *line = &caseload->list->lines[i];
        if (belongs(caseload, line) && sw_worklist_group(line) == group)
            now_row(caseload->view, m, line, caseload->is_mine);
    }
    mk_close(m);
    mk_close(m);
}

/* With a heading, of one of the two caseloads on the page, of which nobody says that
 * nobody of the other needs anybody. */
static void now_caseload(const struct caseload *caseload, struct mk *m,
                         const char *heading)
{
    if (heading)
        mk_element(m, "h2", heading);
    if (caseload->counts[SW_GROUP_NEEDS_YOU] == 0) {
        mk_open(m, "p");
        mk_attr(m, "class", "nobody");
        mk_text(m, !heading            ? W_NOBODY
                   : caseload->is_mine ? W_NOBODY_OF_YOURS
                                       : W_NOBODY_OF_TEAM);
        mk_close(m);
    }
    for (enum sw_group group = 0; group < SW_GROUPS; group++)
        if (caseload->counts[group] > 0)
            now_group(caseload, m, group);
}

static void now_lists(const struct board_view *view, struct mk *m,
                      const struct sw_worklist *list)
{
    struct caseload mine = {.view = view, .list = list, .is_mine = true};
    struct caseload others = {.view = view, .list = list};
    size_t n_mine = count_caseload(&mine), n_others = count_caseload(&others);
    bool has_both = n_mine > 0 && n_others > 0;
    if (n_mine > 0)
        now_caseload(&mine, m, has_both ? W_MY_PATIENTS : NULL);
    if (n_others > 0)
        now_caseload(&others, m, has_both ? W_TEAMS_PATIENTS : NULL);
    if (n_mine + n_others > 0)
        return;
    mk_open(m, "p");
    if (view->role == BOARD_THERAPIST && !view->sees_team)
        mk_textf(m, W_NO_PATIENTS_OF, view->user);
    else
        mk_text(m, W_NO_PATIENTS);
    mk_close(m);
}

/* ---- the head ---- */

/* Since when, and why, what is shown is not what is. */
static void now_stale(const struct board_view *view, struct mk *m, int64_t since_s,
                      const char *why)
{
    char when[SW_WHEN_LEN + 1] = "";
    mk_open(m, "strong");
    mk_attr(m, "class", "level-medium");
    if (since_s == SW_STALE_NEVER) {
        mk_textf(m, "◆ " W_STALE_NEVER, why);
    } else {
        sw_when_format(view->zone, since_s, sw_day_of(view->zone, view->now_s), when);
        mk_textf(m, "◆ " W_STALE, when, why);
    }
    mk_close(m);
}

static int now_head(const struct board_view *view, struct mk *m)
{
    char clock[SW_INSTANT_LEN + 1], why[SW_GATEWAY_WHY_MAX];
    struct sw_gateway_state gateway = {.config = view->config, .now_s = view->now_s};
    int64_t stale_since_s = 0;
    int r = sw_gateway_inspect(&gateway);
    if (r >= 0)
        r = sw_gateway_read(&gateway, view->store);
    if (r >= 0)
        r = sw_gateway_stale_since(&gateway, view->store, view->now_s, &stale_since_s,
                                   why);
    if (r < 0)
        return r;
    bool is_well = stale_since_s == 0 && sw_gateway_is_well(&gateway, why);
    char *local = sw_local_times(view->zone, why, view->now_s);
    if (!local)
        return -ENOMEM;
    sw_instant_format(view->now_s + sw_zone_offset(view->zone, view->now_s), clock);
    mk_open_keyed(m, "p", "head");
    mk_attr(m, "class", "head");
    mk_attr(m, "role", "status");
    mk_textf(m, W_AS_OF, "");
    mk_open(m, "time");
    mk_textf(m, "%.8s", clock + SW_DATE_LEN + 1);
    mk_close(m);
    mk_text(m, " · ");
    if (stale_since_s != 0)
        now_stale(view, m, stale_since_s, local);
    else
        mk_text(m, is_well ? W_WELL : local);
    mk_close(m);
    free(local);
    return 0;
}

/* Without script it would find nothing, so the script shows it. */
static void now_find(struct mk *m)
{
    mk_open(m, "input");
    mk_attr(m, "type", "search");
    mk_attr(m, "id", "find");
    mk_attr(m, "aria-label", W_FIND);
    mk_attr(m, "placeholder", W_FIND " ( / )");
    mk_flag(m, "hidden");
    mk_close(m);
}

static void now_legend(struct mk *m)
{
    static const struct {
        const char *mark, *word;
    } marks[] = {{"◆", W_LEVEL_MEDIUM_IS},     {"△", W_LEVEL_LOW_IS},
                 {W_OVER_MARK, W_OVER},        {"○", W_SEEN_MARK},
                 {"↑", W_PAIN ": " W_PAIN_UP}, {"↓", W_PAIN ": " W_PAIN_DOWN}};
    mk_open(m, "details");
    mk_attr(m, "class", "legend");
    mk_element(m, "summary", W_LEGEND);
    mk_open(m, "dl");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        mk_open(m, "div");
        mk_element(m, "dt", marks[i].mark);
        mk_element(m, "dd", marks[i].word);
        mk_close(m);
    }
    chart_strip_legend(m);
    chart_squares_legend(m);
    mk_close(m);
    mk_element(m, "p", W_ON_TRACK_IS);
    mk_close(m);
}

int board_now(const struct board_view *view, struct mk *m)
{
    struct sw_glances own = {.day = NULL};
    struct sw_worklist list = {.store = view->store,
                               .zone = view->zone,
                               .now_s = view->now_s,
                               .glances = view->glances ? view->glances : &own};
    if (view->role == BOARD_THERAPIST && !view->sees_team)
        list.therapist = view->user;
    int r = sw_worklist_gather(&list);
    if (r >= 0) {
        board_begin(view, m, W_NOW, BOARD_NOW);
        r = now_is_to_read_only(view) ? 0 : board_alert_done(view, m);
    }
    if (r >= 0) {
        r = now_head(view, m);
    }
    if (r >= 0) {
        if (!now_is_to_read_only(view))
            now_find(m);
        chart_hatches(m);
        now_lists(view, m, &list);
        now_legend(m);
        board_end(view, m);
    }
    if (view->rows)
        board_rows_drop_old(view->rows, view->now_s);
    sw_worklist_fini(&list);
    sw_glances_fini(&own);
    return r < 0 ? r : 0;
}
