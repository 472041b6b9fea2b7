/* test_broker_drops.c -- the broker's count of what it dropped, over connections and runs.
 */
#include "daemon/connection_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t T = 20522 * (int64_t)86400;

static bool hear(struct dropped *dropped, struct incidents *incidents, const char *text,
                 int64_t now_s)
{
    return broker_drops_on_message(dropped, text, strlen(text), incidents, now_s);
}

static const char *said(const struct incidents *incidents)
{
    return incidents->last[SW_INCIDENT_MESSAGES_DROPPED].text;
}

static void test_dropped__a_rise_is_told_with_number_and_time(void **state)
{
    (void)state;
    struct dropped dropped = {.is_first = true};
    struct incidents incidents = {.offline = ""};
    assert_false(hear(&dropped, &incidents, "7", T)); /* before anybody counted */
    assert_false(hear(&dropped, &incidents, "7", T + 10));
    assert_true(hear(&dropped, &incidents, "8", T + 20));
    assert_string_equal(said(&incidents),
                        "from 2026-03-10T00:00:10Z to 2026-03-10T00:00:20Z the broker "
                        "dropped 1 message, because a client's queue was full: "
                        "readings that it had acknowledged may be among them");
    assert_true(hear(&dropped, &incidents, "108", T + 90));
    assert_non_null(strstr(said(&incidents), "from 2026-03-10T00:00:10Z to "
                                             "2026-03-10T00:01:30Z the broker dropped "
                                             "101 messages"));
}

static void test_dropped__while_we_were_away_it_is_from_when_we_left(void **state)
{
    (void)state;
    struct dropped dropped = {.is_known = true, .count = 8};
    struct incidents incidents = {.offline = ""};
    struct online_spans online_spans = {.spans = {{T - 900, T - 600}}, .n = 1};
    dropped_away(&dropped, &online_spans);
    assert_true(hear(&dropped, &incidents, "10", T));
    assert_non_null(strstr(said(&incidents),
                           "from 2026-03-09T23:50:00Z to "
                           "2026-03-10T00:00:00Z the broker dropped 2"));
    /* A broker that was started anew counts from nothing. */
    dropped_away(&dropped, &online_spans);
    assert_true(hear(&dropped, &incidents, "4", T + 5));
    assert_non_null(strstr(said(&incidents), "dropped 6 messages"));
    assert_false(hear(&dropped, &incidents, "0", T + 9));
}

static void test_dropped__what_is_no_count_is_nothing(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "-1", "x", "1.5", "1e3", " 7", "99999999999999999999999999", "7 ", "7\n"};
    struct dropped dropped = {.is_known = true};
    struct incidents incidents = {.offline = ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(hear(&dropped, &incidents, others[i], T));
    assert_int_equal(dropped.count, 0);
    assert_int_equal(incidents.last[SW_INCIDENT_MESSAGES_DROPPED].at_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropped__a_rise_is_told_with_number_and_time),
        cmocka_unit_test(test_dropped__while_we_were_away_it_is_from_when_we_left),
        cmocka_unit_test(test_dropped__what_is_no_count_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
