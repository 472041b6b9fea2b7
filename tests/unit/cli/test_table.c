/* test_table.c -- listings in every format, whatever their texts hold. */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/text.h"
#include "wire/listing.h"

static const struct sw_zone_shift utc_plus_2 = {.offset_s = 7200};
static const struct cli_column columns[] = {
    {"name", "the name", CLI_TEXT, 0, 0},
    {"steps", "steps", CLI_NUMBER, 0, 0},
    {"note", "note", CLI_TEXT, 6, 0},
};

struct capture {
    struct cli cli;
    char *out, *err;
    size_t n_out, n_err;
};

static struct cli *begin(struct capture *capture, enum cli_format format)
{
    memset(capture, 0, sizeof *capture);
    capture->cli.format = format;
    capture->cli.zone = (struct sw_zone){&utc_plus_2, 1};
    capture->cli.now_s = 1774779300; /* 2026-03-29T10:15:00Z */
    capture->cli.out = open_memstream(&capture->out, &capture->n_out);
    capture->cli.err = open_memstream(&capture->err, &capture->n_err);
    return &capture->cli;
}

static void end(struct capture *capture, const char *expected)
{
    fclose(capture->cli.out);
    fclose(capture->cli.err);
    assert_string_equal(capture->out, expected);
    assert_string_equal(capture->err, "");
    free(capture->out);
    free(capture->err);
}

static struct cli_table *new_table(struct cli *cli)
{
    return cli_table_new(cli, columns, sizeof columns / sizeof *columns);
}

static void add_row(struct cli_table *table, const char *name, int64_t steps,
                    const char *note)
{
    cli_cell_text(table, name);
    cli_cell_number(table, steps);
    cli_cell_text(table, note);
}

static void test_table__columns_align_by_display_width(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_TABLE));
    add_row(table, "Jürgen", 7, "a");
    add_row(table, "山田太郎さん", 12345, "b");
    add_row(table, "e\xcc\x81", -1, ""); /* e with a combining accent: one column */
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "the name      steps  note\n"
                  "Jürgen            7  a\n"
                  "山田太郎さん  12345  b\n"
                  "e\xcc\x81                -1\n");
}

static void test_table__long_texts_are_cut_in_tables_only(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_TABLE));
    add_row(table, "a", 1, "123456");
    add_row(table, "b", 2, "1234567");
    add_row(table, "c", 3, "山山山山"); /* a wide one is not cut in half */
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "the name  steps  note\n"
                  "a             1  123456\n"
                  "b             2  12345…\n"
                  "c             3  山山…\n");

    table = new_table(begin(&capture, CLI_CSV));
    add_row(table, "b", 2, "1234567");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "name,steps,note\nb,2,1234567\n");
}

#define HOSTILE "\033[2J\n\tx\x7f\xc2\x9b\xe2\x80\xae\xff"

static void test_table__control_characters_are_shown_escaped(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_TABLE));
    add_row(table, HOSTILE, 1, "");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "the name                       steps  note\n"
                  "\\x1b[2J\\n\\tx\\x7f\\u009b\\u202e\xef\xbf\xbd      1\n");
}

static void test_csv__control_characters_are_shown_escaped(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_CSV));
    add_row(table, HOSTILE, 1, "");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "name,steps,note\n"
                  "\\x1b[2J\\n\\tx\\x7f\\u009b\\u202e\xef\xbf\xbd,1,\n");
}

static void test_csv__commas_and_quotes_are_quoted(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_CSV));
    add_row(table, "a,b", 1, "say \"hi\"");
    add_row(table, "plain", 2, "it's");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "name,steps,note\n\"a,b\",1,\"say \"\"hi\"\"\"\nplain,2,it's\n");
}

/* OWASP, "CSV injection": what a spreadsheet would calculate. Numbers it may. */
static void test_csv__no_text_is_a_formula(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_CSV));
    add_row(table, "=1+1", -5, "+49");
    add_row(table, "-1", -1, "@SUM(A1,\"x\")");
    add_row(table, "\t=1", 0, "\r=1");
    add_row(table, "＝1", 0, "a=1");
    add_row(table, "'=1", 0, "");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "name,steps,note\n"
                  "'=1+1,-5,'+49\n"
                  "'-1,-1,\"'@SUM(A1,\"\"x\"\")\"\n"
                  "'\\t=1,0,'\\r=1\n"
                  "'＝1,0,a=1\n"
                  "'=1,0,\n");
    table = new_table(begin(&capture, CLI_JSON)); /* which no spreadsheet opens */
    add_row(table, "=1", 1, "");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "[\n{\"name\":\"=1\",\"steps\":1,\"note\":\"\"}\n]\n");
}

static void test_json__texts_come_back_and_hold_no_raw_control(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_JSON));
    add_row(table, HOSTILE, INT64_MAX, "a\"b\\c");
    cli_cell_none(table);
    cli_cell_bool(table, true);
    cli_cell_bytes(table, "a\0b", 3);
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "[\n"
                  "{\"name\":\"\\u001b[2J\\n\\tx\\u007f\\u009b\\u202e\xef\xbf\xbd\","
                  "\"steps\":9223372036854775807,\"note\":\"a\\\"b\\\\c\"},\n"
                  "{\"name\":null,\"steps\":true,\"note\":\"a\xef\xbf\xbd"
                  "b\"}\n"
                  "]\n");
}

static void test_json__rows_from_wire_are_made_harmless_too(void **state)
{
    (void)state;
    struct capture capture;
    struct cli_table *table = new_table(begin(&capture, CLI_JSON));
    cli_row_json(table, strdup("{\"note\":\"\xc2\x9b\"}"));
    cli_row_json(table, strdup("{}"));
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "[\n{\"note\":\"\\u009b\"},\n{}\n]\n");
}

static void test_empty__each_format_says_so_in_its_way(void **state)
{
    (void)state;
    static const char *const expected[] = {
        [CLI_TABLE] = "none\n", [CLI_CSV] = "name,steps,note\n", [CLI_JSON] = "[]\n"};
    for (int format = CLI_TABLE; format <= CLI_JSON; format++) {
        struct capture capture;
        struct cli_table *table = new_table(begin(&capture, (enum cli_format)format));
        assert_int_equal(cli_table_end(table, "none"), CLI_OK);
        end(&capture, expected[format]);
    }
}

static void test_time__is_local_for_people_and_has_its_offset_for_programs(void **state)
{
    (void)state;
    static const struct cli_column at[] = {{"at", "at", CLI_TEXT, 0, 0}};
    struct capture capture;
    struct cli_table *table = cli_table_new(begin(&capture, CLI_TABLE), at, 1);
    cli_cell_time(table, 1774779300);
    cli_cell_time(table, 1774779300 - 86400);
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "at\n12:15\n2026-03-28 12:15\n");

    table = cli_table_new(begin(&capture, CLI_CSV), at, 1);
    cli_cell_time(table, 1774779300);
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "at\n2026-03-29T12:15:00+02:00\n");
}

/* ---- on a terminal ---- */

static const struct cli_column people[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"therapist", "therapist", CLI_TEXT, 0, 3},
    {"empty", "empty", CLI_TEXT, 0, 1},
    {"steps", "all the steps", CLI_NUMBER, 0, 1},
    {"heard_at", "heard", CLI_TEXT, 0, 2},
    {"message", "message", CLI_WORDS, 0, 0},
};

static void print_people(struct capture *capture, int width, const char *message)
{
    struct cli *cli = begin(capture, CLI_TABLE);
    cli->width = width;
    struct cli_table *table =
        cli_table_new(cli, people, sizeof people / sizeof *people);
    cli_cell_text(table, "p017");
    cli_cell_text(table, "anna");
    cli_cell_none(table);
    cli_cell_number(table, 1204);
    cli_cell_text(table, "12:15");
    cli_cell_text(table, message);
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
}

static void
test_terminal__what_fits_is_shown_as_it_is_and_an_empty_column_is_not(void **state)
{
    (void)state;
    struct capture capture;
    print_people(&capture, 60, "moved again");
    end(&capture, "patient  therapist  all the steps  heard  message\n"
                  "p017     anna                1204  12:15  moved again\n");
    print_people(&capture, 0, "moved again");
    end(&capture, "patient  therapist  empty  all the steps  heard  message\n"
                  "p017     anna                       1204  12:15  moved again\n");
}

static void test_terminal__texts_wrap_before_a_column_is_left_out(void **state)
{
    (void)state;
    struct capture capture;
    print_people(&capture, 70, "has been resting for two hours, says the band");
    end(&capture, "patient  therapist  all the steps  heard  message\n"
                  "p017     anna                1204  12:15  has been resting for two\n"
                  "                                          hours, says the band\n");
}

static void test_terminal__what_matters_least_is_left_out_first_and_named(void **state)
{
    (void)state;
    struct capture capture;
    print_people(&capture, 53, "has been resting for two hours, says the band");
    end(&capture, "patient  all the  heard  message\n"
                  "           steps\n"
                  "p017        1204  12:15  has been resting for two\n"
                  "                         hours, says the band\n"
                  "left out: therapist (--wide shows all)\n");
    print_people(&capture, 40, "has been resting for two hours, says the band");
    end(&capture, "patient  message\n"
                  "p017     has been resting for two hours,\n"
                  "         says the band\n"
                  "left out: therapist, all the steps,\n"
                  "heard (--wide shows all)\n");
}

static void
test_terminal__a_narrow_column_comes_back_where_a_wide_one_went(void **state)
{
    (void)state;
    static const struct cli_column wide[] = {{"a", "a", CLI_TEXT, 0, 0},
                                             {"wide", "wide", CLI_TEXT, 0, 1},
                                             {"b", "b", CLI_TEXT, 0, 2}};
    struct capture capture;
    struct cli *cli = begin(&capture, CLI_TABLE);
    cli->width = 10;
    struct cli_table *table = cli_table_new(cli, wide, 3);
    cli_cell_text(table, "1");
    cli_cell_text(table, "123456789");
    cli_cell_text(table, "2");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "a  b\n1  2\nleft out:\nwide\n(--wide\nshows all)\n");
}

static void
test_terminal__wide_letters_count_twice_and_a_long_word_is_broken(void **state)
{
    (void)state;
    static const struct cli_column one[] = {{"text", "text", CLI_WORDS, 0, 0}};
    struct capture capture;
    struct cli *cli = begin(&capture, CLI_TABLE);
    cli->width = 10;
    struct cli_table *table = cli_table_new(cli, one, 1);
    cli_cell_text(table, "山田太郎 さんは Jürgen");
    cli_cell_text(table, "clinic/main/alerts/anna");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "text\n"
                  "山田太郎\n"
                  "さんは\n"
                  "Jürgen\n"
                  "clinic/\n"
                  "main/\n"
                  "alerts/\n"
                  "anna\n");
}

static void test_terminal__how_wide_it_is(void **state)
{
    (void)state;
    assert_int_equal(cli_terminal_width(true, 132, NULL), 132);
    assert_int_equal(cli_terminal_width(true, 132, "60"), 60);
    assert_int_equal(cli_terminal_width(true, 132, "wide"), 132);
    assert_int_equal(cli_terminal_width(true, 0, NULL), 80);
    assert_int_equal(cli_terminal_width(false, 132, "60"), 0);
}

static void test_bool__is_yes_or_no_for_people(void **state)
{
    (void)state;
    static const struct cli_column worn[] = {{"worn", "worn", CLI_TEXT, 0, 0}};
    static const char *const expected[] = {
        [CLI_TABLE] = "worn\nyes\nno\n", [CLI_CSV] = "worn\ntrue\nfalse\n"};
    for (int format = CLI_TABLE; format <= CLI_CSV; format++) {
        struct capture capture;
        struct cli_table *table =
            cli_table_new(begin(&capture, (enum cli_format)format), worn, 1);
        cli_cell_bool(table, true);
        cli_cell_bool(table, false);
        assert_int_equal(cli_table_end(table, "none"), CLI_OK);
        end(&capture, expected[format]);
    }
}

static void test_color__only_where_it_is_wanted(void **state)
{
    (void)state;
    assert_true(cli_wants_color(true, NULL, "xterm"));
    assert_true(cli_wants_color(true, "", "xterm"));
    assert_false(cli_wants_color(true, "1", "xterm"));
    assert_false(cli_wants_color(false, NULL, "xterm"));
    assert_false(cli_wants_color(true, NULL, "dumb"));
    assert_false(cli_wants_color(true, NULL, NULL));
}

static void test_color__does_not_change_the_alignment(void **state)
{
    (void)state;
    struct capture capture;
    struct cli *cli = begin(&capture, CLI_TABLE);
    cli->color = true;
    struct cli_table *table = new_table(cli);
    cli_cell_style(table, CLI_RED);
    add_row(table, "a", 1, "x");
    assert_int_equal(cli_table_end(table, "none"), CLI_OK);
    end(&capture, "\033[1mthe name\033[0m  \033[1msteps\033[0m  \033[1mnote\033[0m\n"
                  "\033[1;31ma\033[0m             1  x\n");
}

static void test_fit__a_name_is_one_line_of_utf8(void **state)
{
    (void)state;
    assert_true(cli_text_is_fit("Jürgen Groß", SW_NAME_MAX));
    assert_true(cli_text_is_fit("", SW_NAME_MAX));
    assert_false(cli_text_is_fit("a\nb", SW_NAME_MAX));
    assert_false(cli_text_is_fit("a\xff", SW_NAME_MAX));
    assert_false(cli_text_is_fit("\033[2J", SW_NAME_MAX));
    assert_true(cli_text_is_fit("1234", 4));
    assert_false(cli_text_is_fit("12345", 4));
}

static void test_span__is_told_in_hours_and_minutes(void **state)
{
    (void)state;
    char text[CLI_SPAN_MAX];
    cli_span_format(59, text);
    assert_string_equal(text, "59 min");
    cli_span_format(120, text);
    assert_string_equal(text, "2 h");
    cli_span_format(125, text);
    assert_string_equal(text, "2 h 5 min");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table__columns_align_by_display_width),
        cmocka_unit_test(test_table__long_texts_are_cut_in_tables_only),
        cmocka_unit_test(test_table__control_characters_are_shown_escaped),
        cmocka_unit_test(test_csv__control_characters_are_shown_escaped),
        cmocka_unit_test(test_csv__commas_and_quotes_are_quoted),
        cmocka_unit_test(test_csv__no_text_is_a_formula),
        cmocka_unit_test(test_json__texts_come_back_and_hold_no_raw_control),
        cmocka_unit_test(test_json__rows_from_wire_are_made_harmless_too),
        cmocka_unit_test(test_empty__each_format_says_so_in_its_way),
        cmocka_unit_test(
            test_time__is_local_for_people_and_has_its_offset_for_programs),
        cmocka_unit_test(
            test_terminal__what_fits_is_shown_as_it_is_and_an_empty_column_is_not),
        cmocka_unit_test(test_terminal__texts_wrap_before_a_column_is_left_out),
        cmocka_unit_test(test_terminal__what_matters_least_is_left_out_first_and_named),
        cmocka_unit_test(
            test_terminal__a_narrow_column_comes_back_where_a_wide_one_went),
        cmocka_unit_test(
            test_terminal__wide_letters_count_twice_and_a_long_word_is_broken),
        cmocka_unit_test(test_terminal__how_wide_it_is),
        cmocka_unit_test(test_bool__is_yes_or_no_for_people),
        cmocka_unit_test(test_color__only_where_it_is_wanted),
        cmocka_unit_test(test_color__does_not_change_the_alignment),
        cmocka_unit_test(test_fit__a_name_is_one_line_of_utf8),
        cmocka_unit_test(test_span__is_told_in_hours_and_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
