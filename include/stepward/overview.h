/* overview.h -- a patient as a therapist's app shows them: what is published retained
 * under `board/<therapist>/<patient>`, and the list under `patients/<therapist>`.
 *
 *     struct sw_overview overview = {.patient = …, .row = day->row, …};
 *     char *payload = sw_encode_overview(&overview);  // the caller frees it
 *     if (sw_overview_sum(payload, strlen(payload)) != last) …   // it says more
 */
#ifndef STEPWARD_OVERVIEW_H
#define STEPWARD_OVERVIEW_H

#include "stepward/alert.h"

struct sw_overview {
    struct sw_patient_id patient;
    int64_t updated_at_s;
    int64_t heard_at_s; /* when a message last came; 0: never */
    struct sw_plan plan;
    struct sw_day_row row;         /* of the day that is shown */
    char strip[SW_STRIP_MAX + 1];  /* see sw_day_strip() */
    int32_t rest_min;              /* see sw_rest_now_min() */
    int32_t late_min;              /* see sw_lateness_min(); 0: a rest can be seen */
    const struct sw_alert *alerts; /* SW_ALERT_KINDS of them; NULL: none */
};
/* Shelved and over-budget alerts are shown too; closed ones are not. Those that say that
 * something is wrong with the device are repeated, in words, as `device_problems`. */
char *sw_encode_overview(const struct sw_overview *overview);
/* A number for all that the payload says but `updated_at`; never 0. */
uint64_t sw_overview_sum(const char *payload, size_t len);

struct sw_listed_patient {
    struct sw_patient_id patient;
    int64_t since_s; /* when the patient was added */
};
char *sw_encode_patients(const struct sw_listed_patient *patients, size_t n);

#endif
