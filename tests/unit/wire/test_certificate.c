/* test_certificate.c -- the end dates of certificates, as openssl makes them, and of what
 * is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stepward/certificate.h"

static char *text_of(const char *command)
{
    size_t n = 0, cap = 1 << 20;
    char *text = calloc(1, cap);
    FILE *pipe = popen(command, "r");
    assert_non_null(text);
    assert_non_null(pipe);
    n = fread(text, 1, cap - 1, pipe);
    text[n] = '\0';
    assert_int_equal(pclose(pipe), 0);
    return text;
}

#define MAKE                                                                           \
    "d=$(mktemp -d); openssl req -x509 -newkey ec -pkeyopt "                           \
    "ec_paramgen_curve:prime256v1 -nodes -keyout $d/k -subj /CN=test "

/* The end by us and by openssl. */
static void check_end(const char *days)
{
    char command[400];
    struct sw_certificates found;
    snprintf(command, sizeof command,
             MAKE
             "-days %s -out $d/c 2>/dev/null && cat $d/c && date +%%s -d \"$(openssl "
             "x509 -in $d/c -enddate -noout | cut -d= -f2)\"; rm -r $d",
             days);
    char *text = text_of(command);
    assert_int_equal(sw_certificates_read(text, strlen(text), &found), 0);
    const char *by_openssl = strstr(text, "-----END CERTIFICATE-----\n") + 26;
    assert_int_equal(found.n, 1);
    assert_int_equal(found.first_end_s, strtoll(by_openssl, NULL, 10));
    free(text);
}

static void test_certificate__end_is_as_openssl_says(void **state)
{
    (void)state;
    check_end("1");
    check_end("400");
    check_end("10000"); /* with a year of four digits */
}

static void test_certificate__of_several_the_first_and_the_last_end(void **state)
{
    (void)state;
    struct sw_certificates found;
    char *text =
        text_of(MAKE "-days 10 -out $d/a 2>/dev/null && openssl req -x509 -key "
                     "$d/k -subj /CN=b -days 20 -out $d/b 2>/dev/null && cat $d/b "
                     "$d/k $d/a; rm -r $d");
    assert_int_equal(sw_certificates_read(text, strlen(text), &found), 0);
    assert_int_equal(found.n, 2);
    int64_t apart_s = found.last_end_s - found.first_end_s;
    assert_true(apart_s >= 10 * 86400 && apart_s < 10 * 86400 + 60);
    free(text);
}

static void test_certificate__that_is_none_is_an_errno(void **state)
{
    (void)state;
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    struct sw_certificates found;
    char text[200];
    assert_int_equal(sw_certificates_read("", 0, &found), -ENOENT);
    assert_int_equal(sw_certificates_read("hello", 5, &found), -ENOENT);
    assert_int_equal(sw_certificates_read(begin, strlen(begin), &found), -EINVAL);
    static const char *const insides[] = {"",         "====",     "MIIB",    "!!!!",
                                          "MIL/////", "MIAAAA==", "MAMwAQAA"};
    for (size_t i = 0; i < sizeof insides / sizeof *insides; i++) {
        snprintf(text, sizeof text, "%s%s\n-----END CERTIFICATE-----\n", begin,
                 insides[i]);
        assert_int_equal(sw_certificates_read(text, strlen(text), &found), -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate__end_is_as_openssl_says),
        cmocka_unit_test(test_certificate__of_several_the_first_and_the_last_end),
        cmocka_unit_test(test_certificate__that_is_none_is_an_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
