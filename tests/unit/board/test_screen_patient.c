/* test_screen_patient.c -- the screens of a patient and of a day: who sees them, what is on them,
 * and that the numbers are those of the rows. */
#include "board/board.h"

#include "../../lib/store_fixture.h"
#include "../../lib/year.h"
#include "stepward/host.h"
#include "stepward/wire.h"

#define NOW_S INT64_C(1796048520) /* 2026-11-30 15:22 in Berlin */

static char site[] = "main", timezone_name[] = "Europe/Berlin";

struct board {
    struct fixture *store;
    struct sw_config config;
    struct sw_zone zone;
    struct board_view view;
    const char *days, *did;
    char *page; /* of the last draw */
};

static const char *query(void *ctx, const char *name)
{
    const struct board *board = ctx;
    return strcmp(name, "days") == 0  ? board->days
           : strcmp(name, "did") == 0 ? board->did
                                      : NULL;
}

static int set_up(void **state)
{
    struct board *board = calloc(1, sizeof *board);
    void *fixture;
    fixture_open(&fixture);
    board->store = fixture;
    board->config = (struct sw_config){.site = site, .timezone = timezone_name};
    board->config.plan = sw_plan_default();
    assert_int_equal(sw_zone_load(&board->zone, timezone_name), 0);
    struct year year = {.store = board->store->store,
                        .zone = &board->zone,
                        .now_s = NOW_S,
                        .n_days = 40};
    year_fill(&year, "p017", "Ada <b>\"&\"</b>");
    board->view = (struct board_view){.store = year.store,
                                      .config = &board->config,
                                      .zone = &board->zone,
                                      .now_s = NOW_S,
                                      .user = "anna",
                                      .role = BOARD_THERAPIST,
                                      .query = query,
                                      .ctx = board};
    *state = board;
    return 0;
}

static int tear_down(void **state)
{
    struct board *board = *state;
    void *fixture = board->store;
    sw_zone_fini(&board->zone);
    free(board->page);
    free(board);
    return fixture_close(&fixture);
}

static int draw_with(struct board *board, const char *id, const char *day)
{
    struct mk m = {0};
    size_t n;
    free(board->page);
    board->page = NULL;
    int r = day ? board_day(&board->view, id, day, &m)
                : board_patient(&board->view, id, &m);
    if (r == 0)
        assert_int_equal(mk_end(&m, &board->page, &n), 0);
    mk_fini(&m);
    return r;
}

static void draw(struct board *board, const char *day)
{
    assert_int_equal(draw_with(board, "p017", day), 0);
}

static void says(const struct board *board, const char *part)
{
    if (!strstr(board->page, part))
        fail_msg("no %s in the page", part);
}
static void is_silent_about(const struct board *board, const char *part)
{
    if (strstr(board->page, part))
        fail_msg("%s in the page", part);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static void test_patient__who_may_not_see_them_is_told_there_is_none(void **state)
{
    struct board *board = *state;
    board->view.user = "ben";
    assert_int_equal(draw_with(board, "p017", NULL), -ENOENT);
    assert_int_equal(draw_with(board, "p017", "2026-11-20"), -ENOENT);
    board->view.sees_team = true;
    draw(board, NULL);
    board->view.role = BOARD_WALL;
    assert_int_equal(draw_with(board, "p017", NULL), -ENOENT);
    board->view.role = BOARD_ADMIN;
    draw(board, NULL);
    assert_int_equal(draw_with(board, "p018", NULL), -ENOENT);
    assert_int_equal(draw_with(board, "../etc", NULL), -ENOENT);
}

static void test_patient__a_name_is_text_and_can_be_hidden(void **state)
{
    struct board *board = *state;
    draw(board, NULL);
    says(board, "<h1>Ada &lt;b&gt;&quot;&amp;&quot;&lt;/b&gt; (p017)</h1>");
    board->view.hides_names = true;
    draw(board, NULL);
    says(board, "<h1>p017</h1>");
    is_silent_about(board, "Ada");
}

static void test_patient__the_days_that_are_asked_for(void **state)
{
    struct board *board = *state;
    draw(board, NULL);
    says(board, "Tue 3 Nov 2026 to Mon 30 Nov 2026, 28 days");
    board->days = "7";
    draw(board, NULL);
    says(board, "Tue 24 Nov 2026 to Mon 30 Nov 2026, 7 days");
    board->days = "13"; /* a page has spans; a file any number */
    draw(board, NULL);
    says(board, "28 days, Europe/Berlin");
    board->view.is_file = true;
    draw(board, NULL);
    says(board, "13 days, Europe/Berlin");
    board->days = "0";
    draw(board, NULL);
    says(board, "28 days, Europe/Berlin");
}

/* ---- the numbers ---- */

struct comparing {
    const struct board *board;
    size_t n;
};

static int compare_row(void *ctx, const struct sw_day_row *row)
{
    struct comparing *comparing = ctx;
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX], key[96], value[96];
    sw_day_fields(row, fields);
    snprintf(key, sizeof key, "<tr data-key=\"day-%s\"", fields[1]);
    const char *at = strstr(comparing->board->page, key);
    if (!at)
        fail_msg("no row of %s", fields[1]);
    for (size_t i = 1; i < SW_DAY_FIELDS; i++) {
        snprintf(value, sizeof value, "<data value=\"%s\">", fields[i]);
        at = strstr(at, "<data value");
        if (!at || strncmp(at, value, strlen(value)) != 0)
            fail_msg("%s: no %s in %.80s", fields[1], value, at ? at : "");
        at++;
    }
    comparing->n++;
    return 0;
}

static void test_patient__the_table_has_the_rows_as_they_are_stored(void **state)
{
    struct board *board = *state;
    struct sw_patient_id id = patient_id("p017");
    int32_t today = sw_day_of(&board->zone, NOW_S);
    struct comparing comparing = {.board = board};
    draw(board, NULL);
    assert_int_equal(sw_store_each_day(board->view.store, &id, today - 27, today,
                                       compare_row, &comparing),
                     0);
    assert_int_equal(comparing.n, 28);
    assert_int_equal(count(board->page, "<tr data-key=\"day-"), 28);
}

static void test_patient__plan_suggestion_changes_and_alerts(void **state)
{
    struct board *board = *state;
    draw(board, NULL);
    says(board, "since Sat 14 Nov 2026");
    says(board, "<dd>5,500 steps a day</dd>");
    says(board, "The goal was met on ");
    says(board, "goal 5500, floor 2750, ceiling 8250");
    says(board, "first data of band-2");
    says(board, "moved again after");
    says(board, "href=\"/patient/p017/day/2026-11-29\"");
}

static void test_patient__open_alerts_and_contacts_are_acted_on_here(void **state)
{
    struct board *board = *state;
    struct sw_patient patient;
    struct sw_contact contact = {
        .at_s = NOW_S - 86400, .outcome = SW_CONTACT_CALLED, .who = "ben <b>"};
    /* Opened long before the days that are shown, and open still. */
    struct sw_alert alert = {.patient = patient_id("p017"),
                             .kind = SW_ALERT_LOW,
                             .level = SW_LEVEL_MEDIUM,
                             .state = SW_STATE_OPEN,
                             .rev = 1,
                             .opened_at_s = NOW_S - 35 * INT64_C(86400),
                             .updated_at_s = NOW_S - 35 * INT64_C(86400)};
    char id[SW_ALERT_ID_MAX + 1];
    strcpy(alert.therapist.str, "anna");
    strcpy(contact.note, "back hurts less");
    sw_alert_id_format(&alert, id);
    assert_int_equal(
        sw_store_find_patient(board->view.store, patient_id("p017"), &patient), 0);
    assert_true(sw_store_put_alert(board->view.store, patient.key, &alert,
                                   SW_STATE_NONE, "gateway", "opened") >= 0);
    assert_int_equal(sw_store_put_contact(board->view.store, patient.key, &contact), 0);
    draw(board, NULL);
    says(board, "Open alerts");
    says(board, "called, by ben &lt;b&gt;: back hurts less");
    says(board, "<title>called, by ben &lt;b&gt;</title>"); /* among the events */
    is_silent_about(board, "<form");
    board->view.token = "0123456789abcdef";
    draw(board, NULL);
    says(board, id);
    says(board, "action=\"/act/ack\"");
    says(board, "action=\"/act/shelve\"");
    says(board, "name=\"outcome\"");
    says(board, "Note a contact");
    is_silent_about(board, "class=\"done\"");
    alert.state = SW_STATE_ACKNOWLEDGED;
    alert.updated_at_s = NOW_S - 60;
    alert.rev++;
    strcpy(alert.by, "anna");
    assert_true(sw_store_put_alert(board->view.store, patient.key, &alert,
                                   SW_STATE_OPEN, "anna", "acknowledged") >= 0);
    board->did = id;
    board->view.path = "/patient/p017?days=7";
    draw(board, NULL);
    says(board, "<div class=\"done\"><span id=\"did\">○ Seen: ");
    says(board, "Undo</button>");
    says(board, "name=\"back\" value=\"/patient/p017?days=7&amp;did=p017-low-");
    draw(board, "2026-11-29");
    says(board, "called by ben &lt;b&gt;: back hurts less");
}

static void test_patient__each_day_of_the_charts_leads_to_its_page(void **state)
{
    struct board *board = *state;
    draw(board, NULL);
    assert_int_equal(count(board->page, "<a tabindex=\"-1\" href=\"/patient/p017/day/"),
                     2 * 28);
    says(board, "title=\"Sun 29 Nov: ");
    says(board, "href=\"/patient/p017/report?days=28\"");
}

static void test_patient__out_of_date_is_said(void **state)
{
    struct board *board = *state;
    draw(board, NULL);
    is_silent_about(board, "Out of date");
    board->view.stale_since_s = NOW_S - 3600;
    draw(board, NULL);
    says(board, "Out of date: since 14:22 the gateway");
    board->view.stale_since_s = -1;
    draw(board, NULL);
    says(board, "Out of date: the gateway has never");
}

static void test_patient__a_file_stands_alone(void **state)
{
    struct board *board = *state;
    board->view.is_file = true;
    draw(board, NULL);
    is_silent_about(board, "<a ");
    is_silent_about(board, "<form");
    is_silent_about(board, "<script");
    is_silent_about(board, "<link");
    is_silent_about(board, "http");
    says(board, "<style>");
    says(board, "The same in numbers");
}

static void test_patient__without_anything_known(void **state)
{
    struct board *board = *state;
    struct sw_plan plan = sw_plan_default();
    struct sw_patient patient = {.id = patient_id("p018"), .added_at_s = NOW_S};
    int64_t key;
    board->view.role = BOARD_ADMIN;
    assert_int_equal(sw_store_add_patient(board->view.store, &patient, &plan, &key), 0);
    assert_int_equal(draw_with(board, "p018", NULL), 0);
    says(board, "never heard from");
    says(board, "No readings and no scores in these days.");
    says(board, "No day has enough data.");
    says(board, "Too little is known yet.");
    says(board, "No alert in these days.");
    assert_int_equal(draw_with(board, "p018", "2026-11-30"), 0);
    says(board, "No readings and no scores on this day.");
}

/* ---- a day ---- */

static void test_day__minutes_numbers_and_story(void **state)
{
    struct board *board = *state;
    draw(board, "2026-11-18");
    says(board, ", Wed 18 Nov 2026</h1>");
    says(board, "href=\"/patient/p017/day/2026-11-17\"");
    says(board, "href=\"/patient/p017/day/2026-11-19\"");
    says(board, "<dt>Steps</dt>");
    says(board, "rested for ");
    says(board, "alerts; the last, opened ");
    says(board, "none: ");
    is_silent_about(board, "not over yet");
    assert_int_equal(count(board->page, "role=\"img\""), 4);
}

static void test_day__which_device_gave_which_hour(void **state)
{
    struct board *board = *state;
    struct sw_device_id phone = {"phone"};
    struct sw_patient patient;
    int64_t begin_s;
    int32_t day;
    assert_true(sw_date_parse("2026-11-20", SW_DATE_LEN, &day));
    begin_s = sw_day_begin(&board->zone, day);
    assert_int_equal(
        sw_store_find_patient(board->view.store, patient_id("p017"), &patient), 0);
    for (int32_t i = 9 * 60; i < 10 * 60; i++) {
        struct sw_reading walk = {begin_s + i * 60, 60, 90, true};
        assert_true(
            sw_store_put_reading(board->view.store, patient.key, &phone, &walk) >= 0);
    }
    draw(board, "2026-11-20");
    assert_int_equal(count(board->page, ">phone<"), 1);
    assert_int_equal(count(board->page, ">band-2<"), 5); /* of 4 pieces, one in two */
}

static void test_day__today_is_not_over(void **state)
{
    struct board *board = *state;
    draw(board, "2026-11-30");
    says(board, "The day is not over yet.");
    says(board, "<dt>Yet to come</dt><dd>5 h 37 min</dd>");
    says(board, ">yet to come<");
    is_silent_about(board, "2026-12-01");
}

static void test_day__that_is_none(void **state)
{
    struct board *board = *state;
    assert_int_equal(draw_with(board, "p017", "2026-12-01"), -ENOENT);
    assert_int_equal(draw_with(board, "p017", "2026-11-31"), -ENOENT);
    assert_int_equal(draw_with(board, "p017", ""), -ENOENT);
    assert_int_equal(draw_with(board, "p017", "2026-11-20x"), -ENOENT);
    draw(board, "1970-01-01");
    is_silent_about(board, "rel=\"prev\"");
}

#define TEST_BOARD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST_BOARD(test_patient__who_may_not_see_them_is_told_there_is_none),
        TEST_BOARD(test_patient__a_name_is_text_and_can_be_hidden),
        TEST_BOARD(test_patient__the_days_that_are_asked_for),
        TEST_BOARD(test_patient__the_table_has_the_rows_as_they_are_stored),
        TEST_BOARD(test_patient__plan_suggestion_changes_and_alerts),
        TEST_BOARD(test_patient__open_alerts_and_contacts_are_acted_on_here),
        TEST_BOARD(test_patient__each_day_of_the_charts_leads_to_its_page),
        TEST_BOARD(test_patient__out_of_date_is_said),
        TEST_BOARD(test_patient__a_file_stands_alone),
        TEST_BOARD(test_patient__without_anything_known),
        TEST_BOARD(test_day__minutes_numbers_and_story),
        TEST_BOARD(test_day__which_device_gave_which_hour),
        TEST_BOARD(test_day__today_is_not_over),
        TEST_BOARD(test_day__that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
