/* store_watch.h -- when to look whether another program changed the store.
 *
 *     sw_store_watch_init(&watch, path);
 *     poll(sw_store_watch_fd(&watch), …, watch.next_ms - now_ms);
 *     if (sw_store_watch_is_due(&watch, now_ms)) …  // look now, see sw_store_poll()
 *     sw_store_watch_fini(&watch);
 *
 * Whoever wrote touches the database once others can see it, as the command line does,
 * and the gateway looks at once. Only the time of the file is watched, not its content,
 * so that the gateway is not woken by what it writes itself. A look every 20 seconds
 * finds what was written by a program that does not touch the database, such as
 * sqlite3.
 */
#ifndef STEPWARD_STORE_WATCH_H
#define STEPWARD_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SW_STORE_WATCH_PAUSE_MS = 100, /* after a touch no other one wakes us for so long */
    SW_STORE_WATCH_POLL_MS = 20 * 1000, /* for writers that do not touch it */
    SW_STORE_WATCH_BLIND_MS = 1000,     /* where touches cannot be seen */
};

struct sw_store_watch {
    int fd;          /* -1: touches cannot be seen */
    int64_t next_ms; /* when the next look is due, monotonic, as all times here */
    bool is_pausing; /* touches do not count until then */
};

/* The first look is due at once. 0, or a negative errno why touches cannot be seen,
 * such as -ENOSPC or -EMFILE: then a look is due every second. */
int sw_store_watch_init(struct sw_store_watch *watch, const char *path);
void sw_store_watch_fini(struct sw_store_watch *watch);
int sw_store_watch_fd(
    const struct sw_store_watch *watch); /* -1: next_ms comes sooner */
bool sw_store_watch_is_due(struct sw_store_watch *watch, int64_t now_ms);

/* Call it once others can see what was written to the database at path. */
void sw_store_watch_touch(const char *path);

#endif
