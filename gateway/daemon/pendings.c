/* pendings.c -- one array of all, and a chain through it for each patient. */
#include "daemon/pendings.h"

#include <stdlib.h>

#include "daemon/grow.h"
#include "daemon/ward.h"

enum { KEPT_ITEMS_MAX = 4096 }; /* more than comes between two commits by day */

static void link_item(struct pendings *pendings, size_t i)
{
    struct pending *item = &pendings->items[i];
    item->before = item->patient->last_pending;
    item->patient->last_pending = i + 1;
}

void pendings_unlink(struct pendings *pendings)
{
    for (size_t i = 0; i < pendings->n; i++)
        pendings->items[i].patient->last_pending = 0;
}

static const struct pending *at(const struct pendings *pendings, size_t place)
{
    return place == 0 ? NULL : &pendings->items[place - 1];
}

int pendings_add(struct pendings *pendings, const struct pending *item)
{
    int r = GROW(pendings->items, pendings->n, pendings->cap);
    if (r < 0)
        return r;
    pendings->items[pendings->n] = *item;
    link_item(pendings, pendings->n++);
    return 0;
}

const struct pending *pendings_of(const struct pendings *pendings,
                                  const struct patient *patient)
{
    return at(pendings, patient->last_pending);
}

const struct pending *pendings_before(const struct pendings *pendings,
                                      const struct pending *item)
{
    return at(pendings, item->before);
}

void pendings_link(struct pendings *pendings)
{
    for (size_t i = 0; i < pendings->n; i++)
        link_item(pendings, i);
}

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
    *pendings = (struct pendings){0};
}

/* What a backlog took is given back. */
void pendings_clear(struct pendings *pendings)
{
    pendings_unlink(pendings);
    pendings->n = 0;
    if (pendings->cap > KEPT_ITEMS_MAX)
        pendings_fini(pendings);
}
