/* screen_alerts.c -- the alerts that are open, seen, shelved, or were closed today, with
 * what became of each; what is over the budget is folded away, and the week's load stands
 * below. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/alert_forms.h"
#include "board/patient_parts.h"
#include "chart/words.h"
#include "records/alert_stats.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/number.h"

enum { LOAD_DAYS = 7, HISTORY_MAX = 100 };
enum { FIRST_NUMBER = 2, LAST_NUMBER = 6 }; /* columns of the week's load */

enum group { OPEN, SEEN, SHELVED, FOLDED, CLOSED, GROUPS };
static const char *const titles[GROUPS] = {[OPEN] = W_ALERTS_OPEN,
                                           [SEEN] = W_ALERTS_SEEN,
                                           [SHELVED] = W_ALERTS_SHELVED,
                                           [FOLDED] = W_ALERTS_FOLDED,
                                           [CLOSED] = W_ALERTS_CLOSED};

struct item {
    struct sw_alert alert;
    struct sw_patient patient;
    enum group group;
};

struct alerts {
    const struct board_view *view;
    int64_t today_s;
    struct item *items; /* the newest first, as the store has them */
    size_t n, cap;
    size_t counts[GROUPS];
};

static enum group group_of(const struct board_view *view, const struct sw_alert *alert)
{
    if (!sw_alert_is_open(alert))
        return CLOSED;
    if (alert->shelved_until_s > view->now_s)
        return SHELVED;
    if (alert->state == SW_STATE_ACKNOWLEDGED)
        return SEEN;
    return alert->over_budget && alert->level == SW_LEVEL_LOW ? FOLDED : OPEN;
}

static int add_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct alerts *alerts = ctx;
    struct sw_patient patient;
    struct sw_plan plan;
    (void)patient_key;
    if (!sw_alert_is_open(alert) && alert->closed_at_s < alerts->today_s)
        return 0; /* somebody wrote a note on it since */
    int r = board_find_patient(alerts->view, alert->patient.str, &patient, &plan);
    if (r == -ENOENT)
        return 0;
    if (r == 0)
        r = GROW(alerts->items, alerts->n, alerts->cap);
    if (r < 0)
        return r;
    struct item *item = &alerts->items[alerts->n++];
    *item = (struct item){.alert = *alert, .patient = patient};
    item->group = group_of(alerts->view, alert);
    alerts->counts[item->group]++;
    return 0;
}

/* ---- one alert ---- */

static void put_when(const struct board_view *view, struct mk *m, int64_t at_s)
{
    char when[SW_WHEN_LEN + 1];
    sw_when_format(view->zone, at_s, sw_day_of(view->zone, view->now_s), when);
    mk_text(m, when);
}

struct history {
    const struct board_view *view;
    struct mk *m;
    size_t n;
};

static int put_transition(void *ctx, const struct sw_transition *found)
{
    struct history *history = ctx;
    if (++history->n > HISTORY_MAX)
        return 0;
    mk_open(history->m, "li");
    put_when(history->view, history->m, found->at_s);
    mk_textf(history->m, " %s", found->to);
    mk_textf(history->m, W_ALERTS_BY, found->who);
    if (*found->why)
        mk_textf(history->m, ": %s", found->why);
    mk_close(history->m);
    return 0;
}

static int history(const struct board_view *view, struct mk *m, const char *id)
{
    struct history history = {view, m, 0};
    mk_open(m, "details");
    mk_element(m, "summary", W_ALERTS_HISTORY);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    int r = sw_store_each_transition_of(view->store, id, put_transition, &history);
    mk_close(m);
    mk_close(m);
    return r;
}

/* What came of it, for the record: a contact that names the alert. */
static void outcome_form(const struct board_view *view, struct mk *m, const char *id,
                         const struct item *item)
{
    static const char *const words[SW_CONTACTS] = {
        [SW_CONTACT_CALLED] = W_OUTCOME_CALLED,
        [SW_CONTACT_VISIT] = W_OUTCOME_VISIT,
        [SW_CONTACT_PLAN] = W_OUTCOME_PLAN,
        [SW_CONTACT_DEVICE] = W_OUTCOME_DEVICE,
        [SW_CONTACT_NOTHING] = W_OUTCOME_NOTHING};
    mk_open(m, "details");
    mk_element(m, "summary", W_ALERTS_OUTCOME);
    board_form(view, m, "/act/contact");
    board_hidden(m, "patient", item->patient.id.str);
    board_hidden(m, "alert", id);
    mk_open(m, "select");
    mk_attr(m, "name", "outcome");
    mk_attrf(m, "aria-label", "%s: %s", W_ALERTS_OUTCOME, item->patient.id.str);
    for (int i = 0; i < SW_CONTACTS; i++) {
        mk_open(m, "option");
        mk_attr(m, "value", sw_contact_name((enum sw_contact_outcome)i));
        mk_text(m, words[i]);
        mk_close(m);
    }
    mk_close(m);
    mk_open(m, "input");
    mk_attr(m, "type", "text");
    mk_attr(m, "name", "note");
    mk_attr_int(m, "maxlength", SW_ALERT_NOTE_MAX);
    mk_attr(m, "placeholder", W_ALERTS_NOTE);
    mk_attrf(m, "aria-label", "%s: %s", W_ALERTS_NOTE, item->patient.id.str);
    mk_close(m);
    mk_element(m, "button", W_ALERTS_RECORD);
    mk_close(m);
    mk_close(m);
}

static void put_head(const struct board_view *view, struct mk *m,
                     const struct item *item, const char *title)
{
    const struct sw_alert *alert = &item->alert;
    char age[SW_LENGTH_TEXT_MAX];
    mk_open(m, "p");
    board_alert_mark(m, alert->level,
                     item->group == CLOSED ? BOARD_ALERT_SEEN
                                           : board_alert_state(view, alert),
                     sw_rule(alert->kind)->words->about);
    mk_open(m, "a");
    mk_attrf(m, "href", "/patient/%s", item->patient.id.str);
    mk_element(m, "bdi", title);
    mk_close(m);
    mk_text(m, " ");
    mk_open(m, "small");
    mk_textf(m, "%s, ", alert->level == SW_LEVEL_MEDIUM ? W_LEVEL_MEDIUM : W_LEVEL_LOW);
    put_when(view, m, alert->opened_at_s);
    if (item->group == CLOSED) {
        mk_text(m, "–");
        put_when(view, m, alert->closed_at_s);
        mk_textf(m, ", %s", sw_alert_reason_name(alert->reason));
    } else {
        sw_length_format((view->now_s - alert->opened_at_s) / 60, age);
        mk_textf(m, W_ALERTS_AGE, age);
    }
    if (item->group == SHELVED) {
        mk_text(m, W_ALERTS_UNTIL);
        put_when(view, m, alert->shelved_until_s);
    }
    if (*alert->by)
        mk_textf(m, W_ALERTS_BY, alert->by);
    mk_close(m);
    mk_close(m);
}

static int put_item(const struct board_view *view, struct mk *m,
                    const struct item *item)
{
    char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX], title[BOARD_TITLE_MAX];
    board_patient_title(view, &item->patient, title);
    sw_alert_id_format(&item->alert, id);
    sw_alert_message(&item->alert, message);
    mk_open_keyed(m, "li", id);
    mk_attr(m, "data-search", title);
    put_head(view, m, item, title);
    mk_element(m, "p", message);
    if (*item->alert.note) {
        mk_open(m, "p");
        mk_attr(m, "class", "quiet");
        mk_text(m, item->alert.note);
        mk_close(m);
    }
    if (view->token && item->group != CLOSED)
        board_alert_forms(view, m, id, board_alert_state(view, &item->alert), NULL,
                          item->patient.id.str);
    mk_open(m, "div");
    mk_attr(m, "class", "do");
    if (view->token)
        outcome_form(view, m, id, item);
    int r = history(view, m, id);
    mk_close(m);
    mk_close(m);
    return r;
}

static int put_group(const struct alerts *alerts, struct mk *m, enum group group)
{
    int r = 0;
    if (alerts->counts[group] == 0 && group != OPEN)
        return 0;
    mk_open_element(m, group == FOLDED ? "details" : "section");
    mk_open_element(m, group == FOLDED ? "summary" : "h2");
    mk_textf(m, W_ALERTS_COUNTED, titles[group], alerts->counts[group]);
    mk_close(m);
    if (alerts->counts[group] == 0)
        mk_element(m, "p",
                   alerts->counts[FOLDED] == 0 ? W_ALERTS_NONE : W_ALERTS_NONE_BUT);
    mk_open(m, "ul");
    mk_attr(m, "class", "alerts");
    for (size_t i = 0; i < alerts->n && r >= 0; i++)
        if (alerts->items[i].group == group)
            r = put_item(alerts->view, m, &alerts->items[i]);
    mk_close(m);
    mk_close(m);
    return r;
}

/* ---- the week ---- */

struct load {
    struct mk *m;
    size_t n;
};

/* The table begins with its first week: without one there is none. */
static void open_load(struct mk *m)
{
    static const char *const columns[] = W_ALERTS_LOAD_COLUMNS;
    mk_open(m, "div");
    mk_attr(m, "class", "wide");
    mk_attr(m, "tabindex", "0");
    mk_open(m, "table");
    mk_open(m, "tr");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        mk_open(m, "th");
        if (i >= FIRST_NUMBER && i <= LAST_NUMBER)
            mk_attr(m, "class", "number");
        mk_text(m, columns[i]);
        mk_close(m);
    }
    mk_close(m);
}

static int put_week(void *ctx, const struct sw_alert_week *week)
{
    struct load *load = ctx;
    struct mk *m = load->m;
    char name[SW_WEEK_LEN + 1], median[SW_LENGTH_TEXT_MAX];
    sw_week_format(week->monday, name);
    sw_length_format((week->median_ack_s + 30) / 60, median);
    if (load->n++ == 0)
        open_load(m);
    mk_open(m, "tr");
    mk_element(m, "td", week->therapist.str);
    mk_open(m, "td");
    mk_attr(m, "class", "moment");
    mk_text(m, name);
    mk_close(m);
    const int32_t numbers[] = {week->raised, week->busiest_day, week->acknowledged,
                               week->closed_soon, week->over_budget};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        mk_open(m, "td");
        mk_attr(m, "class", "number");
        mk_textf(m, "%d", numbers[i]);
        mk_close(m);
    }
    mk_element(m, "td", week->median_ack_s < 0 ? "" : median);
    mk_close(m);
    return 0;
}

static int put_load(const struct board_view *view, struct mk *m)
{
    int32_t today = sw_day_of(view->zone, view->now_s);
    struct sw_alert_stats stats = {.zone = view->zone,
                                   .from_day = today - LOAD_DAYS + 1,
                                   .to_day = today,
                                   .budget = view->config->alert_budget};
    struct sw_span span = {sw_day_begin(view->zone, stats.from_day),
                           sw_day_begin(view->zone, today + 1)};
    struct sw_therapist_id therapist = {""};
    struct load load = {m, 0};
    if (!board_sees_all(view))
        snprintf(therapist.str, sizeof therapist.str, "%s", view->user);
    int r =
        sw_store_each_life(view->store, &therapist, span, sw_alert_stats_add, &stats);
    mk_open(m, "section");
    mk_element(m, "h2", W_ALERTS_LOAD);
    if (r >= 0)
        r = sw_alert_stats_each_week(&stats, put_week, &load);
    if (load.n == 0) {
        mk_element(m, "p", W_ALERTS_NO_LOAD);
    } else {
        mk_close(m); /* the table */
        mk_close(m);
    }
    mk_close(m);
    sw_alert_stats_fini(&stats);
    return r;
}

int board_alerts(const struct board_view *view, struct mk *m)
{
    struct alerts alerts = {.view = view};
    alerts.today_s = sw_day_begin(view->zone, sw_day_of(view->zone, view->now_s));
    struct sw_alert_filter filter = {.closed_too = true,
                                     .updated_from_s = alerts.today_s};
    int r = sw_store_begin_reading(view->store);
    if (r < 0)
        return r;
    r = sw_store_each_alert(view->store, &filter, add_alert, &alerts);
    board_begin(view, m, W_ALERTS, BOARD_ALERTS);
    if (r >= 0)
        r = board_alert_done(view, m);
    for (enum group group = 0; group < GROUPS && r >= 0; group++)
        r = put_group(&alerts, m, group);
    if (r >= 0)
        r = put_load(view, m);
    board_end(view, m);
    sw_store_rollback(view->store);
    free(alerts.items);
    return r < 0 ? r : 0;
}
