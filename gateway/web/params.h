/* params.h -- names and values as a browser sends them: queries, forms, cookies, paths.
 *
 *     struct web_params query;
 *     if (web_params_decode(&query, "q=a%20b&all=1", 13) < 0)
 *         …                                       // 400
 *     const char *q = web_param(&query, "q");     // "a b"
 *     web_params_fini(&query);
 *
 * Bytes of strangers go in and texts come out: UTF-8 without control characters but
 * blanks and ends of lines. Nothing here knows of HTTP's other parts.
 */
#ifndef WEB_PARAMS_H
#define WEB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    WEB_PARAMS_MAX = 64,     /* the largest form, of a plan, has 16 fields */
    WEB_SEGMENTS_MAX = 8,    /* of a path: "/patient/p017/day/2026-03-29" has 4 */
    WEB_PATH_BYTES_MAX = 512 /* two ids and a date, all of it percent-encoded */
};

struct web_param {
    const char *name, *value;
};
/* All zero is empty. */
struct web_params {
    char *text; /* holds the names and values */
    size_t n_text;
    struct web_param items[WEB_PARAMS_MAX];
    size_t n;
};
/* "a=1&b=x+y%21", in the order in which they stand. -EINVAL: it is none; -E2BIG: more than
 * WEB_PARAMS_MAX; -ENOMEM. Then *ret is empty. */
int web_params_decode(struct web_params *ret, const char *text, size_t len);
void web_params_fini(struct web_params *params);
/* The last value of that name, or NULL. */
const char *web_param(const struct web_params *params, const char *name);

/* A path cut at its slashes, each segment decoded: "/patient/p%31" is "patient", "p1"; "/"
 * has none. -EINVAL: it has an empty or bad segment, "." or "..", or is too long. */
struct web_path {
    char text[WEB_PATH_BYTES_MAX];
    const char *segments[WEB_SEGMENTS_MAX];
    size_t n;
};
int web_path_split(struct web_path *ret, const char *path, size_t len);

/* The value of a cookie in a Cookie header, NULL: there is none, or it does not fit. */
const char *web_cookie(const char *header, const char *name, char *out, size_t size);

#endif
