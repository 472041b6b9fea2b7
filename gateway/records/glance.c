/* glance.c -- what a row of the board shows of a patient, computed once a change.
 * Who is shown, and in which order, is worklist.c's business; how it looks, the board's. */
#include "records/glance.h"

#include <errno.h>
#include <stdlib.h>

#include "records/facts.h"
#include "records/records.h"

enum {
    KEPT_S = 5 * 60,   /* the longest that a change without a message stays unseen */
    SPREAD_S = 2 * 60, /* so that not all are computed anew in one moment */
};

/* A patient as last computed, and what it was computed from. */
struct sw_glance_kept {
    int64_t patient_key, until_s;
    int32_t today;
    int64_t heard_at_s;
    struct sw_plan plan;
    bool has_row;
    struct sw_day_row row;

    struct sw_window *window;
    int64_t minute; /* of which strip and known_min are; 0: of none yet */
    struct sw_glance glance;
};

static void kept_free(struct sw_glance_kept *kept)
{
    if (kept)
        free(kept->window);
    free(kept);
}

void sw_glances_fini(struct sw_glances *glances)
{
    for (size_t i = 0; i < SW_GLANCES_MAX; i++)
        kept_free(glances->of[i]);
    free(glances->day);
    *glances = (struct sw_glances){.day = NULL};
}

void sw_glances_drop_old(struct sw_glances *glances, int64_t now_s)
{
    for (size_t i = 0; i < SW_GLANCES_MAX; i++)
        if (glances->of[i] && glances->of[i]->until_s <= now_s) {
            kept_free(glances->of[i]);
            glances->of[i] = NULL;
        }
}

/* ---- is what we have still true? ---- */

/* Whether both rows say the same of the minutes and the scores. */
static bool is_same_row(const struct sw_day_row *a, const struct sw_day_row *b)
{
    return a->steps == b->steps && a->active_min == b->active_min &&
           a->still_min == b->still_min && a->unworn_min == b->unworn_min &&
           a->unknown_min == b->unknown_min && a->brisk_min == b->brisk_min &&
           a->rests_60 == b->rests_60 && a->longest_rest_min == b->longest_rest_min &&
           a->longest_rest_from == b->longest_rest_from && a->n_pains == b->n_pains &&
           a->pain_max == b->pain_max && a->pain_mean == b->pain_mean;
}

static bool is_true_of(const struct sw_glance_kept *kept,
                       const struct sw_glance_input *input)
{
    return kept && kept->patient_key == input->patient->key &&
           kept->heard_at_s == input->patient->heard_at_s &&
           kept->today == sw_day_of(input->zone, input->now_s) &&
           input->now_s < kept->until_s && input->now_s >= kept->until_s - KEPT_S &&
           kept->has_row == (input->row != NULL) &&
           (!input->row || is_same_row(&kept->row, input->row)) &&
           sw_plan_equal(&kept->plan, input->plan);
}

/* ---- computing ---- */

static enum sw_square square_of(const struct sw_day_row *row)
{
    if (row->goal > 0 && row->steps >= row->goal)
        return SW_SQUARE_MET;
    if (!sw_day_row_knows_steps(row))
        return SW_SQUARE_NO_DATA;
    if (!row->valid)
        return SW_SQUARE_THIN;
    return row->goal > 0 ? SW_SQUARE_BELOW : SW_SQUARE_NO_GOAL;
}

static int keep_square(void *ctx, const struct sw_day_row *row)
{
    struct sw_glance_kept *kept = ctx;
    int32_t ago = kept->today - row->day;
    if (ago >= 0 && ago < SW_GLANCE_DAYS)
        kept->glance.week[SW_GLANCE_DAYS - 1 - ago] = square_of(row);
    return 0;
}

static int compute_day(struct sw_glances *glances, const struct sw_glance_input *input,
                       struct sw_glance_kept *kept)
{
    if (!glances->day)
        glances->day = malloc(sizeof *glances->day);
    if (!glances->day)
        return -ENOMEM;
    int r = sw_records_day(input->store, input->zone, input->patient->key, kept->today,
                           glances->day);
    if (r < 0)
        return r;
    kept->window = sw_window_new(glances->day);
    if (!kept->window)
        return -ENOMEM;
    kept->glance.from_min = sw_local_minute(input->zone, kept->window->begin_s);
    kept->glance.window_min = kept->window->n;
    return 0;
}

static int compute(struct sw_glances *glances, const struct sw_glance_input *input,
                   struct sw_glance_kept *kept)
{
    struct sw_glance *glance = &kept->glance;
    struct sw_facts facts = {.now_s = input->now_s};
    const struct sw_stored_history history = {
        .store = input->store, .zone = input->zone, .patient = input->patient};
    int r = compute_day(glances, input, kept);
    if (r >= 0)
        r = sw_stored_pains(&history, &facts);
    if (r >= 0)
        r = sw_stored_batteries(&history, NULL, &facts);
    if (r >= 0)
        r = sw_store_each_day(input->store, &input->patient->id,
                              kept->today - SW_GLANCE_DAYS + 1, kept->today,
                              keep_square, kept);
    glance->score_at_s = facts.score_at_s;
    glance->score = facts.score;
    glance->score_median = facts.score_median;
    glance->n_before = facts.n_scores_before;
    glance->battery_pct = facts.battery_newest_s != 0 ? facts.battery_pct : -1;
    return r < 0 ? r : 0;
}

static int keep_anew(struct sw_glances *glances, const struct sw_glance_input *input,
                     struct sw_glance_kept **place)
{
    int64_t key = input->patient->key;
    kept_free(*place);
    *place = calloc(1, sizeof **place);
    if (!*place)
        return -ENOMEM;
    **place = (struct sw_glance_kept){
        .patient_key = key,
        .until_s = input->now_s + KEPT_S - key % SPREAD_S,
        .today = sw_day_of(input->zone, input->now_s),
        .heard_at_s = input->patient->heard_at_s,
        .plan = *input->plan,
        .has_row = input->row != NULL,
    };
    if (input->row)
        (*place)->row = *input->row;
    int r = compute(glances, input, *place);
    if (r < 0) {
        kept_free(*place);
        *place = NULL;
    }
    return r;
}

/* ---- of this moment ---- */

static int32_t minute_of(const struct sw_window *window, int64_t at_s)
{
    int64_t minute = (at_s - window->begin_s) / 60;
    if (minute < 0)
        return 0;
    return minute < window->n ? (int32_t)minute : window->n;
}

/* Several look in the same minute. */
static void kept_turn_to(struct sw_glance_kept *kept, int64_t now_s)
{
    const struct sw_window *window = kept->window;
    int32_t known = sw_window_past_min(window, now_s);
    if (kept->minute == now_s / 60)
        return;
    while (known > 0 && window->classes[known - 1] != SW_MINUTE_STILL &&
           window->classes[known - 1] != SW_MINUTE_ACTIVE)
        known--;
    kept->minute = now_s / 60;
    kept->glance.known_min = known;
    sw_window_strip(window, now_s, kept->glance.strip);
}

int sw_glance_take(struct sw_glances *glances, const struct sw_glance_input *input,
                   struct sw_glance *ret)
{
    struct sw_glance_kept **place =
        &glances->of[(uint64_t)input->patient->key % SW_GLANCES_MAX];
    int r = is_true_of(*place, input) ? 0 : keep_anew(glances, input, place);
    if (r < 0)
        return r;
    struct sw_glance_kept *kept = *place;
    kept_turn_to(kept, input->now_s);
    *ret = kept->glance;
    ret->rest_from_min = minute_of(kept->window, input->rest.from_s);
    ret->rest_to_min = minute_of(kept->window, input->rest.to_s);
    enum sw_square *today = &ret->week[SW_GLANCE_DAYS - 1];
    if (input->plan->goal > 0 && *today != SW_SQUARE_MET && *today != SW_SQUARE_NO_DATA)
        *today = SW_SQUARE_SO_FAR;
    return 0;
}
