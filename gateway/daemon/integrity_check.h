/* integrity_check.h -- the check of a large database, alongside work that does not need
 * it.
 *
 * The check takes minutes on a card, and messages need not wait for it: the inbox keeps
 * them. But nothing may be taken from the inbox until the database is known to be
 * sound.
 *
 *     check_want(&check, path, &incidents); // the database is open, unchecked
 *     …
 *     r = check_tick(&check, now_ms);       // begins it; CHECK_SOUND when it is over
 *     check_is_awaited(&check)              // poll check_fd()
 *     check_stop(&check);                   // whether it is over or not
 */
#ifndef DAEMON_INTEGRITY_CHECK_H
#define DAEMON_INTEGRITY_CHECK_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/incidents.h"

enum { CHECK_SOUND = 1 };

struct check { /* all zero: none is wanted */
    char path[4096];
    struct incidents *incidents;
    bool is_awaited;
    int64_t begin_at_ms; /* the next try, after it could not be done */
    int64_t began_ms;
    struct sw_store *store; /* its own connection; NULL: it does not run */
    pthread_t thread;
    int event_fd; /* readable when the thread has ended; only while it runs */
    atomic_bool has_ended;
    int r; /* what the thread found, and why */
    char why[SW_WHY_MAX];
};

void check_want(struct check *check, const char *path, struct incidents *incidents);
bool check_is_awaited(const struct check *check);
int check_fd(const struct check *check); /* -1 while it does not run */
/* Returns 0; CHECK_SOUND once, when the database proved sound; or -EUCLEAN if it is
 * damaged, and check->why says how. A read error of the disk is logged and the check is
 * tried again. */
int check_tick(struct check *check, int64_t now_ms);
void check_stop(struct check *check);

#endif
