/* test_params.c -- names and values as browsers send them, and as others do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "web/params.h"

static struct web_params decoded(const char *text)
{
    struct web_params params;
    assert_int_equal(web_params_decode(&params, text, strlen(text)), 0);
    return params;
}

static void test_params__are_decoded_in_order(void **state)
{
    struct web_params params = decoded("a=1&b=x+y%21&&c&a=%C3%A9&=v&d==");
    (void)state;
    assert_int_equal(params.n, 6);
    assert_string_equal(web_param(&params, "a"), "é");
    assert_string_equal(params.items[0].value, "1");
    assert_string_equal(web_param(&params, "b"), "x y!");
    assert_string_equal(web_param(&params, "c"), "");
    assert_string_equal(web_param(&params, ""), "v");
    assert_string_equal(web_param(&params, "d"), "=");
    assert_null(web_param(&params, "e"));
    web_params_fini(&params);
}

static void test_params__nothing_is_none(void **state)
{
    struct web_params params = decoded("");
    (void)state;
    assert_int_equal(params.n, 0);
    web_params_fini(&params);
}

static void test_params__what_is_no_text_is_refused(void **state)
{
    static const char *const texts[] = {"a=%",     "a=%4",  "a=%4g",   "a=%00",
                                        "a=\x01",  "a=%c3", "%ff=1",   "a=%ed%a0%80",
                                        "a=%1b[m", "a=%7f", "a=%C0%AF"};
    struct web_params params;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(web_params_decode(&params, texts[i], strlen(texts[i])),
                         -EINVAL);
        assert_int_equal(params.n, 0);
    }
}

static void test_params__one_too_many_is_refused(void **state)
{
    char text[2 * WEB_PARAMS_MAX + 2];
    struct web_params params;
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '&' : 'a';
    assert_int_equal(web_params_decode(&params, text, sizeof text - 2), 0);
    assert_int_equal(params.n, WEB_PARAMS_MAX);
    web_params_fini(&params);
    assert_int_equal(web_params_decode(&params, text, sizeof text), -E2BIG);
}

static void test_path__is_cut_and_decoded(void **state)
{
    struct web_path path;
    (void)state;
    assert_int_equal(web_path_split(&path, "/", 1), 0);
    assert_int_equal(path.n, 0);
    assert_int_equal(web_path_split(&path, "/patient/p%31/day", 17), 0);
    assert_int_equal(path.n, 3);
    assert_string_equal(path.segments[1], "p1");
    assert_string_equal(path.segments[2], "day");
    assert_int_equal(web_path_split(&path, "/a+b", 4), 0);
    assert_string_equal(path.segments[0], "a+b");
}

static void test_path__tricks_are_refused(void **state)
{
    static const char *const texts[] = {
        "",           "a",    "//",      "/a//b",  "/a/",    "/.",
        "/a/../b",    "/%2e", "/%2e%2e", "/a%2fb", "/a%00b", "/a%0ab",
        "/%",         "/%zz", "/a\nb",   "/\xff",  "/%c3",   "/1/2/3/4/5/6/7/8/9",
        "/%0d%0aX: y"};
    struct web_path path;
    char longest[WEB_PATH_BYTES_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(web_path_split(&path, texts[i], strlen(texts[i])), -EINVAL);
    assert_int_equal(web_path_split(&path, "/a\0b", 4), -EINVAL);
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    assert_int_equal(web_path_split(&path, longest, WEB_PATH_BYTES_MAX - 1), 0);
    assert_int_equal(web_path_split(&path, longest, WEB_PATH_BYTES_MAX), -EINVAL);
}

static void test_cookie__is_found_by_its_whole_name(void **state)
{
    char out[8];
    const char *header = "xid=1; id=2;id2=3 ; last=4";
    (void)state;
    assert_string_equal(web_cookie(header, "id", out, sizeof out), "2");
    assert_string_equal(web_cookie(header, "id2", out, sizeof out), "3");
    assert_string_equal(web_cookie(header, "xid", out, sizeof out), "1");
    assert_string_equal(web_cookie(header, "last", out, sizeof out), "4");
    assert_null(web_cookie(header, "la", out, sizeof out));
    assert_null(web_cookie(NULL, "id", out, sizeof out));
    assert_null(web_cookie("", "id", out, sizeof out));
    assert_null(web_cookie("id", "id", out, sizeof out));
    assert_null(web_cookie("id=12345678", "id", out, sizeof out));
    assert_string_equal(web_cookie("id=1234567", "id", out, sizeof out), "1234567");
    /* The first one of a name is the one with the longest path: the browser's order. */
    assert_string_equal(web_cookie("id=a; id=b", "id", out, sizeof out), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params__are_decoded_in_order),
        cmocka_unit_test(test_params__nothing_is_none),
        cmocka_unit_test(test_params__what_is_no_text_is_refused),
        cmocka_unit_test(test_params__one_too_many_is_refused),
        cmocka_unit_test(test_path__is_cut_and_decoded),
        cmocka_unit_test(test_path__tricks_are_refused),
        cmocka_unit_test(test_cookie__is_found_by_its_whole_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
