/* config_parse.c -- the configuration's keys, each checked at its own line by
 * libconfuse's callbacks. What a value may be is config_check.c's business, what
 * becomes of it config.c's. */
#include "host/config_parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config_check.h"
#include "stepward/plan.h"
#include "util/line.h"
#include "util/nearest.h"

/* ---- the keys ---- */

/* How a key's text is checked; false with a reason in why. */
typedef bool (*check_fn)(const char *value, char why[static SW_WHY_MAX]);

struct key {
    const char *name, *fallback;
    check_fn check;
    bool is_file;         /* to be readable if it is set */
    unsigned closed_bits; /* of its mode: who must not read it */
};

/* client_id has no fallback: it follows from the site. */
static const struct key main_keys[] = {
    {"site", "main", sw_check_site, false, 0},
    {"timezone", "Europe/Berlin", sw_check_timezone, false, 0},
    {"data_dir", "/var/lib/stepward", sw_check_path, false, 0},
    {"max_age", "31d", sw_check_max_age, false, 0},
    {"max_future", "10m", sw_check_max_future, false, 0},
    {"auto_enroll", "false", sw_check_bool, false, 0},
    {"commit_interval", "10s", sw_check_commit_interval, false, 0},
    {"alert_budget", "5", sw_check_alert_budget, false, 0},
};
static const struct key broker_keys[] = {
    {"uri", "mqtt://localhost:1883", sw_check_uri, false, 0},
    {"client_id", NULL, sw_check_client_id, false, 0},
    {"protocol", "5", sw_check_protocol, false, 0},
    {"username", "", sw_check_any, false, 0},
    {"password_file", "", sw_check_any, true, 077},
    {"ca_file", "", sw_check_any, true, 0},
    {"cert_file", "", sw_check_any, true, 0},
    {"key_file", "", sw_check_any, true, 007},
};
static const struct key source_keys[] = {
    {"topic", NULL, sw_check_source_topic, false, 0},
    {"total", NULL, sw_check_pointer, false, 0},
    {"steps", NULL, sw_check_pointer, false, 0},
    {"start", NULL, sw_check_member, false, 0},
    {"from", NULL, sw_check_member, false, 0},
    {"to", NULL, sw_check_member, false, 0},
    {"at", NULL, sw_check_member, false, 0},
    {"worn", NULL, sw_check_member, false, 0},
    {"battery", NULL, sw_check_member, false, 0},
    {"unit", "s", sw_check_unit, false, 0},
    {"stamp", "start", sw_check_stamp, false, 0},
    {"seconds", "0", sw_check_seconds, false, 0},
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum {
    KEYS_MAX = 16,
    SOURCES_MAX = 64, /* each is a subscription at every connect */
};

static const struct key *find_key(const char *section, const char *name)
{
    static const struct {
        const char *section;
        const struct key *keys;
        size_t n;
    } tables[] = {{"root", main_keys, COUNT(main_keys)},
                  {"broker", broker_keys, COUNT(broker_keys)},
                  {"source", source_keys, COUNT(source_keys)}};
    for (size_t t = 0; t < COUNT(tables); t++)
        for (size_t i = 0; i < tables[t].n; i++)
            if (strcmp(tables[t].section, section) == 0 &&
                strcmp(tables[t].keys[i].name, name) == 0)
                return &tables[t].keys[i];
    return NULL;
}

/* ---- errors ---- */

struct loader {
    const char *path, *folder;
    enum sw_config_reader reader;
    char *why; /* the first error */
};

/* libconfuse's callbacks get no pointer of ours. Every section therefore carries the
 * loader in an option of its own, the first one, whose name no file can write. */
static const char loader_key[] = "(loader)";

static const struct loader *loader_of(cfg_t *cfg)
{
    return (const struct loader *)cfg_getnopt(cfg, 0)->simple_value.ptr;
}

__attribute__((format(printf, 4, 0))) static void
vsay(char *why, const char *path, int line, const char *format, va_list args)
{
    struct sw_line text = sw_line(why, SW_WHY_MAX);
    if (line > 0)
        sw_line_add(&text, "%.100s:%d: ", path, line);
    else
        sw_line_add(&text, "%.100s: ", path); /* all of the file */
    sw_line_vadd(&text, format, args);
}

void config_error(char why[static SW_WHY_MAX], const char *path, int line,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsay(why, path, line, format, args);
    va_end(args);
}

static const char *key_name(const void *ctx, size_t i)
{
    cfg_t *cfg = *(cfg_t *const *)ctx;
    size_t at = i + 1; /* the first is ours */
    return at < cfg_num(cfg) ? cfg_opt_name(cfg_getnopt(cfg, (unsigned)at)) : NULL;
}

static void report_unknown(cfg_t *cfg, const char *word)
{
    const struct loader *loader = loader_of(cfg);
    const char *near = sw_nearest(word, key_name, &cfg);
    bool is_top = strcmp(cfg_name(cfg), "root") == 0;
    config_error(loader->why, loader->path, cfg->line, "unknown key %.40s%s%s%s%s%s",
                 word, is_top ? "" : " in ", is_top ? "" : cfg_name(cfg),
                 near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

__attribute__((format(printf, 2, 0))) static void
on_error(cfg_t *cfg, const char *format, va_list args)
{
    const struct loader *loader = loader_of(cfg);
    if (loader->why[0] != '\0')
        return;
    if (strcmp(format, "no such option '%s'") == 0)
        report_unknown(cfg, va_arg(args, const char *));
    else if (strcmp(format, "found duplicate title '%s'") == 0)
        config_error(loader->why, loader->path, cfg->line,
                     "source %.40s stands twice (rename or remove one)",
                     va_arg(args, const char *));
    else if (strcmp(format, "missing title for section '%s'") == 0)
        config_error(loader->why, loader->path, cfg->line,
                     "a source needs a name, as in source band { ... }");
    else
        vsay(loader->why, loader->path, cfg->line, format, args);
}

/* ---- checks at the line of the value ---- */

/* libconfuse lets the last of two equal keys win. The line where an option was set is
 * kept as its annotation, so that the second is refused. */
static bool is_first(cfg_t *cfg, cfg_opt_t *opt)
{
    char line[16];
    if (cfg_opt_getcomment(opt)) {
        cfg_error(cfg, "%s stands twice, first on line %s (remove one)", opt->name,
                  cfg_opt_getcomment(opt));
        return false;
    }
    snprintf(line, sizeof(line), "%d", cfg->line);
    return cfg_opt_setcomment(opt, line) == CFG_SUCCESS;
}

static bool check_file(cfg_t *cfg, const struct key *key, const char *name,
                       char why[static SW_WHY_MAX])
{
    const struct loader *loader = loader_of(cfg);
    if (name[0] == '\0' || loader->reader != SW_CONFIG_OF_GATEWAY)
        return true;
    char *path = config_resolve(loader->folder, name);
    bool ok = path && sw_check_secret(path, key->closed_bits, why);
    free(path);
    return ok;
}

static int check_value(cfg_t *cfg, cfg_opt_t *opt)
{
    char why[SW_WHY_MAX] = "no memory";
    const char *value = cfg_opt_getnstr(opt, 0);
    const struct key *key = find_key(cfg_name(cfg), opt->name);
    if (!is_first(cfg, opt))
        return -1;
    if (key->check(value, why) && (!key->is_file || check_file(cfg, key, value, why)))
        return 0;
    cfg_error(cfg, "%s = \"%.60s\": %s", opt->name, value, why);
    return -1;
}

static int check_plan_value(cfg_t *cfg, cfg_opt_t *opt)
{
    struct sw_plan plan = sw_plan_default();
    char why[SW_WHY_MAX];
    const char *value = cfg_opt_getnstr(opt, 0);
    if (!is_first(cfg, opt))
        return -1;
    if (sw_plan_set(&plan, opt->name, value, why))
        return 0;
    cfg_error(cfg, "%s = \"%.60s\": %s", opt->name, value, why);
    return -1;
}

/* At the closing brace of broker and plan. */
static int check_section(cfg_t *cfg, cfg_opt_t *opt)
{
    return is_first(cfg, opt) ? 0 : -1;
}

/* Each value was checked at its line; here, whether they go together. */
static int check_plan(cfg_t *cfg, cfg_opt_t *opt)
{
    const struct loader *loader = loader_of(cfg);
    struct sw_plan plan = sw_plan_default();
    cfg_t *section = cfg_opt_getnsec(opt, 0);
    const struct sw_plan_field *field;
    char why[SW_WHY_MAX];
    if (!is_first(cfg, opt))
        return -1;
    for (size_t i = 0; (field = sw_plan_field(i)); i++)
        if (cfg_getstr(section, field->key))
            sw_plan_set(&plan, field->key, cfg_getstr(section, field->key), why);
    const char *key = sw_plan_contradiction(&plan, why);
    if (!key)
        return 0;
    const char *line = cfg_opt_getcomment(cfg_getopt(section, key));
    config_error(loader->why, loader->path, line ? atoi(line) : cfg->line,
                 "%s = %s: change one of them, or set it to 0 for none", key, why);
    return -1;
}

/* Which keys say when a reading was. */
static const char *find_fault_of_times(cfg_t *source)
{
    bool has_from = cfg_getstr(source, "from"), has_to = cfg_getstr(source, "to");
    bool has_start = cfg_getstr(source, "start"), has_at = cfg_getstr(source, "at");
    bool is_total = cfg_getstr(source, "total");
    if (has_from != has_to)
        return "from and to go together";
    if (has_from && has_start)
        return "takes start, or from and to, not both";
    if (is_total && (has_start || has_from))
        return "a total has no start, from or to: its time is at";
    if (has_at && (has_start || has_from))
        return "takes at, start, or from and to: one of them";
    if (!is_total && !has_at && !has_start && !has_from)
        return "steps need a time: start, at, or from and to";
    return NULL;
}

static const char *find_fault(cfg_t *source)
{
    const char *name = cfg_title(source);
    bool has_total = cfg_getstr(source, "total"),
         has_steps = cfg_getstr(source, "steps");
    if (!sw_id_is_valid(name, strlen(name)))
        return "its name takes 1 to 36 of A-Z a-z 0-9 _ . -";
    if (!cfg_getstr(source, "topic"))
        return "needs a topic";
    if (has_total == has_steps)
        return "needs either total or steps";
    return find_fault_of_times(source);
}

/* The whole source, at its closing brace. */
static int check_source(cfg_t *cfg, cfg_opt_t *opt)
{
    cfg_t *source = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    const char *fault = cfg_opt_size(opt) > SOURCES_MAX
                            ? "one source too many (over 64)"
                            : find_fault(source);
    if (!fault)
        return 0;
    cfg_error(cfg, "source %.40s: %s", cfg_title(source), fault);
    return -1;
}

/* ---- declaring ---- */

struct options {
    cfg_opt_t items[KEYS_MAX];
    size_t n;
};

static void add(struct options *options, cfg_opt_t opt, cfg_validate_callback_t check)
{
    opt.validcb = check;
    options->items[options->n++] = opt;
}

static struct options begin(const struct loader *loader)
{
    struct options options = {0};
    cfg_opt_t carrier = CFG_INT(loader_key, 0, CFGF_NONE);
    carrier.simple_value.ptr = (void **)(uintptr_t)loader; /* never written through */
    add(&options, carrier, NULL);
    return options;
}

static void add_keys(struct options *options, const struct key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(options, (cfg_opt_t)CFG_STR(keys[i].name, keys[i].fallback, CFGF_NONE),
            check_value);
}

static void add_plan_keys(struct options *options)
{
    for (size_t i = 0; sw_plan_field(i) && options->n < KEYS_MAX - 1; i++)
        add(options, (cfg_opt_t)CFG_STR(sw_plan_field(i)->key, NULL, CFGF_NONE),
            check_plan_value);
}

static cfg_t *declare(const struct loader *loader)
{
    struct options root = begin(loader), broker = begin(loader), plan = begin(loader),
                   source = begin(loader);
    add_keys(&root, main_keys, COUNT(main_keys));
    add_keys(&broker, broker_keys, COUNT(broker_keys));
    add_plan_keys(&plan);
    add_keys(&source, source_keys, COUNT(source_keys));
    add(&root, (cfg_opt_t)CFG_SEC("broker", broker.items, CFGF_NONE), check_section);
    add(&root, (cfg_opt_t)CFG_SEC("plan", plan.items, CFGF_NONE), check_plan);
    add(&root,
        (cfg_opt_t)CFG_SEC("source", source.items,
                           CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
        check_source);
    return cfg_init(root.items, CFGF_NONE); /* copies them */
}

/* ---- parsing ---- */

char *config_resolve(const char *folder, const char *name)
{
    char *path = NULL;
    if (name[0] == '/' || name[0] == '\0')
        return strdup(name);
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

cfg_t *config_parse(const char *text, const char *path, const char *folder,
                    enum sw_config_reader reader, char why[static SW_WHY_MAX])
{
    const struct loader loader = {
        .path = path, .folder = folder, .reader = reader, .why = why};
    cfg_t *cfg = declare(&loader);
    why[0] = '\0';
    if (!cfg) {
        config_error(why, path, 0, "%s", strerror(ENOMEM));
        return NULL;
    }
    cfg_set_error_function(cfg, on_error);
    if (cfg_parse_buf(cfg, text) == CFG_SUCCESS && why[0] == '\0')
        return cfg;
    if (why[0] == '\0')
        config_error(why, path, cfg->line, "cannot be understood");
    cfg_free(cfg);
    return NULL;
}
