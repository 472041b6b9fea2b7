/* types.c -- what an id may look like, what is plausible, why something was refused,
 * and what can happen to the gateway. */
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

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

bool sw_id_make(const char *str, size_t len, char ret[static SW_ID_MAX + 1])
{
    char made[SW_ID_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_continuation(str[i])) /* its character has become a '-' */
            continue;
        if (n == SW_ID_MAX)
            return false;
        made[n++] = is_id_char(str[i]) ? str[i] : '-';
    }
    if (n == 0)
        return false;
    memcpy(ret, made, n);
    ret[n] = '\0';
    return true;
}

/* ---- text ---- */

/* The length of a UTF-8 character by its first byte; 0: no character begins so. */
static size_t known_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t sw_text_step(const char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*text;
    size_t len = known_length(first);
    uint32_t c = len > 1 ? first & (0x7fu >> len) : first;
    for (size_t i = 1; i < len; i++) {
        if (!is_continuation(text[i])) /* also at the end of the text */
            return 0;
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    }
    bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
    bool is_none = len == 0 || c < least[len] || c > 0x10ffff || is_surrogate;
    bool is_c0 = c < 0x20, is_c1 = c >= 0x7f && c <= 0x9f;
    bool turns = c == 0x61c || c == 0x200e || c == 0x200f ||
                 (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    return is_none || is_c0 || is_c1 || turns ? 0 : len;
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

/* The number may come from a database of another version. */
static enum sw_refusal refusal_known(enum sw_refusal refusal)
{
    return refusal > SW_ACCEPTED && refusal < SW_REFUSALS_END ? refusal : SW_ACCEPTED;
}

const char *sw_refusal_code(enum sw_refusal refusal)
{
    return refusals[refusal_known(refusal)].code;
}

enum sw_refusal sw_refusal_parse(const char *code)
{
    for (int i = SW_ACCEPTED + 1; i < SW_REFUSALS_END; i++)
        if (strcmp(refusals[i].code, code) == 0)
            return (enum sw_refusal)i;
    return SW_ACCEPTED;
}

const char *sw_refusal_remedy(enum sw_refusal refusal)
{
    return refusals[refusal_known(refusal)].remedy;
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
