/* config_check.c -- one function a kind of value. Where the value stood is config.c's
 * business. */
#include "io/config_check.h"

#include <stdio.h>
#include <string.h>

#include "stepward/host.h"
#include "stepward/plan.h"

enum { HOUR_S = 3600, DAY_S = 86400, CLIENT_ID_MAX = 64 };

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
    struct sw_zone zone;
    if (sw_zone_load(&zone, value) < 0) {
        snprintf(why, SW_WHY_MAX,
                 "tzdata has no zone \"%.60s\": take one such as Europe/Berlin", value);
        return false;
    }
    sw_zone_fini(&zone);
    return true;
}

bool sw_check_path(const char *value, char why[static SW_WHY_MAX])
{
    return accept_only(value[0] != '\0' && strlen(value) < 3000, "the name of a folder",
                       why);
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

bool sw_check_uri(const char *value, char why[static SW_WHY_MAX])
{
    static const char *const schemes[] = {"mqtt://", "mqtts://", "tcp://", "ssl://"};
    bool ok = false;
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(schemes[i]);
        ok = ok || (strncmp(value, schemes[i], len) == 0 && value[len] != '\0' &&
                    value[len] != ':');
    }
    ok = ok && strlen(value) < 256 && !strpbrk(value, " \t\n");
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

/* {patient} and {device}: each at most once, at most one a level, at least one. */
bool sw_check_source_topic(const char *value, char why[static SW_WHY_MAX])
{
    int patients = 0, devices = 0;
    bool ok = value[0] != '\0' && strlen(value) < SW_TOPIC_MAX;
    for (const char *level = value; ok && level; level = strchr(level, '/')) {
        level += *level == '/' && level != value;
        size_t len = strcspn(level, "/");
        int in_level = count_word(level, len, "{patient}");
        patients += in_level;
        devices += count_word(level, len, "{device}");
        in_level += count_word(level, len, "{device}");
        bool is_plus = len == 1 && *level == '+';
        ok = in_level <= 1 && count_char(level, len, '{') == in_level &&
             count_char(level, len, '}') == in_level && !count_char(level, len, '#') &&
             (is_plus || !count_char(level, len, '+'));
    }
    ok = ok && patients <= 1 && devices <= 1 && patients + devices >= 1;
    return accept_only(ok, "a topic in which {patient} or {device} stands, each once",
                       why);
}

bool sw_check_pointer(const char *value, char why[static SW_WHY_MAX])
{
    return accept_only(value[0] == '\0' || value[0] == '/',
                       "a JSON Pointer such as /steps, or \"\" for the whole payload",
                       why);
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
