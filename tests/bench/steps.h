/* steps.h -- the steps of made-up patients, the same whoever sends or stores them:
 * somebody who sits most of the time, and walks some minutes now and then.
 */
#ifndef BENCH_STEPS_H
#define BENCH_STEPS_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t steps_mix(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return (uint32_t)(x >> 32);
}

/* Of a patient's minute since 1970. */
static inline uint32_t steps_of(int64_t patient, int64_t minute)
{
    enum { STRETCH_MIN = 8, WALKS_IN = 5, FIDGETS_IN = 12 };
    uint64_t who = (uint64_t)patient << 32;
    bool walks = steps_mix(who + (uint64_t)minute / STRETCH_MIN) % WALKS_IN == 0;
    uint32_t chance = steps_mix(who + (uint64_t)minute + 0x80000000u);
    if (walks)
        return 20 + chance % 90;
    return chance % FIDGETS_IN == 0 ? 1 + chance / FIDGETS_IN % 12 : 0;
}

#endif
