/* window.c -- the days that a command covers, from its options. */
#include "cli/window.h"

#include <string.h>

int32_t cli_today(const struct cli *cli)
{
    return sw_day_of(&cli->zone, cli->now_s);
}

bool cli_is_shaped_as_day(const char *text)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < SW_DATE_LEN; i++)
        if (shape[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

int cli_day(struct cli *cli, const char *option, const char *value, int32_t *ret_day)
{
    if (strcmp(value, "today") == 0)
        *ret_day = cli_today(cli);
    else if (strcmp(value, "yesterday") == 0)
        *ret_day = cli_today(cli) - 1;
    else if (!sw_date_parse(value, strlen(value), ret_day))
        return cli_is_shaped_as_day(value) && strlen(value) == SW_DATE_LEN
                   ? cli_usage(cli, "--%s %s: there is no such day", option, value)
                   : cli_usage(cli, "--%s %s: it is YYYY-MM-DD, today or yesterday",
                               option, value);
    return CLI_OK;
}

int cli_window(struct cli *cli, const struct cli_args *args, int32_t default_days,
               struct cli_window *ret)
{
    const char *day = cli_value(cli, args, "day"), *days = cli_value(cli, args, "days");
    const char *from = cli_value(cli, args, "from"), *to = cli_value(cli, args, "to");
    int64_t n = default_days;
    if (!!day + !!days + (from || to) > 1)
        return cli_usage(cli, "--day, --days and --from --to exclude each other");
    if (to && !from)
        return cli_usage(cli, "--to needs --from");
    if (cli_number(cli, args, "days", 1, CLI_DAYS_MAX, &n) != CLI_OK)
        return CLI_USAGE;
    ret->to_day = cli_today(cli);
    ret->from_day = ret->to_day - (int32_t)n + 1;
    if (day) {
        int code = cli_day(cli, "day", day, &ret->from_day);
        ret->to_day = ret->from_day;
        return code;
    }
    if (from && cli_day(cli, "from", from, &ret->from_day) != CLI_OK)
        return CLI_USAGE;
    if (to && cli_day(cli, "to", to, &ret->to_day) != CLI_OK)
        return CLI_USAGE;
    if (ret->from_day > ret->to_day)
        return cli_usage(cli, "--from %s is after %s", from, to ? to : "today");
    return CLI_OK;
}
