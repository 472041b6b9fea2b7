/* alert_forms.c -- what can be done about an open alert, or undone. */
#include "board/alert_forms.h"

#include "chart/words.h"

enum board_alert_state board_alert_state(const struct board_view *view,
                                         const struct sw_alert *alert)
{
    if (alert->shelved_until_s > view->now_s)
        return BOARD_ALERT_SHELVED;
    return alert->state == SW_STATE_ACKNOWLEDGED ? BOARD_ALERT_SEEN : BOARD_ALERT_OPEN;
}

/* A button's word, with what it is about where a patient has several alerts. */
static void put_button(struct mk *m, const char *word, const char *about,
                       const char *who)
{
    mk_open(m, "button");
    mk_attrf(m, "aria-label", "%s: %s%s%s", word, about ? about : "", about ? ", " : "",
             who);
    mk_textf(m, "%s%s%s", word, about ? ": " : "", about ? about : "");
    mk_close(m);
    mk_close(m); /* the form */
}

static void open_form(const struct board_view *view, struct mk *m, const char *action,
                      const char *id)
{
    board_form(view, m, action);
    board_hidden(m, "id", id);
}

/* Folded up until somebody wants it: most want to say that they have seen it. */
static void shelve_form(const struct board_view *view, struct mk *m, const char *id,
                        const char *who)
{
    static const int minutes[] = {30, 60, 120, 240};
    mk_open(m, "details");
    mk_element(m, "summary", W_SHELVE);
    open_form(view, m, "/act/shelve", id);
    mk_open(m, "select");
    mk_attr(m, "name", "minutes");
    mk_attr(m, "aria-label", W_SHELVE_FOR);
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        mk_open(m, "option");
        mk_attr_int(m, "value", minutes[i]);
        if (minutes[i] < 60)
            mk_textf(m, W_IN_MINUTES, minutes[i]);
        else
            mk_textf(m, W_IN_HOURS, minutes[i] / 60);
        mk_close(m);
    }
    mk_close(m);
    put_button(m, W_SHELVE, NULL, who);
    mk_close(m);
}

void board_alert_forms(const struct board_view *view, struct mk *m, const char *id,
                       enum board_alert_state state, const char *about, const char *who)
{
    mk_open(m, "div");
    mk_attr(m, "class", "do");
    if (state == BOARD_ALERT_SHELVED) {
        open_form(view, m, "/act/unshelve", id);
        put_button(m, W_UNSHELVE, about, who);
    } else if (state == BOARD_ALERT_SEEN) {
        open_form(view, m, "/act/unack", id);
        put_button(m, W_UNACK, about, who);
    } else {
        open_form(view, m, "/act/ack", id);
        put_button(m, W_ACK, about, who);
        shelve_form(view, m, id, who);
    }
    mk_close(m);
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
