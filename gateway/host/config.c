/* config.c -- the configuration: read the file, have it parsed and checked, keep it.
 *
 * config_text.c prepares the bytes, config_parse.c knows the keys and checks each at
 * its line, config_print.c writes it all out again. What the values mean is their
 * users' business. */
#include "stepward/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config_check.h"
#include "host/config_parse.h"
#include "host/config_text.h"
#include "stepward/host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *sw_config_default_path(void)
{
    const char *given = getenv("STEPWARD_CONFIG");
    return given && given[0] ? given : "/etc/stepward/stepward.conf";
}

/* ---- from libconfuse's tree, which is complete and checked ---- */

static bool keep(char **ret, const char *text)
{
    *ret = strdup(text ? text : "");
    return *ret;
}

struct text {
    const char *key;
    char **to;
};

static bool keep_all(cfg_t *cfg, const struct text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!keep(texts[i].to, cfg_getstr(cfg, texts[i].key)))
            return false;
    return true;
}

static bool keep_file(char **ret, const char *folder, cfg_t *cfg, const char *key)
{
    *ret = config_resolve(folder, cfg_getstr(cfg, key));
    return *ret;
}

static int64_t duration(cfg_t *cfg, const char *key)
{
    int64_t seconds = 0;
    sw_duration_parse(cfg_getstr(cfg, key), &seconds); /* it was checked */
    return seconds;
}

/* Two sites at one broker must not take each other's session. */
static bool keep_client_id(struct sw_config *config, cfg_t *broker)
{
    char **to = &config->broker.client_id;
    const char *given = cfg_getstr(broker, "client_id");
    if (given)
        return keep(to, given);
    if (asprintf(to, "stepward-%s", config->site) < 0)
        *to = NULL;
    return *to;
}

static bool take_broker(struct sw_config *config, const char *folder, cfg_t *broker)
{
    const struct text texts[] = {{"uri", &config->broker.uri},
                                 {"username", &config->broker.username}};
    config->broker.protocol = strcmp(cfg_getstr(broker, "protocol"), "5") == 0 ? 5 : 4;
    return keep_all(broker, texts, COUNT(texts)) && keep_client_id(config, broker) &&
           keep_file(&config->broker.password_file, folder, broker, "password_file") &&
           keep_file(&config->broker.ca_file, folder, broker, "ca_file") &&
           keep_file(&config->broker.cert_file, folder, broker, "cert_file") &&
           keep_file(&config->broker.key_file, folder, broker, "key_file");
}

static bool take_source(struct sw_source *source, cfg_t *cfg)
{
    int64_t seconds = 0;
    const struct text texts[] = {
        {"topic", &source->topic},     {"total", &source->total},
        {"steps", &source->steps},     {"start", &source->start},
        {"from", &source->from},       {"to", &source->to},
        {"at", &source->at},           {"worn", &source->worn},
        {"battery", &source->battery},
    };
    source->has_total = cfg_getstr(cfg, "total");
    source->has_steps = cfg_getstr(cfg, "steps");
    source->unit_ms = strcmp(cfg_getstr(cfg, "unit"), "ms") == 0;
    source->stamp_end = strcmp(cfg_getstr(cfg, "stamp"), "end") == 0;
    sw_number_parse(cfg_getstr(cfg, "seconds"), 0, SW_READING_SECONDS_MAX, &seconds);
    source->seconds = (int32_t)seconds;
    return keep(&source->name, cfg_title(cfg)) && keep_all(cfg, texts, COUNT(texts));
}

static bool take_sources(struct sw_config *config, cfg_t *cfg)
{
    size_t n = cfg_size(cfg, "source");
    if (n == 0)
        return true;
    config->sources = calloc(n, sizeof(*config->sources));
    if (!config->sources)
        return false;
    config->n_sources = n;
    for (unsigned int i = 0; i < n; i++)
        if (!take_source(&config->sources[i], cfg_getnsec(cfg, "source", i)))
            return false;
    return true;
}

static void take_plan(struct sw_config *config, cfg_t *plan)
{
    const struct sw_plan_field *field;
    char why[SW_WHY_MAX];
    config->plan = sw_plan_default();
    for (size_t i = 0; (field = sw_plan_field(i)); i++)
        if (cfg_getstr(plan, field->key))
            sw_plan_set(&config->plan, field->key, cfg_getstr(plan, field->key), why);
}

static int32_t take_budget(cfg_t *cfg)
{
    int64_t alerts = 0;
    sw_number_parse(cfg_getstr(cfg, "alert_budget"), 0, INT32_MAX, &alerts);
    return (int32_t)alerts; /* it was checked */
}

static bool take_all(struct sw_config *config, const char *folder, cfg_t *cfg)
{
    const struct text texts[] = {{"site", &config->site},
                                 {"timezone", &config->timezone}};
    config->max_age_s = duration(cfg, "max_age");
    config->max_future_s = duration(cfg, "max_future");
    config->commit_interval_s = duration(cfg, "commit_interval");
    config->alert_budget = take_budget(cfg);
    config->auto_enroll = sw_is_true(cfg_getstr(cfg, "auto_enroll"));
    take_plan(config, cfg_getsec(cfg, "plan"));
    return keep_all(cfg, texts, COUNT(texts)) &&
           keep_file(&config->data_dir, folder, cfg, "data_dir") &&
           take_broker(config, folder, cfg_getsec(cfg, "broker")) &&
           take_sources(config, cfg);
}

/* ---- the password ---- */

static ssize_t read_start(const char *path, char *buffer, size_t size)
{
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    close(fd);
    return n;
}

int sw_password_read(char **ret, const char *path)
{
    char text[SW_PASSWORD_MAX + 2] = "";
    ssize_t n = read_start(path, text, sizeof(text) - 1);
    size_t len = strcspn(text, "\r\n");
    bool has_one = n > 0 && len > 0 && len <= SW_PASSWORD_MAX;
    int r = has_one ? 0 : -EINVAL;
    if (has_one && !(*ret = strndup(text, len)))
        r = -ENOMEM;
    explicit_bzero(text, sizeof(text));
    return r;
}

/* Without a file there is no password, and that is all right; so it is for others than
 * the gateway. */
static int read_password(struct sw_config *config, enum sw_config_reader reader,
                         int line, char why[static SW_WHY_MAX])
{
    const char *path = config->broker.password_file;
    if (path[0] == '\0' || reader != SW_CONFIG_OF_GATEWAY)
        return keep(&config->broker.password, "") ? 0 : -ENOMEM;
    int r = sw_password_read(&config->broker.password, path);
    if (r == -EINVAL)
        config_error(
            why, config->path, line,
            "password_file: the first line of %.60s takes 1 to 1024 characters", path);
    return r;
}

/* ---- all of it ---- */

/* The absolute name of the folder that relative names are seen from; NULL: no memory,
 * or it is gone. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *folder = name ? realpath(name, NULL) : NULL;
    free(name);
    return folder;
}

/* Line where a key of the broker section was set. */
static int line_of(cfg_t *cfg, const char *key)
{
    const char *line = cfg_opt_getcomment(cfg_getopt(cfg_getsec(cfg, "broker"), key));
    return line ? atoi(line) : 0;
}

static int load_text(struct sw_config *config, enum sw_config_reader reader, char *text,
                     size_t len, char *why)
{
    int line = 0, r = -EINVAL;
    char reason[SW_WHY_MAX];
    cfg_t *cfg = NULL;
    char *folder = NULL;

    if (!config_text_prepare(text, len, &line, reason)) {
        config_error(why, config->path, line, "%s", reason);
        return -EINVAL;
    }
    folder = folder_of(config->path);
    if (!folder)
        return -errno;
    cfg = config_parse(text, config->path, folder, reader, why);
    if (!cfg)
        goto out;
    r = take_all(config, folder, cfg) ? 0 : -ENOMEM;
    config->broker.lines =
        (struct sw_config_lines){line_of(cfg, "password_file"), line_of(cfg, "ca_file"),
                                 line_of(cfg, "cert_file"), line_of(cfg, "key_file")};
    if (r == 0)
        r = read_password(config, reader, config->broker.lines.password_file, why);
    cfg_free(cfg);
out:
    free(folder);
    return r;
}

static void format_unreadable(char why[static SW_WHY_MAX], const char *path, int r)
{
    char remedy[SW_WHY_MAX];
    if ((r == -EACCES || r == -EPERM) && sw_permission_hint(path, remedy))
        config_error(why, path, 0, "%s: %s", strerror(-r), remedy);
    else
        config_error(why, path, 0,
                     "%s (name a configuration with -c or $STEPWARD_CONFIG)",
                     strerror(-r));
}

int sw_config_load(struct sw_config *ret, const char *path,
                   enum sw_config_reader reader, char why[static SW_WHY_MAX])
{
    struct sw_config config = {0};
    char *text = NULL;
    size_t len = 0;

    *ret = config;
    why[0] = '\0';
    int r = config_text_read(path, &text, &len);
    if (r == 0)
        r = keep(&config.path, path) ? load_text(&config, reader, text, len, why)
                                     : -ENOMEM;
    else
        format_unreadable(why, path, r);
    free(text);
    if (r < 0) {
        if (why[0] == '\0')
            config_error(why, path, 0, "%s", strerror(-r));
        sw_config_fini(&config);
        return r;
    }
    *ret = config;
    return 0;
}

/* ---- whether the gateway's user has the rights ---- */

/* As that user. */
static bool is_readable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || (errno != EACCES && errno != EPERM);
}

int sw_config_check_rights(const struct sw_config *config, char why[static SW_WHY_MAX])
{
    const struct sw_config_lines *lines = &config->broker.lines;
    const struct {
        const char *key, *path;
        int line;
    } files[] = {
        {"this file", config->path, 0},
        {"password_file", config->broker.password_file, lines->password_file},
        {"ca_file", config->broker.ca_file, lines->ca_file},
        {"cert_file", config->broker.cert_file, lines->cert_file},
        {"key_file", config->broker.key_file, lines->key_file},
    };
    struct sw_owner owner;
    char remedy[SW_WHY_MAX];
    int r = 0;
    why[0] = '\0';
    if (geteuid() != 0 || !sw_owner_of(config->data_dir, &owner))
        return 0;
    r = sw_owner_become(&owner);
    for (size_t i = 0; r == 0 && i < COUNT(files); i++) {
        if (*files[i].path == '\0' || is_readable(files[i].path))
            continue;
        sw_permission_grant(files[i].path, owner.name, remedy);
        config_error(why, config->path, files[i].line,
                     "%s: the gateway runs as %.40s, who cannot read it: %s",
                     files[i].key, owner.name, remedy);
        r = -EACCES;
    }
    bool is_closed =
        r == 0 && eaccess(config->data_dir, W_OK | X_OK) < 0 && errno == EACCES;
    if (is_closed) {
        config_error(
            why, config->path, 0,
            "data_dir: the gateway runs as %.40s, who cannot write there: sudo "
            "chown -R %.40s: %.60s",
            owner.name, owner.name, config->data_dir);
        r = -EACCES;
    }
    int back = sw_owner_be_root();
    return r < 0 ? r : back;
}

static void free_source(struct sw_source *source)
{
    char *const texts[] = {source->name,  source->topic,  source->total, source->steps,
                           source->start, source->from,   source->to,    source->at,
                           source->worn,  source->battery};
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
}

void sw_config_fini(struct sw_config *config)
{
    char *const texts[] = {
        config->path,
        config->site,
        config->timezone,
        config->data_dir,
        config->broker.uri,
        config->broker.client_id,
        config->broker.username,
        config->broker.password,
        config->broker.password_file,
        config->broker.ca_file,
        config->broker.cert_file,
        config->broker.key_file,
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < config->n_sources; i++)
        free_source(&config->sources[i]);
    free(config->sources);
    *config = (struct sw_config){0};
}
