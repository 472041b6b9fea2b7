/* sim_run.h -- send what the devices send, until it is done or somebody says stop.
 *
 *     struct sim_run run = {.cli = cli, .life = &life, .tally = &tally, …};
 *     code = sim_run(&run, from_s);  // connects, sends, waits, disconnects
 *
 * tally then holds what the broker acknowledged, and nothing else.
 */
#ifndef SIMULATE_SIM_RUN_H
#define SIMULATE_SIM_RUN_H

#include "cli/cli.h"
#include "simulate/sim_feed.h"
#include "stepward/session.h"

enum { SIM_SENT_MAX = SW_SESSION_IN_FLIGHT_MAX };

struct sim_run {
    struct cli *cli;
    const struct sim_life *life;
    struct sim_tally *tally;
    size_t n_patients;
    int64_t rate;   /* messages a second; 0: as fast as the broker takes them */
    int64_t for_ms; /* 0: no limit */
    bool is_live;   /* go on after the past is sent */
    const struct sim_login *login; /* NULL: none is needed */

    /* These are its own, and all zero at first. */
    struct sw_session *session;
    struct sim_feed feed;
    int signal_fd;
    /* The batch under way with cookie i + 1; the place is free if it has 0 minutes. */
    struct sim_batch sent[SIM_SENT_MAX];
    size_t n_sent;
    /* Batches that the broker did not take. With those under way there are never more
     * than fit, for the feed gives one only when this is empty and a place is free. */
    struct sim_batch again[SIM_SENT_MAX];
    size_t n_again;
    int64_t now_ms, began_ms, told_ms;
    int64_t budget; /* thousandths of a message, if there is a rate */
    bool is_up, was_up, is_past_sent, is_stopped;
    int64_t stopped_ms;
    int code;
};

int sim_run(struct sim_run *run, int64_t from_s);

#endif
