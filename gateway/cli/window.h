/* window.h -- the days that a command covers, and times, from its options. */
#ifndef CLI_WINDOW_H
#define CLI_WINDOW_H

#include "cli/cli.h"

enum { CLI_DAYS_MAX = 36600 }; /* a hundred years */

struct cli_window {
    int32_t from_day, to_day; /* both included */
};

int32_t cli_today(const struct cli *cli);
/* Whether it begins like YYYY-MM-DD, even if there is no such day. */
bool cli_is_shaped_as_day(const char *text);
/* YYYY-MM-DD, today or yesterday; CLI_USAGE after printing an error that names the
 * option. */
int cli_day(struct cli *cli, const char *option, const char *value, int32_t *ret_day);
/* --day D, --days N, --from D --to D; else the last default_days, today included. */
int cli_window(struct cli *cli, const struct cli_args *args, int32_t default_days,
               struct cli_window *ret);
/* The time given with --OPTION, which must not be in the future; now if it is not given.
 * It is a local one, "YYYY-MM-DD HH:MM" or a day's beginning, or RFC 3339 with an
 * offset. */
int cli_since(struct cli *cli, const struct cli_args *args, const char *option,
              int64_t *ret_s);

#endif
