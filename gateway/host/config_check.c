/* config_check.c -- one function a kind of value. Where the value stood is config.c's
 * business. */
#include "host/config_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/zone.h"
#include "stepward/host.h"
#include "stepward/plan.h"

enum {
    HOUR_S = 3600,
    DAY_S = 86400,
    CLIENT_ID_MAX = 64,      /* longer than any broker's log shows */
    HOST_MAX = 260,          /* a DNS name has at most 253, then a port */
    PATH_MAX_LEN = 1000,     /* leaves room for the file names we add */
    ALERT_BUDGET_MAX = 1000, /* one every minute of a wake window is no budget */
};

static bool accept_only(bool accepted, const char *what, char *why)
{
    if (!accepted)
        snprintf(why, SW_WHY_MAX, "takes %s", what);
    return accepted;
}

bool sw_check_any(const char *value, char why[static SW_WHY_MAX])
{
    (void)value;
    (void)why;
    return true;
}

bool sw_check_site(const char *value, char why[static SW_WHY_MAX])
{
    size_t len = strlen(value);
    bool plain = len >= 1 && len <= SW_SITE_MAX && !strchr(value, '.') &&
                 sw_id_is_valid(value, len);
    return accept_only(plain, "1 to 32 of A-Z a-z 0-9 _ -", why);
}

bool sw_check_timezone(const char *value, char why[static SW_WHY_MAX])
{
    return accept_only(sw_zone_exists(value),
                       "a zone that tzdata knows, such as Europe/Berlin", why);
}

bool sw_check_path(const char *value, char why[static SW_WHY_MAX])
{
    return accept_only(value[0] != '\0' && strlen(value) <= PATH_MAX_LEN,
                       "the name of a folder", why);
}

static bool check_duration(const char *value, int64_t min_s, int64_t max_s,
                           const char *range, char *why)
{
    int64_t seconds;
    bool ok =
        sw_duration_parse(value, &seconds) && seconds >= min_s && seconds <= max_s;
    if (!ok)
        snprintf(why, SW_WHY_MAX, "takes a duration %s, as in 90s, 15m, 2h or 31d",
                 range);
    return ok;
}

bool sw_check_max_age(const char *value, char why[static SW_WHY_MAX])
{
    return check_duration(value, HOUR_S, (int64_t)36525 * DAY_S, "from 1h to 100 years",
                          why);
}

bool sw_check_max_future(const char *value, char why[static SW_WHY_MAX])
{
    return check_duration(value, 0, 31 * DAY_S, "from 0 to 31d", why);
}

bool sw_check_commit_interval(const char *value, char why[static SW_WHY_MAX])
{
    return check_duration(value, 0, HOUR_S, "from 0 to 1h", why);
}

bool sw_check_alert_budget(const char *value, char why[static SW_WHY_MAX])
{
    int64_t alerts;
    return accept_only(sw_number_parse(value, 0, ALERT_BUDGET_MAX, &alerts),
                       "a whole number of alerts from 0 (no limit) to 1000", why);
}

static bool is_one_of(const char *value, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(value, words[i]) == 0)
            return true;
    return false;
}

bool sw_is_true(const char *value)
{
    static const char *const yes[] = {"true", "yes", "on"};
    return is_one_of(value, yes, 3);
}

bool sw_check_bool(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const words[] = {"true", "yes", "on", "false", "no", "off"};
    return accept_only(is_one_of(value, words, 6), "true or false", why);
}

/* Past the host, which is a name, an IPv4 address, or an IPv6 address in brackets; NULL
 * if there is none. */
static const char *skip_host(const char *host)
{
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-._";
    bool is_bracketed = *host == '[';
    size_t len = is_bracketed ? strcspn(host, "]") : strspn(host, name);
    if (is_bracketed)
        return len > 1 && host[len] == ']' ? host + len + 1 : NULL;
    return len > 0 ? host + len : NULL;
}

static bool is_host_and_port(const char *text)
{
    int64_t port;
    const char *rest = skip_host(text);
    if (!rest || strlen(text) > HOST_MAX)
        return false;
    return *rest == '\0' ||
           (*rest == ':' && sw_number_parse(rest + 1, 1, UINT16_MAX, &port));
}

bool sw_check_uri(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const schemes[] = {"mqtt://", "mqtts://", "tcp://", "ssl://"};
    bool ok = false;
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(schemes[i]);
        ok = ok ||
             (strncmp(value, schemes[i], len) == 0 && is_host_and_port(value + len));
    }
    return accept_only(ok, "mqtt://HOST:PORT, or mqtts:// for TLS", why);
}

bool sw_check_client_id(const char *value, char why[static SW_WHY_MAX])
{
    size_t len = strlen(value);
    bool ok = len >= 1 && len <= CLIENT_ID_MAX;
    for (size_t i = 0; i < len; i++)
        ok = ok && value[i] > ' ' && value[i] <= '~';
    return accept_only(ok, "1 to 64 printable characters without spaces", why);
}

bool sw_check_protocol(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const words[] = {"5", "4", "3.1.1"};
    return accept_only(is_one_of(value, words, 3), "5, or 4 for MQTT 3.1.1", why);
}

/* How many times word stands in the len bytes of a level. */
static int count_word(const char *level, size_t len, const char *word)
{
    int n = 0;
    for (size_t i = 0; i + strlen(word) <= len; i++)
        n += strncmp(level + i, word, strlen(word)) == 0;
    return n;
}

static int count_char(const char *level, size_t len, char c)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += level[i] == c;
    return n;
}

struct placeholders {
    int patients, devices;
};

static bool has_stray_plus(const char *level, size_t len)
{
    bool is_plus = len == 1 && *level == '+';
    return !is_plus && count_char(level, len, '+') > 0;
}

/* What is wrong with a level, which is '+' or text around at most one placeholder;
 * NULL: nothing. */
static const char *find_fault_of_level(const char *level, size_t len,
                                       struct placeholders *seen)
{
    int patients = count_word(level, len, "{patient}");
    int devices = count_word(level, len, "{device}");
    int n = patients + devices;
    seen->patients += patients;
    seen->devices += devices;
    if (count_char(level, len, '#') > 0)
        return "no #: write out the levels, with + for any one";
    if (has_stray_plus(level, len))
        return "+ for a whole level only";
    if (n > 1)
        return "{patient} or {device} at most once a level";
    if (count_char(level, len, '{') != n || count_char(level, len, '}') != n)
        return "{patient} and {device} in braces, and nothing else";
    return NULL;
}

static const char *find_fault_of_topic(const char *topic)
{
    struct placeholders seen = {0};
    if (strlen(topic) >= SW_TOPIC_MAX)
        return "a shorter topic";
    for (const char *level = topic;; level++) {
        size_t len = strcspn(level, "/");
        const char *fault = find_fault_of_level(level, len, &seen);
        level += len;
        if (fault)
            return fault;
        if (*level == '\0')
            break;
    }
    bool is_each_once = seen.patients <= 1 && seen.devices <= 1;
    bool has_one = seen.patients + seen.devices >= 1;
    return is_each_once && has_one
               ? NULL
               : "a topic in which {patient} or {device} stands, each once";
}

bool sw_check_source_topic(const char *value, char why[static SW_WHY_MAX])
{
    const char *fault = find_fault_of_topic(value);
    return accept_only(!fault, fault ? fault : "", why);
}

/* "~" is written ~0 and "/" is written ~1. */
static bool has_sound_escapes(const char *pointer)
{
    for (const char *p = pointer; (p = strchr(p, '~')); p++)
        if (p[1] != '0' && p[1] != '1')
            return false;
    return true;
}

bool sw_check_pointer(const char *value, char why[static SW_WHY_MAX])
{
    bool ok = value[0] == '\0' || (value[0] == '/' && has_sound_escapes(value));
    return accept_only(
        ok, "a JSON Pointer such as /steps, or \"\" for the whole payload", why);
}

bool sw_check_member(const char *value, char why[static SW_WHY_MAX])
{
    return accept_only(value[0] == '/' && has_sound_escapes(value),
                       "a JSON Pointer such as /at", why);
}

/* A file that is root's is to be given to the gateway, which is not to run as root. */
static void format_remedy(const char *path, char remedy[static SW_WHY_MAX])
{
    struct stat st;
    bool is_others = stat(path, &st) == 0 && st.st_uid != 0;
    if (!is_others || !sw_permission_hint(path, remedy))
        sw_permission_grant(path, NULL, remedy);
}

bool sw_check_readable(const char *path, char why[static SW_WHY_MAX])
{
    struct stat st;
    char remedy[SW_WHY_MAX] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int r = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
    if (r == 0 && !S_ISREG(st.st_mode))
        r = EINVAL;
    if (fd >= 0)
        close(fd);
    if (r == EACCES || r == EPERM)
        format_remedy(path, remedy);
    snprintf(why, SW_WHY_MAX, "cannot read it: %s%s%.*s",
             r == EINVAL ? "not a regular file" : strerror(r), *remedy ? ": " : "",
             SW_WHY_MAX / 2, remedy);
    return r == 0;
}

bool sw_check_secret(const char *path, unsigned bits, char why[static SW_WHY_MAX])
{
    struct stat st;
    if (!sw_check_readable(path, why))
        return false;
    if (stat(path, &st) < 0 || (st.st_mode & bits) == 0)
        return true;
    snprintf(why, SW_WHY_MAX, "others can read it (mode %04o): sudo chmod 600 %.80s",
             (unsigned)st.st_mode & 07777, path);
    return false;
}

bool sw_check_unit(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const words[] = {"s", "ms"};
    return accept_only(is_one_of(value, words, 2), "s or ms", why);
}

bool sw_check_stamp(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const words[] = {"start", "end"};
    return accept_only(is_one_of(value, words, 2), "start or end", why);
}

bool sw_check_seconds(const char *value, char why[static SW_WHY_MAX])
{
    int64_t seconds;
    return accept_only(sw_number_parse(value, 0, SW_READING_SECONDS_MAX, &seconds),
                       "whole seconds from 0 to 86400", why);
}
