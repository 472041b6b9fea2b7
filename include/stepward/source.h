/* source.h -- another device's payload, as a section `source NAME { … }` describes it.
 */
#ifndef STEPWARD_SOURCE_H
#define STEPWARD_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

/* Members are "" where not configured. */
struct sw_source {
    char *name;
    char *topic;                  /* levels may be +, {patient}, {device} */
    char *total, *steps;          /* JSON Pointers; exactly one is set... */
    bool has_total, has_steps;    /* ...and of that one "" is the whole payload */
    char *start, *from, *to, *at; /* JSON Pointers */
    char *worn, *battery;         /* JSON Pointers */
    bool unit_ms;                 /* unit = "ms" */
    bool stamp_end;               /* stamp = "end": the time is the period's end */
    int32_t seconds;              /* period of a reading; 0: 60, or `from` to `to` */
};

#endif
