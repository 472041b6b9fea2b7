/* facts.h -- a set of short sentences, each with a number: "reading|p1||1774779300|60"
 * is 37, "alert|p1-rest-1774779300" is at revision 3. Sentences are kept as hashes. */
#ifndef TEST_FACTS_H
#define TEST_FACTS_H

#include <stddef.h>
#include <stdint.h>

struct fact {
    uint64_t key;
    int64_t number;
};
struct facts { /* all zero: empty */
    struct fact *items;
    size_t n, cap, n_sorted;
};

enum { FACT_NONE = -1 }; /* numbers are not negative */

uint64_t fact_bytes(const void *bytes, size_t len); /* FNV-1a */
__attribute__((format(printf, 1, 2))) uint64_t fact_key(const char *format, ...);
/* "message|…": these very bytes on this topic. */
uint64_t fact_message(const char *topic, size_t topic_len, const void *payload,
                      size_t payload_len);

void facts_put(struct facts *facts, uint64_t key, int64_t number);
int64_t facts_get(struct facts *facts, uint64_t key); /* the greatest number put */
void facts_fini(struct facts *facts);

#endif
