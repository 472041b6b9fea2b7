/* source.h -- another device's payload, as a section `source NAME { … }` describes it.
 *
 * Texts are "" or NULL where not configured. A pointer is a JSON Pointer (RFC 6901),
 * seen from the item, with `^` before it for each level up: see wire/pointer.h.
 */
#ifndef STEPWARD_SOURCE_H
#define STEPWARD_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sw_zone;

enum sw_source_kind { SW_SOURCE_STEPS, SW_SOURCE_PAIN };
enum sw_source_unit { SW_UNIT_S, SW_UNIT_MS, SW_UNIT_US, SW_UNIT_NS, SW_UNITS };

/* A word that the payload says, and the value that is meant. */
struct sw_mapping {
    char *from, *to;
};

/* A request to a device that must be asked; without a topic there is none. */
struct sw_ask {
    char *topic, *payload; /* $from and $to in it become Unix seconds */
    int64_t every_s;
};

enum { SW_SOURCES_MAX = 64 }; /* each is a subscription at every connect */

struct sw_source {
    char *name;
    char *topic;   /* levels may be +, or have {patient} or {device} in them */
    int kind;      /* enum sw_source_kind */
    char *columns; /* of CSV lines, as "at,steps" */

    /* Which items the payload has; without each it is one. */
    char *each; /* a pointer in which * stands for every member */
    bool has_each;
    char *when; /* "POINTER=VALUE": other items are somebody else's */

    /* Where an item's value is: exactly one is set, and of that one "" is the whole. */
    char *total, *steps, *score;
    bool has_total, has_steps, has_score;
    struct sw_mapping *map;
    size_t n_map;
    int absent_zero; /* absent = "zero": the sender leaves zeros out */

    /* Pointers to what else an item says. */
    char *device;
    char *start, *from, *to, *at;
    char *date;    /* a day, beside a time of day */
    char *seconds; /* or a number; "": 60, or `from` to `to` */
    char *worn, *battery;
    char *zone_name;      /* of times without an offset */
    struct sw_zone *zone; /* the same; NULL: such times are refused */
    int unit;             /* enum sw_source_unit, of times that are numbers */
    int stamp_end;        /* stamp = "end": the time is the period's end */

    struct sw_ask ask;
};

#endif
