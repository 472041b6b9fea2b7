/* test_integrity_check.c -- a database is checked beside the work, and what is found is said. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "draw.h"

#include "daemon/data.h"
#include "stepward/host.h"

enum { DEADLINE_MS = 60 * 1000, LATER_MS = 60 * 1000, PAGE = 4096 };

struct world {
    char folder[32], path[64];
    struct incidents incidents;
    struct check check;
};

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    strcpy(w->folder, "/tmp/stepward-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->path, sizeof w->path, "%s/t.db", w->folder);
    *state = w;
    return 0;
}

static int clear_world(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    struct world *w = *state;
    char path[80];
    check_stop(&w->check);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(path, sizeof path, "%s%s", w->path, suffixes[i]);
        unlink(path);
    }
    rmdir(w->folder);
    free(w);
    return 0;
}

/* A database of some pages, closed. */
static void make_database(const struct world *w)
{
    char why[SW_WHY_MAX];
    char *text = malloc(64 * PAGE);
    struct sw_store *store;
    memset(text, 'x', 64 * PAGE - 1);
    text[64 * PAGE - 1] = '\0';
    assert_int_equal(sw_store_open(&store, w->path, SW_STORE_WRITE, why), 0);
    assert_int_equal(sw_store_put_meta(store, "long", text), 0);
    sw_store_close(store);
    free(text);
}

static void damage_last_pages(const struct world *w)
{
    char bytes[PAGE];
    memset(bytes, 0xa5, sizeof bytes);
    int fd = open(w->path, O_WRONLY);
    off_t end = lseek(fd, 0, SEEK_END);
    for (int i = 1; i <= 8; i++)
        assert_int_equal(pwrite(fd, bytes, PAGE, end - (off_t)i * PAGE), PAGE);
    close(fd);
}

/* Until it has ended. */
static int check_to_the_end(struct check *check, int64_t now_ms)
{
    int64_t deadline_ms = sw_clock_monotonic_ms() + DEADLINE_MS;
    int r = check_tick(check, now_ms);
    while (r == 0 && check_fd(check) >= 0 && sw_clock_monotonic_ms() < deadline_ms) {
        struct pollfd fd = {.fd = check_fd(check), .events = POLLIN};
        assert_true(poll(&fd, 1, DEADLINE_MS) > 0);
        r = check_tick(check, now_ms);
    }
    return r;
}

static void test_check__none_is_wanted_at_first(void **state)
{
    struct world *w = *state;
    assert_false(w->check.is_awaited);
    assert_int_equal(check_tick(&w->check, 1), 0);
    assert_int_equal(check_fd(&w->check), -1);
}

static void test_check__of_a_sound_one_ends_once_and_is_no_problem_then(void **state)
{
    struct world *w = *state;
    struct sw_health health = {0};
    make_database(w);
    check_want(&w->check, w->path, &w->incidents);
    assert_true(w->check.is_awaited);
    assert_int_equal(check_tick(&w->check, 1), 0);
    incidents_fill_health(&w->incidents, 1, &health);
    assert_non_null(strstr(health.problem, "is being checked"));
    assert_int_equal(check_to_the_end(&w->check, 2), CHECK_SOUND);
    assert_false(w->check.is_awaited);
    incidents_fill_health(&w->incidents, 2, &health);
    assert_string_equal(health.problem, "");
    assert_string_equal(health.incident, "");
    assert_int_equal(check_tick(&w->check, 3), 0);
}

static void test_check__finds_damage_and_stays_awaited(void **state)
{
    struct world *w = *state;
    make_database(w);
    damage_last_pages(w);
    check_want(&w->check, w->path, &w->incidents);
    assert_int_equal(check_to_the_end(&w->check, 1), -EUCLEAN);
    assert_non_null(strstr(w->check.why, "damaged"));
    assert_true(w->check.is_awaited);
}

static void test_check__that_cannot_be_done_is_tried_again(void **state)
{
    struct world *w = *state;
    check_want(&w->check, w->path, &w->incidents);
    assert_int_equal(check_to_the_end(&w->check, 1), 0);
    assert_non_null(strstr(w->incidents.checking, "cannot check the database"));
    make_database(w);
    assert_int_equal(check_to_the_end(&w->check, 2), 0); /* too early */
    assert_true(w->check.is_awaited);
    assert_int_equal(check_to_the_end(&w->check, LATER_MS), CHECK_SOUND);
    assert_string_equal(w->incidents.checking, "");
}

static void test_check__can_be_stopped_at_any_time(void **state)
{
    struct world *w = *state;
    make_database(w);
    check_want(&w->check, w->path, &w->incidents);
    check_stop(&w->check);
    for (int64_t now_ms = 1; now_ms < 20; now_ms++) {
        assert_int_equal(check_tick(&w->check, now_ms), 0);
        assert_true(check_fd(&w->check) >= 0);
        check_stop(&w->check);
        assert_int_equal(check_fd(&w->check), -1);
    }
    assert_int_equal(check_to_the_end(&w->check, 20), CHECK_SOUND);
}

#define CHECK_TEST(name) cmocka_unit_test_setup_teardown(name, make_world, clear_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECK_TEST(test_check__none_is_wanted_at_first),
        CHECK_TEST(test_check__of_a_sound_one_ends_once_and_is_no_problem_then),
        CHECK_TEST(test_check__finds_damage_and_stays_awaited),
        CHECK_TEST(test_check__that_cannot_be_done_is_tried_again),
        CHECK_TEST(test_check__can_be_stopped_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
