/* device_assignments.c -- who wears which device: loaded whole, found by halving. */
#include "daemon/device_assignments.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static int note(void *ctx, const struct sw_assignment *assignment)
{
    struct device_assignments *device_assignments = ctx;
    int r =
        GROW(device_assignments->items, device_assignments->n, device_assignments->cap);
    if (r < 0)
        return r;
    device_assignments->items[device_assignments->n++] = *assignment;
    return 0;
}

static bool is_same(const struct sw_assignment *a, const struct sw_assignment *b)
{
    return strcmp(a->device.str, b->device.str) == 0 && a->from_s == b->from_s &&
           a->to_s == b->to_s && a->patient_key == b->patient_key;
}

static bool are_same(const struct device_assignments *a,
                     const struct device_assignments *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = is_same(&a->items[i], &b->items[i]);
    return same;
}

int device_assignments_load(struct device_assignments *device_assignments,
                            struct sw_store *store, bool *ret_changed)
{
    struct device_assignments loaded = {0};
    int r = sw_store_each_assignment(store, NULL, note, &loaded);
    if (r < 0) {
        device_assignments_fini(&loaded);
        return r;
    }
    *ret_changed = !are_same(device_assignments, &loaded);
    device_assignments_fini(device_assignments);
    *device_assignments = loaded;
    return 0;
}

void device_assignments_fini(struct device_assignments *device_assignments)
{
    free(device_assignments->items);
    *device_assignments = (struct device_assignments){0};
}

static bool is_after(const struct sw_assignment *assignment,
                     const struct sw_device_id *device, int64_t at_s)
{
    int order = strcmp(assignment->device.str, device->str);
    return order != 0 ? order > 0 : assignment->from_s > at_s;
}

const struct sw_assignment *
device_assignments_at(const struct device_assignments *device_assignments,
                      const struct sw_device_id *device, int64_t from_s)
{
    size_t low = 0, high = device_assignments->n;
    while (low < high) { /* the first that is after */
        size_t middle = low + (high - low) / 2;
        if (is_after(&device_assignments->items[middle], device, from_s))
            high = middle;
        else
            low = middle + 1;
    }
    bool found = low > 0 && strcmp(device_assignments->items[low - 1].device.str,
                                   device->str) == 0;
    return found ? &device_assignments->items[low - 1] : NULL;
}
