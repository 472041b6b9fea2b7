/* gateway_state.c -- whether the gateway does its job, by its lock, its disk and what
 * it last stored about itself; and so whether what is stored is current.
 * How that is shown is its readers' business. */
#include "records/gateway_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "stepward/host.h"

enum {
    FRESH_S = 3 * 60, /* the gateway writes every minute: two missed are too many */
    HUNG_S = 50,      /* it updates its lock every 20 s at least */
    FULL_BYTES = 1024 * 1024, /* with less, a transaction hardly fits */
};

/* ---- inspecting ---- */

int sw_gateway_inspect(struct sw_gateway_state *gateway)
{
    struct statvfs fs;
    const char *data_dir = gateway->config->data_dir;
    gateway->disk_free_bytes = -1;
    int r = sw_lock_read(data_dir, &gateway->note, &gateway->running);
    if (r < 0)
        return r;
    if (!gateway->running)
        gateway->note.problem[0] = '\0';
    int64_t beat_ms = gateway->note.beat_ms;
    int64_t silent_s = beat_ms > 0 ? (sw_clock_monotonic_ms() - beat_ms) / 1000 : 0;
    bool is_starting = gateway->note.state.is_starting; /* its checks take minutes */
    if (silent_s > HUNG_S && !is_starting)
        gateway->hung_since_s = gateway->now_s - silent_s;
    if (statvfs(data_dir, &fs) == 0) {
        gateway->disk_free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
        gateway->disk_is_read_only = (fs.f_flag & ST_RDONLY) != 0;
    }
    return 0;
}

/* What is stored is of another run, or a minute old. What the running gateway writes to
 * its lock is newer, and is there even when the database cannot be written. */
int sw_gateway_read(struct sw_gateway_state *gateway, struct sw_store *store)
{
    const struct sw_lock_state *state = &gateway->note.state;
    struct sw_health *health = &gateway->health;
    bool is_known = gateway->running && state->is_known;
    int r = sw_store_get_health(store, health);
    if (r < 0)
        return r;
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
    return 0;
}

/* ---- judging: false, with the reason in why ---- */

__attribute__((format(printf, 2, 3))) static bool complain(char *why,
                                                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, SW_GATEWAY_WHY_MAX, format, args);
    va_end(args);
    return false;
}

static bool complain_of_hanging(const struct sw_gateway_state *gateway, char *why)
{
    char since[SW_INSTANT_LEN + 1];
    sw_instant_format(gateway->hung_since_s, since);
    return complain(why,
                    "the gateway hangs: it has done nothing since %s: restart "
                    "it: " SW_RESTART_GATEWAY,
                    since);
}

static bool complain_of_silence(const struct sw_gateway_state *gateway, char *why)
{
    char since[SW_INSTANT_LEN + 1];
    if (!gateway->has_health)
        return complain(why, "the gateway has not reported yet: try again in a minute");
    sw_instant_format(gateway->health.written_at_s, since);
    return complain(
        why, "the gateway has not reported since %s: restart it: " SW_RESTART_GATEWAY,
        since);
}

/* What harms the gateway whether it has noticed yet or not, and what keeps it from
 * starting. */
static bool judge_folder(const struct sw_gateway_state *gateway, char *why)
{
    const char *data_dir = gateway->config->data_dir;
    if (gateway->disk_is_read_only)
        return complain(why,
                        "the disk of %s is read-only: check the card (dmesg), then "
                        "make it writable again",
                        data_dir);
    if (gateway->disk_free_bytes >= 0 && gateway->disk_free_bytes < FULL_BYTES)
        return complain(why, "the disk of %s is full: free space on it", data_dir);
    if (!gateway->running && !sw_service_may_write("", gateway->config))
        return complain(why,
                        "the gateway is not running: its service cannot write to %s: "
                        "`sudo scripts/install` makes the folder, and lets it",
                        data_dir);
    return true;
}

static bool judge_running(const struct sw_gateway_state *gateway, char *why)
{
    const struct sw_health *health = &gateway->health;
    const struct sw_lock_state *state = &gateway->note.state;
    const char *problem = health->problem;
    bool is_stale =
        !gateway->has_health || gateway->now_s - health->written_at_s > FRESH_S;
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
                        gateway->config->broker.uri, *problem ? ": " : "", problem);
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

bool sw_gateway_is_well(const struct sw_gateway_state *gateway,
                        char why[static SW_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (!judge_folder(gateway, why))
        return false;
    if (gateway->running)
        return judge_running(gateway, why);
    if (!gateway->has_health)
        return complain(why, "the gateway has never run: start it: " SW_START_GATEWAY);
    return complain(why, "the gateway is not running: start it: " SW_START_GATEWAY
                         "; if it ends again, `journalctl -u stepward-gateway -n 20` "
                         "says why");
}

bool sw_gateway_may_be_well(const struct sw_gateway_state *gateway,
                            char why[static SW_GATEWAY_WHY_MAX])
{
    why[0] = '\0';
    if (gateway->hung_since_s != 0)
        return complain_of_hanging(gateway, why);
    if (*gateway->note.problem)
        return complain(why, "%s", gateway->note.problem);
    return judge_folder(gateway, why);
}

bool sw_gateway_is_outdated(const struct sw_gateway_state *gateway)
{
    const struct sw_lock_config *read = &gateway->note.config;
    struct sw_lock_config now = sw_lock_config(gateway->config->path);
    return gateway->running && read->changed_ns != 0 && read->path == now.path &&
           read->changed_ns != now.changed_ns;
}

/* ---- is what is stored current? ---- */

static bool is_current(const struct sw_gateway_state *gateway)
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
static int find_since(struct sw_store *store, const struct sw_gateway_state *gateway,
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
        r = sw_store_get_online(store, &last, 1, &n);
    if (r >= 0 && n > 0)
        *ret_s = last.to_s;
    if (*ret_s < gateway->was_current_s && !gateway->running)
        *ret_s = gateway->was_current_s;
    return r;
}

int sw_gateway_stale_since(const struct sw_gateway_state *gateway,
                           struct sw_store *store, int64_t until_s,
                           int64_t *ret_since_s, char why[static SW_GATEWAY_WHY_MAX])
{
    int64_t since_s = 0;
    *ret_since_s = 0;
    why[0] = '\0';
    if (is_current(gateway))
        return 0;
    int r = find_since(store, gateway, &since_s);
    if (r < 0)
        return r;
    if (until_s < gateway->now_s && since_s >= until_s) /* all was there by then */
        return 0;
    if (sw_gateway_is_well(gateway, why))
        snprintf(why, SW_GATEWAY_WHY_MAX,
                 "the gateway cannot take in new messages at the moment");
    *ret_since_s = since_s != 0 ? since_s : SW_STALE_NEVER;
    return 0;
}
