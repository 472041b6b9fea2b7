/* try.h -- `stepward try`: a reading, or a test alert, to see whether it arrives.
 *
 * A device's reading is published by the program that talks to the broker. Whatever the
 * gateway itself publishes, a test alert or a reading by its login, goes through its
 * outbox:
 *
 *     struct cli_try_rows rows = {.cli = cli, .topic = topic, .wait_s = 20};
 *     code = cli_stops_begin(cli, &rows.stops);
 *     code = cli_at_once(cli, put, &rows);        // calls cli_try_put()
 *     code = cli_try_wait(&rows, &is_taken);
 *     if (!is_taken)
 *         cli_try_take_back(&rows);
 *     cli_stops_end(&rows.stops);
 */
#ifndef CLI_TRY_H
#define CLI_TRY_H

#include "cli/gateway_state.h"
#include "cli/stops.h"

/* What it is asked to do. */
struct cli_try {
    struct sw_patient_id patient;
    int64_t wait_s; /* for the outcome */
    /* a reading */
    struct sw_device_id device;
    int32_t steps;             /* < 0: one that says "not worn" */
    const char *user;          /* NULL: the gateway's own login */
    const char *password_file; /* NULL: none */
    /* a test alert */
    bool is_alert;
    int64_t for_s; /* how long it is kept open */
};

enum { CLI_TRY_LOOK_MS = 100 }; /* how often the database is polled */

struct cli_try_rows {
    struct cli *cli;
    const char *topic;
    int64_t wait_s;
    int64_t first, last; /* what was put and is waited for; first 0: nothing yet */
    struct cli_stops stops;
    bool is_stopped; /* by a signal */
};
/* Put a row, within a transaction: 0 or a negative errno. */
int cli_try_put(struct cli_try_rows *rows, const char *about, const char *payload);
/* *ret_taken: whether the broker has all that was put, before the time is up or a signal
 * comes. CLI_FAILED after printing that the store failed. */
int cli_try_wait(struct cli_try_rows *rows, bool *ret_taken);
/* If the gateway is sending the row just now, it arrives all the same. */
int cli_try_take_back(struct cli_try_rows *rows);

/* Whether the gateway is well by now, and if it is not, why not. */
int cli_try_inspect(struct cli *cli, bool *ret_well,
                    char why[static SW_GATEWAY_WHY_MAX]);

#endif
