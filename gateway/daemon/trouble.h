/* trouble.h -- what happens to the gateway itself: said once, remembered, over or not.
 *
 *     trouble_begin(&trouble, SW_INCIDENT_CANNOT_STORE, now_s, "the disk is full");
 *     …                                                    // said once, however often
 *     trouble_end(&trouble, SW_INCIDENT_CANNOT_STORE, now_s, "written again");
 *     trouble_note(&trouble, SW_INCIDENT_DATABASE_DAMAGED, now_s, "moved to …");
 *
 * It is kept in memory until the store takes it: what is wrong may be the store.
 */
#ifndef DAEMON_TROUBLE_H
#define DAEMON_TROUBLE_H

#include "stepward/health.h"
#include "stepward/store.h"

enum { TROUBLE_SAME_S = 10 * 60 }; /* what is noted again so soon is one incident */

struct trouble {
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
int trouble_load(struct trouble *trouble, struct sw_store *store, int64_t now_s);

#define TROUBLE_PRINTF __attribute__((format(printf, 4, 5)))
/* It lasts from now on; while it does, only a new text is logged. */
TROUBLE_PRINTF void trouble_begin(struct trouble *trouble, enum sw_incident_kind kind,
                                  int64_t now_s, const char *format, ...);
/* If it lasted, it is over; format: what to log then. */
TROUBLE_PRINTF void trouble_end(struct trouble *trouble, enum sw_incident_kind kind,
                                int64_t now_s, const char *format, ...);
/* It happened, and is not undone. Noted within TROUBLE_SAME_S it replaces the text. */
TROUBLE_PRINTF void trouble_note(struct trouble *trouble, enum sw_incident_kind kind,
                                 int64_t now_s, const char *format, ...);
/* As a note, of what adds up: how much, from when to when. It replaces the text only of
 * what this run noted within TROUBLE_SAME_S, for only that is in the new one; what an
 * earlier run said stays. It is stored with the next commit whether it is logged or
 * not. */
bool trouble_grows(const struct trouble *trouble, enum sw_incident_kind kind,
                   int64_t now_s);
__attribute__((format(printf, 5, 6))) void trouble_grow(struct trouble *trouble,
                                                        enum sw_incident_kind kind,
                                                        int64_t now_s, bool is_logged,
                                                        const char *format, ...);
bool trouble_lasts(const struct trouble *trouble, enum sw_incident_kind kind);

/* What is dated after now was so by a clock that was ahead: it is dated by so many
 * seconds earlier (by_s < 0). */
void trouble_redate(struct trouble *trouble, int64_t now_s, int64_t by_s);
/* What was noted of a moment was not so. */
void trouble_forget(struct trouble *trouble, enum sw_incident_kind kind, int64_t at_s);

/* Fill health's problem and incident. */
void trouble_say(const struct trouble *trouble, int64_t now_s,
                 struct sw_health *health);
int trouble_store(const struct trouble *trouble, struct sw_store *store);
void trouble_settle(struct trouble *trouble); /* all of it is stored */

#endif
