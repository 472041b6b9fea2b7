/* cmd_shelve.c -- hide an alert's publications for a while, or show them again.
 * The gateway goes on judging, and publishes the alert if it is open when the time
 * ends.
 */
#include "cli/alert_command.h"

const struct cli_option cmd_shelve_options[] = {
    {"for", "DURATION", "for how long, like 2h; 1m to 7d"},
    CLI_BY_OPTION,
    CLI_NOTE_OPTION,
    {0},
};
const struct cli_option cmd_unshelve_options[] = {CLI_BY_OPTION, CLI_NOTE_OPTION, {0}};

static int read_duration(struct cli *cli, const struct cli_args *args, int32_t *ret_min)
{
    const char *text = cli_value(cli, args, "for");
    int64_t seconds;
    if (!text)
        return cli_usage(cli, "say for how long: --for 2h");
    bool is_good = sw_duration_parse(text, &seconds) && seconds >= 60 &&
                   seconds <= SW_SHELVE_MAX_MIN * 60;
    if (!is_good)
        return cli_usage(cli, "--for %s: it is 1m to 7d, like 90m or 2h", text);
    *ret_min = (int32_t)(seconds / 60);
    return CLI_OK;
}

int cmd_shelve(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_SHELVE};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = read_duration(cli, &args, &action.minutes);
    if (code == CLI_OK)
        code = cli_read_alert_action(cli, &args, &action);
    return code == CLI_OK ? cli_alert_command(cli, id, &action, "shelved") : code;
}

int cmd_unshelve(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_action action = {.kind = SW_ACTION_UNSHELVE};
    const char *id;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &id);
    if (code == CLI_OK)
        code = cli_read_alert_action(cli, &args, &action);
    return code == CLI_OK ? cli_alert_command(cli, id, &action, "unshelved") : code;
}
