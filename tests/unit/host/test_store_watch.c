/* test_store_watch.c -- who wrote and said so is seen at once, everybody else in time.
 *
 * The database is real, the time is invented. The kernel notes what happened before the
 * call that did it returns, so that nothing is waited for here.
 */
#include "store_fixture.h"

#include <poll.h>
#include <sys/resource.h>

#include "stepward/store_watch.h"

enum { FAR_MS = 60 * 60 * 1000, TURN_MS = 5 };

static struct sw_store_watch watch;
static int64_t now_ms;

static int begin(void **state)
{
    fixture_open(state);
    struct fixture *f = *state;
    now_ms = FAR_MS;
    return sw_store_watch_init(&watch, f->path);
}

static int end(void **state)
{
    sw_store_watch_fini(&watch);
    return fixture_close(state);
}

static bool would_wake(void)
{
    struct pollfd fd = {.fd = sw_store_watch_fd(&watch), .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

/* As a loop that waits: to the next look, which is due. Returns how long that was. */
static int64_t wait_for_look(void)
{
    int64_t waited_ms = watch.next_ms - now_ms;
    assert_false(would_wake());
    now_ms = watch.next_ms;
    assert_true(sw_store_watch_is_due(&watch, now_ms));
    return waited_ms;
}

static void become_quiet(void)
{
    assert_true(sw_store_watch_is_due(&watch, now_ms));
    assert_int_equal(watch.next_ms, now_ms + SW_STORE_WATCH_POLL_MS);
    now_ms += TURN_MS;
}

static void meta(struct sw_store *store, const char *text)
{
    assert_int_equal(sw_store_put_meta(store, "test", text), 0);
}

static void test_without_a_touch__it_is_looked_a_few_times_a_minute(void **state)
{
    (void)state;
    become_quiet();
    assert_false(sw_store_watch_is_due(&watch, now_ms));
    now_ms = watch.next_ms;
    assert_true(sw_store_watch_is_due(&watch, now_ms));
    for (int i = 0; i < 100; i++)
        assert_int_equal(wait_for_look(), SW_STORE_WATCH_POLL_MS);
}

static void test_who_wrote_and_touched_it__is_looked_at_at_once(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    become_quiet();
    uint64_t epoch = sw_store_poll(f->store);
    meta(other, "a");
    sw_store_watch_touch(f->path);
    assert_true(would_wake());
    assert_true(sw_store_watch_is_due(&watch, now_ms));
    assert_true(sw_store_poll(f->store) > epoch);
    assert_false(would_wake());
    assert_int_equal(wait_for_look(), SW_STORE_WATCH_PAUSE_MS);
    assert_int_equal(wait_for_look(), SW_STORE_WATCH_POLL_MS);
    sw_store_close(other);
}

static void test_what_is_written__does_not_wake_us(void **state)
{
    struct fixture *f = *state;
    become_quiet();
    for (int i = 0; i < 200; i++)
        meta(f->store, "a");
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    meta(other, "b");
    sw_store_close(other);
    assert_false(would_wake());
    assert_false(sw_store_watch_is_due(&watch, now_ms));
}

static void test_who_touches_on_and_on__has_a_look_every_tenth_of_a_second(void **state)
{
    struct fixture *f = *state;
    int n = 0;
    become_quiet();
    for (int64_t end_ms = now_ms + 1000; now_ms < end_ms; now_ms += TURN_MS) {
        sw_store_watch_touch(f->path);
        n += sw_store_watch_is_due(&watch, now_ms); /* in any turn of the loop */
        assert_false(would_wake());
    }
    assert_in_range(n, 5, 1000 / SW_STORE_WATCH_PAUSE_MS + 1);
    /* The last of them is looked at, too. */
    assert_true(watch.next_ms <= now_ms + SW_STORE_WATCH_PAUSE_MS);
}

static void test_a_database_that_is_gone__is_still_polled(void **state)
{
    struct fixture *f = *state;
    char moved[128];
    snprintf(moved, sizeof moved, "%s.moved", f->path);
    become_quiet();
    assert_int_equal(rename(f->path, moved), 0);
    sw_store_watch_touch(f->path); /* nothing is there: no harm */
    assert_int_not_equal(access(f->path, F_OK), 0);
    assert_int_equal(rename(moved, f->path), 0);
    sw_store_watch_is_due(&watch, now_ms);
    while (wait_for_look() < SW_STORE_WATCH_POLL_MS)
        continue;
}

static void check_blind(int r, int expected)
{
    assert_int_equal(r, expected);
    assert_true(sw_store_watch_is_due(&watch, now_ms));
    for (int i = 0; i < 100; i++) {
        assert_int_equal(sw_store_watch_fd(&watch), -1);
        assert_int_equal(wait_for_look(), SW_STORE_WATCH_BLIND_MS);
        assert_false(sw_store_watch_is_due(&watch, now_ms));
    }
}

static void test_without_inotify__it_is_looked_every_second(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, none;
    sw_store_watch_fini(&watch);
    check_blind(sw_store_watch_init(&watch, "/nowhere/stepward.db"), -ENOENT);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int r = sw_store_watch_init(&watch, f->path);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    check_blind(r, -EMFILE);
}

#define WATCH(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCH(test_without_a_touch__it_is_looked_a_few_times_a_minute),
        WATCH(test_who_wrote_and_touched_it__is_looked_at_at_once),
        WATCH(test_what_is_written__does_not_wake_us),
        WATCH(test_who_touches_on_and_on__has_a_look_every_tenth_of_a_second),
        WATCH(test_a_database_that_is_gone__is_still_polled),
        WATCH(test_without_inotify__it_is_looked_every_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
