/* judge.h -- what the kinds of alerts say of a patient's facts. Private to the core. */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "stepward/alert.h"

struct sw_verdict {
    bool due;                  /* there is reason for an alert of this kind now */
    enum sw_alert_level level; /* how urgent, if due */
    enum sw_alert_reason
        reason; /* why an open one is over; SW_REASON_NONE: it is not */
    int64_t evidence[SW_EVIDENCE_MAX];
    struct sw_span span;
};

/* open is the open alert of the kind, NULL if there is none. Neither due nor over
 * leaves an open alert as it is. */
typedef struct sw_verdict (*sw_judge_fn)(const struct sw_facts *facts,
                                         const struct sw_alert *open);

struct sw_verdict sw_judge_rest(const struct sw_facts *facts,
                                const struct sw_alert *open);
struct sw_verdict sw_judge_silent(const struct sw_facts *facts,
                                  const struct sw_alert *open);

#endif
