/* markup.h -- HTML and SVG, written so that no text of a person can become markup.
 *
 *     struct mk page = {0};
 *     mk_open(&page, "p");
 *     mk_attr(&page, "class", "name");     // attributes first, then what is inside
 *     mk_text(&page, patient->name);
 *     mk_close(&page);                     // of the element that was opened last
 *     r = mk_end(&page, &bytes, &n);       // 0: the caller frees bytes
 *
 * Names of elements and attributes are literals of the program; a text, an attribute's
 * value and a number have a function each, and there is none for what is markup already.
 * Out of memory stays as the error until mk_end(), so that callers need not look.
 */
#ifndef CHART_MARKUP_H
#define CHART_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MK_DEPTH_MAX = 48, MK_KEY_MAX = 96 };

/* A part of the page that changes by itself: an element with the attribute data-key. */
struct mk_fragment {
    char key[MK_KEY_MAX];
    size_t from, to; /* its bytes in the page: [from, to) */
};

/* All zero is an empty page. */
struct mk {
    char *bytes;
    size_t n, cap;
    const char *open[MK_DEPTH_MAX]; /* the names of the open elements */
    size_t depth;
    bool is_in_tag;                /* attributes may still come */
    struct mk_fragment *fragments; /* in the order in which they began */
    size_t n_fragments, cap_fragments;
    size_t keyed[MK_DEPTH_MAX]; /* the fragment that ends with this element, plus 1 */
    int error;
};

/* A literal alone: "" does not compile beside anything else. */
#define mk_open(m, name)             mk_open_element((m), "" name "")
#define mk_attr(m, name, value)      mk_put_attr((m), "" name "", (value))
#define mk_attr_int(m, name, number) mk_put_attr_int((m), "" name "", (number))
#define mk_attrf(m, name, ...)       mk_put_attrf((m), "" name "", __VA_ARGS__)
/* The attribute by its name alone: "disabled". */
#define mk_flag(m, name) mk_put_attr((m), "" name "", NULL)

void mk_doctype(struct mk *m);
void mk_open_element(struct mk *m, const char *name);
/* The same, as a fragment; a key of MK_KEY_MAX bytes or more is cut off. */
#define mk_open_keyed(m, name, key) mk_open_fragment((m), "" name "", (key))
void mk_open_fragment(struct mk *m, const char *name, const char *key);
void mk_put_attr(struct mk *m, const char *name, const char *value);
void mk_put_attr_int(struct mk *m, const char *name, int64_t number);
__attribute__((format(printf, 3, 4))) void mk_put_attrf(struct mk *m, const char *name,
                                                        const char *format, ...);
/* Bytes that are not UTF-8 and control characters become U+FFFD; NULL is no text. */
void mk_text(struct mk *m, const char *text);
__attribute__((format(printf, 2, 3))) void mk_textf(struct mk *m, const char *format,
                                                    ...);
void mk_close(struct mk *m);
/* <name>text</name> */
#define mk_element(m, name, text)                                                      \
    (mk_open((m), name), mk_text((m), (text)), mk_close((m)))

/* ---- what is written again and again ---- */

/* A part of a page, of elements that were closed again; all zero is none. Only what this
 * writer wrote can be in it. */
struct mk_kept {
    char *bytes; /* NULL: nothing is kept */
    size_t n;
};
/* Where the next element will begin. */
size_t mk_here(struct mk *m);
/* Keep what was written since mk_here(), in which no fragment begins; out of memory keeps
 * nothing. */
void mk_keep(struct mk *m, size_t from, struct mk_kept *ret);
void mk_put_kept(struct mk *m, const struct mk_kept *kept);
void mk_kept_fini(struct mk_kept *kept); /* leaves it empty */

/* A style sheet of our own inside the page, for a file that must stand alone. */
void mk_style(struct mk *m, const char *css);

/* Close what is open. 0 with the bytes, which are zero-terminated, or -ENOMEM; m is empty
 * afterwards either way. */
int mk_end(struct mk *m, char **ret, size_t *ret_n);
void mk_fini(struct mk *m); /* takes what mk_end() left too */

#endif
