/* cmd_rejected.c -- refused messages, newest first: why, and what to do about it.
 * They may hold anything; table.c makes them harmless. */
#include <string.h>

#include "cli/table.h"

enum { DEFAULT_LIMIT = 50, WHY_WIDTH = 60, TOPIC_WIDTH = 48, PAYLOAD_WIDTH = 40 };

const struct cli_option cmd_rejected_options[] = {
    {"limit", "N", "at most N of them (default 50)"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"at", "at", CLI_TEXT, 0},
    {"reason", "reason", CLI_TEXT, 0},
    {"why", "why", CLI_TEXT, WHY_WIDTH},
    {"remedy", "remedy", CLI_TEXT, 0},
    {"topic", "topic", CLI_TEXT, TOPIC_WIDTH},
    {"payload", "payload", CLI_TEXT, PAYLOAD_WIDTH},
};

static int print_rejected(void *ctx, const struct sw_rejected *rejected)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, rejected->at_s);
    cli_cell_text(table, sw_refusal_code(rejected->refusal));
    cli_cell_text(table, rejected->why);
    cli_cell_text(table, sw_refusal_remedy(rejected->refusal));
    cli_cell_text(table, rejected->topic);
    cli_cell_bytes(table, rejected->payload, rejected->payload_len);
    return 0;
}

int cmd_rejected(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int64_t limit = DEFAULT_LIMIT;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "limit", 1, SW_REJECTED_MAX, &limit);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_store_each_rejected(cli->store, limit, print_rejected, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "no message was refused");
}
