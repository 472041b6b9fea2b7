/* text.h -- stored text, dates and times, fit to show. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

#include "stepward/civil.h"
#include "util/number.h"

/* Nearly all texts are plain: each byte is shown as it is, in one column. */
bool cli_is_plain(const char *text, size_t len);

/* One line of valid UTF-8 that a terminal will not obey: control characters are escaped
 * (\n, \x1b, \u202e), invalid bytes become U+FFFD, and it is cut to max_width columns
 * with an ellipsis (0: not cut). The caller frees it; NULL: out of memory. */
char *cli_shown(const char *text, size_t len, int max_width);

int cli_width(const char *shown); /* in columns */

/* The first line of a text that is wrapped at its blanks to so many columns: its bytes
 * and its width; the next begins at shown + *ret_next. A word that is too wide is
 * broken. */
size_t cli_line(const char *shown, int width, int *ret_width, size_t *ret_next);
/* The width of the widest word, at most max. */
int cli_longest_word(const char *shown, int max);
/* Print the text from a column on, where the line stands already, in lines that end
 * before width (0: in one); all of them begin at that column. */
void cli_print_wrapped(FILE *out, const char *shown, int width, int column);

/* True if a person may enter it as a name or a note: one line of UTF-8 of at most
 * max_bytes, without control characters. */
bool cli_text_is_fit(const char *text, size_t max_bytes);

/* Fill in a remedy: "`stepward patient add ID`" with "p019" in place of "ID"; it stays
 * as it was where the value is "". */
void cli_fill(const char *remedy, const char *word, const char *value,
              char out[static SW_WHY_MAX]);

enum { CLI_TIME_LEN = 25, CLI_WHEN_MAX = SW_WHEN_LEN + 1 };
/* RFC 3339 in local time, "2026-03-29T12:15:00+02:00". */
void cli_time_format(const struct sw_zone *zone, int64_t at_s,
                     char out[static CLI_TIME_LEN + 1]);
/* For people: "2026-03-29 12:15", or "12:15" if that is on the day of now_s. */
void cli_when_format(const struct sw_zone *zone, int64_t at_s, int64_t now_s,
                     char out[static CLI_WHEN_MAX]);

/* The local time of an end: the end of a day is 24:00, not the next day's 00:00. */
void cli_end_format(const struct sw_zone *zone, int64_t at_s,
                    char out[static SW_HHMM_LEN + 1]);

enum { CLI_SPAN_MAX = SW_LENGTH_TEXT_MAX };
/* "2 h 5 min", "2 h", "45 min". */
void cli_span_format(int64_t minutes, char out[static CLI_SPAN_MAX]);
/* The same, where many stand side by side: "2h05m", "45m". */
void cli_span_format_short(int64_t minutes, char out[static CLI_SPAN_MAX]);

#endif
