/* pointer.h -- JSON Pointers (RFC 6901) into a payload, and to and from its items.
 *
 *     struct sw_item item = sw_item_of_root(root);
 *     r = sw_each_item(&item, source->each, &left, take, ctx);
 *     cJSON *steps = sw_item_find(&item, "/qty", &left, &name);
 *     cJSON *metric = sw_item_find(&item, "^^/name", &left, &name);
 *     cJSON *device = sw_item_find(&item, "^#", &left, &name); // under which name it is
 *
 * Names are case sensitive, and of equal names in an object the first counts. Whether a
 * pointer is well written was judged where it was configured: one that is not finds
 * nothing. Debian's cJSON comes without cJSON_Utils.
 *
 * *left is how many values may still be looked at. Each one that is takes one, and when
 * none is left nothing is found any more: so no payload, however wide, and no pointer,
 * however long, takes more than SW_LOOKS_MAX steps.
 */
#ifndef WIRE_POINTER_H
#define WIRE_POINTER_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/json.h"

enum {
    SW_LOOKS_MAX = 4 * 1024 * 1024, /* a day of minutes takes half a million */
    SW_ITEM_LEVELS_MAX = SW_JSON_DEPTH_MAX + 1,
};

/* What a pointer names; "" names the whole. NULL if nothing has that name. */
cJSON *sw_pointer_find(cJSON *root, const char *pointer, int32_t *left);

/* A value in a payload, below all that it is part of: levels[0] is the payload. */
struct sw_item {
    cJSON *levels[SW_ITEM_LEVELS_MAX];
    size_t n;
};
struct sw_item sw_item_of_root(cJSON *root);

/* Call on_item for all that the pointer names below the item: of an array its members,
 * else the value itself. The token * names every member of an array or an object. Ends
 * early, and returns it, if on_item returns other than 0. */
int sw_each_item(const struct sw_item *item, const char *pointer, int32_t *left,
                 int (*on_item)(void *ctx, const struct sw_item *item), void *ctx);

/* What a pointer names, seen from the item. Each ^ goes one level up; if that is an
 * array, which has no names, then on to the object that it is in. # is the name that
 * the item, or after ^ the level above it, has in its object; it is put into *name. */
cJSON *sw_item_find(const struct sw_item *item, const char *pointer, int32_t *left,
                    cJSON *name);

#endif
