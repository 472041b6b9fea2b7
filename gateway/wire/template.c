/* template.c -- topic templates: taken apart once, then held against topics, which may
 * hold any bytes. What may stand in a hole is adapter.c's business. */
#include "wire/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/line.h"

static const struct {
    const char *word;
    enum sw_hole hole;
} words[] = {{"{patient}", SW_HOLE_PATIENT}, {"{device}", SW_HOLE_DEVICE}};

/* The first hole of a level of len bytes. */
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

static size_t count_levels(const char *text)
{
    size_t n = 1;
    for (; *text; text++)
        n += *text == '/';
    return n;
}

int sw_template_init(struct sw_template *ret, const char *text)
{
    struct sw_template template = {.n_levels = count_levels(text)};
    template.text = strdup(text);
    template.levels = calloc(template.n_levels, sizeof(*template.levels));
    if (!template.text || !template.levels) {
        sw_template_fini(&template);
        return -ENOMEM;
    }
    const char *at = template.text;
    for (size_t i = 0; i < template.n_levels; i++) {
        size_t len = strcspn(at, "/");
        template.levels[i] = take_apart(at, len);
        at += len + 1;
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

static bool fits_text(const struct sw_level *level, const char *str, size_t len)
{
    return len == level->before_len && memcmp(str, level->before, len) == 0;
}

static bool fits_around(const struct sw_level *level, const char *str, size_t len)
{
    return len > level->before_len + level->after_len &&
           memcmp(str, level->before, level->before_len) == 0 &&
           memcmp(str + len - level->after_len, level->after, level->after_len) == 0;
}

/* What the level of a topic is to the level of a template. */
static enum sw_match match_level(const struct sw_level *level, const char *str,
                                 size_t len, struct sw_filling *fillings)
{
    if (level->hole == SW_HOLE_NONE)
        return fits_text(level, str, len) ? SW_MATCH_SOURCE : SW_MATCH_NONE;
    if (level->hole == SW_HOLE_ANY)
        return SW_MATCH_SOURCE;
    if (!fits_around(level, str, len))
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
