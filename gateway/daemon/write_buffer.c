/* write_buffer.c -- one array of all items, and a chain through it for each patient. */
#include "daemon/write_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/patients.h"
#include "util/array.h"

enum {
    KEPT_BYTES_MAX = 512 * 1024, /* more than comes between two daytime commits */
    GAP_MAX = 10, /* periods of no data: a longer gap costs less as a new item */
    NO_DATA = -1,
};

/* ---- the chains ---- */

static void link_item(struct write_buffer *write_buffer, size_t i)
{
    struct patient *patient = write_buffer->items[i].patient;
    write_buffer->items[i].next = 0;
    if (patient->last_pending != 0)
        write_buffer->items[patient->last_pending - 1].next = i + 1;
    else
        patient->first_pending = i + 1;
    patient->last_pending = i + 1;
}

void write_buffer_unlink(struct write_buffer *write_buffer)
{
    for (size_t i = 0; i < write_buffer->n; i++) {
        struct patient *patient = write_buffer->items[i].patient;
        patient->first_pending = patient->last_pending = 0;
    }
}

void write_buffer_link(struct write_buffer *write_buffer)
{
    for (size_t i = 0; i < write_buffer->n; i++)
        link_item(write_buffer, i);
}

static const struct pending *write_buffer_at(const struct write_buffer *write_buffer,
                                             size_t place)
{
    return place == 0 ? NULL : &write_buffer->items[place - 1];
}

const struct pending *write_buffer_of(const struct write_buffer *write_buffer,
                                      const struct patient *patient)
{
    return write_buffer_at(write_buffer, patient->first_pending);
}

const struct pending *write_buffer_after(const struct write_buffer *write_buffer,
                                         const struct pending *item)
{
    return write_buffer_at(write_buffer, item->next);
}

/* ---- adding ---- */

static bool is_of_same(const struct pending *a, const struct pending *b)
{
    return a->patient == b->patient && a->kind == b->kind &&
           a->has_battery == b->has_battery && a->battery_pct == b->battery_pct &&
           strcmp(a->device.str, b->device.str) == 0;
}

/* How many periods after the item's last one the reading is: 1 for the next one; 0 if
 * it cannot be appended. An item that may be given to another patient stands alone. */
static int64_t periods_after(const struct pending *item, const struct pending *next)
{
    const struct sw_reading *from = &item->reading, *to = &next->reading;
    if (item->kind != PENDING_READING || item->by_device || next->by_device ||
        !is_of_same(item, next) || from->seconds != to->seconds ||
        from->worn != to->worn)
        return 0;
    int64_t seconds = to->start_s - from->start_s;
    int64_t periods = seconds / from->seconds - (int64_t)item->n + 1;
    bool fits = seconds > 0 && seconds % from->seconds == 0 && periods >= 1 &&
                periods <= GAP_MAX + 1;
    return fits ? periods : 0;
}

/* The item's steps are the last ones, so that more can be appended. This fails where
 * the items after it were dropped. */
static bool is_open_ended(const struct write_buffer *write_buffer,
                          const struct pending *item)
{
    return item->first_steps + item->n - 1 == write_buffer->n_steps;
}

static int extend(struct write_buffer *write_buffer, int64_t periods, int32_t steps)
{
    struct pending *last = &write_buffer->items[write_buffer->n - 1];
    for (; periods > 0; periods--) {
        int r =
            GROW(write_buffer->steps, write_buffer->n_steps, write_buffer->cap_steps);
        if (r < 0)
            return r;
        write_buffer->steps[write_buffer->n_steps++] = periods > 1 ? NO_DATA : steps;
        last->n++;
    }
    return 0;
}

int write_buffer_add(struct write_buffer *write_buffer, const struct pending *item)
{
    struct pending *last =
        write_buffer->n > 0 ? &write_buffer->items[write_buffer->n - 1] : NULL;
    int64_t periods =
        last && is_open_ended(write_buffer, last) ? periods_after(last, item) : 0;
    if (periods > 0)
        return extend(write_buffer, periods, item->reading.steps);
    int r = GROW(write_buffer->items, write_buffer->n, write_buffer->cap);
    if (r < 0)
        return r;
    write_buffer->items[write_buffer->n] = *item;
    write_buffer->items[write_buffer->n].first_steps = write_buffer->n_steps;
    link_item(write_buffer, write_buffer->n++);
    return 0;
}

bool write_buffer_reading(const struct write_buffer *write_buffer,
                          const struct pending *item, uint32_t i,
                          struct sw_reading *ret)
{
    *ret = item->reading;
    if (i == 0)
        return true;
    ret->start_s += (int64_t)i * ret->seconds;
    ret->steps = write_buffer->steps[item->first_steps + i - 1];
    return ret->steps != NO_DATA;
}

/* ---- the whole buffer ---- */

size_t write_buffer_bytes(const struct write_buffer *write_buffer)
{
    return write_buffer->n * sizeof(*write_buffer->items) +
           write_buffer->n_steps * sizeof(*write_buffer->steps);
}

/* The steps of dropped items stay until everything is cleared. */
void write_buffer_drop_gone(struct write_buffer *write_buffer)
{
    size_t n = 0;
    write_buffer_unlink(write_buffer);
    for (size_t i = 0; i < write_buffer->n; i++)
        if (write_buffer->items[i].patient->state != PATIENT_GONE)
            write_buffer->items[n++] = write_buffer->items[i];
    write_buffer->n = n;
    write_buffer_link(write_buffer);
}

void write_buffer_fini(struct write_buffer *write_buffer)
{
    free(write_buffer->items);
    free(write_buffer->steps);
    *write_buffer = (struct write_buffer){0};
}

/* Memory that a backlog took is given back. */
void write_buffer_clear(struct write_buffer *write_buffer)
{
    write_buffer_unlink(write_buffer);
    write_buffer->n = write_buffer->n_steps = 0;
    if (write_buffer->cap * sizeof(*write_buffer->items) +
            write_buffer->cap_steps * sizeof(*write_buffer->steps) >
        KEPT_BYTES_MAX)
        write_buffer_fini(write_buffer);
}
