/* device_assignments.c -- who wears which device, loaded as a whole and found by binary
 * search; and the numbers by which a patient's readings in memory refer to devices. */
#include "daemon/device_assignments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/patients.h"
#include "util/array.h"

static int device_assignments_note(void *ctx, const struct sw_assignment *assignment)
{
    struct device_assignments *device_assignments = ctx;
    int r =
        GROW(device_assignments->items, device_assignments->n, device_assignments->cap);
    if (r < 0)
        return r;
    device_assignments->items[device_assignments->n++] = *assignment;
    return 0;
}

static bool are_same(const struct device_assignments *all,
                     const struct device_assignments *others)
{
    bool same = all->n == others->n;
    for (size_t i = 0; same && i < all->n; i++) {
        const struct sw_assignment *a = &all->items[i], *b = &others->items[i];
        same = strcmp(a->device.str, b->device.str) == 0 && a->from_s == b->from_s &&
               a->to_s == b->to_s && a->patient_key == b->patient_key;
    }
    return same;
}

int device_assignments_load(struct device_assignments *device_assignments,
                            struct sw_store *store, bool *ret_changed)
{
    struct device_assignments loaded = {0};
    int r = sw_store_each_assignment(store, NULL, device_assignments_note, &loaded);
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

/* ---- the devices of a patient ---- */

/* Devices have numbers of our own until the store assigns one. Returns the index of the
 * device among the new ones, or their count if it is not among them. */
static size_t find_new_device(const struct patient *patient,
                              const struct sw_device_id *device)
{
    size_t i = 0;
    while (i < patient->devices.n_news &&
           strcmp(patient->devices.news[i].str, device->str) != 0)
        i++;
    return i;
}

static int new_device_key(struct patient *patient, const struct sw_device_id *device,
                          int64_t *ret_key)
{
    size_t i = find_new_device(patient, device);
    int r = GROW(patient->devices.news, i, patient->devices.cap_news);
    if (r < 0)
        return r;
    if (i == patient->devices.n_news)
        patient->devices.news[patient->devices.n_news++] = *device;
    *ret_key = -(int64_t)i - 1;
    return 0;
}

/* How many devices the store knows of the patient; -EEXIST if this is one of them. */
static int64_t count_others(struct patients *patients, const struct patient *patient,
                            const struct sw_device_id *device)
{
    int64_t key;
    if (patient->known.key == 0)
        return 0;
    int r = sw_store_find_device(patients->store, patient->known.key, device, &key);
    if (r == SW_STORE_NONE)
        return sw_store_count_devices(patients->store, patient->known.key);
    return r < 0 ? r : -EEXIST;
}

int patients_admit_device(struct patients *patients, struct patient *patient,
                          const struct sw_device_id *device)
{
    int64_t number;
    if (patient->devices.has_admitted &&
        strcmp(patient->devices.admitted.str, device->str) == 0)
        return 0;
    int64_t n = count_others(patients, patient, device);
    bool is_stored = n == -EEXIST;
    if (n < 0 && !is_stored)
        return (int)n;
    bool is_new =
        !is_stored && find_new_device(patient, device) == patient->devices.n_news;
    if (is_new && n + (int64_t)patient->devices.n_news >= SW_DEVICES_MAX)
        return SW_REFUSED_FLOOD;
    int r = is_new ? new_device_key(patient, device, &number) : 0;
    if (r < 0)
        return r;
    patient->devices.admitted = *device;
    patient->devices.has_admitted = true;
    return 0;
}

int patients_device_key(struct patients *patients, struct patient *patient,
                        const struct sw_device_id *device, int64_t *ret_key)
{
    int r = 0;
    bool is_same = patient->devices.asked_key != 0 &&
                   strcmp(patient->devices.asked.str, device->str) == 0;
    if (!is_same)
        r = patient->known.key == 0
                ? SW_STORE_NONE
                : sw_store_find_device(patients->store, patient->known.key, device,
                                       &patient->devices.asked_key);
    if (r == SW_STORE_NONE)
        r = new_device_key(patient, device, &patient->devices.asked_key);
    if (r < 0) {
        patient->devices.asked_key = 0;
        return r;
    }
    patient->devices.asked = *device;
    *ret_key = patient->devices.asked_key;
    return 0;
}
