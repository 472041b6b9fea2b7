/* fields.c -- read the fields of a JSON object strictly, saying what is wrong and
 * where. Which fields there are, and what they mean, is the decoders' business. */
#include "wire/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stepward/civil.h"

enum {
    VALUE_TEXT_MAX = 32, /* "-1.23456789012345e-300" and the words below */
    EXPECTED_MAX = 64,
    MS_PER_S = 1000,
};
static const double SECONDS_MAX = 1e11;           /* above, a time is in milliseconds */
static const double LATEST_S = 7258118399;        /* the end of 2199, as in civil.h */
static const double EXACT_MAX = 9007199254740992; /* 2^53: beyond, doubles have gaps */

const cJSON *sw_field(const struct sw_fields *fields, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(fields->object, name);
}

void sw_field_place(const struct sw_fields *fields, const char *name, int32_t item,
                    char out[static SW_PLACE_MAX])
{
    char object[SW_PLACE_MAX / 4] = "", index[SW_PLACE_MAX / 4] = "";
    bool has_object = fields->index >= 0, has_name = name[0] != '\0';
    if (has_object)
        snprintf(object, sizeof(object), "[%" PRId32 "]", fields->index);
    if (item >= 0)
        snprintf(index, sizeof(index), "[%" PRId32 "]", item);
    snprintf(out, SW_PLACE_MAX, "%s%s%s%s%s", object, has_object && has_name ? "." : "",
             name, index, has_object || has_name ? ": " : "");
}

/* Texts are not repeated: they may hold anything. */
static void describe(const cJSON *value, char out[static VALUE_TEXT_MAX])
{
    const char *word = cJSON_IsString(value)   ? "a text"
                       : cJSON_IsArray(value)  ? "an array"
                       : cJSON_IsObject(value) ? "an object"
                       : cJSON_IsTrue(value)   ? "true"
                       : cJSON_IsFalse(value)  ? "false"
                                               : "null";
    if (cJSON_IsNumber(value))
        snprintf(out, VALUE_TEXT_MAX, "%.15g", value->valuedouble);
    else
        snprintf(out, VALUE_TEXT_MAX, "%s", word);
}

bool sw_field_wrong(const struct sw_fields *fields, const char *name, int32_t item,
                    const cJSON *value, const char *expected)
{
    char place[SW_PLACE_MAX], text[VALUE_TEXT_MAX];
    sw_field_place(fields, name, item, place);
    describe(value, text);
    snprintf(fields->why, SW_WHY_MAX, "%s%s is not %s", place, text, expected);
    return false;
}

bool sw_is_whole(const cJSON *value)
{
    return cJSON_IsNumber(value) && isfinite(value->valuedouble) &&
           value->valuedouble == floor(value->valuedouble);
}

static bool field_is_in(const cJSON *value, double min, double max)
{
    return value->valuedouble >= min && value->valuedouble <= max;
}

bool sw_field_whole(const struct sw_fields *fields, const char *name, int64_t min,
                    int64_t max, int64_t *ret)
{
    const cJSON *value = sw_field(fields, name);
    if (!value)
        return true;
    if (!sw_is_whole(value))
        return sw_field_wrong(fields, name, -1, value, "a whole number");
    bool is_exact = field_is_in(value, -EXACT_MAX, EXACT_MAX);
    if (!is_exact || !field_is_in(value, (double)min, (double)max)) {
        char expected[EXPECTED_MAX];
        snprintf(expected, sizeof(expected), "in %" PRId64 "..%" PRId64, min, max);
        return sw_field_wrong(fields, name, -1, value, expected);
    }
    *ret = (int64_t)value->valuedouble;
    return true;
}

bool sw_field_number(const struct sw_fields *fields, const char *name, double min,
                     double max, double *ret)
{
    const cJSON *value = sw_field(fields, name);
    if (!value)
        return true;
    if (!cJSON_IsNumber(value))
        return sw_field_wrong(fields, name, -1, value, "a number");
    if (!field_is_in(value, min, max)) {
        char expected[EXPECTED_MAX];
        snprintf(expected, sizeof(expected), "in %g..%g", min, max);
        return sw_field_wrong(fields, name, -1, value, expected);
    }
    *ret = value->valuedouble;
    return true;
}

bool sw_field_bool(const struct sw_fields *fields, const char *name, bool *ret)
{
    const cJSON *value = sw_field(fields, name);
    if (!value)
        return true;
    if (!cJSON_IsBool(value))
        return sw_field_wrong(fields, name, -1, value, "true or false");
    *ret = cJSON_IsTrue(value);
    return true;
}

bool sw_field_id(const struct sw_fields *fields, const char *name,
                 char ret[static SW_ID_MAX + 1])
{
    const cJSON *value = sw_field(fields, name);
    if (!value)
        return true;
    if (!cJSON_IsString(value))
        return sw_field_wrong(fields, name, -1, value, "a text");
    size_t len = strlen(value->valuestring);
    if (len > 0 && !sw_id_is_valid(value->valuestring, len))
        return sw_field_wrong(fields, name, -1, value, "an id of [A-Za-z0-9_.-]{1,36}");
    memcpy(ret, value->valuestring, len + 1);
    return true;
}

static bool time_of_number(double number, int64_t *ret_s)
{
    double at_s = floor(number > SECONDS_MAX ? number / MS_PER_S : number);
    if (!(number >= 0 && at_s <= LATEST_S))
        return false;
    *ret_s = (int64_t)at_s;
    return true;
}

bool sw_time_of(const cJSON *value, int64_t *ret_s)
{
    if (cJSON_IsNumber(value))
        return time_of_number(value->valuedouble, ret_s);
    return cJSON_IsString(value) &&
           sw_instant_parse(value->valuestring, strlen(value->valuestring), ret_s);
}

bool sw_field_time(const struct sw_fields *fields, const char *name, int64_t *ret_s)
{
    const cJSON *value = sw_field(fields, name);
    if (!value || sw_time_of(value, ret_s))
        return true;
    return sw_field_wrong(fields, name, -1, value,
                          "a time: Unix seconds or RFC 3339 with offset");
}
