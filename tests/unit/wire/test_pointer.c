/* test_pointer.c -- JSON Pointers: the examples of RFC 6901, and what finds nothing. */
#include "decode_fixture.h"

#include "wire/json.h"

static const char rfc[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
    "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"1\":{\"0\":10}}";

static void check_found(const char *pointer, const char *expected)
{
    cJSON *root = cJSON_Parse(rfc);
    assert_non_null(root);
    cJSON *value = sw_pointer_find(root, pointer);
    char *text = value ? cJSON_PrintUnformatted(value) : strdup("nothing");
    if (strcmp(text, expected) != 0)
        fail_msg("%s: %s, not %s", pointer, text, expected);
    free(text);
    cJSON_Delete(root);
}

static void test_pointer__examples_of_the_rfc(void **state)
{
    (void)state;
    check_found("/foo", "[\"bar\",\"baz\"]");
    check_found("/foo/0", "\"bar\"");
    check_found("/foo/1", "\"baz\"");
    check_found("/", "0");
    check_found("/a~1b", "1");
    check_found("/c%d", "2");
    check_found("/e^f", "3");
    check_found("/g|h", "4");
    check_found("/i\\j", "5");
    check_found("/k\"l", "6");
    check_found("/ ", "7");
    check_found("/m~0n", "8");
    check_found("/~01", "9"); /* "~1", not "/" */
    check_found("/1/0", "10");
    cJSON *root = cJSON_Parse("5");
    assert_ptr_equal(sw_pointer_find(root, ""), root);
    assert_null(sw_pointer_find(root, "/0"));
    cJSON_Delete(root);
}

static void test_pointer__finds_nothing_elsewhere(void **state)
{
    (void)state;
    static const char *const pointers[] = {
        "/foo/2",
        "/foo/-",
        "/foo/01",
        "/foo/",
        "/foo/1x",
        "/foo/+1",
        "/foo/-1",
        "/Foo",
        "/fo",
        "/fooo",
        "/foo/0/",
        "/foo/0/0",
        "/a/b",
        "/m~n~",
        "/~1",
        "foo",
        "//",
        "/foo/18446744073709551616",
        "/foo/4294967296",
        "/foo/1000000",
    };
    for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++)
        check_found(pointers[i], "nothing");
}

static void test_pointer__the_first_of_equal_names_counts(void **state)
{
    (void)state;
    cJSON *root = cJSON_Parse("{\"a\":1,\"a\":2}");
    assert_int_equal(sw_pointer_find(root, "/a")->valueint, 1);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pointer__examples_of_the_rfc),
        cmocka_unit_test(test_pointer__finds_nothing_elsewhere),
        cmocka_unit_test(test_pointer__the_first_of_equal_names_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
