/* test_lookout.c -- when the store is looked at: a real doorbell, invented time. */
#include "daemon/lookout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAR_MS = 60 * 60 * 1000, TURN_MS = 5 };

struct porch {
    struct lookout lookout;
    char folder[32], path[64];
    int64_t now_ms;
    int writer; /* another hand's descriptor */
};

static int set_up(void **state)
{
    struct porch *p = calloc(1, sizeof *p);
    assert_non_null(p);
    strcpy(p->folder, "/tmp/stepward-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/t.db", p->folder);
    p->writer = open(p->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(p->writer >= 0);
    lookout_open(&p->lookout, p->path);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct porch *p = *state;
    lookout_close(&p->lookout);
    close(p->writer);
    unlink(p->path);
    rmdir(p->folder);
    free(p);
    return 0;
}

static void write_once(struct porch *p)
{
    assert_int_equal(write(p->writer, "x", 1), 1);
}

/* Writes as the command line does: opens, writes, closes. */
static void write_and_leave(struct porch *p)
{
    int fd = open(p->path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static bool would_wake(const struct porch *p)
{
    struct pollfd fd = {.fd = lookout_fd(&p->lookout), .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

/* One turn of a loop that writes nothing: has it looked? */
static bool turn(struct porch *p)
{
    bool due = lookout_is_due(&p->lookout, p->now_ms);
    lookout_forget_own(&p->lookout, p->now_ms);
    return due;
}

/* As a loop that waits: to the next look, which is due. Returns how long that was. */
static int64_t wait_for_look(struct porch *p)
{
    int64_t waited_ms = p->lookout.next_ms - p->now_ms;
    assert_false(would_wake(p));
    p->now_ms = p->lookout.next_ms;
    assert_true(turn(p));
    return waited_ms;
}

static void become_quiet(struct porch *p)
{
    while (wait_for_look(p) < LOOKOUT_MOST_MS)
        continue;
}

static int looks_in(struct porch *p, int64_t ms)
{
    int64_t until_ms = p->now_ms + ms;
    int n = 0;
    while (p->lookout.next_ms <= until_ms) {
        wait_for_look(p);
        n++;
    }
    return n;
}

static void test_the_first_look__is_due(void **state)
{
    struct porch *p = *state;
    assert_true(turn(p));
    assert_false(turn(p));
}

static void test_without_a_ring__it_is_looked_a_few_times_a_minute(void **state)
{
    struct porch *p = *state;
    become_quiet(p);
    assert_int_equal(looks_in(p, FAR_MS), FAR_MS / LOOKOUT_MOST_MS);
}

static void test_another_hand__wakes_and_is_looked_at_at_once(void **state)
{
    struct porch *p = *state;
    become_quiet(p);
    p->now_ms += TURN_MS;
    assert_false(turn(p));
    write_once(p);
    assert_true(would_wake(p));
    assert_true(turn(p));
    assert_false(would_wake(p));
}

/* A disk that takes long between the write and when it can be seen. */
static void test_a_slow_commit__is_seen_when_as_much_time_again_has_passed(void **state)
{
    struct porch *p = *state;
    for (int64_t took_ms = LOOKOUT_LEAST_MS; took_ms < LOOKOUT_MOST_MS; took_ms *= 3) {
        become_quiet(p);
        write_once(p);
        assert_true(turn(p));
        int64_t seen_ms = p->now_ms + took_ms;
        while (p->now_ms < seen_ms)
            wait_for_look(p);
        assert_true(p->now_ms - seen_ms <= took_ms + LOOKOUT_LEAST_MS);
    }
}

static void test_who_writes_on_and_on__has_a_look_every_tenth_of_a_second(void **state)
{
    struct porch *p = *state;
    int n = 0;
    become_quiet(p);
    for (int64_t end_ms = p->now_ms + 1000; p->now_ms < end_ms; p->now_ms += TURN_MS) {
        write_once(p);
        if (would_wake(p) || p->now_ms >= p->lookout.next_ms)
            n += turn(p);
    }
    assert_in_range(n, 5, 1000 / LOOKOUT_LEAST_MS + 1);
}

static void
test_our_own_writing__does_not_wake_us_and_is_looked_after_once(void **state)
{
    struct porch *p = *state;
    become_quiet(p);
    p->now_ms += TURN_MS;
    assert_false(lookout_is_due(&p->lookout, p->now_ms));
    for (int i = 0; i < 1000; i++)
        write_once(p);
    lookout_forget_own(&p->lookout, p->now_ms);
    assert_int_equal(wait_for_look(p), LOOKOUT_BLIND_MS);
    assert_int_equal(wait_for_look(p), LOOKOUT_MOST_MS);
}

static void test_a_backlog_of_our_own__has_a_look_a_second(void **state)
{
    struct porch *p = *state;
    int n = 0;
    become_quiet(p);
    for (int64_t end_ms = p->now_ms + 60 * 1000; p->now_ms < end_ms;
         p->now_ms += TURN_MS) {
        n += lookout_is_due(&p->lookout, p->now_ms);
        write_once(p);
        lookout_forget_own(&p->lookout, p->now_ms);
    }
    assert_in_range(n, 3, 60);
}

static void test_who_comes_and_goes_while_we_write__is_looked_at_next(void **state)
{
    struct porch *p = *state;
    become_quiet(p);
    p->now_ms += TURN_MS;
    assert_false(lookout_is_due(&p->lookout, p->now_ms));
    write_once(p);
    write_and_leave(p);
    lookout_forget_own(&p->lookout, p->now_ms);
    assert_int_equal(wait_for_look(p), 0);
    assert_true(wait_for_look(p) < LOOKOUT_BLIND_MS);
}

static void test_without_a_doorbell__it_is_looked_every_second(void **state)
{
    struct lookout blind;
    (void)state;
    lookout_open(&blind, "/nowhere/stepward.db");
    assert_true(lookout_is_due(&blind, FAR_MS));
    for (int64_t now_ms = FAR_MS; now_ms < 2 * FAR_MS; now_ms += LOOKOUT_BLIND_MS) {
        assert_int_equal(lookout_fd(&blind), -1);
        assert_int_equal(blind.next_ms, now_ms + LOOKOUT_BLIND_MS);
        assert_false(lookout_is_due(&blind, blind.next_ms - 1));
        lookout_forget_own(&blind, blind.next_ms - 1);
        assert_true(lookout_is_due(&blind, blind.next_ms));
    }
    lookout_close(&blind);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_first_look__is_due),
        TEST(test_without_a_ring__it_is_looked_a_few_times_a_minute),
        TEST(test_another_hand__wakes_and_is_looked_at_at_once),
        TEST(test_a_slow_commit__is_seen_when_as_much_time_again_has_passed),
        TEST(test_who_writes_on_and_on__has_a_look_every_tenth_of_a_second),
        TEST(test_our_own_writing__does_not_wake_us_and_is_looked_after_once),
        TEST(test_a_backlog_of_our_own__has_a_look_a_second),
        TEST(test_who_comes_and_goes_while_we_write__is_looked_at_next),
        TEST(test_without_a_doorbell__it_is_looked_every_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
