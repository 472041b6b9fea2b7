/* store_watch.h -- when to check whether another program changed the store.
 *
 *     r = sw_store_watch_init(&watch, path);
 *     poll(sw_store_watch_fd(&watch), …, watch.next_ms - now_ms);
 *     if (sw_store_watch_is_due(&watch, now_ms)) …  // see sw_store_poll()
 *     sw_store_watch_fini(&watch);
 *
 * A writer touches the database file once others can see the change, as the command
 * line does, and the gateway checks at once. Only the file's time is watched, not its
 * content, so the gateway's own writes do not wake it. A check every 20 seconds finds
 * the writes of programs that do not touch the file, such as sqlite3.
 */
#ifndef STEPWARD_STORE_WATCH_H
#define STEPWARD_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SW_STORE_WATCH_PAUSE_MS = 100,      /* after a touch, further ones wait so long */
    SW_STORE_WATCH_POLL_MS = 20 * 1000, /* for writers that do not touch it */
    SW_STORE_WATCH_BLIND_MS = 1000,     /* where touches cannot be seen */
};

struct sw_store_watch {
    int fd;          /* -1: touches cannot be seen */
    int64_t next_ms; /* when the next check is due; monotonic, like all times here */
    bool is_pausing; /* until then touches are ignored */
};

/* The first check is due at once. 0, or a negative errno if touches cannot be seen,
 * such as -ENOSPC or -EMFILE: the watch still works, with a check every second. */
int sw_store_watch_init(struct sw_store_watch *watch, const char *path);
void sw_store_watch_fini(struct sw_store_watch *watch);
int sw_store_watch_fd(
    const struct sw_store_watch *watch); /* -1: wait for next_ms only */
bool sw_store_watch_is_due(struct sw_store_watch *watch, int64_t now_ms);

/* Writers: call it once others can see what you wrote to the database at path. */
void sw_store_watch_touch(const char *path);

#endif
