/* grow.h -- room for one more item of an array that doubles.
 *
 *     r = GROW(list->items, list->n, list->cap);
 *     if (r >= 0)
 *         list->items[list->n++] = item;
 */
#ifndef DAEMON_GROW_H
#define DAEMON_GROW_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 0, or -ENOMEM with the array as it was. items: the address of the array's pointer. */
static inline int sw_grow(void *items, size_t n, size_t *cap, size_t size)
{
    enum { AT_FIRST = 64 };
    void *old, *grown;
    if (n < *cap)
        return 0;
    size_t wanted = *cap ? 2 * *cap : AT_FIRST;
    memcpy(&old, items, sizeof(old));
    grown = realloc(old, wanted * size);
    if (!grown)
        return -ENOMEM;
    memcpy(items, &grown, sizeof(grown));
    *cap = wanted;
    return 0;
}
#define GROW(items, n, cap) sw_grow(&(items), (n), &(cap), sizeof(*(items)))

#endif
