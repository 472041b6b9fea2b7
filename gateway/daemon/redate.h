/* redate.h -- redate all patients' readings that were dated by a wrong clock.
 *
 *     struct redate redate = {.redating = …, .ahead_s = …, .span = …};
 *     r = redate_store(&redate, patients);     // in a transaction
 *     redate_format(&redate, text);           // what was wrong, and what was done
 */
#ifndef DAEMON_REDATE_H
#define DAEMON_REDATE_H

#include "daemon/patients.h"

struct redate {
    struct sw_redating redating;
    int64_t ahead_s;     /* how far the clock was ahead; < 0: behind */
    struct sw_span span; /* when that was, by the correct clock */
    struct sw_redated sum;
};

/* Redate every patient in the store, and recompute the days that change by it. What is
 * dated after redating.newest_s, by the correct clock, lies in the future. */
int redate_store(struct redate *redate, struct patients *patients);
void redate_format(const struct redate *redate, char text[static SW_WHY_MAX]);

#endif
