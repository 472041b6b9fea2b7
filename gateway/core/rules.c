/* rules.c -- the table of the rules, and the words of alerts in payloads.
 * Each rule is a file of its own; see rule.h. */
#include <assert.h>
#include <string.h>

#include "core/digits.h"
#include "stepward/rule.h"

static const struct sw_rule *const rules[SW_ALERT_KINDS] = {
#define X(name, word) [SW_ALERT_##name] = &sw_rule_##word,
    SW_KINDS(X)
#undef X
};

const struct sw_rule *sw_rule(enum sw_alert_kind kind)
{
    return rules[kind];
}

/* ---- sentences ---- */

void sw_sentence_add(struct sw_sentence *sentence, const char *words)
{
    assert(sentence->n_words < SW_SENTENCE_WORDS_MAX);
    sentence->words[sentence->n_words++] = words;
}

void sw_sentence_number(struct sw_sentence *sentence, const char *name,
                        enum sw_unit unit, int64_t value)
{
    assert(sentence->n_numbers < SW_SENTENCE_NUMBERS_MAX);
    sentence->numbers[sentence->n_numbers++] =
        (struct sw_number){.name = name, .unit = unit, .value = value};
}

void sw_sentence_text(struct sw_sentence *sentence, const char *name, const char *text)
{
    assert(sentence->n_numbers < SW_SENTENCE_NUMBERS_MAX);
    sentence->numbers[sentence->n_numbers++] =
        (struct sw_number){.name = name, .unit = SW_TEXT, .text = text};
}

/* ---- words ---- */

static const char *const level_names[] = {"low", "medium"};
static const char *const state_names[] = {"none", "open", "acknowledged", "closed"};
static const char *const reason_names[] = {[SW_REASON_NONE] = "",
#define X(name, word) [SW_REASON_##name] = word,
                                           SW_CLOSE_REASONS(X)
#undef X
};
static const char *const change_names[] = {"opened", "reopened", "level", "closed",
                                           "unshelved"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The index of name, or n. */
static size_t find_word(const char *const *words, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(words[i], name) != 0)
        i++;
    return i;
}

const char *sw_alert_kind_name(enum sw_alert_kind kind)
{
    return rules[kind]->name;
}
const char *sw_alert_level_name(enum sw_alert_level level)
{
    return level_names[level];
}
const char *sw_alert_state_name(enum sw_alert_state state)
{
    return state_names[state];
}
const char *sw_alert_reason_name(enum sw_alert_reason reason)
{
    return reason_names[reason];
}
const char *sw_alert_change_name(enum sw_alert_change change)
{
    return change_names[change];
}

const char *sw_alert_change_why(enum sw_alert_change change,
                                const struct sw_alert *alert)
{
    static const char *const levels[] = {"level low", "level medium"};
    if (change == SW_CHANGE_CLOSED)
        return reason_names[alert->reason];
    return change == SW_CHANGE_LEVEL ? levels[alert->level] : change_names[change];
}

bool sw_alert_kind_parse(const char *name, enum sw_alert_kind *ret)
{
    for (int i = 0; i < SW_ALERT_KINDS; i++) {
        if (strcmp(rules[i]->name, name) == 0) {
            *ret = (enum sw_alert_kind)i;
            return true;
        }
    }
    return false;
}

bool sw_alert_level_parse(const char *name, enum sw_alert_level *ret)
{
    size_t i = find_word(level_names, COUNT(level_names), name);
    if (i == COUNT(level_names))
        return false;
    *ret = (enum sw_alert_level)i;
    return true;
}

bool sw_alert_state_parse(const char *name, enum sw_alert_state *ret)
{
    size_t i = find_word(state_names, COUNT(state_names), name);
    if (i == COUNT(state_names))
        return false;
    *ret = (enum sw_alert_state)i;
    return true;
}

bool sw_alert_reason_parse(const char *name, enum sw_alert_reason *ret)
{
    size_t i = find_word(reason_names, COUNT(reason_names), name);
    if (i == COUNT(reason_names))
        return false;
    *ret = (enum sw_alert_reason)i;
    return true;
}

void sw_alert_id_format(const struct sw_alert *alert,
                        char out[static SW_ALERT_ID_MAX + 1])
{
    size_t n = strlen(alert->patient.str);
    memcpy(out, alert->patient.str, n);
    out[n++] = '-';
    size_t len = strlen(rules[alert->kind]->name);
    memcpy(out + n, rules[alert->kind]->name, len);
    n += len;
    out[n++] = '-';
    /* 12 digits reach the year 33658 */
    int64_t opened_at_s = alert->opened_at_s % 1000000000000;
    n += sw_digits_put(out + n, opened_at_s < 0 ? 0 : opened_at_s, 1);
    out[n] = '\0';
    assert(n <= SW_ALERT_ID_MAX);
}
