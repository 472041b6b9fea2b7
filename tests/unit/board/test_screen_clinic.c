/* test_screen_clinic.c -- the whole clinic, and its alerts: marks, words, and that no card
 * says "none" of what stands beside it. */
/* clang-format off */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "board_clinic.h"

static int set_up(void **state)
{
    static struct board_clinic clinic;
    board_clinic_open(&clinic, BOARD_CLINIC_KINDS);
    *state = &clinic;
    return 0;
}

static int tear_down(void **state)
{
    board_clinic_close(*state);
    return 0;
}

typedef int screen_fn(const struct board_view *view, struct mk *m);

static char *draw(screen_fn *screen, const struct board_view *view)
{
    struct mk page = {0};
    char *bytes = NULL;
    size_t n;
    assert_int_equal(screen(view, &page), 0);
    assert_int_equal(mk_end(&page, &bytes, &n), 0);
    return bytes;
}

/* What stands between two texts, the first time; static. */
static const char *between(const char *page, const char *from, const char *to)
{
    static char part[4096];
    const char *begin = strstr(page, from), *end = begin ? strstr(begin, to) : NULL;
    if (!end)
        fail_msg("no \"%s\" up to \"%s\"", from, to);
    snprintf(part, sizeof part, "%.*s", (int)(end - begin), begin);
    return part;
}

/* ---- the clinic ---- */

static const char *query_show(void *ctx, const char *name)
{
    return strcmp(name, "show") == 0 ? ctx : NULL;
}

/* A shape in the cell and words for who hears the page, whatever a cell shows. */
static void test_clinic__marks_days_over_the_ceiling(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    static const char *const shows[] = {"goal", "rest", "coverage", "pain"};
    char show[16];
    view.query = query_show;
    view.ctx = show;
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++) {
        strcpy(show, shows[i]);
        char *page = draw(board_clinic, &view);
        const char *row = between(page, "data-key=\"p014\"", "</tr>");
        assert_non_null(strstr(row, ", over the ceiling on 2 days\""));
        assert_non_null(strstr(row, "<path class=\"over\" d=\"M293 5l4 7h-8z"
                                    "M329 5l4 7h-8z\">"));
        assert_null(
            strstr(between(page, "data-key=\"p003\"", "</tr>"), "class=\"over\""));
        assert_non_null(
            strstr(between(page, "<ul class=\"legend\"", "</ul>"), "over the ceiling"));
        free(page);
    }
}

/* The ceiling of that day counts, not today's. */
static void test_clinic__each_day_has_the_ceiling_of_its_plan(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    int32_t today = sw_day_of(&clinic->zone, BOARD_CLINIC_NOW_S);
    struct sw_patient patient;
    struct sw_plan plan;
    assert_int_equal(board_find_patient(&view, "p014", &patient, &plan), 0);
    plan.ceiling = 20000;
    assert_int_equal(sw_store_put_plan(clinic->store, patient.key, today - 1, &plan),
                     0);
    char *page = draw(board_clinic, &view);
    assert_non_null(strstr(between(page, "data-key=\"p014\"", "</tr>"),
                           ", over the ceiling on 1 day\""));
    free(page);
}

/* Enough is known of the days: there is no goal to have a share of. */
static void test_clinic__without_a_goal_it_does_not_say_not_enough_data(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    char *page = draw(board_clinic, &view);
    assert_non_null(
        strstr(between(page, "data-key=\"p028\"", "</tr>"), "<small>no goal</small>"));
    free(page);
}

/* ---- alerts ---- */

/* Shape and word; the words are those of the listings. */
static void test_alerts__each_says_its_level(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    char *page = draw(board_alerts, &view);
    assert_non_null(
        strstr(between(page, "data-key=\"p003-rest", "</li>"), "◆ resting"));
    assert_non_null(
        strstr(between(page, "data-key=\"p003-rest", "</li>"), "medium, 15:12"));
    assert_non_null(strstr(between(page, "data-key=\"p005-over", "</li>"), "△ over"));
    assert_non_null(
        strstr(between(page, "data-key=\"p005-over", "</li>"), "low, 15:20"));
    free(page);
}

static void test_alerts__without_any_there_is_no_table_of_none(void **state)
{
    struct board_view view = board_clinic_view(*state, "carl", BOARD_THERAPIST);
    view.sees_team = false;
    char *page = draw(board_alerts, &view);
    assert_non_null(
        strstr(page, "<h2>Open (0)</h2><p>No alert waits for anybody.</p>"));
    assert_non_null(strstr(page, "<p>No alert in these days.</p>"));
    assert_null(strstr(page, "<table"));
    free(page);
}

static void put_alert(struct board_clinic *clinic, int64_t key,
                      const struct sw_alert *alert)
{
    assert_int_equal(sw_store_put_alert(clinic->store, key, alert, SW_STATE_OPEN,
                                        "gateway", "moved"),
                     0);
}

/* What is over the budget is open too, and stands below. */
static void test_alerts__those_over_the_budget_are_not_none(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "ben", BOARD_THERAPIST);
    struct sw_alert alert;
    int64_t key;
    assert_int_equal(
        sw_store_find_alert(clinic->store, "p005-over-1792675200", &key, &alert), 0);
    alert.state = SW_STATE_CLOSED; /* and one that opens beyond the budget */
    alert.closed_at_s = alert.updated_at_s = BOARD_CLINIC_NOW_S - 120;
    put_alert(clinic, key, &alert);
    alert.state = SW_STATE_OPEN;
    alert.opened_at_s = BOARD_CLINIC_NOW_S - 60;
    alert.over_budget = true;
    put_alert(clinic, key, &alert);
    view.sees_team = false;
    char *page = draw(board_alerts, &view);
    assert_string_equal(
        between(page, "<h2>Open", "<ul"),
        "<h2>Open (0)</h2><p>None but those beyond the day&#39;s budget, below.</p>");
    free(page);
}

#define CLINIC_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLINIC_TEST(test_clinic__marks_days_over_the_ceiling),
        CLINIC_TEST(test_clinic__each_day_has_the_ceiling_of_its_plan),
        CLINIC_TEST(test_clinic__without_a_goal_it_does_not_say_not_enough_data),
        CLINIC_TEST(test_alerts__each_says_its_level),
        CLINIC_TEST(test_alerts__without_any_there_is_no_table_of_none),
        CLINIC_TEST(test_alerts__those_over_the_budget_are_not_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
