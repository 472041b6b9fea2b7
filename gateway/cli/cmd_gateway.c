/* cmd_gateway.c -- the gateway itself: its counters, and whether it is doing its job;
 * its incidents.
 * The counters are as the gateway last stored them. What holds only for the run in
 * progress is left empty until that run has stored it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gateway_state.h"
#include "cli/status_metrics.h"
#include "cli/table.h"
#include "cli/window.h"
#include "stepward/backup_away.h"
#include "util/file.h"

/* ---- status ---- */

const struct cli_option cmd_status_options[] = {
    {"format", "table|csv|json|prometheus", "how to print it (default table)"},
    {"wide", NULL, "every column of a table, however narrow the terminal"},
    {0},
};

/* CSV and JSON have one row, with a column for each. */
static const struct cli_column wide_columns[] = {
#define X(name, help) {#name, #name, CLI_NUMBER, 0, 0},
    SW_HEALTH_COUNTERS(X)
#undef X
        {"running", "running", CLI_TEXT, 0, 0},
    {"connected", "connected", CLI_TEXT, 0, 0},
    {"clock_trusted", "clock_trusted", CLI_TEXT, 0, 0},
    {"last_message_at", "last_message_at", CLI_TEXT, 0, 0},
    {"last_commit_at", "last_commit_at", CLI_TEXT, 0, 0},
    {"reported_at", "reported_at", CLI_TEXT, 0, 0},
    {"db_bytes", "db_bytes", CLI_NUMBER, 0, 0},
    {"version", "version", CLI_TEXT, 0, 0},
    {"problem", "problem", CLI_TEXT, 0, 0},
    {"incident", "incident", CLI_TEXT, 0, 0},
    {"disk_free_bytes", "disk_free_bytes", CLI_NUMBER, 0, 0},
    {"items_missed", "items_missed", CLI_NUMBER, 0, 0},
    {"missed", "missed", CLI_TEXT, 0, 0},
    {"readings_since", "readings_since", CLI_TEXT, 0, 0},
    {"alerts_since", "alerts_since", CLI_TEXT, 0, 0},
    {"audit_since", "audit_since", CLI_TEXT, 0, 0},
    {"backup_at", "backup_at", CLI_TEXT, 0, 0},
    {"backup_away_at", "backup_away_at", CLI_TEXT, 0, 0},
};
/* A table has a row for each. */
static const struct cli_column tall_columns[] = {
    {"name", "name", CLI_TEXT, 0, 0},
    {"value", "value", CLI_WORDS, 0, 0},
};

/* The name of the next cell, in a table, where each has a row of its own. */
static void status_name_cell(struct cli_table *table, const char *name)
{
    if (table && cli_table_cli(table)->format == CLI_TABLE)
        cli_cell_text(table, name);
}

/* Most counters count from the database's first day, so they hold for any run. */
static void counter_cell(struct cli_table *table,
                         const struct sw_gateway_state *gateway, const char *name,
                         int64_t number)
{
    bool is_of_a_run =
        strcmp(name, "inbox_pending") == 0 || strcmp(name, "uptime_s") == 0;
    status_name_cell(table, name);
    if (is_of_a_run && !gateway->is_of_this_run)
        cli_cell_none(table);
    else
        cli_cell_number(table, number);
}

/* "81.0 GB" for people; -1: unknown. */
static void bytes_cell(struct cli_table *table, const char *name, int64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    enum { N_UNITS = sizeof units / sizeof *units };
    char text[32];
    double number = (double)bytes;
    size_t i = 0;
    status_name_cell(table, name);
    for (; number >= 999.95 && i + 1 < N_UNITS; i++)
        number /= 1000;
    snprintf(text, sizeof text, i > 0 ? "%.1f %s" : "%.0f %s", number, units[i]);
    bool for_people = table && cli_table_cli(table)->format == CLI_TABLE;
    if (for_people && bytes < 0)
        cli_cell_none(table);
    else if (for_people)
        cli_cell_text(table, text);
    else
        cli_cell_number(table, bytes);
}

/* ---- what the pointers of sources missed ---- */

struct sources_missed {
    FILE *text;
    int64_t n_items;
};

static int add_missed(void *ctx, const struct sw_missed *missed)
{
    struct sources_missed *all = ctx;
    char since[SW_INSTANT_LEN + 1], last[SW_INSTANT_LEN + 1];
    sw_instant_format(missed->since_s, since);
    sw_instant_format(missed->last_s, last);
    fprintf(all->text,
            "%ssource %s: %" PRId64 " of %" PRId64 " items since %s said nothing, the "
            "last at %s: %s: see `stepward source try %s < payload`",
            all->n_items > 0 ? "; " : "", missed->source, missed->n_missed,
            missed->n_seen, since, last, missed->example, missed->source);
    all->n_items += missed->n_missed;
    return 0;
}

/* The cells `items_missed` and `missed`. */
static int missed_cells(struct cli *cli, struct cli_table *table)
{
    char *text = NULL;
    size_t len;
    struct sources_missed all = {.text = open_memstream(&text, &len)};
    if (!all.text)
        return -ENOMEM;
    int r = sw_store_each_missed(cli->store, cli->now_s - SW_MISSED_SHOWN_S, add_missed,
                                 &all);
    if (fclose(all.text) != 0 && r == 0)
        r = -ENOMEM;
    status_name_cell(table, "items_missed");
    cli_cell_number(table, all.n_items);
    status_name_cell(table, "missed");
    cli_cell_quoted(table, text ? text : "");
    free(text);
    return r;
}

/* Since when what is stored is kept; empty where nothing was ever removed. */
static int kept_cells(struct cli *cli, struct cli_table *table)
{
    static const char *const names[SW_KEEPS] = {
        [SW_KEEP_READINGS] = "readings_since",
        [SW_KEEP_ALERTS] = "alerts_since",
        [SW_KEEP_AUDIT] = "audit_since",
    };
    int r = 0;
    for (int what = 0; r == 0 && what < SW_KEEPS; what++) {
        int64_t from_s = 0;
        r = sw_store_kept_since(cli->store, (enum sw_keep)what, &from_s);
        status_name_cell(table, names[what]);
        cli_cell_time(table, from_s);
    }
    return r;
}

/* When the newest backup was made, and copied away. */
static void backup_cells(struct cli *cli, struct cli_table *table)
{
    struct sw_backups backups;
    struct sw_away_state away;
    if (sw_backup_list(cli->config.data_dir, &backups) < 0)
        backups.newest_s = 0;
    sw_away_state(cli->config.data_dir, &away);
    status_name_cell(table, "backup_at");
    cli_cell_time(table, backups.newest_s);
    status_name_cell(table, "backup_away_at");
    cli_cell_time(table, *cli->config.backup.to ? away.copied_at_s : 0);
}

static int print_status(struct cli *cli, const struct sw_gateway_state *gateway,
                        const char *problem)
{
    const struct sw_health *health = &gateway->health;
    bool is_tall = cli->format == CLI_TABLE;
    struct cli_table *table =
        is_tall ? cli_table_new(cli, tall_columns,
                                sizeof tall_columns / sizeof *tall_columns)
                : cli_table_new(cli, wide_columns,
                                sizeof wide_columns / sizeof *wide_columns);
#define X(name, help) counter_cell(table, gateway, #name, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    status_name_cell(table, "running");
    cli_cell_bool(table, gateway->running);
    status_name_cell(table, "connected");
    cli_cell_bool(table, health->connected);
    status_name_cell(table, "clock_trusted");
    if (gateway->running && gateway->hung_since_s == 0)
        cli_cell_bool(table, health->clock_trusted);
    else
        cli_cell_none(table);
    status_name_cell(table, "last_message_at");
    cli_cell_time(table, health->last_message_at_s);
    status_name_cell(table, "last_commit_at");
    cli_cell_time(table, health->last_commit_at_s);
    status_name_cell(table, "reported_at");
    cli_cell_time(table, health->written_at_s);
    bytes_cell(table, "db_bytes", sw_store_bytes(cli->store));
    status_name_cell(table, "version");
    cli_cell_text(table, health->version);
    status_name_cell(table, "problem");
    cli_cell_quoted(table, problem);
    status_name_cell(table, "incident");
    cli_cell_quoted(table, health->incident);
    bytes_cell(table, "disk_free_bytes", gateway->disk_free_bytes);
    int r = missed_cells(cli, table);
    if (r >= 0)
        r = kept_cells(cli, table);
    backup_cells(cli, table);
    return r < 0 ? cli_table_drop(table, cli_store_failed(cli, r))
                 : cli_table_end(table, "");
}

enum { OLD_S = 48 * 3600 }; /* backups are made every night: two in a row were missed */
#define MAKE_ONE "`sudo -u stepward stepward backup`"

/* False if a card that dies tonight would take more than two days with it, with the
 * reason and the remedy, as in sw_gateway_is_well(). The store is open. */
static bool backups_are_well(struct cli *cli, char why[static SW_GATEWAY_WHY_MAX])
{
    struct sw_backups backups;
    char at[SW_INSTANT_LEN + 1];
    int64_t begun_s = 0;
    why[0] = '\0';
    int r = sw_backup_list(cli->config.data_dir, &backups);
    if (r < 0) {
        snprintf(why, SW_GATEWAY_WHY_MAX, "cannot look at the backups in %s/backup: %s",
                 cli->config.data_dir, strerror(-r));
        return false;
    }
    if (backups.failed_at_s > 0) {
        sw_instant_format(backups.failed_at_s, at);
        snprintf(why, SW_GATEWAY_WHY_MAX,
                 "the backup of %s failed: %s: mend that, then " MAKE_ONE, at,
                 backups.failure);
        return false;
    }
    if (sw_store_online_since(cli->store, &begun_s) < 0 || begun_s == 0)
        return true; /* nothing was ever received */
    if (cli->now_s - begun_s < OLD_S || cli->now_s - backups.newest_s < OLD_S)
        return true;
    sw_instant_format(backups.newest_s, at);
    snprintf(
        why, SW_GATEWAY_WHY_MAX,
        "%s%s: see `systemctl status stepward-backup.timer`, and make one: " MAKE_ONE,
        backups.n > 0 ? "no backup was made for 48 hours, the newest is of "
                      : "there is no backup",
        backups.n > 0 ? at : "");
    return false;
}

/* The same for the copies that are not on the card. */
static bool copies_are_well(struct cli *cli, char why[static SW_GATEWAY_WHY_MAX])
{
    const char *to = cli->config.backup.to;
    struct sw_away_state away;
    char at[SW_INSTANT_LEN + 1];
    int64_t begun_s = 0;
    if (*to == '\0')
        return true;
    sw_away_state(cli->config.data_dir, &away);
    if (away.failed_at_s > 0) {
        sw_instant_format(away.failed_at_s, at);
        snprintf(why, SW_GATEWAY_WHY_MAX,
                 "no copy of the backup of %s: %s: mend that, then " MAKE_ONE, at,
                 away.failure);
        return false;
    }
    if (sw_store_online_since(cli->store, &begun_s) < 0 || begun_s == 0)
        return true;
    if (cli->now_s - begun_s < OLD_S || cli->now_s - away.copied_at_s < OLD_S)
        return true;
    sw_instant_format(away.copied_at_s, at);
    snprintf(why, SW_GATEWAY_WHY_MAX, "%s%s in %.100s: make one: " MAKE_ONE,
             away.copied_at_s > 0 ? "there is no copy of a backup since "
                                  : "there is no copy of a backup",
             away.copied_at_s > 0 ? at : "", to);
    return false;
}

enum { CERTIFICATE_SOON_S = 21 * 24 * 3600 }; /* they are renewed 45 days before */

/* When the clinic's own certificates end, as setup wrote it beside them: a line each, or
 * none where it made none. False if one ends soon, with the reason and the remedy. */
static bool certificates_are_well(struct cli *cli, bool prints,
                                  char why[static SW_GATEWAY_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX], line[128], name[32];
    int64_t end_s;
    bool is_well = true;
    if (sw_file_folder(cli->config.path, path) < 0 ||
        strlen(path) + sizeof "/tls/ends" > sizeof path)
        return true;
    FILE *file = fopen(strcat(path, "/tls/ends"), "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%31[a-z] %" SCNd64, name, &end_s) != 2)
            continue;
        char date[SW_DATE_LEN + 1];
        sw_date_format(sw_day_of(&cli->zone, end_s), date);
        if (prints)
            cli_heading(cli, "the certificate of the %s ends on %s", name, date);
        if (end_s - cli->now_s >= CERTIFICATE_SOON_S)
            continue;
        is_well = false;
        snprintf(why, SW_GATEWAY_WHY_MAX,
                 "the certificate of the %s %s on %s: `sudo stepward setup %s`", name,
                 end_s > cli->now_s ? "ends" : "ended", date,
                 strcmp(name, "authority") == 0 ? "--new-ca" : "--renew");
    }
    if (file)
        fclose(file);
    return is_well;
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_gateway_state gateway;
    char why[SW_WHY_MAX], complaint[SW_GATEWAY_WHY_MAX], unused[SW_GATEWAY_WHY_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_gateway_inspect(cli, &gateway);
    int r = code == CLI_OK ? cli_reach_store(cli, SW_STORE_READ, why) : 0;
    if (r < 0) { /* the gateway may know why, or the disk shows it */
        bool may_be_well = sw_gateway_may_be_well(&gateway, complaint);
        if (cli->format == CLI_PROMETHEUS)
            cli_print_metrics(cli, &gateway, may_be_well ? why : complaint);
        cli_gateway_local(cli, complaint);
        return may_be_well ? cli_out_of_reach(cli, r, why)
                           : cli_fail(cli, "%s", complaint);
    }
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    bool is_well =
        sw_gateway_is_well(&gateway, complaint) && backups_are_well(cli, complaint) &&
        copies_are_well(cli, complaint) && certificates_are_well(cli, false, complaint);
    code = cli->format == CLI_PROMETHEUS
               ? cli_print_metrics(cli, &gateway, is_well ? "" : complaint)
               : print_status(cli, &gateway, is_well ? "" : complaint);
    if (code != CLI_OK)
        return code;
    cli_gateway_local(cli, complaint);
    certificates_are_well(cli, true, unused);
    if (sw_gateway_is_outdated(&gateway))
        cli_heading(cli,
                    "%s was changed, and the gateway runs with what it said before: "
                    "`sudo scripts/install`, or " SW_RESTART_GATEWAY
                    " if it was neither site nor data_dir",
                    cli->config.path);
    if (!is_well && cli->format == CLI_PROMETHEUS) /* it is among the numbers */
        return CLI_FAILED;
    if (!is_well)
        return cli_fail(cli, "%s", complaint);
    cli_heading(cli, "all is well");
    return CLI_OK;
}

/* ---- incidents, the newest first: what happened to the gateway, since when, whether it
 * is over, and what to do about it ---- */

enum { DEFAULT_DAYS = 30 };

const struct cli_option cmd_incidents_options[] = {
    {"days", "N", "those of the last N days (default 30)"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column incident_columns[] = {
    {"at", "at", CLI_WORDS, 0, 0},         {"over_at", "over", CLI_WORDS, 0, 1},
    {"what", "what", CLI_TEXT, 0, 2},      {"text", "text", CLI_WORDS, 0, 0},
    {"remedy", "remedy", CLI_WORDS, 0, 0},
};

static int print_incident(void *ctx, const struct sw_incident *incident)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, incident->at_s);
    cli_cell_time(table, incident->over_at_s);
    cli_cell_text(table, sw_incident_code(incident->kind));
    cli_cell_quoted(table, incident->text);
    cli_cell_quoted(table, sw_incident_remedy(incident->kind));
    return 0;
}

int cmd_incidents(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int64_t days = DEFAULT_DAYS;
    char date[SW_DATE_LEN + 1];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int32_t from_day = cli_today(cli) - (int32_t)days + 1;
    sw_date_format(from_day, date);
    cli_heading(cli, "since %s, %s", date, cli->config.timezone);
    struct cli_table *table = cli_table_new(
        cli, incident_columns, sizeof incident_columns / sizeof *incident_columns);
    int r = sw_store_each_incident(cli->store, sw_day_begin(&cli->zone, from_day),
                                   print_incident, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nothing happened");
}
