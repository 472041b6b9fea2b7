/* test_subscriptions.c -- what an earlier run subscribed is known to the next, whenever
 * it was killed. */
#include "daemon/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER "/tmp/stepward-subscriptions-XXXXXX"

struct scene {
    char folder[sizeof FOLDER], path[64];
    struct sw_store *store;
};

static void open_scene(struct scene *scene)
{
    char why[SW_WHY_MAX];
    strcpy(scene->folder, FOLDER);
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->path, sizeof scene->path, "%s/t.db", scene->folder);
    assert_int_equal(sw_store_open(&scene->store, scene->path, SW_STORE_WRITE, why), 0);
}

static void close_scene(struct scene *scene)
{
    sw_store_close(scene->store);
    unlink(scene->path);
    rmdir(scene->folder);
}

/* A run of the gateway: its stale filters; killed before it is connected, or after. */
static size_t run(struct scene *scene, const char *site, bool connects,
                  bool (*check)(const char *filter))
{
    struct subscriptions subscriptions;
    struct sw_adapters *none;
    size_t n = 0;
    assert_int_equal(sw_adapters_new(&none, NULL, 0), 0);
    assert_int_equal(subscriptions_init(&subscriptions, scene->store, site, none), 0);
    sw_adapters_free(none);
    for (size_t i = 0; i < subscriptions.n_stale; i++)
        n += check(subscriptions.stale[i]);
    assert_int_equal(subscriptions_remember(scene->store, &subscriptions, true), 0);
    if (connects)
        assert_int_equal(subscriptions_remember(scene->store, &subscriptions, false),
                         0);
    subscriptions_fini(&subscriptions);
    return n;
}

static bool is_of_a(const char *filter)
{
    return strncmp(filter, "clinic/a/", 9) == 0;
}
static bool is_of_b(const char *filter)
{
    return strncmp(filter, "clinic/b/", 9) == 0;
}

static void test_subscriptions__those_of_the_last_run_are_stale_once(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    assert_int_equal(run(&scene, "a", true, is_of_a), 0);
    assert_true(run(&scene, "b", true, is_of_a) > 0);
    assert_int_equal(run(&scene, "b", true, is_of_a), 0);
    close_scene(&scene);
}

static void test_subscriptions__a_killed_run_forgets_neither_old_nor_new(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    run(&scene, "a", true, is_of_a);
    run(&scene, "b", false, is_of_a);
    assert_true(run(&scene, "c", false, is_of_a) > 0);
    assert_true(run(&scene, "c", false, is_of_b) > 0);
    run(&scene, "c", true, is_of_a);
    assert_int_equal(run(&scene, "c", true, is_of_a), 0);
    close_scene(&scene);
}

static void test_subscriptions__what_is_wanted_again_is_not_stale(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    run(&scene, "a", true, is_of_a);
    run(&scene, "b", false, is_of_a);
    assert_int_equal(run(&scene, "a", true, is_of_a), 0);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscriptions__those_of_the_last_run_are_stale_once),
        cmocka_unit_test(test_subscriptions__a_killed_run_forgets_neither_old_nor_new),
        cmocka_unit_test(test_subscriptions__what_is_wanted_again_is_not_stale),
    };
    return cmocka_run_group_tests_name("subscriptions", tests, NULL, NULL);
}
