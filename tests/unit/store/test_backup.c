/* test_backup.c -- a backup is whole or not there, old ones go, and the newest sound
 * one comes back. */
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "stepward/backup.h"
#include "stepward/users.h"

enum { T0 = 1795436460 }; /* 2026-11-23T12:21:00Z */

static char why[SW_WHY_MAX];

static void data_path(const struct fixture *f, const char *name, char out[static 160])
{
    snprintf(out, 160, "%s/data%s%s", f->folder, *name ? "/" : "", name);
}

static bool is_there(const struct fixture *f, const char *name)
{
    char path[160];
    data_path(f, name, path);
    return access(path, F_OK) == 0;
}

static int make(const struct fixture *f, struct sw_store *store, int64_t now_s,
                struct sw_backup *ret)
{
    char data_dir[160];
    data_path(f, "", data_dir);
    return sw_backup_make(store, data_dir, now_s, ret, why);
}

static void make_well(const struct fixture *f, int64_t now_s)
{
    struct sw_backup made;
    if (make(f, f->store, now_s, &made) != 0)
        fail_msg("%s", why);
}

static int restore(const struct fixture *f, struct sw_backup *ret)
{
    char data_dir[160];
    data_path(f, "", data_dir);
    return sw_backup_restore(data_dir, f->path, 0, ret, why);
}

static void overwrite(const char *path, off_t from, size_t len)
{
    char garbage[4096];
    memset(garbage, 0xa5, sizeof garbage);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t done = 0; done < len; done += sizeof garbage)
        assert_int_equal(pwrite(fd, garbage, sizeof garbage, from + (off_t)done),
                         sizeof garbage);
    close(fd);
}

static void fill(struct fixture *f, int64_t key, int n)
{
    struct sw_device_id device = device_id("band");
    sw_store_begin(f->store);
    for (int i = 0; i < n; i++) {
        struct sw_reading reading = {
            .start_s = 60 * i, .seconds = 60, .steps = i % 200};
        assert_int_equal(sw_store_put_reading(f->store, key, &device, &reading), 1);
    }
    assert_int_equal(sw_store_commit(f->store), 0);
}

/* ---- making ---- */

static void test_backup__holds_all_that_was_committed_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct sw_backup made;
    struct stat st;
    fill(f, add_patient(f->store, "p1"), 3000);
    struct sw_store *reader = open_again(f, SW_STORE_READ);
    sw_store_begin(f->store); /* a writer at work does not disturb */
    add_patient(f->store, "p2");
    assert_int_equal(make(f, reader, T0, &made), 0);
    sw_store_rollback(f->store);
    sw_store_close(reader);
    assert_non_null(strstr(made.path, "/data/backup/stepward-20261123T122100Z.db"));
    assert_int_equal(stat(made.path, &st), 0);
    assert_int_equal(st.st_mode & 0777 & ~(mode_t)022, 0640); /* with any mask */
    assert_int_equal(st.st_size, made.bytes);
    assert_int_equal(sw_store_inspect(made.path, why), 0);
    struct fixture copy = *f;
    assert_true(strlen(made.path) < sizeof copy.path);
    strcpy(copy.path, made.path);
    struct sw_store *store = open_again(&copy, SW_STORE_READ);
    assert_int_equal(count_readings(store), 3000);
    assert_int_equal(number_of(store, "SELECT count(*) FROM patient"), 1);
    sw_store_close(store);
}

/* What was true at the gateway's broker is not when the copy is taken into use. */
static void test_backup__leaves_out_what_is_remembered_of_the_broker(void **state)
{
    struct fixture *f = *state;
    struct fixture copy = *f;
    struct sw_backup made;
    assert_int_equal(sw_store_put_meta(f->store, "dropped", "41"), 0);
    assert_int_equal(sw_store_put_meta(f->store, "mark", "left"), 0);
    assert_int_equal(sw_store_put_meta(f->store, "site", "main"), 0);
    assert_int_equal(make(f, f->store, T0, &made), 0);
    strcpy(copy.path, made.path);
    struct sw_store *store = open_again(&copy, SW_STORE_READ);
    assert_int_equal(number_of(store, "SELECT count(*) FROM meta"
                                      " WHERE name IN ('dropped', 'mark')"),
                     0);
    assert_int_equal(number_of(store, "SELECT count(*) FROM meta"
                                      " WHERE name IN ('site', 'echo')"),
                     2);
    sw_store_close(store);
}

static void test_backup__reading_stays_reading(void **state)
{
    struct fixture *f = *state;
    struct sw_backup made;
    struct sw_store *reader = open_again(f, SW_STORE_READ);
    assert_int_equal(make(f, reader, T0, &made), 0);
    assert_true(sw_store_put_meta(reader, "a", "b") < 0);
    sw_store_close(reader);
}

static void test_backup__of_a_damaged_database_is_not_made(void **state)
{
    struct fixture *f = *state;
    struct sw_backup made;
    struct stat st;
    fill(f, add_patient(f->store, "p1"), 20000);
    reopen(f);
    make_well(f, T0);
    assert_int_equal(stat(f->path, &st), 0);
    overwrite(f->path, st.st_size - 8192, 8192); /* readings in runs */
    reopen(f);
    assert_int_equal(make(f, f->store, T0 + 60, &made), -EUCLEAN);
    assert_false(is_there(f, "backup/stepward-20261123T122200Z.db"));
    assert_false(is_there(f, "backup/stepward-20261123T122200Z.db.part"));
    assert_true(is_there(f, "backup/stepward-20261123T122100Z.db"));
}

static void test_backup__without_space_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, limit;
    struct sw_backup made;
    fill(f, add_patient(f->store, "p1"), 20000);
    make_well(f, T0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 64 * 1024;
    setrlimit(RLIMIT_FSIZE, &limit);
    int r = make(f, f->store, T0 + 60, &made);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_true(r < 0);
    assert_false(is_there(f, "backup/stepward-20261123T122200Z.db"));
    assert_false(is_there(f, "backup/stepward-20261123T122200Z.db.part"));
    assert_true(is_there(f, "backup/stepward-20261123T122100Z.db"));
}

static void test_backup__one_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct sw_backup made;
    char path[160];
    make_well(f, T0);
    data_path(f, "backup", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(make(f, f->store, T0 + 60, &made), -EBUSY);
    close(fd);
    make_well(f, T0 + 60);
}

static void test_backup__by_a_clock_that_went_back_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sw_backup made;
    make_well(f, T0);
    assert_int_equal(make(f, f->store, T0, &made), -EEXIST);
    assert_int_equal(make(f, f->store, T0 - 86400, &made), -ETIME);
    assert_non_null(strstr(why, "set it first"));
}

static void test_backup__what_a_killed_one_left_is_removed(void **state)
{
    struct fixture *f = *state;
    char path[160];
    make_well(f, T0);
    data_path(f, "backup/stepward-20261123T120000Z.db.part-journal", path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    data_path(f, "backup/stepward-20261123T120000Z.db.part", path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    make_well(f, T0 + 60);
    assert_false(is_there(f, "backup/stepward-20261123T120000Z.db.part"));
    assert_false(is_there(f, "backup/stepward-20261123T120000Z.db.part-journal"));
}

static void test_prune__keeps_the_newest_and_what_is_not_ours(void **state)
{
    struct fixture *f = *state;
    char path[160], data_dir[160];
    size_t left;
    for (int i = 0; i < 5; i++)
        make_well(f, T0 + 60 * i);
    data_path(f, "backup/mine.db", path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    data_path(f, "", data_dir);
    assert_int_equal(sw_backup_prune(data_dir, 2, &left, why), 0);
    assert_int_equal(left, 2);
    assert_false(is_there(f, "backup/stepward-20261123T122300Z.db"));
    assert_true(is_there(f, "backup/stepward-20261123T122400Z.db"));
    assert_true(is_there(f, "backup/stepward-20261123T122500Z.db"));
    assert_true(is_there(f, "backup/mine.db"));
}

/* ---- bringing back ---- */

static void close_and_remove(struct fixture *f)
{
    sw_store_close(f->store);
    f->store = NULL;
    assert_int_equal(remove(f->path), 0);
}

static void test_restore__brings_the_newest_back(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    int64_t key = add_patient(f->store, "p1");
    make_well(f, T0);
    fill(f, key, 100);
    make_well(f, T0 + 60);
    close_and_remove(f);
    assert_int_equal(restore(f, &used), 0);
    assert_int_equal(used.made_at_s, T0 + 60);
    f->store = open_again(f, SW_STORE_CHECK);
    assert_int_equal(count_readings(f->store), 100);
}

static void test_restore__takes_none_that_is_older_than_asked(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    char data_dir[160];
    make_well(f, T0);
    close_and_remove(f);
    data_path(f, "", data_dir);
    assert_int_equal(sw_backup_restore(data_dir, f->path, T0, &used, why),
                     SW_BACKUP_NONE);
    assert_false(is_there(f, "stepward.db"));
    assert_int_equal(sw_backup_restore(data_dir, f->path, T0 - 1, &used, why), 0);
}

static void test_restore__passes_over_those_that_are_damaged(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    char path[160];
    fill(f, add_patient(f->store, "p1"), 100);
    for (int i = 0; i < 3; i++)
        make_well(f, T0 + 60 * i);
    data_path(f, "backup/stepward-20261123T122300Z.db", path);
    overwrite(path, 0, 4096);
    data_path(f, "backup/stepward-20261123T122200Z.db", path);
    assert_int_equal(truncate(path, 0), 0);
    close_and_remove(f);
    assert_int_equal(restore(f, &used), 0);
    assert_int_equal(used.made_at_s, T0);
    f->store = open_again(f, SW_STORE_CHECK);
    assert_int_equal(count_readings(f->store), 100);
}

static void test_restore__without_a_sound_one_makes_nothing(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    char path[160];
    make_well(f, T0);
    data_path(f, "backup/stepward-20261123T122100Z.db", path);
    overwrite(path, 0, 4096);
    close_and_remove(f);
    assert_int_equal(restore(f, &used), SW_BACKUP_NONE);
    assert_false(is_there(f, "stepward.db"));
    assert_int_equal(remove(path), 0);
    assert_int_equal(restore(f, &used), SW_BACKUP_NONE);
}

static void test_restore__overwrites_nothing(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    make_well(f, T0);
    fill(f, add_patient(f->store, "p1"), 100);
    assert_int_equal(restore(f, &used), -EEXIST);
    assert_int_equal(count_readings(f->store), 100);
    assert_false(is_there(f, "stepward.db.part"));
}

/* ---- changing ---- */

static int change_site(void *ctx, struct sw_store *copy)
{
    (void)ctx;
    return sw_store_put_meta(copy, "site", "changed");
}

static bool is_changed(const struct fixture *f, const char *name)
{
    struct fixture copy = *f;
    char path[160], *site = NULL;
    data_path(f, name, path);
    assert_true(strlen(path) < sizeof copy.path);
    strcpy(copy.path, path);
    struct sw_store *store = open_again(&copy, SW_STORE_READ);
    int r = sw_store_get_meta(store, "site", &site);
    bool is_equal = r == 0 && strcmp(site, "changed") == 0;
    free(site);
    sw_store_close(store);
    return is_equal;
}

static void test_change__goes_on_after_one_that_is_damaged_or_foreign(void **state)
{
    struct fixture *f = *state;
    char data_dir[160], path[160];
    size_t n;
    fill(f, add_patient(f->store, "p1"), 3000);
    for (int i = 0; i < 4; i++)
        make_well(f, T0 + 60 * i);
    data_path(f, "", data_dir);
    data_path(f, "backup/stepward-20261123T122400Z.db", path);
    overwrite(path, 0, 4096);
    data_path(f, "backup/stepward-20261123T122200Z.db", path);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA application_id = 7", 0, 0, 0), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(sw_backup_change(data_dir, change_site, NULL, &n, why), -EUCLEAN);
    assert_int_equal(n, 2);
    assert_non_null(strstr(why, "/data/backup/stepward-20261123T122400Z.db: "));
    assert_true(is_changed(f, "backup/stepward-20261123T122300Z.db"));
    assert_true(is_changed(f, "backup/stepward-20261123T122100Z.db"));
    assert_false(is_there(f, "backup/stepward-20261123T122400Z.db.part"));
    data_path(f, "backup/stepward-20261123T122400Z.db", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(sw_backup_change(data_dir, change_site, NULL, &n, why), -EPROTO);
    assert_int_equal(n, 2);
    assert_non_null(strstr(why, "/data/backup/stepward-20261123T122200Z.db: "));
}

/* ---- the board's users ---- */

static struct sw_users *users_of(const struct fixture *f)
{
    struct sw_users *users;
    char data_dir[160];
    data_path(f, "", data_dir);
    assert_int_equal(sw_users_open(&users, data_dir, SW_STORE_WRITE, why), 0);
    return users;
}

static void add_user(const struct fixture *f, const char *id)
{
    struct sw_users *users = users_of(f);
    struct sw_user user = {.role = SW_ROLE_ADMIN, .created_at_s = T0};
    strcpy(user.id, id);
    assert_int_equal(sw_users_add(users, &user), 0);
    assert_int_equal(sw_users_set_password(users, id, "correct horse"), 0);
    sw_users_close(users);
}

static int64_t count_users(const struct fixture *f)
{
    struct sw_users *users = users_of(f);
    int64_t n = sw_users_count(users);
    sw_users_close(users);
    return n;
}

static void remove_in_data(const struct fixture *f, const char *name)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[160], file[176];
    data_path(f, name, path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
}

static void test_users__survive_a_dead_card(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    make_well(f, T0);
    assert_false(is_there(f, "backup/web-20261123T122100Z.db")); /* there were none */
    add_user(f, "anna");
    make_well(f, T0 + 60);
    assert_true(is_there(f, "backup/web-20261123T122200Z.db"));
    sw_store_close(f->store);
    remove_in_data(f, "stepward.db");
    remove_in_data(f, "web.db");
    assert_int_equal(restore(f, &used), SW_BACKUP_RESTORED);
    assert_int_equal(count_users(f), 1);
    /* Users who are there are newer, and stay. */
    add_user(f, "ben");
    remove_in_data(f, "stepward.db");
    assert_int_equal(restore(f, &used), SW_BACKUP_RESTORED);
    assert_int_equal(count_users(f), 2);
    f->store = open_again(f, SW_STORE_WRITE);
}

static void test_users__damaged_copies_keep_no_patients_away(void **state)
{
    struct fixture *f = *state;
    struct sw_backup used;
    char copy[160];
    add_user(f, "anna");
    make_well(f, T0);
    data_path(f, "backup/web-20261123T122100Z.db", copy);
    overwrite(copy, 0, 4096);
    sw_store_close(f->store);
    remove_in_data(f, "stepward.db");
    remove_in_data(f, "web.db");
    assert_int_equal(restore(f, &used), SW_BACKUP_RESTORED);
    assert_false(is_there(f, "web.db"));
    f->store = open_again(f, SW_STORE_WRITE);
}

static void test_users__go_with_their_backup(void **state)
{
    struct fixture *f = *state;
    char data_dir[160];
    size_t left;
    data_path(f, "", data_dir);
    add_user(f, "anna");
    make_well(f, T0);
    make_well(f, T0 + 60);
    assert_int_equal(sw_backup_prune(data_dir, 1, &left, why), 0);
    assert_false(is_there(f, "backup/web-20261123T122100Z.db"));
    assert_true(is_there(f, "backup/web-20261123T122200Z.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_backup__holds_all_that_was_committed_and_nothing_else),
        TEST(test_backup__leaves_out_what_is_remembered_of_the_broker),
        TEST(test_backup__reading_stays_reading),
        TEST(test_users__survive_a_dead_card),
        TEST(test_users__damaged_copies_keep_no_patients_away),
        TEST(test_users__go_with_their_backup),
        TEST(test_backup__of_a_damaged_database_is_not_made),
        TEST(test_backup__without_space_leaves_nothing_behind),
        TEST(test_backup__one_at_a_time),
        TEST(test_backup__by_a_clock_that_went_back_is_refused),
        TEST(test_backup__what_a_killed_one_left_is_removed),
        TEST(test_prune__keeps_the_newest_and_what_is_not_ours),
        TEST(test_restore__brings_the_newest_back),
        TEST(test_restore__takes_none_that_is_older_than_asked),
        TEST(test_restore__passes_over_those_that_are_damaged),
        TEST(test_restore__without_a_sound_one_makes_nothing),
        TEST(test_restore__overwrites_nothing),
        TEST(test_change__goes_on_after_one_that_is_damaged_or_foreign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
