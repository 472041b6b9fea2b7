/* test_qr.c -- what is drawn is what libqrencode made of the text, module by module. */
#include "chart/qr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <qrencode.h>

#define URI                                                                            \
    "mqtts://p017:abcdefghjkmnpqrstuvw@pi.local:8883/clinic/main/patient/p017/steps"   \
    "?ca=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *printed(const char *text, bool has_colors)
{
    char *shown = NULL;
    size_t len;
    FILE *out = open_memstream(&shown, &len);
    assert_non_null(out);
    assert_int_equal(qr_print(out, text, has_colors), 0);
    assert_int_equal(fclose(out), 0);
    return shown;
}

/* The upper and the lower module of a block, as light. */
static void read_block(const char **at, bool *ret_upper, bool *ret_lower)
{
    static const char *const blocks[] = {" ", "▄", "▀", "█"};
    for (int i = 3; i >= 0; i--)
        if (strncmp(*at, blocks[i], strlen(blocks[i])) == 0) {
            *ret_upper = (i & 2) != 0;
            *ret_lower = (i & 1) != 0;
            *at += strlen(blocks[i]);
            return;
        }
    fail_msg("no block: %.10s", *at);
}

static bool is_light(const QRcode *code, int row, int column)
{
    bool is_inside =
        row >= 0 && row < code->width && column >= 0 && column < code->width;
    return !is_inside || (code->data[row * code->width + column] & 1) == 0;
}

static void test_qr__a_terminal_shows_each_module_and_the_quiet_zone(void **state)
{
    (void)state;
    QRcode *code = QRcode_encodeString8bit(URI, 0, QR_ECLEVEL_L);
    char *shown = printed(URI, false);
    const char *at = shown;
    assert_non_null(code);
    assert_true(code->width + 2 * QR_QUIET <= 80);
    for (int row = -QR_QUIET; row < code->width + QR_QUIET; row += 2) {
        for (int column = -QR_QUIET; column < code->width + QR_QUIET; column++) {
            bool upper = false, lower = false;
            read_block(&at, &upper, &lower);
            assert_int_equal(upper, is_light(code, row, column));
            assert_int_equal(lower, is_light(code, row + 1, column));
        }
        assert_int_equal(*at++, '\n');
    }
    assert_int_equal(*at, '\0');
    free(shown);
    QRcode_free(code);
}

static void test_qr__colours_are_black_on_white_and_end_with_the_line(void **state)
{
    (void)state;
    char *shown = printed("x", true), *line = strtok(shown, "\n");
    for (; line; line = strtok(NULL, "\n")) {
        const char *begin = "\033[38;5;16;48;5;231m", *end = "\033[0m";
        assert_memory_equal(line, begin, strlen(begin));
        assert_string_equal(line + strlen(line) - strlen(end), end);
    }
    free(shown);
}

static void test_qr__svg_has_as_many_dark_modules(void **state)
{
    (void)state;
    struct mk m = {0};
    char *bytes = NULL;
    size_t n = 0;
    int dark = 0, drawn = 0;
    QRcode *code = QRcode_encodeString8bit(URI, 0, QR_ECLEVEL_L);
    assert_non_null(code);
    for (int i = 0; i < code->width * code->width; i++)
        dark += code->data[i] & 1;
    assert_int_equal(qr_svg(&m, URI), 0);
    assert_int_equal(mk_end(&m, &bytes, &n), 0);
    for (const char *at = bytes; (at = strstr(at, "v1h-")); at++)
        drawn += atoi(at + strlen("v1h-"));
    assert_int_equal(drawn, dark);
    free(bytes);
    QRcode_free(code);
}

static void test_qr__a_text_that_no_phone_could_read_is_refused(void **state)
{
    (void)state;
    char text[QR_TEXT_MAX + 2];
    struct mk m = {0};
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(qr_svg(&m, text), -EINVAL);
    assert_int_equal(qr_print(stderr, "", false), -EINVAL);
    mk_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qr__a_terminal_shows_each_module_and_the_quiet_zone),
        cmocka_unit_test(test_qr__colours_are_black_on_white_and_end_with_the_line),
        cmocka_unit_test(test_qr__svg_has_as_many_dark_modules),
        cmocka_unit_test(test_qr__a_text_that_no_phone_could_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
