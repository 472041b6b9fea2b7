/* store_fixture.h -- a store in a folder of its own, for the tests of the store. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stepward/store.h"
#include "store/store_private.h"

struct fixture {
    char folder[64]; /* temporary; the store makes data/ in it */
    char path[96];
    struct sw_store *store;
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

static inline struct sw_store *open_again(const struct fixture *f,
                                          enum sw_store_mode mode)
{
    struct sw_store *store = NULL;
    char why[SW_WHY_MAX];
    if (sw_store_open(&store, f->path, mode, why) < 0)
        fail_msg("%s", why);
    return store;
}

static inline int fixture_folder(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->folder, "/tmp/stepward-store-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/data/stepward.db", f->folder);
    *state = f;
    return 0;
}

static inline int fixture_open(void **state)
{
    fixture_folder(state);
    struct fixture *f = *state;
    f->store = open_again(f, SW_STORE_WRITE);
    return 0;
}

static inline int fixture_remove(const char *path, const struct stat *st, int type,
                                 struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline int fixture_close(void **state)
{
    struct fixture *f = *state;
    sw_store_close(f->store);
    nftw(f->folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static inline void reopen(struct fixture *f)
{
    sw_store_close(f->store);
    f->store = open_again(f, SW_STORE_WRITE);
}

static inline struct sw_patient_id patient_id(const char *str)
{
    struct sw_patient_id id = {0};
    strcpy(id.str, str);
    return id;
}

static inline struct sw_device_id device_id(const char *str)
{
    struct sw_device_id id = {0};
    strcpy(id.str, str);
    return id;
}

static inline int64_t add_patient(struct sw_store *store, const char *id)
{
    struct sw_patient patient = {.id = patient_id(id), .added_at_s = 1000};
    struct sw_plan plan = sw_plan_default();
    int64_t key = 0;
    assert_int_equal(sw_store_add_patient(store, &patient, &plan, &key), 0);
    return key;
}

static inline void exec_sql(struct sw_store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
}

/* The one number that sql selects. */
static inline int64_t number_of(struct sw_store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

/* The one text that sql selects, into out. */
static inline void text_of(struct sw_store *store, const char *sql, char *out,
                           size_t size)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(store->db));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    snprintf(out, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
}

/* ---- readings, as the store gives them ---- */

struct sums {
    struct sw_store *store;
    int64_t n, steps;
};

static inline int add_to_sums(void *ctx, const char *device,
                              const struct sw_reading *reading)
{
    struct sums *sums = ctx;
    (void)device;
    sums->n++;
    sums->steps += reading->steps;
    return 0;
}

static inline int add_patient_to_sums(void *ctx, const struct sw_patient *patient)
{
    struct sums *sums = ctx;
    return sw_store_each_reading(sums->store, patient->key, add_to_sums, sums);
}

static inline int64_t count_readings(struct sw_store *store)
{
    struct sums sums = {.store = store};
    assert_int_equal(sw_store_each_patient(store, add_patient_to_sums, &sums), 0);
    return sums.n;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
#define TEST_FOLDER(name)                                                              \
    cmocka_unit_test_setup_teardown(name, fixture_folder, fixture_close)

#endif
