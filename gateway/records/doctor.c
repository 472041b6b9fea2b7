/* doctor.c -- the table of checks, and how they are gone through. */
#include "records/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "records/doctor_checks.h"

enum {
    LISTED_MAX = 5, /* names in a line; the others are counted */
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
};

struct check {
    const char *name;
    enum sw_found (*look)(const struct sw_doctor *doctor, struct sw_finding *finding);
    int needs;
    const char *remedy; /* what to do if it is wrong; a function may know better */
};

/* Of DOCTOR_CHECKS, in its order. */
static const struct check checks[] = {
#define X(function, name, needs, remedy) {name, doctor_##function, needs, remedy},
    DOCTOR_CHECKS(X)
#undef X
};

const char *sw_doctor_check(size_t i)
{
    return i < sizeof checks / sizeof *checks ? checks[i].name : NULL;
}

const char *sw_found_name(enum sw_found found)
{
    return found == SW_WELL ? "well" : found == SW_WRONG ? "wrong" : "unknown";
}

/* ---- what the checks share ---- */

#define SAY(found, to)                                                                 \
    va_list args;                                                                      \
    va_start(args, format);                                                            \
    vsnprintf(to, sizeof(to), format, args);                                           \
    va_end(args);                                                                      \
    return found

enum sw_found doctor_well(struct sw_finding *finding, const char *format, ...)
{
    SAY(SW_WELL, finding->text);
}

enum sw_found doctor_wrong(struct sw_finding *finding, const char *format, ...)
{
    SAY(SW_WRONG, finding->text);
}

enum sw_found doctor_unknown(struct sw_finding *finding, const char *format, ...)
{
    SAY(SW_UNKNOWN, finding->text);
}

void doctor_remedy(struct sw_finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(finding->remedy, sizeof finding->remedy, format, args);
    va_end(args);
}

enum sw_found doctor_store_failed(const struct sw_doctor *doctor,
                                  struct sw_finding *finding, int error)
{
    return doctor_unknown(finding, "the database cannot be read: %s",
                          sw_store_why(doctor->store, error));
}

void doctor_list_init(struct doctor_list *list)
{
    list->n = 0;
    list->line = sw_line(list->text, sizeof list->text);
}

void doctor_list_add(struct doctor_list *list, const char *name)
{
    if (list->n++ < LISTED_MAX)
        sw_line_add(&list->line, "%s%s", list->n == 1 ? ": " : ", ", name);
}

const char *doctor_list_end(struct doctor_list *list, const struct sw_doctor *doctor)
{
    if (list->n > LISTED_MAX)
        sw_line_add(&list->line, " and %zu more", list->n - LISTED_MAX);
    return doctor->hides_patients ? "" : list->text;
}

void doctor_ago(int64_t seconds, char out[static DOCTOR_AGO_MAX])
{
    if (seconds >= 2 * DAY_S)
        snprintf(out, DOCTOR_AGO_MAX, "%" PRId64 " days", seconds / DAY_S);
    else if (seconds >= 2 * HOUR_S)
        snprintf(out, DOCTOR_AGO_MAX, "%" PRId64 " h", seconds / HOUR_S);
    else
        snprintf(out, DOCTOR_AGO_MAX, "%" PRId64 " min",
                 seconds > 0 ? seconds / MINUTE_S : 0);
}

/* ---- all of them ---- */

static bool has_what_it_needs(const struct sw_doctor *doctor, const struct check *check,
                              struct sw_finding *finding)
{
    bool needs_config = check->needs & (NEEDS_CONFIG | NEEDS_STORE);
    if (needs_config && !doctor->config)
        snprintf(finding->text, sizeof finding->text,
                 "not known without the configuration");
    else if ((check->needs & NEEDS_STORE) && !doctor->store)
        snprintf(finding->text, sizeof finding->text, "not known without the database");
    else
        return true;
    finding->found = SW_UNKNOWN;
    return false;
}

int sw_doctor_each(struct sw_doctor *doctor,
                   int (*each)(void *ctx, const struct sw_finding *finding), void *ctx)
{
    int n_wrong = 0, r = 0;
    doctor->gateway_error = -ENOENT;
    if (doctor->config) {
        doctor->gateway =
            (struct sw_gateway_state){.config = doctor->config, .now_s = doctor->now_s};
        doctor->gateway_error = sw_gateway_inspect(&doctor->gateway);
        if (doctor->gateway_error >= 0 && doctor->store)
            doctor->gateway_error = sw_gateway_read(&doctor->gateway, doctor->store);
    }
    for (size_t i = 0; r == 0 && i < sizeof checks / sizeof *checks; i++) {
        const struct check *check = &checks[i];
        struct sw_finding finding = {.check = check->name};
        if (doctor->is_board && (check->needs & NEEDS_MACHINE))
            continue;
        snprintf(finding.remedy, sizeof finding.remedy, "%s", check->remedy);
        if (has_what_it_needs(doctor, check, &finding))
            finding.found = check->look(doctor, &finding);
        if (finding.found != SW_WRONG)
            finding.remedy[0] = '\0';
        n_wrong += finding.found == SW_WRONG;
        r = each(ctx, &finding);
    }
    return r != 0 ? r : n_wrong;
}
