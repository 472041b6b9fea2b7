/* digests.h -- when therapists' digests are due, looked up seldom, and stored when they
 * are. */
#ifndef DAEMON_DIGESTS_H
#define DAEMON_DIGESTS_H

#include "daemon/ward.h"
#include "stepward/config.h"

struct digests {
    int64_t due_s;  /* the next one; 0: to be looked up */
    uint64_t epoch; /* of the store, when that was looked up */
    bool stored;    /* some, in the transaction that is under way */
};

/* What it rests on may have changed by our own hand: patients, the day. What another
 * one changes in the store is noticed without it. */
void digests_look_again(struct digests *digests);
bool digests_are_due(struct digests *digests, const struct ward *ward,
                     const struct judging *judging);
/* Those that are due, in the caller's transaction. */
int digests_store(struct digests *digests, const struct ward *ward,
                  const struct sw_config *config, const struct judging *judging);
void digests_settle(struct digests *digests); /* the transaction is on the disk */

#endif
