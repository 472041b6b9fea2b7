/* alert_forms.h -- what can be done about an open alert, or undone: the same on every
 * screen that shows one. */
#ifndef BOARD_ALERT_FORMS_H
#define BOARD_ALERT_FORMS_H

#include "board/board.h"
#include "stepward/alert.h"

enum board_alert_state { BOARD_ALERT_OPEN, BOARD_ALERT_SEEN, BOARD_ALERT_SHELVED };
enum board_alert_state board_alert_state(const struct board_view *view,
                                         const struct sw_alert *alert);

/* Acknowledge and shelve, or take that back. about: which alert, where a patient has
 * several on the page, or NULL; who: the patient, for who hears the page. */
void board_alert_forms(const struct board_view *view, struct mk *m, const char *id,
                       enum board_alert_state state, const char *about,
                       const char *who);
/* What was done a moment ago about the alert that the address names ("?did=ID", where each
 * of these forms leads), with a button that has the focus and takes it back. */
int board_alert_done(const struct board_view *view, struct mk *m);
/* "◆ rest ", with a class for its level, or ○ for one that somebody looks after. */
void board_alert_mark(struct mk *m, enum sw_alert_level level,
                      enum board_alert_state state, const char *text);

#endif
