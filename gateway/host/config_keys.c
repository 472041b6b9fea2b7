/* config_keys.c -- the configuration's keys, what each may be, and where it goes.
 *
 * The plan's keys are core's. Where a value stood is config_parse.c's business, and
 * what it means is its users'. */
#include "host/config_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/zone.h"
#include "stepward/config.h"

enum {
    HOUR_S = 3600,
    DAY_S = 86400,
    YEAR_DAYS = 365,
    KEEP_MIN_DAYS =
        92, /* what comparisons and digests look back on, and a month more */
    KEEP_MAX_DAYS = 100 * YEAR_DAYS,
    CLIENT_ID_MAX = 64,      /* longer than any broker's log shows */
    HOST_MAX = 260,          /* a DNS name has at most 253, then a port */
    HOSTS_MAX = 1000,        /* a clinic has a name or two */
    UNIX_PATH_MAX = 107,     /* of sockaddr_un */
    PATH_MAX_LEN = 1000,     /* leaves room for the file names we add */
    ALERT_BUDGET_MAX = 1000, /* one every minute of a wake window is no budget */
    REQUEST_MAX = 1000,      /* bytes; a request that is known takes 80 */
    POINTER_MAX = 190,       /* 16 levels of a dozen characters */
};

static const char *check_site(const struct config_key *key, const char *value)
{
    size_t len = strlen(value);
    bool is_plain = len <= SW_SITE_MAX && !strchr(value, '.');
    return is_plain && sw_id_is_valid(value, len) ? NULL : key->takes;
}

static const char *check_timezone(const struct config_key *key, const char *value)
{
    return sw_zone_exists(value) ? NULL : key->takes;
}

static const char *check_folder(const struct config_key *key, const char *value)
{
    return *value && strlen(value) <= PATH_MAX_LEN ? NULL : key->takes;
}

static const char *check_source_zone(const struct config_key *key, const char *value)
{
    return strcmp(value, "site") == 0 ? NULL : check_timezone(key, value);
}

static const char *check_duration(const struct config_key *key, const char *value)
{
    int64_t seconds;
    bool ok = sw_duration_parse(value, &seconds) && seconds >= key->min &&
              seconds <= key->max;
    return ok ? NULL : key->takes;
}

bool config_parse_age(const char *text, int64_t *ret_seconds)
{
    char digits[8];
    size_t len = strlen(text);
    int64_t number;
    bool is_forever = strcmp(text, "forever") == 0;
    if (is_forever)
        *ret_seconds = 0;
    if (is_forever || len < 2 || len > sizeof digits)
        return is_forever;
    memcpy(digits, text, len - 1);
    digits[len - 1] = '\0';
    if (!strchr("yd", text[len - 1]) ||
        !sw_number_parse(digits, 1, KEEP_MAX_DAYS, &number))
        return false;
    *ret_seconds = number * (text[len - 1] == 'y' ? YEAR_DAYS : 1) * DAY_S;
    return *ret_seconds <= (int64_t)KEEP_MAX_DAYS * DAY_S;
}

void config_format_age(int64_t seconds, char out[static CONFIG_AGE_MAX])
{
    int64_t days = seconds / DAY_S;
    bool is_years = days % YEAR_DAYS == 0;
    if (days == 0)
        snprintf(out, CONFIG_AGE_MAX, "forever");
    else
        snprintf(out, CONFIG_AGE_MAX, "%" PRId64 "%c",
                 is_years ? days / YEAR_DAYS : days, is_years ? 'y' : 'd');
}

static const char *check_age(const struct config_key *key, const char *value)
{
    int64_t seconds;
    bool ok = config_parse_age(value, &seconds) &&
              (seconds == 0 || seconds >= (int64_t)KEEP_MIN_DAYS * DAY_S);
    return ok ? NULL : key->takes;
}

static const char *check_number(const struct config_key *key, const char *value)
{
    int64_t number;
    return sw_number_parse(value, key->min, key->max, &number) ? NULL : key->takes;
}

static const char *check_word(const struct config_key *key, const char *value)
{
    for (const char *const *word = key->words; *word; word++)
        if (strcmp(*word, value) == 0)
            return NULL;
    return key->takes;
}

bool config_is_true(const struct config_key *key, const char *word)
{
    size_t n = 0, at = 0;
    for (; key->words[n]; n++)
        if (strcmp(key->words[n], word) == 0)
            at = n;
    return at >= n / 2;
}

/* Step over the host, which is a name, an IPv4 address, or an IPv6 address in brackets.
 * NULL if there is none. */
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

static const char *check_uri(const struct config_key *key, const char *value)
{
    static const char *const schemes[] = {"mqtt://", "mqtts://", "tcp://", "ssl://"};
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(schemes[i]);
        if (strncmp(value, schemes[i], len) == 0 && is_host_and_port(value + len))
            return NULL;
    }
    return key->takes;
}

/* Whether a listener there is for this machine alone is stepward-web's business. */
static const char *check_listen(const struct config_key *key, const char *value)
{
    const char *port = strrchr(value, ':');
    if (strncmp(value, "unix:/", 6) == 0)
        return strlen(value) < UNIX_PATH_MAX + 5 ? NULL : key->takes;
    bool ok = is_host_and_port(value) && port && port[1] && port[-1] != ':';
    return ok && !strchr(port, ']') ? NULL : key->takes;
}

static const char *check_hosts(const struct config_key *key, const char *value)
{
    for (const char *at = value; *(at += strspn(at, " ")); at = skip_host(at)) {
        const char *end = skip_host(at);
        if (!end || (*end && *end != ' ') || strlen(value) > HOSTS_MAX)
            return key->takes;
    }
    return NULL;
}

static const char *check_client_id(const struct config_key *key, const char *value)
{
    size_t len = strlen(value);
    bool ok = len >= 1 && len <= CLIENT_ID_MAX;
    for (size_t i = 0; i < len; i++)
        ok = ok && value[i] > ' ' && value[i] <= '~';
    return ok ? NULL : key->takes;
}

/* How often the word stands in the len bytes of a level. */
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

/* What is wrong with a level, or NULL. It is '+', or text around at most one
 * placeholder. */
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
    if (len > 1 && count_char(level, len, '+') > 0)
        return "+ for a whole level only";
    if (n > 1)
        return "{patient} or {device} at most once a level";
    if (count_char(level, len, '{') != n || count_char(level, len, '}') != n)
        return "{patient} and {device} in braces, and nothing else";
    return NULL;
}

static const char *check_topic(const struct config_key *key, const char *value)
{
    struct placeholders seen = {0};
    if (strlen(value) >= SW_TOPIC_MAX)
        return "a shorter topic";
    for (const char *level = value;; level++) {
        size_t len = strcspn(level, "/");
        const char *fault = find_fault_of_level(level, len, &seen);
        level += len;
        if (fault)
            return fault;
        if (*level == '\0')
            break;
    }
    return *value && seen.patients <= 1 && seen.devices <= 1 ? NULL : key->takes;
}

/* A topic to publish to, as it stands: no wildcards, which no broker takes, and nothing
 * that would have to be filled in. */
static const char *check_publication(const struct config_key *key, const char *value)
{
    bool ok = *value && strlen(value) < SW_TOPIC_MAX && !strpbrk(value, "+#{}");
    return ok ? NULL : key->takes;
}

static const char *check_request(const struct config_key *key, const char *value)
{
    return *value && strlen(value) <= REQUEST_MAX ? NULL : key->takes;
}

/* "~" is written ~0 and "/" is written ~1. */
static bool is_pointer(const char *text, size_t len)
{
    bool ok = len <= POINTER_MAX && (len == 0 || *text == '/');
    for (size_t i = 0; i < len; i++)
        ok = ok && (text[i] != '~' || (i + 1 < len && strchr("01", text[i + 1])));
    return ok;
}

static const char *check_pointer(const struct config_key *key, const char *value)
{
    return is_pointer(value, strlen(value)) ? NULL : key->takes;
}

/* Seen from an item: ^ for each level up, then a pointer, or # for a name. */
static bool is_member(const char *text, size_t len)
{
    size_t up = strspn(text, "^");
    bool is_name = len == up + 1 && text[up] == '#';
    return len > up && (is_name || is_pointer(text + up, len - up));
}

static const char *check_member(const struct config_key *key, const char *value)
{
    return is_member(value, strlen(value)) ? NULL : key->takes;
}

static const char *check_value_pointer(const struct config_key *key, const char *value)
{
    return *value == '\0' ? NULL : check_member(key, value);
}

static const char *check_seconds(const struct config_key *key, const char *value)
{
    return strchr("/^", *value) ? check_member(key, value) : check_number(key, value);
}

static const char *check_when(const struct config_key *key, const char *value)
{
    size_t len = strcspn(value, "=");
    return value[len] == '=' && is_member(value, len) ? NULL : key->takes;
}

/* ---- columns ---- */

/* Step over blanks, a name and the comma behind it. */
static const char *skip_column(const char *columns, size_t *ret_len)
{
    size_t len = strcspn(columns, ",");
    *ret_len = len;
    return columns + len + (columns[len] == ',');
}

bool config_has_column(const char *columns, const char *name)
{
    size_t len;
    for (const char *at = columns, *next; at && *at; at = next) {
        at += strspn(at, " ");
        next = skip_column(at, &len);
        while (len > 0 && at[len - 1] == ' ')
            len--;
        if (len == strlen(name) && strncmp(at, name, len) == 0)
            return true;
    }
    return false;
}

static const char *check_columns(const struct config_key *key, const char *value)
{
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-._ ,";
    bool ok =
        *value && strlen(value) <= POINTER_MAX && value[strspn(value, name)] == '\0';
    return ok ? NULL : key->takes;
}

/* ---- the tables ---- */

#define AT(member)        offsetof(struct sw_config, member)
#define AT_SOURCE(member) offsetof(struct sw_source, member)
#define WORDS(...)                                                                     \
    (const char *const[])                                                              \
    {                                                                                  \
        __VA_ARGS__, NULL                                                              \
    }
#define SECTION(name, keys)                                                            \
    {                                                                                  \
        name, keys, sizeof(keys) / sizeof(*(keys))                                     \
    }
#define DURATION(range) "a duration " range ", as in 90s, 15m, 2h or 31d"
#define EACH            "a JSON Pointer such as /payload, in which * is every member"
#define MEMBER          "a JSON Pointer such as /at, with ^ before it for each level up"
#define POINTER         "a JSON Pointer such as /steps or ^/steps, or \"\" for the whole"

static const struct config_key root_keys[] = {
    {"site", "main", CONFIG_TEXT, AT(site), "1 to 32 of A-Z a-z 0-9 _ -",
     .check = check_site},
    {"timezone", "Europe/Berlin", CONFIG_TEXT, AT(timezone),
     "a zone that tzdata knows, such as Europe/Berlin", .check = check_timezone},
    {"data_dir", "/var/lib/stepward", CONFIG_FOLDER, AT(data_dir),
     "the name of a folder", .check = check_folder},
    {"max_age", "31d", CONFIG_DURATION, AT(max_age_s), DURATION("from 1h to 100 years"),
     .check = check_duration, .min = HOUR_S, .max = (int64_t)36525 * DAY_S},
    {"max_future", "10m", CONFIG_DURATION, AT(max_future_s), DURATION("from 0 to 31d"),
     .check = check_duration, .max = 31 * DAY_S},
    {"auto_enroll", "false", CONFIG_BOOL, AT(auto_enroll), "true or false",
     .check = check_word, .words = WORDS("false", "no", "off", "true", "yes", "on")},
    {"commit_interval", "10s", CONFIG_DURATION, AT(commit_interval_s),
     DURATION("from 0 to 1h"), .check = check_duration, .max = HOUR_S},
    {"alert_budget", "5", CONFIG_NUMBER, AT(alert_budget),
     "a whole number of alerts from 0 (no limit) to 1000", .check = check_number,
     .max = ALERT_BUDGET_MAX},
};
/* client_id has no fallback: it follows from the site. */
static const struct config_key broker_keys[] = {
    {"uri", "mqtt://localhost:1883", CONFIG_TEXT, AT(broker.uri),
     "mqtt://HOST:PORT, or mqtts:// for TLS", .check = check_uri},
    {"client_id", NULL, CONFIG_TEXT, AT(broker.client_id),
     "1 to 64 printable characters without spaces", .check = check_client_id},
    {"protocol", "5", CONFIG_PROTOCOL, AT(broker.protocol), "5, or 4 for MQTT 3.1.1",
     .check = check_word, .words = WORDS("5", "4", "3.1.1")},
    {"username", "", CONFIG_TEXT, .at = AT(broker.username)},
    {"password_file", "", CONFIG_FILE, AT(broker.password_file),
     .line_at = AT(broker.lines.password_file), .closed_bits = 077},
    {"ca_file", "", CONFIG_FILE, AT(broker.ca_file),
     .line_at = AT(broker.lines.ca_file)},
    {"cert_file", "", CONFIG_FILE, AT(broker.cert_file),
     .line_at = AT(broker.lines.cert_file)},
    {"key_file", "", CONFIG_FILE, AT(broker.key_file),
     .line_at = AT(broker.lines.key_file), .closed_bits = 007},
};
/* The gateway starts whatever is wrong with the board's files: stepward-web looks at
 * them. */
static const struct config_key web_keys[] = {
    {"listen", "127.0.0.1:8080", CONFIG_TEXT, AT(web.listen),
     "ADDRESS:PORT, as in 127.0.0.1:8080, or unix:/PATH", .check = check_listen,
     .line_at = AT(web.lines.listen)},
    {"cert_file", "", CONFIG_FOLDER, AT(web.cert_file),
     .line_at = AT(web.lines.cert_file)},
    {"key_file", "", CONFIG_FOLDER, AT(web.key_file),
     .line_at = AT(web.lines.key_file)},
    {"hosts", "", CONFIG_LIST, AT(web.hosts),
     "names without ports, as in [\"stepward.clinic.example\"]", .check = check_hosts},
    {"idle", "8h", CONFIG_DURATION, AT(web.idle_s), DURATION("from 1m to 30d"),
     .check = check_duration, .min = 60, .max = 30 * DAY_S},
};
/* What is in the folder is looked at when it is run, and by --check: a gateway that
 * receives and stores is better than none. */
static const struct config_key notify_keys[] = {
    {"run", "", CONFIG_FOLDER, AT(notify.run), .line_at = AT(notify.lines.run)},
    {"names", "false", CONFIG_BOOL, AT(notify.names), "true or false",
     .check = check_word, .words = WORDS("false", "no", "off", "true", "yes", "on")},
};
static const struct config_key source_keys[] = {
    {"topic", NULL, CONFIG_TEXT, AT_SOURCE(topic),
     "a topic in which {patient} and {device} stand, each once at most",
     .check = check_topic},
    {"kind", "steps", CONFIG_CHOICE, AT_SOURCE(kind), "steps or pain",
     .check = check_word, .words = WORDS("steps", "pain")},
    {"columns", NULL, CONFIG_TEXT, AT_SOURCE(columns),
     "names of columns with commas between, as in \"at,steps\"",
     .check = check_columns},
    {"each", NULL, CONFIG_TEXT, AT_SOURCE(each), EACH, .check = check_pointer},
    {"when", NULL, CONFIG_TEXT, AT_SOURCE(when), "POINTER=VALUE, as in /name=pedometer",
     .check = check_when},
    {"total", NULL, CONFIG_POINTER, AT_SOURCE(total), POINTER,
     .check = check_value_pointer},
    {"steps", NULL, CONFIG_POINTER, AT_SOURCE(steps), POINTER,
     .check = check_value_pointer},
    {"score", NULL, CONFIG_POINTER, AT_SOURCE(score), POINTER,
     .check = check_value_pointer},
    {"absent", "none", CONFIG_CHOICE, AT_SOURCE(absent_zero), "none or zero",
     .check = check_word, .words = WORDS("none", "zero")},
    {"device", NULL, CONFIG_POINTER, AT_SOURCE(device), MEMBER, .check = check_member},
    {"start", NULL, CONFIG_POINTER, AT_SOURCE(start), MEMBER, .check = check_member},
    {"from", NULL, CONFIG_POINTER, AT_SOURCE(from), MEMBER, .check = check_member},
    {"to", NULL, CONFIG_POINTER, AT_SOURCE(to), MEMBER, .check = check_member},
    {"at", NULL, CONFIG_POINTER, AT_SOURCE(at), MEMBER, .check = check_member},
    {"date", NULL, CONFIG_POINTER, AT_SOURCE(date), MEMBER, .check = check_member},
    {"worn", NULL, CONFIG_POINTER, AT_SOURCE(worn), MEMBER, .check = check_member},
    {"battery", NULL, CONFIG_POINTER, AT_SOURCE(battery), MEMBER,
     .check = check_member},
    {"zone", NULL, CONFIG_TEXT, AT_SOURCE(zone_name),
     "UTC, site, or a zone that tzdata knows", .check = check_source_zone},
    {"unit", "s", CONFIG_CHOICE, AT_SOURCE(unit), "s, ms, us or ns",
     .check = check_word, .words = WORDS("s", "ms", "us", "ns")},
    {"stamp", "start", CONFIG_CHOICE, AT_SOURCE(stamp_end), "start or end",
     .check = check_word, .words = WORDS("start", "end")},
    {"seconds", NULL, CONFIG_POINTER, AT_SOURCE(seconds),
     "whole seconds from 0 to 90000, or a JSON Pointer", .check = check_seconds,
     .max = SW_READING_SECONDS_MAX},
};
static const struct config_key ask_keys[] = {
    {"topic", NULL, CONFIG_TEXT, AT_SOURCE(ask.topic),
     "a topic without + and # and {…}: a section for each phone",
     .check = check_publication},
    {"payload", NULL, CONFIG_TEXT, AT_SOURCE(ask.payload),
     "a request of 1 to 1000 bytes, in which $from and $to are filled in",
     .check = check_request},
    {"every", "15m", CONFIG_DURATION, AT_SOURCE(ask.every_s), DURATION("from 1m to 1d"),
     .check = check_duration, .min = 60, .max = DAY_S},
};
static const char *check_folder_or_none(const struct config_key *key, const char *value)
{
    return *value ? check_folder(key, value) : NULL;
}

/* Whom `age` encrypts for, as age-keygen names it: Bech32 of 32 bytes. */
static const char *check_recipient(const struct config_key *key, const char *value)
{
    static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    enum { RECIPIENT_LEN = 62 };
    bool ok = strncmp(value, "age1", 4) == 0 && strlen(value) == RECIPIENT_LEN &&
              strspn(value + 4, digits) == RECIPIENT_LEN - 4;
    return *value == '\0' || ok ? NULL : key->takes;
}

static const struct config_key backup_keys[] = {
    {"to", "", CONFIG_FOLDER, AT(backup.to), "the name of a folder",
     .check = check_folder_or_none},
    {"recipient", "", CONFIG_TEXT, AT(backup.recipient),
     "age1… as `stepward backup --new-key` prints it", .check = check_recipient},
};
#define AGE "\"forever\", or 92d to 100y, as in 2y or 400d"
static const struct config_key keep_keys[] = {
    {"readings", "forever", CONFIG_AGE, AT(keep.readings_s), AGE, .check = check_age,
     .line_at = AT(keep.readings_line)},
    {"alerts", "forever", CONFIG_AGE, AT(keep.alerts_s), AGE, .check = check_age},
    {"audit", "forever", CONFIG_AGE, AT(keep.audit_s), AGE, .check = check_age},
};
const struct config_section config_keep = SECTION("keep", keep_keys),
                            config_backup = SECTION("backup", backup_keys);
const struct config_section config_root = SECTION("root", root_keys),
                            config_broker = SECTION("broker", broker_keys),
                            config_web = SECTION("web", web_keys),
                            config_notify = SECTION("notify", notify_keys),
                            config_source = SECTION("source", source_keys),
                            config_ask = SECTION("ask", ask_keys);
