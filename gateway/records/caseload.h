/* caseload.h -- which therapist has which patients on a day.
 *
 *     struct sw_caseload all = {0};
 *     r = sw_caseload_load(&all, store, day);
 *     for (size_t i = 0; i < all.n; i += n)
 *         n = sw_caseload_next(&all, i);      // all.items[i…i+n) are one therapist's
 *     sw_caseload_fini(&all);
 */
#ifndef RECORDS_CASELOAD_H
#define RECORDS_CASELOAD_H

#include "stepward/civil.h"
#include "stepward/store.h"

struct sw_case {
    struct sw_therapist_id therapist; /* from the plan in force that day */
    struct sw_patient_id patient;
    int32_t wake_to_min;
    int64_t added_at_s;
    bool has_data; /* steps, or minutes known worn or unworn */
    bool met_goal;
};
/* Sorted by therapist, then patient. */
struct sw_caseload {
    struct sw_case *items;
    size_t n, cap;
};

int sw_caseload_load(struct sw_caseload *ret, struct sw_store *store, int32_t day);
void sw_caseload_fini(struct sw_caseload *caseload);
/* How many items from the i-th on have the same therapist. */
size_t sw_caseload_next(const struct sw_caseload *caseload, size_t i);

/* When the last wake window of these n patients ends on that day. */
int64_t sw_case_window_end(const struct sw_zone *zone, int32_t day,
                           const struct sw_case *cases, size_t n);

#endif
