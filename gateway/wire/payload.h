/* payload.h -- what other devices send, to a cJSON tree: JSON, a number or a word,
 * key=value, CSV lines, and gzip of any of them.
 */
#ifndef WIRE_PAYLOAD_H
#define WIRE_PAYLOAD_H

#include <cjson/cJSON.h>

#include "stepward/types.h"

enum {
    /* A line of CSV takes at least 8 bytes: "1774,0" and what ends it. More items than
     * these are of no device that one person wears. */
    SW_ITEMS_MAX = 8192,
    SW_COLUMNS_MAX = 64, /* of CSV; the rest of a line is not looked at */
};

/* SW_ACCEPTED with *ret for cJSON_Delete(), or NULL if the payload says that there is
 * no value: "", "unavailable"...; a refusal with why; SW_OUT_OF_MEMORY.
 *
 * CSV becomes an array of objects of texts, named by the columns ("at,steps"); columns
 * may be NULL or "". A part of it, printed by sw_source_part(), is that array. Lines before the first that has a cell with a digit at its begin
 * are headings. key=value pairs, between which stand blanks, ';', '&' or ',', become an
 * object of texts. gzip is unpacked to at most SW_PAYLOAD_MAX bytes, once. */
enum sw_refusal sw_payload_parse(const char *bytes, size_t len, const char *columns,
                                 cJSON **ret, char why[static SW_WHY_MAX]);

#endif
