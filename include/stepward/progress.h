/* progress.h -- a goal that grows with the patient: what to propose for the next week.
 *
 *     struct sw_progress progress = {.plan = plan, .today = today, .flare = flare};
 *     for each row of the last SW_PROGRESS_DAYS days: sw_progress_add(&progress, &row);
 *     sw_progress_suggest(&progress, &suggestion);
 *
 * It proposes; a therapist decides. Where the numbers come from:
 *   - graded activity sets quotas that a patient meets whatever the pain is that day,
 *     begins below the baseline and raises them step by step: Fordyce, "Behavioral
 *     Methods for Chronic Pain and Illness", 1976; Lindstrom et al., Phys Ther 72:279,
 *     1992. A first quota of 80 % of the baseline's middle and steps of 10 % are what
 *     pacing programmes use; they are conventions, not measurements.
 *   - a goal of steps is what makes a counter work: Bravata et al., JAMA 298:2296,
 * 2007; goals set from the patient's own baseline and raised by the week: Tudor-Locke,
 * Am J Lifestyle Med 3(1 Suppl):508, 2009; with chronic low back pain: McDonough et
 * al., Clin J Pain 29:972, 2013, where targets were met by 70 % on average, which 5 of
 * 7 days come near.
 *   - four valid days describe a week of steps: Trost et al., Med Sci Sports Exerc
 *     37:S531, 2005.
 *   - a change of 2 points of 11 in pain means something to a patient: Farrar et al.,
 *     Pain 94:149, 2001.
 *   - a goal that was met on no day of a week goes down to the middle of what was
 * walked, which half of the days meet: a quota is there to be met (Fordyce).
 *   - floor and ceiling, half the goal and one and a half times it, are ours: days that
 *     far apart are the pattern of overdoing and resting that pacing is meant to end.
 */
#ifndef STEPWARD_PROGRESS_H
#define STEPWARD_PROGRESS_H

#include "stepward/day.h"
#include "stepward/plan.h"

enum {
    SW_PROGRESS_DAYS = 28, /* looked back at most, today excluded */
    SW_PROGRESS_WEEK_DAYS = 7,
    SW_PROGRESS_VALID_DAYS = 4, /* to know a week */
    SW_PROGRESS_MET_DAYS = 5,   /* of 7, to raise the goal */
    SW_PROGRESS_FIRST_PCT = 80,
    SW_PROGRESS_RAISE_PCT = 10,
    SW_PROGRESS_FLARE_PCT = 80, /* of the goal, while a flare lasts */
    SW_PROGRESS_ROUND = 50,     /* steps; nobody plans for 4,137 */
    SW_PROGRESS_GOAL_MIN = 500, /* smaller is no goal: never zero, also in a flare */
};
static const double sw_progress_pain_rise = 2;

/* What is looked at. All zero but plan and today: no day is known. */
struct sw_progress {
    struct sw_plan plan; /* in force today */
    int32_t today;
    bool flare; /* the newest score, of the last week, says so */
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
    int32_t goal, floor, ceiling; /* the plan's, with SW_SUGGEST_NOTHING and _KEEP */
    /* why */
    int32_t valid_days, met_days; /* of the last week; _FIRST: of the days looked at */
    int64_t median;               /* steps of those valid days */
    double pain_rise;             /* last week's mean less that of the week before */
    bool flare;
    bool is_new; /* the goal is not a week old: a suggestion is taken once */
};
void sw_progress_suggest(const struct sw_progress *progress, struct sw_suggestion *ret);
const char *sw_suggestion_name(enum sw_suggestion_kind kind); /* "raise"; static */

#endif
