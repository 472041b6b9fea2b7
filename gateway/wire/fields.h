/* fields.h -- read the fields of a JSON object strictly, saying what is wrong and
 * where.
 *
 *     struct sw_fields fields = {.object = json, .index = -1, .why = why};
 *     if (!sw_field_whole(&fields, "seconds", 1, 90000, &seconds))
 *         return SW_REFUSED_SHAPE; // why: "seconds: 1.5 is not a whole number"
 *
 * A reader returns true for an absent field, and then leaves *ret alone.
 */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include <cjson/cJSON.h>

#include "stepward/types.h"

struct sw_fields {
    const cJSON *object;
    int32_t index; /* in the payload's array; -1: the object is the payload */
    char *why;     /* SW_WHY_MAX bytes */
};

/* NULL if the field is absent; names are case sensitive. */
const cJSON *sw_field(const struct sw_fields *fields, const char *name);

bool sw_field_whole(const struct sw_fields *fields, const char *name, int64_t min,
                    int64_t max, int64_t *ret);
bool sw_field_number(const struct sw_fields *fields, const char *name, double min,
                     double max, double *ret);
bool sw_field_bool(const struct sw_fields *fields, const char *name, bool *ret);
/* An id or "". */
bool sw_field_id(const struct sw_fields *fields, const char *name,
                 char ret[static SW_ID_MAX + 1]);
/* Unix seconds, milliseconds above 10^11, or RFC 3339 with an offset. */
bool sw_field_time(const struct sw_fields *fields, const char *name, int64_t *ret_s);
bool sw_time_of(const cJSON *value, int64_t *ret_s); /* false: it is no such time */

bool sw_is_whole(const cJSON *value); /* a finite number without a fraction */

/* "[2].steps[5]: " for the third object's field `steps` and its sixth item. name "" is
 * the object itself, item -1 the whole field. */
enum { SW_PLACE_MAX = 64 };
void sw_field_place(const struct sw_fields *fields, const char *name, int32_t item,
                    char out[static SW_PLACE_MAX]);
/* Put "PLACE: VALUE is not EXPECTED" into why. Always returns false. */
bool sw_field_wrong(const struct sw_fields *fields, const char *name, int32_t item,
                    const cJSON *value, const char *expected);

#endif
