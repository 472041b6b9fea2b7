/* decode_patient.c -- what a patient's step counter and app send, and a line of a
 * recording of it.
 *
 * What is right in a message is taken; what is wrong is refused by itself, and with its
 * place. fields.c reads the fields and names their places; translate.c makes a native
 * payload of others. */
#include <inttypes.h>
#include <math.h>
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

enum { MISDATED_MAX = SW_INSTANT_LEN + SW_APART_TEXT_MAX + 32 };
static const double SCORE_MAX = 10;               /* of the numeric rating scale */
static const double TOTAL_MAX = 9007199254740992; /* 2^53: beyond, numbers have gaps */

/* ---- what is taken, and what is refused ---- */

void sw_samples_fini(struct sw_samples *samples)
{
    free(samples->items);
    *samples = (struct sw_samples){0};
}

void sw_samples_refuse(struct sw_samples *samples, struct sw_place place,
                       enum sw_refusal refusal, const char *why)
{
    struct sw_refused_items *last =
        samples->n_refused > 0 ? &samples->refused[samples->n_refused - 1] : NULL;
    bool is_theirs = last && strcmp(last->device.str, samples->device.str) == 0;
    bool is_same = is_theirs && last->refusal == refusal &&
                   refusal != SW_REFUSED_SHAPE && place.nth == last->to.nth + 1;
    if (!is_same && samples->n_refused < SW_REFUSED_ITEMS_MAX) {
        last = &samples->refused[samples->n_refused++];
        *last = (struct sw_refused_items){
            .refusal = refusal, .from = place, .to = place, .device = samples->device};
        snprintf(last->why, sizeof(last->why), "%s", why);
    } else if (!is_theirs) {
        last->device = (struct sw_device_id){""};
    }
    if (place.nth < last->from.nth)
        last->from = place;
    if (place.nth > last->to.nth)
        last->to = place;
    last->n++;
}

void sw_place_format(const struct sw_place *place, char out[static SW_PLACE_MAX])
{
    struct sw_fields fields = {.index = place->object};
    sw_field_place(&fields, place->item >= 0 ? "steps" : "", place->item, out);
}

void sw_refused_why(const struct sw_refused_items *refused, char out[static SW_WHY_MAX])
{
    char more[SW_PLACE_MAX + 32] = "", place[SW_PLACE_MAX];
    sw_place_format(&refused->to, place);
    place[strcspn(place, ":")] = '\0';
    if (refused->n > 1)
        snprintf(more, sizeof(more), "; and %" PRId32 " more, up to %s", refused->n - 1,
                 place);
    snprintf(out, SW_WHY_MAX, "%.*s%s", (int)(SW_WHY_MAX - 1 - strlen(more)),
             refused->why, more);
}

void sw_samples_begin(struct sw_samples *out)
{
    out->n = out->n_refused = 0;
    out->device = (struct sw_device_id){""};
    out->n_items = 0;
    out->n_seen = out->n_missed = out->n_others = 0;
    out->missed[0] = '\0';
}

enum sw_refusal sw_samples_end(const struct sw_samples *samples,
                               char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    if (samples->n_refused == 0)
        return SW_ACCEPTED;
    sw_refused_why(&samples->refused[0], why);
    return samples->refused[0].refusal;
}

enum sw_refusal sw_refuse_message(struct sw_samples *out, enum sw_refusal refusal,
                                  const char *why)
{
    static const struct sw_place whole = {-1, -1, 0};
    sw_samples_begin(out);
    out->n_items = 1;
    if (refusal > 0)
        sw_samples_refuse(out, whole, refusal, why);
    return refusal;
}

/* ---- readings ---- */

/* A message on its way through the decoder. */
struct message {
    const struct sw_receipt *receipt;
    struct sw_samples *out;
};

/* What an object says about all its readings. */
struct shared {
    struct sw_device_id device;
    int8_t battery;
    int32_t seconds;
    bool worn;
};

static struct sw_place place_of(struct message *message, const struct sw_fields *fields,
                                int32_t item)
{
    return (struct sw_place){fields->index, item, message->out->n_items++};
}

/* The item is refused for what fields->why says. */
static enum sw_refusal refuse_item(struct message *message,
                                   const struct sw_fields *fields, int32_t item,
                                   enum sw_refusal refusal)
{
    sw_samples_refuse(message->out, place_of(message, fields, item), refusal,
                      fields->why);
    return SW_ACCEPTED;
}

/* Put "[2].steps[5]: " and the text into why. */
__attribute__((format(printf, 4, 0))) static void say_of(const struct sw_fields *fields,
                                                         const char *name, int32_t item,
                                                         const char *format,
                                                         va_list args)
{
    char place[SW_PLACE_MAX];
    sw_field_place(fields, name, item, place);
    int n = snprintf(fields->why, SW_WHY_MAX, "%s", place);
    vsnprintf(fields->why + n, SW_WHY_MAX - (size_t)n, format, args);
}

__attribute__((format(printf, 6, 7))) static enum sw_refusal
refuse_for(struct message *message, const struct sw_fields *fields, const char *name,
           int32_t item, enum sw_refusal refusal, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_of(fields, name, item, format, args);
    va_end(args);
    return refuse_item(message, fields, item, refusal);
}

/* "2026-03-29T10:25:01Z is in the future, 10 min ahead"; what it is refused for. */
static enum sw_refusal format_misdated(int64_t at_s, const struct sw_receipt *receipt,
                                       char out[static MISDATED_MAX])
{
    char text[SW_INSTANT_LEN + 1], apart[SW_APART_TEXT_MAX];
    bool is_too_old = at_s < receipt->oldest_s;
    sw_instant_format(at_s, text);
    sw_apart_format(at_s - receipt->at_s, apart);
    snprintf(out, MISDATED_MAX, "%s is %s, %s %s", text,
             is_too_old ? "too old" : "in the future", apart,
             is_too_old ? "back" : "ahead");
    return is_too_old ? SW_REFUSED_TOO_OLD : SW_REFUSED_FUTURE;
}

/* By how much the clock of whoever sent them is wrong, the newest of the items says that
 * are refused for their time. */
static void note_fast(struct sw_samples *out, int64_t fast_s)
{
    struct sw_refused_items *last = &out->refused[out->n_refused - 1];
    if (last->n == 1 || fast_s > last->fast_s)
        last->fast_s = fast_s;
}

/* Take the sample unless it starts before max_age or ends after max_future. */
static enum sw_refusal take_sample(struct message *message,
                                   const struct sw_fields *fields, const char *name,
                                   int32_t item, struct sw_sample *sample,
                                   int64_t from_s, int64_t to_s)
{
    struct sw_samples *out = message->out;
    bool is_too_old = from_s < message->receipt->oldest_s;
    if (is_too_old || to_s > message->receipt->newest_s) {
        char why[MISDATED_MAX];
        enum sw_refusal refusal =
            format_misdated(is_too_old ? from_s : to_s, message->receipt, why);
        refuse_for(message, fields, name, item, refusal, "%s", why);
        note_fast(out, to_s - message->receipt->at_s);
        return SW_ACCEPTED;
    }
    if (GROW(out->items, out->n, out->cap) < 0)
        return SW_OUT_OF_MEMORY;
    sample->place = place_of(message, fields, item);
    out->items[out->n++] = *sample;
    return SW_ACCEPTED;
}

/* Null and negative numbers, with which devices say that they have no value. */
static bool decode_patient_is_no_data(const cJSON *value)
{
    return cJSON_IsNull(value) || (cJSON_IsNumber(value) && value->valuedouble < 0);
}

static bool is_count(const struct sw_fields *fields, const char *name, int32_t item,
                     const cJSON *value, double *ret)
{
    if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble))
        return sw_field_wrong(fields, name, item, value, "a number");
    *ret = floor(value->valuedouble + 0.5);
    return true;
}

/* A device that sends "the day" before it is over cannot know the rest of it. What is
 * left is a reading like any other: "from midnight to now" says as much. */
static bool is_under_way(const struct sw_receipt *receipt, int64_t start_s,
                         int32_t seconds)
{
    return receipt->cut_s != 0 && start_s < receipt->at_s &&
           start_s + seconds > receipt->cut_s;
}

/* A retained copy comes again with each subscription. Cut each time, its steps would
 * spread over more and more of the day. */
static enum sw_refusal refuse_retained(struct message *message,
                                       const struct sw_fields *fields, int32_t item,
                                       int64_t end_s)
{
    char text[SW_INSTANT_LEN + 1];
    sw_instant_format(end_s, text);
    return refuse_for(message, fields, item < 0 ? "start" : "steps", item,
                      SW_REFUSED_NO_TIME,
                      "a retained reading until %s does not say when its steps were "
                      "counted",
                      text);
}

static enum sw_refusal decode_patient_take_reading(struct message *message,
                                                   const struct sw_fields *fields,
                                                   const struct shared *shared,
                                                   int32_t item, int64_t start_s,
                                                   const cJSON *value)
{
    double steps;
    if (decode_patient_is_no_data(value))
        return SW_ACCEPTED;
    if (!is_count(fields, "steps", item, value, &steps))
        return refuse_item(message, fields, item, SW_REFUSED_SHAPE);
    int32_t seconds = shared->seconds;
    bool is_cut = is_under_way(message->receipt, start_s, seconds);
    if (is_cut && message->receipt->retained)
        return refuse_retained(message, fields, item, start_s + seconds);
    if (is_cut)
        seconds = (int32_t)(message->receipt->at_s - start_s);
    if (steps > INT32_MAX || sw_is_implausible((int64_t)steps, seconds))
        return refuse_for(message, fields, "steps", item, SW_REFUSED_IMPLAUSIBLE,
                          "%.15g steps in %" PRId32 " s is implausible", steps,
                          seconds);
    struct sw_sample sample = {
        .device = shared->device,
        .kind = SW_SAMPLE_READING,
        .battery = shared->battery,
        .reading = {start_s, seconds, (int32_t)steps, shared->worn},
    };
    return take_sample(message, fields, item < 0 ? "start" : "steps", item, &sample,
                       start_s, start_s + seconds);
}

static enum sw_refusal take_interval(struct message *message,
                                     const struct sw_fields *fields,
                                     const struct shared *shared, const cJSON *steps)
{
    int64_t start_s = -1;
    if (!sw_field_time(fields, "start", &start_s))
        return refuse_item(message, fields, -1, SW_REFUSED_SHAPE);
    if (start_s < 0)
        return refuse_for(message, fields, "", -1, SW_REFUSED_NO_TIME,
                          "steps without a start");
    if (!cJSON_IsArray(steps))
        return decode_patient_take_reading(message, fields, shared, -1, start_s, steps);
    int n = cJSON_GetArraySize(steps), i = 0;
    if (n < 1 || n > SW_BATCH_ITEMS_MAX)
        return refuse_for(message, fields, "steps", -1, SW_REFUSED_SHAPE,
                          "%d items, not 1..%d", n, SW_BATCH_ITEMS_MAX);
    enum sw_refusal r = SW_ACCEPTED;
    for (const cJSON *item = steps->child; item && r == SW_ACCEPTED;
         item = item->next) {
        r = decode_patient_take_reading(message, fields, shared, i, start_s, item);
        start_s += shared->seconds;
        i++;
    }
    return r;
}

static enum sw_refusal take_total(struct message *message,
                                  const struct sw_fields *fields,
                                  const struct shared *shared, const cJSON *value)
{
    struct sw_sample sample = {
        .device = shared->device,
        .kind = SW_SAMPLE_TOTAL,
        .battery = shared->battery,
    };
    int64_t at_s = -1;
    double total;
    bool by_receipt = cJSON_IsTrue(sw_field(fields, "by_receipt")); /* of an export */
    if (!is_count(fields, "total", -1, value, &total) ||
        !sw_field_time(fields, "at", &at_s))
        return refuse_item(message, fields, -1, SW_REFUSED_SHAPE);
    if (total > TOTAL_MAX)
        return refuse_for(message, fields, "total", -1, SW_REFUSED_SHAPE,
                          "%.15g is not in 0..%.0f", total, TOTAL_MAX);
    bool has_time = at_s >= 0;
    if (!has_time && message->receipt->retained)
        return refuse_for(message, fields, "", -1, SW_REFUSED_NO_TIME,
                          "a retained total does not say when it was");
    if (!has_time)
        at_s = message->receipt->at_s;
    sample.total = (struct sw_total){.at_s = at_s,
                                     .total = (int64_t)total,
                                     .stamp = !has_time    ? message->receipt->stamp
                                              : by_receipt ? SW_STAMP_UNSURE
                                                           : SW_STAMP_OWN};
    return take_sample(message, fields, "at", -1, &sample, at_s, at_s);
}

/* A side field that is wrong is left out. But who counted is no side: two devices taken
 * for one would be counted together. */
static bool read_shared(const struct sw_fields *fields, bool has_steps,
                        struct shared *ret)
{
    const cJSON *device = sw_field(fields, "device");
    const cJSON *battery = sw_field(fields, "battery");
    double seconds = SW_DEFAULT_SECONDS;
    *ret = (struct shared){.worn = true, .battery = -1};
    bool has_device = device && !cJSON_IsNull(device) &&
                      !(cJSON_IsString(device) && device->valuestring[0] == '\0');
    const char *expected = has_device ? sw_id_of(device, ret->device.str) : NULL;
    if (expected)
        return sw_field_wrong(fields, "device", -1, device, expected);
    if (has_steps &&
        !sw_field_number(fields, "seconds", 1, SW_READING_SECONDS_MAX, &seconds))
        return false;
    ret->seconds = (int32_t)seconds;
    sw_truth_of(sw_field(fields, "worn"), &ret->worn);
    if (cJSON_IsNumber(battery) && battery->valuedouble >= 0 &&
        battery->valuedouble <= 100)
        ret->battery = (int8_t)battery->valuedouble;
    return true;
}

static enum sw_refusal take_object(struct message *message, const cJSON *object,
                                   int32_t index)
{
    char why[SW_WHY_MAX];
    struct sw_fields fields = {.object = object, .index = index, .why = why};
    struct shared shared;
    const cJSON *steps = sw_field(&fields, "steps");
    const cJSON *total = sw_field(&fields, "total");
    if (!cJSON_IsObject(object)) {
        sw_field_wrong(&fields, "", -1, object, "an object");
        return refuse_item(message, &fields, -1, SW_REFUSED_SHAPE);
    }
    bool has_steps = steps && !decode_patient_is_no_data(steps);
    bool has_both = has_steps && total && !decode_patient_is_no_data(total);
    if (has_both || (!steps && !total))
        return refuse_for(message, &fields, "", -1, SW_REFUSED_SHAPE,
                          has_both ? "both steps and total"
                                   : "neither steps nor total");
    const cJSON *value = has_steps || !total ? steps : total;
    if (decode_patient_is_no_data(value))
        return SW_ACCEPTED;
    if (!read_shared(&fields, has_steps, &shared))
        return refuse_item(message, &fields, -1, SW_REFUSED_SHAPE);
    message->out->device = shared.device;
    enum sw_refusal r = value == steps ? take_interval(message, &fields, &shared, steps)
                                       : take_total(message, &fields, &shared, total);
    message->out->device = (struct sw_device_id){""};
    return r;
}

enum sw_refusal sw_take_steps(const cJSON *object, int32_t index,
                              const struct sw_receipt *receipt, struct sw_samples *out)
{
    struct message message = {.receipt = receipt, .out = out};
    return take_object(&message, object, index);
}

static enum sw_refusal take_objects(const cJSON *root, const struct sw_receipt *receipt,
                                    struct sw_samples *out)
{
    enum sw_refusal r = SW_ACCEPTED;
    int32_t i = 0;
    if (!cJSON_IsArray(root))
        return sw_take_steps(root, -1, receipt, out);
    if (!root->child)
        return sw_refuse_message(out, SW_REFUSED_SHAPE, "an empty array");
    for (const cJSON *object = root->child; object && r == SW_ACCEPTED;
         object = object->next)
        r = sw_take_steps(object, i++, receipt, out);
    return r;
}

enum sw_refusal sw_decode_steps(const char *payload, size_t len,
                                const struct sw_receipt *receipt,
                                struct sw_samples *out, char why[static SW_WHY_MAX])
{
    cJSON *root = NULL;
    sw_samples_begin(out);
    enum sw_refusal r = sw_json_open(payload, len, &root, why);
    if (r == SW_ACCEPTED)
        r = take_objects(root, receipt, out);
    else
        sw_refuse_message(out, r, why);
    cJSON_Delete(root);
    return r < 0 ? sw_refuse_message(out, r, "") : sw_samples_end(out, why);
}

/* ---- a part of a message ---- */

/* cJSON would print null for a number that no double can hold, and null is no mistake. */
static bool keep_infinite_numbers(cJSON *value)
{
    for (; value; value = value->next) {
        if (cJSON_IsNumber(value) && !isfinite(value->valuedouble)) {
            value->valuestring = strdup(value->valuedouble < 0 ? "-1e999" : "1e999");
            value->type = cJSON_Raw;
            if (!value->valuestring)
                return false;
        }
        if (!keep_infinite_numbers(value->child))
            return false;
    }
    return true;
}

char *sw_part_print(cJSON *part)
{
    return keep_infinite_numbers(part->child) ? cJSON_PrintUnformatted(part) : NULL;
}

void sw_batch_part(cJSON *steps, int32_t object, const struct sw_refused_items *refused)
{
    const struct sw_place *from = &refused->from, *to = &refused->to;
    cJSON *item = cJSON_IsArray(steps) ? steps->child : NULL;
    for (int32_t i = 0; item; i++) {
        cJSON *next = item->next;
        bool is_before = object == from->object && i < from->item;
        bool is_after = object == to->object && to->item >= 0 && i > to->item;
        if (is_before || is_after)
            cJSON_ReplaceItemViaPointer(steps, item, cJSON_CreateNull());
        item = next;
    }
}

char *sw_steps_part(const char *payload, size_t len,
                    const struct sw_refused_items *refused)
{
    const struct sw_place *from = &refused->from, *to = &refused->to;
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    if (sw_json_open(payload, len, &root, why) != SW_ACCEPTED)
        return NULL;
    bool is_array = cJSON_IsArray(root);
    cJSON *object = is_array ? root->child : root;
    for (int32_t i = is_array ? 0 : -1; object; i++) {
        cJSON *next = is_array ? object->next : NULL;
        if (i < from->object || i > to->object)
            cJSON_Delete(cJSON_DetachItemViaPointer(root, object));
        else
            sw_batch_part(cJSON_GetObjectItemCaseSensitive(object, "steps"), i,
                          refused);
        object = next;
    }
    /* Any other value would be another message without its array. */
    bool is_object =
        is_array && root->child && !root->child->next && cJSON_IsObject(root->child);
    char *part = sw_part_print(is_object ? root->child : root);
    cJSON_Delete(root);
    return part;
}

/* ---- a score of pain ---- */

__attribute__((format(printf, 4, 5))) static enum sw_refusal
refuse_score(const struct sw_fields *fields, const char *name, enum sw_refusal refusal,
             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_of(fields, name, -1, format, args);
    va_end(args);
    return refusal;
}

static enum sw_refusal judge_time(const struct sw_fields *fields, int64_t at_s,
                                  const struct sw_receipt *receipt)
{
    bool is_too_old = at_s < receipt->oldest_s;
    if (!is_too_old && at_s <= receipt->newest_s)
        return SW_ACCEPTED;
    char why[MISDATED_MAX];
    enum sw_refusal refusal = format_misdated(at_s, receipt, why);
    return refuse_score(fields, "at", refusal, "%s", why);
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
    if (!sw_is_given(fields, "score"))
        return refuse_score(fields, "", SW_REFUSED_SHAPE, "no score");
    ret->at_s = receipt->at_s;
    if (!sw_field_number(fields, "score", 0, SCORE_MAX, &ret->score) ||
        !sw_field_time(fields, "at", &ret->at_s))
        return SW_REFUSED_SHAPE;
    sw_truth_of(sw_field(fields, "flare"), &ret->flare); /* wrong: it is left out */
    bool has_time = sw_is_given(fields, "at");
    ret->stamp = has_time ? SW_STAMP_OWN : receipt->stamp;
    if (!has_time && receipt->retained)
        return refuse_score(fields, "", SW_REFUSED_NO_TIME,
                            "a retained score does not say when it was");
    return judge_time(fields, ret->at_s, receipt);
}

enum sw_refusal sw_decode_pain(const char *payload, size_t len,
                               const struct sw_receipt *receipt,
                               struct sw_pain *ret_pain, char why[static SW_WHY_MAX])
{
    struct sw_pain pain = {0};
    cJSON *root = NULL;
    why[0] = '\0';
    enum sw_refusal r = sw_json_open(payload, len, &root, why);
    if (r == SW_ACCEPTED) {
        struct sw_fields fields = {.object = root, .index = -1, .why = why};
        r = read_pain(&fields, receipt, &pain);
    }
    if (r == SW_ACCEPTED)
        *ret_pain = pain;
    cJSON_Delete(root);
    return r;
}

enum sw_refusal sw_take_score(const cJSON *object, int32_t index,
                              const struct sw_receipt *receipt, struct sw_samples *out)
{
    char why[SW_WHY_MAX];
    struct sw_fields fields = {.object = object, .index = index, .why = why};
    struct sw_sample sample = {
        .place = {index, -1, out->n_items++}, .kind = SW_SAMPLE_PAIN, .battery = -1};
    sw_field_id(&fields, "device", sample.device.str);
    enum sw_refusal r = read_pain(&fields, receipt, &sample.pain);
    if (r == SW_ACCEPTED && GROW(out->items, out->n, out->cap) < 0)
        r = SW_OUT_OF_MEMORY;
    if (r == SW_ACCEPTED)
        out->items[out->n++] = sample;
    else if (r > 0)
        sw_samples_refuse(out, sample.place, r, why);
    return r < 0 ? r : SW_ACCEPTED;
}

/* ---- a line of a recording: who, when, and the payload as it came ---- */

/* As of a payload that was received: a text in it is opened, once. */
static bool has_score(const cJSON *payload)
{
    char why[SW_WHY_MAX];
    cJSON *opened = NULL;
    if (cJSON_IsString(payload) &&
        sw_json_parse(payload->valuestring, strlen(payload->valuestring), &opened,
                      why) == SW_ACCEPTED)
        payload = opened;
    bool has = cJSON_GetObjectItemCaseSensitive(payload, "score") != NULL;
    cJSON_Delete(opened);
    return has;
}

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
    ret->has_received = sw_is_given(&fields, "received");
    ret->is_pain = has_score(payload);
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
