/* config_parse.c -- the configuration's text becomes libconfuse's tree, with each value
 * checked at its line.
 *
 * libconfuse 3.3 miscounts the lines of comments, replaces ${VAR} from the environment,
 * accepts a section that is never closed, skips characters that it does not know, and
 * takes "a|b" for a key of another section. So the text is made fit for it first. Which
 * keys there are is config_keys.c's business, and what becomes of them is
 * config.c's. */
#include "host/config_parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/config_keys.h"
#include "stepward/host.h"
#include "stepward/plan.h"
#include "util/line.h"
#include "util/nearest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum {
    KEYS_MAX = 32,
    MAP_WORDS_MAX = 100, /* no button has so many */
};

/* libconfuse's callbacks get no pointer of ours. */
static struct {
    const char *path, *folder;
    enum sw_config_reader reader;
    char *why; /* the first error */
} parsing;

/* ---- errors ---- */

__attribute__((format(printf, 4, 0))) static void
config_verror(char *why, const char *path, int line, const char *format, va_list args)
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
    config_verror(why, path, line, format, args);
    va_end(args);
}

static const char *key_name(const void *ctx, size_t i)
{
    cfg_t *cfg = *(cfg_t *const *)ctx;
    return i < cfg_num(cfg) ? cfg_opt_name(cfg_getnopt(cfg, (unsigned)i)) : NULL;
}

static void config_report_unknown(cfg_t *cfg, const char *word)
{
    const char *near = sw_nearest(word, key_name, &cfg);
    if (near && strcmp(near, word) == 0) /* "plan|goal": of another section */
        near = NULL;
    bool is_top = strcmp(cfg_name(cfg), config_root.name) == 0;
    config_error(parsing.why, parsing.path, cfg->line, "unknown key %.40s%s%s%s%s%s",
                 word, is_top ? "" : " in ", is_top ? "" : cfg_name(cfg),
                 near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
}

__attribute__((format(printf, 2, 0))) static void
on_error(cfg_t *cfg, const char *format, va_list args)
{
    /* libconfuse says so of every word that a map names, and takes it all the same. */
    bool is_word_of_map =
        strcmp(cfg_name(cfg), "map") == 0 && strncmp(format, "no su", 5) == 0;
    if (parsing.why[0] != '\0' || is_word_of_map)
        return;
    if (strcmp(format, "no such option '%s'") == 0)
        config_report_unknown(cfg, va_arg(args, const char *));
    else if (strcmp(format, "found duplicate title '%s'") == 0)
        config_error(parsing.why, parsing.path, cfg->line,
                     "source %.40s stands twice (rename or remove one)",
                     va_arg(args, const char *));
    else if (strcmp(format, "missing title for section '%s'") == 0)
        config_error(parsing.why, parsing.path, cfg->line,
                     "a source needs a name, as in source band { ... }");
    else
        config_verror(parsing.why, parsing.path, cfg->line, format, args);
}

/* ---- preparing the text ---- */

/* Replace a comment by blanks. */
static char *blank_comment(char *text, char why[static SW_WHY_MAX])
{
    bool is_block = text[1] == '*';
    char *end = is_block ? strstr(text + 2, "*/") : text + strcspn(text, "\n");
    if (!end) {
        snprintf(why, SW_WHY_MAX, "this comment has no end (*/)");
        return NULL;
    }
    if (is_block)
        end += 2;
    for (; text < end; text++)
        if (*text != '\n')
            *text = ' ';
    return end;
}

/* Step over a string, which must end on its line. */
static char *skip_string(char *text, char why[static SW_WHY_MAX])
{
    const char quote = *text++;
    const char *fault = NULL;
    for (size_t step; *text != quote; text += step) {
        bool is_escape = *text == '\\' && (text[1] == '\\' || text[1] == quote);
        step = is_escape ? 2 : *text ? sw_text_step(text) : 0;
        if (*text == '\n' || *text == '\0')
            fault = "a string ends on its line: a quote is missing";
        else if (step == 0)
            fault = "a control character in a string, or one that is not UTF-8";
        else if (quote == '"' && strncmp(text, "${", 2) == 0)
            fault = "${…} is not replaced here (in single quotes it means itself)";
        else if (quote == '"' && *text == '\\' && !is_escape)
            fault = "in double quotes only \\\" and \\\\ follow a backslash";
        if (fault) {
            snprintf(why, SW_WHY_MAX, "%s", fault);
            return NULL;
        }
    }
    return text + 1;
}

/* A list becomes the text of its words with blanks between, because libconfuse has no
 * other lists than {…}, whose commas and braces it does not count. */
static char *join_list(char *text, char why[static SW_WHY_MAX])
{
    for (char *at = text + 1, *end; *at; at = end) {
        end = at + 1;
        if (*at == ']') {
            *text = *at = '"';
            return end;
        }
        if (*at == '"') {
            end = skip_string(at, why);
            if (!end)
                return NULL;
            if (memchr(at, '\\', (size_t)(end - at)))
                break;
            *at = end[-1] = ' ';
        } else if (*at == ',') {
            *at = ' ';
        } else if (*at != ' ' && *at != '\t') {
            break;
        }
    }
    snprintf(why, SW_WHY_MAX, "a list is [\"…\", \"…\"], on one line");
    return NULL;
}

/* Show the character, or the byte if it is part of none. */
static char *refuse_char(char *at, char why[static SW_WHY_MAX])
{
    size_t n = *at ? sw_text_step(at) : 0;
    struct sw_line text = sw_line(why, SW_WHY_MAX);
    if (n > 0)
        sw_line_add(&text, "%.*s", (int)n, at);
    else
        sw_line_add(&text, "\\x%02x", (unsigned char)*at);
    sw_line_add(&text, " cannot stand here: put the value in straight quotes, \"…\"");
    return NULL;
}

/* The end of the comment, string, word or sign at text; NULL with what is wrong. */
static char *skip_piece(char *text, char why[static SW_WHY_MAX])
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789_-.:/";
    if (*text == '#' || (*text == '/' && (text[1] == '/' || text[1] == '*')))
        return blank_comment(text, why);
    if (*text == '"' || *text == '\'')
        return skip_string(text, why);
    if (*text == '[')
        return join_list(text, why);
    if (*text && strchr("={} \t\r\n", *text))
        return text + 1;
    size_t n = strspn(text, word);
    return n > 0 ? text + n : refuse_char(text, why);
}

/* A word or a string without its quotes. */
struct word {
    const char *str;
    size_t len;
};

/* What the braces say that libconfuse misses: one that is never closed; one that is
 * missing, which it notices where the next one closes; a word of a map that stands
 * twice, of which it takes the last. */
struct braces {
    int depth, open_line;
    struct word words[3]; /* of the statement so far: source, its name, and too many */
    size_t n_words;
    int words_line;   /* where the first of them stands */
    bool takes_value; /* the statement's = was read */
    int map_depth;    /* inside of a map: its depth; else 0 */
    struct word map[MAP_WORDS_MAX];
    size_t n_map;
};

static bool is_word(const struct word *word, const char *text)
{
    return word->len == strlen(text) && memcmp(word->str, text, word->len) == 0;
}

/* Whether the word names a section, which has braces. */
static bool is_section(const struct word *word)
{
    static const char *const names[] = {"broker", "plan", "source", "map",   "ask",
                                        "web",    "keep", "notify", "backup"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (is_word(word, names[i]))
            return true;
    return false;
}

/* NULL, or what is wrong with the word before an =. */
static const char *braces_on_key(struct braces *braces, char why[static SW_WHY_MAX])
{
    const struct word *word = &braces->words[0];
    if (braces->n_words > 1 && is_section(word)) {
        const struct word *last = &braces->words[braces->n_words - 1];
        snprintf(why, SW_WHY_MAX, "%.*s: a { is missing before %.*s", (int)word->len,
                 word->str, (int)last->len, last->str);
        return why;
    }
    for (size_t i = 0; braces->map_depth > 0 && i < braces->n_map; i++)
        if (braces->map[i].len == word->len &&
            memcmp(braces->map[i].str, word->str, word->len) == 0) {
            snprintf(why, SW_WHY_MAX, "%.*s stands twice in the map (remove one)",
                     (int)word->len, word->str);
            return why;
        }
    if (braces->map_depth > 0 && braces->n_map == MAP_WORDS_MAX)
        return "a map takes at most 100 words";
    if (braces->map_depth > 0 && braces->n_words > 0)
        braces->map[braces->n_map++] = *word;
    return NULL;
}

static void braces_on_word(struct braces *braces, const char *str, size_t len, int line)
{
    bool is_quoted = *str == '"' || *str == '\'';
    if (braces->takes_value) {
        braces->takes_value = false;
        braces->n_words = 0;
        return;
    }
    if (braces->n_words == 0)
        braces->words_line = line;
    if (braces->n_words == COUNT(braces->words))
        return;
    braces->words[braces->n_words++] =
        (struct word){str + is_quoted, len - (is_quoted ? 2 : 0)};
}

/* The sign or the word of len bytes at str, on that line. NULL, or what is wrong, in the
 * statement that began on braces->words_line. */
static const char *braces_on_piece(struct braces *braces, const char *str, size_t len,
                                   int line, char why[static SW_WHY_MAX])
{
    const char *fault = NULL;
    switch (*str) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        break;
    case '=':
        fault = braces_on_key(braces, why);
        braces->takes_value = true;
        break;
    case '{':
        if (braces->n_words == 1 && is_word(&braces->words[0], "map")) {
            braces->map_depth = braces->depth + 1;
            braces->n_map = 0;
        }
        if (braces->depth++ == 0)
            braces->open_line = line;
        braces->n_words = 0;
        break;
    case '}':
        if (braces->depth == braces->map_depth)
            braces->map_depth = 0;
        if (braces->depth > 0) /* else libconfuse says so */
            braces->depth--;
        braces->n_words = 0;
        braces->takes_value = false;
        break;
    default:
        braces_on_word(braces, str, len, line);
    }
    return fault;
}

/* False: something in the text is wrong, and was reported with its line. */
static bool prepare_text(char *text, size_t len)
{
    char why[SW_WHY_MAX];
    struct braces braces = {0};
    int line = 1;
    for (char *at = text, *end; at < text + len; at = end) {
        end = skip_piece(at, why); /* of a comment it makes blanks */
        const char *fault =
            end ? braces_on_piece(&braces, at, (size_t)(end - at), line, why) : why;
        if (fault) {
            config_error(parsing.why, parsing.path, end ? braces.words_line : line,
                         "%s", fault);
            return false;
        }
        for (; at < end; at++)
            line += *at == '\n';
    }
    if (braces.depth > 0)
        config_error(parsing.why, parsing.path, braces.open_line,
                     "this { is never closed");
    return braces.depth == 0;
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

int config_line(cfg_t *section, const char *key)
{
    const char *line = cfg_opt_getcomment(cfg_getopt(section, key));
    return line ? atoi(line) : 0;
}

/* Whether it is a regular file that we can read, and that is closed to those who must
 * not read it. */
static bool check_file(const char *name, unsigned closed_bits,
                       char why[static SW_WHY_MAX])
{
    char remedy[SW_WHY_MAX] = "", *path = config_resolve(parsing.folder, name);
    struct stat st = {0};
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    int r = fd < 0 || fstat(fd, &st) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (r == 0 && !S_ISREG(st.st_mode))
        snprintf(why, SW_WHY_MAX, "cannot read it: not a regular file");
    else if (r == 0 && (st.st_mode & closed_bits) != 0)
        snprintf(why, SW_WHY_MAX,
                 "others can read it (mode %04o): sudo chmod 600 %.80s",
                 (unsigned)st.st_mode & 07777, path);
    else if (r == 0)
        *why = '\0';
    else if (r == EACCES || r == EPERM) {
        /* A file that root owns must be given to the gateway, which must not run as
         * root. */
        bool is_others = stat(path, &st) == 0 && st.st_uid != 0;
        if (!is_others || !sw_permission_hint(path, remedy))
            sw_permission_grant(path, NULL, remedy);
        snprintf(why, SW_WHY_MAX, "cannot read it: %s: %.*s", strerror(r),
                 SW_WHY_MAX / 2, remedy);
    } else
        snprintf(why, SW_WHY_MAX, "cannot read it: %s", strerror(r));
    free(path);
    return *why == '\0';
}

static const struct config_key *find_key(cfg_t *cfg, const char *name)
{
    const struct config_section *const sections[] = {
        &config_root,   &config_broker, &config_web,    &config_keep,
        &config_backup, &config_notify, &config_source, &config_ask};
    for (size_t s = 0; s < COUNT(sections); s++)
        for (size_t i = 0; i < sections[s]->n; i++)
            if (strcmp(sections[s]->name, cfg_name(cfg)) == 0 &&
                strcmp(sections[s]->keys[i].name, name) == 0)
                return &sections[s]->keys[i];
    return NULL;
}

/* A key in quotes may name one of another section ("broker|uri"). */
static int check_value(cfg_t *cfg, cfg_opt_t *opt)
{
    char why[SW_WHY_MAX] = "";
    struct sw_plan plan = sw_plan_default();
    const char *value = cfg_opt_getnstr(opt, 0);
    const struct config_key *key = find_key(cfg, opt->name);
    bool is_plan = strcmp(cfg_name(cfg), "plan") == 0;
    if (!key && !is_plan) {
        config_report_unknown(cfg, opt->name);
        return -1;
    }
    if (!is_first(cfg, opt))
        return -1;
    if (is_plan) {
        if (sw_plan_set(&plan, opt->name, value, why))
            return 0;
    } else {
        const char *takes = key->check ? key->check(key, value) : NULL;
        bool must_read = key->kind == CONFIG_FILE && *value &&
                         parsing.reader == SW_CONFIG_OF_GATEWAY;
        if (takes)
            snprintf(why, sizeof why, "takes %s", takes);
        else if (!must_read || check_file(value, key->closed_bits, why))
            return 0;
    }
    cfg_error(cfg, "%s = \"%.60s\": %s", opt->name, value, why);
    return -1;
}

/* Called at the closing brace, as those below are: the section stands there once. */
static int check_once(cfg_t *cfg, cfg_opt_t *opt)
{
    return is_first(cfg, opt) ? 0 : -1;
}

/* Files for TLS would have no effect with a uri without, and nothing would be encrypted. */
static int check_broker(cfg_t *cfg, cfg_opt_t *opt)
{
    static const char *const keys[] = {"ca_file", "cert_file", "key_file"};
    cfg_t *broker = cfg_opt_getnsec(opt, 0);
    const char *uri = cfg_getstr(broker, "uri");
    bool is_tls = strncmp(uri, "mqtts:", 6) == 0 || strncmp(uri, "ssl:", 4) == 0;
    bool is_of_gateway = parsing.reader == SW_CONFIG_OF_GATEWAY;
    if (!is_first(cfg, opt))
        return -1;
    for (size_t i = 0; is_of_gateway && !is_tls && i < COUNT(keys); i++)
        if (*cfg_getstr(broker, keys[i])) {
            config_error(parsing.why, parsing.path, config_line(broker, keys[i]),
                         "%s is for TLS: write mqtts:// in uri, or leave it out",
                         keys[i]);
            return -1;
        }
    return 0;
}

/* Each value was checked at its line; here it is checked whether they go together. */
static int check_plan(cfg_t *cfg, cfg_opt_t *opt)
{
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
    int line = config_line(section, key);
    config_error(parsing.why, parsing.path, line > 0 ? line : cfg->line,
                 "%s = %s: change one of them, or set it to 0 for none", key, why);
    return -1;
}

/* Whether the section says it, by a pointer or by a column of that name. */
static bool has_key(cfg_t *source, const char *key)
{
    return cfg_getstr(source, key) ||
           config_has_column(cfg_getstr(source, "columns"), key);
}

/* Whether the value is a score of pain. */
static bool is_score(const char *value)
{
    char *end;
    double score = strtod(value, &end);
    return end != value && *end == '\0' && score >= 0 && score <= 10;
}

/* NULL, or what is wrong with the map, in which no word stands twice: see struct
 * braces. */
static const char *find_fault_of_map(cfg_t *source, char why[static SW_WHY_MAX])
{
    cfg_t *map = cfg_getsec(source, "map");
    for (unsigned i = 0; map && i < cfg_num(map); i++) {
        cfg_opt_t *opt = cfg_getnopt(map, i);
        const char *value = cfg_opt_name(opt) ? cfg_opt_getnstr(opt, 0) : NULL;
        if (!value)
            continue;
        if (!has_key(source, "score"))
            return "a map is of the words of a score";
        if (is_score(value))
            continue;
        snprintf(why, SW_WHY_MAX, "map: %.40s = \"%.40s\": takes a score, 0 to 10",
                 cfg_opt_name(opt), value);
        return why;
    }
    return NULL;
}

/* Keys that would have no effect beside the others. */
static const char *find_fault_of_idle_keys(cfg_t *source)
{
    static const char *const times[] = {"at", "start", "from", "date"};
    bool has_steps = has_key(source, "steps"), has_time = false;
    bool has_span = has_key(source, "from");
    for (size_t i = 0; i < COUNT(times); i++)
        has_time = has_time || has_key(source, times[i]);
    if (!has_time && cfg_getstr(source, "zone"))
        return "zone is for a time, and none is named";
    if (!has_time && strcmp(cfg_getstr(source, "unit"), "s") != 0)
        return "unit is for a time, and none is named";
    if (has_key(source, "seconds") && !has_steps)
        return "seconds are for steps";
    if (has_key(source, "seconds") && has_span)
        return "takes seconds, or from and to, not both";
    if (strcmp(cfg_getstr(source, "stamp"), "end") == 0 && (!has_steps || has_span))
        return "stamp = \"end\" is for steps with start or at";
    if (has_key(source, "worn") && !has_steps)
        return "worn is for steps";
    if (has_key(source, "battery") && has_key(source, "score"))
        return "a score has no battery";
    if (cfg_getstr(source, "columns") && cfg_getstr(source, "each") &&
        *cfg_getstr(source, "each"))
        return "takes columns, whose lines are the items, or each, not both";
    return NULL;
}

/* What is wrong with the keys that say when a reading was. */
static const char *find_fault_of_times(cfg_t *source)
{
    bool has_from = has_key(source, "from"), has_to = has_key(source, "to");
    bool has_start = has_key(source, "start"), has_at = has_key(source, "at");
    bool has_date = has_key(source, "date");
    if (has_date && !cfg_getstr(source, "zone"))
        return "a date needs a zone: UTC, site, or another one's name";
    if (has_from != has_to)
        return "from and to go together";
    if (has_from && has_start)
        return "takes start, or from and to, not both";
    if (has_key(source, "total") && (has_start || has_from))
        return "a total has no start, from or to: its time is at";
    if (has_key(source, "score") && (has_start || has_from))
        return "a score has no start, from or to: its time is at";
    if (has_at && (has_start || has_from))
        return "takes at, start, or from and to: one of them";
    if (has_key(source, "steps") && !has_at && !has_start && !has_from && !has_date)
        return "steps need a time: start, at, or from and to";
    if (has_key(source, "steps") && !has_at && !has_start && !has_from &&
        !has_key(source, "seconds"))
        return "a date alone needs seconds: 86400 for the day";
    return NULL;
}

/* What is wrong with the keys that say what is counted. */
static const char *find_fault_of_value(cfg_t *source)
{
    bool has_total = has_key(source, "total"), has_steps = has_key(source, "steps"),
         has_score = has_key(source, "score");
    bool is_pain = strcmp(cfg_getstr(source, "kind"), "pain") == 0;
    bool has_length = has_key(source, "seconds") || has_key(source, "from");
    if (is_pain && (!has_score || has_total || has_steps))
        return "pain needs a score, and neither total nor steps";
    if (!is_pain && has_score)
        return "a score needs kind = \"pain\"";
    if (!is_pain && has_total == has_steps)
        return "needs either total or steps";
    if (strcmp(cfg_getstr(source, "absent"), "zero") == 0 && !(has_steps && has_length))
        return "absent = \"zero\" needs steps that say their time: seconds, or from "
               "and "
               "to";
    return NULL;
}

static const char *find_fault(cfg_t *source, char why[static SW_WHY_MAX])
{
    const char *name = cfg_title(source), *topic = cfg_getstr(source, "topic");
    bool has_device = has_key(source, "device");
    cfg_t *ask = cfg_getsec(source, "ask");
    bool asks = ask && cfg_getstr(ask, "topic"),
         says = ask && cfg_getstr(ask, "payload");
    if (!sw_id_is_valid(name, strlen(name)))
        return "its name takes 1 to 36 of A-Z a-z 0-9 _ . -";
    if (!topic)
        return "needs a topic";
    if (strstr(topic, "{device}") && has_device)
        return "takes {device} in the topic, or a pointer to it, not both";
    if (!strstr(topic, "{device}") && !has_device && !strstr(topic, "{patient}"))
        return "needs {patient} or {device} in the topic, or a pointer to the device";
    bool has_pace = ask && config_line(ask, "every") > 0;
    if (asks != says || (has_pace && !asks))
        return "ask needs a topic and a payload";
    const char *fault = find_fault_of_value(source);
    if (!fault)
        fault = find_fault_of_map(source, why);
    if (!fault)
        fault = find_fault_of_times(source);
    return fault ? fault : find_fault_of_idle_keys(source);
}

static int check_source(cfg_t *cfg, cfg_opt_t *opt)
{
    cfg_t *source = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    char why[SW_WHY_MAX];
    const char *fault = cfg_opt_size(opt) > SW_SOURCES_MAX
                            ? "one source too many (over 64)"
                            : find_fault(source, why);
    if (!fault)
        return 0;
    cfg_error(cfg, "source %.40s: %s", cfg_title(source), fault);
    return -1;
}

/* ---- declaring ---- */

static size_t declare_keys(cfg_opt_t options[static KEYS_MAX],
                           const struct config_section *section)
{
    for (size_t i = 0; i < section->n; i++) {
        options[i] = (cfg_opt_t)CFG_STR(section->keys[i].name,
                                        section->keys[i].fallback, CFGF_NONE);
        options[i].validcb = check_value;
    }
    return section->n;
}

static cfg_t *declare(void)
{
    cfg_opt_t root[KEYS_MAX] = {0}, broker[KEYS_MAX] = {0}, source[KEYS_MAX] = {0},
              plan[KEYS_MAX] = {0}, ask[KEYS_MAX] = {0}, web[KEYS_MAX] = {0},
              keep[KEYS_MAX] = {0}, notify[KEYS_MAX] = {0}, backup[KEYS_MAX] = {0},
              map[1] = {0}; /* the last has no name */
    const cfg_flag_t many = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
    size_t n = declare_keys(root, &config_root);
    declare_keys(broker, &config_broker);
    declare_keys(web, &config_web);
    declare_keys(keep, &config_keep);
    declare_keys(notify, &config_notify);
    declare_keys(backup, &config_backup);
    size_t n_source = declare_keys(source, &config_source);
    declare_keys(ask, &config_ask);
    source[n_source++] = (cfg_opt_t)CFG_SEC("ask", ask, CFGF_NONE);
    source[n_source] = (cfg_opt_t)CFG_SEC("map", map, CFGF_KEYSTRVAL);
    for (size_t i = 0; sw_plan_field(i) && i < KEYS_MAX - 1; i++) {
        plan[i] = (cfg_opt_t)CFG_STR(sw_plan_field(i)->key, NULL, CFGF_NONE);
        plan[i].validcb = check_value;
    }
    root[n] = (cfg_opt_t)CFG_SEC("broker", broker, CFGF_NONE);
    root[n++].validcb = check_broker;
    root[n] = (cfg_opt_t)CFG_SEC("web", web, CFGF_NONE);
    root[n++].validcb = check_once;
    root[n] = (cfg_opt_t)CFG_SEC("keep", keep, CFGF_NONE);
    root[n++].validcb = check_once;
    root[n] = (cfg_opt_t)CFG_SEC("notify", notify, CFGF_NONE);
    root[n++].validcb = check_once;
    root[n] = (cfg_opt_t)CFG_SEC("backup", backup, CFGF_NONE);
    root[n++].validcb = check_once;
    root[n] = (cfg_opt_t)CFG_SEC("plan", plan, CFGF_NONE);
    root[n++].validcb = check_plan;
    root[n] = (cfg_opt_t)CFG_SEC("source", source, many);
    root[n++].validcb = check_source;
    return cfg_init(root, CFGF_NONE); /* copies them */
}

/* ---- parsing ---- */

char *config_resolve(const char *folder, const char *name)
{
    char *path = NULL;
    if (name[0] == '/' || name[0] == '\0')
        return strdup(name);
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

cfg_t *config_parse(char *text, size_t len, const char *path, const char *folder,
                    enum sw_config_reader reader, char why[static SW_WHY_MAX])
{
    parsing.path = path;
    parsing.folder = folder;
    parsing.reader = reader;
    parsing.why = why;
    why[0] = '\0';
    if (!prepare_text(text, len))
        return NULL;
    cfg_t *cfg = declare();
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
