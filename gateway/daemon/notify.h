/* notify.h -- the clinic's own programs are told of the alerts that are published: by
 * mail, to a phone, however they do it.
 *
 *     notify_turn(&notify, clock);      // every turn of the loop; never waits
 *     notify_fd(&notify)                // poll it: a program printed, or ended
 *     notify.next_ms                    // …or the loop comes back then
 *
 * A publication is a row of the store, written in the transaction that stores the alert.
 * It goes when every program in the folder has ended with 0 for it: so each is told at
 * least once, whatever dies meanwhile. One that fails is tried again, later and later;
 * what is older than NOTIFY_KEPT_S is dropped, and an incident says so. Publications of
 * one alert are told in their order; those of others do not wait for them.
 *
 * With an empty `run` there is no descriptor and no query.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "daemon/connection_log.h"
#include "daemon/incidents.h"
#include "stepward/child.h"
#include "stepward/config.h"
#include "stepward/host.h"
#include "stepward/programs.h"

enum {
    NOTIFY_AT_ONCE = 4,          /* a few MB each, and the gateway's unit has 96 */
    NOTIFY_AT_ONCE_OF_ONE = 2,   /* one that hangs does not take all of them */
    NOTIFY_LIMIT_MS = 60 * 1000, /* a mail server may be slow, but not for ever */
    NOTIFY_RETRY_MS = 5 * 1000,  /* after the first failure; then twice as long… */
    NOTIFY_RETRY_MAX_MS = 5 * 60 * 1000, /* …up to this */
    NOTIFY_LOOK_MS = 10 * 1000,          /* at the folder, while something waits */
    NOTIFY_KEPT_S = 24 * 3600,           /* older news helps nobody */
    NOTIFY_ROWS_MAX = 4096,              /* far more than people can read in a day */
};

/* A row of the store, as far as it is needed to choose the next. Bits: programs, by
 * their place. */
struct notify_job {
    int64_t seq, at_s;
    uint64_t alert; /* fingerprint of its id */
    int64_t before; /* seq of the last one before it of the same alert; 0: none */
    uint8_t told, running;
    uint8_t tries[SW_PROGRAMS_MAX];
    char *unstored; /* told, and the store does not know yet; NULL: it does */
};

struct notify_run {
    struct sw_child child;
    int64_t seq;
    char program[SW_PROGRAM_NAME_MAX + 1];
    char patient[SW_ID_MAX + 1], name[SW_NAME_MAX + 1]; /* not to be repeated */
};

/* Of one program. */
struct notify_trouble {
    int n_failed;     /* in a row */
    int64_t retry_ms; /* what failed before is not tried again before then */
    char why[SW_WHY_MAX];
};

struct notify { /* all zero but epoll_fd -1: it is off */
    const struct sw_config *config;
    const struct sw_zone *zone;
    struct sw_store *store;
    struct incidents *incidents;
    int epoll_fd;
    struct sw_programs programs;
    struct notify_trouble troubles[SW_PROGRAMS_MAX];
    int64_t looked_ms; /* at the folder; 0: never */
    struct notify_job *jobs;
    size_t n, cap;
    int64_t loaded_to; /* all rows up to this seq were loaded */
    bool maybe_more;   /* the store may hold rows that were not */
    uint64_t epoch;
    struct notify_run runs[NOTIFY_AT_ONCE];
    int64_t next_ms; /* INT64_MAX: nothing is due by itself */
};

/* 0, or a negative errno. It stays off if the configuration has no notify. */
int notify_init(struct notify *notify, const struct sw_config *config,
                const struct sw_zone *zone, struct sw_store *store,
                struct incidents *incidents);
/* Ends what runs: it is told again by the next run. */
void notify_fini(struct notify *notify);

int notify_fd(const struct notify *notify); /* -1: it is off */
/* 0, or the store's errno. Without a trusted clock nothing is dropped for its age. */
int notify_turn(struct notify *notify, struct instant now, bool clock_trusted);

#endif
