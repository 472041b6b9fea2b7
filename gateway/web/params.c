/* params.c -- names and values as a browser sends them; see params.h. */
#include "web/params.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Texts are what people typed: a tab and ends of lines may be among it. */
static bool is_text(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return !u8_check((const uint8_t *)text, len);
}

/* Decode in place: 0, or -EINVAL for a bad escape, or for what is no text. */
static int decode(char *text, size_t len, bool has_plus)
{
    char *to = text;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '+' && has_plus) {
            c = ' ';
        } else if (c == '%') {
            int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = len - i > 2 ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -EINVAL;
            c = (char)(high * 16 + low);
            i += 2;
        }
        *to++ = c;
    }
    *to = '\0';
    return is_text(text, (size_t)(to - text)) ? 0 : -EINVAL;
}

/* One "name=value" of that length; an empty one is skipped. */
static int add_param(struct web_params *params, char *text, size_t len)
{
    char *equals = memchr(text, '=', len);
    size_t n_name = equals ? (size_t)(equals - text) : len;
    if (len == 0)
        return 0;
    if (params->n == WEB_PARAMS_MAX)
        return -E2BIG;
    char *value = equals ? equals + 1 : text + len;
    int r = decode(value, len - (size_t)(value - text), true);
    if (r == 0)
        r = decode(text, n_name, true);
    params->items[params->n++] = (struct web_param){text, value};
    return r;
}

int web_params_decode(struct web_params *ret, const char *text, size_t len)
{
    int r = 0;
    ret->n = 0;
    ret->n_text = len;
    ret->text = malloc(len + 1);
    if (!ret->text)
        return -ENOMEM;
    memcpy(ret->text, text, len);
    ret->text[len] = '\0';
    for (char *at = ret->text, *end = at + len; r == 0 && at < end;) {
        char *stop = memchr(at, '&', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        r = add_param(ret, at, n);
        at += n + 1;
    }
    if (r < 0)
        web_params_fini(ret);
    return r;
}

void web_params_fini(struct web_params *params)
{
    if (params->text)
        explicit_bzero(params->text, params->n_text); /* passwords */
    free(params->text);
    params->text = NULL;
    params->n = 0;
}

const char *web_param(const struct web_params *params, const char *name)
{
    for (size_t i = params->n; i-- > 0;)
        if (strcmp(params->items[i].name, name) == 0)
            return params->items[i].value;
    return NULL;
}

/* An id or a date has neither slashes nor ends of lines, whatever they were written as. */
static bool is_segment(const char *text)
{
    return *text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
           !strpbrk(text, "/\t\r\n");
}

int web_path_split(struct web_path *ret, const char *path, size_t len)
{
    ret->n = 0;
    if (len == 0 || len >= sizeof ret->text || path[0] != '/' ||
        memchr(path, '\0', len))
        return -EINVAL;
    memcpy(ret->text, path, len);
    ret->text[len] = '\0';
    for (char *at = ret->text + 1; at < ret->text + len;) {
        size_t n = strcspn(at, "/");
        bool is_last = at[n] == '\0';
        if (ret->n == WEB_SEGMENTS_MAX || (!is_last && at[n + 1] == '\0'))
            return -EINVAL;
        at[n] = '\0';
        if (decode(at, n, false) < 0 || !is_segment(at))
            return -EINVAL;
        ret->segments[ret->n++] = at;
        at += n + 1;
    }
    return 0;
}

const char *web_cookie(const char *header, const char *name, char *out, size_t size)
{
    size_t n_name = strlen(name);
    for (const char *at = header; at && *(at += strspn(at, " ;"));) {
        size_t len = strcspn(at, ";");
        if (len > n_name && strncmp(at, name, n_name) == 0 && at[n_name] == '=') {
            size_t n = len - n_name - 1;
            while (n > 0 && at[n_name + n] == ' ')
                n--;
            if (n >= size)
                return NULL;
            memcpy(out, at + n_name + 1, n);
            out[n] = '\0';
            return out;
        }
        at += len;
    }
    return NULL;
}
