/* attention.h -- who needs attention now, most urgent first.
 *
 *     struct attention list = {.cli = cli};
 *     if (attention_gather(&list) >= 0)
 *         for (i = 0; i < list.n; i++) …list.lines[i]
 *     attention_fini(&list);
 */
#ifndef CLI_ATTENTION_H
#define CLI_ATTENTION_H

#include "cli/cli.h"

/* The most urgent first. Of one rank, what is about the patient comes before what is
 * about the device, and what lasts longer before what is newer. */
enum attention_rank {
    ATTENTION_MEDIUM,
    ATTENTION_LOW,
    ATTENTION_SEEN_MEDIUM, /* acknowledged or shelved: somebody looks after it */
    ATTENTION_SEEN_LOW,
    ATTENTION_NO_DATA, /* no readings today */
    ATTENTION_NONE,
};

/* What a line says of an open alert. */
struct attention_alert {
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    enum sw_alert_state state;
    int64_t opened_at_s, since_s, shelved_until_s; /* since_s: when it began */
    struct sw_span span;
};

struct attention_line {
    struct sw_patient patient;
    struct sw_plan plan; /* in force today */
    enum attention_rank rank;
    struct attention_alert *alerts; /* the most urgent first; few have any */
    size_t n_alerts;
    bool has_row;     /* of today... */
    bool knows_steps; /* ...from a reading, not from a score alone */
    struct sw_day_row row;
    /* Of the rest that runs now, as far as the day's row and alerts tell: it is the
     * day's longest, or an alert is open about it. 0: none that they tell of. */
    int64_t rest_min;
};

struct attention {
    struct cli *cli;
    const char *therapist; /* only theirs; NULL: all patients */
    struct attention_line *lines;
    size_t n, cap;
};

int attention_gather(struct attention *list); /* 0 or a negative errno */
void attention_fini(struct attention *list);

enum { ATTENTION_TEXT_MAX = 480 }; /* alerts of all kinds, each acknowledged */
/* "resting since 10:15 (medium)"; "" if there is nothing to say. */
void attention_text(const struct cli *cli, const struct attention_line *line,
                    char out[static ATTENTION_TEXT_MAX]);

#endif
