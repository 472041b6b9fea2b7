/* incidents.h -- what happens to the gateway itself: said once, remembered, over or not.
 *
 *     incidents_begin(&trouble, SW_INCIDENT_CANNOT_STORE, now_s, "the disk is full");
 *     …                                                    // said once, however often
 *     incidents_end(&trouble, SW_INCIDENT_CANNOT_STORE, now_s, "written again");
 *     incidents_note(&trouble, SW_INCIDENT_DATABASE_DAMAGED, now_s, "moved to …");
 *
 * It is kept in memory until the store takes it: what is wrong may be the store.
 */
#ifndef DAEMON_INCIDENTS_H
#define DAEMON_INCIDENTS_H

#include "stepward/health.h"
#include "stepward/store.h"

enum { INCIDENTS_SAME_S = 10 * 60 }; /* what is noted again so soon is one incident */

struct incidents {
    struct sw_incident last[SW_INCIDENT_KINDS]; /* at_s 0: none */
    bool unstored[SW_INCIDENT_KINDS];
    bool of_this_run[SW_INCIDENT_KINDS]; /* the last one began in it */
    /* Why the broker is not reached now; "": it is. No incident: brokers come and go.
     */
    char offline[SW_WHY_MAX];
    /* Why nothing is taken from the inbox now; "": it is. None either: it passes. */
    char checking[SW_WHY_MAX];
};

/* Recall what was stored; what lasted when the gateway ended is over. */
int incidents_load(struct incidents *incidents, struct sw_store *store, int64_t now_s);

#define INCIDENTS_PRINTF __attribute__((format(printf, 4, 5)))
/* It lasts from now on; while it does, only a new text is logged. */
INCIDENTS_PRINTF void incidents_begin(struct incidents *incidents,
                                      enum sw_incident_kind kind, int64_t now_s,
                                      const char *format, ...);
/* If it lasted, it is over; format: what to log then. */
INCIDENTS_PRINTF void incidents_end(struct incidents *incidents,
                                    enum sw_incident_kind kind, int64_t now_s,
                                    const char *format, ...);
/* It happened, and is not undone. Noted within INCIDENTS_SAME_S it replaces the text. */
INCIDENTS_PRINTF void incidents_note(struct incidents *incidents,
                                     enum sw_incident_kind kind, int64_t now_s,
                                     const char *format, ...);
/* As a note, of what adds up: how much, from when to when. It replaces the text only of
 * what this run noted within INCIDENTS_SAME_S, for only that is in the new one; what an
 * earlier run said stays. It is stored with the next commit whether it is logged or
 * not. */
bool incidents_grows(const struct incidents *incidents, enum sw_incident_kind kind,
                     int64_t now_s);
__attribute__((format(printf, 5, 6))) void incidents_grow(struct incidents *incidents,
                                                          enum sw_incident_kind kind,
                                                          int64_t now_s, bool is_logged,
                                                          const char *format, ...);
bool incidents_lasts(const struct incidents *incidents, enum sw_incident_kind kind);

/* What is dated after now was so by a clock that was ahead: it is dated by so many
 * seconds earlier (by_s < 0). */
void incidents_redate(struct incidents *incidents, int64_t now_s, int64_t by_s);
/* What was noted of a moment was not so. */
void incidents_drop(struct incidents *incidents, enum sw_incident_kind kind,
                    int64_t at_s);

/* Fill health's problem and incident. */
void incidents_fill_health(const struct incidents *incidents, int64_t now_s,
                           struct sw_health *health);
int incidents_store(const struct incidents *incidents, struct sw_store *store);
void incidents_committed(struct incidents *incidents); /* all of it is stored */

#endif
