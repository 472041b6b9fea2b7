/* config_keys.h -- the configuration's keys but the plan's, whose rules are core's. */
#ifndef HOST_CONFIG_KEYS_H
#define HOST_CONFIG_KEYS_H

#include <stddef.h>

#include "stepward/types.h"

enum config_kind {              /* what becomes of a value */
                   CONFIG_TEXT, /* char * */
                   CONFIG_FOLDER, /* char *, a name seen from the configuration's folder */
                   CONFIG_FILE, /* so too, and what the gateway must be able to read */
                   CONFIG_DURATION, /* int64_t, seconds */
                   CONFIG_NUMBER,   /* int32_t */
                   CONFIG_BOOL,   /* bool: is it one of the second half of the words? */
                   CONFIG_CHOICE, /* so too; it is a word when it is printed */
                   CONFIG_PROTOCOL, /* int: 5, or 4 for every other word */
};

struct config_key {
    const char *name;
    const char *fallback; /* NULL: it may be left out, which is "" */
    enum config_kind kind;
    size_t at; /* its place in struct sw_config, of a source in struct sw_source */
    const char *takes; /* in words */
    /* NULL, or what it takes instead of the value; no function: anything. */
    const char *(*check)(const struct config_key *key, const char *value);
    int64_t min, max;         /* of a duration (seconds) or number */
    const char *const *words; /* to choose from, ending with NULL */
    size_t line_at;           /* of a file: the place of the line that names it */
    unsigned closed_bits;     /* of a file's mode: who must not read it */
};

struct config_section {
    const char *name;
    const struct config_key *keys;
    size_t n;
};
/* "root" is what stands in no section, as libconfuse calls it. */
extern const struct config_section config_root, config_broker, config_source;

bool config_is_true(const struct config_key *key, const char *word);

#endif
