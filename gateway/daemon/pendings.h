/* pendings.h -- what messages brought and no commit has stored yet.
 *
 *     pendings_add(&pendings, &item);
 *     for (item = pendings_of(&pendings, patient); item;
 *          item = pendings_before(&pendings, item)) …  // the patient's, the newest
 * first pendings_clear(&pendings);                       // all of it is stored
 *
 * Whether it is accepted is intake.c's business, storing it pending.c's.
 */
#ifndef DAEMON_PENDINGS_H
#define DAEMON_PENDINGS_H

#include "stepward/types.h"

struct patient;

enum pending_kind { PENDING_READING, PENDING_TOTAL, PENDING_PAIN };
struct pending {
    struct patient *patient;
    size_t before; /* place, from 1, of the same patient's one before; 0: none */
    enum pending_kind kind;
    bool by_device; /* the patient is whoever wears the device */
    struct sw_device_id device;
    bool has_battery; /* never with a score */
    int8_t battery_pct;
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };
};

struct pendings {
    struct pending *items;
    size_t n, cap;
};

int pendings_add(struct pendings *pendings, const struct pending *item); /* -ENOMEM */
const struct pending *pendings_of(const struct pendings *pendings,
                                  const struct patient *patient);
const struct pending *pendings_before(const struct pendings *pendings,
                                      const struct pending *item);
/* Before items are given to other patients, and after. */
void pendings_unlink(struct pendings *pendings);
void pendings_link(struct pendings *pendings);
void pendings_drop_gone(struct pendings *pendings); /* those of erased patients */
void pendings_clear(struct pendings *pendings);
void pendings_fini(struct pendings *pendings);

#endif
