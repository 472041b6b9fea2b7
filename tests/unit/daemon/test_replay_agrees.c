/* test_replay_agrees.c -- a replay of the store finds the alerts that the gateway
 * raised: each one, at the same minute, with the same numbers.
 *
 * Two drawn days and a bit of a patient, told minute by minute as the gateway would
 * hear of them. The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include "clinic_fixture.h"

#include <inttypes.h>
#include <time.h>

#include "records/replay_store.h"

enum { MINUTES = 60 * 60, ALERTS_MAX = 200, STRETCH_MAX = 400 };

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

static void hear(struct clinic *c, int64_t now_s, const char *leaf, const char *payload)
{
    char topic[64];
    int n = snprintf(topic, sizeof(topic), "clinic/t/patient/p1/%s", leaf);
    struct sw_inbox_record record = {.topic = topic,
                                     .topic_len = (size_t)n,
                                     .payload = payload,
                                     .payload_len = strlen(payload),
                                     .received_at_s = now_s};
    assert_int_equal(ingest_take(&c->ingest, &record, now_s), 0);
}

static void hear_minute(struct clinic *c, int64_t now_s, int mood)
{
    char payload[120];
    int64_t steps = mood == 1 ? draw(0, 90) : draw(0, 40) == 0 ? draw(0, 9) : 0;
    snprintf(payload, sizeof(payload),
             "{\"start\":%" PRId64 ",\"steps\":%" PRId64 ",\"worn\":%s}", now_s - 60,
             mood == 2 ? 0 : steps, mood == 2 ? "false" : "true");
    if (mood < 3)
        hear(c, now_s, "steps", payload);
    /* One that comes as the window opens finds the one before it judged already. */
    bool is_first_minute = now_s % 86400 == 8 * 3600;
    if (draw(0, 300) != 0 || is_first_minute)
        return;
    snprintf(payload, sizeof(payload), "{\"score\":%" PRId64 "}", draw(0, 10));
    hear(c, now_s, "pain", payload);
}

static void pass_minute(struct clinic *c, int64_t now_s)
{
    int32_t today = sw_day_of(&utc, now_s);
    online_spans_tick(&c->online_spans, now_s, true);
    for (size_t i = 0; i < c->patients.n; i++)
        c->patients.all[i]->judge = JUDGE_SOON;
    bool is_due = today != c->patients.today || now_s % 600 == 0 || c->ingest.is_urgent;
    judge(c, now_s, is_due);
    if (today == c->patients.today)
        return;
    assert_int_equal(ingest_load(&c->ingest, today), 0);
    judge(c, now_s, true);
}

static void live(struct clinic *c)
{
    int mood = 0;
    int64_t left_min = 0;
    for (int64_t i = 1; i <= MINUTES; i++) {
        if (left_min-- == 0) {
            mood = (int)draw(0, 3); /* still, moving, not worn, out of reach */
            left_min = draw(1, draw(0, 1) ? 20 : STRETCH_MAX);
        }
        hear_minute(c, DAY_S + 60 * i, mood);
        pass_minute(c, DAY_S + 60 * i);
    }
    judge(c, DAY_S + 60 * (int64_t)MINUTES, true);
}

/* ---- beside each other ---- */

struct found {
    struct sw_alert items[ALERTS_MAX];
    size_t n;
};

static int keep_stored(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct found *found = ctx;
    (void)patient_key;
    assert_true(found->n < ALERTS_MAX);
    found->items[found->n++] = *alert;
    return 0;
}

static int keep_event(void *ctx, const struct sw_replay_event *event)
{
    struct found *found = ctx;
    size_t i = 0;
    while (i < found->n && !(found->items[i].kind == event->alert->kind &&
                             found->items[i].opened_at_s == event->alert->opened_at_s))
        i++;
    assert_true(i < ALERTS_MAX);
    found->items[i] = *event->alert;
    found->n += i == found->n;
    return 0;
}

static int by_time_and_kind(const void *a, const void *b)
{
    const struct sw_alert *x = a, *y = b;
    if (x->opened_at_s != y->opened_at_s)
        return x->opened_at_s < y->opened_at_s ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

static void describe(const struct found *found, size_t i, char out[static 300])
{
    const struct sw_alert *alert = &found->items[i];
    snprintf(out, 300, "nothing");
    if (i >= found->n)
        return;
    /* An open one's numbers grow in memory alone: a new day begins with those stored,
     * and with them a silence that was over by then ends. */
    bool is_closed = alert->state == SW_STATE_CLOSED && alert->kind != SW_ALERT_SILENT;
    snprintf(out, 300, "%s %s %s %" PRId64 "-%" PRId64 " rev %d, %" PRId64 " %" PRId64,
             sw_alert_kind_name(alert->kind), sw_alert_level_name(alert->level),
             sw_alert_reason_name(alert->reason), alert->opened_at_s,
             alert->closed_at_s, alert->rev, is_closed ? alert->evidence[0] : 0,
             is_closed ? alert->evidence[1] : 0);
}

static void replay(struct clinic *c, struct found *found)
{
    struct sw_replay_store past = {.from = {.store = c->store, .zone = &utc}};
    struct sw_patient patient;
    assert_int_equal(
        sw_store_find_patient(c->store, (struct sw_patient_id){"p1"}, &patient), 0);
    struct sw_replay replay = {.from_day = TODAY,
                               .to_day = TODAY + MINUTES / 1440,
                               .until_s = DAY_S + 60 * (int64_t)MINUTES,
                               .each = keep_event,
                               .ctx = found};
    assert_int_equal(sw_replay_store_open(&past), 0);
    assert_true(past.knows_watched);
    assert_int_equal(sw_replay_stored(&past, &replay, &patient), 0);
    sw_replay_store_fini(&past);
}

static void test_replay__finds_what_the_gateway_raised(void **state)
{
    (void)state;
    static struct found stored, replayed;
    struct sw_alert_filter all = {.closed_too = true};
    struct clinic c;
    open_clinic(&c);
    c.config.plan.ceiling = 9000;
    c.config.plan.silent_after_s = 7200;
    live(&c);
    assert_int_equal(sw_store_each_alert(c.store, &all, keep_stored, &stored), 0);
    replay(&c, &replayed);
    qsort(stored.items, stored.n, sizeof(*stored.items), by_time_and_kind);
    qsort(replayed.items, replayed.n, sizeof(*replayed.items), by_time_and_kind);
    for (size_t i = 0; i < stored.n || i < replayed.n; i++) {
        char was[300], would[300];
        describe(&stored, i, was);
        describe(&replayed, i, would);
        assert_string_equal(would, was);
    }
    printf("%zu alerts\n", stored.n);
    assert_true(stored.n > 0);
    close_clinic(&c);
}

int main(void)
{
    const char *given = getenv("STEPWARD_SEED");
    state_of_draw = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STEPWARD_SEED=%" PRIu64 "\n", state_of_draw);
    fflush(stdout);
    state_of_draw = state_of_draw * 2654435769u + 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay__finds_what_the_gateway_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
