/* fuzz_time.c -- any bytes as a time, by the contract and by the clocks of a zone: what is
 * taken is in range, is what its own text says, and does not change with the zone if it
 * has an offset. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "wire/fields.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DAY_S = 86400 };
static const int64_t END_S = 7258118400; /* of 2199, which offsets move by a day */

/* Berlin in spring 2026: 02:00 -> 03:00 on 29 March, 01:00 UTC. */
static const struct sw_zone_shift shifts[] = {{0, 3600}, {1774746000, 7200}};
static const struct sw_zone berlin = {shifts, 2};

static void check_text(const char *text, size_t len)
{
    int64_t at_s = -1, local_s = -1, again_s = -1;
    char out[SW_INSTANT_LEN + 1];
    bool is_instant = sw_instant_parse(text, len, NULL, &at_s);
    bool is_local = sw_instant_parse(text, len, &berlin, &local_s);
    assert(is_local || !is_instant);
    assert(!is_instant || local_s == at_s);
    assert(!is_local || (local_s >= 0 && local_s < END_S + DAY_S));
    if (!is_local || local_s >= END_S)
        return;
    sw_instant_format(local_s, out);
    assert(sw_instant_parse(out, SW_INSTANT_LEN, NULL, &again_s) && again_s == local_s);
}

static void check_value(const cJSON *value)
{
    static const struct sw_time_form forms[] = {{NULL},
                                                {.numbers_as_texts = true},
                                                {.units_per_s = 1000},
                                                {.units_per_s = 1000000000},
                                                {.zone = &berlin}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        int64_t at_s = -7;
        const char *expected = sw_time_of(value, &forms[i], &at_s);
        assert(!expected == (at_s != -7));
        assert(expected || (at_s >= 0 && at_s < END_S + DAY_S));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[SW_WHY_MAX];
    cJSON *value = NULL;
    check_text((const char *)data, size);
    if (sw_json_parse((const char *)data, size, &value, why) == SW_ACCEPTED)
        check_value(value);
    cJSON_Delete(value);
    return 0;
}
