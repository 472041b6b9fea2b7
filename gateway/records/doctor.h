/* doctor.h -- everything that usually goes wrong, a check each.
 *
 *     struct sw_doctor doctor = {.config = &config, .zone = &zone, .store = store,
 *                                .now_s = now_s, .clock = sw_clock_read(), .root = ""};
 *     n_wrong = sw_doctor_each(&doctor, print, ctx);
 *
 * A check is a row of the table in doctor_checks.h: the function that looks, its name, and
 * what to do if something is wrong. The functions are in doctor_machine.c,
 * doctor_gateway.c and doctor_data.c, by what they look at. They change nothing and disturb nobody; one
 * that cannot see what it needs says so, which is no fault.
 */
#ifndef RECORDS_DOCTOR_H
#define RECORDS_DOCTOR_H

#include "records/gateway_state.h"
#include "stepward/config.h"
#include "stepward/host.h"
#include "stepward/store.h"

struct sw_doctor {
    const struct sw_config
        *config; /* NULL: it cannot be read, and config_why says why */
    const char *config_why;
    const struct sw_zone *zone;
    struct sw_store *store; /* NULL: it cannot be opened, and store_why says why */
    const char *store_why;
    int64_t now_s;
    struct sw_clock clock;
    const char *root; /* "", or the folder that a test takes for / */
    /* The board asks: it may open no connection, run no program, and has little of the
     * machine. What it cannot see is left out. */
    bool is_board;
    bool hides_patients; /* who reads it may not see all of them: they are counted */
    /* Filled in by sw_doctor_each(). */
    struct sw_gateway_state gateway;
    int gateway_error; /* < 0: nothing is known of it */
};

enum sw_found { SW_WELL, SW_WRONG, SW_UNKNOWN };
enum { SW_FINDING_MAX = 600 };
struct sw_finding {
    const char *check; /* its name: "broker" */
    enum sw_found found;
    char text[SW_FINDING_MAX];   /* what was found, in a line */
    char remedy[SW_FINDING_MAX]; /* what to do; "" if it is well, or in the text */
};
const char *sw_found_name(enum sw_found found);

/* How many are wrong; or the first non-zero return of each, which ends it. */
int sw_doctor_each(struct sw_doctor *doctor,
                   int (*each)(void *ctx, const struct sw_finding *finding), void *ctx);
/* The name of the i-th check; NULL after the last. */
const char *sw_doctor_check(size_t i);

#endif
