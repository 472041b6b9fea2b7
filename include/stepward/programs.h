/* programs.h -- the folder of notify { run }: which programs are told of alerts, and
 * which may not be run.
 *
 * Who may write to one of them, or to a folder above it, can have the gateway do what
 * they like. So all of them belong to root, or to whoever owns the configuration that
 * names the folder, and nobody else may write to them.
 */
#ifndef STEPWARD_PROGRAMS_H
#define STEPWARD_PROGRAMS_H

#include "stepward/config.h"

enum { SW_PROGRAMS_MAX = 8, SW_PROGRAM_NAME_MAX = 40 };

struct sw_program {
    char name[SW_PROGRAM_NAME_MAX + 1];
    char why[SW_WHY_MAX]; /* why it is not run, and what to do; "": it is */
};
/* In order of their names. Settings (NAME.conf), and what editors and dpkg leave behind
 * (NAME~, .NAME, NAME.dpkg-…, README), are no programs. */
struct sw_programs {
    struct sw_program items[SW_PROGRAMS_MAX];
    size_t n;
    char why
        [SW_WHY_MAX]; /* what is wrong with the folder, and what to do; "": nothing */
};

void sw_programs_find(const struct sw_config *config, struct sw_programs *ret);
/* The first that is wrong, "" if nothing is. */
const char *sw_programs_fault(const struct sw_programs *programs);

#endif
