/* digest.h -- a therapist's day in one message: who needs attention, what was raised,
 * who has no data, who met the goal. It holds ids only, never names.
 */
#ifndef STEPWARD_DIGEST_H
#define STEPWARD_DIGEST_H

#include "stepward/alert.h"
#include "stepward/civil.h"

enum {
    SW_DIGEST_LIST_MAX = 100, /* a list names so many and counts all */
    SW_DIGEST_SINCE_MAX = SW_DATE_LEN + 1 + SW_HHMM_LEN + 1,
};

struct sw_digest_alert {
    struct sw_patient_id patient;
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    bool acknowledged, over_budget;
    int64_t opened_at_s, since_s;    /* see sw_alert_since_s() */
    char since[SW_DIGEST_SINCE_MAX]; /* local time, with the date if another day's */
};
struct sw_digest_patient {
    struct sw_patient_id patient;
    int32_t n; /* of alerts */
};
/* n counts all ids; those beyond SW_DIGEST_LIST_MAX are not listed. */
struct sw_digest_ids {
    struct sw_patient_id ids[SW_DIGEST_LIST_MAX];
    int32_t n;
};

struct sw_digest { /* 20 KB: not for small stacks */
    struct sw_therapist_id therapist;
    int32_t day;
    int64_t at_s; /* what came later is not in it */
    int32_t budget, patients;
    int32_t raised, acknowledged, closed, withdrawn; /* closed: for other reasons */
    int32_t over_budget;                             /* raised but not published */
    /* Open now, the most urgent first: medium, not acknowledged, oldest. */
    struct sw_digest_alert attention[SW_DIGEST_LIST_MAX];
    int32_t n_attention;
    /* Patients whose alerts exceeded the budget, those with the most first. */
    struct sw_digest_patient over[SW_DIGEST_LIST_MAX];
    int32_t n_over;
    struct sw_digest_ids no_data, goal_met;
};

static inline int32_t sw_digest_named(int32_t n)
{
    return n < SW_DIGEST_LIST_MAX ? n : SW_DIGEST_LIST_MAX;
}

#endif
