/* explain.h -- the story of a patient's day, gathered from what is stored: what was seen,
 * and why there was an alert of each kind, or none.
 *
 *     struct sw_explain explain = {.store = store, .zone = &zone, .now_s = now_s,
 *                                  .patient = patient, .day_number = day};
 *     r = sw_explain_gather(&explain);                  // 0 or a negative errno
 *     …explain.lines[0..n_lines)
 *     sw_explain_verdict(&explain, SW_ALERT_REST, text);
 *     sw_explain_fini(&explain);
 */
#ifndef RECORDS_EXPLAIN_H
#define RECORDS_EXPLAIN_H

#include "records/replay_store.h"
#include "stepward/wire.h"

enum { SW_EXPLAIN_TEXT_MAX = 480, SW_EXPLAIN_ALERTS_MAX = 64 };

/* Something that happened in [from_s, to_s]; to_s 0: it was a moment. */
struct sw_explain_line {
    int64_t from_s, to_s;
    const char *what; /* "rest", "alert"; static */
    size_t nth;       /* as it was added: at one time, in this order */
    char text[SW_EXPLAIN_TEXT_MAX];
};

struct sw_explain {
    struct sw_store *store;
    const struct sw_zone *zone;
    int64_t now_s;
    struct sw_patient patient;
    int32_t day_number;  /* today or before */
    bool is_for_people;  /* incidents of one kind share a line */
    struct sw_span span; /* the day, as far as it is over */
    int64_t events_to_s; /* what happened before then: this second is not over yet */
    struct sw_day *day;  /* 14 KB */
    struct sw_day_devices devices;
    struct sw_replay_store past; /* with the times in which the gateway was connected */
    struct sw_spans distrusted;  /* in which it did not trust its clock... */
    struct sw_span spans[SW_DISTRUSTED_MAX]; /* ...these */
    struct sw_judged_day judged;
    struct sw_alert alerts[SW_EXPLAIN_ALERTS_MAX]; /* of the day, as stored */
    size_t n_alerts;
    struct sw_explain_line *lines; /* in order of time */
    size_t n_lines, cap_lines;
    int error; /* of adding a line; 0: none */
    struct sw_explain_incidents {
        size_t n, line; /* the line has the newest one's text */
        char text[SW_WHY_MAX];
    } incidents[SW_INCIDENT_KINDS];
};

int sw_explain_gather(struct sw_explain *explain);
/* The alerts of this kind on that day, or the rule's reason why there was none. */
void sw_explain_verdict(const struct sw_explain *explain, enum sw_alert_kind kind,
                        char out[static SW_EXPLAIN_TEXT_MAX]);
void sw_explain_fini(struct sw_explain *explain);

#endif
