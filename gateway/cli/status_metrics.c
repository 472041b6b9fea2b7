/* status_metrics.c -- the gateway's state in Prometheus' text format (version 0.0.4), for
 * node_exporter's textfile collector: config/systemd/stepward-metrics.timer.
 *
 * What is not known is left out, because a number that stands for "unknown" would be
 * taken for one. Names end with their unit, those of what only grows with _total. */
#include "cli/status_metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "stepward/backup.h"

static void print_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP stepward_%s %s\n# TYPE stepward_%s %s\n", name, help, name,
            type);
}

static void print_metric(FILE *out, const char *name, const char *type,
                         const char *help, int64_t value)
{
    print_head(out, name, type, help);
    fprintf(out, "stepward_%s %" PRId64 "\n", name, value);
}

/* A text between quotes: \, " and the end of a line are escaped. */
static void print_label(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s=\"", name);
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        if (*text == '\n')
            fputs("\\n", out);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_info(struct cli *cli, const char *version)
{
    FILE *out = cli->out;
    print_head(out, "info", "gauge", "Which gateway this is.");
    fputs("stepward_info{", out);
    print_label(out, "site", cli->config.site);
    fputc(',', out);
    print_label(out, "version", version);
    fputs("} 1\n", out);
}

static int print_problem(struct cli *cli, const char *problem)
{
    FILE *out = cli->out;
    print_metric(out, "healthy", "gauge",
                 "Whether all is well, as the exit code of `stepward status` says.",
                 *problem == '\0');
    if (*problem == '\0')
        return CLI_OK;
    char *shown = cli_shown(problem, strlen(problem), 0); /* with a broker's words */
    if (!shown)
        return cli_fail(cli, "out of memory");
    print_head(out, "problem_info", "gauge", "What is wrong, while something is.");
    fputs("stepward_problem_info{", out);
    print_label(out, "problem", shown);
    fputs("} 1\n", out);
    free(shown);
    return CLI_OK;
}

static void print_moment(FILE *out, const char *name, const char *help, int64_t at_s)
{
    if (at_s != 0)
        print_metric(out, name, "gauge", help, at_s);
}

static void print_health(FILE *out, const struct sw_gateway_state *gateway)
{
    const struct sw_health *health = &gateway->health;
    if (!gateway->has_health)
        return;
    print_metric(out, "broker_connected", "gauge",
                 "Whether the gateway is connected to the broker.", health->connected);
    print_metric(out, "clock_trusted", "gauge",
                 "Whether the gateway trusts this machine's clock.",
                 health->clock_trusted);
    print_metric(out, "messages_received_total", "counter", "Messages received.",
                 health->messages);
    print_metric(out, "readings_accepted_total", "counter", "Readings accepted.",
                 health->readings);
    print_metric(out, "messages_rejected_total", "counter",
                 "Messages refused, whole or in part.", health->rejected);
    print_metric(out, "commits_total", "counter", "Transactions of the database.",
                 health->commits);
    print_metric(out, "open_alerts", "gauge", "Alerts open or acknowledged.",
                 health->open_alerts);
    if (gateway->is_of_this_run) {
        print_metric(out, "inbox_pending_messages", "gauge",
                     "Messages in the inbox that are not yet in the database.",
                     health->inbox_pending);
        print_metric(out, "uptime_seconds", "gauge", "Since the gateway started.",
                     health->uptime_s);
    }
    print_moment(out, "last_message_timestamp_seconds",
                 "When a message last came, in Unix time.", health->last_message_at_s);
    print_moment(out, "last_commit_timestamp_seconds",
                 "When something was last stored, in Unix time.",
                 health->last_commit_at_s);
    print_moment(out, "reported_timestamp_seconds",
                 "When the gateway last reported these numbers, in Unix time.",
                 health->written_at_s);
}

static int add_missed(void *ctx, const struct sw_missed *missed)
{
    int64_t *n = ctx;
    *n += missed->n_missed;
    return 0;
}

static int print_stored(struct cli *cli)
{
    FILE *out = cli->out;
    int64_t n_missed = 0, n_waiting = 0, oldest_s = 0;
    int64_t bytes = sw_store_bytes(cli->store);
    int r = sw_store_each_missed(cli->store, cli->now_s - SW_MISSED_SHOWN_S, add_missed,
                                 &n_missed);
    if (r >= 0)
        r = sw_store_count_notifications(cli->store, &n_waiting, &oldest_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (bytes >= 0)
        print_metric(out, "database_bytes", "gauge", "Size of the database.", bytes);
    print_metric(out, "source_missed_items", "gauge",
                 "Items of a week in which the pointers of sources found nothing.",
                 n_missed);
    print_metric(out, "notifications_waiting", "gauge",
                 "Publications of alerts of which programs are still to be told.",
                 n_waiting);
    print_moment(out, "notification_oldest_timestamp_seconds",
                 "When the oldest of these was published, in Unix time.", oldest_s);
    return CLI_OK;
}

static void print_backups(struct cli *cli)
{
    struct sw_backups backups;
    if (sw_backup_list(cli->config.data_dir, &backups) < 0)
        return;
    print_metric(cli->out, "backups", "gauge", "Backups of the database.",
                 (int64_t)backups.n);
    print_moment(cli->out, "backup_newest_timestamp_seconds",
                 "When the newest backup was made, in Unix time.", backups.newest_s);
}

int cli_print_metrics(struct cli *cli, const struct sw_gateway_state *gateway,
                      const char *problem)
{
    int code = print_problem(cli, problem);
    const char *runs = gateway->health.version;
    print_info(cli, *runs ? runs : STEPWARD_VERSION);
    print_metric(cli->out, "gateway_running", "gauge", "Whether the gateway runs.",
                 gateway->running);
    if (gateway->disk_free_bytes >= 0)
        print_metric(cli->out, "disk_free_bytes", "gauge",
                     "Free on the disk where the database is.",
                     gateway->disk_free_bytes);
    print_health(cli->out, gateway);
    if (code == CLI_OK && cli->store)
        code = print_stored(cli);
    print_backups(cli);
    return code;
}
