/* test_echo.c -- what the broker retains of alerts and what the store knows end up the
 * same, whichever of them is older; no revision is used twice. */
#include "clinic_fixture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/echo.h"
#include "records/records.h"
#include "stepward/wire.h"

enum { NOW_S = TODAY * 86400 + 12 * 3600 };

struct scene {
    struct clinic clinic;
    struct echo echo;
    int64_t key; /* of p1 */
    sw_topic_text topic;
    char *payload; /* of the last publication that waits */
    size_t n_waiting;
    struct echo_found found;
};

static void open_scene(struct scene *scene, bool is_renewed)
{
    struct sw_patient p1 = {.id = {"p1"}, .added_at_s = NOW_S - 86400};
    struct sw_plan plan = sw_plan_default();
    memset(scene, 0, sizeof *scene);
    open_clinic(&scene->clinic);
    strcpy(plan.therapist.str, "anna");
    assert_int_equal(sw_store_add_patient(scene->clinic.store, &p1, &plan, &scene->key),
                     0);
    assert_int_equal(echo_load(&scene->echo, scene->clinic.store, is_renewed), 0);
    if (!is_renewed)
        scene->echo.cause = ECHO_CONNECTED;
}

static void close_scene(struct scene *scene)
{
    free(scene->payload);
    echo_fini(&scene->echo);
    close_clinic(&scene->clinic);
}

static struct sw_alert alert_of(enum sw_alert_kind kind, int64_t opened_at_s,
                                int32_t rev)
{
    return (struct sw_alert){
        .patient = {"p1"},
        .therapist = {"anna"},
        .kind = kind,
        .state = SW_STATE_OPEN,
        .rev = rev,
        .opened_at_s = opened_at_s,
        .updated_at_s = opened_at_s + rev,
        .evidence = {70, 60, 12},
    };
}

static struct sw_alert closed_one(struct sw_alert alert)
{
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_MOVED;
    alert.closed_at_s = alert.updated_at_s;
    return alert;
}

static void keep(struct scene *scene, const struct sw_alert *alert, bool publish)
{
    assert_int_equal(sw_records_put_alert(scene->clinic.store, "t", scene->key, alert,
                                          SW_STATE_NONE, "gateway", "opened", publish),
                     0);
}

static void hear(struct scene *scene, enum echo_kind kind, const char *text)
{
    struct echo_box box;
    struct echo_word *word;
    assert_int_equal(echo_box_init(&box), 0);
    assert_true(echo_box_put(&box, kind, text, strlen(text)));
    word = echo_box_take(&box);
    assert_non_null(word);
    assert_int_equal(echo_take(&scene->echo, scene->clinic.store, word), 0);
    free(word);
    echo_box_fini(&box);
}

static void retain(struct scene *scene, const struct sw_alert *alert)
{
    char *payload = sw_encode_alert("t", alert);
    hear(scene, ECHO_ALERT, payload);
    free(payload);
}

static int look(void *ctx, int64_t seq, const char *topic)
{
    struct scene *scene = ctx;
    (void)seq;
    scene->n_waiting++;
    strcpy(scene->topic, topic);
    return 0;
}

/* Settle, then look at what waits to be published. */
static void settle(struct scene *scene)
{
    struct sw_outbound row;
    int64_t seq = 0;
    scene->echo.is_complete = true;
    assert_true(echo_may_settle(&scene->echo, NOW_S));
    assert_int_equal(
        echo_settle(&scene->echo, scene->clinic.store, "t", NOW_S, &scene->found), 0);
    assert_false(echo_is_awaited(&scene->echo));
    assert_int_equal(sw_store_each_outbound(scene->clinic.store, look, scene), 0);
    while (sw_store_next_outbound(scene->clinic.store, seq, &row) == 0) {
        free(scene->payload);
        scene->payload = row.payload;
        seq = row.seq;
    }
}

static struct sw_alert stored(struct scene *scene, const struct sw_alert *like)
{
    struct sw_alert found = {.rev = -1};
    int64_t key;
    int r = echo_find(scene->clinic.store, like, &key, &found);
    assert_true(r == 0 || r == SW_STORE_NONE);
    return found;
}

static struct sw_alert told(const struct scene *scene)
{
    struct sw_alert alert;
    assert_non_null(scene->payload);
    assert_true(sw_decode_alert(scene->payload, strlen(scene->payload), &alert));
    return alert;
}

/* ---- the database is older ---- */

static void test_echo__an_unknown_alert_is_adopted_as_it_is(void **state)
{
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct scene scene;
        struct sw_alert alert = alert_of((enum sw_alert_kind)kind, NOW_S - 3600, 4);
        alert.state = SW_STATE_ACKNOWLEDGED;
        strcpy(alert.by, "anna");
        strcpy(alert.note, "called");
        open_scene(&scene, true);
        retain(&scene, &alert);
        settle(&scene);
        struct sw_alert found = stored(&scene, &alert);
        assert_int_equal(found.state, SW_STATE_ACKNOWLEDGED);
        assert_int_equal(found.rev, 4);
        assert_int_equal(found.updated_at_s, alert.updated_at_s);
        assert_string_equal(found.by, "anna");
        assert_string_equal(found.note, "called");
        assert_int_equal(scene.n_waiting, 0); /* the broker has it already */
        close_scene(&scene);
    }
}

/* A rest of an hour that goes on; its alert is all that the database lacks. */
static void test_echo__an_adopted_alert_is_judged_like_any_other(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 600, 1);
    struct sw_reading rest = {.start_s = NOW_S - 4800, .seconds = 4800, .worn = true};
    struct sw_plan plan = sw_plan_default();
    struct sw_device_id device = {"d"};
    open_scene(&scene, true);
    strcpy(plan.therapist.str, "anna");
    plan.rest_limit_min = 60;
    assert_true(sw_store_put_plan(scene.clinic.store, scene.key, 0, &plan) >= 0);
    for (int i = 0; i < 2; i++, rest.start_s += 2400) { /* firm: at most an hour */
        rest.seconds = 2400;
        assert_true(
            sw_store_put_reading(scene.clinic.store, scene.key, &device, &rest) >= 0);
    }
    retain(&scene, &alert);
    settle(&scene);
    assert_int_equal(patients_load(&scene.clinic.patients, TODAY), 0);
    judge(&scene.clinic, NOW_S, true);
    assert_int_equal(stored(&scene, &alert).state, SW_STATE_OPEN);
    struct sw_reading walk = {
        .start_s = NOW_S, .seconds = 60, .steps = 90, .worn = true};
    assert_true(sw_store_put_reading(scene.clinic.store, scene.key, &device, &walk) >=
                0);
    day_cache_drop(&scene.clinic.patients, patients_find(&scene.clinic.patients, "p1"));
    assert_int_equal(patients_load(&scene.clinic.patients, TODAY), 0);
    patients_find(&scene.clinic.patients, "p1")->day.is_changed = true;
    judge(&scene.clinic, NOW_S + 30, true);
    struct sw_alert found = stored(&scene, &alert);
    assert_int_equal(found.state, SW_STATE_CLOSED);
    assert_int_equal(found.reason, SW_REASON_MOVED);
    assert_int_equal(found.rev, 2);
    close_scene(&scene);
}

/* What the score was is lost: none that came late has shown anything. */
static void
test_echo__an_adopted_alert_without_its_reason_is_lost_not_withdrawn(void **state)
{
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct scene scene;
        struct sw_alert alert = alert_of((enum sw_alert_kind)kind, NOW_S - 600, 1);
        char message[SW_MESSAGE_MAX];
        open_scene(&scene, true);
        retain(&scene, &alert);
        settle(&scene);
        assert_int_equal(patients_load(&scene.clinic.patients, TODAY), 0);
        scene.clinic.patients.now_s = NOW_S;
        patients_find(&scene.clinic.patients, "p1")->known.heard_at_s = NOW_S - 60;
        judge(&scene.clinic, NOW_S, true);
        struct sw_alert found = stored(&scene, &alert);
        if (kind == SW_ALERT_SILENT) { /* that it is heard is known */
            assert_int_equal(found.reason, SW_REASON_HEARD);
        } else {
            assert_int_equal(found.state, SW_STATE_CLOSED);
            assert_int_equal(found.reason, SW_REASON_LOST);
            assert_memory_equal(found.evidence, alert.evidence, 2 * sizeof(int64_t));
            sw_alert_message(&found, message);
            assert_non_null(strstr(message, "data was lost; it cannot say whether"));
        }
        close_scene(&scene);
    }
}

/* The score came again, from its app: then it is known, and a later one that is late
 * shows what it shows. */
static void
test_echo__an_adopted_alert_whose_reason_came_again_can_be_withdrawn(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_PAIN, NOW_S - 600, 1);
    struct sw_pain pains[] = {{.at_s = NOW_S - 600, .score = 5},
                              {.at_s = NOW_S - 90000, .score = 1},
                              {.at_s = NOW_S - 80000, .score = 1},
                              {.at_s = NOW_S - 70000, .score = 1}};
    open_scene(&scene, true);
    retain(&scene, &alert);
    settle(&scene);
    for (size_t i = 0; i < 4; i++)
        assert_true(sw_store_put_pain(scene.clinic.store, scene.key, &pains[i]) >= 0);
    assert_int_equal(patients_load(&scene.clinic.patients, TODAY), 0);
    judge(&scene.clinic, NOW_S, true);
    assert_int_equal(stored(&scene, &alert).state, SW_STATE_OPEN);
    for (int64_t at_s = NOW_S - 60000; at_s < NOW_S - 50000; at_s += 1000) {
        struct sw_pain late = {.at_s = at_s, .score = 5};
        assert_true(sw_store_put_pain(scene.clinic.store, scene.key, &late) >= 0);
    }
    patients_find(&scene.clinic.patients, "p1")->stale = STALE_ALL;
    patients_mark_everyone(&scene.clinic.patients);
    judge(&scene.clinic, NOW_S + 60, true);
    assert_int_equal(stored(&scene, &alert).reason, SW_REASON_WITHDRAWN);
    close_scene(&scene);
}

static void test_echo__a_closed_unknown_one_is_known_again(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = closed_one(alert_of(SW_ALERT_REST, NOW_S - 300, 2));
    open_scene(&scene, true);
    retain(&scene, &alert);
    settle(&scene);
    assert_int_equal(stored(&scene, &alert).state, SW_STATE_CLOSED);
    assert_int_equal(stored(&scene, &alert).rev, 2);
    close_scene(&scene);
}

static void test_echo__the_one_that_was_open_before_an_adopted_one_is_over(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                    alert = alert_of(SW_ALERT_REST, NOW_S - 300, 1);
    open_scene(&scene, true);
    keep(&scene, &before, true);
    retain(&scene, &alert);
    settle(&scene);
    assert_int_equal(stored(&scene, &before).state, SW_STATE_CLOSED);
    assert_int_equal(stored(&scene, &before).rev, 1);
    assert_int_equal(stored(&scene, &alert).state, SW_STATE_OPEN);
    assert_int_equal(scene.n_waiting, 0); /* an old word would hide the new one */
    close_scene(&scene);
}

static void test_echo__a_later_revision_is_taken_over(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                    alert = closed_one(alert_of(SW_ALERT_REST, NOW_S - 9000, 3));
    before.span = (struct sw_span){NOW_S - 13000, NOW_S - 9000};
    open_scene(&scene, true);
    keep(&scene, &before, true);
    strcpy(alert.therapist.str, "ben");
    retain(&scene, &alert);
    settle(&scene);
    struct sw_alert found = stored(&scene, &alert);
    assert_int_equal(found.state, SW_STATE_CLOSED);
    assert_int_equal(found.rev, 3);
    assert_int_equal(found.span.from_s, before.span.from_s);
    assert_string_equal(found.therapist.str, "ben");
    assert_int_equal(scene.n_waiting, 0);
    close_scene(&scene);
}

static void test_echo__of_a_patient_nobody_knows_it_is_closed(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 300, 5);
    open_scene(&scene, true);
    strcpy(alert.patient.str, "p2");
    retain(&scene, &alert);
    settle(&scene);
    assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
    assert_int_equal(told(&scene).reason, SW_REASON_LOST);
    assert_int_equal(told(&scene).rev, 6);
    close_scene(&scene);
}

static void test_echo__of_a_patient_who_was_erased_it_is_cleared(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 300, 5);
    struct sw_patient p2 = {.id = {"p2"}};
    open_scene(&scene, true);
    assert_true(sw_store_erase_patient_row(scene.clinic.store, &p2, NOW_S - 60) >= 0);
    strcpy(alert.patient.str, "p2");
    retain(&scene, &alert);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/alerts/anna/p2/rest");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

/* Else the next alert could get its id, and begin at revision 1. */
static void test_echo__nothing_opens_in_the_second_of_one_that_was_heard(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S, 1);
    open_scene(&scene, true);
    retain(&scene, &alert);
    scene.echo.is_complete = true;
    assert_false(echo_may_settle(&scene.echo, NOW_S));
    assert_true(echo_may_settle(&scene.echo, NOW_S + 1));
    close_scene(&scene);
}

/* ---- the broker is older ---- */

static void test_echo__a_broker_that_is_behind_is_told_the_latest(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                    alert = closed_one(alert_of(SW_ALERT_REST, NOW_S - 9000, 2));
    open_scene(&scene, false);
    keep(&scene, &alert, false);
    retain(&scene, &before);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

static void test_echo__the_last_alert_of_a_topic_is_what_is_told_there(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                    then = closed_one(alert_of(SW_ALERT_REST, NOW_S - 9000, 2)),
                    alert = alert_of(SW_ALERT_REST, NOW_S - 60, 1);
    open_scene(&scene, false);
    keep(&scene, &then, false);
    keep(&scene, &alert, false);
    retain(&scene, &before);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).opened_at_s, NOW_S - 60);
    close_scene(&scene);
}

static void test_echo__open_alerts_that_are_not_retained_are_told_again(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert gone = alert_of(SW_ALERT_REST, NOW_S - 9000, 2),
                    there = alert_of(SW_ALERT_PAIN, NOW_S - 9000, 1),
                    shelved = alert_of(SW_ALERT_LOW, NOW_S - 9000, 1),
                    untold = alert_of(SW_ALERT_BATTERY, NOW_S - 9000, 0);
    shelved.shelved_until_s = NOW_S + 60;
    untold.over_budget = true;
    open_scene(&scene, false);
    keep(&scene, &gone, false);
    keep(&scene, &there, false);
    keep(&scene, &shelved, false);
    keep(&scene, &untold, false);
    retain(&scene, &there);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).kind, SW_ALERT_REST);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

static void test_echo__what_lies_at_a_former_therapist_is_cleared(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 2), before = alert;
    open_scene(&scene, false);
    before.rev = 1;
    strcpy(before.therapist.str, "ben");
    keep(&scene, &alert, false);
    retain(&scene, &alert);
    retain(&scene, &before);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/alerts/ben/p1/rest");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

static void test_echo__days_of_the_erased_are_cleared_again(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_patient p2 = {.id = {"p2"}};
    open_scene(&scene, false);
    assert_true(sw_store_erase_patient_row(scene.clinic.store, &p2, NOW_S - 60) >= 0);
    scene.echo.session_lost = true;
    settle(&scene);
    assert_true(scene.found.is_behind);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/patient/p2/today");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

static void test_echo__a_broker_that_agrees_is_told_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert open = alert_of(SW_ALERT_REST, NOW_S - 9000, 2),
                    over = closed_one(alert_of(SW_ALERT_PAIN, NOW_S - 9000, 2)),
                    strangers = over;
    strcpy(strangers.patient.str, "p9");
    open_scene(&scene, false);
    keep(&scene, &open, false);
    keep(&scene, &over, false);
    retain(&scene, &open);
    retain(&scene, &over);
    retain(&scene, &strangers);
    settle(&scene);
    assert_int_equal(scene.found.n, 0);
    assert_false(scene.found.is_behind);
    assert_int_equal(scene.n_waiting, 0);
    close_scene(&scene);
}

/* What was heard before the connection broke may not be retained any more. */
static void test_echo__what_was_heard_of_an_earlier_connection_is_doubted(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 2);
    open_scene(&scene, false);
    keep(&scene, &alert, false);
    retain(&scene, &alert);
    echo_break_off(&scene.echo);
    settle(&scene);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

/* ---- another gateway of the site ---- */

/* Of patients that we know, and of others: we lost nothing, so they are not ours. */
static void test_echo__what_nobody_here_opened_is_left_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert theirs = alert_of(SW_ALERT_REST, NOW_S - 300, 5),
                    of_ours = alert_of(SW_ALERT_PAIN, NOW_S - 300, 2);
    strcpy(theirs.patient.str, "q1");
    open_scene(&scene, false);
    retain(&scene, &theirs);
    retain(&scene, &of_ours);
    settle(&scene);
    assert_int_equal(scene.n_waiting, 0);
    assert_int_equal(scene.found.n_strange, 2);
    assert_string_equal(scene.found.strange, "q1-rest-1773143700");
    assert_int_equal(stored(&scene, &of_ours).rev, -1);
    close_scene(&scene);
}

static void
test_echo__a_later_revision_that_is_not_ours_is_followed_by_ours(void **state)
{
    (void)state;
    for (int is_forged = 0; is_forged < 2; is_forged++) {
        struct scene scene;
        struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 2),
                        theirs = closed_one(alert);
        theirs.rev = is_forged ? INT32_MAX - 1 : 7;
        open_scene(&scene, false);
        keep(&scene, &alert, false);
        retain(&scene, &theirs);
        settle(&scene);
        assert_int_equal(told(&scene).state, SW_STATE_OPEN);
        assert_int_equal(told(&scene).rev, is_forged ? 2 : 8);
        assert_int_equal(stored(&scene, &alert).rev, is_forged ? 2 : 8);
        close_scene(&scene);
    }
}

/* Our data were lost, but whose alerts these are is there to say. It is looked at again
 * when the other is gone, and nothing is held back until then. */
static void test_echo__while_another_is_there_its_alerts_are_left_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct echo next = {ECHO_NONE};
    struct sw_alert theirs = alert_of(SW_ALERT_REST, NOW_S - 300, 5),
                    of_ours = alert_of(SW_ALERT_PAIN, NOW_S - 300, 2),
                    later = alert_of(SW_ALERT_LOW, NOW_S - 9000, 3), ours = later;
    struct sw_patient p3 = {.id = {"p3"}};
    struct sw_alert of_erased = theirs;
    strcpy(theirs.patient.str, "q1");
    strcpy(of_erased.patient.str, "p3");
    ours.rev = 1;
    open_scene(&scene, true);
    assert_true(sw_store_erase_patient_row(scene.clinic.store, &p3, NOW_S - 60) >= 0);
    keep(&scene, &ours, false);
    retain(&scene, &theirs);
    retain(&scene, &of_ours);
    retain(&scene, &of_erased);
    retain(&scene, &later);
    scene.echo.is_shared = true;
    settle(&scene);
    assert_int_equal(scene.n_waiting, 0);
    assert_int_equal(scene.found.n_strange, 4);
    assert_false(echo_holds_back(&scene.echo));
    assert_int_equal(echo_load(&next, scene.clinic.store, false), 0);
    assert_true(next.is_put_off);
    assert_false(echo_holds_back(&next));
    /* It is gone. */
    next.cause = ECHO_RENEWED;
    scene.echo = next;
    retain(&scene, &later);
    retain(&scene, &theirs);
    settle(&scene);
    assert_int_equal(told(&scene).reason, SW_REASON_LOST);
    assert_int_equal(echo_load(&next, scene.clinic.store, false), 0);
    assert_false(next.is_put_off);
    close_scene(&scene);
}

/* ---- when it is over ---- */

static void test_echo__a_start_in_between_asks_again(void **state)
{
    (void)state;
    struct scene scene;
    struct echo next = {ECHO_NONE};
    open_scene(&scene, true);
    assert_int_equal(echo_load(&next, scene.clinic.store, false), 0);
    assert_true(echo_holds_back(&next));
    settle(&scene);
    next = (struct echo){ECHO_NONE};
    assert_int_equal(echo_load(&next, scene.clinic.store, false), 0);
    assert_false(echo_is_awaited(&next));
    close_scene(&scene);
}

static void test_echo__an_old_mark_ends_nothing(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, true);
    hear(&scene, ECHO_MARK, "0");
    assert_false(scene.echo.is_complete);
    scene.echo.mark = 42;
    scene.echo.asked_ms = 1;
    hear(&scene, ECHO_MARK, "41");
    assert_false(scene.echo.is_complete);
    hear(&scene, ECHO_MARK, "42");
    assert_true(scene.echo.is_complete);
    close_scene(&scene);
}

/* It is none of the store's, whatever it says. */
static void test_echo__a_test_alert_changes_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct echo_found found;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 60, 1);
    open_scene(&scene, false);
    char *payload = sw_encode_test_alert("t", &alert);
    hear(&scene, ECHO_ALERT, payload);
    hear(&scene, ECHO_TEST_RETAINED, "clinic/t/alerts/anna/p1/test");
    assert_int_equal(scene.echo.n_heard, 0);
    assert_int_equal(scene.echo.n_same, 0);
    assert_int_equal(echo_settle(&scene.echo, scene.clinic.store, "t", NOW_S, &found),
                     0);
    assert_int_equal(found.n, 0);
    free(payload);
    close_scene(&scene);
}

static void test_echo_box__keeps_order_and_is_bounded(void **state)
{
    (void)state;
    static const char long_one[ECHO_WORD_MAX + 1];
    struct echo_box box;
    struct pollfd fd = {.events = POLLIN};
    assert_int_equal(echo_box_init(&box), 0);
    fd.fd = box.fd;
    assert_null(echo_box_take(&box));
    assert_true(
        echo_box_put(&box, ECHO_ALERT, long_one, sizeof long_one)); /* dropped */
    assert_int_equal(poll(&fd, 1, 0), 0);
    for (int i = 0; i < ECHO_BOX_MAX; i++)
        assert_true(
            echo_box_put(&box, i % 2 ? ECHO_MARK : ECHO_ALERT, "ab" + i % 2, 1));
    assert_false(echo_box_put(&box, ECHO_ALERT, "c", 1));
    assert_int_equal(poll(&fd, 1, 0), 1);
    for (int i = 0; i < ECHO_BOX_MAX; i++) {
        struct echo_word *word = echo_box_take(&box);
        assert_int_equal(word->kind, i % 2 ? ECHO_MARK : ECHO_ALERT);
        assert_int_equal(word->payload[0], "ab"[i % 2]);
        free(word);
    }
    assert_int_equal(poll(&fd, 1, 0), 0);
    assert_true(echo_box_put(&box, ECHO_ALERT, "c", 1));
    echo_box_fini(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo__an_unknown_alert_is_adopted_as_it_is),
        cmocka_unit_test(test_echo__an_adopted_alert_is_judged_like_any_other),
        cmocka_unit_test(
            test_echo__an_adopted_alert_without_its_reason_is_lost_not_withdrawn),
        cmocka_unit_test(
            test_echo__an_adopted_alert_whose_reason_came_again_can_be_withdrawn),
        cmocka_unit_test(test_echo__a_closed_unknown_one_is_known_again),
        cmocka_unit_test(
            test_echo__the_one_that_was_open_before_an_adopted_one_is_over),
        cmocka_unit_test(test_echo__a_later_revision_is_taken_over),
        cmocka_unit_test(test_echo__of_a_patient_nobody_knows_it_is_closed),
        cmocka_unit_test(test_echo__of_a_patient_who_was_erased_it_is_cleared),
        cmocka_unit_test(test_echo__nothing_opens_in_the_second_of_one_that_was_heard),
        cmocka_unit_test(test_echo__a_broker_that_is_behind_is_told_the_latest),
        cmocka_unit_test(test_echo__the_last_alert_of_a_topic_is_what_is_told_there),
        cmocka_unit_test(test_echo__open_alerts_that_are_not_retained_are_told_again),
        cmocka_unit_test(test_echo__what_lies_at_a_former_therapist_is_cleared),
        cmocka_unit_test(test_echo__days_of_the_erased_are_cleared_again),
        cmocka_unit_test(test_echo__a_broker_that_agrees_is_told_nothing),
        cmocka_unit_test(test_echo__what_was_heard_of_an_earlier_connection_is_doubted),
        cmocka_unit_test(test_echo__what_nobody_here_opened_is_left_alone),
        cmocka_unit_test(
            test_echo__a_later_revision_that_is_not_ours_is_followed_by_ours),
        cmocka_unit_test(test_echo__while_another_is_there_its_alerts_are_left_alone),
        cmocka_unit_test(test_echo__a_start_in_between_asks_again),
        cmocka_unit_test(test_echo__an_old_mark_ends_nothing),
        cmocka_unit_test(test_echo__a_test_alert_changes_nothing),
        cmocka_unit_test(test_echo_box__keeps_order_and_is_bounded),
    };
    return cmocka_run_group_tests_name("echo", tests, NULL, NULL);
}
