/* commit_private.h -- what judging found, between commit.c and commit_store.c.
 *
 * An effect is a value: memory is changed by it once it is on the disk, not before. One
 * that was not stored is found again by the next attempt.
 */
#ifndef DAEMON_COMMIT_PRIVATE_H
#define DAEMON_COMMIT_PRIVATE_H

#include "daemon/commit.h"

struct effect {
    struct patient *patient;
    struct sw_alert alert; /* as it is after the change; see open_effect() */
    enum sw_alert_state from;
    bool opens; /* it has a new id */
    bool publish;
    bool waits; /* it is no reason to commit */
    const char *who, *why;
};
struct effects {
    struct effect *items;
    size_t n, cap;
    size_t n_acts;   /* the first of them: what therapists asked for */
    size_t n_urgent; /* those that do not wait */
};

/* Whether the time at which the patient was heard is part of this commit. */
bool commit_has_heard(const struct commit *commit, const struct patient *patient);
/* Store everything that is pending, in the open transaction. */
int commit_store(struct commit *commit, struct effects *effects,
                 const struct eval_time *eval_time);

#endif
