/* json.h -- hostile bytes to a cJSON tree.
 *
 * Which fields a payload has is the decoders' business; see fields.h and pointer.h.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <cjson/cJSON.h>

#include "stepward/types.h"

enum {
    SW_JSON_DEPTH_MAX = 16,  /* Google Fit's answer has 9; cJSON recurses */
    SW_JSON_NUMBER_MAX = 63, /* characters of a number that cJSON reads */
};

/* Parse exactly one JSON value, blanks around it allowed. SW_ACCEPTED with *ret for
 * cJSON_Delete(); SW_REFUSED_SIZE, _UTF8 or _JSON with why; SW_OUT_OF_MEMORY. */
enum sw_refusal sw_json_parse(const char *bytes, size_t len, cJSON **ret,
                              char why[static SW_WHY_MAX]);

/* The same, but a text that holds an object or an array, as of senders that encode
 * twice, is opened, once. */
enum sw_refusal sw_json_open(const char *bytes, size_t len, cJSON **ret,
                             char why[static SW_WHY_MAX]);

#endif
