/* compose.c -- write our own objects as JSON text, key by key in the order of the
 * calls. What the keys are is the encoders' business. */
#include "wire/compose.h"

#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_TEXT_MAX = 24 }; /* a sign, 19 digits, NUL */

struct sw_json_object sw_json_object(void)
{
    cJSON *json = cJSON_CreateObject();
    return (struct sw_json_object){.json = json, .failed = !json};
}

void sw_json_text(struct sw_json_object *object, const char *key, const char *text)
{
    object->failed |= !cJSON_AddStringToObject(object->json, key, text);
}

void sw_json_text_or_null(struct sw_json_object *object, const char *key,
                          const char *text)
{
    if (text[0] != '\0')
        sw_json_text(object, key, text);
    else
        object->failed |= !cJSON_AddNullToObject(object->json, key);
}

/* cJSON's own numbers are doubles, but ours are whole and stay exact. */
void sw_json_number(struct sw_json_object *object, const char *key, int64_t number)
{
    char text[NUMBER_TEXT_MAX];
    snprintf(text, sizeof(text), "%" PRId64, number);
    sw_json_raw(object, key, text);
}

void sw_decimal_format(int64_t number, int32_t unit,
                       char out[static SW_DECIMAL_TEXT_MAX])
{
    int64_t rest = number % unit;
    int n = snprintf(out, SW_DECIMAL_TEXT_MAX, "%s%" PRId64,
                     number < 0 && number > -unit ? "-" : "", number / unit);
    if (rest != 0)
        out[n++] = '.';
    for (int32_t place = unit / 10; rest != 0; place /= 10) {
        int64_t digit = rest / place;
        out[n++] = (char)('0' + (digit < 0 ? -digit : digit));
        rest %= place;
    }
    out[n] = '\0';
}

void sw_json_raw(struct sw_json_object *object, const char *key, const char *value)
{
    object->failed |= !value || !cJSON_AddRawToObject(object->json, key, value);
}

cJSON *sw_json_array(struct sw_json_object *object, const char *key)
{
    cJSON *array = cJSON_AddArrayToObject(object->json, key);
    object->failed |= !array;
    return array;
}

void sw_json_item(struct sw_json_object *object, cJSON *array,
                  struct sw_json_object *item)
{
    bool is_in = !item->failed && cJSON_AddItemToArray(array, item->json);
    if (!is_in)
        cJSON_Delete(item->json);
    object->failed |= !is_in;
    item->json = NULL;
}

void sw_json_array_text(struct sw_json_object *object, cJSON *array, const char *text)
{
    cJSON *item = cJSON_CreateString(text);
    bool is_in = item && cJSON_AddItemToArray(array, item);
    if (!is_in)
        cJSON_Delete(item);
    object->failed |= !is_in;
}

char *sw_json_finish(struct sw_json_object *object)
{
    char *text = object->failed ? NULL : cJSON_PrintUnformatted(object->json);
    cJSON_Delete(object->json);
    object->json = NULL;
    return text;
}
