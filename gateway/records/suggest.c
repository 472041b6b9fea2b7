/* suggest.c -- the next week's goal for a patient. */
#include "records/suggest.h"

#include <errno.h>
#include <stdlib.h>

static int add_day(void *ctx, const struct sw_day_row *row)
{
    sw_progress_add(ctx, row);
    return 0;
}

/* Whether the newest score of the last week told of a flare. */
static int load_flare(struct sw_store *store, const struct sw_patient *patient,
                      int64_t now_s, bool *ret)
{
    struct sw_day_set set = {0};
    int64_t week_s = SW_PROGRESS_WEEK_DAYS * INT64_C(86400);
    int r = sw_store_load_last_pains(store, patient->key, &set);
    const struct sw_pain *newest = set.n_pains ? &set.pains[set.n_pains - 1] : NULL;
    *ret = newest && newest->flare && now_s - newest->at_s <= week_s;
    sw_day_set_fini(&set);
    return r;
}

int sw_records_suggest(struct sw_store *store, const struct sw_config *config,
                       const struct sw_zone *zone, const struct sw_patient *patient,
                       int64_t now_s, struct sw_suggestion *ret)
{
    struct sw_progress *progress = calloc(1, sizeof *progress);
    if (!progress)
        return -ENOMEM;
    progress->today = sw_day_of(zone, now_s);
    int r = sw_store_plan_on(store, patient->key, progress->today, &progress->plan);
    if (r == SW_STORE_NONE)
        progress->plan = config->plan;
    if (r >= 0)
        r = load_flare(store, patient, now_s, &progress->flare);
    if (r >= 0)
        r = sw_store_each_day(store, &patient->id, progress->today - SW_PROGRESS_DAYS,
                              progress->today - 1, add_day, progress);
    if (r >= 0)
        sw_progress_suggest(progress, ret);
    free(progress);
    return r < 0 ? r : 0;
}
