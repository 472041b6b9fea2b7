/* log.c -- one line to standard error for each message of the daemon.
 * What is worth a line, and how often, is the caller's business. */
#include "stepward/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TEXT_MAX = 1024,          /* of a message; what is longer is cut */
    LINE_MAX = TEXT_MAX + 64, /* with its prefix and newline: one write, one line */
    ESCAPED_LEN = 4,          /* "\x1b"; a character has as many bytes at most */
};

static const char *level_name(enum sw_log_level level)
{
    switch (level) {
    case SW_LOG_ERROR:
        return "error";
    case SW_LOG_WARNING:
        return "warning";
    case SW_LOG_NOTICE:
        return "notice";
    case SW_LOG_INFO:
        return "info";
    }
    return "?";
}

/* "<4>" tells the journal the level; a person reads time and level instead. */
static size_t log_put_prefix(char *out, size_t size, enum sw_log_level level)
{
    int len;
    if (getenv("JOURNAL_STREAM")) {
        len = snprintf(out, size, "<%d>", (int)level);
        return len > 0 ? (size_t)len : 0;
    }
    time_t now = (time_t)sw_clock_now_s();
    struct tm local = {0};
    localtime_r(&now, &local);
    size_t at = strftime(out, size, "%Y-%m-%d %H:%M:%S", &local);
    len = snprintf(out + at, size - at, " %s ", level_name(level));
    return len > 0 ? at + (size_t)len : at;
}

/* Control characters would break the line or repaint a terminal, and a terminal may
 * take bytes that are no UTF-8 for control characters: both become \xNN. */
static size_t put_escaped(char *out, size_t size, const char *text)
{
    size_t len = 0;
    while (*text && len + ESCAPED_LEN < size) {
        size_t step = sw_text_step(text);
        if (step == 0)
            len += (size_t)snprintf(out + len, size - len, "\\x%02x",
                                    (unsigned)(unsigned char)*text);
        else
            memcpy(out + len, text, step);
        len += step;
        text += step > 0 ? step : 1;
    }
    return len;
}

static void write_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDERR_FILENO, line, len);
        if (n <= 0)
            return; /* nowhere to complain about a log that is gone */
        line += n;
        len -= (size_t)n;
    }
}

void sw_log(enum sw_log_level level, const char *format, ...)
{
    char text[TEXT_MAX], line[LINE_MAX];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0)
        snprintf(text, sizeof(text), "(a message that cannot be formatted)");

    size_t len = log_put_prefix(line, sizeof(line), level);
    len += put_escaped(line + len, sizeof(line) - len - 1, text);
    line[len++] = '\n';
    write_line(line, len);
}
