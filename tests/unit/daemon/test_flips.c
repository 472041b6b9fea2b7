/* test_flips.c -- apps and devices that say one thing and then the other, as fast as
 * they can: how often that is stored and published, and that the last word is told. */
#include "clinic_fixture.h"

enum {
    FLIPS = 1500, /* 50 a second */
    INTERVAL_S = 10,
    /* Two a change that is told, or a score that is urgent: it, and what is judged of
     * it. Two an interval, and the minute's. */
    COMMITS_MAX = 4 * SW_HOLDOFF_FREE + 2 * FLIPS / 50 / INTERVAL_S + 6,
};
static const int64_t NOW_S = 20522 * (int64_t)86400 + 10 * 3600;

struct scene {
    struct clinic clinic;
    struct commit_policy policy;
    int64_t now_s;
    int n_commits;
    int n_scores; /* each a second after the one before, however fast they come */
    int64_t last_seq;
    int n_published;
    char last[40]; /* the state published last, "open" */
};

static int set_up(void **state)
{
    static struct scene s;
    s = (struct scene){.now_s = NOW_S, .policy.interval_ms = INTERVAL_S * 1000};
    open_clinic(&s.clinic);
    s.clinic.config.plan.rest_limit_min = 300;
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    close_clinic(&s->clinic);
    return 0;
}

/* The broker takes what is published. */
static void publish(struct scene *s)
{
    struct sw_store *store = s->clinic.store;
    struct sw_outbound out;
    while (sw_store_next_outbound(store, s->last_seq, &out) == 0) {
        const char *state = strstr(out.payload, "\"state\":\"");
        s->last_seq = out.seq;
        if (state && strstr(out.topic, "/alerts/")) {
            s->n_published++;
            sscanf(state, "\"state\":\"%39[a-z]", s->last);
        }
        assert_int_equal(commit_note_delivered(&s->clinic.commit, out.seq), 0);
        free(out.payload);
    }
}

/* As the gateway's loop does it: at once what is urgent, the rest with the interval. */
static void turn(struct scene *s)
{
    struct clinic *c = &s->clinic;
    int64_t now_ms = s->now_s * 1000;
    if (s->now_s % 60 == 0) {
        patients_mark_everyone(&c->patients);
        commit_policy_want(&s->policy, COMMIT_MINUTE, now_ms);
    }
    ingest_want_commit(&c->ingest, &s->policy, now_ms);
    bool is_due = commit_policy_due(&s->policy, now_ms) != COMMIT_NONE;
    if (!judge(c, s->now_s, is_due))
        return;
    s->n_commits++;
    commit_policy_done(&s->policy);
    publish(s);
}

static void pass(struct scene *s, int seconds)
{
    for (int i = 0; i < seconds; i++) {
        s->now_s++;
        turn(s);
    }
}

static void take(struct scene *s, const char *topic, const char *payload)
{
    struct sw_inbox_record record = {.received_at_s = s->now_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&s->clinic.ingest, &record, s->now_s), 0);
}

static void score(struct scene *s, int score)
{
    char payload[80];
    snprintf(payload, sizeof payload, "{\"at\":%lld,\"score\":%d}",
             (long long)(NOW_S - 86400 + s->n_scores++), score);
    take(s, "clinic/t/patient/p1/pain", payload);
}

static void battery(struct scene *s, int pct)
{
    char payload[80];
    snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":1,\"battery\":%d}",
             (long long)(s->now_s - 60), pct);
    take(s, "clinic/t/patient/p1/steps", payload);
}

static void set_pain(struct scene *s, const char *payload)
{
    take(s, "clinic/t/alerts/unassigned/p1/pain/set", payload);
}

static int keep_alert(void *ctx, int64_t key, const struct sw_alert *alert)
{
    (void)key;
    *(struct sw_alert *)ctx = *alert;
    return 1;
}

/* The open one, else the last. */
static struct sw_alert stored(struct scene *s)
{
    struct sw_alert alert = {0};
    struct sw_alert_filter all = {.closed_too = true};
    assert_true(sw_store_each_alert(s->clinic.store, &all, keep_alert, &alert) >= 0);
    return alert;
}

static void check_told(struct scene *s, enum sw_alert_state expected)
{
    assert_int_equal(stored(s).state, expected);
    assert_string_equal(s->last, sw_alert_state_name(expected));
}

static void flip_pain(struct scene *s, int last)
{
    for (int i = 0; i < FLIPS; i++) {
        if (i % 50 == 49)
            s->now_s++;
        score(s, i % 2 == 0 ? 10 - last : last);
        turn(s);
    }
}

static void test_pain__that_flips_is_stored_and_published_now_and_then(void **state)
{
    struct scene *s = *state;
    flip_pain(s, 1);
    assert_true(s->n_commits <= COMMITS_MAX);
    assert_true(s->n_published <= SW_HOLDOFF_FREE + 1);
    assert_true(s->n_published > 1);
    for (int minute = 0; minute < 20; minute++) /* it goes on, more slowly */
        for (int i = 0; i < 20; i++) {
            score(s, i % 2 == 0 ? 9 : 1);
            pass(s, 3);
        }
    assert_true(s->n_published <= SW_HOLDOFF_FREE + 1200 / SW_HOLDOFF_EVERY_S + 1);
}

static void test_pain__that_stays_after_flips_is_told(void **state)
{
    struct scene *s = *state;
    flip_pain(s, 9);
    pass(s, 3 * SW_HOLDOFF_EVERY_S);
    check_told(s, SW_STATE_OPEN);
    flip_pain(s, 1);
    pass(s, 3 * SW_HOLDOFF_EVERY_S);
    check_told(s, SW_STATE_CLOSED);
}

static void test_pain__is_told_at_once_after_a_quiet_while(void **state)
{
    struct scene *s = *state;
    score(s, 9); /* the very first */
    turn(s);
    check_told(s, SW_STATE_OPEN);
    flip_pain(s, 1);
    pass(s, SW_HOLDOFF_FREE * SW_HOLDOFF_EVERY_S + 60);
    check_told(s, SW_STATE_CLOSED);
    score(s, 9);
    turn(s);
    check_told(s, SW_STATE_OPEN);
}

static void test_kinds__are_held_off_each_by_itself(void **state)
{
    struct scene *s = *state;
    flip_pain(s, 1);
    battery(s, 5);
    pass(s, INTERVAL_S + 1);
    assert_int_equal(stored(s).kind, SW_ALERT_BATTERY);
    check_told(s, SW_STATE_OPEN);
}

static void test_battery__that_flips_is_published_now_and_then(void **state)
{
    struct scene *s = *state;
    int commits = 60, passed_s = commits * (INTERVAL_S + 1);
    for (int i = 0; i < commits; i++) { /* seen by the turn after, and a commit each */
        battery(s, i % 2 == 0 ? 10 : 90);
        pass(s, INTERVAL_S + 1);
    }
    assert_true(s->n_published <= SW_HOLDOFF_FREE + passed_s / SW_HOLDOFF_EVERY_S + 1);
    assert_true(s->n_published > SW_HOLDOFF_FREE);
    battery(s, 10);
    pass(s, 3 * SW_HOLDOFF_EVERY_S);
    check_told(s, SW_STATE_OPEN);
}

static void test_commands__in_a_flood_end_as_the_last_one_says(void **state)
{
    struct scene *s = *state;
    score(s, 9);
    pass(s, 600);
    s->n_commits = s->n_published = 0;
    for (int i = 0; i < FLIPS; i++) {
        if (i % 50 == 49)
            s->now_s++;
        set_pain(s, i % 2 == 0 ? "{\"action\":\"shelve\",\"minutes\":90}"
                               : "{\"action\":\"unshelve\"}");
        turn(s);
    }
    pass(s, INTERVAL_S + 1);
    assert_true(s->n_commits <= COMMITS_MAX + FLIPS / ACTIONS_MAX);
    assert_true(s->n_published <= COMMITS_MAX);
    assert_int_equal(stored(s).shelved_until_s, 0);
    check_told(s, SW_STATE_OPEN);
    set_pain(s, "{\"action\":\"ack\",\"by\":\"Anna\"}");
    set_pain(s, "{\"action\":\"shelve\",\"minutes\":5}");
    pass(s, INTERVAL_S + 1);
    assert_int_equal(stored(s).state, SW_STATE_ACKNOWLEDGED);
    assert_string_equal(stored(s).by, "Anna");
    assert_true(stored(s).shelved_until_s > s->now_s);
}

/* Before the first of them is stored. */
static void test_commands__that_take_each_other_back_are_both_done(void **state)
{
    struct scene *s = *state;
    score(s, 9);
    turn(s);
    set_pain(s, "{\"action\":\"shelve\",\"minutes\":90}");
    set_pain(s, "{\"action\":\"unshelve\"}");
    turn(s);
    assert_int_equal(stored(s).shelved_until_s, 0);
    check_told(s, SW_STATE_OPEN);
}

static int note_open(void *ctx, int64_t key, const struct sw_alert *alert)
{
    (void)key;
    if (sw_alert_is_open(alert))
        *(unsigned *)ctx |= 1u << alert->kind;
    return 0;
}

static unsigned open_kinds(struct scene *s)
{
    unsigned kinds = 0;
    struct sw_alert_filter all = {.closed_too = true};
    assert_true(sw_store_each_alert(s->clinic.store, &all, note_open, &kinds) >= 0);
    return kinds;
}

static void watch(struct scene *s, int64_t until_s)
{
    for (; s->now_s < until_s; s->now_s += 60)
        online_spans_tick(&s->clinic.online_spans, s->now_s, true);
}

/* What came while it was silent says that it rested all the time: but as long as its
 * silence is told, because that has changed too often, its rest is not. */
static void test_rest__opens_with_the_end_of_a_silence_and_not_before(void **state)
{
    struct scene *s = *state;
    struct clinic *c = &s->clinic;
    const unsigned silent = 1u << SW_ALERT_SILENT, rest = 1u << SW_ALERT_REST;
    char payload[80];
    battery(s, 90);
    turn(s);
    int64_t from_s = s->now_s;
    watch(s, from_s + 6 * 3600);
    patients_mark_everyone(&c->patients);
    assert_true(judge(c, s->now_s, true));
    assert_int_equal(open_kinds(s), silent);
    struct sw_holdoff *holdoff = &c->patients.all[0]->limits.changes[SW_ALERT_SILENT];
    while (sw_holdoff_allows(holdoff, s->now_s)) /* as after flips */
        sw_holdoff_note(holdoff, s->now_s);
    for (int64_t at_s = from_s; at_s < s->now_s; at_s += 3600) {
        snprintf(payload, sizeof payload,
                 "{\"start\":%lld,\"seconds\":3600,\"steps\":0}", (long long)at_s);
        take(s, "clinic/t/patient/p1/steps", payload);
    }
    for (int i = 0; open_kinds(s) != rest; i++) {
        assert_int_equal(open_kinds(s), silent);
        assert_true(i < 2 * SW_HOLDOFF_EVERY_S);
        pass(s, 1);
    }
    assert_true(s->now_s > from_s + 6 * 3600);
}

/* `kill -9`: the messages since the last commit are taken once more. */
static void test_restart__amid_flips_ends_with_the_last_word(void **state)
{
    struct scene *s = *state;
    struct clinic *c = &s->clinic;
    flip_pain(s, 9);
    score(s, 9);
    ingest_clear(&c->ingest);
    patients_fini(&c->patients);
    c->patients = (struct patients){.store = c->store, .zone = &utc, .now_s = s->now_s};
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    s->n_scores--;
    score(s, 9);
    pass(s, 3 * SW_HOLDOFF_EVERY_S);
    check_told(s, SW_STATE_OPEN);
}

/* Whatever comes, and however fast: in no span more is told than the bound says. */
static void test_any_flips__keep_to_the_bound_and_end_right(void **state)
{
    struct scene *s = *state;
    enum { STEPS = 800 };
    static int64_t told_s[STEPS];
    int n_told = 0, last = 1;
    srand(7);
    for (int i = 0; i < STEPS; i++) {
        int before = s->n_published, quiet = rand() % 40 == 0;
        last = rand() % 2 ? 9 : 1;
        score(s, last);
        if (rand() % 20 == 0)
            set_pain(s,
                     rand() % 2 ? "{\"action\":\"ack\"}" : "{\"action\":\"unshelve\"}");
        pass(s, quiet ? rand() % 200 : rand() % 3);
        if (s->now_s > NOW_S + 10 * 3600) /* the wake window ends */
            break;
        for (int n = before; n < s->n_published && n_told < STEPS; n++)
            told_s[n_told++] = s->now_s;
    }
    assert_true(n_told > 2 * SW_HOLDOFF_FREE);
    for (int i = 0; i < n_told; i++)
        for (int j = i; j < n_told; j++) /* changes and commands, at most */
            assert_true(j - i + 1 <= 2 * SW_HOLDOFF_FREE + 2 +
                                         (told_s[j] - told_s[i]) / INTERVAL_S +
                                         (told_s[j] - told_s[i]) / SW_HOLDOFF_EVERY_S);
    pass(s, 3 * SW_HOLDOFF_EVERY_S);
    assert_int_equal(sw_alert_is_open(&(struct sw_alert){.state = stored(s).state}),
                     last == 9);
    assert_string_equal(s->last, sw_alert_state_name(stored(s).state));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_pain__that_flips_is_stored_and_published_now_and_then),
        TEST(test_pain__that_stays_after_flips_is_told),
        TEST(test_pain__is_told_at_once_after_a_quiet_while),
        TEST(test_kinds__are_held_off_each_by_itself),
        TEST(test_battery__that_flips_is_published_now_and_then),
        TEST(test_commands__in_a_flood_end_as_the_last_one_says),
        TEST(test_commands__that_take_each_other_back_are_both_done),
        TEST(test_rest__opens_with_the_end_of_a_silence_and_not_before),
        TEST(test_restart__amid_flips_ends_with_the_last_word),
        TEST(test_any_flips__keep_to_the_bound_and_end_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
