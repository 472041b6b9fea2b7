/* patient_parts.h -- what the screens about one patient share: who it is, days as a table,
 * alerts, and the history as charts. */
#ifndef BOARD_PATIENT_PARTS_H
#define BOARD_PATIENT_PARTS_H

#include "board/board.h"
#include "records/history.h"

enum { BOARD_TITLE_MAX = SW_NAME_MAX + SW_ID_MAX + 8 };
/* "Ada (p017)", or the id alone where names are hidden or not known. */
void board_patient_title(const struct board_view *view,
                         const struct sw_patient *patient,
                         char out[static BOARD_TITLE_MAX]);
/* "as of 12:03:11 · therapist anna · last heard 12:01", a fragment. */
void board_patient_as_of(const struct board_view *view, struct mk *m,
                         const struct sw_patient *patient, const struct sw_plan *plan);
/* A link, unless the page is a file. */
__attribute__((format(printf, 4, 5))) void board_link(const struct board_view *view,
                                                      struct mk *m, const char *word,
                                                      const char *format, ...);

/* Prints the page; the browser's own way does, too, where there is no script. */
void board_print_button(struct mk *m);

/* The fields of a row, each with its value as `summary` prints it: as a table's cells
 * from the day on, or as a list of names and values. */
void board_day_cells(const struct board_view *view, struct mk *m,
                     const struct sw_day_row *row);
/* Of a day that runs, to_come_min of its wake window are yet to come: they are no
 * minutes without data. Else 0. */
void board_day_list(struct mk *m, const struct sw_day_row *row, int32_t to_come_min);
void board_day_header(struct mk *m);

/* One alert as a list's item: how urgent, when, what, and what became of it. */
/* ...and when, what, and what became of it alone. */
void board_alert_says(const struct board_view *view, struct mk *m,
                      const struct sw_alert *alert);
/* "20 Nov 14:05". */
void board_moment(const struct board_view *view, struct mk *m, int64_t at_s);
void board_alert_item(const struct board_view *view, struct mk *m,
                      const struct sw_alert *alert);

/* The patient's open alerts, each with what can be done about it; nothing if there are
 * none. 0 or a negative errno. */
int board_open_alerts(const struct board_view *view, struct mk *m,
                      const struct sw_patient *patient);
/* The contacts of a history, the newest first, and a form for one more. */
void board_contacts(const struct board_view *view, struct mk *m,
                    const struct sw_history *history);
const char *board_contact_word(enum sw_contact_outcome outcome); /* "called" */

/* The charts of a history, each a figure; 0 or -ENOMEM. */
int board_bands_figure(const struct board_view *view, struct mk *m,
                       const struct sw_history *history);
int board_carpet_figure(const struct board_view *view, struct mk *m,
                        const struct sw_history *history);
/* "goal 5000, rest_limit 2h": what a plan says that the one before did not. */
void board_plan_changes(const struct sw_plan *before, const struct sw_plan *after,
                        char *out, size_t size);

#endif
