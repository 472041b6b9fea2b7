/* board.h -- a patient as a therapist's app shows them: what is published retained
 * under `board/<therapist>/<patient>`, and the list under `patients/<therapist>`.
 *
 *     struct sw_board board = {.patient = …, .row = day->row, …};
 *     char *payload = sw_encode_board(&board);        // the caller frees it
 */
#ifndef STEPWARD_BOARD_H
#define STEPWARD_BOARD_H

#include "stepward/alert.h"

struct sw_board {
    struct sw_patient_id patient;
    int64_t updated_at_s;
    int64_t heard_at_s; /* when a message last came; 0: never */
    struct sw_plan plan;
    struct sw_day_row row;         /* of the day that is shown */
    char strip[SW_STRIP_MAX + 1];  /* see sw_day_strip() */
    int32_t rest_min;              /* the rest that reaches the newest known minute */
    int32_t late_min;              /* see sw_lateness_min(); 0: a rest can be seen */
    const struct sw_alert *alerts; /* SW_ALERT_KINDS of them; NULL: none */
};
/* Shelved and over-budget alerts are shown too; closed ones are not. */
char *sw_encode_board(const struct sw_board *board);

struct sw_board_patient {
    struct sw_patient_id patient;
    int64_t since_s; /* when the patient was added */
};
char *sw_encode_patients(const struct sw_board_patient *patients, size_t n);

#endif
