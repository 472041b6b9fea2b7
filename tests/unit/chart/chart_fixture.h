/* chart_fixture.h -- charts as text, compared with golden files. */
#ifndef TESTS_CHART_FIXTURE_H
#define TESTS_CHART_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chart/markup.h"

/* The chart with an element a line. Whatever went in, no number of it is none. */
static inline char *drawn(struct mk *m)
{
    char *bytes = NULL;
    size_t n = 0;
    assert_int_equal(mk_end(m, &bytes, &n), 0);
    for (char *at = bytes; (at = strstr(at, "nan")); at++)
        assert_true(at > bytes && at[-1] >= 'a' && at[-1] <= 'z');
    assert_null(strstr(bytes, "inf"));
    assert_null(strstr(bytes, "=\"-0."));
    char *text = calloc(1, 2 * n + 2), *to = text;
    assert_non_null(text);
    for (const char *at = bytes; *at; at++) {
        *to++ = *at;
        if (at[0] == '>' && at[1] == '<')
            *to++ = '\n';
    }
    *to = '\n';
    free(bytes);
    return text;
}

/* With UPDATE_GOLDEN=1 in the environment the file is written instead, to be looked at
 * before it is committed. */
static inline void assert_drawing(struct mk *m, const char *name)
{
    char path[256], *expected = NULL, *text = drawn(m);
    size_t n = 0;
    snprintf(path, sizeof path, SOURCE_DIR "/tests/golden/chart/%s", name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    FILE *file = fopen(path, "r");
    if (!file || getdelim(&expected, &n, '\0', file) < 0)
        fail_msg("cannot read %s", path);
    fclose(file);
    assert_string_equal(text, expected);
    free(expected);
    free(text);
}

static inline size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* 2026-11-23 was a Monday. */
enum { MONDAY = 20780 };

#endif
