/* pendings.c -- one array of all, and a chain through it for each patient. */
#include "daemon/pendings.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/ward.h"
#include "util/array.h"

enum {
    KEPT_BYTES_MAX = 512 * 1024, /* more than comes between two commits by day */
    GAP_MAX = 10, /* periods of no data: a longer one costs less as a new item */
    NO_DATA = -1,
};

/* ---- the chains ---- */

static void link_item(struct pendings *pendings, size_t i)
{
    struct patient *patient = pendings->items[i].patient;
    pendings->items[i].next = 0;
    if (patient->last_pending != 0)
        pendings->items[patient->last_pending - 1].next = i + 1;
    else
        patient->first_pending = i + 1;
    patient->last_pending = i + 1;
}

void pendings_unlink(struct pendings *pendings)
{
    for (size_t i = 0; i < pendings->n; i++) {
        struct patient *patient = pendings->items[i].patient;
        patient->first_pending = patient->last_pending = 0;
    }
}

void pendings_link(struct pendings *pendings)
{
    for (size_t i = 0; i < pendings->n; i++)
        link_item(pendings, i);
}

static const struct pending *at(const struct pendings *pendings, size_t place)
{
    return place == 0 ? NULL : &pendings->items[place - 1];
}

const struct pending *pendings_of(const struct pendings *pendings,
                                  const struct patient *patient)
{
    return at(pendings, patient->first_pending);
}

const struct pending *pendings_after(const struct pendings *pendings,
                                     const struct pending *item)
{
    return at(pendings, item->next);
}

/* ---- adding ---- */

static bool is_of_same(const struct pending *a, const struct pending *b)
{
    return a->patient == b->patient && a->kind == b->kind &&
           a->has_battery == b->has_battery && a->battery_pct == b->battery_pct &&
           strcmp(a->device.str, b->device.str) == 0;
}

/* How many periods after the last of `item` the reading is: 1 for the next one; 0 if
 * it cannot be put there. One that may be given to another patient stands alone. */
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

static int add_steps(struct pendings *pendings, int32_t steps)
{
    int r = GROW(pendings->steps, pendings->n_steps, pendings->cap_steps);
    if (r >= 0)
        pendings->steps[pendings->n_steps++] = steps;
    return r;
}

/* Its steps are the last ones, so that there is room for more of them; not where those
 * that came after it were dropped. */
static bool is_open_ended(const struct pendings *pendings, const struct pending *item)
{
    return item->first_steps + item->n - 1 == pendings->n_steps;
}

static int extend(struct pendings *pendings, int64_t periods, int32_t steps)
{
    struct pending *last = &pendings->items[pendings->n - 1];
    int r = 0;
    for (; r >= 0 && periods > 0; periods--) {
        r = add_steps(pendings, periods > 1 ? NO_DATA : steps);
        last->n += r >= 0;
    }
    return r;
}

int pendings_add(struct pendings *pendings, const struct pending *item)
{
    struct pending *last = pendings->n > 0 ? &pendings->items[pendings->n - 1] : NULL;
    int64_t periods =
        last && is_open_ended(pendings, last) ? periods_after(last, item) : 0;
    if (periods > 0)
        return extend(pendings, periods, item->reading.steps);
    int r = GROW(pendings->items, pendings->n, pendings->cap);
    if (r < 0)
        return r;
    pendings->items[pendings->n] = *item;
    pendings->items[pendings->n].first_steps = pendings->n_steps;
    link_item(pendings, pendings->n++);
    return 0;
}

bool pendings_reading(const struct pendings *pendings, const struct pending *item,
                      uint32_t i, struct sw_reading *ret)
{
    *ret = item->reading;
    if (i == 0)
        return true;
    ret->start_s += (int64_t)i * ret->seconds;
    ret->steps = pendings->steps[item->first_steps + i - 1];
    return ret->steps != NO_DATA;
}

/* ---- the whole ---- */

size_t pendings_bytes(const struct pendings *pendings)
{
    return pendings->n * sizeof(*pendings->items) +
           pendings->n_steps * sizeof(*pendings->steps);
}

/* The steps of those that go stay until all is cleared. */
void pendings_drop_gone(struct pendings *pendings)
{
    size_t n = 0;
    pendings_unlink(pendings);
    for (size_t i = 0; i < pendings->n; i++)
        if (!pendings->items[i].patient->gone)
            pendings->items[n++] = pendings->items[i];
    pendings->n = n;
    pendings_link(pendings);
}

void pendings_fini(struct pendings *pendings)
{
    free(pendings->items);
    free(pendings->steps);
    *pendings = (struct pendings){0};
}

static size_t bytes_held(const struct pendings *pendings)
{
    return pendings->cap * sizeof(*pendings->items) +
           pendings->cap_steps * sizeof(*pendings->steps);
}

/* What a backlog took is given back. */
void pendings_clear(struct pendings *pendings)
{
    pendings_unlink(pendings);
    pendings->n = pendings->n_steps = 0;
    if (bytes_held(pendings) > KEPT_BYTES_MAX)
        pendings_fini(pendings);
}
