/* window.c -- the days that a command covers, and times, from its options. */
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

/* YYYY-MM-DD for the day's beginning, or YYYY-MM-DD HH:MM, in the clinic's time. */
static bool parse_local(const struct sw_zone *zone, const char *text, int64_t *ret_s)
{
    char instant[SW_INSTANT_LEN + 1];
    int64_t utc_s;
    bool is_day = strlen(text) == SW_DATE_LEN;
    if (!is_day && strlen(text) != SW_DATE_LEN + 1 + SW_HHMM_LEN)
        return false;
    snprintf(instant, sizeof instant, "%s%s", text, is_day ? "T00:00:00Z" : ":00Z");
    if (!sw_instant_parse(instant, SW_INSTANT_LEN, NULL, &utc_s))
        return false;
    *ret_s = sw_minute_begin(zone, (int32_t)(utc_s / (24 * 3600)),
                             (int32_t)(utc_s / 60 % (24 * 60)));
    return true;
}

int cli_since(struct cli *cli, const struct cli_args *args, const char *option,
              int64_t *ret_s)
{
    const char *text = cli_value(cli, args, option);
    int32_t day;
    *ret_s = cli->now_s;
    if (!text)
        return CLI_OK;
    if (!parse_local(&cli->zone, text, ret_s) &&
        !sw_instant_parse(text, strlen(text), NULL, ret_s))
        return cli_is_shaped_as_day(text) && !sw_date_parse(text, SW_DATE_LEN, &day)
                   ? cli_usage(cli, "--%s %s: there is no such day", option, text)
                   : cli_usage(cli, "--%s %s: it is YYYY-MM-DD or 'YYYY-MM-DD HH:MM'",
                               option, text);
    if (*ret_s > cli->now_s)
        return cli_usage(cli, "--%s %s: it lies in the future", option, text);
    return CLI_OK;
}
