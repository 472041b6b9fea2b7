/* gateway_state.c -- whether the gateway does its job, by its lock, its disk and what
 * it last stored of itself. */
#include "cli/gateway_state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/text.h"
#include "stepward/wire.h"

enum {
    FRESH_S = 3 * 60, /* the gateway writes every minute: twice late is too late */
    FULL_BYTES = 1024 * 1024, /* with less, a transaction hardly fits */
};
#define START "start it with `systemctl start stepward-gateway`"

/* ---- looking ---- */

static void look_at_disk(const struct cli *cli, struct cli_gateway *ret)
{
    struct statvfs fs;
    if (statvfs(cli->config.data_dir, &fs) < 0)
        return;
    ret->disk_free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    ret->disk_is_read_only = (fs.f_flag & ST_RDONLY) != 0;
}

int cli_gateway_look(struct cli *cli, struct cli_gateway *ret)
{
    *ret = (struct cli_gateway){.disk_free_bytes = -1};
    int r = sw_lock_look(cli->config.data_dir, &ret->note, &ret->running);
    if (r < 0)
        return cli_cannot_data(cli, "look at", "gateway.lock", r);
    if (!ret->running)
        ret->note.problem[0] = '\0';
    look_at_disk(cli, ret);
    return CLI_OK;
}

int cli_gateway_read(struct cli *cli, struct cli_gateway *gateway)
{
    int r = sw_store_get_health(cli->store, &gateway->health);
    if (r < 0)
        return cli_store_failed(cli, r);
    gateway->has_health = r != SW_STORE_NONE;
    bool has_note = gateway->running && gateway->note.pid != 0;
    if (has_note) /* it is there when the database cannot be written */
        memcpy(gateway->health.problem, gateway->note.problem,
               sizeof gateway->health.problem);
    return CLI_OK;
}

/* ---- judging: each says why, and returns false ---- */

__attribute__((format(printf, 2, 3))) static bool complain(char *why,
                                                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, CLI_GATEWAY_WHY_MAX, format, args);
    va_end(args);
    return false;
}

/* As the gateway tells it, with the clinic's times. */
static bool complain_of_problem(const struct cli *cli, const char *before,
                                const char *problem, char *why)
{
    char *local = cli_local_times(&cli->zone, problem, cli->now_s);
    complain(why, "%s%s", before, local ? local : problem);
    free(local);
    return false;
}

static bool complain_of_silence(const struct cli *cli,
                                const struct cli_gateway *gateway, char *why)
{
    char when[CLI_WHEN_MAX];
    if (!gateway->has_health)
        return complain(why, "the gateway has not reported yet: try again in a minute");
    cli_when_format(&cli->zone, gateway->health.written_at_s, cli->now_s, when);
    return complain(why, "the gateway has not reported since %s: restart it", when);
}

/* A full disk hurts whether the gateway has noticed yet or not. */
static bool judge_disk(const struct cli *cli, const struct cli_gateway *gateway,
                       char *why)
{
    bool is_known = gateway->disk_free_bytes >= 0;
    if (gateway->disk_is_read_only)
        return complain(why,
                        "the disk of %s is read-only: check the card (dmesg), then "
                        "make it writable again",
                        cli->config.data_dir);
    if (is_known && gateway->disk_free_bytes < FULL_BYTES)
        return complain(why, "the disk of %s is full: free space on it",
                        cli->config.data_dir);
    return true;
}

static bool complain_of_broker(const struct cli *cli, const char *problem, char *why)
{
    char before[2 * SW_WHY_MAX];
    snprintf(before, sizeof before, "not connected to the broker at %s%s",
             cli->config.broker.uri, *problem ? ": " : "");
    return complain_of_problem(cli, before, problem, why);
}

bool cli_gateway_is_well(const struct cli *cli, const struct cli_gateway *gateway,
                         char why[static CLI_GATEWAY_WHY_MAX])
{
    const struct sw_health *health = &gateway->health;
    bool is_stale = !gateway->has_health || cli->now_s - health->written_at_s > FRESH_S;
    if (!judge_disk(cli, gateway, why))
        return false;
    if (!gateway->running && !gateway->has_health)
        return complain(why, "the gateway has never run: " START);
    if (!gateway->running)
        return complain(why, "the gateway is not running: " START);
    if (is_stale && *health->problem)
        return complain_of_problem(cli, "", health->problem, why);
    if (is_stale)
        return complain_of_silence(cli, gateway, why);
    if (!health->connected)
        return complain_of_broker(cli, health->problem, why);
    if (!health->clock_trusted)
        return complain(why,
                        "the clock is not trusted, alerts wait: check `timedatectl`");
    if (*health->problem)
        return complain_of_problem(cli, "", health->problem, why);
    return true;
}

bool cli_gateway_may_be_well(const struct cli *cli, const struct cli_gateway *gateway,
                             char why[static CLI_GATEWAY_WHY_MAX])
{
    if (*gateway->note.problem)
        return complain_of_problem(cli, "", gateway->note.problem, why);
    return judge_disk(cli, gateway, why);
}

/* ---- does it listen to this site? ---- */

static bool has_line(const char *text, const char *line)
{
    size_t len = strlen(line);
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strcspn(text, "\n") == len && memcmp(text, line, len) == 0)
            return true;
    return false;
}

/* Its configuration may have been changed since it started, or be another one. */
static int require_site(struct cli *cli)
{
    char *heard = NULL;
    sw_topic_text ours;
    int code = CLI_OK;
    sw_topic_filter(ours, cli->config.site, 0);
    int r = sw_store_get_memo(cli->store, SW_MEMO_FILTERS, &heard);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == 0 && !has_line(heard, ours))
        code = cli_fail(cli,
                        "nothing sent: the gateway listens to %.*s, and not to %s: "
                        "restart it if site was changed, or name its configuration "
                        "with -c",
                        (int)strcspn(heard, "\n"), heard, ours);
    free(heard);
    return code;
}

int cli_gateway_require(struct cli *cli)
{
    struct cli_gateway gateway;
    char why[CLI_GATEWAY_WHY_MAX];
    int code = cli_gateway_look(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code == CLI_OK && !gateway.running) {
        cli_gateway_is_well(cli, &gateway, why);
        code = cli_fail(cli, "nothing sent: %s", why);
    }
    return code == CLI_OK ? require_site(cli) : code;
}
