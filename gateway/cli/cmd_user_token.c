/* cmd_user_token.c -- tokens with which a program asks the board as a user. */
#include <errno.h>
#include <string.h>

#include "cli/table.h"
#include "cli/text.h"
#include "cli/user.h"

enum { DEFAULT_DAYS = 90 };

const struct cli_option cmd_user_token_options[] = {
    {"days", "N", "how long it works (default 90)"},
    {"name", "NAME", "what it is for, to tell it from others (default: today's date)"},
    {"remove", "NAME", "remove the token of this name instead"},
    {0},
};

struct asked_token {
    const char *id, *name;
    int32_t days;
    int64_t now_s;
    struct sw_secret secret;
};

static int make_token(struct sw_users *users, void *ctx)
{
    struct asked_token *asked = ctx;
    return sw_users_new_token(users, asked->id, asked->name, asked->days, asked->now_s,
                              &asked->secret);
}

static int remove_token(struct sw_users *users, void *ctx)
{
    const struct asked_token *asked = ctx;
    return sw_users_remove_token(users, asked->id, asked->name);
}

static int make_and_print(struct cli *cli, struct sw_users *users,
                          struct asked_token *asked)
{
    struct cli_user_act act = {users,       asked->id,  SW_AUDIT_TOKEN_MADE,
                               asked->name, make_token, asked};
    char until[CLI_WHEN_MAX];
    int r = 0;
    int code = cli_act_on_user(cli, &act, &r);
    if (r == SW_STORE_NONE)
        return cli_no_such_user(cli, asked->id);
    if (r == SW_STORE_EXISTS)
        return cli_fail(cli,
                        "%s has a token %s already: choose another --name, or "
                        "--remove it first",
                        asked->id, asked->name);
    if (code != CLI_OK)
        return code;
    cli_when_format(&cli->zone, cli->now_s + asked->days * INT64_C(86400), cli->now_s,
                    until);
    fprintf(cli->out, "%s\n", asked->secret.str);
    fprintf(cli->err,
            "%s of %s, until %s; it is not shown again. A program sends it as "
            "`Authorization: Bearer TOKEN`\n",
            asked->name, asked->id, until);
    return CLI_OK;
}

static int remove_and_print(struct cli *cli, struct sw_users *users,
                            struct asked_token *asked)
{
    struct cli_user_act act = {users,       asked->id,    SW_AUDIT_TOKEN_REMOVED,
                               asked->name, remove_token, asked};
    int r = 0;
    int code = cli_act_on_user(cli, &act, &r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "%s has no token %s: see `stepward user tokens`",
                        asked->id, asked->name);
    if (code == CLI_OK)
        fprintf(cli->out, "removed the token %s of %s\n", asked->name, asked->id);
    return code;
}

static int read_token(struct cli *cli, const struct cli_args *args,
                      char today[static SW_DATE_LEN + 1], struct asked_token *ret)
{
    const char *name = cli_value(cli, args, "name");
    const char *removed = cli_value(cli, args, "remove");
    int64_t days = DEFAULT_DAYS;
    if (removed && (name || cli_value(cli, args, "days")))
        return cli_usage(cli, "--remove stands alone");
    if (cli_number(cli, args, "days", 1, SW_TOKEN_DAYS_MAX, &days) != CLI_OK)
        return CLI_USAGE;
    sw_date_format(sw_day_of(&cli->zone, cli->now_s), today);
    ret->id = args->words[0];
    ret->name = removed ? removed : name ? name : today;
    ret->days = (int32_t)days;
    ret->now_s = cli->now_s;
    if (!*ret->name || !cli_text_is_fit(ret->name, SW_TOKEN_NAME_MAX))
        return cli_usage(cli, "--%s: it is one line of UTF-8, 1 to %d bytes",
                         removed ? "remove" : "name", SW_TOKEN_NAME_MAX);
    return CLI_OK;
}

int cmd_user_token(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct asked_token asked = {.id = NULL};
    struct sw_users *users = NULL;
    char today[SW_DATE_LEN + 1];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = read_token(cli, &args, today, &asked);
    if (code == CLI_OK)
        code = cli_open_users(cli, SW_STORE_WRITE, &users);
    if (code == CLI_OK)
        code = cli_value(cli, &args, "remove") ? remove_and_print(cli, users, &asked)
                                               : make_and_print(cli, users, &asked);
    sw_users_close(users);
    return code;
}

/* ---- user tokens ---- */

const struct cli_option cmd_user_tokens_options[] = {CLI_FORMAT_OPTION, {0}};

static const struct cli_column columns[] = {
    {"user", "user", CLI_TEXT, 0, 0},         {"name", "name", CLI_WORDS, 0, 0},
    {"created_at", "made", CLI_TEXT, 0, 2},   {"ends_at", "until", CLI_TEXT, 0, 0},
    {"used_at", "last used", CLI_TEXT, 0, 1},
};

static int print_token(void *ctx, const struct sw_token *token)
{
    struct cli_table *table = ctx;
    cli_cell_text(table, token->user);
    cli_cell_text(table, token->name);
    cli_cell_time(table, token->created_at_s);
    cli_cell_time(table, token->ends_at_s);
    cli_cell_time(table, token->used_at_s);
    return 0;
}

int cmd_user_tokens(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_users *users = NULL;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK && args.n_words > 1)
        code = cli_usage(cli, "of one user, or of all: stepward user tokens [ID]");
    if (code == CLI_OK)
        code = cli_open_users(cli, SW_STORE_READ, &users);
    if (code != CLI_OK)
        return code;
    const char *id = args.n_words > 0 ? args.words[0] : NULL;
    struct sw_user user;
    if (id && (!users || sw_users_find(users, id, &user) == SW_STORE_NONE)) {
        sw_users_close(users);
        return cli_no_such_user(cli, id);
    }
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = users ? sw_users_each_token(users, id, print_token, table) : 0;
    code = r < 0 ? cli_table_drop(table, cli_users_failed(cli, users, r))
                 : cli_table_end(table, "no tokens: see `stepward user token --help`");
    sw_users_close(users);
    return code;
}
