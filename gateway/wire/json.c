/* json.c -- a strict door before cJSON, which takes more than JSON and recurses.
 *
 * The door checks the size, UTF-8, depth, control characters, and numbers and escapes
 * by the letter; NUL, raw or escaped, does not pass. The rest of the grammar is left to
 * cJSON. */
#include "wire/json.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

enum {
    /* A byte of JSON costs at most so much heap: "[0,0,0" makes an item every 2
     * bytes. */
    TREE_BYTES_PER_BYTE = sizeof(cJSON),
    HEX_DIGITS = 4, /* of \uNNNN */
};

struct scan {
    const char *begin, *at, *end;
    int32_t depth;
    char *why;
};

static enum sw_refusal json_refuse(const struct scan *scan, enum sw_refusal refusal,
                                   const char *what)
{
    snprintf(scan->why, SW_WHY_MAX, "byte %td: %s", scan->at - scan->begin, what);
    return refusal;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* scan->at is at a backslash; leave it at the last character of the escape that
 * matters. cJSON reads \u with wrong digits as NUL, and a NUL cuts its strings. */
static enum sw_refusal scan_escape(struct scan *scan)
{
    if (scan->end - scan->at < 2)
        return json_refuse(scan, SW_REFUSED_JSON, "an escape does not end");
    scan->at++;
    if (*scan->at != 'u')
        return SW_ACCEPTED;
    const char *digits = scan->at + 1;
    size_t n = 0;
    while (digits + n < scan->end && n < HEX_DIGITS &&
           isxdigit((unsigned char)digits[n]))
        n++;
    if (n < HEX_DIGITS)
        return json_refuse(scan, SW_REFUSED_JSON, "\\u needs four hexadecimal digits");
    if (memcmp(digits, "0000", HEX_DIGITS) == 0)
        return json_refuse(scan, SW_REFUSED_UTF8, "\\u0000 is not text");
    return SW_ACCEPTED;
}

/* scan->at is at the opening quote; leave it at the closing one. */
static enum sw_refusal scan_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"')
            return SW_ACCEPTED;
        if (is_control(*scan->at))
            return json_refuse(scan, SW_REFUSED_JSON,
                               "a control character in a string");
        enum sw_refusal r = *scan->at == '\\' ? scan_escape(scan) : SW_ACCEPTED;
        if (r != SW_ACCEPTED)
            return r;
    }
    return json_refuse(scan, SW_REFUSED_JSON, "a string does not end");
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* Where the number at `at` ends by JSON's grammar, or NULL if it is none. */
static const char *number_end(const char *at, const char *end)
{
    if (at < end && *at == '-')
        at++;
    const char *whole = at;
    at = skip_digits(at, end);
    if (at == whole || (*whole == '0' && at - whole > 1))
        return NULL;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = skip_digits(exponent, end);
        if (at == exponent)
            return NULL;
    }
    return at;
}

/* scan->at is at the first character; leave it at the last. */
static enum sw_refusal scan_number(struct scan *scan)
{
    const char *end = number_end(scan->at, scan->end);
    if (!end)
        return json_refuse(scan, SW_REFUSED_JSON, "a number that is not JSON");
    if (end - scan->at > SW_JSON_NUMBER_MAX)
        return json_refuse(scan, SW_REFUSED_JSON, "a number of over 63 characters");
    scan->at = end - 1;
    return SW_ACCEPTED;
}

static enum sw_refusal scan_token(struct scan *scan)
{
    char c = *scan->at;
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || is_digit(c))
        return scan_number(scan);
    if ((c == '[' || c == '{') && ++scan->depth > SW_JSON_DEPTH_MAX)
        return json_refuse(scan, SW_REFUSED_JSON, "nested too deep");
    if (c == ']' || c == '}')
        scan->depth--;
    if (is_control(c) && !is_blank(c))
        return json_refuse(scan, SW_REFUSED_JSON, "a control character");
    return SW_ACCEPTED;
}

/* u8_check() accepts NUL as a character, but JSON does not. */
static enum sw_refusal check_text(struct scan *scan)
{
    size_t len = (size_t)(scan->end - scan->begin);
    const uint8_t *wrong = u8_check((const uint8_t *)scan->begin, len);
    const char *nul = memchr(scan->begin, '\0', len);
    if (!wrong && !nul)
        return SW_ACCEPTED;
    scan->at = wrong ? (const char *)wrong : nul;
    return json_refuse(scan, SW_REFUSED_UTF8, wrong ? "not UTF-8" : "a NUL");
}

static enum sw_refusal json_check(struct scan *scan)
{
    if (scan->end - scan->begin > SW_PAYLOAD_MAX) {
        snprintf(scan->why, SW_WHY_MAX, "over %d bytes", SW_PAYLOAD_MAX);
        return SW_REFUSED_SIZE;
    }
    enum sw_refusal r = check_text(scan);
    for (scan->at = scan->begin; r == SW_ACCEPTED && scan->at < scan->end; scan->at++)
        r = scan_token(scan);
    return r;
}

enum sw_refusal sw_json_parse(const char *bytes, size_t len, cJSON **ret,
                              char why[static SW_WHY_MAX])
{
    struct scan scan = {.begin = bytes, .at = bytes, .end = bytes + len, .why = why};
    if (len == 0)
        return json_refuse(&scan, SW_REFUSED_JSON, "the payload is empty");
    enum sw_refusal r = json_check(&scan);
    if (r != SW_ACCEPTED)
        return r;
    cJSON *json = cJSON_ParseWithLengthOpts(bytes, len, &scan.at, false);
    if (!json) {
        /* cJSON returns NULL for bad text and for no memory alike. */
        void *largest_tree = cJSON_malloc((len + 1) * TREE_BYTES_PER_BYTE);
        cJSON_free(largest_tree);
        if (!largest_tree)
            return SW_OUT_OF_MEMORY;
        /* Now there is memory for certain, so it is parsed once more. */
        json = cJSON_ParseWithLengthOpts(bytes, len, &scan.at, false);
    }
    if (!json)
        return json_refuse(&scan, SW_REFUSED_JSON, "not JSON");
    while (scan.at < scan.end && is_blank(*scan.at))
        scan.at++;
    if (scan.at < scan.end) {
        cJSON_Delete(json);
        return json_refuse(&scan, SW_REFUSED_JSON, "text after the JSON value");
    }
    *ret = json;
    return SW_ACCEPTED;
}

enum sw_refusal sw_json_open(const char *bytes, size_t len, cJSON **ret,
                             char why[static SW_WHY_MAX])
{
    cJSON *root = NULL;
    enum sw_refusal r = sw_json_parse(bytes, len, &root, why);
    const char *text =
        r == SW_ACCEPTED && cJSON_IsString(root) ? root->valuestring : "";
    const char *begin = text + strspn(text, " \t\n\r");
    if (*begin != '{' && *begin != '[') {
        *ret = root;
        return r;
    }
    r = sw_json_parse(text, strlen(text), ret, why);
    cJSON_Delete(root);
    return r;
}
