/* nearest.c -- how many slips of the finger lie between two words. */
#include "util/nearest.h"

#include <stdbool.h>
#include <string.h>

enum {
    WORD_MAX = 40, /* longer words are not a mistyped name of ours */
    NEAR_MAX = 2,  /* edits: a slip of the finger, not another word */
    NEAR_TWO = 5,  /* letters of a word that may have two */
};

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many characters to add, drop, replace or swap with their neighbour, for words of
 * at most WORD_MAX bytes. cost[i][j]: from the first i of a to the first j of b. */
static size_t edits(const char *a, const char *b)
{
    size_t cost[WORD_MAX + 1][WORD_MAX + 1], len_a = strlen(a), len_b = strlen(b);
    for (size_t j = 0; j <= len_b; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        cost[i][0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            bool is_same = a[i - 1] == b[j - 1];
            bool is_swap =
                i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            cost[i][j] = lesser(cost[i - 1][j], cost[i][j - 1]) + 1;
            cost[i][j] = lesser(cost[i][j], cost[i - 1][j - 1] + !is_same);
            if (is_swap)
                cost[i][j] = lesser(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[len_a][len_b];
}

const char *sw_nearest(const char *word, const char *(*name)(const void *ctx, size_t i),
                       const void *ctx)
{
    const char *best = NULL, *candidate;
    size_t best_edits = strlen(word) < NEAR_TWO ? NEAR_MAX : NEAR_MAX + 1;
    if (strlen(word) > WORD_MAX)
        return NULL;
    for (size_t i = 0; (candidate = name(ctx, i)); i++) {
        size_t n = strlen(candidate) <= WORD_MAX ? edits(word, candidate) : WORD_MAX;
        if (n < best_edits && n < strlen(candidate)) {
            best_edits = n;
            best = candidate;
        }
    }
    return best;
}
