/* cmd_status.c -- the gateway's counters, and whether it is doing its job.
 * The counters are as the gateway last stored them. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/table.h"
#include "cli/text.h"
#include "stepward/lock.h"

enum {
    FRESH_S = 3 * 60, /* the gateway writes every minute: twice late is too late */
    FULL_BYTES = 1024 * 1024, /* with less, a transaction hardly fits */
};
#define START "start it with `systemctl start stepward-gateway`"

const struct cli_option cmd_status_options[] = {CLI_FORMAT_OPTION, {0}};

/* CSV and JSON: one row, a column each. */
static const struct cli_column wide_columns[] = {
#define X(name, help) {#name, #name, CLI_NUMBER, 0},
    SW_HEALTH_COUNTERS(X)
#undef X
        {"running", "running", CLI_TEXT, 0},
    {"connected", "connected", CLI_TEXT, 0},
    {"clock_trusted", "clock_trusted", CLI_TEXT, 0},
    {"last_message_at", "last_message_at", CLI_TEXT, 0},
    {"last_commit_at", "last_commit_at", CLI_TEXT, 0},
    {"reported_at", "reported_at", CLI_TEXT, 0},
    {"db_bytes", "db_bytes", CLI_NUMBER, 0},
    {"version", "version", CLI_TEXT, 0},
    {"problem", "problem", CLI_TEXT, 0},
    {"incident", "incident", CLI_TEXT, 0},
    {"disk_free_bytes", "disk_free_bytes", CLI_NUMBER, 0},
};
/* A table: a row each. */
static const struct cli_column tall_columns[] = {
    {"name", "name", CLI_TEXT, 0},
    {"value", "value", CLI_TEXT, 0},
};

struct status {
    struct sw_health health;
    bool has_health, running;
    struct sw_lock_note note; /* of a gateway that runs, newer than health */
    int64_t db_bytes;
    int64_t disk_free_bytes; /* where data_dir is; -1: there is none */
    bool disk_is_read_only;
};

/* ---- printing ---- */

/* The name of the next cell, where each stands in a row of its own. */
static void name_cell(struct cli_table *table, const char *name)
{
    if (table && cli_table_cli(table)->format == CLI_TABLE)
        cli_cell_text(table, name);
}

static void print_cells(struct cli_table *table, const struct status *status)
{
    const struct sw_health *health = &status->health;
#define X(name, help)                                                                  \
    name_cell(table, #name);                                                           \
    cli_cell_number(table, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    name_cell(table, "running");
    cli_cell_bool(table, status->running);
    name_cell(table, "connected");
    cli_cell_bool(table, status->running && health->connected);
    name_cell(table, "clock_trusted");
    cli_cell_bool(table, health->clock_trusted);
    name_cell(table, "last_message_at");
    cli_cell_time(table, health->last_message_at_s);
    name_cell(table, "last_commit_at");
    cli_cell_time(table, health->last_commit_at_s);
    name_cell(table, "reported_at");
    cli_cell_time(table, health->written_at_s);
    name_cell(table, "db_bytes");
    cli_cell_number(table, status->db_bytes);
    name_cell(table, "version");
    cli_cell_text(table, health->version);
    name_cell(table, "problem");
    cli_cell_told(table, health->problem);
    name_cell(table, "incident");
    cli_cell_told(table, health->incident);
    name_cell(table, "disk_free_bytes");
    cli_cell_number(table, status->disk_free_bytes);
}

static int print_status(struct cli *cli, const struct status *status)
{
    bool is_tall = cli->format == CLI_TABLE;
    size_t n = is_tall ? sizeof tall_columns / sizeof *tall_columns
                       : sizeof wide_columns / sizeof *wide_columns;
    struct cli_table *table =
        cli_table_new(cli, is_tall ? tall_columns : wide_columns, n);
    print_cells(table, status);
    return cli_table_end(table, "");
}

/* ---- judging ---- */

static void look_at_disk(const struct cli *cli, struct status *ret)
{
    struct statvfs fs;
    if (statvfs(cli->config.data_dir, &fs) < 0)
        return;
    ret->disk_free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    ret->disk_is_read_only = (fs.f_flag & ST_RDONLY) != 0;
}

/* What can be known without the database. */
static int look_around(struct cli *cli, struct status *ret)
{
    *ret = (struct status){.disk_free_bytes = -1};
    int r = sw_lock_look(cli->config.data_dir, &ret->note, &ret->running);
    if (r < 0)
        return cli_cannot_data(cli, "look at", "gateway.lock", r);
    if (!ret->running)
        ret->note.problem[0] = '\0';
    look_at_disk(cli, ret);
    return CLI_OK;
}

static int read_health(struct cli *cli, struct status *ret)
{
    int r = sw_store_get_health(cli->store, &ret->health);
    if (r < 0)
        return cli_store_failed(cli, r);
    ret->has_health = r != SW_STORE_NONE;
    ret->db_bytes = sw_store_bytes(cli->store);
    bool has_note = ret->running && ret->note.pid != 0;
    if (has_note) /* it is there when the database cannot be written */
        memcpy(ret->health.problem, ret->note.problem, sizeof ret->health.problem);
    return CLI_OK;
}

static int say_stale(struct cli *cli, const struct status *status)
{
    char when[CLI_WHEN_MAX];
    if (!status->has_health)
        return cli_fail(cli, "the gateway has not reported yet: try again in a minute");
    cli_when_format(&cli->zone, status->health.written_at_s, cli->now_s, when);
    return cli_fail(cli, "the gateway has not reported since %s: restart it", when);
}

/* A full disk hurts whether the gateway has noticed yet or not. */
static int judge_disk(struct cli *cli, const struct status *status)
{
    if (status->disk_is_read_only)
        return cli_fail(
            cli,
            "the disk of %s is read-only: check the card (dmesg), then make "
            "it writable again",
            cli->config.data_dir);
    bool is_known = status->disk_free_bytes >= 0;
    if (is_known && status->disk_free_bytes < FULL_BYTES)
        return cli_fail(cli, "the disk of %s is full: free space on it",
                        cli->config.data_dir);
    return CLI_OK;
}

/* As the gateway tells it, with the clinic's times. */
static int say_problem(struct cli *cli, const char *before, const char *problem)
{
    char *local = cli_local_times(&cli->zone, problem, cli->now_s);
    int code = cli_fail(cli, "%s%s", before, local ? local : problem);
    free(local);
    return code;
}

static int say_not_connected(struct cli *cli, const char *problem)
{
    char before[2 * SW_WHY_MAX];
    snprintf(before, sizeof before, "not connected to the broker at %s%s",
             cli->config.broker.uri, *problem ? ": " : "");
    return say_problem(cli, before, problem);
}

/* One line about what keeps the gateway from its job, the root of it first. */
static int judge(struct cli *cli, const struct status *status)
{
    const struct sw_health *health = &status->health;
    bool is_stale = !status->has_health || cli->now_s - health->written_at_s > FRESH_S;
    if (judge_disk(cli, status) != CLI_OK)
        return CLI_FAILED;
    if (!status->running && !status->has_health)
        return cli_fail(cli, "the gateway has never run: " START);
    if (!status->running)
        return cli_fail(cli, "the gateway is not running: " START);
    if (is_stale && *health->problem)
        return say_problem(cli, "", health->problem);
    if (is_stale)
        return say_stale(cli, status);
    if (!health->connected)
        return say_not_connected(cli, health->problem);
    if (!health->clock_trusted)
        return cli_fail(cli,
                        "the clock is not trusted, alerts wait: check `timedatectl`");
    if (*health->problem)
        return say_problem(cli, "", health->problem);
    return CLI_OK;
}

/* The database does not answer: the gateway may know why, or the disk. */
static int say_unreadable(struct cli *cli, const struct status *status, int error,
                          const char *why)
{
    if (*status->note.problem)
        return say_problem(cli, "", status->note.problem);
    if (judge_disk(cli, status) != CLI_OK)
        return CLI_FAILED;
    return cli_out_of_reach(cli, error, why);
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct status status;
    char why[SW_WHY_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = look_around(cli, &status);
    int r = code == CLI_OK ? cli_reach_store(cli, SW_STORE_READ, why) : 0;
    if (r < 0)
        return say_unreadable(cli, &status, r, why);
    if (code == CLI_OK)
        code = read_health(cli, &status);
    if (code == CLI_OK)
        code = print_status(cli, &status);
    return code == CLI_OK ? judge(cli, &status) : code;
}
