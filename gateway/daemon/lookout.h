/* lookout.h -- when to look whether another hand changed the store.
 *
 *     lookout_open(&lookout, path);
 *     poll(lookout_fd(&lookout), …, lookout.next_ms - now_ms);
 *     if (lookout_is_due(&lookout, now_ms)) …  // look now
 *     …                                        // write
 *     lookout_forget_own(&lookout, now_ms);    // the last of every turn
 *     lookout_close(&lookout);
 *
 * The doorbell says when somebody writes. What they wrote is seen a little later, when
 * their disk is done, and so a ring is followed by looks at longer and longer
 * intervals: never later than it took again, and nothing is missed for good. We ring it
 * ourselves, too, and that shall not keep us busy. Without a doorbell it is looked
 * every second.
 */
#ifndef DAEMON_LOOKOUT_H
#define DAEMON_LOOKOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "stepward/doorbell.h"

enum {
    LOOKOUT_LEAST_MS = 100, /* after a ring; so long, further ones do not wake us */
    LOOKOUT_MOST_MS = 20 * 1000, /* whatever rings: a file system may not tell */
    LOOKOUT_BLIND_MS = 1000,     /* without a doorbell, and after our own writing */
};

struct lookout {
    struct sw_doorbell bell;
    bool has_bell;
    int64_t next_ms; /* the next look, monotonic, as all times here */
    int64_t pause_ms;
};

/* Why there is no doorbell is logged. The first look is due. */
void lookout_open(struct lookout *lookout, const char *path);
void lookout_close(struct lookout *lookout);   /* all zero is closed */
int lookout_fd(const struct lookout *lookout); /* -1: next_ms comes sooner */
bool lookout_is_due(struct lookout *lookout, int64_t now_ms);
void lookout_forget_own(struct lookout *lookout, int64_t now_ms);

#endif
