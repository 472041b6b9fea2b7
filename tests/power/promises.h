/* promises.h -- what the gateway and the command line have promised so far, as the
 * journal shows it, and whether a state of the disk keeps it.
 *
 *     promises_hear(promises, &entry);           // entry by entry
 *     promises_check(promises, &state, now_ns, &broken);
 *
 * A promise is made where the world hears of it: to the broker by a PUBACK (the message
 * is safe) and by publishing an alert (this revision stands), to a person by a command
 * that ended with 0, of which the test puts a note into the journal:
 *
 *     patient ID     goal ID STEPS     acknowledged ALERT
 */
#ifndef TEST_PROMISES_H
#define TEST_PROMISES_H

#include "facts.h"
#include "journal.h"

struct promises;

/* Messages must be safe within_ns after their PUBACK; 0: before it. */
struct promises *promises_new(const char *site, int64_t within_ns);
void promises_free(struct promises *promises);
void promises_hear(struct promises *promises, const struct journal_entry *entry);

enum { PROMISE_TEXT_MAX = 200 };
struct broken {
    long lost;                   /* promises not kept */
    long lost_in_time;           /* messages lost as they may be */
    int64_t worst_loss_ns;       /* the oldest message lost, kept as promised or not */
    char text[PROMISE_TEXT_MAX]; /* one of the lost */
};
/* The state's facts: see state.h. */
void promises_check(const struct promises *promises, struct facts *state,
                    int64_t now_ns, struct broken *ret);
/* What was received, acknowledged or not: the readings there can be. */
struct facts *promises_received(struct promises *promises);
int32_t promises_run(const struct promises *promises); /* the gateway's process */
/* Messages, alert revisions and notes promised so far. */
long promises_count(const struct promises *promises);

#endif
