/* test_screen_system.c -- what the board says of the gateway, and to whom it names patients.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "board/board.h"
#include "stepward/host.h"

static const int64_t NOW_S = INT64_C(1774785600); /* 2026-03-29T12:00:00Z */

struct scene {
    char folder[64];
    struct sw_config config;
    struct sw_zone zone;
    struct sw_store *store;
    struct board_view view;
};

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct sw_patient patient = {.id = {"p17"}, .added_at_s = NOW_S};
    struct sw_plan plan = sw_plan_default();
    char path[128], why[SW_WHY_MAX];
    int64_t key;
    assert_non_null(scene);
    strcpy(scene->folder, "/tmp/stepward-board-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(path, sizeof path, "%s/c", scene->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "data_dir = \"%s/data\"\n", scene->folder);
    fclose(file);
    assert_int_equal(sw_config_load(&scene->config, path, SW_CONFIG_OF_OTHERS, why), 0);
    assert_int_equal(sw_zone_load(&scene->zone, "Europe/Berlin"), 0);
    snprintf(path, sizeof path, "%s/data/stepward.db", scene->folder);
    assert_int_equal(sw_store_open(&scene->store, path, SW_STORE_WRITE, why), 0);
    strcpy(plan.therapist.str, "unassigned");
    assert_int_equal(sw_store_add_patient(scene->store, &patient, &plan, &key), 0);
    scene->view = (struct board_view){.store = scene->store,
                                      .config = &scene->config,
                                      .zone = &scene->zone,
                                      .now_s = NOW_S,
                                      .user = "anna",
                                      .role = BOARD_ADMIN};
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    char command[96];
    sw_store_close(scene->store);
    sw_zone_fini(&scene->zone);
    sw_config_fini(&scene->config);
    snprintf(command, sizeof command, "rm -rf %s", scene->folder);
    free(scene);
    return system(command);
}

static char *draw(const struct scene *scene)
{
    struct mk page = {0};
    char *bytes;
    size_t n;
    assert_int_equal(board_system(&scene->view, &page), 0);
    assert_int_equal(mk_end(&page, &bytes, &n), 0);
    return bytes;
}

static void test_system__says_what_is_wrong_and_what_to_do(void **state)
{
    struct scene *scene = *state;
    char *page = draw(scene);
    assert_non_null(strstr(page, "What usually goes wrong"));
    assert_non_null(strstr(page, "1 patient has none, and nobody is told: p17"));
    assert_non_null(strstr(page, "stepward patient set ID --therapist NAME"));
    assert_non_null(strstr(page, "Well: disk, "));
    assert_non_null(strstr(page, "Not known: in force, "));
    free(page);
}

static void test_system__names_patients_to_those_who_may_see_all(void **state)
{
    struct scene *scene = *state;
    scene->view.role = BOARD_THERAPIST;
    char *page = draw(scene);
    assert_non_null(strstr(page, "1 patient has none, and nobody is told"));
    assert_null(strstr(page, "p17"));
    free(page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_system__says_what_is_wrong_and_what_to_do),
        TEST(test_system__names_patients_to_those_who_may_see_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
