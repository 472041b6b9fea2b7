/* wearers.c -- who wears which device: loaded whole, found by halving. */
#include "daemon/wearers.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static int note(void *ctx, const struct sw_wearer *wearer)
{
    struct wearers *wearers = ctx;
    int r = GROW(wearers->items, wearers->n, wearers->cap);
    if (r < 0)
        return r;
    wearers->items[wearers->n++] = *wearer;
    return 0;
}

static bool is_same(const struct sw_wearer *a, const struct sw_wearer *b)
{
    return strcmp(a->device.str, b->device.str) == 0 && a->from_s == b->from_s &&
           a->to_s == b->to_s && a->patient_key == b->patient_key;
}

static bool are_same(const struct wearers *a, const struct wearers *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = is_same(&a->items[i], &b->items[i]);
    return same;
}

int wearers_load(struct wearers *wearers, struct sw_store *store, bool *ret_changed)
{
    struct wearers loaded = {0};
    int r = sw_store_each_wearer(store, NULL, note, &loaded);
    if (r < 0) {
        wearers_fini(&loaded);
        return r;
    }
    *ret_changed = !are_same(wearers, &loaded);
    wearers_fini(wearers);
    *wearers = loaded;
    return 0;
}

void wearers_fini(struct wearers *wearers)
{
    free(wearers->items);
    *wearers = (struct wearers){0};
}

static bool is_after(const struct sw_wearer *wearer, const struct sw_device_id *device,
                     int64_t at_s)
{
    int order = strcmp(wearer->device.str, device->str);
    return order != 0 ? order > 0 : wearer->from_s > at_s;
}

const struct sw_wearer *wearers_at(const struct wearers *wearers,
                                   const struct sw_device_id *device, int64_t from_s)
{
    size_t low = 0, high = wearers->n;
    while (low < high) { /* the first that is after */
        size_t middle = low + (high - low) / 2;
        if (is_after(&wearers->items[middle], device, from_s))
            high = middle;
        else
            low = middle + 1;
    }
    bool found =
        low > 0 && strcmp(wearers->items[low - 1].device.str, device->str) == 0;
    return found ? &wearers->items[low - 1] : NULL;
}
