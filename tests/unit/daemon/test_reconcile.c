/* test_reconcile.c -- what the broker retains of alerts and what the store knows end up the
 * same, whichever of them is older; no revision is used twice. */
#include "clinic_fixture.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "daemon/reconcile.h"
#include "records/records.h"
#include "stepward/wire.h"

enum { NOW_S = TODAY * 86400 + 12 * 3600 };

struct scene {
    struct clinic clinic;
    struct reconcile reconcile;
    int64_t key; /* of p1 */
    sw_topic_text topic;
    char *payload; /* of the last publication that waits */
    size_t n_waiting;
    bool is_shared;
};

/* As at a start. */
static void load(struct scene *scene, bool is_renewed)
{
    scene->reconcile = (struct reconcile){0};
    assert_int_equal(
        reconcile_load(&scene->reconcile, scene->clinic.store, "t", is_renewed), 0);
}

static void open_scene(struct scene *scene, bool is_renewed)
{
    struct sw_patient p1 = {.id = {"p1"}, .added_at_s = NOW_S - 86400};
    struct sw_plan plan = sw_plan_default();
    memset(scene, 0, sizeof *scene);
    open_clinic(&scene->clinic);
    strcpy(plan.therapist.str, "anna");
    assert_int_equal(sw_store_add_patient(scene->clinic.store, &p1, &plan, &scene->key),
                     0);
    /* A new one says of itself that it may follow one that was lost. */
    assert_int_equal(sw_store_put_meta(scene->clinic.store, SW_META_MARK_ASKED, ""), 0);
    load(scene, is_renewed);
    scene->reconcile.state = RECONCILE_LISTENING;
}

static void close_scene(struct scene *scene)
{
    free(scene->payload);
    reconcile_fini(&scene->reconcile);
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
    assert_int_equal(sw_records_put_alert(scene->clinic.store, &scene->clinic.config,
                                          scene->key, alert, SW_STATE_NONE, "gateway",
                                          "opened", publish),
                     0);
}

static void take(struct scene *scene, enum notice_kind kind, const char *text)
{
    struct notices box;
    struct notice notice;
    assert_int_equal(notices_init(&box), 0);
    assert_true(notices_put(&box, kind, text, strlen(text)));
    assert_true(notices_take(&box, &notice));
    assert_int_equal(reconcile_take(&scene->reconcile, &notice), 0);
    notices_fini(&box);
}

static void retain(struct scene *scene, const struct sw_alert *alert)
{
    char *payload = sw_encode_alert("t", alert);
    take(scene, NOTICE_ALERT, payload);
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

/* Reconcile, then look at what waits to be published. */
static void finish(struct scene *scene)
{
    struct sw_outbound row;
    int64_t seq = 0;
    scene->reconcile.state = RECONCILE_COMPLETE;
    assert_true(reconcile_is_ready(&scene->reconcile, NOW_S));
    assert_int_equal(reconcile_finish(&scene->reconcile, scene->is_shared, NOW_S), 0);
    assert_int_equal(scene->reconcile.state, RECONCILE_DONE);
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
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(like, id);
    int r = sw_store_find_alert(scene->clinic.store, id, &key, &found);
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

static void test_reconcile__an_unknown_alert_is_withdrawn(void **state)
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
        finish(&scene);
        assert_int_equal(scene.n_waiting, 1);
        assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
        assert_int_equal(told(&scene).reason, SW_REASON_LOST);
        assert_int_equal(told(&scene).rev, 5);
        assert_string_equal(told(&scene).by, "anna");
        assert_string_equal(told(&scene).note, "called");
        assert_non_null(
            strstr(scene.payload, "data was lost; it cannot say whether this is over"));
        assert_int_equal(stored(&scene, &alert).rev, -1); /* it is not ours */
        close_scene(&scene);
    }
}

static void test_reconcile__what_is_over_and_unknown_needs_no_word(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = closed_one(alert_of(SW_ALERT_REST, NOW_S - 300, 2));
    open_scene(&scene, true);
    retain(&scene, &alert);
    finish(&scene);
    assert_int_equal(scene.n_waiting, 0);
    assert_int_equal(stored(&scene, &alert).rev, -1);
    close_scene(&scene);
}

/* How it ended, and with which revision, is lost: a word of it could be used twice. */
static void
test_reconcile__the_one_that_was_open_before_an_unknown_one_is_over(void **state)
{
    (void)state;
    for (int is_over = 0; is_over < 2; is_over++) {
        struct scene scene;
        struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                        alert = alert_of(SW_ALERT_REST, NOW_S - 300, 1);
        if (is_over)
            alert = closed_one(alert);
        open_scene(&scene, true);
        keep(&scene, &before, true);
        retain(&scene, &alert);
        finish(&scene);
        assert_int_equal(stored(&scene, &before).state, SW_STATE_CLOSED);
        assert_int_equal(stored(&scene, &before).rev, 1);
        assert_int_equal(scene.n_waiting, is_over ? 0 : 1);
        if (!is_over)
            assert_int_equal(told(&scene).opened_at_s, NOW_S - 300);
        close_scene(&scene);
    }
}

/* One that was opened by hand, or by a clock that was ahead: ours is what counts. */
static void
test_reconcile__one_that_opened_since_is_told_after_an_unknown_one(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 3),
                    since = alert_of(SW_ALERT_REST, NOW_S - 300, 1);
    open_scene(&scene, true);
    keep(&scene, &since, false);
    retain(&scene, &alert);
    finish(&scene);
    assert_int_equal(stored(&scene, &since).state, SW_STATE_OPEN);
    assert_int_equal(scene.n_waiting, 2);
    assert_int_equal(told(&scene).opened_at_s, NOW_S - 300);
    close_scene(&scene);
}

static void test_reconcile__a_later_revision_is_taken_over(void **state)
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
    finish(&scene);
    struct sw_alert found = stored(&scene, &alert);
    assert_int_equal(found.state, SW_STATE_CLOSED);
    assert_int_equal(found.rev, 3);
    assert_int_equal(found.span.from_s, before.span.from_s);
    assert_string_equal(found.therapist.str, "ben");
    assert_int_equal(scene.n_waiting, 0);
    close_scene(&scene);
}

/* Another may have opened after the backup too, and one of a kind is open. */
static void
test_reconcile__one_that_came_back_after_the_backup_is_taken_back(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 3),
                    before = closed_one(alert);
    before.rev = 2;
    open_scene(&scene, true);
    keep(&scene, &before, true);
    retain(&scene, &alert);
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
    assert_int_equal(told(&scene).rev, 4);
    assert_int_equal(stored(&scene, &alert).rev, 4);
    close_scene(&scene);
}

static void test_reconcile__of_a_patient_nobody_knows_it_is_closed(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 300, 5);
    open_scene(&scene, true);
    strcpy(alert.patient.str, "p2");
    retain(&scene, &alert);
    finish(&scene);
    assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
    assert_int_equal(told(&scene).reason, SW_REASON_LOST);
    assert_int_equal(told(&scene).rev, 6);
    close_scene(&scene);
}

static void test_reconcile__of_a_patient_who_was_erased_it_is_cleared(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 300, 5);
    struct sw_patient p2 = {.id = {"p2"}};
    open_scene(&scene, true);
    assert_true(sw_store_erase_patient_row(scene.clinic.store, &p2, NOW_S - 60) >= 0);
    strcpy(alert.patient.str, "p2");
    retain(&scene, &alert);
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/alerts/anna/p2/rest");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

/* Thousands of them take memory for so many, and the mark is heard all the same. */
static void test_reconcile__more_than_can_be_are_left_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 20000, 1);
    open_scene(&scene, true);
    for (int i = 0; i < RECONCILE_ALERTS_MAX + 10; i++, alert.opened_at_s++)
        retain(&scene, &alert);
    assert_int_equal(scene.reconcile.n_retained, RECONCILE_ALERTS_MAX);
    strcpy(scene.reconcile.mark, "42");
    take(&scene, NOTICE_MARK, "42");
    assert_int_equal(scene.reconcile.state, RECONCILE_COMPLETE);
    finish(&scene);
    assert_int_equal(scene.n_waiting, RECONCILE_ALERTS_MAX);
    assert_null(scene.reconcile.retained);
    close_scene(&scene);
}

/* Else the next alert could get its id, and begin at revision 1. */
static void
test_reconcile__nothing_opens_in_the_second_of_one_that_was_heard(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S, 1);
    open_scene(&scene, true);
    retain(&scene, &alert);
    scene.reconcile.state = RECONCILE_COMPLETE;
    assert_false(reconcile_is_ready(&scene.reconcile, NOW_S));
    assert_true(reconcile_is_ready(&scene.reconcile, NOW_S + 1));
    close_scene(&scene);
}

/* ---- the broker is older ---- */

static void test_reconcile__a_broker_that_is_behind_is_told_the_latest(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert before = alert_of(SW_ALERT_REST, NOW_S - 9000, 1),
                    alert = closed_one(alert_of(SW_ALERT_REST, NOW_S - 9000, 2));
    open_scene(&scene, false);
    keep(&scene, &alert, false);
    retain(&scene, &before);
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).state, SW_STATE_CLOSED);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

static void
test_reconcile__the_last_alert_of_a_topic_is_what_is_told_there(void **state)
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
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).opened_at_s, NOW_S - 60);
    close_scene(&scene);
}

static void
test_reconcile__open_alerts_that_are_not_retained_are_told_again(void **state)
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
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_int_equal(told(&scene).kind, SW_ALERT_REST);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

static void test_reconcile__what_lies_at_a_former_therapist_is_cleared(void **state)
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
    finish(&scene);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/alerts/ben/p1/rest");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

static void test_reconcile__days_of_the_erased_are_cleared_again(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_patient p2 = {.id = {"p2"}};
    open_scene(&scene, false);
    assert_true(sw_store_erase_patient_row(scene.clinic.store, &p2, NOW_S - 60) >= 0);
    scene.reconcile.session_lost = true;
    finish(&scene);
    assert_true(scene.reconcile.is_behind);
    assert_int_equal(scene.n_waiting, 1);
    assert_string_equal(scene.topic, "clinic/t/patient/p2/today");
    assert_string_equal(scene.payload, "");
    close_scene(&scene);
}

static void test_reconcile__a_broker_that_agrees_is_told_nothing(void **state)
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
    finish(&scene);
    assert_int_equal(scene.reconcile.n_changed, 0);
    assert_false(scene.reconcile.is_behind);
    assert_int_equal(scene.n_waiting, 0);
    close_scene(&scene);
}

/* What was heard before the connection broke may not be retained any more. */
static void
test_reconcile__what_was_heard_of_an_earlier_connection_is_doubted(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 9000, 2);
    open_scene(&scene, false);
    keep(&scene, &alert, false);
    retain(&scene, &alert);
    reconcile_break_off(&scene.reconcile);
    finish(&scene);
    assert_int_equal(told(&scene).rev, 2);
    close_scene(&scene);
}

/* ---- another gateway of the site ---- */

/* Of patients that we know, and of others: we lost nothing, so they are not ours. */
static void test_reconcile__what_nobody_here_opened_is_left_alone(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert theirs = alert_of(SW_ALERT_REST, NOW_S - 300, 5),
                    of_ours = alert_of(SW_ALERT_PAIN, NOW_S - 300, 2);
    strcpy(theirs.patient.str, "q1");
    open_scene(&scene, false);
    retain(&scene, &theirs);
    retain(&scene, &of_ours);
    finish(&scene);
    assert_int_equal(scene.n_waiting, 0);
    assert_int_equal(scene.reconcile.n_strange, 2);
    assert_string_equal(scene.reconcile.strange, "q1-rest-1773143700");
    assert_int_equal(stored(&scene, &of_ours).rev, -1);
    close_scene(&scene);
}

static void
test_reconcile__a_later_revision_that_is_not_ours_is_followed_by_ours(void **state)
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
        finish(&scene);
        assert_int_equal(told(&scene).state, SW_STATE_OPEN);
        assert_int_equal(told(&scene).rev, is_forged ? 2 : 8);
        assert_int_equal(stored(&scene, &alert).rev, is_forged ? 2 : 8);
        close_scene(&scene);
    }
}

/* Our data were lost, but whose alerts these are is there to say. It is looked at again
 * when the other is gone, and nothing is held back until then. */
static void
test_reconcile__while_another_is_there_its_alerts_are_left_alone(void **state)
{
    (void)state;
    struct scene scene;
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
    scene.is_shared = true;
    finish(&scene);
    assert_int_equal(scene.n_waiting, 0);
    assert_int_equal(scene.reconcile.n_strange, 4);
    assert_false(reconcile_holds_back(&scene.reconcile));
    load(&scene, false);
    assert_int_equal(scene.reconcile.loss, RECONCILE_PUT_OFF);
    assert_int_equal(scene.reconcile.state, RECONCILE_DONE);
    assert_false(reconcile_holds_back(&scene.reconcile));
    /* It is gone. */
    scene.is_shared = false;
    retain(&scene, &later);
    retain(&scene, &theirs);
    finish(&scene);
    assert_int_equal(told(&scene).reason, SW_REASON_LOST);
    load(&scene, false);
    assert_int_equal(scene.reconcile.loss, RECONCILE_KEPT);
    close_scene(&scene);
}

/* ---- when it is over ---- */

static void test_reconcile__a_start_in_between_asks_again(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, true);
    load(&scene, false);
    assert_true(reconcile_holds_back(&scene.reconcile));
    finish(&scene);
    load(&scene, false);
    assert_int_equal(scene.reconcile.state, RECONCILE_DONE);
    assert_false(reconcile_holds_back(&scene.reconcile));
    close_scene(&scene);
}

static void test_reconcile__an_old_mark_ends_nothing(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene, true);
    take(&scene, NOTICE_MARK, "0");
    assert_int_equal(scene.reconcile.state, RECONCILE_LISTENING);
    strcpy(scene.reconcile.mark, "42");
    take(&scene, NOTICE_MARK, "41");
    assert_int_equal(scene.reconcile.state, RECONCILE_LISTENING);
    take(&scene, NOTICE_MARK, "42");
    assert_int_equal(scene.reconcile.state, RECONCILE_COMPLETE);
    close_scene(&scene);
}

/* It is none of the store's, whatever it says. */
static void test_reconcile__a_test_alert_changes_nothing(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_alert alert = alert_of(SW_ALERT_REST, NOW_S - 60, 1);
    open_scene(&scene, false);
    char *payload = sw_encode_test_alert("t", &alert);
    take(&scene, NOTICE_ALERT, payload);
    take(&scene, NOTICE_TEST_RETAINED, "clinic/t/alerts/anna/p1/test");
    assert_int_equal(scene.reconcile.n_retained, 0);
    assert_int_equal(scene.reconcile.n_same, 0);
    finish(&scene);
    assert_int_equal(scene.reconcile.n_changed, 0);
    free(payload);
    close_scene(&scene);
}

static void test_notices__keep_their_order_and_are_bounded(void **state)
{
    (void)state;
    static const char long_one[NOTICE_MAX + 1];
    struct timeval soon = {.tv_usec = 1000};
    struct notices notices;
    struct notice notice;
    struct pollfd fd = {.events = POLLIN};
    size_t n = 0;
    assert_int_equal(notices_init(&notices), 0);
    setsockopt(notices.put_fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    fd.fd = notices.fd;
    assert_false(notices_take(&notices, &notice));
    assert_true(notices_put(&notices, NOTICE_ALERT, long_one, sizeof long_one));
    assert_int_equal(poll(&fd, 1, 0), 0); /* it was dropped */
    assert_true(notices_put(&notices, NOTICE_ALERT, long_one, sizeof long_one - 1));
    assert_true(notices_take(&notices, &notice));
    assert_int_equal(notice.len, NOTICE_MAX);
    while (n < 100000 &&
           notices_put(&notices, n % 2 ? NOTICE_MARK : NOTICE_ALERT, "ab" + n % 2, 1))
        n++;
    assert_in_range(n, 100, 10000);
    assert_int_equal(poll(&fd, 1, 0), 1);
    for (size_t i = 0; i < n; i++) {
        assert_true(notices_take(&notices, &notice));
        assert_int_equal(notice.kind, i % 2 ? NOTICE_MARK : NOTICE_ALERT);
        assert_int_equal(notice.len, 1);
        assert_int_equal(notice.payload[0], "ab"[i % 2]);
    }
    assert_int_equal(poll(&fd, 1, 0), 0);
    assert_true(notices_put(&notices, NOTICE_ALERT, "c", 1));
    notices_clear(&notices);
    assert_false(notices_take(&notices, &notice));
    notices_fini(&notices);
    notices_fini(&notices); /* as one that was never opened */
}

/* ---- overviews and lists of others than the gateway's patients ---- */

/* How many of them are cleared. */
static size_t strays_cleared(bool is_renewed, bool is_shared, const char *topic)
{
    struct scene scene;
    struct sw_patient erased = {.id = {"p9"}};
    open_scene(&scene, is_renewed);
    scene.is_shared = is_shared;
    assert_int_equal(sw_store_begin(scene.clinic.store), 0);
    assert_int_equal(sw_store_erase_patient_row(scene.clinic.store, &erased, NOW_S), 0);
    assert_int_equal(sw_store_commit(scene.clinic.store), 0);
    take(&scene,
         strncmp(topic, "clinic/t/board/", 15) == 0 ? NOTICE_BOARD : NOTICE_PATIENTS,
         topic);
    finish(&scene);
    size_t n = scene.n_waiting;
    if (n > 0) {
        assert_string_equal(scene.topic, topic);
        assert_string_equal(scene.payload, "");
    }
    close_scene(&scene);
    return n;
}

static void test_strays__of_ours_are_cleared_and_anothers_left_alone(void **state)
{
    (void)state;
    static const char *const ours[] = {"clinic/t/board/ben/p1", "clinic/t/board/ben/p9",
                                       "clinic/t/patients/anna"},
                             *const others[] = {"clinic/t/board/ben/q1",
                                                "clinic/t/patients/ben"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        assert_int_equal(strays_cleared(false, false, ours[i]), 1);
        assert_int_equal(strays_cleared(true, false, ours[i]), 1);
        assert_int_equal(strays_cleared(false, true, ours[i]), 0);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(strays_cleared(false, false, others[i]), 0);
        assert_int_equal(strays_cleared(true, false, others[i]),
                         1); /* data were lost */
        assert_int_equal(strays_cleared(true, true, others[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strays__of_ours_are_cleared_and_anothers_left_alone),
        cmocka_unit_test(test_reconcile__an_unknown_alert_is_withdrawn),
        cmocka_unit_test(test_reconcile__what_is_over_and_unknown_needs_no_word),
        cmocka_unit_test(
            test_reconcile__the_one_that_was_open_before_an_unknown_one_is_over),
        cmocka_unit_test(
            test_reconcile__one_that_opened_since_is_told_after_an_unknown_one),
        cmocka_unit_test(test_reconcile__a_later_revision_is_taken_over),
        cmocka_unit_test(
            test_reconcile__one_that_came_back_after_the_backup_is_taken_back),
        cmocka_unit_test(test_reconcile__of_a_patient_nobody_knows_it_is_closed),
        cmocka_unit_test(test_reconcile__of_a_patient_who_was_erased_it_is_cleared),
        cmocka_unit_test(test_reconcile__more_than_can_be_are_left_alone),
        cmocka_unit_test(
            test_reconcile__nothing_opens_in_the_second_of_one_that_was_heard),
        cmocka_unit_test(test_reconcile__a_broker_that_is_behind_is_told_the_latest),
        cmocka_unit_test(
            test_reconcile__the_last_alert_of_a_topic_is_what_is_told_there),
        cmocka_unit_test(
            test_reconcile__open_alerts_that_are_not_retained_are_told_again),
        cmocka_unit_test(test_reconcile__what_lies_at_a_former_therapist_is_cleared),
        cmocka_unit_test(test_reconcile__days_of_the_erased_are_cleared_again),
        cmocka_unit_test(test_reconcile__a_broker_that_agrees_is_told_nothing),
        cmocka_unit_test(
            test_reconcile__what_was_heard_of_an_earlier_connection_is_doubted),
        cmocka_unit_test(test_reconcile__what_nobody_here_opened_is_left_alone),
        cmocka_unit_test(
            test_reconcile__a_later_revision_that_is_not_ours_is_followed_by_ours),
        cmocka_unit_test(
            test_reconcile__while_another_is_there_its_alerts_are_left_alone),
        cmocka_unit_test(test_reconcile__a_start_in_between_asks_again),
        cmocka_unit_test(test_reconcile__an_old_mark_ends_nothing),
        cmocka_unit_test(test_reconcile__a_test_alert_changes_nothing),
        cmocka_unit_test(test_notices__keep_their_order_and_are_bounded),
    };
    return cmocka_run_group_tests_name("reconcile", tests, NULL, NULL);
}
