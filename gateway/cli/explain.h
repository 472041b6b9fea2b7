/* explain.h -- the story of a patient's day, gathered; for `stepward explain`. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/cli.h"
#include "records/replay_store.h"
#include "stepward/wire.h"

enum { EXPLAIN_TEXT_MAX = 400, EXPLAIN_ALERTS_MAX = 64 };

/* Something that happened in [from_s, to_s]; to_s 0: it was a moment. */
struct explain_line {
    int64_t from_s, to_s;
    const char *what; /* "rest", "alert"; static */
    char text[EXPLAIN_TEXT_MAX];
};

struct explain {
    struct cli *cli;
    struct sw_patient patient;
    int32_t day_number;
    struct sw_span span;         /* the day, as far as it is over */
    struct sw_day *day;          /* 14 KB */
    struct sw_replay_store past; /* with the times in which the gateway was connected */
    struct sw_spans distrusted;  /* in which it did not trust its clock... */
    struct sw_span spans[SW_DISTRUSTED_MAX]; /* ...these */
    struct sw_judged_day judged;
    struct sw_alert alerts[EXPLAIN_ALERTS_MAX]; /* of the day, as stored */
    size_t n_alerts;
    struct explain_line *lines; /* in order of time */
    size_t n_lines, cap_lines;
    int error; /* of adding a line; 0: none */
    /* For people, incidents of one kind share a line with the newest one's text. */
    struct explain_incidents {
        size_t n, line;
        char text[SW_WHY_MAX];
    } incidents[SW_INCIDENT_KINDS];
};

/* Gather everything; returns an exit code. */
int explain_gather(struct explain *explain);
void explain_fini(struct explain *explain);

#endif
