/* config.c -- the configuration: read the file, keep what it says, print it.
 *
 * config_keys.c has the keys, and config_parse.c finds and checks their values. What
 * the values mean is their users' business. The password itself is never printed. */
#include "stepward/config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config_keys.h"
#include "host/config_parse.h"
#include "stepward/host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { FILE_BYTES_MAX = 1024 * 1024 }; /* nobody writes more by hand */

const char *sw_config_default_path(void)
{
    const char *given = getenv("STEPWARD_CONFIG");
    return given && given[0] ? given : "/etc/stepward/stepward.conf";
}

/* ---- from libconfuse's tree, which is complete and checked ---- */

/* The words with one blank between each two. */
static char *take_words(const char *value)
{
    char *words = calloc(1, strlen(value) + 2), *to = words;
    for (const char *at = value; words && *(at += strspn(at, " "));) {
        size_t len = strcspn(at, " ");
        to = stpcpy(to, to > words ? " " : "");
        memcpy(to, at, len);
        to += len;
        at += len;
    }
    return words;
}

static bool take_value(void *owner, const struct config_key *key, const char *value,
                       const char *folder)
{
    int64_t number = 0;
    void *to = (char *)owner + key->at;
    char **text = to;
    switch (key->kind) {
    case CONFIG_TEXT:
    case CONFIG_POINTER:
        return (*text = strdup(value ? value : ""));
    case CONFIG_LIST:
        return (*text = take_words(value));
    case CONFIG_FOLDER:
    case CONFIG_FILE:
        return (*text = config_resolve(folder, value));
    case CONFIG_DURATION:
        sw_duration_parse(value, to);
        return true;
    case CONFIG_AGE:
        config_parse_age(value, to);
        return true;
    case CONFIG_NUMBER:
        sw_number_parse(value, key->min, key->max, &number);
        *(int32_t *)to = (int32_t)number;
        return true;
    case CONFIG_BOOL:
        *(bool *)to = config_is_true(key, value);
        return true;
    case CONFIG_CHOICE:
        while (strcmp(key->words[number], value) != 0)
            number++;
        *(int *)to = (int)number;
        return true;
    case CONFIG_PROTOCOL:
        *(int *)to = strcmp(value, "5") == 0 ? 5 : 4;
        return true;
    }
    return false;
}

static bool take_section(void *owner, const struct config_section *section, cfg_t *cfg,
                         const char *folder)
{
    for (size_t i = 0; i < section->n; i++) {
        const struct config_key *key = &section->keys[i];
        if (!take_value(owner, key, cfg_getstr(cfg, key->name), folder))
            return false;
        if (key->line_at)
            *(int *)(void *)((char *)owner + key->line_at) =
                config_line(cfg, key->name);
    }
    return true;
}

static char **pointer_of(struct sw_source *source, const struct config_key *key)
{
    return (void *)((char *)source + key->at);
}

/* A column that has the name of a key is that key. */
static bool take_columns(struct sw_source *source)
{
    for (size_t i = 0; i < config_source.n; i++) {
        const struct config_key *key = &config_source.keys[i];
        if (key->kind != CONFIG_POINTER || **pointer_of(source, key) ||
            !config_has_column(source->columns, key->name))
            continue;
        char **pointer = pointer_of(source, key);
        free(*pointer);
        if (asprintf(pointer, "/%s", key->name) < 0) {
            *pointer = NULL;
            return false;
        }
    }
    source->has_total = source->has_total || *source->total;
    source->has_steps = source->has_steps || *source->steps;
    source->has_score = source->has_score || *source->score;
    return true;
}

static bool take_map(struct sw_source *source, cfg_t *map)
{
    unsigned n = map ? cfg_num(map) : 0;
    source->map = calloc(n + 1, sizeof(*source->map));
    for (unsigned i = 0; source->map && i < n; i++) {
        cfg_opt_t *opt = cfg_getnopt(map, i);
        const char *value = cfg_opt_name(opt) ? cfg_opt_getnstr(opt, 0) : NULL;
        if (!value)
            continue;
        struct sw_mapping *mapping = &source->map[source->n_map++];
        mapping->from = strdup(cfg_opt_name(opt));
        mapping->to = strdup(value);
        if (!mapping->from || !mapping->to)
            return false;
    }
    return source->map;
}

static bool take_zone(struct sw_source *source, const char *site_zone)
{
    bool is_site = strcmp(source->zone_name, "site") == 0;
    if (*source->zone_name == '\0')
        return true;
    source->zone = calloc(1, sizeof(*source->zone));
    return source->zone &&
           sw_zone_load(source->zone, is_site ? site_zone : source->zone_name) == 0;
}

static bool take_source(struct sw_config *config, struct sw_source *source,
                        cfg_t *section, const char *folder)
{
    source->has_total = cfg_getstr(section, "total");
    source->has_steps = cfg_getstr(section, "steps");
    source->has_score = cfg_getstr(section, "score");
    source->has_each = cfg_getstr(section, "each");
    source->name = strdup(cfg_title(section));
    return source->name && take_section(source, &config_source, section, folder) &&
           take_section(source, &config_ask, cfg_getsec(section, "ask"), folder) &&
           take_columns(source) && take_map(source, cfg_getsec(section, "map")) &&
           take_zone(source, config->timezone);
}

static bool take_sources(struct sw_config *config, cfg_t *cfg, const char *folder)
{
    size_t n = cfg_size(cfg, "source");
    config->sources = calloc(n + 1, sizeof(*config->sources));
    bool ok = config->sources;
    while (ok && config->n_sources < n) {
        size_t i =
            config->n_sources++; /* of a half-taken one, too, much must be freed */
        ok = take_source(config, &config->sources[i],
                         cfg_getnsec(cfg, "source", (unsigned)i), folder);
    }
    return ok;
}

static bool take_all(struct sw_config *config, const char *folder, cfg_t *cfg)
{
    const struct sw_plan_field *field;
    char why[SW_WHY_MAX], **client_id = &config->broker.client_id;
    cfg_t *broker = cfg_getsec(cfg, "broker"), *plan = cfg_getsec(cfg, "plan");
    if (!take_section(config, &config_root, cfg, folder) ||
        !take_section(config, &config_broker, broker, folder) ||
        !take_section(config, &config_web, cfg_getsec(cfg, "web"), folder) ||
        !take_section(config, &config_keep, cfg_getsec(cfg, "keep"), folder) ||
        !take_section(config, &config_notify, cfg_getsec(cfg, "notify"), folder) ||
        !take_section(config, &config_backup, cfg_getsec(cfg, "backup"), folder) ||
        !take_sources(config, cfg, folder))
        return false;
    config->web.is_on = config_line(cfg, config_web.name) > 0;
    config->plan = sw_plan_default();
    for (size_t i = 0; (field = sw_plan_field(i)); i++)
        if (cfg_getstr(plan, field->key))
            sw_plan_set(&config->plan, field->key, cfg_getstr(plan, field->key), why);
    if (**client_id)
        return true;
    /* Two sites at one broker must not take each other's session. */
    free(*client_id);
    if (asprintf(client_id, "stepward-%s", config->site) < 0)
        *client_id = NULL;
    return *client_id;
}

/* ---- what goes together, wherever it stands in the file ---- */

/* A reading may come as late as max_age allows; its day is computed anew then, and must
 * have its other readings still. */
static int check_kept(const struct sw_config *config, char why[static SW_WHY_MAX])
{
    enum { DAY_S = 86400, MORE_DAYS = 61 }; /* comparisons look back on two months */
    int64_t least = config->max_age_s / DAY_S + 1 + MORE_DAYS;
    if (config->keep.readings_s == 0 || config->keep.readings_s >= least * DAY_S)
        return 0;
    config_error(why, config->path, config->keep.readings_line,
                 "readings are kept at least %" PRId64 "d: max_age, in which they may "
                 "come, and two months, on which rules and comparisons look back",
                 least);
    return -EINVAL;
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

/* Without a file there is no password. Others than the gateway do without one, too. */
static int read_password(struct sw_config *config, enum sw_config_reader reader,
                         char why[static SW_WHY_MAX])
{
    const char *path = config->broker.password_file;
    if (path[0] == '\0' || reader != SW_CONFIG_OF_GATEWAY) {
        config->broker.password = strdup("");
        return config->broker.password ? 0 : -ENOMEM;
    }
    int r = sw_password_read(&config->broker.password, path);
    if (r == -EINVAL)
        config_error(
            why, config->path, config->broker.lines.password_file,
            "password_file: the first line of %.60s takes 1 to 1024 characters", path);
    return r;
}

/* ---- all of it ---- */

/* The absolute name of the folder that relative names are seen from. NULL: there is no
 * memory, or the folder is gone. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *folder = name ? realpath(name, NULL) : NULL;
    free(name);
    return folder;
}

static int load_text(struct sw_config *config, enum sw_config_reader reader, char *text,
                     size_t len, char *why)
{
    char *folder = folder_of(config->path);
    if (!folder)
        return -errno;
    int r = -EINVAL;
    cfg_t *cfg = config_parse(text, len, config->path, folder, reader, why);
    if (cfg) {
        r = take_all(config, folder, cfg) ? 0 : -ENOMEM;
        if (r == 0)
            r = check_kept(config, why);
        if (r == 0)
            r = read_password(config, reader, why);
        cfg_free(cfg);
    }
    free(folder);
    return r;
}

/* The whole file, NUL-terminated, which the caller frees. -EISDIR, -EFBIG… */
static int read_text(const char *path, char **ret, size_t *ret_len)
{
    size_t len = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    char *text = malloc(FILE_BYTES_MAX + 2);
    int r = text ? 0 : -ENOMEM;
    for (; r == 0 && len <= FILE_BYTES_MAX; len += (size_t)n) {
        n = read(fd, text + len, FILE_BYTES_MAX + 1 - len);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n < 0)
            n = 0;
    }
    if (r == 0 && len > FILE_BYTES_MAX)
        r = -EFBIG;
    close(fd);
    if (r < 0) {
        free(text);
        return r;
    }
    text[len] = '\0';
    *ret = text;
    *ret_len = len;
    return 0;
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
    int r = read_text(path, &text, &len);
    if (r == 0)
        r = (config.path = strdup(path)) ? load_text(&config, reader, text, len, why)
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
        if (*files[i].path == '\0')
            continue;
        int fd = open(files[i].path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        bool is_refused = fd < 0 && (errno == EACCES || errno == EPERM);
        if (fd >= 0)
            close(fd);
        if (!is_refused)
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

static void free_texts(void *owner, const struct config_section *section)
{
    for (size_t i = 0; i < section->n; i++) {
        enum config_kind kind = section->keys[i].kind;
        char **text = (void *)((char *)owner + section->keys[i].at);
        if (kind == CONFIG_TEXT || kind == CONFIG_POINTER || kind == CONFIG_LIST ||
            kind == CONFIG_FOLDER || kind == CONFIG_FILE)
            free(*text);
    }
}

static void free_source(struct sw_source *source)
{
    free(source->name);
    free_texts(source, &config_source);
    free_texts(source, &config_ask);
    for (size_t i = 0; i < source->n_map; i++) {
        free(source->map[i].from);
        free(source->map[i].to);
    }
    free(source->map);
    if (source->zone)
        sw_zone_fini(source->zone);
    free(source->zone);
}

void sw_config_fini(struct sw_config *config)
{
    for (size_t i = 0; i < config->n_sources; i++)
        free_source(&config->sources[i]);
    free(config->sources);
    free(config->path);
    free(config->broker.password);
    free_texts(config, &config_broker);
    free_texts(config, &config_web);
    free_texts(config, &config_notify);
    free_texts(config, &config_backup);
    free_texts(config, &config_root);
    *config = (struct sw_config){0};
}

/* ---- printing ---- */

/* Double quotes escape \ and "; text that holds ${ can only stand in single ones. */
static void print_quoted(FILE *out, const char *text)
{
    char quote = strstr(text, "${") ? '\'' : '"';
    fputc(quote, out);
    for (; *text; text++) {
        if (*text == quote || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc(quote, out);
}

static void print_text(FILE *out, const char *indent, const char *key, const char *text)
{
    fprintf(out, "%s%s = ", indent, key);
    print_quoted(out, text);
    fputc('\n', out);
}

static void print_list(FILE *out, const char *indent, const char *key,
                       const char *words)
{
    const char *between = "";
    fprintf(out, "%s%s = [", indent, key);
    for (size_t len; *words; words += len + (words[len] == ' '), between = ", ") {
        len = strcspn(words, " ");
        fprintf(out, "%s\"%.*s\"", between, (int)len, words);
    }
    fputs("]\n", out);
}

static void print_value(FILE *out, const char *indent, const struct config_key *key,
                        const void *owner)
{
    const void *from = (const char *)owner + key->at;
    char duration[SW_DURATION_TEXT_MAX], age[CONFIG_AGE_MAX];
    char *const *text = from;
    switch (key->kind) {
    case CONFIG_TEXT:
    case CONFIG_POINTER:
    case CONFIG_FOLDER:
    case CONFIG_FILE:
        print_text(out, indent, key->name, *text);
        break;
    case CONFIG_LIST:
        print_list(out, indent, key->name, *text);
        break;
    case CONFIG_DURATION:
        sw_duration_format(*(const int64_t *)from, duration);
        print_text(out, indent, key->name, duration);
        break;
    case CONFIG_AGE:
        config_format_age(*(const int64_t *)from, age);
        print_text(out, indent, key->name, age);
        break;
    case CONFIG_NUMBER:
        fprintf(out, "%s%s = %" PRId32 "\n", indent, key->name, *(const int32_t *)from);
        break;
    case CONFIG_BOOL:
        fprintf(out, "%s%s = %s\n", indent, key->name,
                *(const bool *)from ? "true" : "false");
        break;
    case CONFIG_CHOICE:
        print_text(out, indent, key->name, key->words[*(const int *)from]);
        break;
    case CONFIG_PROTOCOL:
        fprintf(out, "%s%s = %d\n", indent, key->name, *(const int *)from);
        break;
    }
}

static bool is_shown(const struct sw_source *source, const struct config_key *key)
{
    char *const *text = (const void *)((const char *)source + key->at);
    if (key->kind == CONFIG_CHOICE || **text != '\0')
        return true;
    return (text == &source->total && source->has_total) ||
           (text == &source->steps && source->has_steps) ||
           (text == &source->score && source->has_score) ||
           (text == &source->each && source->has_each);
}

/* Print what was written of a source, and the period of readings without an end. */
static void print_source(const struct sw_source *source, FILE *out)
{
    char period[] = "60"; /* SW_DEFAULT_SECONDS */
    struct sw_source shown = *source;
    bool has_period = source->has_steps && *source->to == '\0';
    if (has_period && (*source->seconds == '\0' || strcmp(source->seconds, "0") == 0))
        shown.seconds = period;
    fprintf(out, "source %s {\n", source->name);
    for (size_t i = 0; i < config_source.n; i++)
        if (is_shown(&shown, &config_source.keys[i]))
            print_value(out, "    ", &config_source.keys[i], &shown);
    if (*source->ask.topic) {
        fputs("    ask {\n", out);
        for (size_t i = 0; i < config_ask.n; i++)
            print_value(out, "        ", &config_ask.keys[i], source);
        fputs("    }\n", out);
    }
    if (source->n_map > 0)
        fputs("    map {\n", out);
    for (size_t i = 0; i < source->n_map; i++) {
        fputs("        ", out);
        print_quoted(out, source->map[i].from);
        fputs(" = ", out);
        print_quoted(out, source->map[i].to);
        fputc('\n', out);
    }
    if (source->n_map > 0)
        fputs("    }\n", out);
    fputs("}\n", out);
}

void sw_config_print(const struct sw_config *config, FILE *out)
{
    const struct sw_plan_field *field;
    char text[SW_PLAN_TEXT_MAX];
    for (size_t i = 0; i < config_root.n; i++)
        print_value(out, "", &config_root.keys[i], config);
    fputs("broker {\n", out);
    for (size_t i = 0; i < config_broker.n; i++)
        print_value(out, "    ", &config_broker.keys[i], config);
    if (config->web.is_on)
        fputs("}\nweb {\n", out);
    for (size_t i = 0; config->web.is_on && i < config_web.n; i++)
        print_value(out, "    ", &config_web.keys[i], config);
    bool removes =
        config->keep.readings_s || config->keep.alerts_s || config->keep.audit_s;
    if (removes)
        fputs("}\nkeep {\n", out);
    for (size_t i = 0; removes && i < config_keep.n; i++)
        print_value(out, "    ", &config_keep.keys[i], config);
    if (sw_config_notifies(config))
        fputs("}\nnotify {\n", out);
    for (size_t i = 0; sw_config_notifies(config) && i < config_notify.n; i++)
        print_value(out, "    ", &config_notify.keys[i], config);
    bool copies = *config->backup.to || *config->backup.recipient;
    if (copies)
        fputs("}\nbackup {\n", out);
    for (size_t i = 0; copies && i < config_backup.n; i++)
        print_value(out, "    ", &config_backup.keys[i], config);
    fputs("}\nplan {\n", out);
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        sw_plan_get(&config->plan, field->key, text);
        if (field->type == SW_PLAN_NUMBER)
            fprintf(out, "    %s = %s\n", field->key, text);
        else
            print_text(out, "    ", field->key, text);
    }
    fputs("}\n", out);
    for (size_t i = 0; i < config->n_sources; i++)
        print_source(&config->sources[i], out);
}
