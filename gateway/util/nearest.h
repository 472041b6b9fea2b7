/* nearest.h -- what a mistyped word was meant to be. */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include <stddef.h>

/* The name that is nearest to the word, of name(ctx, 0), name(ctx, 1) and so on until
 * NULL. NULL if none is near: within two slips of the finger (a letter more, less,
 * changed, or swapped with its neighbour), and not another word altogether. */
const char *sw_nearest(const char *word, const char *(*name)(const void *ctx, size_t i),
                       const void *ctx);

#endif
