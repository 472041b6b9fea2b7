/* config.c -- read, check and print the configuration.
 *
 * libconfuse reads the syntax; every value is checked at its own line, so that an error
 * names the place. What the values mean is their users' business.
 */
#include "stepward/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/config_check.h"

enum { FILE_MAX = 1024 * 1024 }; /* nobody writes more by hand */

const char *sw_config_default_path(void)
{
    const char *given = getenv("STEPWARD_CONFIG");
    return given && given[0] ? given : "/etc/stepward/stepward.conf";
}

/* libconfuse gives its error function no room for ours: the file that this thread is
 * reading, and where its first error goes. */
static _Thread_local struct {
    const char *path;
    char *why; /* NULL: nothing is being read */
} reading;

static void keep_first_error(cfg_t *cfg, const char *format, va_list args)
{
    if (!reading.why || reading.why[0] != '\0')
        return;
    int n = snprintf(reading.why, SW_WHY_MAX, "%.100s:%d: ", reading.path,
                     cfg ? cfg->line : 0);
    if (n > 0 && n < SW_WHY_MAX)
        vsnprintf(reading.why + n, (size_t)(SW_WHY_MAX - n), format, args);
}

/* ---- the keys ---- */

/* How a key's text is checked; false with a reason in why. */
typedef bool (*check_fn)(const char *value, char why[static SW_WHY_MAX]);

struct key {
    const char *name, *fallback;
    check_fn check;
};

static const struct key main_keys[] = {
    {"site", "main", sw_check_site},
    {"timezone", "Europe/Berlin", sw_check_timezone},
    {"data_dir", "/var/lib/stepward", sw_check_path},
    {"max_age", "31d", sw_check_max_age},
    {"max_future", "10m", sw_check_max_future},
    {"auto_enroll", "false", sw_check_bool},
    {"commit_interval", "10s", sw_check_commit_interval},
};
static const struct key broker_keys[] = {
    {"uri", "mqtt://localhost:1883", sw_check_uri},
    {"client_id", "stepward-main", sw_check_client_id},
    {"protocol", "5", sw_check_protocol},
    {"username", "", sw_check_any},
    {"password_file", "", sw_check_any},
    {"ca_file", "", sw_check_any},
    {"cert_file", "", sw_check_any},
    {"key_file", "", sw_check_any},
};
static const struct key source_keys[] = {
    {"topic", NULL, sw_check_source_topic}, {"total", NULL, sw_check_pointer},
    {"steps", NULL, sw_check_pointer},      {"start", NULL, sw_check_pointer},
    {"from", NULL, sw_check_pointer},       {"to", NULL, sw_check_pointer},
    {"at", NULL, sw_check_pointer},         {"worn", NULL, sw_check_pointer},
    {"battery", NULL, sw_check_pointer},    {"unit", "s", sw_check_unit},
    {"stamp", "start", sw_check_stamp},     {"seconds", "0", sw_check_seconds},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { KEYS_MAX = 16 };

static const struct key *find_key(const struct key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

/* ---- checks at the line of the value ---- */

static int refuse(cfg_t *cfg, cfg_opt_t *opt, const char *why)
{
    cfg_error(cfg, "%s: %s", opt->name, why);
    return -1;
}

static int check_key(cfg_t *cfg, cfg_opt_t *opt, const struct key *keys, size_t n)
{
    char why[SW_WHY_MAX] = "";
    const struct key *key = find_key(keys, n, opt->name);
    const char *value = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
    return !key || !value || key->check(value, why) ? 0 : refuse(cfg, opt, why);
}

static int check_main(cfg_t *cfg, cfg_opt_t *opt)
{
    return check_key(cfg, opt, main_keys, COUNT(main_keys));
}

static int check_broker(cfg_t *cfg, cfg_opt_t *opt)
{
    return check_key(cfg, opt, broker_keys, COUNT(broker_keys));
}

static int check_source_key(cfg_t *cfg, cfg_opt_t *opt)
{
    return check_key(cfg, opt, source_keys, COUNT(source_keys));
}

static int check_plan(cfg_t *cfg, cfg_opt_t *opt)
{
    struct sw_plan plan = sw_plan_default();
    char why[SW_WHY_MAX];
    const char *value = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
    if (value && !sw_plan_set(&plan, opt->name, value, why)) {
        cfg_error(cfg, "%s", why);
        return -1;
    }
    return 0;
}

/* The whole source, at its closing brace. */
static int check_source(cfg_t *cfg, cfg_opt_t *opt)
{
    cfg_t *source = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    bool has_total = cfg_getstr(source, "total"),
         has_steps = cfg_getstr(source, "steps");
    bool has_from = cfg_getstr(source, "from"), has_to = cfg_getstr(source, "to");
    const char *wrong = NULL;
    if (!cfg_getstr(source, "topic"))
        wrong = "needs a topic";
    else if (has_total == has_steps)
        wrong = "needs either total or steps";
    else if (has_from != has_to)
        wrong = "from and to go together";
    else if (!sw_id_is_valid(cfg_title(source), strlen(cfg_title(source))))
        wrong = "its name takes 1 to 36 of A-Z a-z 0-9 _ . -";
    if (wrong) {
        cfg_error(cfg, "source %s: %s", cfg_title(source), wrong);
        return -1;
    }
    return 0;
}

/* ---- reading ---- */

static void declare(cfg_opt_t *opts, const struct key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        opts[i] = (cfg_opt_t)CFG_STR(keys[i].name, keys[i].fallback, CFGF_NONE);
}

static size_t declare_plan(cfg_opt_t *opts)
{
    size_t n = 0;
    for (; n < KEYS_MAX - 1 && sw_plan_field(n); n++)
        opts[n] = (cfg_opt_t)CFG_STR(sw_plan_field(n)->key, NULL, CFGF_NONE);
    return n;
}

static void validate(cfg_t *cfg, const char *section, const char *name,
                     cfg_validate_callback_t check)
{
    char path[80];
    snprintf(path, sizeof(path), "%s%s%s", section, section[0] ? "|" : "", name);
    cfg_set_validate_func(cfg, path, check);
}

static cfg_t *new_parser(void)
{
    static const cfg_opt_t end = CFG_END();
    cfg_opt_t broker[KEYS_MAX], plan[KEYS_MAX], source[KEYS_MAX], top[KEYS_MAX];
    declare(broker, broker_keys, COUNT(broker_keys));
    broker[COUNT(broker_keys)] = end;
    plan[declare_plan(plan)] = end;
    declare(source, source_keys, COUNT(source_keys));
    source[COUNT(source_keys)] = end;
    declare(top, main_keys, COUNT(main_keys));
    size_t n = COUNT(main_keys);
    top[n++] = (cfg_opt_t)CFG_SEC("broker", broker, CFGF_NONE);
    top[n++] = (cfg_opt_t)CFG_SEC("plan", plan, CFGF_NONE);
    top[n++] = (cfg_opt_t)CFG_SEC("source", source,
                                  CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    top[n] = end;
    cfg_t *cfg = cfg_init(top, CFGF_NONE); /* copies them */
    if (!cfg)
        return NULL;
    for (size_t i = 0; i < COUNT(main_keys); i++)
        validate(cfg, "", main_keys[i].name, check_main);
    for (size_t i = 0; i < COUNT(broker_keys); i++)
        validate(cfg, "broker", broker_keys[i].name, check_broker);
    for (size_t i = 0; sw_plan_field(i); i++)
        validate(cfg, "plan", sw_plan_field(i)->key, check_plan);
    for (size_t i = 0; i < COUNT(source_keys); i++)
        validate(cfg, "source", source_keys[i].name, check_source_key);
    validate(cfg, "", "source", check_source);
    cfg_set_error_function(cfg, keep_first_error);
    return cfg;
}

static char *keep(const char *text)
{
    char *copy = strdup(text ? text : "");
    if (!copy)
        abort(); /* at start, with nothing to lose */
    return copy;
}

/* A file's name is taken from the folder of the configuration. */
static char *keep_path(const char *config_path, const char *name)
{
    const char *slash = strrchr(config_path, '/');
    char *path;
    if (!name[0] || name[0] == '/' || !slash)
        return keep(name);
    if (asprintf(&path, "%.*s/%s", (int)(slash - config_path), config_path, name) < 0)
        abort();
    return path;
}

static int64_t duration(cfg_t *cfg, const char *key)
{
    int64_t seconds = 0;
    sw_duration_parse(cfg_getstr(cfg, key), &seconds); /* it was checked */
    return seconds;
}

static void take_broker(struct sw_config *config, cfg_t *broker)
{
    config->broker.uri = keep(cfg_getstr(broker, "uri"));
    config->broker.client_id = keep(cfg_getstr(broker, "client_id"));
    config->broker.protocol = strcmp(cfg_getstr(broker, "protocol"), "5") == 0 ? 5 : 4;
    config->broker.username = keep(cfg_getstr(broker, "username"));
    config->broker.password_file =
        keep_path(config->path, cfg_getstr(broker, "password_file"));
    config->broker.ca_file = keep_path(config->path, cfg_getstr(broker, "ca_file"));
    config->broker.cert_file = keep_path(config->path, cfg_getstr(broker, "cert_file"));
    config->broker.key_file = keep_path(config->path, cfg_getstr(broker, "key_file"));
}

static void take_source(struct sw_source *source, cfg_t *cfg)
{
    int64_t seconds = 0;
    source->name = keep(cfg_title(cfg));
    source->topic = keep(cfg_getstr(cfg, "topic"));
    source->has_total = cfg_getstr(cfg, "total") != NULL;
    source->has_steps = cfg_getstr(cfg, "steps") != NULL;
    source->total = keep(cfg_getstr(cfg, "total"));
    source->steps = keep(cfg_getstr(cfg, "steps"));
    source->start = keep(cfg_getstr(cfg, "start"));
    source->from = keep(cfg_getstr(cfg, "from"));
    source->to = keep(cfg_getstr(cfg, "to"));
    source->at = keep(cfg_getstr(cfg, "at"));
    source->worn = keep(cfg_getstr(cfg, "worn"));
    source->battery = keep(cfg_getstr(cfg, "battery"));
    source->unit_ms = strcmp(cfg_getstr(cfg, "unit"), "ms") == 0;
    source->stamp_end = strcmp(cfg_getstr(cfg, "stamp"), "end") == 0;
    sw_number_parse(cfg_getstr(cfg, "seconds"), 0, SW_READING_SECONDS_MAX, &seconds);
    source->seconds = (int32_t)seconds;
}

static void take_plan(struct sw_config *config, cfg_t *plan)
{
    char why[SW_WHY_MAX];
    config->plan = sw_plan_default();
    for (size_t i = 0; sw_plan_field(i); i++) {
        const char *value = cfg_getstr(plan, sw_plan_field(i)->key);
        if (value)
            sw_plan_set(&config->plan, sw_plan_field(i)->key, value, why);
    }
}

static void take_all(struct sw_config *config, cfg_t *cfg)
{
    config->site = keep(cfg_getstr(cfg, "site"));
    config->timezone = keep(cfg_getstr(cfg, "timezone"));
    config->data_dir = keep_path(config->path, cfg_getstr(cfg, "data_dir"));
    config->max_age_s = duration(cfg, "max_age");
    config->max_future_s = duration(cfg, "max_future");
    config->commit_interval_s = duration(cfg, "commit_interval");
    config->auto_enroll = sw_is_true(cfg_getstr(cfg, "auto_enroll"));
    take_broker(config, cfg_getsec(cfg, "broker"));
    take_plan(config, cfg_getsec(cfg, "plan"));
    config->n_sources = cfg_size(cfg, "source");
    config->sources = calloc(config->n_sources + 1, sizeof(*config->sources));
    if (!config->sources)
        abort();
    for (unsigned int i = 0; i < config->n_sources; i++)
        take_source(&config->sources[i], cfg_getnsec(cfg, "source", i));
}

/* The first line of password_file. */
static int read_password(struct sw_config *config, char why[static SW_WHY_MAX])
{
    char *line = NULL;
    size_t size = 0;
    if (config->broker.password_file[0]) {
        FILE *file = fopen(config->broker.password_file, "re");
        if (!file || getline(&line, &size, file) < 0) {
            snprintf(why, SW_WHY_MAX, "%.100s: password_file: cannot read a line",
                     config->broker.password_file);
            if (file)
                fclose(file);
            free(line);
            return -EACCES;
        }
        fclose(file);
        line[strcspn(line, "\r\n")] = '\0';
    }
    config->broker.password = line ? line : keep("");
    return 0;
}

static int check_readable(const struct sw_config *config, char why[static SW_WHY_MAX])
{
    const char *const files[] = {config->broker.ca_file, config->broker.cert_file,
                                 config->broker.key_file};
    for (size_t i = 0; i < COUNT(files); i++) {
        if (files[i][0] == '\0' || access(files[i], R_OK) == 0)
            continue;
        snprintf(why, SW_WHY_MAX, "%.80s:0: broker: cannot read %.80s", config->path,
                 files[i]);
        return -EACCES;
    }
    return 0;
}

/* A regular file (or a pipe) of a size that somebody wrote. */
static int check_file(const char *path, char why[static SW_WHY_MAX])
{
    struct stat stat_of;
    int r = stat(path, &stat_of) < 0 ? -errno : 0;
    if (r == 0 && S_ISDIR(stat_of.st_mode))
        r = -EISDIR;
    if (r == 0 && stat_of.st_size > FILE_MAX)
        r = -EFBIG;
    if (r == 0 && access(path, R_OK) < 0)
        r = -errno;
    if (r < 0)
        snprintf(why, SW_WHY_MAX,
                 "%.120s:0: %s: name a configuration with -c or $STEPWARD_CONFIG", path,
                 strerror(-r));
    return r;
}

static int parse(cfg_t *cfg, const char *path, char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    reading.path = path;
    reading.why = why;
    int r = cfg_parse(cfg, path);
    reading.why = NULL;
    if (r == CFG_SUCCESS && why[0] == '\0')
        return 0;
    if (why[0] == '\0')
        snprintf(why, SW_WHY_MAX, "%.120s:0: cannot be read", path);
    return -EINVAL;
}

int sw_config_load(struct sw_config *ret, const char *path, char why[static SW_WHY_MAX])
{
    *ret = (struct sw_config){0};
    int r = check_file(path, why);
    if (r < 0)
        return r;
    cfg_t *cfg = new_parser();
    if (!cfg)
        return -ENOMEM;
    r = parse(cfg, path, why);
    if (r >= 0) {
        ret->path = keep(path);
        take_all(ret, cfg);
        r = check_readable(ret, why);
    }
    if (r >= 0)
        r = read_password(ret, why);
    cfg_free(cfg);
    if (r < 0)
        sw_config_fini(ret);
    return r;
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

/* ---- printing ---- */

/* In double quotes, where libconfuse takes \ and " escaped, and ${ as a variable. */
static void print_text(FILE *out, const char *indent, const char *key, const char *text)
{
    fprintf(out, "%s%s = \"", indent, key);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '$')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputs("\"\n", out);
}

static void print_duration(FILE *out, const char *key, int64_t seconds)
{
    char text[SW_DURATION_TEXT_MAX];
    sw_duration_format(seconds, text);
    print_text(out, "", key, text);
}

static void print_broker(const struct sw_config *config, FILE *out)
{
    fputs("broker {\n", out);
    print_text(out, "    ", "uri", config->broker.uri);
    print_text(out, "    ", "client_id", config->broker.client_id);
    fprintf(out, "    protocol = %d\n", config->broker.protocol);
    print_text(out, "    ", "username", config->broker.username);
    print_text(out, "    ", "password_file", config->broker.password_file);
    print_text(out, "    ", "ca_file", config->broker.ca_file);
    print_text(out, "    ", "cert_file", config->broker.cert_file);
    print_text(out, "    ", "key_file", config->broker.key_file);
    fputs("}\n", out);
}

static void print_plan(const struct sw_plan *plan, FILE *out)
{
    char text[SW_PLAN_TEXT_MAX];
    fputs("plan {\n", out);
    for (size_t i = 0; sw_plan_field(i); i++) {
        sw_plan_get(plan, sw_plan_field(i)->key, text);
        if (sw_plan_field(i)->type == SW_PLAN_NUMBER)
            fprintf(out, "    %s = %s\n", sw_plan_field(i)->key, text);
        else
            print_text(out, "    ", sw_plan_field(i)->key, text);
    }
    fputs("}\n", out);
}

static void print_source(const struct sw_source *source, FILE *out)
{
    const struct {
        const char *key, *text;
    } pointers[] = {{"start", source->start}, {"from", source->from},
                    {"to", source->to},       {"at", source->at},
                    {"worn", source->worn},   {"battery", source->battery}};
    fprintf(out, "source %s {\n", source->name);
    print_text(out, "    ", "topic", source->topic);
    if (source->has_total)
        print_text(out, "    ", "total", source->total);
    if (source->has_steps)
        print_text(out, "    ", "steps", source->steps);
    for (size_t i = 0; i < COUNT(pointers); i++)
        if (pointers[i].text[0])
            print_text(out, "    ", pointers[i].key, pointers[i].text);
    print_text(out, "    ", "unit", source->unit_ms ? "ms" : "s");
    print_text(out, "    ", "stamp", source->stamp_end ? "end" : "start");
    fprintf(out, "    seconds = %d\n}\n", source->seconds);
}

void sw_config_print(const struct sw_config *config, FILE *out)
{
    print_text(out, "", "site", config->site);
    print_text(out, "", "timezone", config->timezone);
    print_text(out, "", "data_dir", config->data_dir);
    print_duration(out, "max_age", config->max_age_s);
    print_duration(out, "max_future", config->max_future_s);
    fprintf(out, "auto_enroll = %s\n", config->auto_enroll ? "true" : "false");
    print_duration(out, "commit_interval", config->commit_interval_s);
    print_broker(config, out);
    print_plan(&config->plan, out);
    for (size_t i = 0; i < config->n_sources; i++)
        print_source(&config->sources[i], out);
}
