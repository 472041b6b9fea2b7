/* test_nearest.c -- what a mistyped word was meant to be. */
#include "util/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *word(const void *ctx, size_t i)
{
    static const char *const words[] = {"alerts", "ack", "status"};
    (void)ctx;
    return i < 3 ? words[i] : NULL;
}

static void test_nearest__a_slip_of_the_finger_is_found(void **state)
{
    (void)state;
    assert_string_equal(sw_nearest("alert", word, NULL), "alerts");
    assert_string_equal(sw_nearest("stauts", word, NULL), "status");
    assert_string_equal(sw_nearest("akc", word, NULL), "ack");
    assert_null(sw_nearest("simulate", word, NULL));
    assert_null(sw_nearest("palk", word, NULL)); /* half of a short word differs */
    char long_word[1000];
    memset(long_word, 'a', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = '\0';
    assert_null(sw_nearest(long_word, word, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest__a_slip_of_the_finger_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
