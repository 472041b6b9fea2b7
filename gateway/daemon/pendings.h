/* pendings.h -- what messages brought and no commit has stored yet.
 *
 *     pendings_add(&pendings, &item); // one reading, total or score
 *     for (item = pendings_of(&pendings, patient); item;
 *          item = pendings_after(&pendings, item)) // the patient's, as they came
 *         for (i = 0; i < item->n; i++)
 *             if (pendings_reading(&pendings, item, i, &reading))
 *                 …
 *     pendings_clear(&pendings); // all of it is stored
 *
 * Readings that follow each other, as those of a batch, are one item: a backlog of
 * batches would else take seventeen times the memory.
 * Whether it is accepted is intake.c's business, storing it pending.c's.
 */
#ifndef DAEMON_PENDINGS_H
#define DAEMON_PENDINGS_H

#include "stepward/types.h"

struct patient;

enum pending_kind { PENDING_READING, PENDING_TOTAL, PENDING_PAIN };
struct pending {
    struct patient *patient;
    size_t next; /* place, from 1, of the same patient's one after; 0: none */
    enum pending_kind kind;
    bool by_device;   /* the patient is whoever wears the device */
    bool has_battery; /* never with a score */
    int8_t battery_pct;
    struct sw_device_id device;
    uint32_t n; /* periods from reading.start_s on, of which each may have one */
    size_t first_steps; /* of the second and on: where they are in pendings.steps */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };
};

struct pendings {
    struct pending *items;
    size_t n, cap;
    int32_t *steps;
    size_t n_steps, cap_steps;
};

/* One reading, total or score: its n is 1. 0, or -ENOMEM. */
int pendings_add(struct pendings *pendings, const struct pending *item);
/* The item's reading of its period i < n; false: there is none of that. */
bool pendings_reading(const struct pendings *pendings, const struct pending *item,
                      uint32_t i, struct sw_reading *ret);
const struct pending *pendings_of(const struct pendings *pendings,
                                  const struct patient *patient);
const struct pending *pendings_after(const struct pendings *pendings,
                                     const struct pending *item);
size_t pendings_bytes(const struct pendings *pendings);
/* Before items are given to other patients, and after. */
void pendings_unlink(struct pendings *pendings);
void pendings_link(struct pendings *pendings);
void pendings_drop_gone(struct pendings *pendings); /* those of erased patients */
void pendings_clear(struct pendings *pendings);
void pendings_fini(struct pendings *pendings);

#endif
