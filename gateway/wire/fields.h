/* fields.h -- read values and the fields of JSON objects, saying what is wrong and where.
 *
 *     const char *expected = sw_time_of(value, &form, &at_s);
 *     if (expected) // "a time: Unix seconds or RFC 3339 with offset"
 *         return sw_field_wrong(&fields, "at", -1, value, expected);
 *
 *     struct sw_fields fields = {.object = json, .index = -1, .why = why};
 *     if (!sw_field_whole(&fields, "minutes", 1, 60, &minutes))
 *         return SW_REFUSED_SHAPE; // why: "minutes: 1.5 is not a whole number"
 *
 * A reader of a field returns true for a field that is absent or null, and then leaves
 * *ret alone.
 */
#ifndef WIRE_FIELDS_H
#define WIRE_FIELDS_H

#include <cjson/cJSON.h>

#include "stepward/civil.h"
#include "stepward/types.h"
#include "stepward/wire.h"

/* ---- one value: NULL, and *ret is set; or what it should have been. Static. ---- */

/* A finite number, which may be written as a text: "10423". */
const char *sw_number_of(const cJSON *value, double *ret);
/* How a time may be written beyond what the contract says. All zero: in no other way. */
struct sw_time_form {
    const struct sw_zone *zone; /* of texts without an offset; NULL: they are refused */
    int64_t units_per_s;        /* of a number; 0: its size tells */
    bool numbers_as_texts;      /* "1774778400" is a time */
};
/* Unix seconds, above 10^11 milliseconds, above 10^14 microseconds, above 10^17
 * nanoseconds; or a text that sw_instant_parse() takes. A fraction is dropped. */
const char *sw_time_of(const cJSON *value, const struct sw_time_form *form,
                       int64_t *ret_s);
/* True or false by one of their many names: true, 1, "on", "0"... */
const char *sw_truth_of(const cJSON *value, bool *ret);
/* An id, made by sw_id_make() of a text or of a whole number's digits. */
const char *sw_id_of(const cJSON *value, char ret[static SW_ID_MAX + 1]);
/* Whether a sender says that it has no value: nothing, null, "", or a word such as
 * "unavailable" or "nan" in any case. For steps a negative number says so, too. */
bool sw_is_absent(const cJSON *value);
bool sw_is_absent_word(const char *text);
bool sw_is_no_data(const cJSON *value);

/* ---- the fields of an object ---- */

struct sw_fields {
    const cJSON *object;
    int32_t index; /* in the payload's array; -1: the object is the payload */
    char *why;     /* SW_WHY_MAX bytes */
};

/* NULL if the field is absent; names are case sensitive. */
const cJSON *sw_field(const struct sw_fields *fields, const char *name);
bool sw_is_given(const struct sw_fields *fields, const char *name); /* and not null */

bool sw_field_whole(const struct sw_fields *fields, const char *name, int64_t min,
                    int64_t max, int64_t *ret);
bool sw_field_number(const struct sw_fields *fields, const char *name, double min,
                     double max, double *ret);
/* An id or "". */
bool sw_field_id(const struct sw_fields *fields, const char *name,
                 char ret[static SW_ID_MAX + 1]);
bool sw_field_time(const struct sw_fields *fields, const char *name, int64_t *ret_s);

/* "[2].steps[5]: " for the third object's field `steps` and its sixth item. name "" is
 * the object itself, item -1 the whole field. */
void sw_field_place(const struct sw_fields *fields, const char *name, int32_t item,
                    char out[static SW_PLACE_MAX]);
/* Put "PLACE: VALUE is not EXPECTED" into why. Always returns false. */
bool sw_field_wrong(const struct sw_fields *fields, const char *name, int32_t item,
                    const cJSON *value, const char *expected);

#endif
