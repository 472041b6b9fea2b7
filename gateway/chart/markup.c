/* markup.c -- writes HTML and SVG; see markup.h for why it is the only way to do so. */
#include "chart/markup.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "util/array.h"

enum { REPLACEMENT = 0xfffd };

static bool has_room(struct mk *m, size_t n)
{
    if (m->error == 0 && m->cap - m->n > n) /* and a zero behind it */
        return true;
    if (m->error == 0)
        m->error = RESERVE(m->bytes, m->n + n + 1, m->cap);
    return m->error == 0;
}

static inline void put(struct mk *m, const char *bytes, size_t n)
{
    if (!has_room(m, n))
        return;
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
    m->bytes[m->n] = '\0';
}

static void put_str(struct mk *m, const char *str)
{
    put(m, str, strlen(str));
}

static void put_character(struct mk *m, ucs4_t c)
{
    uint8_t bytes[4];
    bool is_blank = c == '\n' || c == '\t';
    if (c == 0xffffffff || (!is_blank && uc_is_cntrl(c)) ||
        uc_is_property_bidi_control(c))
        c = REPLACEMENT;
    int n = u8_uctomb(bytes, c, sizeof bytes);
    put(m, (const char *)bytes, n > 0 ? (size_t)n : 0);
}

/* Printable ASCII that means nothing to a browser. */
static bool is_plain(uint8_t c)
{
    static const bool others['~' + 1] = {
        ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true,
    };
    return c >= ' ' && c <= '~' && !others[c];
}

/* What is plain goes out at once; the same escapes serve text and attributes. */
static void put_escaped(struct mk *m, const char *text)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    while (at < end) {
        size_t plain = 0;
        while (at + plain < end && is_plain(at[plain]))
            plain++;
        put(m, (const char *)at, plain);
        at += plain;
        if (at == end)
            break;
        ucs4_t c;
        at += u8_mbtouc(&c, at, (size_t)(end - at));
        if (c == '&')
            put_str(m, "&amp;");
        else if (c == '<')
            put_str(m, "&lt;");
        else if (c == '>')
            put_str(m, "&gt;");
        else if (c == '"')
            put_str(m, "&quot;");
        else if (c == '\'')
            put_str(m, "&#39;");
        else
            put_character(m, c);
    }
}

/* What follows is inside the element. */
static void end_tag(struct mk *m)
{
    if (m->is_in_tag)
        put(m, ">", 1);
    m->is_in_tag = false;
}

/* Elements of HTML that have no inside, and no end. */
static bool is_void(const char *name)
{
    static const char *const names[] = {"br",    "col",  "hr",  "img",
                                        "input", "link", "meta"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*name == *names[i] && strcmp(name, names[i]) == 0)
            return true;
    return false;
}

void mk_doctype(struct mk *m)
{
    put_str(m, "<!DOCTYPE html>\n");
}

void mk_open_element(struct mk *m, const char *name)
{
    assert(m->depth < MK_DEPTH_MAX);
    end_tag(m);
    put(m, "<", 1);
    put_str(m, name);
    m->keyed[m->depth] = 0;
    m->open[m->depth++] = name;
    m->is_in_tag = true;
}

void mk_open_fragment(struct mk *m, const char *name, const char *key)
{
    end_tag(m);
    size_t from = m->n;
    mk_open_element(m, name);
    if (m->error == 0)
        m->error = GROW(m->fragments, m->n_fragments, m->cap_fragments);
    if (m->error == 0) {
        struct mk_fragment *fragment = &m->fragments[m->n_fragments++];
        *fragment = (struct mk_fragment){.from = from};
        snprintf(fragment->key, sizeof fragment->key, "%s", key);
        m->keyed[m->depth - 1] = m->n_fragments;
    }
    mk_put_attr(m, "data-key", key);
}

void mk_put_attr(struct mk *m, const char *name, const char *value)
{
    assert(m->is_in_tag);
    /* The pages' policy forbids both, so a browser would ignore them. */
    assert(strncmp(name, "on", 2) != 0 && strcmp(name, "style") != 0);
    size_t n = strlen(name);
    if (!has_room(m, n + 3))
        return;
    m->bytes[m->n] = ' ';
    memcpy(m->bytes + m->n + 1, name, n);
    m->n += n + 1;
    m->bytes[m->n] = '\0';
    if (!value)
        return;
    put(m, "=\"", 2);
    put_escaped(m, value);
    put(m, "\"", 1);
}

void mk_put_attr_int(struct mk *m, const char *name, int64_t number)
{
    char text[24], *at = text + sizeof text - 1;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    *at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    mk_put_attr(m, name, at);
}

enum { SHORT_MAX = 256 }; /* nearly all texts with values are shorter */

/* The text in `brief`, or a longer one to be freed; NULL is stored as the error. */
__attribute__((format(printf, 3, 0))) static char *
format_text(struct mk *m, char brief[static SHORT_MAX], const char *format,
            va_list args)
{
    char *text = NULL;
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(brief, SHORT_MAX, format, args);
    if (n >= SHORT_MAX && vasprintf(&text, format, again) < 0)
        n = -1;
    va_end(again);
    if (n >= 0)
        return n < SHORT_MAX ? brief : text;
    m->error = -ENOMEM;
    return NULL;
}

void mk_put_attrf(struct mk *m, const char *name, const char *format, ...)
{
    char brief[SHORT_MAX];
    va_list args;
    va_start(args, format);
    char *text = format_text(m, brief, format, args);
    va_end(args);
    mk_put_attr(m, name, text ? text : "");
    if (text != brief)
        free(text);
}

void mk_text(struct mk *m, const char *text)
{
    end_tag(m);
    if (text)
        put_escaped(m, text);
}

void mk_textf(struct mk *m, const char *format, ...)
{
    char brief[SHORT_MAX];
    va_list args;
    va_start(args, format);
    char *text = format_text(m, brief, format, args);
    va_end(args);
    mk_text(m, text);
    if (text != brief)
        free(text);
}

void mk_close(struct mk *m)
{
    assert(m->depth > 0);
    const char *name = m->open[--m->depth];
    end_tag(m);
    if (!is_void(name)) {
        put(m, "</", 2);
        put_str(m, name);
        put(m, ">", 1);
    }
    if (m->keyed[m->depth] > 0)
        m->fragments[m->keyed[m->depth] - 1].to = m->n;
}

size_t mk_here(struct mk *m)
{
    end_tag(m);
    return m->n;
}

void mk_keep(struct mk *m, size_t from, struct mk_kept *ret)
{
    mk_kept_fini(ret);
    size_t n = mk_here(m) - from;
    if (m->error < 0 || !(ret->bytes = malloc(n + 1)))
        return;
    memcpy(ret->bytes, m->bytes + from, n);
    ret->n = n;
}

void mk_put_kept(struct mk *m, const struct mk_kept *kept)
{
    end_tag(m);
    put(m, kept->bytes, kept->n);
}

void mk_kept_fini(struct mk_kept *kept)
{
    free(kept->bytes);
    *kept = (struct mk_kept){.n = 0};
}

void mk_style(struct mk *m, const char *css)
{
    assert(!strstr(css, "</"));
    mk_open(m, "style");
    end_tag(m);
    put_str(m, css);
    mk_close(m);
}

int mk_end(struct mk *m, char **ret, size_t *ret_n)
{
    while (m->depth > 0)
        mk_close(m);
    put(m, "", 0);
    int r = m->error;
    if (r == 0) {
        *ret = m->bytes;
        *ret_n = m->n;
        m->bytes = NULL;
    }
    mk_fini(m);
    return r;
}

void mk_fini(struct mk *m)
{
    free(m->bytes);
    free(m->fragments);
    *m = (struct mk){0};
}
