/* test_ask.c -- requests to devices: spans without a gap, and the words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/ask.h"

static char payload[] = "{\"from\":$from,\"to\":$to,\"$fro\":\"$$to\"}";
static const struct sw_ask ask = {.payload = payload, .every_s = 900};
static const struct sw_zone_shift shift = {0, 3600};
static const struct sw_zone zone = {&shift, 1};

enum {
    MIDNIGHT_S = 1774738800, /* 2026-03-29T00:00:00+01:00 */
    NOON_S = MIDNIGHT_S + 43200,
};

static void check_next(int64_t until_s, int64_t now_s, int64_t from_s, int64_t to_s)
{
    struct sw_span span = {0};
    assert_true(asks_next(&ask, &zone, until_s, now_s, &span));
    assert_int_equal(span.from_s, from_s);
    assert_int_equal(span.to_s, to_s);
}

static void test_next__begins_with_the_day_and_leaves_no_gap(void **state)
{
    (void)state;
    struct sw_span span;
    check_next(0, NOON_S + 7, MIDNIGHT_S, NOON_S);
    assert_false(asks_next(&ask, &zone, NOON_S, NOON_S + 899, &span));
    check_next(NOON_S, NOON_S + 959, NOON_S, NOON_S + 900);
    check_next(NOON_S, NOON_S + 7200, NOON_S, NOON_S + 7200);
    check_next(NOON_S - 200000, NOON_S, NOON_S - 90000, NOON_S);
    assert_false(asks_next(&ask, &zone, 0, MIDNIGHT_S + 30, &span));
}

static void test_next__of_a_clock_that_was_set_back(void **state)
{
    (void)state;
    check_next(NOON_S + 86400, NOON_S, NOON_S - 900, NOON_S);
}

/* The session says what became of the request for the span. */
static void finish(struct asks *asks, enum sw_session_event_kind kind)
{
    struct sw_session_event event = {.kind = kind, .cookie = ASK_COOKIE + 3};
    asks_event(asks, &event);
}

static void test_request__that_was_lost_is_made_again(void **state)
{
    (void)state;
    static char topic[] = "p1/cmd";
    const struct sw_ask phone = {.topic = topic, .payload = payload, .every_s = 900};
    struct asks asks = {0};
    struct sw_span span;
    assert_true(asks_due(&asks, 3, &phone, &zone, NOON_S, &span));
    asks_sent(&asks, 3, span);
    assert_false(asks_due(&asks, 3, &phone, &zone, NOON_S + 900, &span)); /* is out */
    finish(&asks, SW_SESSION_FAILED);
    assert_false(asks_due(&asks, 3, &phone, &zone, NOON_S + 59, &span));
    assert_true(asks_due(&asks, 3, &phone, &zone, NOON_S + 60, &span));
    assert_int_equal(span.from_s, MIDNIGHT_S); /* all of it */
    asks_sent(&asks, 3, span);
    finish(&asks, SW_SESSION_DELIVERED);
    assert_false(asks_due(&asks, 3, &phone, &zone, NOON_S + 900, &span));
    assert_true(asks_due(&asks, 3, &phone, &zone, NOON_S + 960, &span));
    assert_int_equal(span.from_s, NOON_S + 60);
    /* Others' events are not ours. */
    struct sw_session_event other = {.kind = SW_SESSION_DELIVERED, .cookie = 3};
    asks_event(&asks, &other);
    other.cookie = (UINT64_C(1) << 63) | 3;
    asks_event(&asks, &other);
    assert_true(asks_due(&asks, 3, &phone, &zone, NOON_S + 960, &span));
}

static void test_payload__has_the_span_in_it(void **state)
{
    (void)state;
    char *text = asks_payload(&ask, (struct sw_span){60, 120});
    assert_string_equal(text, "{\"from\":60,\"to\":120,\"$fro\":\"$120\"}");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next__begins_with_the_day_and_leaves_no_gap),
        cmocka_unit_test(test_next__of_a_clock_that_was_set_back),
        cmocka_unit_test(test_request__that_was_lost_is_made_again),
        cmocka_unit_test(test_payload__has_the_span_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
