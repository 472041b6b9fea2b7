/* listed.h -- the alerts that `alerts` printed last in this terminal, so that `ack 2`
 * is about the one that stood in line 2 there, and never about another.
 *
 *     struct cli_listed *listed = cli_listed_new(cli); // NULL: nowhere to remember
 *     cli_listed_add(listed, alert);                   // line by line
 *     cli_listed_keep(listed, true);                   // frees
 *
 *     bool is_there = cli_listed_find(cli, 2, &line, why);
 *
 * What is remembered is of who asks and of the terminal, not of the alerts: what became
 * of them since then the store says when it is asked for the id.
 */
#ifndef CLI_LISTED_H
#define CLI_LISTED_H

#include "cli/cli.h"
#include "stepward/alert.h"

/* Open it before the store: it is written as who asks, not as the database's owner.
 * What was remembered of this terminal is forgotten. */
struct cli_listed *cli_listed_new(struct cli *cli);
/* NULL is fine; returns the number of the line. */
int64_t cli_listed_add(struct cli_listed *listed, const struct sw_alert *alert);
/* NULL is fine; frees. Not meant: as if nothing had been listed. */
void cli_listed_keep(struct cli_listed *listed, bool is_meant);

enum { CLI_LISTED_MAX = 9999 }; /* lines that have a number */
struct cli_listed_line {
    char id[SW_ALERT_ID_MAX + 1];
    enum sw_alert_level level; /* as it was then */
};
/* Line n; false: there is none, and why. Ask before the store is opened, as for new. */
bool cli_listed_find(const struct cli *cli, int64_t n, struct cli_listed_line *ret,
                     char why[static SW_WHY_MAX]);

/* Every list of the user we act as just now that names the patient, of whoever became
 * that user: as if it had not been listed. */
void cli_listed_drop(struct sw_patient_id patient);

#endif
