/* source_fixture.h -- sources written as "steps=/s start=/t unit=ms", and payloads
 * decoded by them. What is left out is as the configuration leaves it.
 */
#ifndef SOURCE_FIXTURE_H
#define SOURCE_FIXTURE_H

#include "decode_fixture.h"

static inline char **source_text(struct sw_source *source, const char *key)
{
    const struct {
        const char *key;
        char **text;
    } texts[] = {
        {"topic", &source->topic},     {"total", &source->total},
        {"steps", &source->steps},     {"start", &source->start},
        {"from", &source->from},       {"to", &source->to},
        {"at", &source->at},           {"worn", &source->worn},
        {"battery", &source->battery}, {"columns", &source->columns},
        {"each", &source->each},       {"when", &source->when},
        {"score", &source->score},     {"device", &source->device},
        {"date", &source->date},       {"seconds", &source->seconds},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!key || strcmp(texts[i].key, key) == 0) {
            if (key)
                return texts[i].text;
            *texts[i].text = strdup("");
        }
    return NULL;
}

static inline void source_set(struct sw_source *source, const char *key,
                              const char *value)
{
    char **text = source_text(source, key);
    if (text) {
        free(*text);
        *text = strdup(value);
    } else if (strcmp(key, "unit") == 0) {
        source->unit = strcmp(value, "s") == 0    ? SW_UNIT_S
                       : strcmp(value, "ms") == 0 ? SW_UNIT_MS
                       : strcmp(value, "us") == 0 ? SW_UNIT_US
                                                  : SW_UNIT_NS;
    } else if (strcmp(key, "stamp") == 0) {
        source->stamp_end = strcmp(value, "end") == 0;
    } else if (strcmp(key, "absent") == 0) {
        source->absent_zero = strcmp(value, "zero") == 0;
    } else if (strcmp(key, "zone") == 0) {
        /* two hours before UTC, all year or until 2026-10-25T01:00Z, then one */
        static struct sw_zone_shift shifts[] = {{0, 7200}, {1792890000, 3600}};
        static struct sw_zone summer = {shifts, 1}, autumn = {shifts, 2};
        source->zone = strcmp(value, "autumn") == 0 ? &autumn : &summer;
    } else if (strcmp(key, "map") == 0) { /* map=single:3,double:6 */
        source->map = calloc(8, sizeof(*source->map));
        char *copy = strdup(value), *rest = copy;
        for (char *pair; (pair = strsep(&rest, ","));) {
            char *to = strchr(pair, ':');
            *to++ = '\0';
            source->map[source->n_map++] =
                (struct sw_mapping){strdup(pair), strdup(to)};
        }
        free(copy);
    } else {
        fail_msg("no key %s", key);
    }
    source->has_total = source->has_total || strcmp(key, "total") == 0;
    source->has_steps = source->has_steps || strcmp(key, "steps") == 0;
    source->has_score = source->has_score || strcmp(key, "score") == 0;
    source->has_each = source->has_each || strcmp(key, "each") == 0;
}

static inline void source_init(struct sw_source *source, const char *spec)
{
    char *copy = strdup(spec), *rest = copy;
    *source = (struct sw_source){0};
    source_text(source, NULL);
    for (char *word; (word = strsep(&rest, " "));) {
        char *value = strchr(word, '=');
        if (!value)
            continue;
        *value++ = '\0';
        source_set(source, word, value);
    }
    free(copy);
}

static inline void source_fini(struct sw_source *source)
{
    char *const texts[] = {
        source->topic,   source->total,   source->steps, source->start,
        source->from,    source->to,      source->at,    source->worn,
        source->battery, source->columns, source->each,  source->when,
        source->score,   source->device,  source->date,  source->seconds};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    for (size_t i = 0; i < source->n_map; i++) {
        free(source->map[i].from);
        free(source->map[i].to);
    }
    free(source->map);
}

static inline void decode_source(struct decoded *decoded,
                                 const struct sw_source *source, const char *payload,
                                 const struct sw_receipt *receipt,
                                 enum sw_value_state *ret_said)
{
    struct sw_origin origin = {.source = source};
    size_t len = strlen(payload);
    char *copy = malloc(len); /* exactly, so that a byte read beyond it is found */
    assert_true(copy || len == 0);
    if (len > 0)
        memcpy(copy, payload, len);
    strcpy(origin.device.str, "band");
    memset(decoded->why, '?', sizeof(decoded->why));
    decoded->refusal = sw_decode_source(&origin, copy, len, receipt, &decoded->samples,
                                        ret_said, decoded->why);
    assert_non_null(memchr(decoded->why, '\0', sizeof(decoded->why)));
    free(copy);
}

/* All of it: what is said, what is refused and why. */
static inline void check_source(const char *spec, const char *payload,
                                const struct sw_receipt *receipt,
                                enum sw_refusal refusal, const char *samples,
                                const char *why)
{
    struct sw_source source;
    struct decoded decoded = {0};
    enum sw_value_state said;
    char drawn[1000];
    source_init(&source, spec);
    decode_source(&decoded, &source, payload, receipt, &said);
    draw_samples(&decoded.samples, drawn, sizeof(drawn));
    if (decoded.refusal != (int)refusal || strcmp(drawn, samples) != 0)
        print_error("%s, %s: %s %s\n", spec, payload, drawn, decoded.why);
    assert_int_equal(decoded.refusal, refusal);
    assert_string_equal(drawn, samples);
    assert_string_equal(decoded.why, why);
    assert_int_equal(said, SW_VALUE_GIVEN);
    sw_samples_fini(&decoded.samples);
    source_fini(&source);
}

/* What is taken, and each refusal with the part of the message that it is about, joined
 * by newlines; taken by itself, each part is refused as it was. */
static inline void check_parts(const char *spec, const char *payload,
                               const char *samples, const char *refused)
{
    struct sw_source source;
    struct decoded decoded = {0}, again = {0};
    enum sw_value_state said;
    char drawn[1000], refusals[4000] = "", why[SW_WHY_MAX];
    source_init(&source, spec);
    decode_source(&decoded, &source, payload, &live, &said);
    draw_samples(&decoded.samples, drawn, sizeof(drawn));
    for (size_t i = 0, n = 0; i < decoded.samples.n_refused; i++) {
        const struct sw_refused_items *items = &decoded.samples.refused[i];
        char *part = sw_source_part(&source, payload, strlen(payload), items);
        sw_refused_why(items, why);
        n +=
            (size_t)snprintf(refusals + n, sizeof(refusals) - n, "%s%s %s %s",
                             i ? "\n" : "", sw_refusal_code(items->refusal), why, part);
        decode_source(&again, &source, part, &live, &said);
        assert_int_equal(again.samples.n, 0);
        assert_int_equal(again.samples.n_refused, 1);
        assert_int_equal(again.samples.n_items, items->n);
        assert_int_equal(again.samples.n_missed, 0);
        assert_int_equal(again.refusal, items->refusal);
        free(part);
    }
    assert_string_equal(drawn, samples);
    assert_string_equal(refusals, refused);
    sw_samples_fini(&decoded.samples);
    sw_samples_fini(&again.samples);
    source_fini(&source);
}

/* What is taken, from a message that arrived just now. */
static inline void check_taken(const char *spec, const char *payload,
                               const char *samples)
{
    check_source(spec, payload, &live, SW_ACCEPTED, samples, "");
}
static inline void check_refused(const char *spec, const char *payload,
                                 enum sw_refusal refusal, const char *why)
{
    check_source(spec, payload, &live, refusal, "", why);
}
/* Nothing is stored and nothing is refused. */
static inline void check_quiet(const char *spec, const char *payload,
                               enum sw_value_state said)
{
    struct sw_source source;
    struct decoded decoded = {0};
    enum sw_value_state really;
    source_init(&source, spec);
    decode_source(&decoded, &source, payload, &live, &really);
    assert_int_equal(decoded.refusal, SW_ACCEPTED);
    assert_int_equal(decoded.samples.n, 0);
    assert_string_equal(decoded.why, "");
    if (really != said)
        fail_msg("%s, %s: %d", spec, payload, really);
    sw_samples_fini(&decoded.samples);
    source_fini(&source);
}

#endif
