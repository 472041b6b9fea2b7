/* test_lock.c -- one gateway at a time, and its note, which nobody else need believe.
 */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "stepward/lock.h"

static char why[SW_WHY_MAX];
static const struct sw_lock_note note = {
    .pid = 4711,
    .commits = INT64_C(8000000000),
    .committed_at_s = 1795436460,
    .suspect = true,
    .problem = "the disk is full: free space on its disk",
};

static int take(const struct fixture *f, struct sw_lock_note *ret_last)
{
    int fd = -1;
    int r = sw_lock_take(f->folder, &fd, ret_last, why);
    return r < 0 ? r : fd;
}

static struct sw_lock_note look(const struct fixture *f, bool *ret_running)
{
    struct sw_lock_note seen;
    assert_int_equal(sw_lock_read(f->folder, &seen, ret_running), 0);
    return seen;
}

static void write_lock(const struct fixture *f, const char *bytes, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/gateway.lock", f->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void test_lock__is_held_by_one_and_seen_by_all(void **state)
{
    struct fixture *f = *state;
    struct sw_lock_note last;
    bool running = true;
    look(f, &running);
    assert_false(running);
    int fd = take(f, &last);
    assert_true(fd >= 0);
    assert_int_equal(take(f, &last), -EBUSY);
    assert_non_null(strstr(why, "another stepward-gateway is running"));
    look(f, &running);
    assert_true(running);
    close(fd);
    look(f, &running);
    assert_false(running);
}

static void test_lock__the_note_is_read_back_by_others_and_by_the_next(void **state)
{
    struct fixture *f = *state;
    struct sw_lock_note last, empty = {0};
    bool running;
    int fd = take(f, &last);
    assert_memory_equal(&last, &empty, sizeof last);
    assert_int_equal(sw_lock_write(fd, &note), 0);
    struct sw_lock_note seen = look(f, &running);
    assert_int_equal(seen.commits, note.commits);
    assert_string_equal(seen.problem, note.problem);
    struct sw_lock_note well = {.pid = 1};
    assert_int_equal(sw_lock_write(fd, &well), 0); /* the longer text leaves nothing */
    seen = look(f, &running);
    assert_string_equal(seen.problem, "");
    assert_int_equal(sw_lock_write(fd, &note), 0);
    close(fd);
    close(take(f, &last));
    assert_int_equal(last.pid, 4711);
    assert_int_equal(last.commits, note.commits);
    assert_int_equal(last.committed_at_s, note.committed_at_s);
    assert_true(last.suspect);
}

static void test_lock__a_service_without_its_folder_is_told_who_makes_it(void **state)
{
    struct sw_lock_note last;
    int fd = -1;
    (void)state;
    assert_int_equal(setenv("INVOCATION_ID", "1", 1), 0);
    assert_int_equal(sw_lock_take("/nowhere/data", &fd, &last, why), -ENOENT);
    assert_non_null(
        strstr(why, "cannot write to /nowhere/data: `sudo scripts/install`"));
    assert_int_equal(unsetenv("INVOCATION_ID"), 0);
    assert_int_equal(sw_lock_take("/nowhere/data", &fd, &last, why), -ENOENT);
    assert_non_null(strstr(why, "data_dir must exist and be ours to write"));
}

static void test_lock__the_longest_problem_fits(void **state)
{
    struct fixture *f = *state;
    struct sw_lock_note last, full = {.pid = INT64_MIN,
                                      .commits = INT64_MIN,
                                      .committed_at_s = INT64_MIN,
                                      .suspect = true,
                                      .config = {UINT64_MAX, INT64_MIN}};
    bool running;
    memset(full.problem, 'x', sizeof full.problem - 1);
    int fd = take(f, &last);
    assert_int_equal(sw_lock_write(fd, &full), 0);
    struct sw_lock_note seen = look(f, &running);
    assert_string_equal(seen.problem, full.problem);
    assert_int_equal(seen.commits, INT64_MIN);
    assert_true(seen.config.path == UINT64_MAX);
    assert_int_equal(seen.config.changed_ns, INT64_MIN);
    close(fd);
}

static void test_lock__what_is_no_note_says_nothing(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {
        "", "4711", "problem", "commits x y\nproblem\npid", "\xff\xfe%s%n\n\n\n"};
    struct sw_lock_note seen;
    char garbage[4096];
    bool running;
    for (size_t i = 0; i < N_OF(texts); i++) {
        write_lock(f, texts[i], strlen(texts[i]));
        seen = look(f, &running);
        assert_int_equal(seen.commits, 0);
        assert_string_equal(seen.problem, "");
    }
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof garbage; i++)
            garbage[i] = (char)arc4random();
        memcpy(garbage, "problem ", 8);
        write_lock(f, garbage, sizeof garbage);
        seen = look(f, &running);
        assert_true(strlen(seen.problem) < sizeof seen.problem);
    }
}

/* Its place is taken at the first start: a full disk does not hinder it later. */
static void test_lock__the_note_changes_where_nothing_can_grow(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, limit;
    struct sw_lock_note last;
    int fd = take(f, &last);
    assert_int_equal(sw_lock_write(fd, &last), 0);
    off_t size = lseek(fd, 0, SEEK_END);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = (rlim_t)size;
    setrlimit(RLIMIT_FSIZE, &limit);
    int r = sw_lock_write(fd, &note);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(r, 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), size);
    close(fd);
}

/* The beat is of the process: it is seen by others, and ends with it. */
static void test_lock__the_beat_is_the_newest_and_ends_with_the_lock(void **state)
{
    struct fixture *f = *state;
    struct sw_lock_note last;
    bool running;
    int fd = take(f, &last);
    assert_int_equal(look(f, &running).beat_ms, 0);
    for (int64_t ms = 0; ms <= 100 * 86400 * INT64_C(1000); ms += 86399500) {
        sw_lock_beat(fd, ms);
        sw_lock_beat(fd, ms + 10);
        assert_int_equal(look(f, &running).beat_ms, (ms + 10) / 1000 * 1000);
    }
    assert_true(running);
    close(fd);
    assert_int_equal(look(f, &running).beat_ms, 0);
}

static void test_lock__what_it_does_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct sw_lock_note last, told = note;
    bool running;
    int fd = take(f, &last);
    assert_int_equal(sw_lock_write(fd, &note), 0);
    assert_false(look(f, &running).state.is_known);
    told.state =
        (struct sw_lock_state){true, false, true, false, true, false, 1795436460};
    assert_int_equal(sw_lock_write(fd, &told), 0);
    struct sw_lock_state seen = look(f, &running).state;
    assert_true(seen.is_known && seen.has_reported && seen.clock_trusted);
    assert_false(seen.is_starting || seen.connected || seen.is_current);
    assert_int_equal(seen.since_s, 1795436460);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_FOLDER(test_lock__is_held_by_one_and_seen_by_all),
        TEST_FOLDER(test_lock__the_note_is_read_back_by_others_and_by_the_next),
        TEST_FOLDER(test_lock__a_service_without_its_folder_is_told_who_makes_it),
        TEST_FOLDER(test_lock__the_longest_problem_fits),
        TEST_FOLDER(test_lock__what_is_no_note_says_nothing),
        TEST_FOLDER(test_lock__the_beat_is_the_newest_and_ends_with_the_lock),
        TEST_FOLDER(test_lock__what_it_does_is_read_back),
        TEST_FOLDER(test_lock__the_note_changes_where_nothing_can_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
