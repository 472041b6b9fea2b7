/* config_keys.h -- the configuration's keys but the plan's, whose rules are core's. */
#ifndef HOST_CONFIG_KEYS_H
#define HOST_CONFIG_KEYS_H

#include <stddef.h>

#include "stepward/types.h"

/* What becomes of a value. */
enum config_kind {
    CONFIG_TEXT,     /* char * */
    CONFIG_POINTER,  /* char *, where an item of a source's payload says this */
    CONFIG_LIST,     /* char *, words with blanks between */
    CONFIG_FOLDER,   /* char *, a name seen from the configuration's folder */
    CONFIG_FILE,     /* the same, of a file that the gateway must be able to read */
    CONFIG_DURATION, /* int64_t, seconds */
    CONFIG_AGE,      /* int64_t, seconds of whole days; 0: "forever" */
    CONFIG_NUMBER,   /* int32_t */
    CONFIG_BOOL,     /* bool: true for the second half of the words */
    CONFIG_CHOICE,   /* int: which of the words */
    CONFIG_PROTOCOL, /* int: 5, or 4 for every other word */
};

struct config_key {
    const char *name;
    const char *fallback; /* NULL: it may be left out, which is "" */
    enum config_kind kind;
    size_t at; /* its place in struct sw_config, or a source's in struct sw_source */
    const char *takes; /* what it may be, in words */
    /* Returns NULL, or what the key takes instead of the value. Without a function it
     * takes anything. */
    const char *(*check)(const struct config_key *key, const char *value);
    int64_t min, max;         /* of a duration (seconds) or number */
    const char *const *words; /* to choose from, ending with NULL */
    size_t line_at;           /* where the line that sets it is kept, if it is */
    unsigned closed_bits;     /* of a file's mode, for those who must not read it */
};

enum { CONFIG_AGE_MAX = 24 };

struct config_section {
    const char *name;
    const struct config_key *keys;
    size_t n;
};
/* "root" is what stands in no section, as libconfuse calls it. */
extern const struct config_section config_root, config_broker, config_web,
    config_notify, config_source, config_ask; /* in a source */
extern const struct config_section config_keep, config_backup;

/* Whether CSV has a column of that name: then it needs no pointer. columns may be
 * NULL. */
bool config_has_column(const char *columns, const char *name);

/* "2y", of 365 days each, "100d", or "forever", which is 0. */
bool config_parse_age(const char *text, int64_t *ret_seconds);
void config_format_age(int64_t seconds, char out[static CONFIG_AGE_MAX]);

bool config_is_true(const struct config_key *key, const char *word);

#endif
