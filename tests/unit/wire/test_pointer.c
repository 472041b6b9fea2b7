/* test_pointer.c -- JSON Pointers: the examples of RFC 6901, and what finds nothing. */
#include "decode_fixture.h"

#include "wire/pointer.h"

static const char rfc[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
    "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9,\"1\":{\"0\":10}}";

static void check_found(const char *pointer, const char *expected)
{
    int32_t left = SW_LOOKS_MAX;
    cJSON *root = cJSON_Parse(rfc);
    assert_non_null(root);
    cJSON *value = sw_pointer_find(root, pointer, &left);
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
    int32_t left = SW_LOOKS_MAX;
    cJSON *root = cJSON_Parse("5");
    assert_ptr_equal(sw_pointer_find(root, "", &left), root);
    assert_null(sw_pointer_find(root, "/0", &left));
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
    int32_t left = SW_LOOKS_MAX;
    cJSON *root = cJSON_Parse("{\"a\":1,\"a\":2}");
    assert_int_equal(sw_pointer_find(root, "/a", &left)->valueint, 1);
    cJSON_Delete(root);
}

/* What stands where, seen from each item: "1a 2b ". */
struct seen {
    const char *pointer;
    int32_t left;
    char drawn[200];
};

static int see_item(void *ctx, const struct sw_item *item)
{
    struct seen *seen = ctx;
    cJSON name;
    cJSON *value = sw_item_find(item, seen->pointer, &seen->left, &name);
    char *text = value ? cJSON_PrintUnformatted(value) : strdup("nothing");
    size_t n = strlen(seen->drawn);
    snprintf(seen->drawn + n, sizeof(seen->drawn) - n, "%s ", text);
    free(text);
    return 0;
}

static void check_each(const char *json, const char *each, const char *pointer,
                       const char *expected)
{
    struct seen seen = {.pointer = pointer, .left = SW_LOOKS_MAX};
    cJSON *root = cJSON_Parse(json);
    assert_non_null(root);
    struct sw_item item = sw_item_of_root(root);
    assert_int_equal(sw_each_item(&item, each, &seen.left, see_item, &seen), 0);
    if (strcmp(seen.drawn, expected) != 0)
        fail_msg("%s of %s: %s, not %s", pointer, each, seen.drawn, expected);
    cJSON_Delete(root);
}

static void test_item__each_member_and_every_star(void **state)
{
    (void)state;
    check_each("[1,2,3]", "", "", "1 2 3 ");
    check_each("{\"a\":[1,2]}", "/a", "", "1 2 ");
    check_each("{\"a\":5}", "/a", "", "5 ");
    check_each("{\"a\":5}", "/b", "", "");
    check_each("{\"a\":[]}", "/a", "", "");
    check_each("[{\"d\":[1,2]},{\"d\":[]},{\"e\":0},{\"d\":[3]}]", "/*/d", "",
               "1 2 3 ");
    check_each("{\"x\":[1,2],\"y\":[3]}", "/*", "", "1 2 3 ");
    check_each("{\"x\":{\"n\":1},\"y\":{\"n\":2}}", "/*", "/n", "1 2 ");
    check_each("[[1,2],[3]]", "/*", "", "1 2 3 ");
}

static void test_item__sees_what_it_stands_in(void **state)
{
    (void)state;
    static const char log[] = "{\"id\":\"w\",\"p\":[{\"n\":1},{\"n\":2}]}";
    static const char health[] = "{\"m\":[{\"name\":\"a\",\"d\":[{\"q\":1}]},"
                                 "{\"name\":\"b\",\"d\":[{\"q\":2},{\"q\":3}]}]}";
    check_each(log, "/p", "^/id", "\"w\" \"w\" ");
    check_each(log, "/p", "^^/id", "\"w\" \"w\" ");
    check_each(log, "/p", "^^^/id", "nothing nothing ");
    check_each(health, "/m/*/d", "^^/name", "\"a\" \"b\" \"b\" ");
    check_each(health, "/m/*/d", "^/name", "\"a\" \"b\" \"b\" ");
    check_each(health, "/m/*/d", "^^^^/name", "nothing nothing nothing ");
    check_each("{\"x\":[1,2],\"y\":[3]}", "/*", "^#", "\"x\" \"x\" \"y\" ");
    check_each("{\"x\":{\"n\":1}}", "/*", "#", "\"x\" ");
    check_each("[1]", "", "#", "nothing ");
}

static void test_item__looking_ends(void **state)
{
    (void)state;
    struct seen seen = {.pointer = "/b", .left = 5};
    cJSON *root =
        cJSON_Parse("[{\"a\":0,\"b\":1},{\"a\":0,\"b\":1},{\"a\":0,\"b\":1}]");
    struct sw_item item = sw_item_of_root(root);
    assert_int_equal(sw_each_item(&item, "", &seen.left, see_item, &seen), 0);
    assert_string_equal(seen.drawn, "1 ");
    assert_true(seen.left <= 0);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pointer__examples_of_the_rfc),
        cmocka_unit_test(test_pointer__finds_nothing_elsewhere),
        cmocka_unit_test(test_pointer__the_first_of_equal_names_counts),
        cmocka_unit_test(test_item__each_member_and_every_star),
        cmocka_unit_test(test_item__sees_what_it_stands_in),
        cmocka_unit_test(test_item__looking_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
