/* worklist.h -- who needs attention now, most urgent first.
 *
 *     struct worklist list = {.cli = cli};
 *     if (worklist_gather(&list) >= 0)
 *         for (size_t i = 0; i < list.n; i++)
 *             …list.lines[i]
 *     worklist_fini(&list);
 */
#ifndef CLI_WORKLIST_H
#define CLI_WORKLIST_H

#include "cli/cli.h"

/* The most urgent comes first. Within a rank, alerts about the patient come before
 * those about the device, and older ones before newer ones. */
enum worklist_rank {
    WORKLIST_MEDIUM,
    WORKLIST_LOW,
    WORKLIST_SEEN_MEDIUM, /* acknowledged or shelved: somebody looks after it */
    WORKLIST_SEEN_LOW,
    WORKLIST_NO_DATA, /* no readings today */
    WORKLIST_NONE,
};

/* What a line shows of an open alert. */
struct worklist_alert {
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    enum worklist_rank rank;
    const char *seen;             /* ", acknowledged", ", shelved" or "" */
    int64_t opened_at_s, since_s; /* since_s: when it began */
    struct sw_span span;
};

struct worklist_line {
    struct sw_patient patient;
    struct sw_plan plan; /* in force today */
    enum worklist_rank rank;
    struct worklist_alert alerts[SW_ALERT_KINDS]; /* the most urgent first */
    size_t n_alerts;
    bool has_row;     /* of today... */
    bool knows_steps; /* ...from a reading, not from a score alone */
    struct sw_day_row row;
    /* The rest that runs now, as far as the day's row and alerts show it: it is the
     * day's longest, or an alert is open about it. 0: they show none. */
    int64_t rest_min;
};

struct worklist {
    struct cli *cli;
    const char *therapist; /* only theirs; NULL: all patients */
    struct worklist_line *lines;
    size_t n, cap;
};

int worklist_gather(struct worklist *list); /* 0 or a negative errno */
void worklist_fini(struct worklist *list);

enum { WORKLIST_TEXT_MAX = 480 }; /* alerts of all kinds, each acknowledged */
/* "resting since 10:15 (medium)"; "" if there is nothing to show. */
void worklist_text(const struct cli *cli, const struct worklist_line *line,
                   char out[static WORKLIST_TEXT_MAX]);

#endif
