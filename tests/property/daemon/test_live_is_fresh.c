/* test_live_is_fresh.c -- what the running gateway judges from is at every moment what
 * the set of all that was received gives, computed afresh.
 *
 * Draws a day and its eve of a patient with two devices: counters that slip, are made
 * good, take back and begin anew, minutes, and sums of them; in order, late, or twice;
 * with commits in between. The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include "../../unit/daemon/clinic_fixture.h"

#include <inttypes.h>
#include <time.h>

enum {
    ROUNDS = 6, /* LIVE_ROUNDS=200 takes a minute */
    MESSAGES = 150,
    PAYLOAD_LEN = 160,
    DEVICES = 2,
};

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

static const char *const names[DEVICES + 1] = {"", "watch", "band"};

struct message {
    int64_t received_s;
    int32_t device;
    bool is_total, has_time;
    struct sw_total total;
    struct sw_reading reading;
};

/* ---- a life ---- */

struct life {
    int64_t at_s, count; /* of the counter */
    struct message messages[MESSAGES];
};

static struct message draw_total(struct life *life)
{
    struct message message = {
        .device = 1, .is_total = true, .has_time = draw(0, 3) > 0};
    int64_t passed_s = draw(0, 3) ? 600 : draw(1, 7000), how = draw(0, 19);
    int64_t midnight_s = DAY_S + (life->at_s < DAY_S ? 0 : 86400);
    bool passes_midnight =
        life->at_s < midnight_s && life->at_s + passed_s > midnight_s;
    life->at_s = passes_midnight && draw(0, 1) ? midnight_s : life->at_s + passed_s;
    life->count += draw(0, 2) ? 0 : draw(0, passed_s);
    if (how == 0)
        life->count = draw(life->count / 3, life->count); /* takes it back */
    if (how == 1)
        life->count = draw(0, 20); /* begins anew */
    message.total = (struct sw_total){life->at_s, life->count, SW_STAMP_OWN};
    if (how > 1 && how < 6)
        message.total.total = draw(0, life->count); /* slips */
    return message;
}

static struct message draw_reading(const struct life *life)
{
    static const int32_t lengths[] = {60, 60, 60, 300, 900, 900, 3600, 40000};
    int32_t seconds = lengths[draw(0, 7)];
    int64_t start_s = life->at_s - seconds - draw(0, 30) * 60;
    int32_t most = draw(0, 2) ? seconds * 2 : 40;
    return (struct message){.device = (int32_t)draw(1, DEVICES),
                            .reading = {start_s, seconds,
                                        (int32_t)(draw(0, 1) ? draw(0, most) : 0),
                                        draw(0, 9) != 0}};
}

static int by_receipt(const void *a, const void *b)
{
    const struct message *x = a, *y = b;
    return (x->received_s > y->received_s) - (x->received_s < y->received_s);
}

static void draw_life(struct life *life)
{
    *life = (struct life){.at_s = DAY_S - 3 * 3600, .count = draw(0, 20000)};
    for (int i = 0; i < MESSAGES; i++) {
        struct message *message = &life->messages[i];
        *message = draw(0, 2) ? draw_total(life) : draw_reading(life);
        if (i > 0 && draw(0, 20) == 0)
            *message = life->messages[draw(0, i - 1)]; /* again */
        message->received_s = life->at_s + draw(0, 30);
        if (message->has_time || !message->is_total)
            message->received_s += draw(0, 5) ? 0 : draw(0, 4 * 3600);
        if (message->is_total && !message->has_time)
            message->total.at_s = message->received_s;
    }
    qsort(life->messages, MESSAGES, sizeof(life->messages[0]), by_receipt);
    for (int i = 0; i < MESSAGES; i++) /* today is today */
        if (life->messages[i].received_s < DAY_S)
            life->messages[i].received_s = DAY_S;
}

/* ---- said to the gateway, and to a set of its own ---- */

static void send_payload(struct clinic *c, const char *payload, int64_t now_s)
{
    static const char topic[] = "clinic/t/patient/p1/steps";
    struct sw_inbox_record record = {.topic = topic,
                                     .topic_len = sizeof(topic) - 1,
                                     .payload = payload,
                                     .payload_len = strlen(payload),
                                     .received_at_s = now_s};
    assert_int_equal(ingest_take(&c->ingest, &record, now_s), 0);
}

static void send_message(struct clinic *c, const struct message *message)
{
    char payload[PAYLOAD_LEN], at[40];
    const struct sw_reading *reading = &message->reading;
    snprintf(at, sizeof(at), ",\"at\":%" PRId64, message->total.at_s);
    if (message->is_total)
        snprintf(payload, sizeof(payload),
                 "{\"device\":\"%s\",\"total\":%" PRId64 "%s}", names[message->device],
                 message->total.total, message->has_time ? at : "");
    else
        snprintf(payload, sizeof(payload),
                 "{\"device\":\"%s\",\"start\":%" PRId64
                 ",\"seconds\":%d,\"steps\":%d,\"worn\":%s}",
                 names[message->device], reading->start_s, reading->seconds,
                 reading->steps, reading->worn ? "true" : "false");
    send_payload(c, payload, message->received_s);
}

static void say(struct sw_day_set *set, const struct message *message)
{
    struct sw_device_id device = {.str = ""};
    struct sw_total total = message->total;
    strcpy(device.str, names[message->device]);
    assert_int_equal(sw_day_set_name_device(set, message->device, &device), 0);
    if (!message->has_time) { /* dated by its receipt */
        total.at_s = message->received_s;
        total.stamp = SW_STAMP_RECEIPT;
    }
    int r = message->is_total
                ? sw_day_set_add_total(set, message->device, &total)
                : sw_day_set_add_reading(set, message->device, &message->reading);
    assert_true(r >= 0);
}

/* ---- beside each other ---- */

static void check_row(const struct sw_day_row *row, const struct sw_day_row *fresh)
{
    struct sw_day_row expected = *fresh;
    expected.patient = row->patient;
    assert_memory_equal(row, &expected, sizeof(expected));
}

static void check_live(struct clinic *c, const struct sw_day_set *said, int64_t now_s)
{
    static struct sw_day fresh;
    struct patient *patient = patients_find(&c->patients, "p1");
    const struct sw_alert *open = sw_open_alert(patient->alerts, SW_ALERT_REST);
    struct sw_facts facts = {.now_s = now_s};
    const struct eval_time eval_time = {now_s, true, &c->online_spans};
    patients_mark_everyone(&c->patients);
    assert_int_equal(evaluate_prepare(&c->patients, &eval_time, true), 0);
    assert_int_equal(sw_day_compute(&fresh, &utc, TODAY, &patient->plan, said), 0);
    check_row(&patient->day.row, &fresh.row);
    sw_facts_from_day(&facts, &fresh, open ? open->span : (struct sw_span){0});
    assert_int_equal(patient->facts.newest_known_s, facts.newest_known_s);
    assert_int_equal(patient->facts.running.from_s, facts.running.from_s);
    assert_int_equal(patient->facts.running.to_s, facts.running.to_s);
}

struct stored {
    const struct sw_day_set *said;
    const struct sw_plan *plan;
    int n;
};

static int check_stored(void *ctx, const struct sw_day_row *row)
{
    static struct sw_day fresh;
    struct stored *stored = ctx;
    assert_int_equal(sw_day_compute(&fresh, &utc, row->day, stored->plan, stored->said),
                     0);
    assert_true(fresh.touched);
    check_row(row, &fresh.row);
    stored->n++;
    return 0;
}

static void live(const struct life *life)
{
    struct clinic c;
    struct sw_day_set said = {0};
    open_clinic(&c);
    int64_t now_s = 0;
    for (int i = 0; i < MESSAGES; i++) {
        now_s = life->messages[i].received_s;
        if (now_s >= DAY_S + 86400 - 60)
            break;
        send_message(&c, &life->messages[i]);
        say(&said, &life->messages[i]);
        if (draw(0, 2) == 0)
            check_live(&c, &said, now_s);
        judge(&c, now_s, draw(0, 5) == 0);
        check_live(&c, &said, now_s);
    }
    judge(&c, now_s, true);
    struct stored stored = {&said, &patients_find(&c.patients, "p1")->plan, 0};
    struct sw_patient_id id = {"p1"};
    assert_int_equal(
        sw_store_each_day(c.store, &id, TODAY - 2, TODAY + 1, check_stored, &stored),
        0);
    assert_true(stored.n >= 1);
    sw_day_set_fini(&said);
    close_clinic(&c);
}

static void test_live__is_what_the_set_gives_in_any_order_of_arrival(void **state)
{
    (void)state;
    static struct life life;
    const char *rounds = getenv("LIVE_ROUNDS");
    for (int n = rounds ? atoi(rounds) : ROUNDS; n > 0; n--) {
        draw_life(&life);
        live(&life);
    }
}

/* ---- an open rest ---- */

static void send_total(struct clinic *c, int minute, int64_t total)
{
    char payload[PAYLOAD_LEN];
    int64_t now_s = DAY_S + minute * INT64_C(60);
    snprintf(payload, sizeof(payload), "{\"at\":%" PRId64 ",\"total\":%" PRId64 "}",
             now_s, total);
    send_payload(c, payload, now_s);
    judge(c, now_s, true);
}

static const struct sw_alert *open_rest(const struct clinic *c)
{
    return sw_open_alert(patients_find(&c->patients, "p1")->alerts, SW_ALERT_REST);
}

/* As long as it is not made good a correction says nothing of the time before it, and a
 * number from nowhere begins anew with as few steps as it says; neither is a walk. */
static void test_open_rest__is_not_closed_by_a_counter_that_slips(void **state)
{
    (void)state;
    static const int64_t slips[][3] = {
        {4990, 4990, 4995}, {2500, 2510, 2510}, {3, 3, 3}};
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        struct clinic c;
        open_clinic(&c);
        for (int minute = 8 * 60; minute <= 10 * 60; minute += 10)
            send_total(&c, minute, 5000);
        assert_non_null(open_rest(&c));
        int32_t rev = open_rest(&c)->rev;
        for (int k = 0; k < 3; k++) {
            send_total(&c, 10 * 60 + 10 * (k + 1), slips[i][k]);
            assert_non_null(open_rest(&c));
        }
        send_total(&c, 10 * 60 + 40, 5003); /* made good: all of it was a rest */
        assert_non_null(open_rest(&c));
        assert_int_equal(patients_find(&c.patients, "p1")->day.row.longest_rest_min,
                         160);
        assert_int_equal(patients_find(&c.patients, "p1")->day.row.steps, 3);
        assert_true(open_rest(&c)->rev >= rev);
        send_total(&c, 10 * 60 + 50, 5400); /* a walk */
        assert_null(open_rest(&c));
        close_clinic(&c);
    }
}

int main(void)
{
    const char *given = getenv("STEPWARD_SEED");
    state_of_draw = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STEPWARD_SEED=%" PRIu64 "\n", state_of_draw);
    fflush(stdout);
    state_of_draw = state_of_draw * 2654435769u + 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live__is_what_the_set_gives_in_any_order_of_arrival),
        cmocka_unit_test(test_open_rest__is_not_closed_by_a_counter_that_slips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
