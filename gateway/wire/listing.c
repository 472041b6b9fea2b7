/* listing.c -- a row of any listing as JSON, whatever bytes its texts hold.
 * The topics and payloads of the contract are other files' business. */
#include "wire/listing.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

enum {
    UTF8_BYTES_MAX = 3,   /* U+FFFD for each byte of garbage */
    ESCAPE_BYTES = 6,     /* \uNNNN */
    NUMBER_TEXT_MAX = 24, /* a sign and 19 digits */
    BMP_LAST = 0xffff,    /* the last code point that one \uNNNN can name */
    REPLACEMENT = 0xfffd, /* for what is not a character */
    DELETE = 0x7f,        /* ASCII's last control character; the others come first */
};

bool sw_is_control(uint32_t code_point)
{
    if (code_point < DELETE) /* nearly all that is asked */
        return code_point < ' ';
    return uc_is_cntrl(code_point) || uc_is_property_bidi_control(code_point);
}

/* A copy that is valid UTF-8 without NUL, as cJSON needs it. */
static char *clean_text(const char *text, size_t len)
{
    uint8_t *copy = malloc(len * UTF8_BYTES_MAX + 1);
    if (!copy)
        return NULL;
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    size_t n = 0;
    while (at < end) {
        ucs4_t c;
        at += u8_mbtouc(&c, at, (size_t)(end - at));
        n += (size_t)u8_uctomb(copy + n, c ? c : REPLACEMENT, UTF8_BYTES_MAX + 1);
    }
    copy[n] = 0;
    return (char *)copy;
}

static cJSON *encode_cell(const struct sw_cell *cell)
{
    char number[NUMBER_TEXT_MAX], *text;
    cJSON *item;
    switch (cell->kind) {
    case SW_CELL_TEXT:
        text = clean_text(cell->text, cell->len);
        item = text ? cJSON_CreateString(text) : NULL;
        free(text);
        return item;
    case SW_CELL_NUMBER:
        /* cJSON's own numbers are doubles; ours are whole and may be longer. */
        snprintf(number, sizeof number, "%" PRId64, cell->number);
        return cJSON_CreateRaw(number);
    case SW_CELL_BOOL:
        return cJSON_CreateBool(cell->number != 0);
    case SW_CELL_NONE:
        break;
    }
    return cJSON_CreateNull();
}

char *sw_encode_row(const char *const *names, const struct sw_cell *cells, size_t n)
{
    char *json = NULL;
    cJSON *row = cJSON_CreateObject();
    if (!row)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        cJSON *item = encode_cell(&cells[i]);
        if (!item || !cJSON_AddItemToObject(row, names[i], item)) {
            cJSON_Delete(item);
            goto out;
        }
    }
    json = sw_json_harmless(cJSON_PrintUnformatted(row));
out:
    cJSON_Delete(row);
    return json;
}

static bool needs_escape(ucs4_t c)
{
    return c <= BMP_LAST && sw_is_control(c);
}

static size_t count_escapes(const char *json)
{
    size_t n = 0;
    ucs4_t c;
    for (const uint8_t *at = (const uint8_t *)json; (at = u8_next(&c, at));)
        n += needs_escape(c);
    return n;
}

/* Our JSON is printed unformatted, so it holds no such character outside strings. */
char *sw_json_harmless(char *json)
{
    size_t escapes = json ? count_escapes(json) : 0;
    if (escapes == 0)
        return json;
    char *copy = malloc(strlen(json) + escapes * ESCAPE_BYTES + 1), *out = copy;
    ucs4_t c;
    const uint8_t *at = (const uint8_t *)json, *next;
    for (; copy && (next = u8_next(&c, at)); at = next) {
        if (needs_escape(c))
            out += sprintf(out, "\\u%04x", (unsigned)c);
        else
            out = mempcpy(out, at, (size_t)(next - at));
    }
    if (copy)
        *out = '\0';
    free(json);
    return copy;
}
