/* adapter.c -- which source a topic belongs to, and whose reading it is.
 *
 * Templates of topics are taken apart once and then held against topics, which may hold
 * any bytes. Payloads are translate.c's business. */
#include "wire/adapter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/line.h"

/* ---- templates ---- */

static const struct {
    const char *word;
    enum sw_hole hole;
} words[] = {{"{patient}", SW_HOLE_PATIENT}, {"{device}", SW_HOLE_DEVICE}};

/* Split a level of len bytes at its first hole. */
static struct sw_level take_apart(const char *str, size_t len)
{
    struct sw_level level = {.before = str, .before_len = len, .after = str + len};
    bool is_plus = len == 1 && *str == '+';
    if (is_plus)
        return (struct sw_level){.before = str, .after = str, .hole = SW_HOLE_ANY};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t word_len = strlen(words[i].word);
        const char *at = memmem(str, level.before_len, words[i].word, word_len);
        if (!at)
            continue;
        level.before_len = (size_t)(at - str);
        level.after = at + word_len;
        level.after_len = len - level.before_len - word_len;
        level.hole = words[i].hole;
    }
    return level;
}

int sw_template_init(struct sw_template *ret, const char *text)
{
    struct sw_template template = {.n_levels = 1};
    for (const char *at = text; *at; at++)
        template.n_levels += *at == '/';
    template.text = strdup(text);
    template.levels = calloc(template.n_levels, sizeof(*template.levels));
    if (!template.text || !template.levels) {
        sw_template_fini(&template);
        return -ENOMEM;
    }
    const char *level = template.text;
    for (size_t i = 0; i < template.n_levels; i++) {
        size_t len = strcspn(level, "/");
        template.levels[i] = take_apart(level, len);
        level += len + 1;
    }
    *ret = template;
    return 0;
}

void sw_template_fini(struct sw_template *template)
{
    free(template->text);
    free(template->levels);
    *template = (struct sw_template){0};
}

void sw_template_filter(const struct sw_template *template, sw_topic_text out)
{
    struct sw_line filter = sw_line(out, SW_TOPIC_MAX);
    for (size_t i = 0; i < template->n_levels; i++) {
        const struct sw_level *level = &template->levels[i];
        bool has_hole = level->hole != SW_HOLE_NONE;
        sw_line_add(&filter, "%s%.*s", i > 0 ? "/" : "",
                    has_hole ? 1 : (int)level->before_len,
                    has_hole ? "+" : level->before);
    }
}

/* How the level of a topic fits the level of a template. */
static enum sw_match match_level(const struct sw_level *level, const char *str,
                                 size_t len, struct sw_filling *fillings)
{
    if (level->hole == SW_HOLE_NONE)
        return len == level->before_len && memcmp(str, level->before, len) == 0
                   ? SW_MATCH_SOURCE
                   : SW_MATCH_NONE;
    if (level->hole == SW_HOLE_ANY)
        return SW_MATCH_SOURCE;
    bool fits_around =
        len > level->before_len + level->after_len &&
        memcmp(str, level->before, level->before_len) == 0 &&
        memcmp(str + len - level->after_len, level->after, level->after_len) == 0;
    if (!fits_around)
        return SW_MATCH_STRAY;
    fillings[level->hole] = (struct sw_filling){
        str + level->before_len, len - level->before_len - level->after_len};
    return SW_MATCH_SOURCE;
}

enum sw_match sw_template_match(const struct sw_template *template, const char *topic,
                                size_t len, struct sw_filling ret[static SW_HOLES])
{
    struct sw_filling fillings[SW_HOLES] = {{0}};
    enum sw_match result = SW_MATCH_SOURCE;
    const char *at = topic, *end = topic + len;
    if (len == 0) /* and topic may be NULL */
        return SW_MATCH_NONE;
    for (size_t i = 0; i < template->n_levels; i++) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *level_end = slash ? slash : end;
        bool is_last = i + 1 == template->n_levels;
        enum sw_match match =
            match_level(&template->levels[i], at, (size_t)(level_end - at), fillings);
        if (match == SW_MATCH_NONE || is_last != !slash)
            return SW_MATCH_NONE;
        if (match == SW_MATCH_STRAY)
            result = SW_MATCH_STRAY;
        at = slash ? slash + 1 : end;
    }
    if (result == SW_MATCH_SOURCE)
        memcpy(ret, fillings, sizeof(fillings));
    return result;
}

/* ---- sources ---- */

struct adapter {
    const struct sw_source *source;
    struct sw_template template;
};
struct sw_adapters {
    struct adapter *items;
    size_t n;
};

int sw_adapters_new(struct sw_adapters **ret, const struct sw_source *sources, size_t n)
{
    struct sw_adapters *adapters = calloc(1, sizeof(*adapters));
    if (!adapters)
        return -ENOMEM;
    adapters->items = calloc(n ? n : 1, sizeof(*adapters->items));
    int r = adapters->items ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct adapter *adapter = &adapters->items[adapters->n++];
        adapter->source = &sources[i];
        r = sw_template_init(&adapter->template, sources[i].topic);
    }
    if (r < 0) {
        sw_adapters_free(adapters);
        return r;
    }
    *ret = adapters;
    return 0;
}

void sw_adapters_free(struct sw_adapters *adapters)
{
    if (!adapters)
        return;
    for (size_t i = 0; i < adapters->n; i++)
        sw_template_fini(&adapters->items[i].template);
    free(adapters->items);
    free(adapters);
}

bool sw_adapters_filter(const struct sw_adapters *adapters, size_t i, sw_topic_text out)
{
    if (i >= adapters->n)
        return false;
    sw_template_filter(&adapters->items[i].template, out);
    return true;
}

/* False if what stands there makes no id. */
static bool adapter_take_id(const struct sw_filling *filling,
                            char out[static SW_ID_MAX + 1])
{
    if (!filling->str)
        return true;
    return sw_id_make(filling->str, filling->len, out);
}

static struct sw_origin origin_of(const struct adapter *adapter,
                                  const struct sw_filling fillings[static SW_HOLES])
{
    struct sw_origin origin = {.source = adapter->source};
    if (!adapter_take_id(&fillings[SW_HOLE_DEVICE], origin.device.str))
        origin.invalid = "{device}";
    if (!adapter_take_id(&fillings[SW_HOLE_PATIENT], origin.patient.str))
        origin.invalid = "{patient}";
    return origin;
}

enum sw_match sw_adapters_match(const struct sw_adapters *adapters, const char *topic,
                                size_t len, struct sw_origin *ret)
{
    struct sw_filling fillings[SW_HOLES];
    enum sw_match best = SW_MATCH_NONE;
    for (size_t i = 0; i < adapters->n; i++) {
        const struct adapter *adapter = &adapters->items[i];
        enum sw_match match =
            sw_template_match(&adapter->template, topic, len, fillings);
        if (match == SW_MATCH_SOURCE) {
            *ret = origin_of(adapter, fillings);
            return match;
        }
        if (match == SW_MATCH_STRAY)
            best = match;
    }
    return best;
}

bool sw_adapters_next(const struct sw_adapters *adapters, struct sw_origin *origin)
{
    const struct sw_source *source = origin->source;
    const struct adapter *end = adapters->items + adapters->n;
    for (const struct adapter *adapter = adapters->items; adapter < end; adapter++)
        if (adapter->source > source &&
            strcmp(adapter->source->topic, source->topic) == 0) {
            origin->source = adapter->source;
            return true;
        }
    return false;
}
