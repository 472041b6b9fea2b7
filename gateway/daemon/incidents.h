/* incidents.h -- what happens to the gateway itself: logged once, remembered, over or
 * not.
 *
 *     incidents_begin(&incidents, SW_INCIDENT_CANNOT_STORE, now_s, "the disk is full");
 *     …                                               // logged once, however often
 *     incidents_end(&incidents, SW_INCIDENT_CANNOT_STORE, now_s, "written again");
 *     incidents_note(&incidents, SW_INCIDENT_DATABASE_DAMAGED, now_s, "moved to …");
 *
 * Incidents are kept in memory until the store takes them, because the store may be
 * what is wrong.
 */
#ifndef DAEMON_INCIDENTS_H
#define DAEMON_INCIDENTS_H

#include "stepward/health.h"
#include "stepward/store.h"

enum { INCIDENTS_SAME_S = 10 * 60 }; /* repeats within this time are one incident */

struct incidents {
    struct sw_incident last[SW_INCIDENT_KINDS]; /* at_s 0: none */
    bool unstored[SW_INCIDENT_KINDS];
    bool of_this_run[SW_INCIDENT_KINDS]; /* the last one began in this run */
    /* Why the broker cannot be reached now; "" if it can. This is no incident, because
     * brokers come and go. */
    char offline[SW_WHY_MAX];
    /* Why nothing is taken from the inbox now; "" if it is. This is no incident either,
     * because it passes. */
    char checking[SW_WHY_MAX];
};

/* Read what was stored. Incidents that lasted when the gateway ended are over. */
int incidents_load(struct incidents *incidents, struct sw_store *store, int64_t now_s);

#define INCIDENTS_PRINTF __attribute__((format(printf, 4, 5)))
/* The incident lasts from now on. While it does, only a new text is logged. */
INCIDENTS_PRINTF void incidents_begin(struct incidents *incidents,
                                      enum sw_incident_kind kind, int64_t now_s,
                                      const char *format, ...);
/* If the incident lasted, it is over. format is what to log then. */
INCIDENTS_PRINTF void incidents_end(struct incidents *incidents,
                                    enum sw_incident_kind kind, int64_t now_s,
                                    const char *format, ...);
/* It happened, and cannot be undone. A repeat within INCIDENTS_SAME_S replaces the
 * text. */
INCIDENTS_PRINTF void incidents_note(struct incidents *incidents,
                                     enum sw_incident_kind kind, int64_t now_s,
                                     const char *format, ...);
/* Like a note, but for an amount that grows: how much, from when to when. It replaces
 * the text only of what this run noted within INCIDENTS_SAME_S, because the new text
 * includes only that; an earlier run's text stays. It is stored with the next commit
 * whether it is logged or not. */
bool incidents_grows(const struct incidents *incidents, enum sw_incident_kind kind,
                     int64_t now_s);
__attribute__((format(printf, 5, 6))) void incidents_grow(struct incidents *incidents,
                                                          enum sw_incident_kind kind,
                                                          int64_t now_s, bool is_logged,
                                                          const char *format, ...);
bool incidents_lasts(const struct incidents *incidents, enum sw_incident_kind kind);

/* Incidents dated after now were dated by a clock that was ahead: move them by by_s
 * seconds (< 0: earlier). */
void incidents_redate(struct incidents *incidents, int64_t now_s, int64_t by_s);
/* The incident noted at that moment turned out to be wrong. */
void incidents_drop(struct incidents *incidents, enum sw_incident_kind kind,
                    int64_t at_s);

/* Fill in health's problem and incident. */
void incidents_fill_health(const struct incidents *incidents, int64_t now_s,
                           struct sw_health *health);
int incidents_store(const struct incidents *incidents, struct sw_store *store);
void incidents_committed(struct incidents *incidents); /* everything is stored */

#endif
