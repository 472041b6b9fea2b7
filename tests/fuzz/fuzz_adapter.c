/* fuzz_adapter.c -- any template, topic, pointers and payload: ids are ids, what is
 * taken is in range, and what is said to be no data leaves nothing.
 *
 * The input is a line each for flags, template, topic, value's and time's pointers,
 * worn's and battery's; the rest is the payload. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sw_receipt live = {
    .at_s = 1774779300, .oldest_s = 1000, .newest_s = 1774779900};

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
    assert(sample->battery >= -1 && sample->battery <= 100);
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
    for (size_t i = 0; i < samples.n; i++)
        check_sample(&samples.items[i]);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {(const char *)data, (const char *)data + size};
    char *flags = take_line(&input), *template = take_line(&input);
    char *topic = take_line(&input), *value = take_line(&input);
    char *time = take_line(&input), *other_time = take_line(&input);
    char *worn = take_line(&input), *battery = take_line(&input);
    char none[] = "", day[] = "86400";
    bool has_span = strchr(flags, 'f');
    struct sw_source source = {.topic = template,
                               .total = value,
                               .steps = value,
                               .has_total = strchr(flags, 't'),
                               .start = strchr(flags, 'a') ? none : time,
                               .at = strchr(flags, 'a') ? time : none,
                               .from = has_span ? time : none,
                               .to = has_span ? other_time : none,
                               .worn = worn,
                               .battery = battery,
                               .unit = strchr(flags, 'm') ? SW_UNIT_MS : SW_UNIT_S,
                               .stamp_end = strchr(flags, 'e') != NULL,
                               .seconds = strchr(flags, 's') ? day : none};
    source.has_steps = !source.has_total;
    struct sw_origin origin = {.source = &source};
    check_topic(&source, topic, &origin);
    check_decoding(&origin, &input);
    char *const lines[] = {flags, template,   topic, value,
                           time,  other_time, worn,  battery};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        free(lines[i]);
    return 0;
}
