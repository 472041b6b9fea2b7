/* try.h -- what `stepward try` is asked to do: a reading, or a test alert.
 *
 * The reading goes over MQTT, as a device sends it, and is published by the program
 * that talks to the broker; the alert goes through the gateway's outbox, from here.
 */
#ifndef CLI_TRY_H
#define CLI_TRY_H

#include "cli/cli.h"

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

/* Raise a test alert, close it and clear it. Returns an exit code. */
int cli_try_alert(struct cli *cli, const struct cli_try *wishes);

enum { CLI_TRY_LOOK_MS = 100 }; /* how often the database is polled */

#endif
