/* Opening: new, old, newer, foreign, damaged and read-only databases; migrations. */
#include "store_fixture.h"

#include <fcntl.h>

#include "stepward/host.h"
#include "store/schema.h"

static int try_open(const struct fixture *f, enum sw_store_mode mode,
                    char why[static SW_WHY_MAX])
{
    struct sw_store *store = NULL;
    int r = sw_store_open(&store, f->path, mode, why);
    sw_store_close(store);
    assert_true(r <= 0);
    assert_null(strchr(why, '\n'));
    assert_int_equal(r == 0, why[0] == '\0');
    if (r < 0)
        assert_null(store);
    return r;
}

static int open_fails(const struct fixture *f, enum sw_store_mode mode,
                      const char *words)
{
    char why[SW_WHY_MAX] = "?";
    int r = try_open(f, mode, why);
    if (!strstr(why, words))
        fail_msg("\"%s\" is not in \"%s\"", words, why);
    return r;
}

static void make_database(const struct fixture *f)
{
    struct sw_store *store = open_again(f, SW_STORE_WRITE);
    add_patient(store, "p1");
    sw_store_close(store);
}

static void make_folder(const struct fixture *f)
{
    char folder[96];
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *path, size_t *ret_n)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    char *bytes = malloc(1 << 20);
    *ret_n = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* ---- a new database ---- */

static void test_open__makes_folder_and_file_for_their_owner_and_group(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char folder[96];
    mode_t mask = umask(0);
    f->store = open_again(f, SW_STORE_WRITE);
    umask(mask);
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    assert_int_equal(stat(folder, &st), 0);
    /* to a group that is not the user's own the folder stays closed */
    assert_int_equal(st.st_mode & 07777, sw_group_is_own(st.st_gid) ? 02770 : 0700);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    add_patient(f->store, "p1");
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", f->path);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
}

static void test_open__without_the_folder_s_parent_says_so(void **state)
{
    struct fixture *f = *state;
    snprintf(f->path, sizeof f->path, "%s/no/data/stepward.db", f->folder);
    assert_int_equal(open_fails(f, SW_STORE_WRITE, "folder"), -ENOENT);
}

static void test_open__in_a_file_instead_of_a_folder_fails(void **state)
{
    struct fixture *f = *state;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    write_file(folder, "", 0);
    assert_int_equal(open_fails(f, SW_STORE_WRITE, "Not a directory"), -ENOTDIR);
}

static void test_open__a_name_of_any_length_fits_the_reason(void **state)
{
    (void)state;
    char path[6000], why[SW_WHY_MAX];
    struct sw_store *store = NULL;
    for (size_t n = 150; n < sizeof path; n += 50) {
        memset(path, 'x', n);
        path[0] = '/';
        path[n] = '\0';
        assert_true(sw_store_open(&store, path, SW_STORE_READ, why) < 0);
        assert_true(strlen(why) > 20);
    }
    assert_null(store);
}

static void test_open__sets_what_durability_needs(void **state)
{
    struct fixture *f = *state;
    char mode[16];
    f->store = open_again(f, SW_STORE_WRITE);
    text_of(f->store, "PRAGMA journal_mode", mode, sizeof mode);
    assert_string_equal(mode, "wal");
    assert_int_equal(number_of(f->store, "PRAGMA synchronous"), 2);
    assert_int_equal(number_of(f->store, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number_of(f->store, "PRAGMA busy_timeout"), 5000);
    assert_int_equal(number_of(f->store, "PRAGMA trusted_schema"), 0);
    assert_int_equal(number_of(f->store, "PRAGMA temp_store"), 2);
    assert_int_equal(number_of(f->store, "PRAGMA journal_size_limit"), 4194304);
    assert_int_equal(number_of(f->store, "PRAGMA page_size"), 1024);
    assert_int_equal(number_of(f->store, "PRAGMA application_id"),
                     SW_SCHEMA_APPLICATION);
    assert_int_equal(number_of(f->store, "PRAGMA user_version"), SW_SCHEMA_VERSION);
    assert_int_equal(
        number_of(f->store, "SELECT count(*) FROM pragma_table_list"
                            " WHERE NOT strict AND type <> 'view' AND schema = 'main'"
                            " AND name NOT LIKE 'sqlite_%'"),
        0);
}

static int64_t file_bytes(const struct fixture *f)
{
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    return st.st_size;
}

/* A commit of so many pages of a KiB. */
static void commit_pages(const struct fixture *f, int n)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS blob (b BLOB);"
             "INSERT INTO blob VALUES (zeroblob(%d * 1024))",
             n);
    assert_int_equal(sqlite3_exec(f->store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void test_log__is_folded_when_the_caller_has_time_for_it(void **state)
{
    struct fixture *f = *state;
    f->store = open_again(f, SW_STORE_WRITE);
    commit_pages(f, 3000);
    sw_store_tidy(f->store); /* it is not worth it yet */
    int64_t before = file_bytes(f);
    assert_in_range(before, 0, 1000 * 1024);
    commit_pages(f, 2000);
    assert_int_equal(file_bytes(f), before);
    sw_store_tidy(f->store);
    assert_true(file_bytes(f) > 5000 * 1024);
}

static void test_log__is_folded_by_a_commit_if_the_caller_never_does(void **state)
{
    struct fixture *f = *state;
    f->store = open_again(f, SW_STORE_WRITE);
    for (int i = 0; i < 9; i++)
        commit_pages(f, 1000);
    assert_true(file_bytes(f) > 8000 * 1024);
}

static void test_open__an_empty_file_becomes_a_database(void **state)
{
    struct fixture *f = *state;
    make_folder(f);
    write_file(f->path, "", 0);
    assert_int_equal(open_fails(f, SW_STORE_READ, "empty"), -ENOENT);
    f->store = open_again(f, SW_STORE_CHECK);
    add_patient(f->store, "p1");
}

enum { ROUNDS = 10, PROCESSES = 4 };

static pid_t open_and_add(const struct fixture *f, const char *patient)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    char why[SW_WHY_MAX];
    struct sw_store *store = NULL;
    if (sw_store_open(&store, f->path, SW_STORE_WRITE, why) < 0) {
        fprintf(stderr, "%s\n", why);
        _exit(1);
    }
    add_patient(store, patient);
    sw_store_close(store);
    _exit(0);
}

static void test_open__by_several_at_once_makes_one_database(void **state)
{
    struct fixture *f = *state;
    static const char *const names[PROCESSES] = {"p1", "p2", "p3", "p4"};
    for (int round = 0; round < ROUNDS; round++) {
        pid_t children[PROCESSES];
        int status;
        for (int i = 0; i < PROCESSES; i++)
            children[i] = open_and_add(f, names[i]);
        for (int i = 0; i < PROCESSES; i++) {
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        f->store = open_again(f, SW_STORE_CHECK);
        assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"),
                         PROCESSES);
        sw_store_close(f->store);
        f->store = NULL;
        assert_int_equal(remove(f->path), 0);
    }
}

/* ---- reading only ---- */

static void test_open_read__of_no_database_makes_nothing(void **state)
{
    struct fixture *f = *state;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    assert_int_equal(open_fails(f, SW_STORE_READ, "no database yet"), -ENOENT);
    assert_false(exists(folder));
    make_folder(f);
    assert_int_equal(open_fails(f, SW_STORE_READ, "no database yet"), -ENOENT);
    assert_false(exists(f->path));
}

static void test_open_read__reads_and_refuses_to_write(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    make_database(f);
    f->store = open_again(f, SW_STORE_READ);
    assert_int_equal(sw_store_find_patient(f->store, patient_id("p1"), &found), 0);
    assert_int_equal(sw_store_put_heard(f->store, found.key, 1, SW_STAMP_RECEIPT),
                     -EROFS);
    assert_int_equal(sw_store_put_meta(f->store, "a", "b"), -EROFS);
    assert_int_equal(sw_store_begin(f->store), -EROFS);
    assert_int_equal(sw_store_poll(f->store), sw_store_epoch(f->store));
}

static void test_open_read__sees_what_a_killed_writer_left_in_the_wal(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    int status;
    pid_t child = fork();
    if (child == 0) {
        add_patient(open_again(f, SW_STORE_WRITE), "p1");
        _exit(0); /* without closing */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    f->store = open_again(f, SW_STORE_READ);
    assert_int_equal(sw_store_find_patient(f->store, patient_id("p1"), &found), 0);
}

/* As another user, who may read the file and not write beside it. */
static int open_as_nobody(const struct fixture *f)
{
    char why[SW_WHY_MAX];
    int status, r;
    pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) < 0)
            _exit(99);
        struct sw_store *store = NULL;
        r = sw_store_open(&store, f->path, SW_STORE_READ, why);
        bool tells_remedy = strstr(why, "owner") || strstr(why, "Permission denied");
        _exit(r < 0 && !tells_remedy ? 98 : -r);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void test_open_read__without_the_right_to_says_who_may(void **state)
{
    struct fixture *f = *state;
    char folder[96];
    if (geteuid() != 0)
        skip();
    make_database(f);
    assert_int_equal(open_as_nobody(f), -EACCES);
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(open_as_nobody(f), -EACCES);
    assert_int_equal(chmod(f->path, 0644), 0);
    assert_int_equal(open_as_nobody(f), -EACCES);
}

static void test_open__made_by_root_belongs_to_the_folder_s_owner(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char folder[96];
    if (geteuid() != 0)
        skip();
    make_folder(f);
    snprintf(folder, sizeof folder, "%s/data", f->folder);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    make_database(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_uid, 65534);
}

/* ---- other versions and other programs ---- */

static void set_version(const struct fixture *f, int version)
{
    char sql[64];
    struct sw_store *store = open_again(f, SW_STORE_WRITE);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    exec_sql(store, sql);
    sw_store_close(store);
}

static void test_open__a_newer_version_is_refused_with_the_remedy(void **state)
{
    struct fixture *f = *state;
    size_t before_n, after_n;
    make_database(f);
    set_version(f, 7);
    char *before = read_file(f->path, &before_n);
    assert_int_equal(open_fails(f, SW_STORE_WRITE, "newer Stepward (schema 7, this"),
                     -EPROTO);
    assert_int_equal(open_fails(f, SW_STORE_READ, "restore a backup"), -EPROTO);
    assert_int_equal(open_fails(f, SW_STORE_CHECK, "newer Stepward"), -EPROTO);
    char *after = read_file(f->path, &after_n);
    assert_int_equal(before_n, after_n);
    assert_memory_equal(before, after, after_n);
    free(before);
    free(after);
}

static void test_open__any_number_of_a_version_is_refused_in_words(void **state)
{
    struct fixture *f = *state;
    make_database(f);
    set_version(f, INT32_MAX);
    assert_int_equal(open_fails(f, SW_STORE_WRITE, "restore a backup"), -EPROTO);
    struct sw_store *store = NULL;
    char why[SW_WHY_MAX];
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = -2147483648", NULL, NULL, NULL);
    sqlite3_close(db);
    assert_int_equal(sw_store_open(&store, f->path, SW_STORE_WRITE, why), -EPROTO);
    assert_null(store);
}

static void test_open__another_program_s_database_is_left_alone(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    size_t before_n, after_n;
    make_folder(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL), 0);
    sqlite3_close(db);
    char *before = read_file(f->path, &before_n);
    assert_int_equal(open_fails(f, SW_STORE_WRITE, "not Stepward's"), -EPROTO);
    assert_int_equal(open_fails(f, SW_STORE_READ, "not Stepward's"), -EPROTO);
    char *after = read_file(f->path, &after_n);
    assert_int_equal(before_n, after_n);
    assert_memory_equal(before, after, after_n);
    free(before);
    free(after);
}

static const char *const drawn_steps[] = {
    "CREATE TABLE a (x); INSERT INTO a VALUES (1);",
    "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1;",
    "CREATE TABLE b (x); INSERT INTO nonsense VALUES (1);",
};

static int64_t count(sqlite3 *db, const char *sql)
{
    int n = -1;
    assert_int_equal(sw_schema_number(db, sql, &n), SQLITE_OK);
    return n;
}

static void test_migrate__takes_each_step_once_and_forward(void **state)
{
    (void)state;
    sqlite3 *db;
    sqlite3_open(":memory:", &db);
    assert_int_equal(sw_schema_migrate(db, drawn_steps, 1), SQLITE_OK);
    assert_int_equal(count(db, "PRAGMA user_version"), 1);
    assert_int_equal(sw_schema_migrate(db, drawn_steps, 2), SQLITE_OK);
    assert_int_equal(sw_schema_migrate(db, drawn_steps, 2), SQLITE_OK);
    assert_int_equal(count(db, "PRAGMA user_version"), 2);
    assert_int_equal(count(db, "SELECT sum(y) FROM a"), 2);
    assert_int_equal(sw_schema_migrate(db, drawn_steps, 1), SQLITE_OK);
    assert_int_equal(count(db, "PRAGMA user_version"), 2);
    sqlite3_close(db);
}

static void test_migrate__a_step_that_fails_leaves_nothing(void **state)
{
    (void)state;
    sqlite3 *db;
    sqlite3_open(":memory:", &db);
    assert_int_equal(sw_schema_migrate(db, drawn_steps, 3), SQLITE_ERROR);
    assert_int_equal(count(db, "PRAGMA user_version"), 2);
    assert_int_equal(count(db, "SELECT count(*) FROM sqlite_schema"), 1);
    assert_true(sqlite3_get_autocommit(db));
    sqlite3_close(db);
}

/* ---- what was written before the first release ---- */

static void load_before(const struct fixture *f)
{
    sqlite3 *db;
    size_t n;
    char *sql = read_file(SOURCE_DIR "/tests/unit/store/store-before.sql", &n);
    sql[n] = '\0';
    make_folder(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    free(sql);
}

static void test_open__what_is_of_before_the_first_release_is_left_alone(void **state)
{
    struct fixture *f = *state;
    static const enum sw_store_mode modes[] = {
        SW_STORE_READ, SW_STORE_WRITE, SW_STORE_LATER, SW_STORE_CHECK, SW_STORE_VERIFY};
    char why[SW_WHY_MAX];
    size_t before_n, after_n;
    load_before(f);
    char *before = read_file(f->path, &before_n);
    for (size_t i = 0; i < N_OF(modes); i++)
        assert_int_equal(open_fails(f, modes[i],
                                    "of before the first release: move it away, and "
                                    "the gateway makes a new one at its start"),
                         -EPROTO);
    assert_int_equal(sw_store_inspect(f->path, why), -EPROTO);
    assert_non_null(strstr(why, f->path));
    char *after = read_file(f->path, &after_n);
    assert_int_equal(before_n, after_n);
    assert_memory_equal(before, after, after_n);
    free(before);
    free(after);
}

/* ---- damaged readings ---- */

/* SQLite cannot see it, and a gateway that cannot read it would start for ever. */
static void check_that_damage_is_found(struct fixture *f)
{
    static const enum sw_store_mode modes[] = {SW_STORE_CHECK, SW_STORE_VERIFY};
    struct sw_store *store = NULL;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_store_check(f->store, f->path, why), -EUCLEAN);
    assert_non_null(strstr(why, "a stored reading is damaged"));
    sw_store_close(f->store);
    f->store = NULL;
    for (size_t i = 0; i < N_OF(modes); i++)
        assert_int_equal(sw_store_open(&store, f->path, modes[i], why), -EUCLEAN);
    assert_int_equal(sw_store_inspect(f->path, why), -EUCLEAN);
}

static void test_damage__of_a_recent_reading_is_found_by_every_check(void **state)
{
    struct fixture *f = *state;
    char why[SW_WHY_MAX];
    struct sw_device_id id = device_id("d");
    const struct sw_reading reading = {600, 60, 5, true};
    f->store = open_again(f, SW_STORE_WRITE);
    int64_t patient = add_patient(f->store, "p1");
    assert_int_equal(sw_store_put_reading(f->store, patient, &id, &reading), 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 1);
    assert_int_equal(sw_store_check(f->store, f->path, why), 0);
    exec_sql(f->store, "UPDATE recent SET steps = 6");
    check_that_damage_is_found(f);
}

static void test_damage__of_a_run_is_found_by_every_check(void **state)
{
    struct fixture *f = *state;
    char why[SW_WHY_MAX];
    f->store = open_again(f, SW_STORE_WRITE);
    int64_t patient = add_patient(f->store, "p1");
    struct sw_device_id id = device_id("d");
    struct sw_reading batch[20];
    bool changed[N_OF(batch)];
    for (int i = 0; i < (int)N_OF(batch); i++)
        batch[i] = (struct sw_reading){60 * i, 60, i, true};
    assert_int_equal(
        sw_store_put_readings(f->store, patient, &id, batch, N_OF(batch), changed), 0);
    assert_int_equal(sw_store_check(f->store, f->path, why), 0);
    exec_sql(f->store, "UPDATE readings_run SET steps ="
                       " CAST(replace(steps, x'08', x'09') AS BLOB)");
    check_that_damage_is_found(f);
}

/* ---- damage ---- */

static void test_damage__garbage_is_not_a_database(void **state)
{
    struct fixture *f = *state;
    char garbage[10000], why[SW_WHY_MAX];
    size_t n;
    memset(garbage, 'g', sizeof garbage);
    make_folder(f);
    write_file(f->path, garbage, sizeof garbage);
    for (int mode = SW_STORE_READ; mode <= SW_STORE_CHECK; mode++)
        assert_int_equal(try_open(f, (enum sw_store_mode)mode, why), -EUCLEAN);
    assert_non_null(strstr(why, "damaged: file is not a database"));
    char *after = read_file(f->path, &n);
    assert_int_equal(n, sizeof garbage);
    assert_memory_equal(after, garbage, n);
    free(after);
}

static void test_damage__zeros_as_a_dying_card_leaves_them(void **state)
{
    struct fixture *f = *state;
    char zeros[8192] = {0}, why[SW_WHY_MAX];
    make_folder(f);
    write_file(f->path, zeros, sizeof zeros);
    assert_int_equal(try_open(f, SW_STORE_CHECK, why), -EUCLEAN);
}

static void fill(const struct fixture *f)
{
    struct sw_store *store = open_again(f, SW_STORE_WRITE);
    struct sw_device_id device = device_id("band");
    int64_t key = add_patient(store, "p1");
    sw_store_begin(store);
    for (int i = 0; i < 2500; i++) {
        struct sw_reading reading = {.start_s = 60 * i, .seconds = 60, .worn = true};
        assert_int_equal(sw_store_put_reading(store, key, &device, &reading), 1);
    }
    assert_int_equal(sw_store_commit(store), 0);
    sw_store_close(store);
}

static void test_damage__a_truncated_file_is_found_by_the_check(void **state)
{
    struct fixture *f = *state;
    char why[SW_WHY_MAX];
    struct stat st;
    fill(f);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(try_open(f, SW_STORE_CHECK, why), 0);
    for (off_t size = st.st_size - 4096; size > 0; size -= 16384) {
        assert_int_equal(truncate(f->path, size), 0);
        assert_int_equal(try_open(f, SW_STORE_CHECK, why), -EUCLEAN);
        assert_non_null(strstr(why, "damaged: "));
    }
}

/* A damaged header is damage, or at worst another's database: never a disk's fault that
 * one would wait for. */
static void test_damage__of_any_byte_of_the_header_is_damage_or_refused(void **state)
{
    struct fixture *f = *state;
    static const unsigned char values[] = {0, 1, 3, 7, 0x80, 0xff};
    char why[SW_WHY_MAX];
    size_t n;
    fill(f);
    char *bytes = read_file(f->path, &n);
    for (size_t at = 0; at < 100; at++)
        for (size_t i = 0; i < N_OF(values); i++) {
            char was = bytes[at];
            bytes[at] = (char)values[i];
            write_file(f->path, bytes, n);
            bytes[at] = was;
            struct sw_store *store = NULL;
            int r = sw_store_open(&store, f->path, SW_STORE_CHECK, why);
            if (r == 0) /* then it serves */
                assert_int_equal(sw_store_put_meta(store, "a", "b"), 0);
            sw_store_close(store);
            bool is_version = at >= 60 && at < 64; /* an older one: its steps fail */
            if (r != 0 && r != -EUCLEAN && r != -EPROTO &&
                !(is_version && r == -EINVAL))
                fail_msg("byte %zu, %d: %s", at, values[i], why);
        }
    free(bytes);
}

/* As the header has it. */
static size_t page_bytes(const char *database)
{
    const unsigned char *at = (const unsigned char *)database + 16;
    return (size_t)at[0] << 8 | at[1];
}

/* Whatever the bytes: refused or read, and never a crash or a hang. */
static void test_damage__overwritten_pages_are_found_or_harmless(void **state)
{
    struct fixture *f = *state;
    char why[SW_WHY_MAX];
    size_t n;
    int found = 0;
    fill(f);
    char *good = read_file(f->path, &n), *bad = malloc(n);
    size_t step = page_bytes(good);
    for (size_t at = 0; at < n; at += step) {
        memcpy(bad, good, n);
        memset(bad + at + 100, 0xa5, 600);
        write_file(f->path, bad, n);
        int r = try_open(f, SW_STORE_CHECK, why);
        assert_true(r == 0 || r == -EUCLEAN || r == -EPROTO);
        found += r == -EUCLEAN;
    }
    free(good);
    free(bad);
    assert_true(found > 10); /* the others have nothing there */
}

/* How many of the file's pages, damaged one at a time, the mode opens all the same. */
static int count_opened(const struct fixture *f, enum sw_store_mode mode,
                        int *ret_sound)
{
    char why[SW_WHY_MAX];
    size_t n;
    int opened = 0;
    *ret_sound = 0;
    char *good = read_file(f->path, &n), *bad = malloc(n);
    size_t step = page_bytes(good);
    for (size_t at = step; at < n; at += step) {
        struct sw_store *store = NULL;
        memcpy(bad, good, n);
        memset(bad + at, 0xa5, step);
        write_file(f->path, bad, n);
        bool is_open = sw_store_open(&store, f->path, mode, why) == 0;
        opened += is_open;
        *ret_sound += is_open && sw_store_check(store, f->path, why) == 0;
        sw_store_close(store);
    }
    free(good);
    free(bad);
    return opened;
}

static void test_damage__opened_for_later_it_is_the_check_that_finds_it(void **state)
{
    struct fixture *f = *state;
    int sound;
    fill(f);
    assert_true(count_opened(f, SW_STORE_LATER, &sound) > 10);
    assert_int_equal(sound, 0);
}

static void test_damage__met_while_reading_is_said(void **state)
{
    struct fixture *f = *state;
    struct sw_day_set set = {0};
    size_t n;
    fill(f);
    char *bytes = read_file(f->path, &n);
    memset(bytes + n / 2, 0xa5, n - n / 2);
    write_file(f->path, bytes, n);
    free(bytes);
    char why[SW_WHY_MAX];
    int r = sw_store_open(&f->store, f->path, SW_STORE_READ, why);
    if (r == 0)
        r = sw_store_load_day(f->store, 1, 0, 400000, &set);
    assert_int_equal(r, -EUCLEAN);
    sw_day_set_fini(&set);
}

/* ---- setting aside ---- */

static void touch(const char *path, const char *text, time_t at_s)
{
    struct timespec times[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
    write_file(path, text, strlen(text));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void check_moved(const struct fixture *f, const char *moved, const char *suffix,
                        const char *text)
{
    char expected[200], name[220];
    size_t n;
    snprintf(expected, sizeof expected, "%s.damaged-%s", f->path, suffix);
    assert_string_equal(moved, expected);
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < N_OF(endings); i++) {
        snprintf(name, sizeof name, "%s%s", moved, endings[i]);
        char *bytes = read_file(name, &n);
        assert_int_equal(n, strlen(text));
        assert_memory_equal(bytes, text, n);
        free(bytes);
        snprintf(name, sizeof name, "%s%s", f->path, endings[i]);
        assert_false(exists(name));
    }
}

static void write_three(const struct fixture *f, const char *text)
{
    char name[128];
    touch(f->path, text, 1773137700);
    snprintf(name, sizeof name, "%s-wal", f->path);
    touch(name, text, 1773137701);
    snprintf(name, sizeof name, "%s-shm", f->path);
    touch(name, text, 1773137702);
}

static void test_set_aside__moves_all_three_and_overwrites_nothing(void **state)
{
    struct fixture *f = *state;
    char moved[200], why[SW_WHY_MAX];
    make_folder(f);
    write_three(f, "first");
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), 0);
    assert_string_equal(why, "");
    check_moved(f, moved, "20260310T101501Z", "first");
    write_three(f, "second");
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), 0);
    check_moved(f, moved, "20260310T101501Z-1", "second");
    write_three(f, "third");
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), 0);
    check_moved(f, moved, "20260310T101501Z-2", "third");
}

static void test_set_aside__a_leftover_wal_alone_takes_the_name_too(void **state)
{
    struct fixture *f = *state;
    char moved[200], why[SW_WHY_MAX], name[200];
    make_folder(f);
    snprintf(name, sizeof name, "%s.damaged-20260310T101500Z-wal", f->path);
    touch(name, "older", 1);
    touch(f->path, "new", 1773137700);
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), 0);
    assert_non_null(strstr(moved, ".damaged-20260310T101500Z-1"));
}

static void test_set_aside__makes_room_for_a_new_database(void **state)
{
    struct fixture *f = *state;
    char moved[200], why[SW_WHY_MAX];
    make_folder(f);
    write_three(f, "this is not a database, but it is long enough to be one: xxxxxxxx"
                   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_int_equal(try_open(f, SW_STORE_CHECK, why), -EUCLEAN);
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), 0);
    f->store = open_again(f, SW_STORE_CHECK);
    add_patient(f->store, "p1");
    assert_true(exists(moved));
}

static void test_set_aside__of_nothing_or_into_no_room_fails(void **state)
{
    struct fixture *f = *state;
    char moved[200], why[SW_WHY_MAX];
    make_folder(f);
    assert_int_equal(sw_store_quarantine(f->path, moved, sizeof moved, why), -ENOENT);
    assert_non_null(strstr(why, "cannot set aside: No such file"));
    touch(f->path, "x", 1773137700);
    assert_int_equal(sw_store_quarantine(f->path, moved, 40, why), -ENAMETOOLONG);
    assert_true(exists(f->path));
}

/* ---- no memory ---- */

struct memory {
    sqlite3_mem_methods real;
    int left; /* allocations until one fails; negative: never */
};
static struct memory *memory_of_test; /* SQLite's allocator takes no context */

static bool is_refused(void)
{
    return memory_of_test->left >= 0 && memory_of_test->left-- == 0;
}

static void *failing_malloc(int n)
{
    return is_refused() ? NULL : memory_of_test->real.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
    return is_refused() ? NULL : memory_of_test->real.xRealloc(p, n);
}

static int put_two(const struct fixture *f)
{
    char why[SW_WHY_MAX];
    struct sw_store *store = NULL;
    struct sw_device_id device = device_id("band");
    struct sw_reading reading = {.start_s = 60, .seconds = 60};
    int r = sw_store_open(&store, f->path, SW_STORE_WRITE, why);
    if (r == 0)
        r = sw_store_begin(store);
    for (int i = 0; i < 2 && r >= 0; i++) {
        reading.start_s += 60;
        r = sw_store_put_reading(store, 1, &device, &reading);
    }
    if (r >= 0)
        r = sw_store_commit(store);
    sw_store_close(store);
    return r;
}

static int64_t readings_in(const struct fixture *f)
{
    struct sw_store *store = open_again(f, SW_STORE_CHECK);
    int64_t n = count_readings(store);
    exec_sql(store, "DELETE FROM device");
    sw_store_close(store);
    return n;
}

static void test_no_memory__stores_all_of_a_transaction_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct memory memory = {.left = -1};
    int failures = 0;
    memory_of_test = &memory;
    make_database(f);
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real);
    sqlite3_mem_methods failing = memory.real;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation may fail */
    bool refused = true;
    for (int n = 0; refused; n++) {
        memory.left = n;
        int r = put_two(f);
        refused = memory.left < 0;
        memory.left = -1;
        failures += r < 0;
        assert_true(r == 0 || r == -ENOMEM);
        assert_int_equal(readings_in(f), r == 0 ? 2 : 0);
    }
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory.real);
    assert_true(failures > 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST_FOLDER(test_open__makes_folder_and_file_for_their_owner_and_group),
        TEST_FOLDER(test_open__without_the_folder_s_parent_says_so),
        TEST_FOLDER(test_open__in_a_file_instead_of_a_folder_fails),
        TEST_FOLDER(test_open__a_name_of_any_length_fits_the_reason),
        TEST_FOLDER(test_open__sets_what_durability_needs),
        TEST_FOLDER(test_log__is_folded_when_the_caller_has_time_for_it),
        TEST_FOLDER(test_log__is_folded_by_a_commit_if_the_caller_never_does),
        TEST_FOLDER(test_open__an_empty_file_becomes_a_database),
        TEST_FOLDER(test_open__by_several_at_once_makes_one_database),
        TEST_FOLDER(test_open_read__of_no_database_makes_nothing),
        TEST_FOLDER(test_open_read__reads_and_refuses_to_write),
        TEST_FOLDER(test_open_read__sees_what_a_killed_writer_left_in_the_wal),
        TEST_FOLDER(test_open_read__without_the_right_to_says_who_may),
        TEST_FOLDER(test_open__made_by_root_belongs_to_the_folder_s_owner),
        TEST_FOLDER(test_open__a_newer_version_is_refused_with_the_remedy),
        TEST_FOLDER(test_open__any_number_of_a_version_is_refused_in_words),
        TEST_FOLDER(test_open__another_program_s_database_is_left_alone),
        TEST_FOLDER(test_migrate__takes_each_step_once_and_forward),
        TEST_FOLDER(test_migrate__a_step_that_fails_leaves_nothing),
        TEST_FOLDER(test_open__what_is_of_before_the_first_release_is_left_alone),
        TEST_FOLDER(test_damage__of_a_recent_reading_is_found_by_every_check),
        TEST_FOLDER(test_damage__of_a_run_is_found_by_every_check),
        TEST_FOLDER(test_damage__garbage_is_not_a_database),
        TEST_FOLDER(test_damage__zeros_as_a_dying_card_leaves_them),
        TEST_FOLDER(test_damage__a_truncated_file_is_found_by_the_check),
        TEST_FOLDER(test_damage__of_any_byte_of_the_header_is_damage_or_refused),
        TEST_FOLDER(test_damage__overwritten_pages_are_found_or_harmless),
        TEST_FOLDER(test_damage__opened_for_later_it_is_the_check_that_finds_it),
        TEST_FOLDER(test_damage__met_while_reading_is_said),
        TEST_FOLDER(test_set_aside__moves_all_three_and_overwrites_nothing),
        TEST_FOLDER(test_set_aside__a_leftover_wal_alone_takes_the_name_too),
        TEST_FOLDER(test_set_aside__makes_room_for_a_new_database),
        TEST_FOLDER(test_set_aside__of_nothing_or_into_no_room_fails),
        TEST_FOLDER(test_no_memory__stores_all_of_a_transaction_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
