/* worklist.h -- who needs attention now, most urgent first.
 *
 *     struct sw_worklist list = {.store = store, .zone = &zone, .now_s = now_s};
 *     if (sw_worklist_gather(&list) >= 0)
 *         for (size_t i = 0; i < list.n; i++)
 *             …list.lines[i]
 *     sw_worklist_fini(&list);
 */
#ifndef RECORDS_WORKLIST_H
#define RECORDS_WORKLIST_H

#include "records/glance.h"
#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/store.h"

/* The most urgent comes first. Within a rank, alerts about the patient come before
 * those about the device, and older ones before newer ones. */
enum sw_rank {
    SW_RANK_MEDIUM,
    SW_RANK_LOW,
    SW_RANK_SEEN_MEDIUM, /* acknowledged or shelved: somebody looks after it */
    SW_RANK_SEEN_LOW,
    SW_RANK_LATE,    /* no alert, but no rest can be seen either */
    SW_RANK_OVER,    /* over the ceiling, today or yesterday */
    SW_RANK_NO_DATA, /* no readings today, or none since hours */
    SW_RANK_NONE,
};

/* What a line shows of an open alert. */
struct sw_worklist_alert {
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    enum sw_rank rank;
    const char *seen;             /* ", acknowledged", ", shelved" or "" */
    int64_t opened_at_s, since_s; /* since_s: when it began */
    int64_t shelved_until_s;
    struct sw_span span;
    int64_t evidence[SW_EVIDENCE_MAX]; /* of a rest that runs: as long as it is now */
    char by[SW_ALERT_BY_MAX + 1];      /* who acted on it last */
};

/* How the board groups them. */
enum sw_group {
    SW_GROUP_NEEDS_YOU, /* an alert is open that nobody looks after */
    SW_GROUP_ON_TRACK,
    SW_GROUP_OFF_TRACK,
    SW_GROUP_NO_DATA, /* nothing is known of now: it cannot be judged */
    SW_GROUPS,
};

struct sw_worklist_line {
    struct sw_patient patient;
    struct sw_plan plan; /* in force today */
    enum sw_rank rank;
    struct sw_worklist_alert alerts[SW_ALERT_KINDS]; /* the most urgent first */
    size_t n_alerts;
    bool has_data;    /* of today's wake window */
    bool has_row;     /* of today... */
    bool knows_steps; /* ...from a reading, not from a score alone */
    struct sw_day_row row;
    /* The rest that runs now, as far as the day's row and alerts show it: it is the
     * day's longest, or an alert is open about it. 0: they show none. */
    int64_t rest_min;
    int32_t late_min; /* no rest can be seen: data comes so late; 0: one can */
    /* Data stopped then, and it was wake time since: nothing is known of now. 0: it did
     * not stop, or there never was any. */
    int64_t no_data_since_s;
    bool is_over_today, was_over_yesterday; /* more steps than the day's ceiling */
    int64_t yesterdays_ceiling, yesterdays_steps; /* 0: none */
    int64_t contact_at_s; /* the last one, of a list with glances; 0: none is known */
    struct sw_glance glance; /* all zero if the list takes none */
};

struct sw_worklist {
    struct sw_store *store;
    const struct sw_zone *zone;
    int64_t now_s;
    const char *therapist; /* only theirs; NULL: all patients */
    struct sw_glances
        *glances; /* NULL: take no glances, which cost more than the rest */
    struct sw_worklist_line *lines;
    size_t n, cap;
};

int sw_worklist_gather(struct sw_worklist *list); /* 0 or a negative errno */
void sw_worklist_fini(struct sw_worklist *list);

/* On track is who has walked their share of the goal by the newest known minute, or,
 * without a goal, who rested no longer than the limit, and who was over no ceiling today
 * or yesterday. Nobody is judged by data that stopped hours ago. Of a line with a
 * glance. */
enum sw_group sw_worklist_group(const struct sw_worklist_line *line);

/* True if an open alert says that nothing is known of now: its device is silent, or not
 * worn, or says nothing that could be taken. */
bool sw_worklist_is_unseen(const struct sw_worklist_line *line);
/* "no data since 11:20"; "no data today" of a line of that rank where there never was any,
 * or not yet. "" if there is enough, or an open alert says so. */
enum { SW_NO_DATA_TEXT_MAX = 48 };
void sw_worklist_no_data_text(const struct sw_worklist *list,
                              const struct sw_worklist_line *line,
                              char out[static SW_NO_DATA_TEXT_MAX]);
/* "over the ceiling yesterday: 9,812 steps of 9,000"; "" if they were not, or an open
 * alert says so. */
enum { SW_OVER_TEXT_MAX = 120 };
void sw_worklist_over_text(const struct sw_worklist_line *line,
                           char out[static SW_OVER_TEXT_MAX]);

/* True if data comes too late for a rest to be seen, and no open alert says so. */
bool sw_worklist_is_late(const struct sw_worklist_line *line);

enum {
    SW_WORKLIST_TEXT_MAX = 720
}; /* alerts of all kinds, each acknowledged, over, without data, and late */
/* "resting since 10:15 (medium)"; "" if there is nothing to show. */
void sw_worklist_text(const struct sw_worklist *list,
                      const struct sw_worklist_line *line,
                      char out[static SW_WORKLIST_TEXT_MAX]);

#endif
