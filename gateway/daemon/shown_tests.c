/* shown_tests.c -- test alerts that the broker retains, and when they are overdue.
 * Clearing them is the gateway's business. */
#include "daemon/shown_tests.h"

#include <string.h>

static struct shown_test *shown_tests_find(struct shown_tests *shown, const char *topic,
                                           size_t len)
{
    for (size_t i = 0; i < shown->n; i++) {
        struct shown_test *test = &shown->items[i];
        if (strlen(test->topic) == len && memcmp(test->topic, topic, len) == 0)
            return test;
    }
    return NULL;
}

static void shown_tests_note(struct shown_tests *shown, const struct notice *notice,
                             int64_t until_ms)
{
    struct shown_test *test = shown_tests_find(shown, notice->payload, notice->len);
    if (!test && (shown->n == SHOWN_TESTS_MAX || notice->len >= sizeof test->topic))
        return;
    if (!test) {
        test = &shown->items[shown->n++];
        memcpy(test->topic, notice->payload, notice->len);
        test->topic[notice->len] = '\0';
    }
    test->until_ms = until_ms;
}

static void drop(struct shown_tests *shown, const char *topic, size_t len)
{
    struct shown_test *test = shown_tests_find(shown, topic, len);
    if (test)
        *test = shown->items[--shown->n];
}

void shown_tests_on_word(struct shown_tests *shown, const struct notice *notice,
                         int64_t now_ms)
{
    switch (notice->kind) {
    case NOTICE_TEST_SHOWN:
        shown_tests_note(shown, notice, now_ms + SHOWN_TESTS_MS);
        break;
    case NOTICE_TEST_RETAINED:
        shown_tests_note(shown, notice, now_ms);
        break;
    case NOTICE_TEST_CLEARED:
        drop(shown, notice->payload, notice->len);
        break;
    default:
        break;
    }
}

const char *shown_tests_due(struct shown_tests *shown, int64_t now_ms)
{
    for (size_t i = 0; i < shown->n; i++) {
        struct shown_test *test = &shown->items[i];
        if (now_ms < test->until_ms)
            continue;
        test->until_ms = now_ms + SHOWN_TESTS_RETRY_MS;
        return test->topic;
    }
    return NULL;
}

void shown_tests_drop(struct shown_tests *shown)
{
    shown->n = 0;
}
