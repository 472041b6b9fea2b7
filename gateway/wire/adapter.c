/* adapter.c -- which source a topic belongs to, and whose reading it is.
 * Templates are template.c's business, payloads are translate.c's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "wire/template.h"

struct adapter {
    const struct sw_source *source;
    struct sw_template template;
};
struct sw_adapters {
    struct adapter *items;
    size_t n;
};

int sw_adapters_new(struct sw_adapters **ret, const struct sw_source *sources, size_t n)
{
    struct sw_adapters *adapters = calloc(1, sizeof(*adapters));
    if (!adapters)
        return -ENOMEM;
    adapters->items = calloc(n ? n : 1, sizeof(*adapters->items));
    int r = adapters->items ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct adapter *adapter = &adapters->items[adapters->n++];
        adapter->source = &sources[i];
        r = sw_template_init(&adapter->template, sources[i].topic);
    }
    if (r < 0) {
        sw_adapters_free(adapters);
        return r;
    }
    *ret = adapters;
    return 0;
}

void sw_adapters_free(struct sw_adapters *adapters)
{
    if (!adapters)
        return;
    for (size_t i = 0; i < adapters->n; i++)
        sw_template_fini(&adapters->items[i].template);
    free(adapters->items);
    free(adapters);
}

bool sw_adapters_filter(const struct sw_adapters *adapters, size_t i, sw_topic_text out)
{
    if (i >= adapters->n)
        return false;
    sw_template_filter(&adapters->items[i].template, out);
    return true;
}

/* False if there is something that is no id. */
static bool take_id(const struct sw_filling *filling, char out[static SW_ID_MAX + 1])
{
    if (!filling->str)
        return true;
    if (!sw_id_is_valid(filling->str, filling->len))
        return false;
    memcpy(out, filling->str, filling->len);
    out[filling->len] = '\0';
    return true;
}

static struct sw_origin origin_of(const struct adapter *adapter,
                                  const struct sw_filling fillings[static SW_HOLES])
{
    struct sw_origin origin = {.source = adapter->source};
    if (!take_id(&fillings[SW_HOLE_DEVICE], origin.device.str))
        origin.invalid = "{device}";
    if (!take_id(&fillings[SW_HOLE_PATIENT], origin.patient.str))
        origin.invalid = "{patient}";
    return origin;
}

enum sw_match sw_adapters_match(const struct sw_adapters *adapters, const char *topic,
                                size_t len, struct sw_origin *ret)
{
    struct sw_filling fillings[SW_HOLES];
    enum sw_match best = SW_MATCH_NONE;
    for (size_t i = 0; i < adapters->n; i++) {
        const struct adapter *adapter = &adapters->items[i];
        enum sw_match match =
            sw_template_match(&adapter->template, topic, len, fillings);
        if (match == SW_MATCH_SOURCE) {
            *ret = origin_of(adapter, fillings);
            return match;
        }
        if (match == SW_MATCH_STRAY)
            best = match;
    }
    return best;
}
