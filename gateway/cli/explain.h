/* explain.h -- the story of a patient's day, gathered; for `stepward explain`. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/cli.h"
#include "records/replay.h"
#include "stepward/wire.h"

enum { EXPLAIN_TEXT_MAX = 400, EXPLAIN_ALERTS_MAX = 64 };

/* Something that happened, [from_s, to_s]; to_s 0: of a moment. */
struct explain_line {
    int64_t from_s, to_s;
    const char *what; /* "rest", "alert"; static */
    char text[EXPLAIN_TEXT_MAX];
};

/* What judging every minute of the day saw, whether or not it raised an alert. */
struct explain_seen {
    struct sw_facts last;  /* of the last judgement of the day */
    int64_t silent_wake_s; /* the most */
    int32_t unworn_min;    /* the most */
    /* A rest over the limit was there, and could not be told of... */
    bool rest_was_inhibited, rest_was_stale;
    bool rest_was_raised; /* or it was, had the readings come at once */
    /* Had all data come at once, there would have been an alert; there was none. */
    bool was_due[SW_ALERT_KINDS];
};

struct explain {
    struct cli *cli;
    struct sw_patient patient;
    int32_t day_number;
    struct sw_span span; /* of the day, as far as it is over */
    struct sw_plan plan;
    struct sw_day *day;
    struct sw_spans online_spans;
    bool is_watch_known; /* the store says when the gateway was connected */
    struct sw_span distrusted[SW_DISTRUSTED_MAX]; /* when it did not trust its clock */
    size_t n_distrusted;
    struct explain_seen seen;
    struct sw_alert alerts[EXPLAIN_ALERTS_MAX]; /* of the day, as stored */
    size_t n_alerts;
    struct explain_line *lines; /* in the order of the clock */
    size_t n_lines, cap_lines;
};

/* Gather everything; an exit code. */
int explain_gather(struct explain *explain);
void explain_fini(struct explain *explain);

/* Why there was an alert of this kind that day, or why not. */
void explain_verdict(const struct explain *explain, enum sw_alert_kind kind,
                     char out[static EXPLAIN_TEXT_MAX]);

/* The longest part of the span in which nobody watched; from_s 0: none. */
struct sw_span explain_unwatched(const struct explain *explain, struct sw_span span);
/* Why nobody did, most of the time: "the gateway was not connected". Static. */
const char *explain_why_unwatched(const struct explain *explain, struct sw_span span);

#endif
