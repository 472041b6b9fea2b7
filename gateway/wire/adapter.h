/* adapter.h -- templates: topics with {patient}, {device} and + in them.
 *
 *     struct sw_template template = {0};
 *     sw_template_init(&template, "homeassistant/sensor/{device}_steps/state");
 *     sw_template_match(&template, topic, len, &found);
 *     sw_template_fini(&template);
 */
#ifndef WIRE_ADAPTER_H
#define WIRE_ADAPTER_H

#include "stepward/wire.h"

enum sw_hole { SW_HOLE_NONE, SW_HOLE_ANY, SW_HOLE_PATIENT, SW_HOLE_DEVICE, SW_HOLES };

/* One level: text, text around a hole, or + which is a hole without text. */
struct sw_level {
    const char *before, *after; /* in the template's text */
    size_t before_len, after_len;
    enum sw_hole hole;
};
struct sw_template {
    char *text;
    struct sw_level *levels;
    size_t n_levels;
};
int sw_template_init(struct sw_template *ret, const char *text); /* 0 or -ENOMEM */
void sw_template_fini(struct sw_template *template);             /* all zero is fine */

/* The filter that lets in every topic that fits: it has + for each level with a
 * hole. */
void sw_template_filter(const struct sw_template *template, sw_topic_text out);

/* What stood in a hole, in the topic; str NULL if the template has no such hole. */
struct sw_filling {
    const char *str;
    size_t len;
};
/* Every filling has at least one byte. Only SW_MATCH_SOURCE sets ret. */
enum sw_match sw_template_match(const struct sw_template *template, const char *topic,
                                size_t len, struct sw_filling ret[static SW_HOLES]);

#endif
