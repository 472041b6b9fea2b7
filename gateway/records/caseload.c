/* caseload.c -- patients with their plan and row of a day, sorted by therapist. */
#include "records/caseload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static int add_case(void *ctx, const struct sw_patient *patient,
                    const struct sw_plan *plan)
{
    struct sw_caseload *all = ctx;
    int r = GROW(all->items, all->n, all->cap);
    if (r < 0)
        return r;
    all->items[all->n++] = (struct sw_case){.therapist = plan->therapist,
                                            .patient = patient->id,
                                            .wake_to_min = plan->wake_to_min,
                                            .added_at_s = patient->added_at_s};
    return 0;
}

static int caseload_compare_id(const void *id, const void *item)
{
    return strcmp(id, ((const struct sw_case *)item)->patient.str);
}

static int caseload_add_row(void *ctx, const struct sw_day_row *row)
{
    struct sw_caseload *all = ctx;
    struct sw_case *item = all->n ? bsearch(row->patient.str, all->items, all->n,
                                            sizeof(*all->items), caseload_compare_id)
                                  : NULL;
    if (!item)
        return 0;
    item->has_data =
        row->steps > 0 || row->active_min + row->still_min + row->unworn_min > 0;
    item->met_goal = row->goal > 0 && row->steps >= row->goal;
    return 0;
}

static int by_therapist(const void *a, const void *b)
{
    const struct sw_case *x = a, *y = b;
    int order = strcmp(x->therapist.str, y->therapist.str);
    return order != 0 ? order : strcmp(x->patient.str, y->patient.str);
}

int sw_caseload_load(struct sw_caseload *ret, struct sw_store *store, int32_t day)
{
    *ret = (struct sw_caseload){0};
    int r = sw_store_each_patient_on(store, day, add_case, ret); /* in order of id */
    if (r >= 0)
        r = sw_store_each_day(store, NULL, day, day, caseload_add_row, ret);
    if (r < 0)
        sw_caseload_fini(ret);
    else if (ret->n > 0)
        qsort(ret->items, ret->n, sizeof(*ret->items), by_therapist);
    return r < 0 ? r : 0;
}

void sw_caseload_fini(struct sw_caseload *caseload)
{
    free(caseload->items);
    *caseload = (struct sw_caseload){.n = 0};
}

size_t sw_caseload_next(const struct sw_caseload *caseload, size_t i)
{
    const char *therapist = caseload->items[i].therapist.str;
    size_t n = 1;
    while (i + n < caseload->n &&
           strcmp(caseload->items[i + n].therapist.str, therapist) == 0)
        n++;
    return n;
}

int64_t sw_case_window_end(const struct sw_zone *zone, int32_t day,
                           const struct sw_case *cases, size_t n)
{
    int32_t last_min = 0;
    for (size_t i = 0; i < n; i++)
        if (cases[i].wake_to_min > last_min)
            last_min = cases[i].wake_to_min;
    return sw_minute_begin(zone, day, last_min);
}
