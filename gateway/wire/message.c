/* message.c -- an alert in plain words for a therapist.
 *
 * One sentence a kind and state. When an alert is raised and how it ends is core's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"

enum {
    MINUTES_PER_HOUR = 60,
    DURATION_TEXT_MAX = 32, /* "153722867280912930 h 59 min" */
    COUNT_TEXT_MAX = 32,    /* "9,223,372,036,854,775,807" */
    BY_TEXT_MAX = SW_ALERT_BY_MAX + 32,
};

/* "2 h 5 min", "2 h", "45 min" */
static void put_duration(char out[static DURATION_TEXT_MAX], int64_t minutes)
{
    int64_t hours = minutes / MINUTES_PER_HOUR, rest = minutes % MINUTES_PER_HOUR;
    if (hours == 0)
        snprintf(out, DURATION_TEXT_MAX, "%" PRId64 " min", rest);
    else if (rest == 0)
        snprintf(out, DURATION_TEXT_MAX, "%" PRId64 " h", hours);
    else
        snprintf(out, DURATION_TEXT_MAX, "%" PRId64 " h %" PRId64 " min", hours, rest);
}

/* "1,204", whatever the locale says: the sentence is English. */
static void put_count(char out[static COUNT_TEXT_MAX], int64_t count)
{
    char digits[COUNT_TEXT_MAX];
    snprintf(digits, sizeof(digits), "%" PRId64, count < 0 ? 0 : count);
    size_t n = strlen(digits), at = 0;
    for (size_t i = 0; i < n; i++) {
        bool starts_group = i > 0 && (n - i) % 3 == 0;
        if (starts_group)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

/* " Acknowledged by anna.", or "" while nobody did. */
static void put_acknowledged(char out[static BY_TEXT_MAX], const struct sw_alert *alert)
{
    out[0] = '\0';
    if (alert->state != SW_STATE_ACKNOWLEDGED)
        return;
    bool has_name = alert->by[0] != '\0';
    snprintf(out, BY_TEXT_MAX, " Acknowledged%s%s.", has_name ? " by " : "", alert->by);
}

/* What an alert's numbers look like in a sentence. */
struct words {
    const char *patient;
    char lasted[DURATION_TEXT_MAX], limit[DURATION_TEXT_MAX];
    char acknowledged[BY_TEXT_MAX];
};

static void rest_closed(const struct sw_alert *alert, const struct words *words,
                        char out[static SW_MESSAGE_MAX])
{
    if (alert->reason == SW_REASON_MOVED)
        snprintf(out, SW_MESSAGE_MAX, "%s moved again after %s of rest.",
                 words->patient, words->lasted);
    else if (alert->reason == SW_REASON_WITHDRAWN)
        snprintf(out, SW_MESSAGE_MAX,
                 "Late data showed that %s had not rested that long: %s (limit %s).",
                 words->patient, words->lasted, words->limit);
    else
        snprintf(out, SW_MESSAGE_MAX,
                 "The wake window ended after %s had rested for %s.", words->patient,
                 words->lasted);
}

static void rest_message(const struct sw_alert *alert, const struct words *words,
                         char out[static SW_MESSAGE_MAX])
{
    char steps[COUNT_TEXT_MAX];
    if (alert->state == SW_STATE_CLOSED) {
        rest_closed(alert, words, out);
        return;
    }
    put_count(steps, alert->evidence[2]);
    snprintf(out, SW_MESSAGE_MAX,
             "%s has been resting for %s (limit %s). %s step%s today.%s",
             words->patient, words->lasted, words->limit, steps,
             alert->evidence[2] == 1 ? "" : "s", words->acknowledged);
}

static void silent_message(const struct sw_alert *alert, const struct words *words,
                           char out[static SW_MESSAGE_MAX])
{
    if (alert->state == SW_STATE_CLOSED)
        snprintf(out, SW_MESSAGE_MAX,
                 "%s's device is heard again after %s of wake time.", words->patient,
                 words->lasted);
    else
        snprintf(out, SW_MESSAGE_MAX,
                 "%s's device has sent nothing for %s of wake time (limit %s).%s",
                 words->patient, words->lasted, words->limit, words->acknowledged);
}

void sw_alert_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    struct words words = {.patient = alert->patient.str};
    put_duration(words.lasted, alert->evidence[0]);
    put_duration(words.limit, alert->evidence[1]);
    put_acknowledged(words.acknowledged, alert);
    out[0] = '\0';
    switch (alert->kind) {
    case SW_ALERT_REST:
        rest_message(alert, &words, out);
        break;
    case SW_ALERT_SILENT:
        silent_message(alert, &words, out);
        break;
    case SW_ALERT_KINDS:
        break;
    }
}
