/* gateway_state.c -- whether the gateway does its job, by its lock, its disk and what
 * it last stored about itself. */
#include "cli/gateway_state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/text.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    FRESH_S = 3 * 60, /* the gateway writes every minute: two missed are too many */
    HUNG_S = 50,      /* it updates its lock every 20 s at least */
    FULL_BYTES = 1024 * 1024, /* with less, a transaction hardly fits */
};

/* ---- inspecting ---- */

static void read_disk_space(const struct cli *cli, struct cli_gateway *ret)
{
    struct statvfs fs;
    if (statvfs(cli->config.data_dir, &fs) < 0)
        return;
    ret->disk_free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    ret->disk_is_read_only = (fs.f_flag & ST_RDONLY) != 0;
}

int cli_gateway_inspect(struct cli *cli, struct cli_gateway *ret)
{
    *ret = (struct cli_gateway){.disk_free_bytes = -1};
    int r = sw_lock_read(cli->config.data_dir, &ret->note, &ret->running);
    if (r < 0)
        return cli_cannot_data(cli, "look at", "gateway.lock", r);
    if (!ret->running)
        ret->note.problem[0] = '\0';
    int64_t beat_ms = ret->note.beat_ms;
    int64_t silent_s = beat_ms > 0 ? (sw_clock_monotonic_ms() - beat_ms) / 1000 : 0;
    bool is_starting = ret->note.state.is_starting; /* its checks take minutes */
    if (silent_s > HUNG_S && !is_starting)
        ret->hung_since_s = cli->now_s - silent_s;
    read_disk_space(cli, ret);
    return CLI_OK;
}

/* What is stored is of another run, or a minute old. What the running gateway writes to
 * its lock is newer, and is there even when the database cannot be written. */
static void take_over(struct cli_gateway *gateway)
{
    const struct sw_lock_state *state = &gateway->note.state;
    struct sw_health *health = &gateway->health;
    bool is_known = gateway->running && state->is_known;
    bool was_current =
        gateway->has_health && health->connected && health->clock_trusted;
    gateway->was_current_s = was_current ? health->written_at_s : 0;
    if (gateway->running && gateway->note.pid != 0)
        memcpy(health->problem, gateway->note.problem, sizeof health->problem);
    if (is_known) {
        health->connected = state->connected;
        health->clock_trusted = state->clock_trusted;
    }
    if (!gateway->running || gateway->hung_since_s != 0)
        health->connected = health->clock_trusted = false;
    if (!gateway->running)
        health->problem[0] = '\0';
    gateway->is_of_this_run =
        gateway->running && gateway->has_health && (!is_known || state->has_reported);
}

int cli_gateway_read(struct cli *cli, struct cli_gateway *gateway)
{
    int r = sw_store_get_health(cli->store, &gateway->health);
    if (r < 0)
        return cli_store_failed(cli, r);
    gateway->has_health = r != SW_STORE_NONE;
    take_over(gateway);
    return CLI_OK;
}

/* ---- judging: false, with the reason in why ---- */

__attribute__((format(printf, 2, 3))) static bool complain(char *why,
                                                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, CLI_GATEWAY_WHY_MAX, format, args);
    va_end(args);
    return false;
}

static bool complain_of_hanging(const struct cli_gateway *gateway, char *why)
{
    char since[SW_INSTANT_LEN + 1];
    sw_instant_format(gateway->hung_since_s, since);
    return complain(why,
                    "the gateway hangs, it has done nothing since %s: restart "
                    "it: " CLI_RESTART_GATEWAY,
                    since);
}

static bool complain_of_silence(const struct cli_gateway *gateway, char *why)
{
    char since[SW_INSTANT_LEN + 1];
    if (!gateway->has_health)
        return complain(why, "the gateway has not reported yet: try again in a minute");
    sw_instant_format(gateway->health.written_at_s, since);
    return complain(
        why, "the gateway has not reported since %s: restart it: " CLI_RESTART_GATEWAY,
        since);
}

/* A start takes seconds, unless the disk or the database is in its way. */
static bool complain_of_start(const struct cli_gateway *gateway, char *why)
{
    const char *problem = gateway->health.problem;
    char since[SW_INSTANT_LEN + 1];
    if (*problem)
        return complain(why, "%s", problem);
    sw_instant_format(gateway->note.written_at_s, since);
    return complain(why,
                    "the gateway is starting since %s: try again in a minute; if it "
                    "takes longer: `journalctl -u stepward-gateway`",
                    since);
}

/* A full disk does harm whether the gateway has noticed yet or not. */
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

/* What keeps the gateway from starting. */
static bool judge_service(const struct cli *cli, const struct cli_gateway *gateway,
                          char *why)
{
    if (gateway->running || sw_service_may_write("", &cli->config))
        return true;
    return complain(why,
                    "the gateway is not running: its service cannot write to %s: `sudo "
                    "scripts/install` makes the folder, and lets it",
                    cli->config.data_dir);
}

static bool complain_of_broker(const struct cli *cli, const char *problem, char *why)
{
    return complain(why, "not connected to the broker at %s%s%s",
                    cli->config.broker.uri, *problem ? ": " : "", problem);
}

static bool judge_running(const struct cli *cli, const struct cli_gateway *gateway,
                          char *why)
{
    const struct sw_health *health = &gateway->health;
    bool is_known = gateway->note.state.is_known;
    bool is_stale = !gateway->has_health || cli->now_s - health->written_at_s > FRESH_S;
    if (gateway->hung_since_s != 0)
        return complain_of_hanging(gateway, why);
    if (gateway->note.state.is_starting)
        return complain_of_start(gateway, why);
    if (is_stale && !is_known && *health->problem)
        return complain(why, "%s", health->problem);
    if (is_stale && !is_known)
        return complain_of_silence(gateway, why);
    if (!health->connected)
        return complain_of_broker(cli, health->problem, why);
    if (!health->clock_trusted)
        return complain(why,
                        "the clock is not trusted, alerts wait: check `timedatectl`");
    if (*health->problem)
        return complain(why, "%s", health->problem);
    if (!gateway->is_of_this_run)
        return complain(why, "the gateway has just started, and has not reported yet: "
                             "try again in a minute");
    return !is_stale || complain_of_silence(gateway, why);
}

bool cli_gateway_is_well(const struct cli *cli, const struct cli_gateway *gateway,
                         char why[static CLI_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (!judge_disk(cli, gateway, why) || !judge_service(cli, gateway, why))
        return false;
    if (!gateway->running && !gateway->has_health)
        return complain(why, "the gateway has never run: start it: " CLI_START_GATEWAY);
    if (!gateway->running)
        return complain(why,
                        "the gateway is not running: start it: " CLI_START_GATEWAY
                        "; if it ends again, `journalctl -u stepward-gateway -n 20` "
                        "says why");
    return judge_running(cli, gateway, why);
}

bool cli_gateway_may_be_well(const struct cli *cli, const struct cli_gateway *gateway,
                             char why[static CLI_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (gateway->hung_since_s != 0)
        return complain_of_hanging(gateway, why);
    if (*gateway->note.problem)
        return complain(why, "%s", gateway->note.problem);
    return judge_disk(cli, gateway, why) && judge_service(cli, gateway, why);
}

bool cli_gateway_is_outdated(const struct cli *cli, const struct cli_gateway *gateway)
{
    const struct sw_lock_config *read = &gateway->note.config;
    struct sw_lock_config now = sw_lock_config(cli->config.path);
    return gateway->running && read->changed_ns != 0 && read->path == now.path &&
           read->changed_ns != now.changed_ns;
}

void cli_gateway_local(const struct cli *cli, char why[static CLI_GATEWAY_WHY_MAX])
{
    char *local = cli_local_times(&cli->zone, why, cli->now_s);
    if (local)
        snprintf(why, CLI_GATEWAY_WHY_MAX, "%s", local);
    free(local);
}

/* ---- does it subscribe to this site? ---- */

static bool has_line(const char *text, const char *line)
{
    size_t len = strlen(line);
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strcspn(text, "\n") == len && memcmp(text, line, len) == 0)
            return true;
    return false;
}

/* The gateway may run with an older configuration, or with another one. */
static int require_site(struct cli *cli)
{
    char *heard = NULL;
    sw_topic_text ours;
    int code = CLI_OK;
    sw_topic_filter(ours, cli->config.site, 0);
    int r = sw_store_get_meta(cli->store, SW_META_FILTERS, &heard);
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
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code == CLI_OK && !gateway.running) {
        cli_gateway_is_well(cli, &gateway, why);
        cli_gateway_local(cli, why);
        code = cli_fail(cli, "nothing sent: %s", why);
    }
    return code == CLI_OK ? require_site(cli) : code;
}
