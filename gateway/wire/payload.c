/* payload.c -- what other devices send, to a cJSON tree: JSON, a number or a word,
 * key=value, CSV lines, and gzip of any of them. What the values mean is translate.c's
 * business. */
#include "wire/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <zlib.h>

#include "wire/fields.h"
#include "wire/json.h"

enum {
    WORD_MAX = 16,              /* "unavailable" */
    GZIP_BITS = 16 + MAX_WBITS, /* zlib's way to say: with gzip's header */
};

/* A stretch of the payload. */
struct piece {
    const char *str;
    size_t len;
};

static struct piece trim_of(struct piece piece, const char *blanks)
{
    while (piece.len > 0 && *piece.str && strchr(blanks, *piece.str))
        piece.str++, piece.len--;
    while (piece.len > 0 && piece.str[piece.len - 1] &&
           strchr(blanks, piece.str[piece.len - 1]))
        piece.len--;
    return piece;
}

static struct piece trim(struct piece piece)
{
    return trim_of(piece, " \t\r\n");
}

/* Cut off what stands before the first of the separators; *rest is what follows it. */
static struct piece cut(struct piece *rest, const char *separators)
{
    struct piece piece = {rest->str, 0};
    while (piece.len < rest->len && !strchr(separators, piece.str[piece.len]))
        piece.len++;
    size_t step = piece.len < rest->len ? piece.len + 1 : piece.len;
    rest->str += step;
    rest->len -= step;
    return piece;
}

static bool payload_add_text(cJSON *object, struct piece name, struct piece value)
{
    char *key = strndup(name.str, name.len), *text = strndup(value.str, value.len);
    bool is_added = key && text && cJSON_AddStringToObject(object, key, text);
    free(key);
    free(text);
    return is_added;
}

/* Home Assistant writes "unknown" or "unavailable" where there is no value. An empty
 * payload removes a retained message. */
static bool is_away(struct piece payload)
{
    char text[WORD_MAX + 1] = "";
    payload = trim(payload);
    if (payload.len > WORD_MAX || memchr(payload.str, '\0', payload.len))
        return false;
    memcpy(text, payload.str, payload.len);
    return sw_is_absent_word(text);
}

/* ---- CSV ---- */

/* The next cell of a line, without the quotes that may be around it. */
static struct piece take_cell(struct piece *line, const char *separator)
{
    const char *blanks = *separator == '\t' ? " \r" : " \t\r";
    *line = trim_of(*line, blanks);
    if (line->len == 0 || *line->str != '"')
        return trim_of(cut(line, separator), blanks);
    line->str++, line->len--;
    struct piece cell = cut(line, "\"");
    cut(line, separator);
    return cell;
}

static const char *separator_of(struct piece line)
{
    return memchr(line.str, ',', line.len)   ? ","
           : memchr(line.str, ';', line.len) ? ";"
                                             : "\t";
}

/* An object of the line's cells; *ret_is_heading: none of them begins like a number. */
static cJSON *read_line(struct piece line, const char *columns, bool *ret_is_heading)
{
    const char *separator = separator_of(line);
    struct piece names = {columns, strlen(columns)};
    cJSON *object = cJSON_CreateObject();
    *ret_is_heading = true;
    for (int i = 0; object && i < SW_COLUMNS_MAX && names.len > 0 && line.len > 0;
         i++) {
        struct piece name = trim(cut(&names, ",")), cell = take_cell(&line, separator);
        if (cell.len > 0 && *cell.str >= '0' && *cell.str <= '9')
            *ret_is_heading = false;
        if (name.len > 0 && !payload_add_text(object, name, cell)) {
            cJSON_Delete(object);
            return NULL;
        }
    }
    return object;
}

static enum sw_refusal parse_csv(struct piece text, const char *columns, cJSON **ret,
                                 char why[static SW_WHY_MAX])
{
    cJSON *lines = cJSON_CreateArray();
    int32_t n = 0;
    enum sw_refusal r = lines ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
    while (r == SW_ACCEPTED && text.len > 0) {
        struct piece line = cut(&text, "\n");
        bool is_heading;
        if (trim(line).len == 0)
            continue;
        cJSON *object = read_line(line, columns, &is_heading);
        if (!object)
            r = SW_OUT_OF_MEMORY;
        else if (is_heading && n == 0)
            cJSON_Delete(object);
        else if (n++ < SW_ITEMS_MAX)
            cJSON_AddItemToArray(lines, object);
        else {
            cJSON_Delete(object);
            snprintf(why, SW_WHY_MAX, "over %d lines", SW_ITEMS_MAX);
            r = SW_REFUSED_SIZE;
        }
    }
    if (r == SW_ACCEPTED)
        *ret = lines;
    else
        cJSON_Delete(lines);
    return r;
}

/* ---- key=value ---- */

static bool is_key(struct piece piece)
{
    for (size_t i = 0; i < piece.len; i++)
        if (!sw_id_is_valid(piece.str + i, 1))
            return false;
    return piece.len > 0;
}

/* SW_REFUSED_JSON, and why stays what it is, if it is something else. */
static enum sw_refusal parse_pairs(struct piece text, cJSON **ret)
{
    cJSON *object = cJSON_CreateObject();
    enum sw_refusal r = object ? SW_ACCEPTED : SW_OUT_OF_MEMORY;
    int32_t n = 0;
    while (r == SW_ACCEPTED && (text = trim(text)).len > 0) {
        struct piece pair = cut(&text, " \t\r\n;&,"), value = pair;
        struct piece key = cut(&value, "=");
        bool is_pair = is_key(key) && key.len < pair.len && n++ < SW_COLUMNS_MAX;
        if (!is_pair)
            r = SW_REFUSED_JSON;
        else if (!payload_add_text(object, key, value))
            r = SW_OUT_OF_MEMORY;
    }
    if (r == SW_ACCEPTED && n == 0)
        r = SW_REFUSED_JSON;
    if (r == SW_ACCEPTED)
        *ret = object;
    else
        cJSON_Delete(object);
    return r;
}

/* ---- gzip ---- */

static bool is_gzip(struct piece payload)
{
    return payload.len >= 2 && memcmp(payload.str, "\x1f\x8b", 2) == 0;
}

/* Unpack into SW_PAYLOAD_MAX + 1 bytes, of which the last shows that it is too much. */
static enum sw_refusal unpack(struct piece packed, char *out, size_t *ret_len,
                              char why[static SW_WHY_MAX])
{
    z_stream stream = {0};
    if (inflateInit2(&stream, GZIP_BITS) != Z_OK)
        return SW_OUT_OF_MEMORY;
    stream.next_in = (z_const Bytef *)(uintptr_t)packed.str;
    stream.avail_in = (uInt)packed.len;
    stream.next_out = (Bytef *)out;
    stream.avail_out = SW_PAYLOAD_MAX + 1;
    int r = inflate(&stream, Z_FINISH);
    *ret_len = stream.total_out;
    bool is_all = r == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (r == Z_MEM_ERROR)
        return SW_OUT_OF_MEMORY;
    if (*ret_len > SW_PAYLOAD_MAX) {
        snprintf(why, SW_WHY_MAX, "over %d bytes when it is unpacked", SW_PAYLOAD_MAX);
        return SW_REFUSED_SIZE;
    }
    if (is_all)
        return SW_ACCEPTED;
    snprintf(why, SW_WHY_MAX, "gzip that is not whole%s",
             r == Z_STREAM_END ? ", or has more behind it" : "");
    return SW_REFUSED_JSON;
}

/* ---- all of it ---- */

static enum sw_refusal check_text(struct piece text, char why[static SW_WHY_MAX])
{
    if (text.len > SW_PAYLOAD_MAX) {
        snprintf(why, SW_WHY_MAX, "over %d bytes", SW_PAYLOAD_MAX);
        return SW_REFUSED_SIZE;
    }
    bool is_text = !u8_check((const uint8_t *)text.str, text.len) &&
                   !memchr(text.str, '\0', text.len);
    if (is_text)
        return SW_ACCEPTED;
    snprintf(why, SW_WHY_MAX, "binary: it is neither text nor gzip");
    return SW_REFUSED_UTF8;
}

static enum sw_refusal parse_text(struct piece text, const char *columns, cJSON **ret,
                                  char why[static SW_WHY_MAX])
{
    if (is_away(text))
        return SW_ACCEPTED;
    enum sw_refusal r = check_text(text, why);
    if (r != SW_ACCEPTED)
        return r;
    bool is_part = text.len >= 2 && memcmp(text.str, "[{", 2) == 0;
    if (columns && *columns && !is_part)
        return parse_csv(text, columns, ret, why);
    r = sw_json_open(text.str, text.len, ret, why);
    if (r != SW_REFUSED_JSON)
        return r;
    r = parse_pairs(text, ret);
    if (r == SW_ACCEPTED)
        why[0] = '\0';
    return r;
}

enum sw_refusal sw_payload_parse(const char *bytes, size_t len, const char *columns,
                                 cJSON **ret, char why[static SW_WHY_MAX])
{
    struct piece text = {len > 0 ? bytes : "", len};
    char *room = NULL;
    enum sw_refusal r = SW_ACCEPTED;
    *ret = NULL;
    why[0] = '\0';
    if (is_gzip(text)) {
        room = malloc(SW_PAYLOAD_MAX + 1);
        r = room ? unpack(text, room, &text.len, why) : SW_OUT_OF_MEMORY;
        text.str = room;
    }
    if (r == SW_ACCEPTED)
        r = parse_text(text, columns, ret, why);
    free(room);
    return r;
}
