/* test_chart_strip.c -- a day as a strip, and the small charts of a row: golden files,
 * and what they say in words. */
#include "golden.h"

#include "chart/row.h"
#include "chart/strip.h"

static void assert_drawn(struct mk *m, const char *name)
{
    char *bytes = NULL;
    size_t n;
    assert_int_equal(mk_end(m, &bytes, &n), 0);
    assert_golden_file(bytes, name);
    free(bytes);
}

static const struct chart_strip all_classes = {.cells = "saassu-usas...............",
                                               .from_min = 8 * 60,
                                               .window_min = 13 * 60,
                                               .rest_from_min = 90,
                                               .rest_to_min = 145};

static void test_chart_strip__draws_every_class_and_the_rest(void **state)
{
    struct mk m = {0};
    (void)state;
    chart_hatches(&m);
    chart_strip(&m, &all_classes);
    assert_drawn(&m, "chart/strip.svg");
}

static void test_chart_strip__says_the_day_in_words(void **state)
{
    char words[CHART_STRIP_WORDS_MAX];
    (void)state;
    chart_strip_words(&all_classes, words);
    assert_string_equal(words, "08:00–21:00: still 08:00–08:30, moved 08:30–09:30, "
                               "still 09:30–10:30, not worn 10:30–11:00, no data "
                               "11:00–11:30, not worn 11:30–12:00, still 12:00–12:30, "
                               "moved 12:30–13:00, still 13:00–13:30; rested "
                               "09:30–10:25");
}

static void test_chart_strip__a_last_cell_may_be_shorter(void **state)
{
    char words[CHART_STRIP_WORDS_MAX];
    const struct chart_strip strip = {
        .cells = "ss", .from_min = 23 * 60 + 15, .window_min = 45};
    (void)state;
    chart_strip_words(&strip, words);
    assert_string_equal(words, "23:15–24:00: still 23:15–24:00");
}

static void test_chart_strip__the_longest_day_has_room(void **state)
{
    char cells[61], words[CHART_STRIP_WORDS_MAX];
    struct chart_strip strip = {.cells = cells, .window_min = 1800};
    struct mk m = {0};
    char *bytes = NULL;
    size_t n;
    (void)state;
    for (int i = 0; i < 60; i++)
        cells[i] = "su-a"[i % 4];
    cells[60] = '\0';
    chart_strip_words(&strip, words);
    chart_strip(&m, &strip);
    assert_int_equal(mk_end(&m, &bytes, &n), 0);
    assert_non_null(strstr(bytes, "</svg>"));
    for (const char *box = bytes, *end; (box = strstr(box, "M708 ")); box = end) {
        end = strchr(box, 'z'); /* the last cell, whole */
        assert_non_null(end);
    }
    free(bytes);
}

static void test_chart_steps__marks_every_limit(void **state)
{
    const struct chart_steps steps = {
        .steps = 3024, .goal = 4000, .floor = 2000, .ceiling = 8000};
    struct mk m = {0};
    (void)state;
    chart_steps(&m, &steps);
    assert_drawn(&m, "chart/steps.svg");
}

static void test_chart_steps__over_the_ceiling_is_a_full_bar(void **state)
{
    const struct chart_steps steps = {.steps = 12000, .ceiling = 9000};
    struct mk m = {0};
    char *bytes = NULL;
    size_t n;
    (void)state;
    chart_steps(&m, &steps);
    assert_int_equal(mk_end(&m, &bytes, &n), 0);
    assert_non_null(strstr(bytes, "class=\"a\" d=\"M0 4h100v8h-100z\""));
    assert_non_null(strstr(bytes, "aria-label=\"12,000 steps, ceiling 9,000\""));
    assert_non_null(strstr(bytes, "M75 0v4")); /* where the ceiling is */
    free(bytes);
}

static void test_chart_steps__without_limits_there_is_no_bar(void **state)
{
    const struct chart_steps steps = {.steps = 12000};
    struct mk m = {0};
    char *bytes = NULL;
    size_t n;
    (void)state;
    chart_steps(&m, &steps);
    assert_int_equal(mk_end(&m, &bytes, &n), 0);
    assert_string_equal(bytes, "");
    free(bytes);
}

static void test_chart_squares__draw_each_kind_of_day(void **state)
{
    static const enum chart_square squares[] = {
        CHART_SQUARE_NO_DATA, CHART_SQUARE_THIN, CHART_SQUARE_BELOW,
        CHART_SQUARE_MET,     CHART_SQUARE_MET,  CHART_SQUARE_NO_GOAL,
        CHART_SQUARE_SO_FAR};
    struct mk m = {0};
    (void)state;
    chart_squares(&m, squares, 7);
    assert_drawn(&m, "chart/squares.svg");
}

static void test_chart_legend__explains_every_mark(void **state)
{
    struct mk m = {0};
    (void)state;
    mk_open(&m, "dl");
    chart_strip_legend(&m);
    chart_squares_legend(&m);
    assert_drawn(&m, "chart/legend.html");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chart_strip__draws_every_class_and_the_rest),
        cmocka_unit_test(test_chart_strip__says_the_day_in_words),
        cmocka_unit_test(test_chart_strip__a_last_cell_may_be_shorter),
        cmocka_unit_test(test_chart_strip__the_longest_day_has_room),
        cmocka_unit_test(test_chart_steps__marks_every_limit),
        cmocka_unit_test(test_chart_steps__over_the_ceiling_is_a_full_bar),
        cmocka_unit_test(test_chart_steps__without_limits_there_is_no_bar),
        cmocka_unit_test(test_chart_squares__draw_each_kind_of_day),
        cmocka_unit_test(test_chart_legend__explains_every_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
