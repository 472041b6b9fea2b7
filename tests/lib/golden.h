/* golden.h -- texts that are compared with the files of tests/golden.
 *
 *     assert_golden_file(bytes, "chart/strip.svg");
 *
 * With UPDATE_GOLDEN=1 in the environment the file is written instead, to be looked at
 * before it is committed. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static inline void assert_golden_file(const char *text, const char *name)
{
    char path[256], *expected = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, SOURCE_DIR "/tests/golden/%s", name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *out = fopen(path, "w");
        assert_non_null(out);
        assert_true(fputs(text, out) >= 0);
        assert_int_equal(fclose(out), 0);
    }
    FILE *file = fopen(path, "r");
    if (!file || getdelim(&expected, &size, '\0', file) < 0)
        fail_msg("cannot read %s", path);
    fclose(file);
    assert_string_equal(text, expected);
    free(expected);
}

#endif
