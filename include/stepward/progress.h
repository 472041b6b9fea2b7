/* progress.h -- a goal that grows with the patient: what to propose for the next week.
 *
 *     struct sw_progress progress = {.plan = plan, .today = today, .flare = flare};
 *     for each row of the last SW_PROGRESS_DAYS days: sw_progress_add(&progress, &row);
 *     sw_progress_suggest(&progress, &suggestion);
 *
 * It proposes; a therapist decides. The numbers come from these sources:
 *   - Graded activity sets quotas that a patient meets whatever the pain is that day,
 *     begins below the baseline and raises them step by step: Fordyce, "Behavioral
 *     Methods for Chronic Pain and Illness", 1976; Lindstrom et al., Phys Ther 72:279,
 *     1992. A first quota of 80 % of the baseline's median and steps of 10 % are what
 *     pacing programmes use; they are conventions, not measurements.
 *   - A goal of steps is what makes a counter work: Bravata et al., JAMA 298:2296,
 *     2007. Goals set from the patient's own baseline and raised by the week:
 *     Tudor-Locke, Am J Lifestyle Med 3(1 Suppl):508, 2009; with chronic low back pain:
 *     McDonough et al., Clin J Pain 29:972, 2013, where targets were met by 70 % on
 *     average, which 5 of 7 days come near.
 *   - Four valid days describe a week of steps: Trost et al., Med Sci Sports Exerc
 *     37:S531, 2005.
 *   - A change of 2 points of 11 in pain means something to a patient: Farrar et al.,
 *     Pain 94:149, 2001.
 *   - A goal that was met on no day of a week goes down to the median of what was
 *     walked, which half of the days meet: a quota is there to be met (Fordyce).
 *   - Floor and ceiling, half the goal and one and a half times it, are our own: days
 *     that far apart are the pattern of overdoing and resting that pacing should end.
 */
#ifndef STEPWARD_PROGRESS_H
#define STEPWARD_PROGRESS_H

#include "stepward/day.h"
#include "stepward/plan.h"

enum {
    SW_PROGRESS_DAYS = 28, /* days considered, without today */
    SW_PROGRESS_WEEK_DAYS = 7,
    SW_PROGRESS_VALID_DAYS = 4, /* valid days needed to judge a week */
    SW_PROGRESS_MET_DAYS = 5,   /* met days of 7 needed to raise the goal */
    SW_PROGRESS_FIRST_PCT = 80,
    SW_PROGRESS_RAISE_PCT = 10,
    SW_PROGRESS_FLARE_PCT = 80, /* of the goal, while a flare lasts */
    SW_PROGRESS_ROUND = 50,     /* steps; nobody plans for 4,137 */
    SW_PROGRESS_GOAL_MIN = 500, /* no goal is smaller, not even in a flare */
};
static const double sw_progress_pain_rise = 2;

/* What a suggestion is made from. With only plan and today set, no day is known. */
struct sw_progress {
    struct sw_plan plan; /* in force today */
    int32_t today;
    bool flare; /* the newest score is of the last week and a flare */
    struct sw_day_row days[SW_PROGRESS_DAYS]; /* in order of day */
    size_t n_days;
};
/* Rows in order of day; those out of [today - SW_PROGRESS_DAYS, today) are ignored. */
void sw_progress_add(struct sw_progress *progress, const struct sw_day_row *row);

enum sw_suggestion_kind {
    SW_SUGGEST_NOTHING, /* too little is known; the plan stays */
    SW_SUGGEST_FIRST,
    SW_SUGGEST_RAISE,
    SW_SUGGEST_KEEP,
    SW_SUGGEST_EASE, /* for a flare, or because no day met the goal */
};
struct sw_suggestion {
    enum sw_suggestion_kind kind;
    int32_t goal, floor, ceiling; /* SW_SUGGEST_NOTHING, _KEEP: the plan's own */
    /* why */
    int32_t valid_days, met_days; /* of the last week; FIRST: of all days considered */
    int64_t median;               /* steps of those valid days */
    double pain_rise;             /* last week's mean less that of the week before */
    bool flare;
    bool is_new; /* the goal is less than a week old: do not suggest twice */
};
void sw_progress_suggest(const struct sw_progress *progress, struct sw_suggestion *ret);
const char *sw_suggestion_name(enum sw_suggestion_kind kind); /* "raise"; static */

#endif
