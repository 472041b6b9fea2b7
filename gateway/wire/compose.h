/* compose.h -- write our own objects as JSON text, key by key in the order of the
 * calls.
 *
 *     struct sw_json_object object = sw_json_object();
 *     sw_json_number(&object, "rest_min", 60);
 *     return sw_json_finish(&object); // {"rest_min":60}
 */
#ifndef WIRE_COMPOSE_H
#define WIRE_COMPOSE_H

#include <cjson/cJSON.h>

#include "stepward/types.h"

/* An object under construction. The first failed allocation is remembered, so that
 * only the end needs to look. */
struct sw_json_object {
    cJSON *json;
    bool failed;
};
struct sw_json_object sw_json_object(void);
void sw_json_text(struct sw_json_object *object, const char *key, const char *text);
void sw_json_text_or_null(struct sw_json_object *object, const char *key,
                          const char *text); /* "" is null */
void sw_json_number(struct sw_json_object *object, const char *key, int64_t number);
/* Write number / unit, a power of ten, without needless zeros: 7500 / 1000 is "7.5". */
enum { SW_DECIMAL_TEXT_MAX = 32 };
void sw_decimal_format(int64_t number, int32_t unit,
                       char out[static SW_DECIMAL_TEXT_MAX]);
/* value is JSON already; NULL counts as a failed allocation. */
void sw_json_raw(struct sw_json_object *object, const char *key, const char *value);
/* Add an empty array under that key; NULL if the object has failed. */
cJSON *sw_json_array(struct sw_json_object *object, const char *key);
/* Add the item, which is gone then, to an array of the object. */
void sw_json_item(struct sw_json_object *object, cJSON *array,
                  struct sw_json_object *item);
void sw_json_array_text(struct sw_json_object *object, cJSON *array, const char *text);
/* Return the text, which the caller frees, or NULL without memory. The object is
 * gone. */
char *sw_json_finish(struct sw_json_object *object);

#endif
