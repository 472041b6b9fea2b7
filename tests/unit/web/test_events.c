/* test_events.c -- open pages: what is the same for several is drawn once, and nobody is
 * sent what is somebody else's.
 *
 * libmicrohttpd is not there: the test calls the callback by which it would take what is
 * to be sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>

#include "board_clinic.h"
#include "web/request.h"
#include "web/web.h"

/* ---- in place of libmicrohttpd, and around the drawing ---- */

static MHD_ContentReaderCallback stream_read;
static struct MHD_Response *const a_response = (void *)&stream_read;
static int n_draws;

struct MHD_Response *
__wrap_MHD_create_response_from_callback(uint64_t size, size_t block,
                                         MHD_ContentReaderCallback read, void *cls,
                                         MHD_ContentReaderFreeCallback fini);
struct MHD_Response *
__wrap_MHD_create_response_from_callback(uint64_t size, size_t block,
                                         MHD_ContentReaderCallback read, void *cls,
                                         MHD_ContentReaderFreeCallback fini)
{
    (void)size, (void)block, (void)cls, (void)fini;
    stream_read = read;
    return a_response;
}

enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response,
                                               const char *name, const char *value);
enum MHD_Result __wrap_MHD_add_response_header(struct MHD_Response *response,
                                               const char *name, const char *value)
{
    (void)response, (void)name, (void)value;
    return MHD_YES;
}

enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection,
                                          unsigned status,
                                          struct MHD_Response *response);
enum MHD_Result __wrap_MHD_queue_response(struct MHD_Connection *connection,
                                          unsigned status,
                                          struct MHD_Response *response)
{
    (void)connection;
    assert_ptr_equal(response, a_response);
    assert_int_equal(status, MHD_HTTP_OK);
    return MHD_YES;
}

void __wrap_MHD_destroy_response(struct MHD_Response *response);
void __wrap_MHD_destroy_response(struct MHD_Response *response)
{
    (void)response;
}

enum MHD_Result __wrap_MHD_set_connection_option(struct MHD_Connection *connection,
                                                 enum MHD_CONNECTION_OPTION option,
                                                 ...);
enum MHD_Result __wrap_MHD_set_connection_option(struct MHD_Connection *connection,
                                                 enum MHD_CONNECTION_OPTION option, ...)
{
    (void)connection, (void)option;
    return MHD_YES;
}

const union MHD_ConnectionInfo *
__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
                               enum MHD_ConnectionInfoType type, ...);
const union MHD_ConnectionInfo *
__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
                               enum MHD_ConnectionInfoType type, ...)
{
    (void)connection, (void)type;
    return NULL;
}

void __wrap_MHD_suspend_connection(struct MHD_Connection *connection);
void __wrap_MHD_suspend_connection(struct MHD_Connection *connection)
{
    (void)connection;
}

void __wrap_MHD_resume_connection(struct MHD_Connection *connection);
void __wrap_MHD_resume_connection(struct MHD_Connection *connection)
{
    (void)connection;
}

/* No descriptor stands for a browser, so none of them is gone. */
int __wrap_poll(struct pollfd *fds, unsigned long n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, unsigned long n, int timeout_ms)
{
    (void)fds, (void)n, (void)timeout_ms;
    return 0;
}

static const char *header_host, *header_cookie;

const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection,
                                               enum MHD_ValueKind kind,
                                               const char *name);
const char *__wrap_MHD_lookup_connection_value(struct MHD_Connection *connection,
                                               enum MHD_ValueKind kind,
                                               const char *name)
{
    (void)connection, (void)kind;
    return strcmp(name, "Host") == 0     ? header_host
           : strcmp(name, "Cookie") == 0 ? header_cookie
                                         : NULL;
}

struct MHD_Response *
__wrap_MHD_create_response_from_buffer(size_t n, void *bytes,
                                       enum MHD_ResponseMemoryMode mode);
struct MHD_Response *
__wrap_MHD_create_response_from_buffer(size_t n, void *bytes,
                                       enum MHD_ResponseMemoryMode mode)
{
    (void)n;
    assert_int_equal(mode, MHD_RESPMEM_MUST_FREE);
    free(bytes);
    return a_response;
}

static int64_t draw_ms, clock_ms = 1000; /* of a drawing; now */
static int64_t told_ms, silent_ms;       /* the service manager: last, longest gap */

int64_t __wrap_sw_clock_monotonic_ms(void);
int64_t __wrap_sw_clock_monotonic_ms(void)
{
    return clock_ms;
}

int __wrap_sd_notify(int unset, const char *state);
int __wrap_sd_notify(int unset, const char *state)
{
    (void)unset;
    assert_string_equal(state, "WATCHDOG=1");
    if (clock_ms - told_ms > silent_ms)
        silent_ms = clock_ms - told_ms;
    told_ms = clock_ms;
    return 0;
}

int __real_board_now(const struct board_view *view, struct mk *m);
int __wrap_board_now(const struct board_view *view, struct mk *m);
int __wrap_board_now(const struct board_view *view, struct mk *m)
{
    n_draws++;
    clock_ms += draw_ms;
    return __real_board_now(view, m);
}

/* ---- a clinic, its server, and who looks ---- */

struct office {
    struct board_clinic clinic;
    struct web_server server;
};
struct person {
    struct web_request request;
    char *text; /* what came since it was read last */
};

static int set_up(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    char why[SW_WHY_MAX];
    board_clinic_open(&office->clinic, BOARD_CLINIC_KINDS);
    office->server.config = office->clinic.config;
    office->server.config.web.idle_s = 3600;
    office->server.zone = office->clinic.zone;
    office->server.now_s = BOARD_CLINIC_NOW_S;
    office->server.now_ms = 10 * 1000;
    assert_int_equal(sw_users_open(&office->server.users,
                                   office->server.config.data_dir, SW_STORE_WRITE, why),
                     0);
    n_draws = 0;
    *state = office;
    return 0;
}

static int tear_down(void **state)
{
    struct office *office = *state;
    sw_glances_fini(&office->server.glances);
    board_rows_fini(&office->server.rows);
    if (office->server.has_watch)
        sw_store_watch_fini(&office->server.watch);
    sw_store_close(office->server.store);
    sw_users_close(office->server.users);
    board_clinic_close(&office->clinic);
    free(office->server.audit);
    free(office);
    return 0;
}

static void person_log_in(struct office *office, struct person *person, const char *id)
{
    struct sw_secret secret;
    struct web_request *request = &person->request;
    assert_int_equal(
        sw_users_new_session(office->server.users, id, office->server.now_s, &secret),
        0);
    *request = (struct web_request){.server = &office->server, .has_user = true};
    snprintf(request->secret, sizeof request->secret, "%s", secret.str);
    sw_csrf_token(request->secret, request->token);
    assert_int_equal(sw_users_find(office->server.users, id, &request->user), 0);
}

static void add_user(struct office *office, const char *id, enum sw_role role,
                     bool sees_team)
{
    struct sw_user user = {.role = role, .sees_team = sees_team};
    snprintf(user.id, sizeof user.id, "%s", id);
    assert_int_equal(sw_users_add(office->server.users, &user), 0);
}

static void person_open(struct person *person, const char *page)
{
    char address[128];
    const char *allowed;
    struct web_request *request = &person->request;
    snprintf(address, sizeof address, "/events?page=%s", page);
    assert_int_equal(web_place_find(&request->place, "GET", address, &allowed), 0);
    assert_int_equal(web_events(request), MHD_YES);
}

/* What is to be sent, until there is no more. */
static const char *person_read(struct person *person)
{
    char buffer[4096];
    size_t n = 0;
    ssize_t got;
    free(person->text);
    person->text = calloc(1, 1);
    while ((got = stream_read(person->request.stream, n, buffer, sizeof buffer)) > 0) {
        person->text = realloc(person->text, n + (size_t)got + 1);
        memcpy(person->text + n, buffer, (size_t)got);
        n += (size_t)got;
        person->text[n] = '\0';
    }
    return person->text;
}

static void person_leave(struct person *person)
{
    web_stream_free(&person->request);
    web_place_fini(&person->request.place);
    free(person->text);
}

/* Another program renamed a patient, and some time went by. */
static void rename_patient(struct office *office, const char *id, const char *name)
{
    struct sw_patient_id patient;
    struct sw_patient found;
    snprintf(patient.str, sizeof patient.str, "%s", id);
    assert_int_equal(sw_store_find_patient(office->clinic.store, patient, &found), 0);
    assert_int_equal(sw_store_rename_patient(office->clinic.store, found.key, name), 0);
    office->server.now_ms += 500;
    web_streams_mark(&office->server);
    web_streams_turn(&office->server);
}

/* ---- drawn once ---- */

static void test_events__log_ins_with_the_same_rights_are_drawn_once(void **state)
{
    struct office *office = *state;
    struct person people[20] = {0};
    enum { N = sizeof people / sizeof *people };
    for (int i = 0; i < N; i++) {
        char id[16];
        snprintf(id, sizeof id, "admin%d", i);
        add_user(office, id, SW_ROLE_ADMIN, false);
        person_log_in(office, &people[i], id);
        person_open(&people[i], "/");
    }
    web_streams_turn(&office->server);
    assert_int_equal(n_draws, 1);
    for (int i = 0; i < N; i++)
        assert_non_null(strstr(person_read(&people[i]), "event: order"));
    rename_patient(office, "p003", "Somebody Else");
    assert_int_equal(n_draws, 2);
    for (int i = 0; i < N; i++) {
        const char *text = person_read(&people[i]);
        assert_non_null(strstr(text, "Somebody Else"));
        assert_null(strstr(text, "Bernd Vogel")); /* what did not change */
        assert_string_equal(text, people[0].text);
    }
    for (int i = 0; i < N; i++)
        person_leave(&people[i]);
}

/* Who came later, or took longer, gets what they lack, and not more. */
static void test_events__who_comes_later_gets_all_of_it(void **state)
{
    struct office *office = *state;
    struct person first = {0}, slow = {0}, late = {0};
    add_user(office, "admin", SW_ROLE_ADMIN, false);
    person_log_in(office, &first, "admin");
    person_log_in(office, &slow, "admin");
    person_log_in(office, &late, "admin");
    person_open(&first, "/");
    person_open(&slow, "/");
    web_streams_turn(&office->server);
    person_read(&first);
    person_read(&slow);
    rename_patient(office, "p003", "Once");
    person_read(&first); /* and slow does not */
    person_open(&late, "/");
    rename_patient(office, "p011", "Twice");
    assert_null(strstr(person_read(&first), "Once"));
    assert_non_null(strstr(first.text, "Twice"));
    assert_non_null(strstr(person_read(&late), "Once"));
    assert_non_null(strstr(late.text, "Twice"));
    assert_non_null(strstr(late.text, "event: order"));
    assert_non_null(strstr(person_read(&slow), "Once"));
    assert_null(strstr(slow.text, "Twice"));
    rename_patient(office, "p020", "Thrice");
    assert_non_null(strstr(person_read(&slow), "Twice"));
    assert_non_null(strstr(slow.text, "Thrice"));
    assert_null(strstr(person_read(&first), "Twice"));
    person_leave(&first);
    person_leave(&slow);
    person_leave(&late);
}

/* ---- and nobody is shown another one's ---- */

static void test_events__other_rights_are_another_page(void **state)
{
    struct office *office = *state;
    enum { ADMIN, ANNA, TOM, TEAM, WALL, N };
    struct person people[N] = {0};
    static const struct {
        const char *id;
        enum sw_role role;
        bool sees_team;
    } who[N] = {[ADMIN] = {"admin", SW_ROLE_ADMIN, false},
                [ANNA] = {"anna", SW_ROLE_THERAPIST, false},
                [TOM] = {"nobodys", SW_ROLE_THERAPIST, false},
                [TEAM] = {"team", SW_ROLE_THERAPIST, true},
                [WALL] = {"wall", SW_ROLE_WALL, false}};
    for (int i = 0; i < N; i++) {
        add_user(office, who[i].id, who[i].role, who[i].sees_team);
        person_log_in(office, &people[i], who[i].id);
        person_open(&people[i], "/");
    }
    web_streams_turn(&office->server);
    for (int i = 0; i < N; i++)
        person_read(&people[i]);
    rename_patient(office, "p003", "Annas Patient"); /* its plan names anna */
    assert_int_equal(n_draws, 2 * N);
    assert_non_null(strstr(person_read(&people[ADMIN]), "Annas Patient"));
    assert_non_null(strstr(person_read(&people[TEAM]), "Annas Patient"));
    assert_non_null(strstr(person_read(&people[ANNA]), "Annas Patient"));
    assert_string_equal(person_read(&people[TOM]), "");
    assert_null(strstr(person_read(&people[WALL]), "Annas Patient"));
    for (int i = 0; i < N; i++)
        person_leave(&people[i]);
}

/* A switch of one's own, a caseload of one's own, and a form that others may not have. */
static void test_events__a_viewer_is_all_that_a_page_depends_on(void **state)
{
    struct office *office = *state;
    struct web_viewer one, two;
    struct person a = {0}, b = {0};
    char why[SW_WHY_MAX];
    add_user(office, "admin", SW_ROLE_ADMIN, false);
    add_user(office, "boss", SW_ROLE_ADMIN, false);
    person_log_in(office, &a, "admin");
    person_log_in(office, &b, "boss");
    assert_non_null(web_reach_store(&office->server, why));
    assert_int_equal(web_viewer_of(&a.request, &one), 0);
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_true(web_viewer_is_same(&one, &two));
    b.request.user.hides_names = true;
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_false(web_viewer_is_same(&one, &two));
    b.request.user.hides_names = false;
    b.request.token[0] = '\0'; /* of the API */
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_false(web_viewer_is_same(&one, &two));
    /* Therapists who see the team's differ by whose patients come first. */
    person_log_in(office, &b, "boss");
    a.request.user.role = b.request.user.role = SW_ROLE_THERAPIST;
    a.request.user.sees_team = b.request.user.sees_team = true;
    assert_int_equal(web_viewer_of(&a.request, &one), 0);
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_true(web_viewer_is_same(&one, &two));
    strcpy(b.request.user.id, "anna");
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_false(web_viewer_is_same(&one, &two));
    /* Those who see their own alone never share, even while they have none. */
    strcpy(b.request.user.id, "boss");
    a.request.user.sees_team = b.request.user.sees_team = false;
    assert_int_equal(web_viewer_of(&a.request, &one), 0);
    assert_int_equal(web_viewer_of(&b.request, &two), 0);
    assert_false(web_viewer_is_same(&one, &two));
}

static void test_events__no_token_is_in_what_is_sent(void **state)
{
    struct office *office = *state;
    struct person one = {0}, two = {0};
    add_user(office, "admin", SW_ROLE_ADMIN, false);
    add_user(office, "boss", SW_ROLE_ADMIN, false);
    person_log_in(office, &one, "admin");
    person_log_in(office, &two, "boss");
    assert_string_not_equal(one.request.token, two.request.token);
    person_open(&one, "/");
    person_open(&two, "/");
    web_streams_turn(&office->server);
    person_read(&one);
    person_read(&two);
    assert_int_equal(n_draws, 1);
    assert_non_null(strstr(one.text, "name=\\\"token\\\" value=\\\"\\\""));
    assert_null(strstr(one.text, one.request.token));
    assert_null(strstr(one.text, two.request.token));
    assert_null(strstr(two.text, one.request.token));
    assert_null(strstr(two.text, two.request.token));
    assert_null(strstr(one.text, "boss"));
    assert_null(strstr(two.text, "admin"));
    person_leave(&one);
    person_leave(&two);
}

/* Two share a page, and one of them is logged out: the other one goes on. */
static void test_events__each_log_in_ends_by_itself(void **state)
{
    struct office *office = *state;
    struct person one = {0}, two = {0};
    add_user(office, "admin", SW_ROLE_ADMIN, false);
    add_user(office, "boss", SW_ROLE_ADMIN, false);
    person_log_in(office, &one, "admin");
    person_log_in(office, &two, "boss");
    person_open(&one, "/");
    person_open(&two, "/");
    web_streams_turn(&office->server);
    person_read(&one);
    person_read(&two);
    assert_int_equal(sw_users_end_session(office->server.users, one.request.secret), 0);
    rename_patient(office, "p003", "Later");
    assert_non_null(strstr(person_read(&one), "event: over"));
    assert_null(strstr(one.text, "Later"));
    assert_non_null(strstr(person_read(&two), "Later"));
    person_leave(&one);
    person_leave(&two);
}

/* ---- the service manager ---- */

/* Slow pages, asked for all at once, are one turn: it hears of us in between. */
static void test_events__many_requests_of_a_turn_are_no_silence(void **state)
{
    struct office *office = *state;
    struct person person = {0};
    char cookie[64];
    add_user(office, "admin", SW_ROLE_ADMIN, false);
    person_log_in(office, &person, "admin");
    snprintf(cookie, sizeof cookie, "stepward=%s", person.request.secret);
    header_host = "localhost";
    header_cookie = cookie;
    draw_ms = 10 * 1000;
    told_ms = clock_ms;
    for (int i = 0; i < WEB_CONNECTIONS_MAX; i++) {
        size_t none = 0;
        void *request = web_request_begin(&office->server, "/", NULL);
        for (int call = 0; call < 2; call++)
            assert_int_equal(web_request_handle(NULL, NULL, "/", "GET", "HTTP/1.1",
                                                NULL, &none, &request),
                             MHD_YES);
        web_request_end(NULL, NULL, &request, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    }
    assert_int_equal(n_draws, WEB_CONNECTIONS_MAX);
    assert_int_equal(silent_ms, draw_ms);
    draw_ms = 0;
    for (int i = 0; i < 100; i++) { /* and it is not told more often than it cares */
        web_report_alive(&office->server);
        clock_ms += 10;
    }
    assert_true(clock_ms - told_ms >= 900);
}

#define TEST(name)                                                                     \
    cmocka_unit_test_setup_teardown(test_events__##name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(log_ins_with_the_same_rights_are_drawn_once),
        TEST(who_comes_later_gets_all_of_it),
        TEST(other_rights_are_another_page),
        TEST(a_viewer_is_all_that_a_page_depends_on),
        TEST(no_token_is_in_what_is_sent),
        TEST(each_log_in_ends_by_itself),
        TEST(many_requests_of_a_turn_are_no_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
