/* alert_forms.c -- what can be done about an open alert, or undone, and what was done. */
#include "board/alert_forms.h"

#include <errno.h>
#include <stdio.h>

#include "chart/words.h"
#include "stepward/rule.h"
#include "stepward/wire.h"

enum { DONE_SHOWN_S = 10 * 60 }; /* who comes back later means something else */

enum board_alert_state board_alert_state(const struct board_view *view,
                                         const struct sw_alert *alert)
{
    if (alert->shelved_until_s > view->now_s)
        return BOARD_ALERT_SHELVED;
    return alert->state == SW_STATE_ACKNOWLEDGED ? BOARD_ALERT_SEEN : BOARD_ALERT_OPEN;
}

/* ---- forms ---- */

/* A button's word, with what it is about where a patient has several alerts. */
static void put_button(struct mk *m, const char *word, const char *about,
                       const char *who)
{
    mk_attrf(m, "aria-label", "%s: %s%s%s", word, about ? about : "", about ? ", " : "",
             who);
    mk_textf(m, "%s%s%s", word, about ? ": " : "", about ? about : "");
    mk_close(m);
}

static void open_alert_form(const struct board_view *view, struct mk *m,
                            const char *action, const char *id)
{
    board_alert_form(view, m, action, id);
    board_hidden(m, "id", id);
}

static void put_form(const struct board_view *view, struct mk *m, const char *action,
                     const char *word, const char *id, const char *about,
                     const char *who)
{
    open_alert_form(view, m, action, id);
    mk_open(m, "button");
    put_button(m, word, about, who);
    mk_close(m);
}

/* Folded up until somebody wants it: most want to say that they have seen it. Each time is
 * a button, which means today's or tomorrow's whenever it is pressed. */
static void shelve_form(const struct board_view *view, struct mk *m, const char *id,
                        const char *about, const char *who)
{
    int32_t minute = sw_local_minute(view->zone, view->now_s);
    int32_t today = sw_day_of(view->zone, view->now_s);
    bool is_night = minute < 8 * 60;
    char one[32], three[32], at_one[SW_INSTANT_LEN + 1], at_eight[SW_INSTANT_LEN + 1];
    struct {
        const char *field, *value, *word;
        bool is_offered;
    } times[] = {{"minutes", "60", one, true},
                 {"minutes", "180", three, true},
                 {"until", at_one, W_THIS_AFTERNOON, minute < 12 * 60},
                 {"until", at_eight, is_night ? W_THIS_MORNING : W_TOMORROW, true}};
    sw_instant_format(sw_minute_begin(view->zone, today, 13 * 60), at_one);
    sw_instant_format(sw_minute_begin(view->zone, is_night ? today : today + 1, 8 * 60),
                      at_eight);
    snprintf(one, sizeof one, W_IN_HOURS, 1);
    snprintf(three, sizeof three, W_IN_HOURS, 3);
    mk_open(m, "details");
    mk_open(m, "summary");
    mk_attrf(m, "aria-label", "%s: %s%s%s", W_SHELVE, about ? about : "",
             about ? ", " : "", who);
    mk_text(m, W_SHELVE);
    mk_close(m);
    open_alert_form(view, m, "/act/shelve", id);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (!times[i].is_offered)
            continue;
        mk_open(m, "button");
        mk_attr(m, "name", times[i].field);
        mk_attr(m, "value", times[i].value);
        put_button(m, times[i].word, NULL, who);
    }
    mk_close(m);
    mk_close(m);
}

void board_alert_forms(const struct board_view *view, struct mk *m, const char *id,
                       enum board_alert_state state, const char *about, const char *who)
{
    mk_open(m, "div");
    mk_attr(m, "class", "do");
    if (state == BOARD_ALERT_SHELVED) {
        put_form(view, m, "/act/unshelve", W_UNSHELVE, id, about, who);
    } else if (state == BOARD_ALERT_SEEN) {
        put_form(view, m, "/act/unack", W_UNACK, id, about, who);
    } else {
        put_form(view, m, "/act/ack", W_ACK, id, about, who);
        shelve_form(view, m, id, about, who);
    }
    mk_close(m);
}

/* ---- what was done ---- */

/* "Seen: resting, Jürgen Maier." */
static void done_words(const struct board_view *view, struct mk *m,
                       const struct sw_alert *alert, const struct sw_patient *patient,
                       enum board_alert_state state)
{
    const char *about = sw_rule(alert->kind)->words->about;
    const char *who =
        *patient->name && !view->hides_names ? patient->name : patient->id.str;
    char when[SW_WHEN_LEN + 1];
    sw_when_format(view->zone, alert->shelved_until_s,
                   sw_day_of(view->zone, view->now_s), when);
    mk_open(m, "span");
    mk_attr(m, "id", "did");
    if (state == BOARD_ALERT_SHELVED)
        mk_textf(m, "○ " W_DONE_LATER, when, about, who);
    else if (state == BOARD_ALERT_SEEN)
        mk_textf(m, "○ " W_DONE_SEEN, about, who);
    else
        mk_textf(m, W_DONE_UNDONE, about, who);
    mk_close(m);
}

/* Without script too the focus is on what takes it back, and a screen reader reads out
 * what was done. */
static void undo_form(const struct board_view *view, struct mk *m, const char *id,
                      const char *action)
{
    open_alert_form(view, m, action, id);
    mk_open(m, "button");
    mk_flag(m, "autofocus");
    mk_attr(m, "aria-describedby", "did");
    mk_text(m, W_UNDO);
    mk_close(m);
    mk_close(m);
}

int board_alert_done(const struct board_view *view, struct mk *m)
{
    const char *id = board_query(view, "did");
    struct sw_alert alert;
    struct sw_patient patient;
    struct sw_plan plan;
    int64_t key;
    int r = id && view->token ? sw_store_find_alert(view->store, id, &key, &alert)
                              : SW_STORE_NONE;
    if (r == 0)
        r = board_find_patient(view, alert.patient.str, &patient, &plan);
    if (r == SW_STORE_NONE || r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    if (!sw_alert_is_open(&alert) || view->now_s - alert.updated_at_s > DONE_SHOWN_S)
        return 0;
    enum board_alert_state state = board_alert_state(view, &alert);
    mk_open(m, "div");
    mk_attr(m, "class", "done");
    if (state == BOARD_ALERT_OPEN) {
        mk_attr(m, "tabindex", "-1");
        mk_flag(m, "autofocus");
    }
    done_words(view, m, &alert, &patient, state);
    if (state != BOARD_ALERT_OPEN)
        undo_form(view, m, id,
                  state == BOARD_ALERT_SHELVED ? "/act/unshelve" : "/act/unack");
    mk_close(m);
    return 0;
}

void board_alert_mark(struct mk *m, enum sw_alert_level level,
                      enum board_alert_state state, const char *text)
{
    bool is_medium = level == SW_LEVEL_MEDIUM, is_seen = state != BOARD_ALERT_OPEN;
    mk_attr(m, "class",
            is_seen     ? "level-seen"
            : is_medium ? "level-medium"
                        : "level-low");
    mk_textf(m, "%s %s ", is_seen ? "○" : is_medium ? "◆" : "△", text);
}
