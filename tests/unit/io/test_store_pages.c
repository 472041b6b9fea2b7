/* test_store_pages.c -- every page has a checksum: no flipped bit passes for data. */
#include "store_fixture.h"

#include <fcntl.h>

#include "io/store_pages.h"

enum { PAGE = 4096, READINGS = 3000, FLIPS = 400 };

static char why[SW_WHY_MAX];

static void fill(struct sw_store *store)
{
    struct sw_device_id device = device_id("band");
    int64_t key = add_patient(store, "p1");
    sw_store_begin(store);
    for (int i = 0; i < READINGS; i++) {
        struct sw_reading reading = {.start_s = 60 * i, .seconds = 60, .steps = i % 99};
        assert_int_equal(sw_store_put_reading(store, key, &device, &reading), 1);
    }
    assert_int_equal(sw_store_commit(store), 0);
}

static int try_open(const struct fixture *f, enum sw_store_mode mode)
{
    struct sw_store *store = NULL;
    int r = sw_store_open(&store, f->path, mode, why);
    sw_store_close(store);
    return r;
}

static int open_file(const struct fixture *f)
{
    int fd = open(f->path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static off_t size_of(int fd)
{
    return lseek(fd, 0, SEEK_END);
}

static void flip(int fd, off_t at, int bit)
{
    unsigned char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (unsigned char)(1u << bit);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

static void close_store(struct fixture *f)
{
    sw_store_close(f->store);
    f->store = NULL;
}

static void test_pages__any_flipped_bit_is_found(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20261123;
    fill(f->store);
    close_store(f);
    int fd = open_file(f);
    off_t size = size_of(fd);
    for (int i = 0; i < FLIPS; i++) {
        off_t at = i < 100 ? i : (off_t)draw(&seed, (uint64_t)size); /* header: all */
        int bit = (int)draw(&seed, 8);
        flip(fd, at, bit);
        if (try_open(f, SW_STORE_CHECK) != -EUCLEAN)
            fail_msg("bit %d of byte %lld: %s", bit, (long long)at, why);
        flip(fd, at, bit);
    }
    assert_int_equal(try_open(f, SW_STORE_CHECK), 0);
    close(fd);
}

static void test_pages__one_in_another_s_place_is_found(void **state)
{
    struct fixture *f = *state;
    char page[PAGE];
    fill(f->store);
    close_store(f);
    int fd = open_file(f);
    off_t half = size_of(fd) / PAGE / 2 * PAGE;
    assert_int_equal(pread(fd, page, PAGE, half), PAGE);
    assert_int_equal(pwrite(fd, page, PAGE, half + PAGE), PAGE);
    assert_int_equal(try_open(f, SW_STORE_CHECK), -EUCLEAN);
    close(fd);
}

static void test_pages__a_reader_meets_damage_as_damage(void **state)
{
    struct fixture *f = *state;
    struct sw_day_set set = {0};
    fill(f->store);
    close_store(f);
    int fd = open_file(f);
    for (off_t at = size_of(fd) / 2; at < size_of(fd); at += PAGE)
        flip(fd, at + 2000, 0);
    close(fd);
    int r = sw_store_open(&f->store, f->path, SW_STORE_READ, why);
    if (r == 0)
        r = sw_store_load_day(f->store, 1, 0, 60 * READINGS, &set);
    assert_int_equal(r, -EUCLEAN);
    sw_day_set_fini(&set);
}

/* Larger than what SQLite keeps in memory: pages are written in any order. */
static void test_pages__of_a_large_copy_are_sealed_too(void **state)
{
    struct fixture *f = *state;
    char copy[128];
    const char *blob =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 2000) INSERT INTO memo SELECT i, hex(randomblob(900))"
        " FROM n";
    exec_sql(f->store, blob);
    snprintf(copy, sizeof copy, "%s/copy.db", f->folder);
    if (sw_store_copy(f->store, copy, why) != 0)
        fail_msg("%s", why);
    int fd = open(copy, O_RDWR | O_CLOEXEC);
    assert_true(size_of(fd) > 3 * 1024 * 1024);
    flip(fd, size_of(fd) / 2, 3);
    close(fd);
    assert_int_equal(sw_store_inspect(copy, why), -EUCLEAN);
}

/* As other programs, and older files, have it: nothing is at the end of their pages. */
static void test_pages__a_file_without_checksums_is_used_as_it_is(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    close_store(f);
    assert_int_equal(remove(f->path), 0);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 0; VACUUM", 0, 0, 0), 0);
    sqlite3_close(db);
    f->store = open_again(f, SW_STORE_WRITE);
    fill(f->store);
    reopen(f);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM reading"), READINGS);
    close_store(f);
    assert_int_equal(try_open(f, SW_STORE_CHECK), 0);
}

static void test_pages__other_programs_can_read_the_file(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    sqlite3_stmt *stmt;
    fill(f->store);
    close_store(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT count(*) FROM reading", -1, &stmt, NULL), 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(stmt, 0), READINGS);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

/* `sqlite3` does that when it ends and no gateway runs, as after a kill. */
static void test_pages__other_programs_may_empty_the_log(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    fill(f->store);
    reopen(f); /* the pages are in the file, with seals */
    exec_sql(f->store, "UPDATE reading SET steps = steps + 1");
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", 0, 0, 0), 0);
    sqlite3_close(db);
    exec_sql(f->store, "UPDATE reading SET steps = steps - 1 WHERE start_s < 6000");
    reopen(f);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM reading"), READINGS);
    close_store(f);
    if (try_open(f, SW_STORE_CHECK) != 0)
        fail_msg("%s", why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pages__any_flipped_bit_is_found),
        TEST(test_pages__one_in_another_s_place_is_found),
        TEST(test_pages__a_reader_meets_damage_as_damage),
        TEST(test_pages__of_a_large_copy_are_sealed_too),
        TEST(test_pages__a_file_without_checksums_is_used_as_it_is),
        TEST(test_pages__other_programs_can_read_the_file),
        TEST(test_pages__other_programs_may_empty_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
