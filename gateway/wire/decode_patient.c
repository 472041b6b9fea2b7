/* decode_patient.c -- what a patient's step counter and app send, and a line of a
 * recording of it.
 *
 * A message of steps is right in its shape as a whole, or nothing of it is taken. A
 * reading that is implausible, too old or in the future is left out alone. fields.c
 * reads the fields and names their places; translate.c makes a native payload of
 * others. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "wire/decode_patient.h"
#include "wire/fields.h"
#include "wire/json.h"

enum {
    COUNT_TEXT_MAX = 48, /* "65536 of 65536 readings: " */
};
static const double SCORE_MAX = 10;                /* of the numeric rating scale */
static const int64_t TOTAL_MAX = (int64_t)1 << 53; /* beyond, JSON numbers have gaps */

/* A message on its way through the decoder. */
struct message {
    const struct sw_receipt *receipt;
    struct sw_samples *out;
    size_t n_readings, n_refused;
    enum sw_refusal first; /* the first refusal of a single reading, and why */
    char first_why[SW_WHY_MAX - COUNT_TEXT_MAX];
};

/* What an object says about all its readings. */
struct shared {
    struct sw_device_id device;
    int8_t battery;
    int32_t seconds;
    bool worn;
};

void sw_samples_fini(struct sw_samples *samples)
{
    free(samples->items);
    *samples = (struct sw_samples){0};
}

static enum sw_refusal push(struct sw_samples *samples, const struct sw_sample *sample)
{
    if (GROW(samples->items, samples->n, samples->cap) < 0)
        return SW_OUT_OF_MEMORY;
    samples->items[samples->n++] = *sample;
    return SW_ACCEPTED;
}

__attribute__((format(printf, 6, 7))) static void
refuse_alone(struct message *message, enum sw_refusal refusal,
             const struct sw_fields *fields, const char *name, int32_t item,
             const char *format, ...)
{
    char place[SW_PLACE_MAX], what[sizeof(message->first_why) - SW_PLACE_MAX];
    if (message->n_refused++ > 0)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    sw_field_place(fields, name, item, place);
    snprintf(message->first_why, sizeof(message->first_why), "%s%s", place, what);
    message->first = refusal;
}

/* False, and the reading is refused, if it starts before max_age or ends after
 * max_future. */
static bool is_timely(struct message *message, const struct sw_fields *fields,
                      const char *name, int32_t item, int64_t from_s, int64_t to_s)
{
    char text[SW_INSTANT_LEN + 1];
    if (from_s < message->receipt->oldest_s) {
        sw_instant_format(from_s, text);
        refuse_alone(message, SW_REFUSED_TOO_OLD, fields, name, item, "%s is too old",
                     text);
        return false;
    }
    if (to_s > message->receipt->newest_s) {
        sw_instant_format(to_s, text);
        refuse_alone(message, SW_REFUSED_FUTURE, fields, name, item,
                     "%s is in the future", text);
        return false;
    }
    return true;
}

/* A device that sends "the day" before it is over cannot know the rest of it. */
static int32_t known_seconds(const struct sw_receipt *receipt, int64_t start_s,
                             int32_t seconds)
{
    bool is_under_way = start_s < receipt->at_s && start_s + seconds > receipt->cut_s;
    return receipt->cut_s != 0 && is_under_way ? (int32_t)(receipt->at_s - start_s)
                                               : seconds;
}

static enum sw_refusal decode_patient_take_reading(struct message *message,
                                                   const struct sw_fields *fields,
                                                   const struct shared *shared,
                                                   int32_t item, int64_t start_s,
                                                   double steps)
{
    bool fits = steps <= INT32_MAX;
    int32_t seconds = known_seconds(message->receipt, start_s, shared->seconds);
    message->n_readings++;
    if (!fits || sw_is_implausible((int64_t)steps, seconds)) {
        refuse_alone(message, SW_REFUSED_IMPLAUSIBLE, fields, "steps", item,
                     "%.15g steps in %" PRId32 " s is implausible", steps, seconds);
        return SW_ACCEPTED;
    }
    const char *name = item < 0 ? "start" : "steps";
    if (!is_timely(message, fields, name, item, start_s, start_s + seconds))
        return SW_ACCEPTED;
    struct sw_sample sample = {
        .device = shared->device,
        .kind = SW_SAMPLE_READING,
        .battery = shared->battery,
        .reading = {start_s, seconds, (int32_t)steps, shared->worn},
    };
    return push(message->out, &sample);
}

static bool is_steps(const struct sw_fields *fields, const cJSON *value, int32_t item)
{
    if (!sw_is_whole(value))
        return sw_field_wrong(fields, "steps", item, value, "a whole number");
    if (value->valuedouble < 0)
        return sw_field_wrong(fields, "steps", item, value, "0 or more");
    return true;
}

static bool is_batch(const struct sw_fields *fields, const cJSON *steps)
{
    int32_t n = 0;
    for (const cJSON *item = steps->child; item; item = item->next, n++)
        if (!cJSON_IsNull(item) && !is_steps(fields, item, n))
            return false;
    if (n >= 1 && n <= SW_BATCH_ITEMS_MAX)
        return true;
    char place[SW_PLACE_MAX];
    sw_field_place(fields, "steps", -1, place);
    snprintf(fields->why, SW_WHY_MAX, "%s%" PRId32 " items, not 1..%d", place, n,
             SW_BATCH_ITEMS_MAX);
    return false;
}

static enum sw_refusal lacks_time(const struct sw_fields *fields, const char *what)
{
    char place[SW_PLACE_MAX];
    sw_field_place(fields, "", -1, place);
    snprintf(fields->why, SW_WHY_MAX, "%s%s", place, what);
    return SW_REFUSED_NO_TIME;
}

static enum sw_refusal steps_take_batch(struct message *message,
                                        const struct sw_fields *fields,
                                        const struct shared *shared, int64_t start_s,
                                        const cJSON *steps)
{
    int32_t n = 0;
    for (const cJSON *item = steps->child; item; item = item->next, n++) {
        int64_t at_s = start_s + (int64_t)n * shared->seconds;
        if (cJSON_IsNull(item))
            continue;
        enum sw_refusal r = decode_patient_take_reading(message, fields, shared, n,
                                                        at_s, item->valuedouble);
        if (r < 0)
            return r;
    }
    return SW_ACCEPTED;
}

static enum sw_refusal take_interval(struct message *message,
                                     const struct sw_fields *fields,
                                     const struct shared *shared, const cJSON *steps)
{
    int64_t start_s = 0;
    bool is_array = cJSON_IsArray(steps);
    bool is_right = is_array ? is_batch(fields, steps) : is_steps(fields, steps, -1);
    if (!is_right || !sw_field_time(fields, "start", &start_s))
        return SW_REFUSED_SHAPE;
    if (!sw_field(fields, "start"))
        return lacks_time(fields, "steps without a start");
    if (is_array)
        return steps_take_batch(message, fields, shared, start_s, steps);
    return decode_patient_take_reading(message, fields, shared, -1, start_s,
                                       steps->valuedouble);
}

static enum sw_refusal take_total(struct message *message,
                                  const struct sw_fields *fields,
                                  const struct shared *shared)
{
    struct sw_sample sample = {
        .device = shared->device,
        .kind = SW_SAMPLE_TOTAL,
        .battery = shared->battery,
        .total = {.at_s = message->receipt->at_s},
    };
    bool has_time = sw_field(fields, "at") != NULL;
    bool by_receipt = false; /* as an export has it */
    if (!sw_field_whole(fields, "total", 0, TOTAL_MAX, &sample.total.total) ||
        !sw_field_time(fields, "at", &sample.total.at_s) ||
        !sw_field_bool(fields, "by_receipt", &by_receipt))
        return SW_REFUSED_SHAPE;
    if (!has_time && message->receipt->retained)
        return lacks_time(fields, "a retained total does not say when it was");
    sample.total.stamp = !has_time    ? message->receipt->stamp
                         : by_receipt ? SW_STAMP_UNSURE
                                      : SW_STAMP_OWN;
    message->n_readings++;
    int64_t at_s = sample.total.at_s;
    if (!is_timely(message, fields, "at", -1, at_s, at_s))
        return SW_ACCEPTED;
    return push(message->out, &sample);
}

/* These are checked on every object, even where they mean nothing (`worn` on a
 * counter). */
static bool read_shared(const struct sw_fields *fields, struct shared *ret)
{
    int64_t seconds = SW_DEFAULT_SECONDS;
    double battery = -1;
    *ret = (struct shared){.worn = true};
    if (!sw_field_id(fields, "device", ret->device.str) ||
        !sw_field_whole(fields, "seconds", 1, SW_READING_SECONDS_MAX, &seconds) ||
        !sw_field_bool(fields, "worn", &ret->worn) ||
        !sw_field_number(fields, "battery", 0, 100, &battery))
        return false;
    ret->seconds = (int32_t)seconds;
    ret->battery = (int8_t)battery;
    return true;
}

static enum sw_refusal take_object(struct message *message, const cJSON *object,
                                   int32_t index, char *why)
{
    struct sw_fields fields = {.object = object, .index = index, .why = why};
    struct shared shared;
    if (!cJSON_IsObject(object)) {
        sw_field_wrong(&fields, "", -1, object, "an object");
        return SW_REFUSED_SHAPE;
    }
    const cJSON *steps = sw_field(&fields, "steps");
    const cJSON *total = sw_field(&fields, "total");
    if (!steps == !total) {
        char place[SW_PLACE_MAX];
        sw_field_place(&fields, "", -1, place);
        snprintf(why, SW_WHY_MAX, "%s%s steps %s total", place,
                 steps ? "both" : "neither", steps ? "and" : "nor");
        return SW_REFUSED_SHAPE;
    }
    if (!read_shared(&fields, &shared))
        return SW_REFUSED_SHAPE;
    return steps ? take_interval(message, &fields, &shared, steps)
                 : take_total(message, &fields, &shared);
}

static enum sw_refusal take_message(struct message *message, const cJSON *root,
                                    char *why)
{
    enum sw_refusal r = SW_ACCEPTED;
    int32_t n = 0;
    if (!cJSON_IsArray(root))
        return take_object(message, root, -1, why);
    if (!root->child) {
        snprintf(why, SW_WHY_MAX, "an empty array");
        return SW_REFUSED_SHAPE;
    }
    for (const cJSON *object = root->child; object && r == SW_ACCEPTED;
         object = object->next)
        r = take_object(message, object, n++, why);
    return r;
}

/* The refusal of the first reading that was left out, if any. */
static enum sw_refusal sum_up(const struct message *message,
                              char why[static SW_WHY_MAX])
{
    if (message->n_refused == 0)
        return SW_ACCEPTED;
    if (message->n_readings == 1)
        snprintf(why, SW_WHY_MAX, "%s", message->first_why);
    else
        snprintf(why, SW_WHY_MAX, "%zu of %zu readings: %s", message->n_refused,
                 message->n_readings, message->first_why);
    return message->first;
}

enum sw_refusal sw_decode_steps_json(const cJSON *root,
                                     const struct sw_receipt *receipt,
                                     struct sw_samples *out,
                                     char why[static SW_WHY_MAX])
{
    struct message message = {.receipt = receipt, .out = out};
    out->n = 0;
    enum sw_refusal r = take_message(&message, root, why);
    if (r == SW_ACCEPTED)
        return sum_up(&message, why);
    out->n = 0;
    return r;
}

enum sw_refusal sw_decode_steps(const char *payload, size_t len,
                                const struct sw_receipt *receipt,
                                struct sw_samples *out, char why[static SW_WHY_MAX])
{
    cJSON *root = NULL;
    why[0] = '\0';
    out->n = 0;
    enum sw_refusal r = sw_json_parse(payload, len, &root, why);
    if (r == SW_ACCEPTED)
        r = sw_decode_steps_json(root, receipt, out, why);
    cJSON_Delete(root);
    return r;
}

/* ---- a score of pain ---- */

static enum sw_refusal judge_time(int64_t at_s, const struct sw_receipt *receipt,
                                  char *why)
{
    bool is_too_old = at_s < receipt->oldest_s;
    if (!is_too_old && at_s <= receipt->newest_s)
        return SW_ACCEPTED;
    char text[SW_INSTANT_LEN + 1];
    sw_instant_format(at_s, text);
    snprintf(why, SW_WHY_MAX, "at: %s is %s", text,
             is_too_old ? "too old" : "in the future");
    return is_too_old ? SW_REFUSED_TOO_OLD : SW_REFUSED_FUTURE;
}

static enum sw_refusal read_pain(const struct sw_fields *fields,
                                 const struct sw_receipt *receipt, struct sw_pain *ret)
{
    if (cJSON_IsArray(fields->object)) {
        snprintf(fields->why, SW_WHY_MAX, "an array: publish each score by itself");
        return SW_REFUSED_SHAPE;
    }
    if (!cJSON_IsObject(fields->object)) {
        sw_field_wrong(fields, "", -1, fields->object, "an object");
        return SW_REFUSED_SHAPE;
    }
    if (!sw_field(fields, "score")) {
        snprintf(fields->why, SW_WHY_MAX, "no score");
        return SW_REFUSED_SHAPE;
    }
    ret->at_s = receipt->at_s;
    if (!sw_field_number(fields, "score", 0, SCORE_MAX, &ret->score) ||
        !sw_field_time(fields, "at", &ret->at_s) ||
        !sw_field_bool(fields, "flare", &ret->flare))
        return SW_REFUSED_SHAPE;
    bool has_time = sw_field(fields, "at") != NULL;
    ret->stamp = has_time ? SW_STAMP_OWN : receipt->stamp;
    if (!has_time && receipt->retained) {
        snprintf(fields->why, SW_WHY_MAX, "a retained score does not say when it was");
        return SW_REFUSED_NO_TIME;
    }
    return judge_time(ret->at_s, receipt, fields->why);
}

enum sw_refusal sw_decode_pain(const char *payload, size_t len,
                               const struct sw_receipt *receipt,
                               struct sw_pain *ret_pain, char why[static SW_WHY_MAX])
{
    struct sw_pain pain = {0};
    cJSON *root = NULL;
    why[0] = '\0';
    enum sw_refusal r = sw_json_parse(payload, len, &root, why);
    if (r == SW_ACCEPTED) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        r = read_pain(&fields, receipt, &pain);
    }
    if (r == SW_ACCEPTED)
        *ret_pain = pain;
    cJSON_Delete(root);
    return r;
}

/* ---- a line of a recording: who, when, and the payload as it came ---- */

static enum sw_refusal read_fields(const cJSON *json, struct sw_recorded *ret,
                                   char *why)
{
    struct sw_fields fields = {.object = json, .index = -1, .why = why};
    const cJSON *payload = sw_field(&fields, "payload");
    ret->received_s = 0;
    if (!cJSON_IsObject(json)) {
        snprintf(why, SW_WHY_MAX, "a line is one JSON object");
        return SW_REFUSED_SHAPE;
    }
    bool is_well = sw_field_id(&fields, "patient", ret->patient.str) &&
                   sw_field_time(&fields, "received", &ret->received_s);
    if (!is_well)
        return SW_REFUSED_SHAPE;
    if (!*ret->patient.str || !payload) {
        snprintf(why, SW_WHY_MAX, "a line has a patient and a payload");
        return SW_REFUSED_SHAPE;
    }
    ret->has_received = sw_field(&fields, "received") != NULL;
    ret->is_pain = cJSON_GetObjectItemCaseSensitive(payload, "score") != NULL;
    ret->payload = cJSON_PrintUnformatted(payload);
    return ret->payload ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

enum sw_refusal sw_decode_recorded(const char *line, size_t len,
                                   struct sw_recorded *ret, char why[static SW_WHY_MAX])
{
    cJSON *json = NULL;
    *ret = (struct sw_recorded){.payload = NULL};
    enum sw_refusal r = sw_json_parse(line, len, &json, why);
    if (r != SW_ACCEPTED)
        return r;
    r = read_fields(json, ret, why);
    cJSON_Delete(json);
    return r;
}
