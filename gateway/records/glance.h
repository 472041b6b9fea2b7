/* glance.h -- what a row of the board shows of a patient besides the line of the
 * worklist: the day as a strip, the rest that counts, pain, the week, the battery.
 *
 *     static struct sw_glances glances;            // all zero is empty; keep it
 *     struct sw_worklist list = {…, .glances = &glances};
 *     r = sw_worklist_gather(&list);               // fills list.lines[i].glance
 *     sw_glances_fini(&glances);
 *
 * To compute a thousand days takes longer than anybody waits for a page, so a caller
 * that asks again and again keeps the cache between its calls. A patient is computed
 * anew when a message of theirs came, when today's row or plan changed, and in any case
 * every few minutes: what comes without a message, such as a device that was given
 * away, may be shown that late where it does not change the row.
 */
#ifndef RECORDS_GLANCE_H
#define RECORDS_GLANCE_H

#include "stepward/civil.h"
#include "stepward/day.h"
#include "stepward/store.h"

/* A day of the week at a glance. */
enum sw_square {
    SW_SQUARE_NO_DATA,
    SW_SQUARE_THIN,  /* not enough data to say */
    SW_SQUARE_BELOW, /* enough data, and the goal was not met */
    SW_SQUARE_MET,   /* the goal was met, however much is known */
    SW_SQUARE_NO_GOAL,
    SW_SQUARE_SO_FAR, /* today, and the goal is not met yet */
};
enum { SW_GLANCE_DAYS = 7 };

struct sw_glance {
    char strip[SW_STRIP_MAX + 1]; /* see sw_day_strip() */
    int32_t from_min;             /* the local minute at which the strip begins */
    int32_t window_min;           /* its length */
    int32_t known_min;            /* of it: up to the end of the newest known minute */
    /* The rest that counts, in minutes of the strip: the one that runs, else the day's
     * longest. Both 0: none. */
    int32_t rest_from_min, rest_to_min;
    int64_t score_at_s;                    /* of the newest score; 0: none */
    int32_t score, score_median, n_before; /* as in struct sw_facts */
    int32_t battery_pct; /* of the emptiest device in use; -1: unknown */
    enum sw_square week[SW_GLANCE_DAYS]; /* the oldest first; the last is today */
};

enum { SW_GLANCES_MAX = 2048 }; /* of more patients some are computed each time */
struct sw_glances {
    struct sw_glance_kept *of[SW_GLANCES_MAX];
    struct sw_day *day; /* the memory in which days are computed */
};
void sw_glances_fini(struct sw_glances *glances); /* leaves it empty */
/* Drop whom nobody looked at for some minutes: they may have been erased since. */
void sw_glances_drop_old(struct sw_glances *glances, int64_t now_s);

/* What a glance is taken of. */
struct sw_glance_input {
    struct sw_store *store;
    const struct sw_zone *zone;
    int64_t now_s;
    const struct sw_patient *patient;
    const struct sw_plan *plan;   /* in force today */
    const struct sw_day_row *row; /* of today; NULL: it has none */
    struct sw_span rest;          /* the rest that counts; both 0: none */
};
/* 0 or a negative errno. */
int sw_glance_take(struct sw_glances *glances, const struct sw_glance_input *input,
                   struct sw_glance *ret);

#endif
