/* array.h -- room for more items in an array that doubles.
 *
 *     r = GROW(list->items, list->n, list->cap);
 *     if (r >= 0)
 *         list->items[list->n++] = item;
 *
 * It needs nothing but reallocarray(), so that the core may use it too. All zero is an
 * empty array; its owner frees the items.
 */
#ifndef UTIL_ARRAY_H
#define UTIL_ARRAY_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Make room for n items of that size. 0, or -ENOMEM with the array as it was. items is
 * the address of the array's pointer, whatever its type. */
static inline int sw_array_reserve(void *items, size_t n, size_t *cap, size_t size)
{
    enum { AT_FIRST_BYTES = 256 }; /* a handful of what is kept in arrays here */
    void *old, *grown;
    if (n <= *cap)
        return 0;
    size_t wanted = *cap ? *cap : AT_FIRST_BYTES / size + 1;
    while (wanted < n && wanted <= SIZE_MAX / 2)
        wanted *= 2;
    if (wanted < n || wanted > SIZE_MAX / 2 / size) /* more than can be addressed */
        return -ENOMEM;
    memcpy(&old, items, sizeof old);
    grown = reallocarray(old, wanted, size);
    if (!grown)
        return -ENOMEM;
    memcpy(items, &grown, sizeof grown);
    *cap = wanted;
    return 0;
}
#define RESERVE(items, n, cap) sw_array_reserve(&(items), (n), &(cap), sizeof(*(items)))
#define GROW(items, n, cap)    RESERVE(items, (n) + 1, cap)

#endif
