/* cmd_ack.c -- acknowledge an alert: you have seen it and look after it. */
#include "cli/alert_command.h"

const struct cli_option cmd_ack_options[] = {CLI_BY_OPTION, CLI_NOTE_OPTION, {0}};

int cmd_ack(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_ACK};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = cli_read_alert_action(cli, &args, &action);
    return code == CLI_OK ? cli_alert_command(cli, id, &action, "acknowledged") : code;
}
