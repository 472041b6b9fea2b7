/* alert_command.h -- what the commands that act on an alert share. */
#ifndef CLI_ALERT_COMMAND_H
#define CLI_ALERT_COMMAND_H

#include "cli/cli.h"
#include "stepward/alert.h"

#define CLI_BY_OPTION                                                                  \
    {                                                                                  \
        "by", "NAME", "who does it (default: your login name)"                         \
    }
#define CLI_NOTE_OPTION                                                                \
    {                                                                                  \
        "note", "TEXT", "what therapists and colleagues should know"                   \
    }

/* Fill the action's by and note from --by and --note; CLI_USAGE after saying why not.
 */
int cli_read_alert_action(struct cli *cli, const struct cli_args *args,
                          struct sw_action *action);
/* Act in one transaction on the alert of that id, on the only one that is open of that
 * patient, or on the one in that line of the last listing, and say so on cli->out:
 * "DONE ID". */
int cli_alert_command(struct cli *cli, const char *word, const struct sw_action *action,
                      const char *done);

#endif
