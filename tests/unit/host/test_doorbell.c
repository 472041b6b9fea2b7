/* test_doorbell.c -- who writes the database rings, whatever became of its files, and
 * nobody else does.
 *
 * The kernel notes what happened before the call that did it returns, so that nothing
 * is waited for here.
 */
#include "store_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include "stepward/doorbell.h"

static struct sw_doorbell bell;

static int hang(void **state)
{
    fixture_open(state);
    struct fixture *f = *state;
    return sw_doorbell_init(&bell, f->path);
}

static int take_down(void **state)
{
    sw_doorbell_fini(&bell);
    return fixture_close(state);
}

static bool is_readable(void)
{
    struct pollfd fd = {.fd = bell.fd, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

static void meta(struct sw_store *store, const char *text)
{
    assert_int_equal(sw_store_put_meta(store, "test", text), 0);
}

/* Silent before, and after it was answered. */
static int rings(void)
{
    bool rang = is_readable();
    int all = sw_doorbell_answer(&bell);
    assert_true(rang || all == 0);
    assert_false(is_readable());
    assert_int_equal(sw_doorbell_answer(&bell), 0);
    return all;
}

static char *beside(const struct fixture *f, const char *suffix)
{
    static char path[128];
    snprintf(path, sizeof path, "%s%s", f->path, suffix);
    return path;
}

static void append(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void test_a_commit__rings_and_so_does_who_closes(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    rings();
    uint64_t epoch = sw_store_poll(f->store);
    meta(other, "a");
    assert_int_equal(rings(), SW_RING_WRITTEN);
    assert_true(sw_store_poll(f->store) > epoch);
    meta(other, "b");
    sw_store_close(other);
    assert_int_equal(rings(), SW_RING_WRITTEN | SW_RING_CLOSED);
}

static void test_our_own_commit__rings_and_is_no_end_of_a_connection(void **state)
{
    struct fixture *f = *state;
    uint64_t epoch = sw_store_poll(f->store);
    for (int i = 0; i < 3; i++) {
        meta(f->store, "a");
        assert_int_equal(rings(), SW_RING_WRITTEN);
        assert_int_equal(sw_store_poll(f->store), epoch);
    }
}

static void test_many_commits__are_answered_in_one_go(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 200; i++)
        meta(f->store, "a");
    assert_int_equal(rings(), SW_RING_WRITTEN);
}

static void test_who_reads__rings_when_it_closes(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_READ);
    assert_int_equal(sw_store_open_alerts(other), 0);
    rings(); /* it may: as root SQLite makes the log its owner's */
    sw_store_close(other);
    assert_int_equal(rings(), SW_RING_CLOSED);
}

static void test_what_else_is_in_the_folder__does_not_ring(void **state)
{
    struct fixture *f = *state;
    char inbox[128];
    snprintf(inbox, sizeof inbox, "%s/data/inbox", f->folder);
    append(inbox, "a message");
    assert_int_equal(rings(), 0); /* it was made */
    append(inbox, "another one");
    assert_false(is_readable());
    append(beside(f, ".restored"), "a copy");
    assert_int_equal(rings(), 0);
}

static void test_a_log_that_is_cut_removed_and_made__rings_each_time(void **state)
{
    struct fixture *f = *state;
    const char *log = beside(f, "-wal");
    meta(f->store, "a");
    rings();
    assert_int_equal(truncate(log, 0), 0);
    assert_int_equal(rings(), SW_RING_WRITTEN);
    assert_int_equal(unlink(log), 0);
    assert_int_equal(rings(), SW_RING_WRITTEN);
    append(log, "anew");
    assert_true(rings() & SW_RING_WRITTEN);
    append(log, "and more");
    assert_int_equal(rings(), SW_RING_WRITTEN | SW_RING_CLOSED);
}

static void test_another_file_under_the_name__is_the_one_that_is_watched(void **state)
{
    struct fixture *f = *state;
    char old[128];
    strcpy(old, beside(f, ".old"));
    append(beside(f, ".new"), "a database");
    rings();
    assert_int_equal(rename(f->path, old), 0);
    assert_int_equal(rings(), SW_RING_WRITTEN);
    assert_int_equal(rename(beside(f, ".new"), f->path), 0);
    assert_int_equal(rings(), SW_RING_WRITTEN);
    append(old, "nobody reads that");
    assert_int_equal(rings(), 0);
    append(f->path, "but that");
    assert_int_equal(rings(), SW_RING_WRITTEN | SW_RING_CLOSED);
}

static void test_a_log_that_is_not_there_yet__rings_when_it_comes(void **state)
{
    struct fixture *f = *state;
    sw_doorbell_fini(&bell);
    sw_store_close(f->store); /* the last one: the log goes, too */
    f->store = NULL;
    assert_int_not_equal(access(beside(f, "-wal"), F_OK), 0);
    assert_int_equal(sw_doorbell_init(&bell, f->path), 0);
    f->store = open_again(f, SW_STORE_WRITE);
    meta(f->store, "a");
    assert_int_equal(rings() & SW_RING_WRITTEN, SW_RING_WRITTEN);
    meta(f->store, "b");
    assert_int_equal(rings(), SW_RING_WRITTEN);
}

static void test_a_link__is_followed_to_where_the_log_is(void **state)
{
    struct fixture *f = *state;
    char link[128];
    sw_doorbell_fini(&bell);
    snprintf(link, sizeof link, "%s/link.db", f->folder);
    assert_int_equal(symlink(f->path, link), 0);
    assert_int_equal(sw_doorbell_init(&bell, link), 0);
    meta(f->store, "a");
    assert_int_equal(rings(), SW_RING_WRITTEN);
}

static void test_what_cannot_be_watched__is_said(void **state)
{
    struct fixture *f = *state;
    struct sw_doorbell other;
    struct rlimit before, none;
    assert_int_equal(sw_doorbell_init(&other, "/nowhere/stepward.db"), -ENOENT);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int r = sw_doorbell_init(&other, f->path);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(r, -EMFILE);
}

#define BELL(name) cmocka_unit_test_setup_teardown(name, hang, take_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BELL(test_a_commit__rings_and_so_does_who_closes),
        BELL(test_our_own_commit__rings_and_is_no_end_of_a_connection),
        BELL(test_many_commits__are_answered_in_one_go),
        BELL(test_who_reads__rings_when_it_closes),
        BELL(test_what_else_is_in_the_folder__does_not_ring),
        BELL(test_a_log_that_is_cut_removed_and_made__rings_each_time),
        BELL(test_another_file_under_the_name__is_the_one_that_is_watched),
        BELL(test_a_log_that_is_not_there_yet__rings_when_it_comes),
        BELL(test_a_link__is_followed_to_where_the_log_is),
        BELL(test_what_cannot_be_watched__is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
