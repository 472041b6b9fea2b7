/* store_watch.h -- when to look whether another program changed the store.
 *
 *     sw_store_watch_init(&watch, path);
 *     poll(sw_store_watch_fd(&watch), …, watch.next_ms - now_ms);
 *     if (sw_store_watch_is_due(&watch, now_ms)) …  // look now, see sw_store_poll()
 *     sw_store_watch_fini(&watch);
 *
 * Who wrote touches the database when that can be seen, as the command line does, and it
 * is looked at once. Only the time of the file is watched, not its content, so that what
 * the gateway writes itself does not wake it. What a program wrote that does not touch the
 * database, such as sqlite3, is found by a look every 20 seconds.
 */
#ifndef STEPWARD_STORE_WATCH_H
#define STEPWARD_STORE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SW_STORE_WATCH_PAUSE_MS = 100, /* after a touch; so long, others do not wake us */
    SW_STORE_WATCH_POLL_MS = 20 * 1000, /* nobody has to touch it */
    SW_STORE_WATCH_BLIND_MS = 1000,     /* touches cannot be seen */
};

struct sw_store_watch {
    int fd;          /* -1: touches cannot be seen */
    int64_t next_ms; /* the next look, monotonic, as all times here */
    bool is_pausing; /* until then */
};

/* The first look is due. 0, or a negative errno why touches cannot be seen, such as
 * -ENOSPC or -EMFILE: it is looked at every second then. */
int sw_store_watch_init(struct sw_store_watch *watch, const char *path);
void sw_store_watch_fini(struct sw_store_watch *watch);
int sw_store_watch_fd(
    const struct sw_store_watch *watch); /* -1: next_ms comes sooner */
bool sw_store_watch_is_due(struct sw_store_watch *watch, int64_t now_ms);

/* To call when what was written to the database at path can be seen. */
void sw_store_watch_touch(const char *path);

#endif
