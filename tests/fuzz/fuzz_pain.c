/* fuzz_pain.c -- any bytes as a score of pain: taken ones are in range, others touch
 * nothing. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_receipt receipt = {
        .at_s = 1774779300, .oldest_s = 1000, .newest_s = 1774779900};
    struct sw_pain pain = {.at_s = -7};
    char why[SW_WHY_MAX];
    memset(why, '?', sizeof(why));
    int r = sw_decode_pain((const char *)data, size, &receipt, &pain, why);
    assert(memchr(why, '\0', sizeof(why)));
    assert((why[0] != '\0') == (r > 0));
    if (r != SW_ACCEPTED) {
        assert(pain.at_s == -7);
        return 0;
    }
    assert(pain.score >= 0 && pain.score <= 10);
    assert(pain.at_s >= receipt.oldest_s && pain.at_s <= receipt.newest_s);
    return 0;
}
