/* fuzz_adapter.c -- any template, topic, section and payload: ids are ids, what is
 * taken is in range, what is said to be no data leaves nothing, and no more items are
 * counted than there may be.
 *
 * The input is a line each for flags, template, topic, value's and time's pointers,
 * worn's and battery's, each, when, device, and columns or what the flags make of it;
 * the rest is the payload. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sw_receipt live = {
    .at_s = 1774779300, .oldest_s = 1000, .newest_s = 1774779900};

enum { LINES = 11 }; /* behind the flags */

struct input {
    const char *at, *end;
};

/* A line without its newline, as a text of its own. */
static char *take_line(struct input *input)
{
    size_t left = (size_t)(input->end - input->at);
    const char *newline = left ? memchr(input->at, '\n', left) : NULL;
    size_t len = newline ? (size_t)(newline - input->at) : left;
    char *line = calloc(1, len + 1);
    assert(line);
    if (len > 0)
        memcpy(line, input->at, len);
    input->at += newline ? len + 1 : len;
    return line;
}

static void check_sample(const struct sw_sample *sample)
{
    const char *device = sample->device.str;
    assert(sample->battery >= -1 && sample->battery <= 100);
    assert(device[0] == '\0' || sw_id_is_valid(device, strlen(device)));
    if (sample->kind == SW_SAMPLE_PAIN) {
        assert(sample->pain.score >= 0 && sample->pain.score <= 10);
        assert(sample->pain.at_s >= live.oldest_s);
        assert(sample->pain.at_s <= live.newest_s);
        return;
    }
    if (sample->kind == SW_SAMPLE_TOTAL) {
        assert(sample->total.total >= 0);
        assert(sample->total.at_s >= live.oldest_s);
        assert(sample->total.at_s <= live.newest_s);
        return;
    }
    const struct sw_reading *reading = &sample->reading;
    assert(reading->steps >= 0);
    assert(reading->seconds >= 1 && reading->seconds <= SW_READING_SECONDS_MAX);
    assert(!sw_is_implausible(reading->steps, reading->seconds));
    assert(reading->start_s >= live.oldest_s);
    assert(reading->start_s + reading->seconds <= live.newest_s);
}

static void check_origin(const struct sw_origin *origin)
{
    const char *patient = origin->patient.str, *device = origin->device.str;
    assert(patient[0] == '\0' || sw_id_is_valid(patient, strlen(patient)));
    assert(device[0] == '\0' || sw_id_is_valid(device, strlen(device)));
}

/* Taken by itself a part leaves nothing, and is refused for the same reason, unless it
 * became too long. The last part may hold what is right, too. */
static void check_part(const struct sw_origin *origin, const struct input *payload,
                       const struct sw_samples *whole, size_t i)
{
    const struct sw_refused_items *refused = &whole->refused[i];
    struct sw_samples samples = {0};
    char why[SW_WHY_MAX];
    enum sw_value_state said;
    if (refused->n == whole->n_items) /* it may be no message that can be read */
        return;
    char *part = sw_source_part(origin->source, payload->at,
                                (size_t)(payload->end - payload->at), refused);
    assert(part);
    int r = sw_decode_source(origin, part, strlen(part), &live, &samples, &said, why);
    bool is_last = i + 1 == SW_REFUSED_ITEMS_MAX, is_too_long = r == SW_REFUSED_SIZE;
    assert(is_last || samples.n == 0);
    assert(is_last || is_too_long || r == (int)refused->refusal);
    assert(is_last || is_too_long || samples.n_items == refused->n);
    free(part);
    sw_samples_fini(&samples);
}

static void check_decoding(const struct sw_origin *origin, const struct input *payload)
{
    struct sw_samples samples = {0};
    char why[SW_WHY_MAX];
    enum sw_value_state said;
    memset(why, '?', sizeof(why));
    int r = sw_decode_source(origin, payload->at, (size_t)(payload->end - payload->at),
                             &live, &samples, &said, why);
    assert(r >= 0 && memchr(why, '\0', sizeof(why)));
    assert((why[0] != '\0') == (r > 0));
    assert(said == SW_VALUE_GIVEN || (r == SW_ACCEPTED && samples.n == 0));
    assert(samples.n_seen <= 8192 && samples.n_missed <= samples.n_seen);
    assert((samples.n_refused > 0) == (r > 0));
    int32_t n_items = (int32_t)samples.n;
    for (size_t i = 0; i < samples.n; i++)
        check_sample(&samples.items[i]);
    for (size_t i = 0; i < samples.n_refused; i++) {
        n_items += samples.refused[i].n;
        check_part(origin, payload, &samples, i);
    }
    assert(n_items == samples.n_items);
    sw_samples_fini(&samples);
}

static void check_topic(const struct sw_source *source, const char *topic,
                        struct sw_origin *origin)
{
    struct sw_adapters *adapters;
    sw_topic_text filter;
    int r = sw_adapters_new(&adapters, source, 1);
    assert(r == 0);
    if (sw_adapters_match(adapters, topic, strlen(topic), origin) == SW_MATCH_SOURCE)
        check_origin(origin);
    bool is_there = sw_adapters_filter(adapters, 0, filter);
    assert(is_there && memchr(filter, '\0', sizeof(filter)));
    sw_adapters_free(adapters);
}

/* The section that the lines and the flags describe. */
static struct sw_source section_of(const char *flags, char *const *lines)
{
    static char none[] = "", day[] = "86400", from[] = "single", to[] = "3";
    static struct sw_mapping map = {from, to};
    static struct sw_zone_shift shift = {0, 3600};
    static struct sw_zone zone = {&shift, 1};
    char *value = lines[2], *time = lines[3], *other_time = lines[4], *more = lines[10];
    bool has_at = strchr(flags, 'a'), has_span = strchr(flags, 'f');
    struct sw_source source = {
        .topic = lines[0],
        .each = lines[7],
        .has_each = strchr(flags, 'E'),
        .when = lines[8],
        .device = lines[9],
        .total = value,
        .steps = value,
        .score = value,
        .has_score = strchr(flags, 'k'),
        .has_total = strchr(flags, 't'),
        .start = has_at ? none : time,
        .at = has_at ? time : none,
        .from = has_span ? time : none,
        .to = has_span ? other_time : none,
        .worn = lines[5],
        .battery = lines[6],
        .unit = strchr(flags, 'm') ? SW_UNIT_MS : SW_UNIT_S,
        .stamp_end = strchr(flags, 'e') != NULL,
        .absent_zero = strchr(flags, 'z') != NULL,
        .columns = strchr(flags, 'c') ? more : none,
        .date = strchr(flags, 'd') ? more : none,
        .seconds = strchr(flags, 'p')   ? more
                   : strchr(flags, 's') ? day
                                        : none,
        .zone = strchr(flags, 'Z') ? &zone : NULL,
        .map = &map,
        .n_map = strchr(flags, 'M') ? 1 : 0,
    };
    source.has_total = source.has_total && !source.has_score;
    source.has_steps = !source.has_total && !source.has_score;
    source.kind = source.has_score ? SW_SOURCE_PAIN : SW_SOURCE_STEPS;
    return source;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {(const char *)data, (const char *)data + size};
    char *flags = take_line(&input), *lines[LINES];
    for (size_t i = 0; i < LINES; i++)
        lines[i] = take_line(&input);
    struct sw_source source = section_of(flags, lines);
    struct sw_origin origin = {.source = &source};
    check_topic(&source, lines[1], &origin);
    check_decoding(&origin, &input);
    for (size_t i = 0; i < LINES; i++)
        free(lines[i]);
    free(flags);
    return 0;
}
