/* test_guard.c -- which hosts are ours, and which posts come from pages of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "web/guard.h"

static bool is_ours(const char *header)
{
    char name[WEB_HOST_MAX];
    return web_host_name(header, name) &&
           web_host_is_ours(name, "pi4", "192.168.1.9", "board.clinic.example b2");
}

static void test_host__ours_with_and_without_port(void **state)
{
    static const char *const hosts[] = {"localhost",
                                        "localhost:8080",
                                        "LocalHost",
                                        "127.0.0.1:1",
                                        "[::1]",
                                        "[::1]:8080",
                                        "pi4",
                                        "PI4.local:443",
                                        "stepward.local",
                                        "192.168.1.9",
                                        "192.168.1.9:8443",
                                        "board.clinic.example:443",
                                        "B2"};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (!is_ours(hosts[i]))
            fail_msg("%s", hosts[i]);
}

static void test_host__others_and_what_is_none(void **state)
{
    static const char *const hosts[] = {"",
                                        "evil.example",
                                        "localhost.evil.example",
                                        "evil.localhost",
                                        "pi4.evil",
                                        "xpi4",
                                        "pi4.local.evil",
                                        "192.168.1.90",
                                        "192.168.1.",
                                        "127.0.0.1.example",
                                        "[::1",
                                        "[::1]x",
                                        "localhost:80a",
                                        "localhost:80:80",
                                        "local host",
                                        "board",
                                        "clinic.example",
                                        "b2 ",
                                        "[::2]",
                                        "user@localhost",
                                        "localhost/x",
                                        ":80"};
    (void)state;
    assert_false(is_ours(NULL));
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (is_ours(hosts[i]))
            fail_msg("%s", hosts[i]);
}

static void test_host__a_bracket_is_closed(void **state)
{
    char name[WEB_HOST_MAX];
    (void)state;
    assert_true(web_host_name("[::1]:80", name));
    assert_string_equal(name, "[::1]");
    assert_false(web_host_name("[::8080/", name));
    assert_false(web_host_name("[::1", name));
    assert_false(web_host_name("[]", name));
    assert_false(web_host_name("[", name));
}

static void test_host__a_machine_without_a_name_has_none(void **state)
{
    (void)state;
    assert_false(web_host_is_ours(".local", "", NULL, ""));
    assert_false(web_host_is_ours("", "", NULL, ""));
    assert_true(web_host_is_ours("localhost", NULL, NULL, ""));
}

static bool post(const char *host, const char *origin, const char *site, bool is_tls)
{
    const struct web_post_origin post = {host, origin, site, is_tls};
    return web_post_is_ours(&post);
}

static void test_post__from_the_page_of_that_host(void **state)
{
    (void)state;
    assert_true(post("a:8080", "http://a:8080", NULL, false));
    assert_true(post("a", "https://a", NULL, false)); /* a server in front has TLS */
    assert_true(post("a", "https://A", "cross-site", true));
    assert_true(post("a", NULL, "same-origin", false));
    assert_false(post("a", "http://a", NULL, true));
    assert_false(post("a:8080", "http://a", NULL, false));
    assert_false(post("a", "http://a.evil", NULL, false));
    assert_false(post("a", "http://b", "same-origin", false));
    assert_false(post("a", "null", "same-origin", false));
    assert_false(post("a", "", "same-origin", false));
    assert_false(post("a", NULL, NULL, false));
    assert_false(post("a", NULL, "same-site", false));
    assert_false(post("a", NULL, "none", false));
    assert_false(post(NULL, "http://", NULL, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host__ours_with_and_without_port),
        cmocka_unit_test(test_host__others_and_what_is_none),
        cmocka_unit_test(test_host__a_bracket_is_closed),
        cmocka_unit_test(test_host__a_machine_without_a_name_has_none),
        cmocka_unit_test(test_post__from_the_page_of_that_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
