/* write_buffer.h -- what messages brought and no commit has stored yet.
 *
 *     write_buffer_add(&buffer, &item); // one reading, total or score
 *     for (item = write_buffer_of(&buffer, patient); item;
 *          item = write_buffer_after(&buffer, item)) // the patient's, as they came
 *         for (i = 0; i < item->n; i++)
 *             if (write_buffer_reading(&buffer, item, i, &reading))
 *                 …
 *     write_buffer_store(&patients, &effects); // in the open transaction
 *     write_buffer_clear(&buffer);             // all of it is stored
 *
 * Consecutive readings, like those of a batch, are one item: otherwise a backlog of
 * batches would take seventeen times the memory.
 *
 * ingest.c decides what is accepted.
 */
#ifndef DAEMON_WRITE_BUFFER_H
#define DAEMON_WRITE_BUFFER_H

#include "stepward/types.h"

struct effects;
struct patient;
struct patients;

enum pending_kind { PENDING_READING, PENDING_TOTAL, PENDING_PAIN };
struct pending {
    struct patient *patient;
    size_t next; /* place, from 1, of the patient's next item; 0: none */
    enum pending_kind kind;
    bool by_device;   /* the patient is whoever wears the device */
    bool has_battery; /* never with a score */
    int8_t battery_pct;
    struct sw_device_id device;
    uint32_t n;         /* periods from reading.start_s on; each may have a reading */
    size_t first_steps; /* where those from the second on begin in write_buffer.steps */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };
};

struct write_buffer {
    struct pending *items;
    size_t n, cap;
    int32_t *steps;
    size_t n_steps, cap_steps;
};

/* Add one reading, total or score: its n is 1. Returns 0 or -ENOMEM. */
int write_buffer_add(struct write_buffer *buffer, const struct pending *item);
/* The item's reading of its period i < n; false if that period has none. */
bool write_buffer_reading(const struct write_buffer *buffer, const struct pending *item,
                          uint32_t i, struct sw_reading *ret);
const struct pending *write_buffer_of(const struct write_buffer *buffer,
                                      const struct patient *patient);
const struct pending *write_buffer_after(const struct write_buffer *buffer,
                                         const struct pending *item);
size_t write_buffer_bytes(const struct write_buffer *buffer);
/* Call these before and after items are given to other patients. */
void write_buffer_unlink(struct write_buffer *buffer);
void write_buffer_link(struct write_buffer *buffer);
/* Drop the items of erased patients. */
void write_buffer_drop_gone(struct write_buffer *buffer);
/* Store everything, of patients that the store knows in the open transaction, and
 * recompute the days that this changes and that are not in memory. Returns 0 or a
 * negative errno. */
int write_buffer_store(struct patients *patients, struct effects *effects);
void write_buffer_clear(struct write_buffer *buffer);
void write_buffer_fini(struct write_buffer *buffer);

#endif
