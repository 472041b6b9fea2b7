/* message_progress.c -- a suggested goal in one sentence for a therapist.
 * What is suggested, and from which numbers, is core's. */
#include <inttypes.h>
#include <stdio.h>

#include "stepward/wire.h"

static void format_no_suggestion(const struct sw_suggestion *suggestion, char *out)
{
    snprintf(out, SW_MESSAGE_MAX,
             "Only %" PRId32 " valid day%s: %d are needed to suggest a goal.",
             suggestion->valid_days, sw_plural(suggestion->valid_days),
             SW_PROGRESS_VALID_DAYS);
}

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
        format_no_suggestion(suggestion, out);
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
