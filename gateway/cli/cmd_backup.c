/* cmd_backup.c -- a copy of the database in DATA_DIR/backup, while the gateway runs.
 * When to make one is the timer's business. The gateway restores one by itself when it
 * finds its database damaged. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "stepward/backup.h"

enum {
    DEFAULT_KEEP = 4,
    KEEP_MAX = 1000,
};

const struct cli_option cmd_backup_options[] = {
    {"keep", "N", "remove all but the newest N (default 4)"},
    {0},
};

int cmd_backup(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_backup made;
    const char *data_dir = cli->config.data_dir;
    char why[SW_WHY_MAX];
    int64_t keep = DEFAULT_KEEP;
    size_t left = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "keep", 1, KEEP_MAX, &keep);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int r = sw_backup_make(cli->store, data_dir, cli->now_s, &made, why);
    if (r == -EUCLEAN)
        return cli_fail(cli,
                        "%s: no backup was made; restart the gateway (`sudo systemctl "
                        "restart stepward-gateway`): it moves a damaged database aside",
                        why);
    if (r < 0)
        return cli_fail(cli, "%s", *why ? why : strerror(-r));
    if (sw_backup_prune(data_dir, (size_t)keep, &left, why) < 0)
        return cli_fail(cli, "%s", why);
    fprintf(cli->out, "backed up to %s (%lld KiB); %zu kept\n", made.path,
            (long long)(made.bytes + 1023) / 1024, left);
    return CLI_OK;
}
