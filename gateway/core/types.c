/* types.c -- what an id may look like, what is plausible, why something was refused,
 * what can happen to the gateway. */
#include "stepward/types.h"

#include <string.h>

#include "stepward/health.h"

static bool is_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '.' || c == '-';
}

bool sw_id_is_valid(const char *str, size_t len)
{
    if (len < 1 || len > SW_ID_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_id_char(str[i]))
            return false;
    return true;
}

bool sw_is_implausible(int64_t steps, int64_t seconds)
{
    int64_t at_least_a_minute_s = seconds > 60 ? seconds : 60;
    /* steps * 60 > 255 * seconds, without the overflow of a broken counter */
    if (steps > INT64_MAX / 60)
        return true;
    return steps * 60 > SW_STEPS_PER_MIN_MAX * at_least_a_minute_s;
}

static const struct {
    const char *code, *remedy;
} refusals[] = {[SW_ACCEPTED] = {"", ""},
#define X(name, code, remedy) [name] = {code, remedy},
                SW_REFUSALS(X)
#undef X
};

const char *sw_refusal_code(enum sw_refusal refusal)
{
    return refusals[refusal].code;
}

const char *sw_refusal_remedy(enum sw_refusal refusal)
{
    return refusals[refusal].remedy;
}

static const struct {
    const char *code, *remedy;
} incidents[] = {
#define X(name, code, remedy) [SW_INCIDENT_##name] = {code, remedy},
    SW_INCIDENTS(X)
#undef X
};

const char *sw_incident_code(enum sw_incident_kind kind)
{
    return incidents[kind].code;
}

const char *sw_incident_remedy(enum sw_incident_kind kind)
{
    return incidents[kind].remedy;
}

enum sw_incident_kind sw_incident_kind(const char *code)
{
    int kind = 0;
    while (kind < SW_INCIDENT_KINDS && strcmp(incidents[kind].code, code) != 0)
        kind++;
    return (enum sw_incident_kind)kind;
}
