/* pointer.h -- JSON Pointers (RFC 6901). Debian's cJSON comes without cJSON_Utils.
 */
#ifndef WIRE_POINTER_H
#define WIRE_POINTER_H

#include <cjson/cJSON.h>

/* What the pointer names, "" the whole; NULL if there is nothing of that name. Names
 * are case sensitive; of equal names in an object the first counts. */
cJSON *sw_pointer_find(cJSON *root, const char *pointer);

#endif
