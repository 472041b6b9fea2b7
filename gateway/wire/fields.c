/* fields.c -- read values and the fields of JSON objects, saying what is wrong and where.
 * Which fields there are, and what they mean, is the decoders' business. */
#include "wire/fields.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/json.h"

enum {
    VALUE_TEXT_MAX = 32, /* "-1.23456789012345e-300" and the words below */
    EXPECTED_MAX = 64,
};
static const int64_t LATEST_S = 7258118399;       /* the end of 2199, as in civil.h */
static const double EXACT_MAX = 9007199254740992; /* 2^53: beyond, doubles have gaps */
static const double INT64_BEYOND = 9223372036854775808.0; /* 2^63 */

static bool is_whole(const cJSON *value)
{
    return cJSON_IsNumber(value) && isfinite(value->valuedouble) &&
           value->valuedouble == floor(value->valuedouble);
}

/* ---- one value ---- */

const char *sw_number_of(const cJSON *value, double *ret)
{
    static const char expected[] = "a number";
    char why[SW_WHY_MAX];
    cJSON *read = NULL;
    bool is_short =
        cJSON_IsString(value) && strlen(value->valuestring) <= SW_JSON_NUMBER_MAX;
    if (is_short && sw_json_parse(value->valuestring, strlen(value->valuestring), &read,
                                  why) == SW_ACCEPTED)
        value = read;
    bool is_number = cJSON_IsNumber(value) && isfinite(value->valuedouble);
    if (is_number)
        *ret = value->valuedouble;
    cJSON_Delete(read);
    return is_number ? NULL : expected;
}

static const char *time_of_number(double number, int64_t units_per_s, int64_t *ret_s)
{
    static const char expected[] = "a time between 1970 and 2199";
    static const struct {
        double above;
        int64_t units_per_s;
    } sizes[] = {{1e17, 1000000000}, {1e14, 1000000}, {1e11, 1000}, {-1, 1}};
    if (!(number >= 0 && number < INT64_BEYOND))
        return expected;
    for (size_t i = 0; units_per_s == 0; i++)
        if (number > sizes[i].above)
            units_per_s = sizes[i].units_per_s;
    int64_t at_s = (int64_t)number / units_per_s;
    if (at_s > LATEST_S)
        return expected;
    *ret_s = at_s;
    return NULL;
}

const char *sw_time_of(const cJSON *value, const struct sw_time_form *form,
                       int64_t *ret_s)
{
    static const struct sw_zone_shift no_shift = {0};
    static const struct sw_zone utc = {&no_shift, 1};
    double number;
    int64_t ignored_s;
    bool may_be_number = cJSON_IsNumber(value) || form->numbers_as_texts;
    if (may_be_number && !sw_number_of(value, &number))
        return time_of_number(number, form->units_per_s, ret_s);
    size_t len = cJSON_IsString(value) ? strlen(value->valuestring) : 0;
    if (len > 0 && sw_instant_parse(value->valuestring, len, form->zone, ret_s))
        return NULL;
    return len > 0 && sw_instant_parse(value->valuestring, len, &utc, &ignored_s)
               ? "a time with an offset: Z or +02:00 at its end"
               : "a time: Unix seconds or RFC 3339 with offset";
}

const char *sw_truth_of(const cJSON *value, bool *ret)
{
    static const struct {
        const char *word;
        bool is_true;
    } words[] = {{"true", true}, {"false", false}, {"on", true}, {"off", false}};
    double number = cJSON_IsTrue(value);
    if (cJSON_IsString(value))
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strcasecmp(value->valuestring, words[i].word) == 0) {
                *ret = words[i].is_true;
                return NULL;
            }
    bool is_read = cJSON_IsBool(value) || !sw_number_of(value, &number);
    if (!is_read || (number != 0 && number != 1))
        return "true or false";
    *ret = number == 1;
    return NULL;
}

const char *sw_id_of(const cJSON *value, char ret[static SW_ID_MAX + 1])
{
    char digits[SW_ID_MAX + 1];
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    /* Of larger ones a double holds the neighbour, which may be another device. */
    if (is_whole(value) && value->valuedouble < EXACT_MAX &&
        value->valuedouble > -EXACT_MAX) {
        snprintf(digits, sizeof(digits), "%.0f", value->valuedouble);
        text = digits;
    }
    return sw_id_make(text, strlen(text), ret) ? NULL : "an id of 1 to 36 characters";
}

bool sw_is_absent_word(const char *text)
{
    static const char *const words[] = {"",    "unknown", "unavailable", "none",
                                        "nan", "null",    "undef"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

bool sw_is_absent(const cJSON *value)
{
    return !value || cJSON_IsNull(value) ||
           (cJSON_IsString(value) && sw_is_absent_word(value->valuestring));
}

bool sw_is_no_data(const cJSON *value)
{
    double number;
    return sw_is_absent(value) || (!sw_number_of(value, &number) && number < 0);
}

/* ---- the fields of an object ---- */

const cJSON *sw_field(const struct sw_fields *fields, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(fields->object, name);
}

static bool is_value(const cJSON *value)
{
    return value && !cJSON_IsNull(value);
}

bool sw_is_given(const struct sw_fields *fields, const char *name)
{
    return is_value(sw_field(fields, name));
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

static bool field_is_in(const cJSON *value, double min, double max)
{
    return value->valuedouble >= min && value->valuedouble <= max;
}

bool sw_field_whole(const struct sw_fields *fields, const char *name, int64_t min,
                    int64_t max, int64_t *ret)
{
    const cJSON *value = sw_field(fields, name);
    if (!is_value(value))
        return true;
    if (!is_whole(value))
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
    if (!is_value(value))
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

bool sw_field_id(const struct sw_fields *fields, const char *name,
                 char ret[static SW_ID_MAX + 1])
{
    const cJSON *value = sw_field(fields, name);
    if (!is_value(value))
        return true;
    if (!cJSON_IsString(value))
        return sw_field_wrong(fields, name, -1, value, "a text");
    size_t len = strlen(value->valuestring);
    if (len > 0 && !sw_id_is_valid(value->valuestring, len))
        return sw_field_wrong(fields, name, -1, value, "an id of [A-Za-z0-9_.-]{1,36}");
    memcpy(ret, value->valuestring, len + 1);
    return true;
}

bool sw_field_time(const struct sw_fields *fields, const char *name, int64_t *ret_s)
{
    static const struct sw_time_form contract = {NULL};
    const cJSON *value = sw_field(fields, name);
    const char *expected = is_value(value) ? sw_time_of(value, &contract, ret_s) : NULL;
    return !expected || sw_field_wrong(fields, name, -1, value, expected);
}
