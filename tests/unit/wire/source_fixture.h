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
        {"battery", &source->battery},
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
        source->unit_ms = strcmp(value, "ms") == 0;
    } else if (strcmp(key, "stamp") == 0) {
        source->stamp_end = strcmp(value, "end") == 0;
    } else if (strcmp(key, "seconds") == 0) {
        source->seconds = atoi(value);
    } else {
        fail_msg("no key %s", key);
    }
    source->has_total = source->has_total || strcmp(key, "total") == 0;
    source->has_steps = source->has_steps || strcmp(key, "steps") == 0;
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
    char *const texts[] = {source->topic, source->total, source->steps,
                           source->start, source->from,  source->to,
                           source->at,    source->worn,  source->battery};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
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
