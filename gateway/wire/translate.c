/* translate.c -- another device's payload, made into a native one.
 *
 * The values that the source's pointers find are put under the native names, which are
 * also the source's keys; then decode_patient.c judges them by the rules for everyone.
 * A value of a wrong type is passed on as it is, to be refused there by name. */
#include <stdio.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/decode_patient.h"
#include "wire/fields.h"
#include "wire/json.h"

enum {
    MS_PER_S = 1000,
    WORD_MAX = 16, /* "unavailable" and some blanks */
};

/* ---- values ---- */

/* Home Assistant writes "unknown" or "unavailable" where there is no value. An empty
 * payload removes a retained message. */
static bool is_away(const char *payload, size_t len)
{
    char text[WORD_MAX + 1] = "";
    if (len > WORD_MAX || (len > 0 && memchr(payload, '\0', len)))
        return false;
    if (len > 0)
        memcpy(text, payload, len);
    return sw_is_absent_word(text);
}

/* ---- putting values under native names; false: no memory ---- */

struct translation {
    const struct sw_source *source;
    cJSON *root, *native;
    char *why;
};

static cJSON *translate_find(const struct translation *t, const char *pointer)
{
    return pointer[0] != '\0' ? sw_pointer_find(t->root, pointer) : NULL;
}

static bool translate_put_number(const struct translation *t, const char *name,
                                 double number)
{
    return cJSON_AddNumberToObject(t->native, name, number);
}

static bool put_value(const struct translation *t, const char *name, cJSON *value)
{
    double number;
    return sw_number_of(value, &number)
               ? cJSON_AddItemReferenceToObject(t->native, name, value)
               : translate_put_number(t, name, number);
}

static bool put_worn(const struct translation *t)
{
    bool worn;
    cJSON *value = translate_find(t, t->source->worn);
    if (sw_is_absent(value))
        return true;
    if (!sw_truth_of(value, &worn))
        return cJSON_AddBoolToObject(t->native, "worn", worn);
    return cJSON_AddItemReferenceToObject(t->native, "worn", value);
}

/* Put the items of a batch one by one; an item without data becomes null. */
static bool put_batch(const struct translation *t, const cJSON *values)
{
    cJSON *batch = cJSON_AddArrayToObject(t->native, "steps");
    for (cJSON *value = values->child; batch && value; value = value->next) {
        double number;
        bool ok = sw_is_no_data(value) ? cJSON_AddItemToArray(batch, cJSON_CreateNull())
                  : sw_number_of(value, &number)
                      ? cJSON_AddItemReferenceToArray(batch, value)
                      : cJSON_AddItemToArray(batch, cJSON_CreateNumber(number));
        if (!ok)
            return false;
    }
    return batch;
}

/* ---- times: SW_ACCEPTED, SW_REFUSED_SHAPE or SW_OUT_OF_MEMORY ---- */

/* An absent time is fine, and leaves *ret_is_there false. */
static enum sw_refusal read_time(const struct translation *t, const char *name,
                                 const char *pointer, bool *ret_is_there,
                                 int64_t *ret_s)
{
    struct sw_fields fields = {.index = -1, .why = t->why};
    struct sw_time_form form = {.units_per_s = t->source->unit_ms ? MS_PER_S : 0,
                                .numbers_as_texts = true};
    const cJSON *value = translate_find(t, pointer);
    *ret_is_there = !sw_is_absent(value);
    const char *expected = *ret_is_there ? sw_time_of(value, &form, ret_s) : NULL;
    if (!expected)
        return SW_ACCEPTED;
    sw_field_wrong(&fields, name, -1, value, expected);
    return SW_REFUSED_SHAPE;
}

/* Put `from` and `to`: a native reading says how long it is. */
static enum sw_refusal put_span(const struct translation *t)
{
    int64_t from_s = 0, to_s = 0;
    bool has_from, has_to;
    enum sw_refusal r = read_time(t, "from", t->source->from, &has_from, &from_s);
    if (r == SW_ACCEPTED)
        r = read_time(t, "to", t->source->to, &has_to, &to_s);
    if (r != SW_ACCEPTED)
        return r;
    if (!has_from || !has_to) {
        snprintf(t->why, SW_WHY_MAX, "steps without from and to");
        return SW_REFUSED_NO_TIME;
    }
    if (to_s <= from_s || to_s - from_s > SW_READING_SECONDS_MAX) {
        snprintf(t->why, SW_WHY_MAX, "from and to are not 1 to %d s apart",
                 SW_READING_SECONDS_MAX);
        return SW_REFUSED_SHAPE;
    }
    bool ok = translate_put_number(t, "start", (double)from_s) &&
              translate_put_number(t, "seconds", (double)(to_s - from_s));
    return ok ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

/* Put `start` or `at`, when n_periods periods begin or end. */
static enum sw_refusal put_start(const struct translation *t, int32_t n_periods)
{
    const struct sw_source *source = t->source;
    bool has_at = source->at[0] != '\0', is_there;
    int64_t at_s = 0;
    int64_t seconds = source->seconds > 0 ? source->seconds : SW_DEFAULT_SECONDS;
    enum sw_refusal r =
        read_time(t, has_at ? "at" : "start", has_at ? source->at : source->start,
                  &is_there, &at_s);
    if (r != SW_ACCEPTED || !is_there)
        return r; /* the native rules have a word for steps without a time */
    if (source->stamp_end)
        at_s -= seconds * n_periods;
    bool ok = translate_put_number(t, "start", (double)at_s) &&
              translate_put_number(t, "seconds", (double)seconds);
    return ok ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

static enum sw_refusal put_at(const struct translation *t)
{
    bool is_there;
    int64_t at_s = 0;
    enum sw_refusal r = read_time(t, "at", t->source->at, &is_there, &at_s);
    if (r != SW_ACCEPTED || !is_there)
        return r;
    return translate_put_number(t, "at", (double)at_s) ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
}

/* ---- the whole ---- */

static enum sw_refusal translate_put_steps(const struct translation *t, cJSON *value)
{
    bool has_span = t->source->from[0] != '\0';
    bool is_batch = cJSON_IsArray(value) && !has_span;
    bool ok = is_batch ? put_batch(t, value) : put_value(t, "steps", value);
    if (!ok)
        return SW_OUT_OF_MEMORY;
    if (has_span && cJSON_IsArray(value)) {
        struct sw_fields fields = {.index = -1, .why = t->why};
        sw_field_wrong(&fields, "steps", -1, value, "a whole number");
        return SW_REFUSED_SHAPE;
    }
    return has_span ? put_span(t)
                    : put_start(t, is_batch ? cJSON_GetArraySize(value) : 1);
}

static enum sw_refusal translate(const struct translation *t,
                                 const struct sw_device_id *device, cJSON *value)
{
    cJSON *battery = translate_find(t, t->source->battery);
    bool is_put = device->str[0] == '\0' ||
                  cJSON_AddStringToObject(t->native, "device", device->str);
    is_put = is_put && (sw_is_no_data(battery) || put_value(t, "battery", battery));
    if (!is_put || !put_worn(t))
        return SW_OUT_OF_MEMORY;
    if (t->source->has_steps)
        return translate_put_steps(t, value);
    return put_value(t, "total", value) ? put_at(t) : SW_OUT_OF_MEMORY;
}

/* Translated, it says what a native payload would. A refusal of translate() is about the
 * message, of the decoder about its items. */
static enum sw_refusal translate_decode(const struct sw_origin *origin, cJSON *root,
                                        cJSON *value, const struct sw_receipt *receipt,
                                        struct sw_samples *out, char *why)
{
    struct translation t = {origin->source, root, cJSON_CreateObject(), why};
    if (!t.native)
        return SW_OUT_OF_MEMORY;
    enum sw_refusal r = translate(&t, &origin->device, value);
    r = r == SW_ACCEPTED ? sw_decode_steps_json(t.native, receipt, out, why)
                         : sw_refuse_message(out, r, why);
    cJSON_Delete(t.native);
    return r;
}

static cJSON *value_of(const struct sw_source *source, cJSON *root)
{
    return sw_pointer_find(root, source->has_total ? source->total : source->steps);
}

enum sw_refusal sw_decode_source(const struct sw_origin *origin, const char *payload,
                                 size_t len, const struct sw_receipt *receipt,
                                 struct sw_samples *out, enum sw_value_state *ret_said,
                                 char why[static SW_WHY_MAX])
{
    cJSON *root = NULL;
    why[0] = '\0';
    out->n = out->n_refused = 0;
    out->n_items = 0;
    *ret_said = SW_VALUE_AWAY;
    if (is_away(payload, len))
        return SW_ACCEPTED;
    *ret_said = SW_VALUE_GIVEN;
    enum sw_refusal r = sw_json_open(payload, len, &root, why);
    if (r != SW_ACCEPTED)
        return sw_refuse_message(out, r, why);
    cJSON *value = value_of(origin->source, root);
    bool is_word = cJSON_IsString(value) && sw_is_absent_word(value->valuestring);
    if (sw_is_no_data(value))
        *ret_said = is_word ? SW_VALUE_AWAY : SW_VALUE_NONE;
    else
        r = translate_decode(origin, root, value, receipt, out, why);
    cJSON_Delete(root);
    return r;
}

char *sw_source_part(const struct sw_source *source, const char *payload, size_t len,
                     const struct sw_refused_items *refused)
{
    char why[SW_WHY_MAX];
    cJSON *root = NULL;
    if (sw_json_open(payload, len, &root, why) != SW_ACCEPTED)
        return NULL;
    sw_batch_part(value_of(source, root), -1, refused);
    char *part = sw_part_print(root);
    cJSON_Delete(root);
    return part;
}
