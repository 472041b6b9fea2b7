/* message.c -- sentences with their numbers written out, and an alert in plain words.
 *
 * When an alert is raised, how it ends and what is said of it is its rule's. A message
 * says what the numbers say and no more: why they are others now (late data, another
 * plan, a device that was given away) nobody wrote down. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "util/line.h"
#include "util/number.h"
#include "wire/compose.h"

enum {
    DAY_S = 24 * 3600,
    MESSAGE_LOST_MAX = SW_MESSAGE_MAX - 80,
};

/* ---- numbers ---- */

static void message_add_count(struct sw_line *line, int64_t count, bool is_grouped)
{
    char text[SW_COUNT_TEXT_MAX];
    if (is_grouped)
        sw_count_format(count, text);
    else
        snprintf(text, sizeof(text), "%" PRId64, count);
    sw_line_add(line, "%s", text);
}

void sw_apart_format(int64_t seconds, char out[static SW_APART_TEXT_MAX])
{
    int64_t apart_s = seconds < 0 ? -seconds : seconds;
    if (apart_s < 2 * DAY_S)
        sw_length_format((apart_s + 30) / 60, out);
    else
        snprintf(out, SW_APART_TEXT_MAX, "%" PRId64 " days",
                 (apart_s + DAY_S / 2) / DAY_S);
}

static void add_clock(struct sw_line *line, const struct sw_zone *zone, int64_t at_s,
                      bool is_end)
{
    char clock[SW_HHMM_LEN + 1];
    bool is_midnight = at_s == sw_day_begin(zone, sw_day_of(zone, at_s));
    sw_hhmm_format(is_end && is_midnight ? 24 * 60 : sw_local_minute(zone, at_s),
                   clock);
    sw_line_add(line, "%s", clock);
}

static void message_add_number(struct sw_line *line, const struct sw_number *number,
                               bool is_grouped, const struct sw_zone *zone)
{
    char text[SW_DECIMAL_TEXT_MAX], apart[SW_APART_TEXT_MAX];
    int64_t value = number->value;
    switch (number->unit) {
    case SW_LIMIT:
    case SW_COUNT:
        if (number->unit == SW_LIMIT && value == 0)
            sw_line_add(line, "none any more");
        else
            message_add_count(line, value, is_grouped);
        break;
    case SW_STEPS:
        message_add_count(line, value, is_grouped);
        sw_line_add(line, " step%s", sw_plural(value));
        break;
    case SW_MINUTES:
        sw_length_format(value, text);
        sw_line_add(line, "%s", text);
        break;
    case SW_PERCENT:
        sw_line_add(line, "%" PRId64 " %%", value);
        break;
    case SW_SCORE:
        sw_decimal_format(value, SW_SCORE_UNIT, text);
        sw_line_add(line, "%s", text);
        break;
    case SW_FLAG:
        sw_line_add(line, "%s", number->name);
        break;
    case SW_REFUSAL:
        sw_line_add(line, "%s", sw_refusal_remedy((enum sw_refusal)value));
        break;
    case SW_FAST_MINUTES:
        sw_apart_format(value * 60, apart);
        sw_line_add(line, "%s %s", apart, value < 0 ? "slow" : "fast");
        break;
    case SW_TEXT:
        sw_line_add(line, "%s", number->text);
        break;
    case SW_CLOCK:
    case SW_CLOCK_END:
        add_clock(line, zone, value, number->unit == SW_CLOCK_END);
        break;
    case SW_DATE:
        sw_date_format((int32_t)value, text);
        sw_line_add(line, "%s", text);
    }
}

/* ---- sentences ---- */

static bool message_is_known(const struct sw_number *number)
{
    if (number->unit == SW_TEXT)
        return *number->text;
    if (number->unit == SW_REFUSAL)
        return *sw_refusal_code((enum sw_refusal)number->value);
    return number->value != SW_EVIDENCE_NONE &&
           (number->unit != SW_FLAG || number->value != 0);
}

/* The number that {name} at the brace stands for; NULL if none has that name. */
static const struct sw_number *find_number(const struct sw_sentence *sentence,
                                           const char *brace)
{
    size_t len = strcspn(brace + 1, "}");
    for (size_t i = 0; i < sentence->n_numbers; i++) {
        const char *name = sentence->numbers[i].name;
        if (strlen(name) == len && strncmp(name, brace + 1, len) == 0)
            return &sentence->numbers[i];
    }
    return NULL;
}

/* Whether all numbers up to the closing bracket are known. */
static bool is_part_known(const struct sw_sentence *sentence, const char *bracket)
{
    const char *end = strchr(bracket, ']');
    for (const char *at = bracket; (at = strchr(at, '{')) && at < end; at++) {
        const struct sw_number *number = find_number(sentence, at);
        if (!number || !message_is_known(number))
            return false;
    }
    return true;
}

static void add_words(struct sw_line *line, const struct sw_sentence *sentence,
                      const char *words, const struct sw_zone *zone)
{
    while (*words) {
        size_t len = strcspn(words, "{[]");
        sw_line_add(line, "%.*s", (int)len, words);
        words += len;
        if (*words == '[' && !is_part_known(sentence, words))
            words = strchr(words, ']');
        if (*words == '{') {
            const struct sw_number *number = find_number(sentence, words);
            if (number && number->value != SW_EVIDENCE_NONE)
                message_add_number(line, number, sentence->is_grouped, zone);
            else
                sw_line_add(line, "?");
            words = strchr(words, '}');
        }
        words += *words != '\0';
    }
}

void sw_sentence_format(const struct sw_sentence *sentence, const struct sw_zone *zone,
                        char *out, size_t size)
{
    struct sw_line line = sw_line(out, size);
    for (size_t i = 0; i < sentence->n_words; i++)
        add_words(&line, sentence, sentence->words[i], zone);
}

/* ---- alerts ---- */

static const char *words_of(const struct sw_alert *alert)
{
    const struct sw_rule_words *words = sw_rule(alert->kind)->words;
    if (alert->state != SW_STATE_CLOSED)
        return words->open;
    for (size_t i = 1; i < sizeof(words->closed) / sizeof(*words->closed); i++)
        if (words->closed[i].words && words->closed[i].reason == alert->reason)
            return words->closed[i].words;
    return words->closed[0].words;
}

static void message_add_evidence(struct sw_sentence *sentence, enum sw_alert_kind kind,
                                 const int64_t evidence[static SW_EVIDENCE_MAX])
{
    const struct sw_evidence *names = sw_rule(kind)->evidence;
    for (size_t i = 0; names[i].name; i++)
        sw_sentence_number(sentence, names[i].name, names[i].unit, evidence[i]);
}

void sw_alert_brief(enum sw_alert_kind kind,
                    const int64_t evidence[static SW_EVIDENCE_MAX],
                    char out[static SW_MESSAGE_MAX])
{
    struct sw_sentence sentence = {.is_grouped = true};
    message_add_evidence(&sentence, kind, evidence);
    sw_sentence_add(&sentence, sw_rule(kind)->words->brief);
    sw_sentence_format(&sentence, NULL, out, SW_MESSAGE_MAX);
}

static void put_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    struct sw_sentence sentence = {.is_grouped = true};
    sw_sentence_text(&sentence, "patient", alert->patient.str);
    sw_sentence_text(&sentence, "device", alert->device.str);
    message_add_evidence(&sentence, alert->kind, alert->evidence);
    sw_sentence_add(&sentence, words_of(alert));
    if (alert->state == SW_STATE_ACKNOWLEDGED) {
        sw_sentence_text(&sentence, "by", alert->by);
        sw_sentence_add(&sentence, " Acknowledged[ by {by}]");
        /* A name that ends with a full stop brings that of the sentence: "Anna K." */
        size_t len = strlen(alert->by);
        sw_sentence_add(&sentence, len > 0 && alert->by[len - 1] == '.' ? "" : ".");
    }
    sw_sentence_format(&sentence, NULL, out, SW_MESSAGE_MAX);
}

void sw_alert_message(const struct sw_alert *alert, char out[static SW_MESSAGE_MAX])
{
    bool is_lost = alert->state == SW_STATE_CLOSED && alert->reason == SW_REASON_LOST;
    if (!is_lost) {
        put_message(alert, out);
        return;
    }
    struct sw_alert before = *alert; /* all we know is what was said of it last */
    char said[SW_MESSAGE_MAX];
    before.state = SW_STATE_OPEN;
    put_message(&before, said);
    snprintf(out, SW_MESSAGE_MAX,
             "The gateway's data was lost; it cannot say whether this is over: %.*s",
             MESSAGE_LOST_MAX, said);
}

/* ---- a suggested goal ---- */

static void format_first(const struct sw_suggestion *suggestion, char *out)
{
    snprintf(out, SW_MESSAGE_MAX,
             "A first goal of %d %% of %" PRId64 " step%s, the middle of %" PRId32
             " valid day%s.",
             SW_PROGRESS_FIRST_PCT, suggestion->median, sw_plural(suggestion->median),
             suggestion->valid_days, sw_plural(suggestion->valid_days));
}

static void format_raise(const struct sw_suggestion *suggestion, char *out)
{
    snprintf(out, SW_MESSAGE_MAX,
             "The goal was met on %" PRId32 " of the last %d days and pain did not "
             "rise by %.0f points: %d %% more.",
             suggestion->met_days, SW_PROGRESS_WEEK_DAYS, sw_progress_pain_rise,
             SW_PROGRESS_RAISE_PCT);
}

static void format_keep(const struct sw_suggestion *suggestion, char *out)
{
    bool is_worse = suggestion->pain_rise >= sw_progress_pain_rise;
    if (suggestion->is_new)
        snprintf(out, SW_MESSAGE_MAX,
                 "The goal is not a week old: keep it until it has been tried.");
    else if (suggestion->flare)
        snprintf(out, SW_MESSAGE_MAX,
                 "There is a flare, and the goal is as small as goals are: keep it.");
    else if (is_worse)
        snprintf(out, SW_MESSAGE_MAX,
                 "Pain rose by %.1f points against the week before: keep the goal.",
                 suggestion->pain_rise);
    else
        snprintf(out, SW_MESSAGE_MAX,
                 "The goal was met on %" PRId32 " of the last %d days (%d raise it): "
                 "keep it.",
                 suggestion->met_days, SW_PROGRESS_WEEK_DAYS, SW_PROGRESS_MET_DAYS);
}

static void format_ease(const struct sw_suggestion *suggestion, char *out)
{
    if (suggestion->flare)
        snprintf(out, SW_MESSAGE_MAX,
                 "While a flare lasts: %d %% of the goal. Less, but never nothing.",
                 SW_PROGRESS_FLARE_PCT);
    else
        snprintf(out, SW_MESSAGE_MAX,
                 "The goal was met on none of the last %d days, with %" PRId64
                 " step%s on the middle one: begin again at what can be met.",
                 SW_PROGRESS_WEEK_DAYS, suggestion->median,
                 sw_plural(suggestion->median));
}

void sw_suggestion_message(const struct sw_suggestion *suggestion,
                           char out[static SW_MESSAGE_MAX])
{
    switch (suggestion->kind) {
    case SW_SUGGEST_NOTHING:
        snprintf(out, SW_MESSAGE_MAX,
                 "Only %" PRId32 " valid day%s: %d are needed to suggest a goal.",
                 suggestion->valid_days, sw_plural(suggestion->valid_days),
                 SW_PROGRESS_VALID_DAYS);
        break;
    case SW_SUGGEST_FIRST:
        format_first(suggestion, out);
        break;
    case SW_SUGGEST_RAISE:
        format_raise(suggestion, out);
        break;
    case SW_SUGGEST_KEEP:
        format_keep(suggestion, out);
        break;
    case SW_SUGGEST_EASE:
        format_ease(suggestion, out);
        break;
    }
}
