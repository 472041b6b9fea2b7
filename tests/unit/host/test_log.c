/* test_log.c -- one call is one line, whatever is in its arguments. */
#include "stepward/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Standard error, caught in a pipe between begin and end. */
struct capture {
    int saved, reader;
    char text[4096];
};

static void begin(struct capture *capture)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    capture->saved = dup(STDERR_FILENO);
    assert_true(capture->saved >= 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    capture->reader = ends[0];
}

static void end(struct capture *capture)
{
    assert_true(dup2(capture->saved, STDERR_FILENO) >= 0);
    close(capture->saved);
    ssize_t n = read(capture->reader, capture->text, sizeof(capture->text) - 1);
    assert_true(n >= 0);
    capture->text[n] = '\0';
    close(capture->reader);
}

static void test_log__journal_gets_the_level_as_a_prefix(void **state)
{
    (void)state;
    struct capture capture;
    setenv("JOURNAL_STREAM", "8:1234", 1);
    begin(&capture);
    sw_log(SW_LOG_ERROR, "%s is %d", "disk", 7);
    sw_log(SW_LOG_INFO, "up");
    end(&capture);
    unsetenv("JOURNAL_STREAM");
    assert_string_equal(capture.text, "<3>disk is 7\n<6>up\n");
}

static void test_log__person_gets_local_time_and_level(void **state)
{
    (void)state;
    struct capture capture;
    unsetenv("JOURNAL_STREAM");
    begin(&capture);
    sw_log(SW_LOG_WARNING, "late");
    end(&capture);
    /* 2026-03-29 10:15:00 warning late */
    assert_int_equal(strspn(capture.text, "0123456789-"), 10);
    assert_int_equal(strspn(capture.text + 11, "0123456789:"), 8);
    assert_string_equal(capture.text + 19, " warning late\n");
}

static void test_log__control_characters_do_not_break_the_line(void **state)
{
    (void)state;
    struct capture capture;
    setenv("JOURNAL_STREAM", "8:1234", 1);
    begin(&capture);
    sw_log(SW_LOG_NOTICE, "patient %s", "a\n<3>fake\x1b[2J\x7f\t\xc3\xa9");
    end(&capture);
    unsetenv("JOURNAL_STREAM");
    assert_string_equal(capture.text,
                        "<5>patient a\\x0a<3>fake\\x1b[2J\\x7f\\x09\xc3\xa9\n");
}

/* As UTF-8, and as the bytes that a terminal of eight bits obeys. */
static void test_log__c1_and_what_is_no_utf_8_are_escaped(void **state)
{
    (void)state;
    struct capture capture;
    setenv("JOURNAL_STREAM", "8:1234", 1);
    begin(&capture);
    sw_log(SW_LOG_NOTICE, "%s",
           "a\x9b"
           "2J\xc2\x9b"
           "2J\xc2\x85z \xc2\xa0\xe2\x82\xac"
           "\xf0\x9f\x91\xa3 \xe2\x80\xae\xff\xc0\x80\xe2\x82");
    end(&capture);
    unsetenv("JOURNAL_STREAM");
    assert_string_equal(capture.text,
                        "<5>a\\x9b2J\\xc2\\x9b2J\\xc2\\x85z \xc2\xa0\xe2\x82\xac"
                        "\xf0\x9f\x91\xa3 \\xe2\\x80\\xae\\xff\\xc0\\x80\\xe2\\x82\n");
}

static void test_log__long_text_is_cut_to_one_line(void **state)
{
    (void)state;
    struct capture capture;
    char *text = malloc(100000);
    assert_non_null(text);
    for (int fill = 'a'; fill >= 1; fill -= 'a' - 1) { /* "aaa…", then control bytes */
        memset(text, fill, 99999);
        text[99999] = '\0';
        begin(&capture);
        sw_log(SW_LOG_ERROR, "%s", text);
        end(&capture);
        assert_in_range(strlen(capture.text), 1000, 1100);
        assert_ptr_equal(strchr(capture.text, '\n'),
                         capture.text + strlen(capture.text) - 1);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log__journal_gets_the_level_as_a_prefix),
        cmocka_unit_test(test_log__person_gets_local_time_and_level),
        cmocka_unit_test(test_log__control_characters_do_not_break_the_line),
        cmocka_unit_test(test_log__c1_and_what_is_no_utf_8_are_escaped),
        cmocka_unit_test(test_log__long_text_is_cut_to_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
