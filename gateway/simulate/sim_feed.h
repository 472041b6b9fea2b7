/* sim_feed.h -- what the simulated devices send, message by message.
 *
 *     sim_feed_init(&feed, &life, n_patients, from_s);
 *     while (sim_feed_next(&feed, until_s, &batch)) {   // the oldest first
 *         len = sim_batch_payload(&life, &batch, payload);
 *         publish it to the patient's topic
 *     }
 *     wait a minute, call again with a later until_s     // live: batches of one
 *
 * A batch ends where an hour does, where the band is put on or off, and at until_s, so
 * that no reading lies in the future. A score of pain is a message of its own, as from
 * an app.
 */
#ifndef SIMULATE_SIM_FEED_H
#define SIMULATE_SIM_FEED_H

#include "simulate/sim_life.h"

enum {
    SIM_BATCH_MIN = 60, /* readings in a message of the past: an hour */
    /* 60 numbers of at most 3 digits (or null), and the fields around them */
    SIM_PAYLOAD_MAX = SIM_BATCH_MIN * 5 + 160,
};

/* What a patient has that sends: the bands, and an app for pain. */
enum { SIM_APP = SIM_BANDS, SIM_SENDERS };

struct sim_batch {
    size_t patient;
    int sender; /* a band, or SIM_APP */
    int64_t start_s;
    int32_t minutes; /* 1..SIM_BATCH_MIN; of a score 1 */
    bool worn;
    struct sw_pain pain; /* of SIM_APP */
};

struct sim_feed {
    const struct sim_life *life;
    /* of each patient's senders: the first minute not yet in a batch */
    int64_t *next_s;
    size_t n;    /* of patients times senders */
    size_t turn; /* the sender who comes next */
};

int sim_feed_init(struct sim_feed *feed, const struct sim_life *life, size_t n,
                  int64_t from_s); /* -ENOMEM */
void sim_feed_fini(struct sim_feed *feed);
/* False: all minutes that end by until_s were sent. */
bool sim_feed_next(struct sim_feed *feed, int64_t until_s, struct sim_batch *ret);

/* Write the message, NUL-terminated, and return its length. */
size_t sim_batch_payload(const struct sim_life *life, const struct sim_batch *batch,
                         char out[static SIM_PAYLOAD_MAX]);

/* What the broker took, by patient and civil day:
 *
 *     struct sim_tally tally = {.n_patients = 2, .first_day = today};
 */
struct sim_sum {
    int64_t messages, readings, steps, scores;
};

struct sim_tally {
    struct sim_sum total;
    struct sim_sum *days; /* n_days rows of n_patients */
    size_t n_patients, n_days;
    int32_t first_day;
};

void sim_tally_fini(struct sim_tally *tally);
/* A batch counts as a message of the day it begins on. -ENOMEM: not counted. */
int sim_tally_add(struct sim_tally *tally, const struct sim_life *life,
                  const struct sim_batch *batch);
/* NULL for a day not reached. */
const struct sim_sum *sim_tally_get(const struct sim_tally *tally, size_t patient,
                                    int32_t day);

#endif
