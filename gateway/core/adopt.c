/* adopt.c -- an alert that only its publication tells of: what it rested on.
 *
 * A payload does not say it, and judging an open alert looks at it. It is laid where
 * the kind's own rule had it when the alert opened; how the alert then ends is the
 * kind's business, from the data that are there.
 */
#include "stepward/alert.h"

enum { MINUTE_S = 60, LIMIT_MIN = 30, LIMIT_MAX = 480 }; /* of rest, in minutes */

/* A part of the rest that it opened on, whenever its newest minute was known: the rest
 * was as long as the limit at least, and that minute fresh. */
static struct sw_span part_of_rest(const struct sw_alert *alert, int64_t opened_at_s)
{
    int64_t limit_min = alert->evidence[1];
    if (limit_min < LIMIT_MIN || limit_min > LIMIT_MAX)
        limit_min = LIMIT_MIN;
    return (struct sw_span){opened_at_s - (limit_min - 1) * MINUTE_S,
                            opened_at_s - (SW_REST_FRESH_MIN + 1) * MINUTE_S};
}

void sw_alert_guess_span(struct sw_alert *alert)
{
    int64_t opened_at_s = alert->opened_at_s / MINUTE_S * MINUTE_S;
    switch (alert->kind) {
    case SW_ALERT_REST:
        alert->span = part_of_rest(alert, opened_at_s);
        break;
    case SW_ALERT_UNWORN: /* up to then; what comes after it can end it */
        alert->span =
            (struct sw_span){opened_at_s - SW_UNWORN_MIN * MINUTE_S, opened_at_s};
        break;
    case SW_ALERT_SILENT: /* only who is heard after it has ended the silence */
    case SW_ALERT_PAIN:
        alert->span = (struct sw_span){alert->opened_at_s, alert->opened_at_s};
        break;
    default:
        alert->span = (struct sw_span){0};
    }
}
