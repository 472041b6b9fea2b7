/* test_stops.c -- signals that ask a command to stop are read where it waits. */
#include "cli/stops.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_stops__are_read_where_they_are_waited_for(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct cli cli = {.out = stdout, .err = stderr};
    struct cli_stops stops;
    (void)state;
    assert_int_equal(cli_stops_begin(&cli, &stops), CLI_OK);
    assert_false(cli_stops_came(&stops, 0));
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        assert_int_equal(raise(signals[i]), 0);
        assert_true(cli_stops_came(&stops, 0));
        assert_false(cli_stops_came(&stops, 0));
    }
    cli_stops_end(&stops);
}

/* The signal is blocked while it is watched, and a blocked one is not ignored. */
static void test_stops__what_nohup_runs_goes_on(void **state)
{
    struct cli cli = {.out = stdout, .err = stderr};
    struct cli_stops stops;
    (void)state;
    assert_true(signal(SIGHUP, SIG_IGN) != SIG_ERR);
    assert_int_equal(cli_stops_begin(&cli, &stops), CLI_OK);
    assert_int_equal(raise(SIGHUP), 0);
    assert_false(cli_stops_came(&stops, 0));
    cli_stops_end(&stops);
    assert_true(signal(SIGHUP, SIG_DFL) != SIG_ERR);
}

static void test_stops__the_signals_of_before_are_back_afterwards(void **state)
{
    struct cli cli = {.out = stdout, .err = stderr};
    struct cli_stops stops;
    sigset_t now;
    (void)state;
    assert_int_equal(cli_stops_begin(&cli, &stops), CLI_OK);
    cli_stops_end(&stops);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &now), 0);
    assert_false(sigismember(&now, SIGTERM));
    assert_false(sigismember(&now, SIGPIPE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops__are_read_where_they_are_waited_for),
        cmocka_unit_test(test_stops__what_nohup_runs_goes_on),
        cmocka_unit_test(test_stops__the_signals_of_before_are_back_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
