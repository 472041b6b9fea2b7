/* judge.h -- what the kinds of alerts say of a patient's facts. Private to the core. */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "stepward/alert.h"

struct sw_verdict {
    bool due;                    /* there is reason for an alert of this kind now */
    enum sw_alert_level level;   /* how urgent, if due */
    enum sw_alert_reason reason; /* why an open one is over; SW_REASON_NONE: it isn't */
    int64_t evidence[SW_EVIDENCE_MAX];
    struct sw_device_id device;
    struct sw_span span;
};

/* open is the open alert of the kind, NULL if there is none. Neither due nor over
 * leaves an open alert as it is. */
typedef struct sw_verdict (*sw_judge_fn)(const struct sw_facts *facts,
                                         const struct sw_alert *open);

#define X(name, word)                                                                  \
    struct sw_verdict sw_judge_##word(const struct sw_facts *facts,                    \
                                      const struct sw_alert *open);
SW_KINDS(X)
#undef X

/* A row of the table of kinds. */
struct sw_kind {
    struct sw_kind_text text;
    const char *evidence[SW_EVIDENCE_MAX];
    int32_t units[SW_EVIDENCE_MAX]; /* 0 is 1 */
    unsigned inhibited_by; /* SW_KIND_BITs: while one is open, this one does not open */
    bool is_of_a_day;      /* it ends with its day: another day's is another alert */
    sw_judge_fn judge;
};
#define SW_KIND_BIT(kind) (1u << (kind))
const struct sw_kind *sw_kind(enum sw_alert_kind kind);

/* An open alert is over, and what it said stays as it was. */
struct sw_verdict sw_verdict_over(const struct sw_alert *open,
                                  enum sw_alert_reason reason);

#endif
