/* listed.h -- alerts in a list; and those that `alerts` printed last in this terminal,
 * so that `ack 2` is about the one in line 2 there, and never about another.
 *
 *     struct cli_listed *listed = cli_listed_new(cli); // NULL: it cannot be stored
 *     cli_listed_add(listed, alert);                   // line by line
 *     cli_listed_keep(listed, true);                   // frees
 *
 *     bool is_there = cli_listed_find(cli, 2, &line, why);
 *
 * The list belongs to the user and the terminal. What became of its alerts since then
 * is the store's business.
 */
#ifndef CLI_LISTED_H
#define CLI_LISTED_H

#include "cli/cli.h"
#include "stepward/alert.h"

/* Call this before the store is opened: the file is written as the calling user, not as
 * the database's owner. The terminal's last list is dropped. */
struct cli_listed *cli_listed_new(struct cli *cli);
/* NULL is fine; returns the line's number. */
int64_t cli_listed_add(struct cli_listed *listed, const struct sw_alert *alert);
/* NULL is fine; frees. If not is_meant, it is as if nothing had been listed. */
void cli_listed_keep(struct cli_listed *listed, bool is_meant);

enum { CLI_LISTED_MAX = 9999 }; /* lines that have a number */
struct cli_listed_line {
    char id[SW_ALERT_ID_MAX + 1];
    enum sw_alert_level level; /* as it was then */
};
/* Line n; false, and why, if there is none. Call it before the store is opened, as
 * cli_listed_new(). */
bool cli_listed_find(const struct cli *cli, int64_t n, struct cli_listed_line *ret,
                     char why[static SW_WHY_MAX]);

/* Empty every list that names the patient and belongs to the user we act as just now,
 * whoever became that user: as if nothing had been listed. */
void cli_listed_drop(struct sw_patient_id patient);

/* Print the alerts (cmd_alerts.c); in JSON each is its whole payload. In a list of all
 * patients for people, lines get the numbers that `ack` takes, and the patients' names:
 * with listed NULL they do not. Returns an exit code. */
int cli_print_alerts(struct cli *cli, const struct sw_alert_filter *filter,
                     struct cli_listed *listed);

#endif
