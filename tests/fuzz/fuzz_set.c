/* fuzz_set.c -- any bytes as an action on an alert: taken ones are in range, others
 * touch nothing. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sw_therapist_id anna = {"anna"};
    struct sw_action action = {.minutes = -7};
    char why[SW_WHY_MAX];
    memset(why, '?', sizeof(why));
    int r = sw_decode_set((const char *)data, size, anna, &action, why);
    assert(memchr(why, '\0', sizeof(why)));
    assert((why[0] != '\0') == (r > 0));
    if (r != SW_ACCEPTED) {
        assert(action.minutes == -7);
        return 0;
    }
    assert(action.kind < SW_ACTIONS);
    assert(memchr(action.by, '\0', sizeof(action.by)));
    assert(memchr(action.note, '\0', sizeof(action.note)));
    assert(action.kind != SW_ACTION_SHELVE ||
           (action.minutes >= 1 && action.minutes <= SW_SHELVE_MAX_MIN));
    return 0;
}
