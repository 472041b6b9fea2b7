/* progress.c -- the next week's goal from the last valid days.
 * The sentence that explains it is wire/message.c's business. */
#include "stepward/progress.h"

static const double unknown_pain = -1;

void sw_progress_add(struct sw_progress *progress, const struct sw_day_row *row)
{
    bool is_near =
        row->day >= progress->today - SW_PROGRESS_DAYS && row->day < progress->today;
    if (is_near && progress->n_days < SW_PROGRESS_DAYS)
        progress->days[progress->n_days++] = *row;
}

/* ---- what the days say ---- */

/* Count the valid days since from_day. Of two middle days the lower is the median,
 * because a goal must be within reach. */
static int32_t count_valid(const struct sw_progress *progress, int32_t from_day,
                           int64_t *ret_median)
{
    int64_t sorted[SW_PROGRESS_DAYS];
    size_t n = 0;
    for (size_t i = 0; i < progress->n_days; i++) {
        const struct sw_day_row *day = &progress->days[i];
        if (!day->valid || day->day < from_day)
            continue;
        size_t place = n++;
        for (; place > 0 && sorted[place - 1] > day->steps; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = day->steps;
    }
    *ret_median = n > 0 ? sorted[(n - 1) / 2] : 0;
    return (int32_t)n;
}

static int32_t count_met(const struct sw_progress *progress, int32_t from_day)
{
    int32_t n = 0;
    for (size_t i = 0; i < progress->n_days; i++) {
        const struct sw_day_row *day = &progress->days[i];
        n += day->valid && day->day >= from_day && day->goal > 0 &&
             day->steps >= day->goal;
    }
    return n;
}

/* The mean of the daily means of [from_day, to_day). */
static double mean_pain(const struct sw_progress *progress, int32_t from_day,
                        int32_t to_day)
{
    double sum = 0;
    int n = 0;
    for (size_t i = 0; i < progress->n_days; i++) {
        const struct sw_day_row *day = &progress->days[i];
        if (day->n_pains == 0 || day->day < from_day || day->day >= to_day)
            continue;
        sum += day->pain_mean;
        n++;
    }
    return n > 0 ? sum / n : unknown_pain;
}

static double pain_rise(const struct sw_progress *progress)
{
    int32_t today = progress->today, week = SW_PROGRESS_WEEK_DAYS;
    double before = mean_pain(progress, today - 2 * week, today - week);
    double now = mean_pain(progress, today - week, today);
    return before < 0 || now < 0 ? 0 : now - before;
}

/* ---- what follows ---- */

static int32_t round_steps(int64_t steps, int32_t least)
{
    int64_t rounded = (steps + SW_PROGRESS_ROUND / 2) / SW_PROGRESS_ROUND;
    rounded *= SW_PROGRESS_ROUND;
    if (rounded < least)
        return least;
    return rounded < SW_STEPS_A_DAY_MAX ? (int32_t)rounded : SW_STEPS_A_DAY_MAX;
}

static void set_goal(struct sw_suggestion *ret, enum sw_suggestion_kind kind,
                     int64_t steps)
{
    ret->kind = kind;
    ret->goal = round_steps(steps, SW_PROGRESS_GOAL_MIN);
    ret->floor = round_steps(ret->goal / 2, SW_PROGRESS_ROUND);
    ret->ceiling = round_steps(ret->goal * INT64_C(3) / 2, SW_PROGRESS_GOAL_MIN);
}

static void suggest_next(const struct sw_progress *progress, struct sw_suggestion *ret)
{
    int64_t goal = progress->plan.goal;
    int64_t raised = goal * (100 + SW_PROGRESS_RAISE_PCT) / 100;
    int64_t least = goal + SW_PROGRESS_ROUND; /* rounding must not swallow the step */
    bool is_worse = ret->pain_rise >= sw_progress_pain_rise;
    bool is_met = ret->met_days >= SW_PROGRESS_MET_DAYS;
    bool is_judged = ret->valid_days >= SW_PROGRESS_VALID_DAYS;
    bool is_out_of_reach = is_judged && ret->met_days == 0;
    int64_t most = goal - SW_PROGRESS_ROUND; /* rounding must not bring it back */
    int64_t within_reach = ret->median < most ? ret->median : most;
    bool can_ease = goal > SW_PROGRESS_GOAL_MIN;
    if (ret->is_new)
        ret->kind = SW_SUGGEST_KEEP;
    else if (progress->flare && can_ease)
        set_goal(ret, SW_SUGGEST_EASE, goal * SW_PROGRESS_FLARE_PCT / 100);
    else if (is_met && !is_worse && !progress->flare)
        set_goal(ret, SW_SUGGEST_RAISE, raised > least ? raised : least);
    else if (is_out_of_reach && can_ease) /* begin again at what was walked: a goal that
                                           * is never met teaches that none matters */
        set_goal(ret, SW_SUGGEST_EASE, within_reach);
    else if (is_judged || progress->flare)
        ret->kind = SW_SUGGEST_KEEP;
}

void sw_progress_suggest(const struct sw_progress *progress, struct sw_suggestion *ret)
{
    const struct sw_plan *plan = &progress->plan;
    int32_t week = progress->today - SW_PROGRESS_WEEK_DAYS;
    *ret = (struct sw_suggestion){
        .kind = SW_SUGGEST_NOTHING,
        .goal = plan->goal,
        .floor = plan->floor,
        .ceiling = plan->ceiling,
        .met_days = count_met(progress, week),
        .pain_rise = pain_rise(progress),
        .flare = progress->flare,
    };
    for (size_t i = 0; i < progress->n_days;
         i++) /* a new goal has not been tried yet */
        if (progress->days[i].day >= week && progress->days[i].goal != plan->goal)
            ret->is_new = true;
    if (plan->goal != 0) {
        ret->valid_days = count_valid(progress, week, &ret->median);
        suggest_next(progress, ret);
        return;
    }
    ret->valid_days =
        count_valid(progress, progress->today - SW_PROGRESS_DAYS, &ret->median);
    if (ret->valid_days >= SW_PROGRESS_VALID_DAYS)
        set_goal(ret, SW_SUGGEST_FIRST, ret->median * SW_PROGRESS_FIRST_PCT / 100);
}

const char *sw_suggestion_name(enum sw_suggestion_kind kind)
{
    static const char *const names[] = {"nothing", "first", "raise", "keep", "ease"};
    return names[kind];
}
