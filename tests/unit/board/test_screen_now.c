/* test_screen_now.c -- who needs me now: order, groups, rights, and what a page weighs. */
#include "golden.h"

#include <fcntl.h>
#include <zlib.h>

#include "board_clinic.h"

static char *draw(const struct board_view *view)
{
    struct mk page = {0};
    char *bytes = NULL;
    size_t n;
    assert_int_equal(board_now(view, &page), 0);
    assert_int_equal(mk_end(&page, &bytes, &n), 0);
    return bytes;
}

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

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* Each part comes after the one before it. */
static void assert_in_order(const char *text, const char *const *parts)
{
    for (; *parts; parts++) {
        const char *at = strstr(text, *parts);
        if (!at)
            fail_msg("no \"%s\" where it should be", *parts);
        text = at + strlen(*parts);
    }
}
#define ASSERT_IN_ORDER(text, ...)                                                     \
    assert_in_order(text, (const char *const[]){__VA_ARGS__, NULL})

/* What is inside the frame, a line for each element that one looks for, so that a
 * difference can be read. */
static void assert_golden_page(const char *page, const char *name)
{
    static const char *const begins[] = {"<li ", "<section", "<svg",     "<dl>",
                                         "<h",   "<form",    "<footer>", "<details"};
    char *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&lines, &size);
    const char *end = strstr(page, "</main>");
    assert_non_null(end);
    for (page = strstr(page, "<h1"); page < end; page++) {
        for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
            if (strncmp(page, begins[i], strlen(begins[i])) == 0)
                fputc('\n', out);
        fputc(*page, out);
    }
    fputc('\n', out);
    fclose(out);
    assert_golden_file(lines, name);
    free(lines);
}

static void test_now__by_the_letter(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    char *page = draw(&view);
    assert_golden_page(page, "board/now.html");
    free(page);
}

static void test_now__a_wall_by_the_letter(void **state)
{
    struct board_view view = board_clinic_view(*state, "wall", BOARD_WALL);
    char *page = draw(&view);
    assert_golden_page(page, "board/now_wall.html");
    free(page);
}

static void test_now__ones_own_come_first_and_then_the_teams(void **state)
{
    struct board_view view = board_clinic_view(*state, "ben", BOARD_THERAPIST);
    char *page = draw(&view);
    ASSERT_IN_ORDER(page, "<h2>My patients</h2>", "Needs you <span>1</span>", "p005",
                    "Not on track", "▲ over the ceiling yesterday: 9,900 steps", "p014",
                    "p033", "No data", "p009", "<h2>The team&#39;s patients</h2>",
                    "Needs you <span>3</span>", "p011", "p003", "p017", "On track",
                    "p020", "p021", "Not on track", "p024", "No data",
                    "no data since 14:00", "p028", "no data today", "p031");
    free(page);
}

static void test_now__another_ones_patients_are_not_there(void **state)
{
    struct board_view view = board_clinic_view(*state, "ben", BOARD_THERAPIST);
    view.sees_team = false;
    char *page = draw(&view);
    assert_int_equal(count(page, "<li "), 4);
    assert_null(strstr(page, "p003"));
    assert_null(strstr(page, "Karin"));
    free(page);
}

static void test_now__a_wall_has_no_names_and_nothing_to_press(void **state)
{
    struct board_view view = board_clinic_view(*state, "wall", BOARD_WALL);
    char *page = draw(&view);
    assert_non_null(strstr(page, "<html lang=\"en\" class=\"wall\">")); /* larger */
    assert_int_equal(count(page, "<li "), BOARD_CLINIC_KINDS);
    for (size_t i = 0; i < BOARD_CLINIC_KINDS; i++)
        if (*board_clinic_kinds[i].name)
            assert_null(strstr(page, board_clinic_kinds[i].name));
    static const char *const pressed[] = {"<form", "<button", "<input",
                                          "href=\"/patient"};
    for (size_t i = 0; i < sizeof pressed / sizeof *pressed; i++)
        assert_null(strstr(page, pressed[i]));
    free(page);
}

static void test_now__who_hides_names_finds_patients_by_id(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    view.hides_names = true;
    char *page = draw(&view);
    assert_null(strstr(page, "Karin"));
    assert_non_null(strstr(page, "data-search=\"p003 anna\""));
    assert_non_null(strstr(page, "href=\"/patient/p003\""));
    free(page);
}

/* What is open can be seen and shelved, what somebody looks after is undone. */
static void test_now__each_alert_has_its_forms(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    char *page = draw(&view);
    assert_int_equal(count(page, "action=\"/act/ack\""), 5);
    assert_int_equal(count(page, "action=\"/act/shelve\""), 5);
    assert_int_equal(count(page, "action=\"/act/unack\""), 1);
    assert_int_equal(count(page, "action=\"/act/unshelve\""), 1);
    assert_int_equal(count(page, "name=\"token\" value=\"0123456789abcdef\""), 14);
    ASSERT_IN_ORDER(page, "data-key=\"row-p020\"", "action=\"/act/unack\"",
                    "name=\"id\" value=\"p020-rest-1792675500\"", "Undo seen");
    free(page);
}

/* ---- what was done a moment ago ---- */

static const char *query_did(void *ctx, const char *name)
{
    return strcmp(name, "did") == 0 ? ctx : NULL;
}

static char *draw_after(struct board_view *view, const char *alert)
{
    static char did[64];
    snprintf(did, sizeof did, "%s", alert);
    view->query = query_did;
    view->now_s = BOARD_CLINIC_NOW_S - 600;
    view->ctx = did;
    view->path = "/?did=p999-rest-1"; /* of what was done before that */
    return draw(view);
}

/* Whoever lets an alert rest keeps it in sight, and the focus is on its undoing. */
static void test_now__what_was_done_can_be_taken_back(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    char *page = draw_after(&view, "p020-rest-1792675500");
    ASSERT_IN_ORDER(
        page, "<h1>Now</h1>",
        "<div class=\"done\"><span id=\"did\">○ Seen: resting, Jürgen Maier.",
        "action=\"/act/unack\"", "name=\"back\" value=\"/?did=p020-rest-1792675500\"",
        "<button autofocus aria-describedby=\"did\">Undo</button>", "data-key=\"head\"",
        "action=\"/act/ack\"", "name=\"back\" value=\"/?did=p011-pain-1792673100\"",
        "action=\"/logout\"", "name=\"back\" value=\"/\"");
    free(page);
    page = draw_after(&view, "p005-over-1792675200"); /* it is open again */
    ASSERT_IN_ORDER(page, "<div class=\"done\" tabindex=\"-1\" autofocus>",
                    "Open again: over the ceiling, 山田太郎.", "</div>");
    assert_null(strstr(page, "Undo</button>"));
    free(page);
    view.hides_names = true;
    page = draw_after(&view, "p020-rest-1792675500");
    assert_non_null(strstr(page, "Seen: resting, p020."));
    free(page);
}

/* Wherever the address has it, it gives way to what is done next. */
static void test_now__a_form_comes_back_to_the_query_it_was_on(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    static const struct {
        const char *path, *back, *own;
    } cases[] = {
        {"/x?days=7", "/x?days=7&amp;did=p011-pain-", "value=\"/x?days=7\""},
        {"/x?days=7&did=a-1", "/x?days=7&amp;did=p011-pain-", "value=\"/x?days=7\""},
        {"/x?did=a-1&days=7", "/x?days=7&amp;did=p011-pain-", "value=\"/x?days=7\""},
        {"/x?a=1&did=b&did=c&candid=2", "/x?a=1&amp;candid=2&amp;did=p011-pain-",
         "value=\"/x?a=1&amp;candid=2\""},
        {"/x?did=a-1", "/x?did=p011-pain-", "value=\"/x\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        view.path = cases[i].path;
        char *page = draw(&view);
        ASSERT_IN_ORDER(page, cases[i].back, "action=\"/logout\"", cases[i].own);
        free(page);
    }
}

/* Ten minutes after, of another's patient, of no alert: nothing was done here. */
static void test_now__what_was_not_done_here_is_not_told(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    static const char *const nothing[] = {"p009-unworn-1792662000", "p020-rest-1", "",
                                          "\"><script>"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        char *page = draw_after(&view, nothing[i]);
        assert_null(strstr(page, "class=\"done\""));
        assert_null(strstr(page, "<script>"));
        free(page);
    }
    view = board_clinic_view(clinic, "ben", BOARD_THERAPIST);
    view.sees_team = false;
    char *page = draw_after(&view, "p020-rest-1792675500");
    assert_null(strstr(page, "p020"));
    free(page);
    view = board_clinic_view(clinic, "wall", BOARD_WALL);
    page = draw_after(&view, "p020-rest-1792675500");
    assert_null(strstr(page, "class=\"done\""));
    free(page);
}

#define UNTIL     "name=\"until\" value=\""
#define AFTERNOON UNTIL "2026-10-22T11:00:00Z\""
#define TODAY     UNTIL "2026-10-22T06:00:00Z\""
#define TOMORROW  UNTIL "2026-10-23T06:00:00Z\""

/* One press, and nothing to type; each means a moment, however late it is pressed. */
static void test_now__later_is_a_few_buttons(void **state)
{
    struct board_view view = board_clinic_view(*state, "anna", BOARD_THERAPIST);
    static const struct {
        int hours_ago;
        bool is_morning;
        const char *eight, *at_eight;
    } cases[] = {{0, false, TOMORROW, ">tomorrow, 8:00<"},   /* 15:40 */
                 {3, false, TOMORROW, ">tomorrow, 8:00<"},   /* 12:40 */
                 {6, true, TOMORROW, ">tomorrow, 8:00<"},    /* 09:40 */
                 {14, true, TODAY, ">this morning, 8:00<"}}; /* 01:40 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        view.now_s = BOARD_CLINIC_NOW_S - cases[i].hours_ago * 3600;
        char *page = draw(&view);
        ASSERT_IN_ORDER(page, "<summary aria-label=\"Later: p011\">Later</summary>",
                        "action=\"/act/shelve\"", "name=\"minutes\" value=\"60\"",
                        ">in 1 h<", "name=\"minutes\" value=\"180\"", ">in 3 h<",
                        cases[i].eight, cases[i].at_eight, "</form>");
        assert_int_equal(count(page, AFTERNOON) > 0, cases[i].is_morning);
        assert_null(strstr(page, "<select"));
        free(page);
    }
}

static void test_now__nobody_is_said_of_whose_patients(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "carl", BOARD_THERAPIST);
    char *page = draw(&view);
    assert_null(strstr(page, "needs you now"));
    free(page);
    view.sees_team = false;
    page = draw(&view);
    assert_non_null(strstr(page,
                           "No patient&#39;s plan names you: `stepward patient set "
                           "ID --therapist carl` does that."));
    free(page);
}

static void test_now__a_name_is_no_markup(void **state)
{
    struct board_clinic *clinic = *state;
    struct sw_patient patient;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    assert_int_equal(
        sw_store_find_patient(clinic->store, (struct sw_patient_id){"p003"}, &patient),
        0);
    assert_int_equal(sw_store_rename_patient(clinic->store, patient.key,
                                             "\"><img onerror=alert(1)>"),
                     0);
    char *page = draw(&view);
    assert_null(strstr(page, "<img"));
    assert_non_null(strstr(page, "<bdi>&quot;&gt;&lt;img onerror=alert(1)&gt;</bdi>"));
    free(page);
}

static void test_now__an_old_picture_says_so(void **state)
{
    struct board_clinic *clinic = *state;
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    close(clinic->lock_fd); /* the gateway ends */
    clinic->lock_fd = open("/dev/null", O_RDONLY);
    char *page = draw(&view);
    assert_non_null(
        strstr(page, "Out of date since 15:39: the gateway is not running"));
    free(page);
}

static void test_now__keeps_what_did_not_change(void **state)
{
    struct board_clinic *clinic = *state;
    struct sw_glances glances = {.day = NULL};
    struct board_view view = board_clinic_view(clinic, "anna", BOARD_THERAPIST);
    char *without = draw(&view);
    struct board_rows rows = {.of = {NULL}};
    view.glances = &glances;
    view.rows = &rows;
    char *first = draw(&view), *again = draw(&view);
    assert_string_equal(first, without);
    assert_string_equal(again, without);
    sw_glances_fini(&glances);
    board_rows_fini(&rows);
    free(without);
    free(first);
    free(again);
}

/* The same rows are kept for all who look: whose name is shown is drawn for each. */
static void test_now__what_is_kept_is_right_for_everybody_at_any_time(void **state)
{
    struct board_clinic *clinic = *state;
    static struct board_rows rows;
    const struct board_view views[] = {
        board_clinic_view(clinic, "boss", BOARD_ADMIN),
        board_clinic_view(clinic, "anna", BOARD_THERAPIST),
        board_clinic_view(clinic, "wall", BOARD_WALL),
    };
    static const int64_t later_s[] = {0,         60,        3600, 6 * 3600,
                                      20 * 3600, 40 * 3600, 30,   -3600};
    for (size_t i = 0; i < sizeof later_s / sizeof *later_s; i++)
        for (size_t k = 0; k < sizeof views / sizeof *views; k++) {
            struct board_view view = views[k];
            view.now_s += later_s[i];
            char *without = draw(&view);
            view.rows = &rows;
            char *with = draw(&view), *again = draw(&view);
            assert_string_equal(with, without);
            assert_string_equal(again, without);
            free(without);
            free(with);
            free(again);
        }
    board_rows_fini(&rows);
}

/* Else they would outlive an erasure. */
static void test_now__rows_that_nobody_looked_at_are_forgotten(void **state)
{
    struct board_clinic *clinic = *state;
    static struct board_rows rows;
    struct board_view all = board_clinic_view(clinic, "boss", BOARD_ADMIN),
                      nobodys = board_clinic_view(clinic, "new", BOARD_THERAPIST);
    size_t n = 0;
    all.rows = nobodys.rows = &rows;
    nobodys.sees_team = false;
    free(draw(&all));
    for (size_t i = 0; i < BOARD_ROWS_MAX; i++)
        n += rows.of[i] != NULL;
    assert_int_equal(n, BOARD_CLINIC_KINDS);
    nobodys.now_s += 301;
    free(draw(&nobodys));
    for (size_t i = 0; i < BOARD_ROWS_MAX; i++)
        assert_null(rows.of[i]);
}

static void test_now__an_empty_clinic_says_how_to_begin(void **state)
{
    struct board_clinic empty;
    (void)state;
    board_clinic_open(&empty, 0);
    struct board_view view = board_clinic_view(&empty, "anna", BOARD_THERAPIST);
    char *page = draw(&view);
    assert_non_null(strstr(page, "No patients yet"));
    free(page);
    board_clinic_close(&empty);
}

/* The first load: the page, its style and its script, as a browser gets them. */
static void test_now__a_hundred_patients_are_60_kb(void **state)
{
    struct board_clinic large;
    uLongf packed = 1024 * 1024;
    (void)state;
    board_clinic_open(&large, 100);
    struct board_view view = board_clinic_view(&large, "anna", BOARD_THERAPIST);
    char *page = draw(&view), *all = NULL;
    assert_true(asprintf(&all, "%s%s%s", page, sw_board_css, sw_board_mjs) > 0);
    Bytef *bytes = malloc(packed);
    assert_int_equal(compress2(bytes, &packed, (const Bytef *)all, strlen(all), 3),
                     Z_OK); /* the level of web/reply.c */
    assert_true(packed <= 60 * 1024);
    free(bytes);
    free(all);
    free(page);
    board_clinic_close(&large);
}

#define NOW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOW_TEST(test_now__by_the_letter),
        NOW_TEST(test_now__a_wall_by_the_letter),
        NOW_TEST(test_now__ones_own_come_first_and_then_the_teams),
        NOW_TEST(test_now__another_ones_patients_are_not_there),
        NOW_TEST(test_now__a_wall_has_no_names_and_nothing_to_press),
        NOW_TEST(test_now__who_hides_names_finds_patients_by_id),
        NOW_TEST(test_now__each_alert_has_its_forms),
        NOW_TEST(test_now__what_was_done_can_be_taken_back),
        NOW_TEST(test_now__what_was_not_done_here_is_not_told),
        NOW_TEST(test_now__a_form_comes_back_to_the_query_it_was_on),
        NOW_TEST(test_now__later_is_a_few_buttons),
        NOW_TEST(test_now__nobody_is_said_of_whose_patients),
        NOW_TEST(test_now__a_name_is_no_markup),
        NOW_TEST(test_now__an_old_picture_says_so),
        NOW_TEST(test_now__keeps_what_did_not_change),
        NOW_TEST(test_now__what_is_kept_is_right_for_everybody_at_any_time),
        NOW_TEST(test_now__rows_that_nobody_looked_at_are_forgotten),
        cmocka_unit_test(test_now__an_empty_clinic_says_how_to_begin),
        cmocka_unit_test(test_now__a_hundred_patients_are_60_kb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
