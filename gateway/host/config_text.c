/* config_text.c -- the configuration file's bytes, made fit for libconfuse.
 *
 * libconfuse 3.3 miscounts the lines of comments, accepts a section that is never
 * closed, replaces ${VAR} by the environment, skips characters it does not know, stays
 * inside a string that has no end when it reads the next file, and takes "a|b" for a
 * key of another section. Here the text is read once from front to back: comments
 * become blanks, and each of the others is refused at its line. Keys and values are
 * left to config_parse.c. */
#include "host/config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

/* Everything up to one byte over the limit. */
static int read_all(int fd, char *text, size_t *ret_len)
{
    size_t len = 0;
    while (len <= CONFIG_FILE_MAX) {
        ssize_t n = read(fd, text + len, CONFIG_FILE_MAX + 1 - len);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    if (len > CONFIG_FILE_MAX)
        return -EFBIG;
    text[len] = '\0';
    *ret_len = len;
    return 0;
}

int config_text_read(const char *path, char **ret, size_t *ret_len)
{
    char *text = NULL;
    int r = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    text = malloc(CONFIG_FILE_MAX + 2);
    r = text ? read_all(fd, text, ret_len) : -ENOMEM;
    close(fd);
    if (r < 0) {
        free(text);
        return r;
    }
    *ret = text;
    return 0;
}

/* ---- preparing ---- */

enum token { TOKEN_NONE, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN };

struct scan {
    char *at;
    const char *end;
    int line;
    int depth, open_line; /* of braces; the line of the outermost open one */
    enum token last;      /* the token before this place */
    bool was_equals;      /* the last token is '=' */
    bool was_value;       /* the last token follows '=' */
    int error_line;
    char *why;
};

static bool fail(struct scan *scan, int line, const char *why)
{
    snprintf(scan->why, SW_WHY_MAX, "%s", why);
    scan->error_line = line;
    return false;
}

static void pass_token(struct scan *scan, bool is_equals)
{
    scan->was_value = scan->was_equals;
    scan->was_equals = is_equals;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_-.:/", c));
}

static bool begins(const struct scan *scan, const char *mark)
{
    size_t len = strlen(mark);
    return (size_t)(scan->end - scan->at) >= len && memcmp(scan->at, mark, len) == 0;
}

static bool blank_line_comment(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n')
        *scan->at++ = ' ';
    return true;
}

static bool blank_block_comment(struct scan *scan)
{
    int begun = scan->line;
    memcpy(scan->at, "  ", 2);
    for (scan->at += 2; scan->at < scan->end; scan->at++) {
        if (begins(scan, "*/")) {
            memcpy(scan->at, "  ", 2);
            scan->at += 2;
            return true;
        }
        if (*scan->at == '\n')
            scan->line++;
        else
            *scan->at = ' ';
    }
    return fail(scan, begun, "this comment has no end (*/)");
}

/* After '=' or as the title of a section; a key is never quoted. */
static bool may_quote(const struct scan *scan)
{
    return scan->was_equals || (scan->last == TOKEN_WORD && !scan->was_value);
}

/* One character of a string, or two if it is escaped. */
static bool pass_string_char(struct scan *scan, char quote)
{
    bool is_single = quote == '\'';
    if (*scan->at == '\n')
        return fail(scan, scan->line, "a string ends on its line: a quote is missing");
    size_t step = sw_text_step(scan->at);
    if (step == 0)
        return fail(scan, scan->line,
                    "a control character in a string, or one that is not UTF-8");
    if (!is_single && begins(scan, "${"))
        return fail(scan, scan->line,
                    "${…} is not replaced here (in single quotes it means itself)");
    if (*scan->at == '\\') {
        char next = scan->at + 1 < scan->end ? scan->at[1] : '\n';
        bool is_escape = next == '\\' || next == quote;
        if (!is_escape && !is_single)
            return fail(scan, scan->line,
                        "in double quotes only \\\" and \\\\ follow a backslash");
        if (is_escape)
            scan->at++;
    }
    scan->at += step;
    return true;
}

static bool pass_string(struct scan *scan)
{
    char quote = *scan->at++;
    if (!may_quote(scan))
        return fail(scan, scan->line, "quotes are for values: KEY = \"VALUE\"");
    while (scan->at < scan->end && *scan->at != quote)
        if (!pass_string_char(scan, quote))
            return false;
    if (scan->at == scan->end)
        return fail(scan, scan->line, "a string ends on its line: a quote is missing");
    scan->at++;
    scan->last = TOKEN_STRING;
    pass_token(scan, false);
    return true;
}

static bool pass_word(struct scan *scan)
{
    while (scan->at < scan->end && is_word_char(*scan->at))
        scan->at++;
    scan->last = TOKEN_WORD;
    pass_token(scan, false);
    return true;
}

static bool pass_sign(struct scan *scan)
{
    char sign = *scan->at++;
    if (sign == '{' && scan->depth++ == 0)
        scan->open_line = scan->line;
    if (sign == '}' && --scan->depth < 0)
        return fail(scan, scan->line, "this } closes nothing");
    scan->last = TOKEN_SIGN;
    pass_token(scan, sign == '=');
    return true;
}

/* A word processor puts them where a " was typed. */
static bool is_typographic_quote(const struct scan *scan)
{
    static const char *const quotes[] = {"“", "”", "„", "‟", "‘", "’",
                                         "‚", "‛", "«", "»", "‹", "›"};
    for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++)
        if (begins(scan, quotes[i]))
            return true;
    return false;
}

/* The bytes of the character here, if it is shown; 0: of a control character, or of no
 * UTF-8. */
static size_t shown_char(const struct scan *scan)
{
    unsigned char c = (unsigned char)*scan->at;
    size_t left = (size_t)(scan->end - scan->at), i = 1;
    size_t n = c >= 0xf0   ? 4
               : c >= 0xe0 ? 3
               : c >= 0xc3 ? 2
                           : 0; /* \xc2: some control */
    if (c < 0x80)
        return c > 0x20 && c < 0x7f;
    while (i < n && i < left && ((unsigned char)scan->at[i] & 0xc0) == 0x80)
        i++;
    return i == n ? n : 0;
}

static bool refuse_char(struct scan *scan)
{
    char why[80], name[8];
    unsigned char c = (unsigned char)*scan->at;
    size_t n = shown_char(scan);
    if (n > 0 && n < sizeof(name))
        snprintf(name, sizeof(name), "%.*s", (int)n, scan->at);
    else
        snprintf(name, sizeof(name), "\\x%02x", c);
    if (is_typographic_quote(scan))
        snprintf(why, sizeof(why), "%s is no quote here: use the straight ones, \"\"",
                 name);
    else
        snprintf(why, sizeof(why), "%s cannot stand here: put the value in quotes",
                 name);
    return fail(scan, scan->line, why);
}

static bool pass_token_or_space(struct scan *scan)
{
    switch (*scan->at) {
    case '\n':
        scan->line++;
        scan->at++;
        return true;
    case ' ':
    case '\t':
    case '\r':
        scan->at++;
        return true;
    case '"':
    case '\'':
        return pass_string(scan);
    case '{':
    case '}':
    case '=':
        return pass_sign(scan);
    }
    if (*scan->at == '#' || begins(scan, "//"))
        return blank_line_comment(scan);
    if (begins(scan, "/*"))
        return blank_block_comment(scan);
    return is_word_char(*scan->at) ? pass_word(scan) : refuse_char(scan);
}

bool config_text_prepare(char *text, size_t len, int *ret_line,
                         char why[static SW_WHY_MAX])
{
    struct scan scan = {.at = text, .end = text + len, .line = 1, .why = why};
    bool ok = true;
    while (ok && scan.at < scan.end)
        ok = pass_token_or_space(&scan);
    if (ok && scan.depth > 0)
        ok = fail(&scan, scan.open_line, "this { is never closed");
    *ret_line = scan.error_line;
    return ok;
}
