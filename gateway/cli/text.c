/* text.c -- stored text, dates and times, fit to show.
 * What stands in which column is table.c's and the commands' business. */
#include "cli/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

#include "wire/listing.h"

enum {
    PIECE_MAX = 12,     /* bytes of one shown character: \u202e, or 4 of UTF-8 */
    SHOWN_PER_BYTE = 4, /* bytes: \x1b for one control character */
};
#define ELLIPSIS "…"

bool cli_is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* One character as shown; returns its columns. */
static int show_char(ucs4_t c, char out[static PIECE_MAX])
{
    if (!sw_is_control(c)) {
        int n = u8_uctomb((uint8_t *)out, c, PIECE_MAX);
        out[n > 0 ? n : 0] = '\0';
        return uc_width(c, "UTF-8");
    }
    if (c == '\n' || c == '\r' || c == '\t')
        return sprintf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    return sprintf(out, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
}

char *cli_shown(const char *text, size_t len, int max_width)
{
    bool is_short = max_width <= 0 || len <= (size_t)max_width;
    if (is_short && cli_is_plain(text, len))
        return strndup(text, len);
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    char *out = malloc(len * SHOWN_PER_BYTE + PIECE_MAX), piece[PIECE_MAX];
    size_t n = 0, n_cut = 0; /* n_cut: where the ellipsis would stand */
    int width = 0;
    while (out && at < end) {
        ucs4_t c;
        at += u8_mbtouc(&c, at, (size_t)(end - at));
        width += show_char(c, piece);
        if (max_width > 0 && width > max_width) {
            strcpy(out + n_cut, ELLIPSIS);
            return out;
        }
        strcpy(out + n, piece);
        n += strlen(piece);
        if (width < max_width)
            n_cut = n;
    }
    if (out)
        out[n] = '\0';
    return out;
}

int cli_width(const char *shown)
{
    size_t len = strlen(shown);
    return cli_is_plain(shown, len) ? (int)len
                                    : u8_strwidth((const uint8_t *)shown, "UTF-8");
}

/* The bytes of the first character, and its columns; a broken one takes one. */
static size_t first_char(const char *shown, ucs4_t *ret, int *ret_width)
{
    if (*shown >= ' ' && *shown <= '~') { /* nearly all are */
        *ret = (ucs4_t)*shown;
        *ret_width = 1;
        return 1;
    }
    *ret = 0;
    int n = u8_strmbtouc(ret, (const uint8_t *)shown);
    int width = n > 0 ? uc_width(*ret, "UTF-8") : 1;
    *ret_width = width > 0 ? width : 0;
    return n > 0 ? (size_t)n : 1;
}

size_t cli_line(const char *shown, int width, int *ret_width, size_t *ret_next)
{
    size_t at = 0, break_at = 0, slash_at = 0;
    int so_far = 0, break_width = 0, slash_width = 0;
    while (shown[at]) {
        ucs4_t c;
        int own;
        size_t n = first_char(shown + at, &c, &own);
        if (c == ' ' && at > 0) {
            break_at = at;
            break_width = so_far;
        }
        if (own > 0 && so_far + own > width && at > 0) {
            if (break_at == 0 && slash_at > 0) { /* a topic, a file */
                break_at = slash_at;
                break_width = slash_width;
            }
            *ret_width = break_at > 0 ? break_width : so_far;
            at = break_at > 0 ? break_at : at;
            *ret_next = at + strspn(shown + at, " ");
            return at;
        }
        so_far += own;
        at += n;
        if (c == '/') {
            slash_at = at;
            slash_width = so_far;
        }
    }
    *ret_width = so_far;
    *ret_next = at;
    return at;
}

int cli_longest_word(const char *shown, int max)
{
    int longest = 0, width = 0;
    for (size_t at = 0, n; shown[at]; at += n) {
        ucs4_t c;
        int own;
        n = first_char(shown + at, &c, &own);
        width = c == ' ' ? 0 : width + own;
        longest = width > longest ? width : longest;
    }
    return longest < max ? longest : max;
}

void cli_print_wrapped(FILE *out, const char *shown, int width, int column)
{
    int line_width, room = width > column ? width - column : INT_MAX;
    bool is_first = true;
    do {
        size_t next, len = cli_line(shown, room, &line_width, &next);
        fprintf(out, "%*s%.*s\n", is_first ? 0 : column, "", (int)len, shown);
        shown += next;
        is_first = false;
    } while (*shown);
}

bool cli_text_is_fit(const char *text, size_t max_bytes)
{
    size_t len = strlen(text);
    if (len > max_bytes || u8_check((const uint8_t *)text, len))
        return false;
    ucs4_t c;
    for (const uint8_t *at = (const uint8_t *)text; (at = u8_next(&c, at));)
        if (sw_is_control(c))
            return false;
    return true;
}

void cli_fill(const char *remedy, const char *word, const char *value,
              char out[static SW_WHY_MAX])
{
    const char *at = strstr(remedy, word);
    if (at && *value)
        snprintf(out, SW_WHY_MAX, "%.*s%s%s", (int)(at - remedy), remedy, value,
                 at + strlen(word));
    else
        snprintf(out, SW_WHY_MAX, "%s", remedy);
}

void cli_time_format(const struct sw_zone *zone, int64_t at_s,
                     char out[static CLI_TIME_LEN + 1])
{
    int32_t offset_s = sw_zone_offset(zone, at_s);
    unsigned offset_min = (unsigned)abs(offset_s) / 60;
    char local[SW_INSTANT_LEN + 1];
    sw_instant_format(at_s + offset_s, local);
    local[SW_INSTANT_LEN - 1] = '\0'; /* the Z is no longer true */
    snprintf(out, CLI_TIME_LEN + 1, "%.19s%c%02u:%02u", local, offset_s < 0 ? '-' : '+',
             offset_min / 60 % 100, offset_min % 60);
}

void cli_when_format(const struct sw_zone *zone, int64_t at_s, int64_t now_s,
                     char out[static CLI_WHEN_MAX])
{
    sw_when_format(zone, at_s, sw_day_of(zone, now_s), out);
}

void cli_end_format(const struct sw_zone *zone, int64_t at_s,
                    char out[static SW_HHMM_LEN + 1])
{
    bool is_days_end = at_s == sw_day_begin(zone, sw_day_of(zone, at_s));
    sw_hhmm_format(is_days_end ? 24 * 60 : sw_local_minute(zone, at_s), out);
}

void cli_span_format(int64_t minutes, char out[static CLI_SPAN_MAX])
{
    sw_length_format(minutes, out);
}

void cli_span_format_short(int64_t minutes, char out[static CLI_SPAN_MAX])
{
    if (minutes < 60)
        snprintf(out, CLI_SPAN_MAX, "%" PRId64 "m", minutes);
    else
        snprintf(out, CLI_SPAN_MAX, "%" PRId64 "h%02" PRId64 "m", minutes / 60,
                 minutes % 60);
}
