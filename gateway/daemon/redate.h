/* redate.h -- all patients' readings that were dated by a wrong clock are dated anew.
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
    int64_t ahead_s;     /* so far the clock was; < 0: behind */
    struct sw_span span; /* when it was, by the clock that is right */
    struct sw_redated sum;
};

/* Of every patient in the store, and the days that change by it. What is dated after
 * redating.newest_s, by the clock that is right, is still to come. */
int redate_store(struct redate *redate, struct patients *patients);
void redate_format(const struct redate *redate, char text[static SW_WHY_MAX]);

#endif
