/* types.h -- the nouns that every part of Stepward shares, with units and ranges.
 *
 * Times are `_s`: whole seconds since 1970-01-01T00:00Z. Days are counted since
 * 1970-01-01 in the site's civil calendar (see civil.h). All zero is a valid empty
 * value of every struct here.
 */
#ifndef STEPWARD_TYPES_H
#define STEPWARD_TYPES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SW_ID_MAX = 36,                 /* a UUID fits: 32 hex digits and 4 dashes */
    SW_SITE_MAX = 32,               /* characters of a site's name */
    SW_NAME_MAX = 120,              /* bytes of a patient's name, UTF-8 */
    SW_WHY_MAX = 200,               /* bytes of a one-line explanation, with its NUL */
    SW_TOPIC_MAX = 512,             /* bytes of a topic we accept or build, with NUL */
    SW_PAYLOAD_MAX = 64 * 1024,     /* bytes of a payload we accept */
    SW_BATCH_ITEMS_MAX = 1440,      /* one day of minutes: the longest a band keeps */
    SW_READING_SECONDS_MAX = 90000, /* a day of 25 h: the coarsest sum a device sends */
    SW_DEFAULT_SECONDS = 60,        /* length of a reading that names none */
    SW_STEPS_PER_MIN_MAX = 255,     /* beyond a sprint's cadence: implausible */
    SW_FIRM_SECONDS_MAX =
        3600, /* a longer one with break_steps does not say which minutes */
    SW_REPEAT_SECONDS_MAX = 3600, /* the same total for longer may be a repeat */
    SW_REJECTED_MAX = 10000,      /* refused messages kept */
    SW_DEVICES_MAX = 256,         /* per patient: a new phone each week for years */
    SW_DAY_READINGS_MAX = 100000, /* per patient and day: one a second, and then some */
};

/* Ids are pseudonyms of [A-Za-z0-9_.-]{1,36}; the empty string means "none". */
struct sw_patient_id {
    char str[SW_ID_MAX + 1];
};
struct sw_device_id {
    char str[SW_ID_MAX + 1];
};
struct sw_therapist_id {
    char str[SW_ID_MAX + 1];
};

/* The length in bytes, 1 to 4, of the UTF-8 character at text. 0: it is not valid
 * UTF-8, or a terminal would obey it instead of showing it (C0, DEL, C1 and the
 * characters that turn the direction of writing). text must not be at its end. */
size_t sw_text_step(const char *text);

/* True if the len bytes at str are an id: 1..SW_ID_MAX of [A-Za-z0-9_.-]. */
bool sw_id_is_valid(const char *str, size_t len);
/* Make an id of what a device is called: each character that ids lack becomes a '-'.
 * False if it has no characters, or too many. */
bool sw_id_make(const char *str, size_t len, char ret[static SW_ID_MAX + 1]);

/* Steps taken in [start_s, start_s + seconds). */
struct sw_reading {
    int64_t start_s;
    int32_t seconds; /* 1..SW_READING_SECONDS_MAX; more for a counter's difference */
    int32_t steps;   /* >= 0 */
    bool worn;
};

/* Where a time comes from. */
enum sw_stamp {
    SW_STAMP_OWN,     /* the device sent it */
    SW_STAMP_RECEIPT, /* the time of receipt, by the clock of this boot */
    SW_STAMP_UNSURE,  /* the time of receipt, by another or an unknown clock */
};

/* What a counter showed at an instant; a counter only grows, until it resets. */
struct sw_total {
    int64_t at_s;
    int64_t total; /* >= 0, or SW_TOTAL_BREAK in a set */
    enum sw_stamp stamp;
};
/* Not a reading of the counter: it changed hands at that instant, and what it
 * counted across the instant belongs to nobody. A total of the same instant
 * replaces the break. */
enum { SW_TOTAL_BREAK = -1 };

struct sw_pain {
    int64_t at_s;
    double score; /* 0..10 */
    bool flare;
    enum sw_stamp stamp;
};

/* True if the steps exceed SW_STEPS_PER_MIN_MAX a minute; shorter readings are judged
 * as if they lasted a minute. */
bool sw_is_implausible(int64_t steps, int64_t seconds);

/* The ending of a noun after a number: "%d reading%s", n, sw_plural(n). */
static inline const char *sw_plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

/* Why a message or a reading was refused: the code that is stored and shown,
 * and a remedy. Alerts are stored with the number of theirs: new ones go to the end. */
#define SW_REFUSALS(X)                                                                 \
    X(SW_REFUSED_SIZE, "size",                                                         \
      "have the device send less at once: a payload takes 64 KiB")                     \
    X(SW_REFUSED_TOPIC, "topic",                                                       \
      "publish to .../patient/PATIENT/steps or pain; an id is 1 to 36 of A-Z a-z 0-9 " \
      "_ . -")                                                                         \
    X(SW_REFUSED_UTF8, "utf8", "mend the sender: a payload is JSON, in UTF-8")         \
    X(SW_REFUSED_JSON, "json",                                                         \
      "mend the sender: a payload is one JSON value and nothing after it")             \
    X(SW_REFUSED_SHAPE, "shape",                                                       \
      "mend the sender by what `why` says: a field is missing, of a wrong type or "    \
      "out of range")                                                                  \
    X(SW_REFUSED_NO_TIME, "no-time",                                                   \
      "have the device send the time: start, or at; without one only a live counter "  \
      "is taken")                                                                      \
    X(SW_REFUSED_IMPLAUSIBLE, "implausible",                                           \
      "mend the device: no one takes over 255 steps a minute")                         \
    X(SW_REFUSED_TOO_OLD, "too-old",                                                   \
      "check the device's clock; if it was away for so long, raise max_age, then "     \
      "`stepward rejected --retry --reason too-old`")                                  \
    X(SW_REFUSED_FUTURE, "future",                                                     \
      "set the clock of the device, or of this machine (`stepward status`); what was " \
      "refused stays out")                                                             \
    X(SW_REFUSED_PATIENT, "patient",                                                   \
      "`stepward patient add ID`, then `stepward rejected --retry --reason patient`")  \
    X(SW_REFUSED_ERASED, "erased", "the id stays taken: give a new person a new one")  \
    X(SW_REFUSED_ACTION, "action", "look at `stepward alerts`, then act again")        \
    X(SW_REFUSED_FLOOD, "flood", "mend the device: it sends more than a day can hold") \
    X(SW_REFUSED_DEVICE, "device",                                                     \
      "`stepward device assign DEVICE PATIENT --from TIME`, then `stepward rejected "  \
      "--retry --reason device`")

enum sw_refusal {
    SW_OUT_OF_MEMORY = -ENOMEM, /* the check ran out of memory: not a refusal */
    SW_ACCEPTED = 0,
#define X(name, code, remedy) name,
    SW_REFUSALS(X)
#undef X
        SW_REFUSALS_END,
};

/* A patient's messages of which nothing could be taken, since something last was. */
struct sw_refusing {
    int32_t n;               /* 0: there are none */
    int64_t from_s, to_s;    /* when the first and the newest came */
    enum sw_refusal refusal; /* of most items of the newest */
    int64_t fast_s; /* by so much its last reading lies ahead of when it came, or < 0:
                     * behind; 0: it was not refused for its time */
};

/* The code ("too-old") and remedy of a refusal; "" for SW_ACCEPTED. Static. */
const char *sw_refusal_code(enum sw_refusal refusal);
const char *sw_refusal_remedy(enum sw_refusal refusal);
/* SW_ACCEPTED for a code that this version does not know. */
enum sw_refusal sw_refusal_parse(const char *code);

#endif
