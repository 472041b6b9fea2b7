/* facts.c -- the set of facts: put many, then ask. What they say is up to the caller.
 */
#include "facts.h"

#include <err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENTENCE_MAX = 1024 };

uint64_t fact_bytes(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t fact_key(const char *format, ...)
{
    char text[SENTENCE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || len >= SENTENCE_MAX)
        errx(2, "a fact is too long");
    return fact_bytes(text, (size_t)len);
}

uint64_t fact_message(const char *topic, size_t topic_len, const void *payload,
                      size_t payload_len)
{
    return fact_key("message|%llx|%llx",
                    (unsigned long long)fact_bytes(topic, topic_len),
                    (unsigned long long)fact_bytes(payload, payload_len));
}

void facts_put(struct facts *facts, uint64_t key, int64_t number)
{
    if (facts->n == facts->cap) {
        facts->cap = facts->cap ? 2 * facts->cap : 1024;
        facts->items = realloc(facts->items, facts->cap * sizeof *facts->items);
        if (!facts->items)
            err(2, "memory");
    }
    facts->items[facts->n++] = (struct fact){key, number};
}

/* By key, the greatest number of a key first. */
static int compare(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->number < y->number) - (x->number > y->number);
}

int64_t facts_get(struct facts *facts, uint64_t key)
{
    size_t from = 0, to = facts->n;
    if (facts->n_sorted != facts->n && facts->n > 0)
        qsort(facts->items, facts->n, sizeof *facts->items, compare);
    facts->n_sorted = facts->n;
    while (from < to) { /* the first one of this key or a greater one */
        size_t middle = from + (to - from) / 2;
        if (facts->items[middle].key < key)
            from = middle + 1;
        else
            to = middle;
    }
    bool is_there = from < facts->n && facts->items[from].key == key;
    return is_there ? facts->items[from].number : FACT_NONE;
}

void facts_fini(struct facts *facts)
{
    free(facts->items);
    *facts = (struct facts){0};
}
