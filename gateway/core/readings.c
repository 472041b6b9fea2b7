/* readings.c -- the set of readings: any order, any repetition, one result.
 *
 * The set is kept sorted, so reading it from a sorted table only appends.
 */
#include "stepward/day.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

/* The first index whose device is not before device_key. */
static size_t device_place(const struct sw_day_set *set, int64_t device_key)
{
    size_t i = set->n_devices; /* devices are few */
    while (i > 0 && set->devices[i - 1].device_key >= device_key)
        i--;
    return i;
}

const struct sw_device_set *sw_day_set_find(const struct sw_day_set *set,
                                            int64_t device_key)
{
    size_t i = device_place(set, device_key);
    bool is_there = i < set->n_devices && set->devices[i].device_key == device_key;
    return is_there ? &set->devices[i] : NULL;
}

static struct sw_device_set *device_of(struct sw_day_set *set, int64_t device_key)
{
    size_t i = device_place(set, device_key);
    if (i < set->n_devices && set->devices[i].device_key == device_key)
        return &set->devices[i];
    if (GROW(set->devices, set->n_devices, set->cap_devices) < 0)
        return NULL;
    struct sw_device_set *device = &set->devices[i];
    memmove(device + 1, device, (set->n_devices - i) * sizeof(*device));
    *device = (struct sw_device_set){.device_key = device_key};
    set->n_devices++;
    return device;
}

int sw_day_set_name_device(struct sw_day_set *set, int64_t device_key,
                           const struct sw_device_id *id)
{
    struct sw_device_set *device = device_of(set, device_key);
    if (!device)
        return -ENOMEM;
    device->device = *id;
    return 0;
}

static bool readings_is_before(const struct sw_reading *a, const struct sw_reading *b)
{
    return a->start_s != b->start_s ? a->start_s < b->start_s : a->seconds < b->seconds;
}

/* The first index whose reading is not before `reading`. */
static size_t reading_place(const struct sw_device_set *device,
                            const struct sw_reading *reading)
{
    size_t low = 0, high = device->n_readings;
    bool comes_last =
        high == 0 || readings_is_before(&device->readings[high - 1], reading);
    if (comes_last)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (readings_is_before(&device->readings[middle], reading))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* For the same span more steps win, then worn. */
static bool wins_over(const struct sw_reading *a, const struct sw_reading *b)
{
    return a->steps != b->steps ? a->steps > b->steps : a->worn && !b->worn;
}

int sw_day_set_add_reading(struct sw_day_set *set, int64_t device_key,
                           const struct sw_reading *reading)
{
    struct sw_device_set *device = device_of(set, device_key);
    if (!device || GROW(device->readings, device->n_readings, device->cap_readings) < 0)
        return -ENOMEM;
    size_t i = reading_place(device, reading);
    struct sw_reading *place = &device->readings[i];
    bool same_span = i < device->n_readings && !readings_is_before(reading, place);
    if (same_span) {
        if (!wins_over(reading, place))
            return 0;
    } else {
        memmove(place + 1, place, (device->n_readings - i) * sizeof(*place));
        device->n_readings++;
    }
    *place = *reading;
    return 1;
}

/* For the same instant the larger total counts; of equal totals, the one that carries
 * the device's own time, since it says more. */
static bool says_more(const struct sw_total *a, const struct sw_total *b)
{
    return a->total != b->total ? a->total > b->total : a->stamp < b->stamp;
}

int sw_day_set_add_total(struct sw_day_set *set, int64_t device_key,
                         const struct sw_total *total)
{
    struct sw_device_set *device = device_of(set, device_key);
    if (!device || GROW(device->totals, device->n_totals, device->cap_totals) < 0)
        return -ENOMEM;
    size_t i = device->n_totals; /* totals are few, and mostly come in order */
    while (i > 0 && device->totals[i - 1].at_s >= total->at_s)
        i--;
    struct sw_total *place = &device->totals[i];
    bool same_instant = i < device->n_totals && place->at_s == total->at_s;
    if (same_instant) {
        if (!says_more(total, place))
            return 0;
    } else {
        memmove(place + 1, place, (device->n_totals - i) * sizeof(*place));
        device->n_totals++;
    }
    *place = *total;
    return 1;
}

int sw_day_set_add_pain(struct sw_day_set *set, const struct sw_pain *pain)
{
    if (GROW(set->pains, set->n_pains, set->cap_pains) < 0)
        return -ENOMEM;
    size_t i = set->n_pains;
    while (i > 0 && set->pains[i - 1].at_s >= pain->at_s)
        i--;
    struct sw_pain *place = &set->pains[i];
    bool same_instant = i < set->n_pains && place->at_s == pain->at_s;
    if (same_instant) {
        bool changes = pain->score > place->score || (pain->flare && !place->flare);
        place->score = pain->score > place->score ? pain->score : place->score;
        place->flare = place->flare || pain->flare;
        if (pain->stamp < place->stamp)
            place->stamp = pain->stamp;
        return changes;
    }
    memmove(place + 1, place, (set->n_pains - i) * sizeof(*place));
    set->n_pains++;
    *place = *pain;
    return 1;
}

void sw_day_set_fini(struct sw_day_set *set)
{
    for (size_t i = 0; i < set->n_devices; i++) {
        free(set->devices[i].readings);
        free(set->devices[i].totals);
    }
    free(set->devices);
    free(set->pains);
    *set = (struct sw_day_set){0};
}

size_t sw_day_set_bytes(const struct sw_day_set *set)
{
    size_t bytes =
        set->cap_devices * sizeof(*set->devices) + set->cap_pains * sizeof(*set->pains);
    for (size_t i = 0; i < set->n_devices; i++)
        bytes += set->devices[i].cap_readings * sizeof(struct sw_reading) +
                 set->devices[i].cap_totals * sizeof(struct sw_total);
    return bytes;
}
