/* data.h -- the files in data_dir, opened in whatever state the last run, the card or a
 * person left them.
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

#include "daemon/incidents.h"
#include "daemon/integrity_check.h"
#include "stepward/config.h"
#include "stepward/inbox.h"
#include "stepward/lock.h"

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
/* Damage was found at work: the next start checks all of the database. */
void data_distrust(struct data *data, const char *problem);

#endif
