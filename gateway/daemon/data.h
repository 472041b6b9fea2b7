/* data.h -- the files in data_dir, opened in whatever state the last run, the card or a
 * person left them; and whether its disk takes what must be kept.
 *
 *     struct data data = {.config = config, .incidents = &incidents, .lock_fd = -1};
 *     r = data_lock(&data, why);        // each may be tried again if it
 *     r = data_open_store(&data, why);  // fails: see disk_may_mend()
 *     r = data_open_inbox(&data, why);
 *     …
 *     data_note(&data, health, &state, now_ms); // for who cannot read the database
 *     data_close(&data);
 */
#ifndef DAEMON_DATA_H
#define DAEMON_DATA_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/incidents.h"
#include "stepward/config.h"
#include "stepward/inbox.h"
#include "stepward/lock.h"

/* The check of a large database, alongside work that does not need it. The check takes
 * minutes on a card, and messages need not wait for it: the inbox keeps them. But
 * nothing may be taken from the inbox until the database is known to be sound.
 *
 *     check_want(&check, path, &incidents); // the database is open, unchecked
 *     …
 *     r = check_tick(&check, now_ms);       // begins it; CHECK_SOUND when it is over
 *     check.is_awaited                      // poll check_fd()
 *     check_stop(&check);                   // whether it is over or not
 */
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
enum { CHECK_SOUND = 1 };

void check_want(struct check *check, const char *path, struct incidents *incidents);
int check_fd(const struct check *check); /* -1 while it does not run */
/* Returns 0; CHECK_SOUND once, when the database proved sound; or -EUCLEAN if it is
 * damaged, and check->why says how. A read error of the disk is logged and the check is
 * tried again. */
int check_tick(struct check *check, int64_t now_ms);
void check_stop(struct check *check);

struct data {
    const struct sw_config *config;
    struct incidents *incidents;
    struct sw_store *store;
    struct sw_inbox *inbox;
    int lock_fd;
    struct sw_lock_note note;
    int64_t noted_ms; /* when the count of commits was last written */
    int64_t noted_messages;
    struct check check; /* of the database, if it is large */
    /* The database is not the one from before: the broker may know more than it
     * does. */
    bool is_renewed;
};

/* Work that takes minutes within one turn of the loop must still show that the gateway
 * is alive: to systemd, and to `stepward status` by the lock file. */
struct beat {
    int lock_fd;   /* 0: there is none */
    int64_t at_ms; /* of the last beat */
};
/* Beats at most once a second; further calls cost nothing. */
void beat(struct beat *beat);

int data_lock(struct data *data, char why[static SW_WHY_MAX]);
/* A damaged or missing database is replaced by the newest sound backup, or by an empty
 * one; a damaged one is moved aside first. Each case but a first start is noted as an
 * incident. A large database is opened unchecked, and its check is wanted: tick it. */
int data_open_store(struct data *data, char why[static SW_WHY_MAX]);
int data_open_inbox(struct data *data, char why[static SW_WHY_MAX]);
void data_close(struct data *data);
/* Keep the note up to date. This is cheap when nothing changed. */
void data_note(struct data *data, const struct sw_health *health,
               const struct sw_lock_state *state, int64_t now_ms);

/* ---- the disk: an incident while it does not take what must be kept ---- */

struct disk_monitor {
    struct data *data;
    atomic_int *appended; /* the receiver's: result of its last append or try */
    int64_t probe_at_ms;
};

/* A full, read-only or failing disk may recover, and until then nothing is lost. */
bool disk_may_mend(int r);
/* What a person should do about it. Static. */
const char *disk_remedy(int r);
/* Whether a message that came now could be kept. After a start, and after a failed
 * append, this is tried out; while messages come in, each append is the try. */
bool disk_takes(struct disk_monitor *disk, int64_t now_ms);
void disk_check_inbox(const struct disk_monitor *disk, int64_t now_s); /* every turn */
void disk_check_space(const struct disk_monitor *disk,
                      int64_t now_s); /* every minute */

#endif
