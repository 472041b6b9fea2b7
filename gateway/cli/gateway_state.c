/* gateway_state.c -- whether the gateway does its job, by its lock, its disk and what
 * it last stored about itself; and so whether a listing's data are current.
 * Adding a field to the rows of a listing is table.c's business. */
#include "cli/gateway_state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "cli/table.h"
#include "cli/text.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    FRESH_S = 3 * 60, /* the gateway writes every minute: two missed are too many */
    HUNG_S = 50,      /* it updates its lock every 20 s at least */
    FULL_BYTES = 1024 * 1024, /* with less, a transaction hardly fits */
};

/* ---- inspecting ---- */

int cli_gateway_inspect(struct cli *cli, struct cli_gateway *ret)
{
    struct statvfs fs;
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
    if (statvfs(cli->config.data_dir, &fs) == 0) {
        ret->disk_free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
        ret->disk_is_read_only = (fs.f_flag & ST_RDONLY) != 0;
    }
    return CLI_OK;
}

/* What is stored is of another run, or a minute old. What the running gateway writes to
 * its lock is newer, and is there even when the database cannot be written. */
int cli_gateway_read(struct cli *cli, struct cli_gateway *gateway)
{
    const struct sw_lock_state *state = &gateway->note.state;
    struct sw_health *health = &gateway->health;
    bool is_known = gateway->running && state->is_known;
    int r = sw_store_get_health(cli->store, health);
    if (r < 0)
        return cli_store_failed(cli, r);
    gateway->has_health = r != SW_STORE_NONE;
    if (gateway->has_health && health->connected && health->clock_trusted)
        gateway->was_current_s = health->written_at_s;
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
                    "the gateway hangs: it has done nothing since %s: restart "
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

/* What harms the gateway whether it has noticed yet or not, and what keeps it from
 * starting. */
static bool judge_folder(const struct cli *cli, const struct cli_gateway *gateway,
                         char *why)
{
    const char *data_dir = cli->config.data_dir;
    if (gateway->disk_is_read_only)
        return complain(why,
                        "the disk of %s is read-only: check the card (dmesg), then "
                        "make it writable again",
                        data_dir);
    if (gateway->disk_free_bytes >= 0 && gateway->disk_free_bytes < FULL_BYTES)
        return complain(why, "the disk of %s is full: free space on it", data_dir);
    if (!gateway->running && !sw_service_may_write("", &cli->config))
        return complain(why,
                        "the gateway is not running: its service cannot write to %s: "
                        "`sudo scripts/install` makes the folder, and lets it",
                        data_dir);
    return true;
}

static bool judge_running(const struct cli *cli, const struct cli_gateway *gateway,
                          char *why)
{
    const struct sw_health *health = &gateway->health;
    const struct sw_lock_state *state = &gateway->note.state;
    const char *problem = health->problem;
    bool is_stale = !gateway->has_health || cli->now_s - health->written_at_s > FRESH_S;
    bool is_unknown = is_stale && !state->is_known;
    char since[SW_INSTANT_LEN + 1];
    if (gateway->hung_since_s != 0)
        return complain_of_hanging(gateway, why);
    if (*problem && (state->is_starting || is_unknown))
        return complain(why, "%s", problem);
    if (state->is_starting) { /* it takes seconds, if nothing is in its way */
        sw_instant_format(gateway->note.written_at_s, since);
        return complain(
            why,
            "the gateway has been starting since %s: try again in a minute; if "
            "it takes longer: `journalctl -u stepward-gateway`",
            since);
    }
    if (is_unknown)
        return complain_of_silence(gateway, why);
    if (!health->connected)
        return complain(why, "not connected to the broker at %s%s%s",
                        cli->config.broker.uri, *problem ? ": " : "", problem);
    if (!health->clock_trusted)
        return complain(
            why, "the clock is not trusted, so alerts wait: check `timedatectl`");
    if (*problem)
        return complain(why, "%s", problem);
    if (!gateway->is_of_this_run)
        return complain(why, "the gateway has just started, and has not reported yet: "
                             "try again in a minute");
    return !is_stale || complain_of_silence(gateway, why);
}

bool cli_gateway_is_well(const struct cli *cli, const struct cli_gateway *gateway,
                         char why[static CLI_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (!judge_folder(cli, gateway, why))
        return false;
    if (gateway->running)
        return judge_running(cli, gateway, why);
    if (!gateway->has_health)
        return complain(why, "the gateway has never run: start it: " CLI_START_GATEWAY);
    return complain(why, "the gateway is not running: start it: " CLI_START_GATEWAY
                         "; if it ends again, `journalctl -u stepward-gateway -n 20` "
                         "says why");
}

bool cli_gateway_may_be_well(const struct cli *cli, const struct cli_gateway *gateway,
                             char why[static CLI_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (gateway->hung_since_s != 0)
        return complain_of_hanging(gateway, why);
    if (*gateway->note.problem)
        return complain(why, "%s", gateway->note.problem);
    return judge_folder(cli, gateway, why);
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

/* The gateway may run with an older configuration, or with another one. */
int cli_gateway_require(struct cli *cli)
{
    struct cli_gateway gateway;
    char why[CLI_GATEWAY_WHY_MAX], *heard = NULL;
    sw_topic_text ours;
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    if (!gateway.running) {
        cli_gateway_is_well(cli, &gateway, why);
        cli_gateway_local(cli, why);
        return cli_fail(cli, "nothing sent: %s", why);
    }
    int r = sw_store_get_meta(cli->store, SW_META_FILTERS, &heard);
    if (r != 0)
        return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
    sw_topic_filter(ours, cli->config.site, 0);
    bool is_ours = false;
    char *rest = heard;
    for (char *line; !is_ours && (line = strsep(&rest, "\n"));)
        is_ours = strcmp(line, ours) == 0;
    if (!is_ours)
        code = cli_fail(cli,
                        "nothing sent: the gateway listens to %s, and not to %s: "
                        "restart it if site was changed, or name its configuration "
                        "with -c",
                        heard, ours);
    free(heard);
    return code;
}

/* ---- are a listing's data current? ---- */

static bool is_current(const struct cli_gateway *gateway)
{
    const struct sw_lock_state *state = &gateway->note.state;
    if (!gateway->running || gateway->hung_since_s != 0)
        return false;
    if (state->is_known)
        return state->is_current;
    return gateway->health.connected && gateway->health.clock_trusted;
}

/* A running gateway's lock is newer than the end of the newest online span, which is
 * stored every minute and with what messages bring. 0: they were never current. */
static int find_since(struct cli *cli, const struct cli_gateway *gateway,
                      int64_t *ret_s)
{
    const struct sw_lock_state *state = &gateway->note.state;
    struct sw_span last;
    size_t n = 0;
    int r = 0;
    *ret_s = 0;
    if (gateway->running)
        *ret_s = state->is_current ? gateway->hung_since_s : state->since_s;
    if (*ret_s == 0)
        r = sw_store_get_online(cli->store, &last, 1, &n);
    if (r >= 0 && n > 0)
        *ret_s = last.to_s;
    if (*ret_s < gateway->was_current_s && !gateway->running)
        *ret_s = gateway->was_current_s;
    return r;
}

static void print_stale(struct cli *cli, int64_t since_s, const char *why)
{
    char when[CLI_WHEN_MAX] = "";
    const char *since = since_s != 0 ? " since " : "";
    if (since_s != 0)
        cli_when_format(&cli->zone, since_s, cli->now_s, when);
    if (cli->format != CLI_TABLE) {
        cli_fail(cli, "out of date%s%s: %s", since, when, why);
        return;
    }
    char *shown = cli_shown(why, strlen(why), 0); /* it may contain a broker's words */
    if (shown)
        cli_heading(cli, "OUT OF DATE%s%s: %s", since, when, shown);
    free(shown);
}

/* *ret_since_s is 0 if the data are current, or CLI_STALE_NEVER. */
static int read_freshness(struct cli *cli, int64_t until_s, int64_t *ret_since_s)
{
    struct cli_gateway gateway;
    char why[CLI_GATEWAY_WHY_MAX];
    int64_t since_s = 0;
    *ret_since_s = 0;
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK || is_current(&gateway))
        return code;
    int r = find_since(cli, &gateway, &since_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (until_s < cli->now_s && since_s >= until_s) /* all data were there by then */
        return CLI_OK;
    if (cli_gateway_is_well(cli, &gateway, why))
        snprintf(why, sizeof why,
                 "the gateway cannot take in new messages at the moment");
    cli_gateway_local(cli, why);
    print_stale(cli, since_s, why);
    *ret_since_s = since_s != 0 ? since_s : CLI_STALE_NEVER;
    return CLI_OK;
}

int64_t cli_end_of_day(const struct cli *cli, int32_t day)
{
    int64_t end_s = sw_day_begin(&cli->zone, day + 1);
    return end_s < cli->now_s ? end_s : cli->now_s;
}

int cli_print_freshness(struct cli *cli, int64_t until_s)
{
    int64_t since_s;
    return read_freshness(cli, until_s, &since_s);
}

int cli_note_freshness(struct cli *cli, int64_t until_s)
{
    cli->notes_freshness = true;
    return read_freshness(cli, until_s, &cli->stale_since_s);
}
