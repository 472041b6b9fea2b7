/* message.c -- an alert in plain words for a therapist.
 *
 * One sentence a kind and state. When an alert is raised and how it ends is core's. It
 * says what the numbers say and no more: why they are others now (late data, another
 * plan, a device that was given away) nobody wrote down. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/compose.h"

#define TAKEN_AWAY                                                                     \
    "Late data, another plan or a device given away took the reason away: "

enum {
    MINUTES_PER_HOUR = 60,
    DURATION_TEXT_MAX = 32, /* "153722867280912930 h 59 min" */
    COUNT_TEXT_MAX = 32,    /* "9,223,372,036,854,775,807" */
    BY_TEXT_MAX = SW_ALERT_BY_MAX + 32,
    SCORE_TEXT_MAX = SW_DECIMAL_TEXT_MAX + 16,
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

/* The full stop of a sentence, unless the name that ends it brings one: "Anna K." */
static const char *stop_after(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && name[len - 1] == '.' ? "" : ".";
}

/* " Acknowledged by anna.", or "" while nobody did. */
static void put_acknowledged(char out[static BY_TEXT_MAX], const struct sw_alert *alert)
{
    out[0] = '\0';
    if (alert->state != SW_STATE_ACKNOWLEDGED)
        return;
    bool has_name = alert->by[0] != '\0';
    snprintf(out, BY_TEXT_MAX, " Acknowledged%s%s%s", has_name ? " by " : "", alert->by,
             stop_after(alert->by));
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
                 TAKEN_AWAY "as known now, %s rested for %s (limit %s).",
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
             sw_plural(alert->evidence[2]), words->acknowledged);
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

static void unworn_message(const struct sw_alert *alert, const struct words *words,
                           char out[static SW_MESSAGE_MAX])
{
    if (alert->state != SW_STATE_CLOSED)
        snprintf(out, SW_MESSAGE_MAX,
                 "%s's device has not been worn for %s of wake time (limit %s).%s",
                 words->patient, words->lasted, words->limit, words->acknowledged);
    else if (alert->reason == SW_REASON_WITHDRAWN)
        snprintf(out, SW_MESSAGE_MAX,
                 TAKEN_AWAY "as known now, %s's device was not worn for %s (limit %s).",
                 words->patient, words->lasted, words->limit);
    else
        snprintf(out, SW_MESSAGE_MAX,
                 "%s's device is worn again after %s of wake time.", words->patient,
                 words->lasted);
}

/* Steps that were taken, and the floor or ceiling they were held against. */
struct counts {
    char steps[COUNT_TEXT_MAX], limit[COUNT_TEXT_MAX];
    const char *plural; /* of the steps */
};

static struct counts counts_of(const struct sw_alert *alert)
{
    struct counts counts = {.plural = sw_plural(alert->evidence[0])};
    put_count(counts.steps, alert->evidence[0]);
    put_count(counts.limit, alert->evidence[1]);
    return counts;
}

static void low_message(const struct sw_alert *alert, const struct words *words,
                        char out[static SW_MESSAGE_MAX])
{
    struct counts counts = counts_of(alert);
    if (alert->state != SW_STATE_CLOSED)
        snprintf(out, SW_MESSAGE_MAX,
                 "%s took at most %s step%s a day on the last %d valid days (floor "
                 "%s).%s",
                 words->patient, counts.steps, counts.plural, SW_LOW_DAYS, counts.limit,
                 words->acknowledged);
    else if (alert->reason == SW_REASON_WITHDRAWN)
        snprintf(out, SW_MESSAGE_MAX,
                 TAKEN_AWAY "as known now, %s's last %d valid days are not all low.",
                 words->patient, SW_LOW_DAYS);
    else
        snprintf(out, SW_MESSAGE_MAX, "%s is back at %s step%s a day (floor %s).",
                 words->patient, counts.steps, counts.plural, counts.limit);
}

static void over_message(const struct sw_alert *alert, const struct words *words,
                         char out[static SW_MESSAGE_MAX])
{
    struct counts counts = counts_of(alert);
    if (alert->state == SW_STATE_CLOSED && alert->evidence[1] == 0)
        strcpy(counts.limit, "none any more");
    if (alert->state != SW_STATE_CLOSED)
        snprintf(out, SW_MESSAGE_MAX, "%s took %s step%s today (ceiling %s).%s",
                 words->patient, counts.steps, counts.plural, counts.limit,
                 words->acknowledged);
    else if (alert->reason == SW_REASON_WITHDRAWN)
        snprintf(out, SW_MESSAGE_MAX,
                 TAKEN_AWAY "as known now, %s took %s step%s that day (ceiling %s).",
                 words->patient, counts.steps, counts.plural, counts.limit);
    else
        snprintf(out, SW_MESSAGE_MAX, "The day ended; %s took %s step%s (ceiling %s).",
                 words->patient, counts.steps, counts.plural, counts.limit);
}

/* " (usually 3.5)", or "" without enough scores to say what is usual. */
static void put_usual(char out[static SCORE_TEXT_MAX], const struct sw_alert *alert)
{
    char median[SW_DECIMAL_TEXT_MAX];
    out[0] = '\0';
    if (alert->evidence[1] == SW_EVIDENCE_NONE)
        return;
    sw_decimal_format(alert->evidence[1], SW_SCORE_UNIT, median);
    snprintf(out, SCORE_TEXT_MAX, " (usually %s)", median);
}

static void pain_message(const struct sw_alert *alert, const struct words *words,
                         char out[static SW_MESSAGE_MAX])
{
    char score[SW_DECIMAL_TEXT_MAX], usual[SCORE_TEXT_MAX];
    sw_decimal_format(alert->evidence[0], SW_SCORE_UNIT, score);
    put_usual(usual, alert);
    if (alert->state != SW_STATE_CLOSED)
        snprintf(out, SW_MESSAGE_MAX, "%s reports %spain of %s%s.%s", words->patient,
                 alert->evidence[2] ? "a flare, " : "", score, usual,
                 words->acknowledged);
    else if (alert->reason == SW_REASON_WITHDRAWN)
        snprintf(out, SW_MESSAGE_MAX,
                 "With the scores known now, %s's pain of %s is not unusual%s.",
                 words->patient, score, usual);
    else
        snprintf(out, SW_MESSAGE_MAX, "%s's pain has eased to %s%s.", words->patient,
                 score, usual);
}

static void battery_message(const struct sw_alert *alert, const struct words *words,
                            char out[static SW_MESSAGE_MAX])
{
    const char *device = alert->device.str;
    if (alert->reason == SW_REASON_WITHDRAWN) {
        snprintf(out, SW_MESSAGE_MAX,
                 "%s's device%s%s, of which the battery was low, was given away or has "
                 "not told of its battery for a week.",
                 words->patient, *device ? " " : "", device);
        return;
    }
    snprintf(
        out, SW_MESSAGE_MAX, "The battery of %s's device%s%s is %s %" PRId64 " %%.%s",
        words->patient, *device ? " " : "", device,
        alert->state == SW_STATE_CLOSED ? "charged again:" : "low:", alert->evidence[0],
        words->acknowledged);
}

typedef void (*message_fn)(const struct sw_alert *alert, const struct words *words,
                           char out[static SW_MESSAGE_MAX]);
static const message_fn messages[SW_ALERT_KINDS] = {
#define X(name, word) [SW_ALERT_##name] = word##_message,
    SW_KINDS(X)
#undef X
};

static void format_alert(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    struct words words = {.patient = alert->patient.str};
    put_duration(words.lasted, alert->evidence[0]);
    put_duration(words.limit, alert->evidence[1]);
    put_acknowledged(words.acknowledged, alert);
    messages[alert->kind](alert, &words, out);
}

/* What was said of it last is all there is. */
static void format_lost(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    struct sw_alert before = *alert;
    char said[SW_MESSAGE_MAX];
    before.state = SW_STATE_OPEN;
    format_alert(&before, said);
    snprintf(out, SW_MESSAGE_MAX,
             "The gateway's data was lost; it cannot say whether this is over: %.*s",
             SW_MESSAGE_MAX - 80, said);
}

void sw_alert_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    bool is_lost = alert->state == SW_STATE_CLOSED && alert->reason == SW_REASON_LOST;
    if (is_lost)
        format_lost(alert, out);
    else
        format_alert(alert, out);
}
