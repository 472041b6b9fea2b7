/* test_sim.c -- the simulated lives, what is sent of them, and that it arrives. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#include "../mqtt/real_broker.h"
#include "cli/cli.h"
#include "simulate/sim_feed.h"
#include "simulate/sim_life.h"
#include "simulate/sim_year.h"
#include "simulate/simulate.h"
#include "stepward/host.h"
#include "stepward/session.h"
#include "stepward/wire.h"

enum { N_PATIENTS = 10, DAY_S = 86400 };

/* 2026-03-30 15:00 in Berlin, the day after the clocks went forward. */
static const int64_t now_s = 1774875600;

static struct sw_zone zone;

static int load_zone(void **state)
{
    (void)state;
    return sw_zone_load(&zone, "Europe/Berlin");
}

static int unload_zone(void **state)
{
    (void)state;
    sw_zone_fini(&zone);
    return 0;
}

static struct sim_life life_of(uint64_t seed)
{
    struct sw_plan plan = sw_plan_default();
    return sim_life_new(seed, &zone, &plan, now_s);
}

static bool is_equal(struct sim_minute a, struct sim_minute b)
{
    return a.is_sent == b.is_sent && a.worn == b.worn && a.steps == b.steps;
}

/* ---- lives ---- */

static void
test_life__is_the_same_for_the_same_seed_and_another_for_another(void **state)
{
    (void)state;
    struct sim_life life = life_of(7), again = life_of(7), other = life_of(8);
    int differences = 0, twins = 0;
    for (size_t patient = 0; patient < N_PATIENTS; patient++)
        for (int64_t at_s = now_s - 3 * DAY_S; at_s < now_s; at_s += 60) {
            struct sim_minute minute = sim_life_minute(&life, patient, at_s);
            assert_true(is_equal(minute, sim_life_minute(&again, patient, at_s)));
            differences += !is_equal(minute, sim_life_minute(&other, patient, at_s));
            twins +=
                !is_equal(minute, sim_life_minute(&life, patient + SIM_KINDS, at_s));
        }
    assert_true(differences > 1000);
    assert_true(twins > 1000);
}

static void test_life__is_always_plausible(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    for (size_t patient = 0; patient < N_PATIENTS; patient++)
        for (int64_t at_s = now_s - 14 * DAY_S; at_s < now_s + DAY_S; at_s += 60) {
            struct sim_minute minute = sim_life_minute(&life, patient, at_s);
            assert_in_range(minute.steps, 0, SW_STEPS_PER_MIN_MAX);
            assert_true(minute.worn || minute.steps == 0);
        }
}

static int64_t steps_a_day(const struct sim_life *life, size_t patient)
{
    int64_t steps = 0;
    for (int64_t at_s = now_s - 12 * DAY_S; at_s < now_s - 2 * DAY_S; at_s += 60)
        steps += sim_life_minute(life, patient, at_s).steps;
    return steps / 10;
}

static void test_life__each_kind_walks_as_its_name_says(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct sim_life life = life_of(seed);
        assert_in_range(steps_a_day(&life, SIM_WALKER), 5000, 12000);
        assert_in_range(steps_a_day(&life, SIM_RESTER), 200, 3500);
        assert_in_range(steps_a_day(&life, SIM_EAGER), 14000, 26000);
    }
}

static void test_life__the_rester_rests_longer_than_the_limit_until_now(void **state)
{
    (void)state;
    struct sw_plan plan = sw_plan_default();
    plan.rest_limit_min = 120;
    struct sim_life life = sim_life_new(1, &zone, &plan, now_s);
    for (int64_t at_s = now_s - 130 * 60; at_s < now_s; at_s += 60) {
        struct sim_minute minute = sim_life_minute(&life, SIM_RESTER, at_s);
        assert_true(minute.is_sent && minute.worn && minute.steps == 0);
    }
    assert_true(sim_life_minute(&life, SIM_RESTER, now_s - 145 * 60).steps > 0);
}

/* The judgement is the gateway's own: a day computed from the rester's minutes. */
static void test_life__the_rest_is_over_the_limit_for_the_gateway_too(void **state)
{
    (void)state;
    struct sw_plan plan = sw_plan_default();
    struct sim_life life = life_of(1);
    struct sw_day_set set = {0};
    struct sw_day *day = malloc(sizeof *day);
    assert_non_null(day);
    for (int64_t at_s = now_s - 15 * 3600; at_s < now_s; at_s += 60) {
        struct sim_minute minute = sim_life_minute(&life, SIM_RESTER, at_s);
        struct sw_reading reading = {
            .start_s = at_s, .seconds = 60, .steps = minute.steps, .worn = minute.worn};
        assert_true(sw_day_set_add_reading(&set, 1, &reading) >= 0);
    }
    assert_int_equal(sw_day_compute(day, &zone, sw_day_of(&zone, now_s), &plan, &set),
                     0);
    assert_in_range(day->row.longest_rest_min, plan.rest_limit_min,
                    2 * plan.rest_limit_min - 1);
    sw_day_set_fini(&set);
    free(day);
}

static void test_life__the_others_come_to_their_point_before_now(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    for (int64_t at_s = now_s - 200 * 60; at_s < now_s + 3600; at_s += 60) {
        struct sim_minute bare = sim_life_minute(&life, SIM_BARE, at_s);
        assert_true(bare.is_sent && !bare.worn);
        assert_false(sim_life_minute(&life, SIM_SILENT, at_s).is_sent);
    }
    assert_true(sim_life_minute(&life, SIM_SILENT, now_s - DAY_S).is_sent);
    assert_true(sim_life_minute(&life, SIM_BARE, now_s - DAY_S + 3600).worn);
}

static void test_life__of_any_five_each_is_another_kind(void **state)
{
    (void)state;
    for (size_t patient = 0; patient < N_PATIENTS; patient++)
        assert_int_equal(sim_kind(patient), patient % 5);
    assert_string_equal(sim_patient_id(0).str, "sim-001");
    assert_string_equal(sim_patient_id(9999).str, "sim-10000");
}

/* ---- the feed ---- */

static const int64_t from_s = 1774740900; /* 2026-03-29 00:35 in Berlin: 23 hours */

enum { MINUTES = 40 * 60 };

/* Minutes by those who say them, and scores. */
struct seen {
    uint8_t minutes[N_PATIENTS][SIM_BANDS][MINUTES];
    int scores[N_PATIENTS];
};

static void see(struct seen *seen, const struct sim_batch *batch, int64_t begin_s)
{
    if (batch->sender == SIM_APP) {
        assert_int_equal(batch->start_s, batch->pain.at_s);
        seen->scores[batch->patient]++;
        return;
    }
    for (int32_t i = 0; i < batch->minutes; i++)
        seen->minutes[batch->patient][batch->sender]
                     [(batch->start_s - begin_s) / 60 + i]++;
}

static int scores_of(const struct sim_life *life, size_t patient, int64_t begin_s,
                     int64_t to_s)
{
    struct sw_pain pain;
    int n = 0;
    for (int64_t at_s = begin_s; at_s < to_s; at_s += 60)
        n += sim_life_pain(life, patient, at_s, at_s + 60, &pain);
    return n;
}

static void check_feed(int64_t begin_s)
{
    static struct seen seen;
    struct sim_life life = life_of(3);
    struct sim_feed feed;
    struct sim_batch batch;
    memset(&seen, 0, sizeof seen);
    assert_int_equal(sim_feed_init(&feed, &life, N_PATIENTS, begin_s), 0);
    int64_t end_s = begin_s + (int64_t)MINUTES * 60;
    /* in steps, as live: the last ones a minute each */
    for (int64_t until_s = begin_s + 1000; until_s < end_s; until_s += 3601)
        while (sim_feed_next(&feed, until_s, &batch)) {
            assert_in_range(batch.minutes, 1, SIM_BATCH_MIN);
            assert_int_equal(batch.start_s / 3600,
                             (batch.start_s + batch.minutes * 60 - 1) / 3600);
            assert_true(batch.start_s + batch.minutes * 60 <= until_s);
            see(&seen, &batch, begin_s);
        }
    while (sim_feed_next(&feed, end_s, &batch))
        see(&seen, &batch, begin_s);
    for (size_t patient = 0; patient < N_PATIENTS; patient++) {
        for (size_t i = 0; i < MINUTES * SIM_BANDS; i++) {
            int band = (int)(i % SIM_BANDS);
            int64_t at_s = begin_s + (int64_t)(i / SIM_BANDS) * 60;
            assert_int_equal(seen.minutes[patient][band][i / SIM_BANDS],
                             sim_life_band(&life, patient, band, at_s).is_sent);
        }
        assert_int_equal(seen.scores[patient],
                         scores_of(&life, patient, begin_s, end_s));
    }
    assert_false(sim_feed_next(&feed, end_s, &batch));
    sim_feed_fini(&feed);
}

static void test_feed__sends_every_minute_once_and_none_of_the_future(void **state)
{
    (void)state;
    struct sim_life life = life_of(3);
    check_feed(from_s);
    check_feed(sw_day_begin(&zone, sim_year_new_band(&life, 0)) - 12 * 3600 - 1020);
}

static void check_payload(const struct sim_life *life, const struct sim_batch *batch,
                          struct sw_samples *samples)
{
    struct sw_receipt receipt = {
        .at_s = now_s, .oldest_s = now_s - 400 * DAY_S, .newest_s = now_s};
    char payload[SIM_PAYLOAD_MAX], why[SW_WHY_MAX];
    struct sw_pain pain;
    size_t len = sim_batch_payload(life, batch, payload);
    assert_int_equal(len, strlen(payload));
    if (batch->sender == SIM_APP) {
        assert_int_equal(sw_decode_pain(payload, len, &receipt, &pain, why),
                         SW_ACCEPTED);
        assert_int_equal(pain.at_s, batch->pain.at_s);
        assert_true(pain.score >= batch->pain.score && pain.score <= batch->pain.score);
        assert_int_equal(pain.flare, batch->pain.flare);
        return;
    }
    assert_int_equal(sw_decode_steps(payload, len, &receipt, samples, why),
                     SW_ACCEPTED);
    assert_int_equal(samples->n, batch->minutes);
    for (size_t i = 0; i < samples->n; i++) {
        const struct sw_reading *reading = &samples->items[i].reading;
        int64_t at_s = batch->start_s + (int64_t)i * 60;
        struct sim_minute minute =
            sim_life_band(life, batch->patient, batch->sender, at_s);
        assert_int_equal(reading->start_s, at_s);
        assert_int_equal(reading->steps, minute.steps);
        assert_int_equal(reading->worn, minute.worn);
        assert_string_equal(samples->items[i].device.str,
                            sim_band_id(batch->patient, batch->sender).str);
        assert_in_range(samples->items[i].battery, 1, 100);
    }
}

static void test_payload__is_what_the_gateway_decodes(void **state)
{
    (void)state;
    struct sim_life life = life_of(3);
    struct sim_feed feed;
    struct sim_batch batch;
    struct sw_samples samples = {0};
    size_t n = 0;
    assert_int_equal(
        sim_feed_init(&feed, &life, N_PATIENTS, now_s - 120 * (int64_t)DAY_S), 0);
    for (; sim_feed_next(&feed, now_s, &batch); n++)
        check_payload(&life, &batch, &samples);
    assert_true(n > N_PATIENTS * 120 * 20);
    sw_samples_fini(&samples);
    sim_feed_fini(&feed);
}

static void test_tally__sums_by_patient_and_civil_day(void **state)
{
    (void)state;
    struct sim_life life = life_of(3);
    struct sim_feed feed;
    struct sim_batch batch;
    int32_t first_day = sw_day_of(&zone, from_s);
    struct sim_tally tally = {.n_patients = 2, .first_day = first_day};
    assert_int_equal(sim_feed_init(&feed, &life, 2, sw_day_begin(&zone, first_day)), 0);
    while (sim_feed_next(&feed, now_s, &batch))
        assert_int_equal(sim_tally_add(&tally, &life, &batch), 0);
    assert_int_equal(sim_tally_get(&tally, 0, first_day)->readings, 23 * 60);
    assert_int_equal(sim_tally_get(&tally, 1, first_day + 1)->readings, 15 * 60);
    assert_null(sim_tally_get(&tally, 0, first_day + 2));
    assert_null(sim_tally_get(&tally, 0, first_day - 1));
    assert_int_equal(tally.total.readings, 2 * (23 + 15) * 60);
    for (size_t patient = 0; patient < 2; patient++)
        assert_int_equal(
            sim_tally_get(&tally, patient, first_day + 1)->scores,
            scores_of(&life, patient, sw_day_begin(&zone, first_day + 1), now_s));
    sim_feed_fini(&feed);
    sim_tally_fini(&tally);
}

/* ---- the command, with a broker ---- */

struct heard {
    atomic_long messages, readings, steps, scores;
};

static void on_message(void *ctx, const char *topic, size_t topic_len,
                       const char *payload, size_t payload_len, bool retained,
                       enum sw_session_copy copy)
{
    struct heard *heard = ctx;
    (void)copy;
    struct sw_samples samples = {0};
    struct sw_topic parsed;
    struct sw_receipt receipt = {.newest_s = INT64_MAX};
    char why[SW_WHY_MAX];
    (void)retained;
    if (sw_topic_parse("main", topic, topic_len, &parsed) == SW_TOPIC_STEPS &&
        sw_decode_steps(payload, payload_len, &receipt, &samples, why) == SW_ACCEPTED) {
        heard->readings += (long)samples.n;
        for (size_t i = 0; i < samples.n; i++)
            heard->steps += samples.items[i].reading.steps;
    }
    struct sw_pain pain;
    if (sw_topic_parse("main", topic, topic_len, &parsed) == SW_TOPIC_PAIN &&
        sw_decode_pain(payload, payload_len, &receipt, &pain, why) == SW_ACCEPTED)
        heard->scores++;
    heard->messages++;
    sw_samples_fini(&samples);
}

/* A session that the broker keeps, so that it queues what we do not read meanwhile. */
static struct sw_session *listener_open(const struct broker *broker,
                                        struct heard *heard)
{
    static const char *const filters[] = {"clinic/main/patient/+/steps",
                                          "clinic/main/patient/+/pain"};
    struct sw_session_options options = {.uri = broker->uri,
                                         .client_id = "listener",
                                         .protocol = 5,
                                         .session_expiry_s = 60,
                                         .filters = filters,
                                         .n_filters = 2,
                                         .message = on_message,
                                         .ctx = heard};
    struct sw_session *session;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_session_new(&session, &options, why), 0);
    return session;
}

static void listener_turn(struct sw_session *session, bool *is_up)
{
    struct sw_session_event event;
    sw_session_tick(session, sw_clock_monotonic_ms());
    struct pollfd fd = {.fd = sw_session_fd(session), .events = POLLIN};
    poll(&fd, 1, 5);
    while (sw_session_next(session, &event))
        *is_up = event.kind == SW_SESSION_UP;
}

static char nowhere[] = "/nonexistent", *data_dir = nowhere;
static char said[4096]; /* by the last simulate() on its way */

static int simulate(const struct broker *broker, char *const *words, int n, char *out,
                    size_t size)
{
    char uri[64], site[] = "main", none[] = "";
    char *argv[16] = {(char[]){"simulate"}};
    FILE *sink = fmemopen(out, size, "w"), *asides = fmemopen(said, sizeof said, "w");
    struct cli cli = {.zone = zone,
                      .out = sink,
                      .err = asides,
                      .now_s = sw_clock_now_s(),
                      .simulate = sim_command};
    snprintf(uri, sizeof uri, "%s", broker->uri);
    cli.config.site = site;
    cli.config.path = (char[]){"clinic.conf"};
    cli.config.data_dir = data_dir;
    cli.config.plan = sw_plan_default();
    cli.config.max_age_s = 31 * DAY_S;
    cli.config.broker.uri = uri;
    cli.config.broker.protocol = 5;
    cli.config.broker.username = cli.config.broker.password = none;
    cli.config.broker.ca_file = none;
    cli.config.broker.cert_file = cli.config.broker.key_file = none;
    for (size_t i = 0; cli_command(i); i++)
        if (strcmp(cli_command(i)->name, "simulate") == 0)
            cli.command = cli_command(i);
    for (int i = 0; i < n; i++)
        argv[1 + i] = words[i];
    int code = cmd_simulate(&cli, 1 + n, argv);
    sw_store_close(cli.store);
    fclose(sink);
    fclose(asides);
    return code;
}

static void test_simulate__says_exactly_what_arrived(void **state)
{
    (void)state;
    static char out[4096];
    struct broker broker;
    struct heard heard = {0};
    bool is_up = false;
    char *words[] = {(char[]){"--no-live"}, (char[]){"--days"}, (char[]){"1"},
                     (char[]){"--patients"}, (char[]){"7"}};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session *listener = listener_open(&broker, &heard);
    while (!is_up)
        listener_turn(listener, &is_up);
    assert_int_equal(simulate(&broker, words, 5, out, sizeof out), CLI_OK);
    long messages = 0, readings = 0, steps = 0, scores = 0;
    assert_int_equal(
        sscanf(out, "sent %ld messages with %ld readings and %ld steps, and %ld score",
               &messages, &readings, &steps, &scores),
        4);
    assert_non_null(strstr(said, "no database here to look at"));
    assert_true(messages >= 7 * 20 && readings >= 7 * 1200 && steps > 1000);
    int64_t deadline_ms = sw_clock_monotonic_ms() + PATIENCE_MS;
    while (heard.messages < messages && sw_clock_monotonic_ms() < deadline_ms)
        listener_turn(listener, &is_up);
    assert_int_equal(heard.messages, messages);
    assert_int_equal(heard.readings, readings);
    assert_int_equal(heard.steps, steps);
    assert_int_equal(heard.scores, scores);
    sw_session_free(listener, 5000);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_simulate__goes_on_live_for_as_long_as_asked(void **state)
{
    (void)state;
    static char out[4096];
    struct broker broker;
    char *words[] = {(char[]){"--for"}, (char[]){"1s"},     (char[]){"--days"},
                     (char[]){"0"},     (char[]){"--rate"}, (char[]){"5"}};
    broker_setup(&broker);
    broker_start(&broker);
    int64_t began_ms = sw_clock_monotonic_ms();
    assert_int_equal(simulate(&broker, words, 6, out, sizeof out), CLI_OK);
    assert_true(sw_clock_monotonic_ms() - began_ms >= 1000);
    long messages = -1;
    assert_int_equal(sscanf(out, "sent %ld messages", &messages), 1);
    assert_in_range(messages, 0, 6); /* five a second */
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_simulate__fails_without_a_broker(void **state)
{
    (void)state;
    static char out[4096];
    struct broker broker;
    broker_setup(&broker);
    assert_int_equal(simulate(&broker, NULL, 0, out, sizeof out), CLI_FAILED);
    assert_non_null(strstr(said, broker.uri));
    assert_non_null(strstr(said, "start the broker, or mend broker.uri"));
    assert_non_null(strstr(said, "clinic.conf"));
    assert_string_equal(out, "");
    broker_remove(&broker);
}

/* The database is here, and says that all would be refused: no broker is asked. */
static void
test_simulate__sends_nothing_of_patients_the_gateway_does_not_know(void **state)
{
    (void)state;
    static char out[4096];
    char folder[] = "/tmp/stepward-sim-XXXXXX", path[64], why[SW_WHY_MAX];
    char *words[] = {(char[]){"--patients"}, (char[]){"2"}};
    struct broker broker;
    struct sw_store *store;
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    broker_setup(&broker);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/stepward.db", folder);
    assert_int_equal(sw_store_open(&store, path, SW_STORE_WRITE, why), 0);
    struct sw_patient first = {.id = sim_patient_id(0)};
    assert_int_equal(sw_store_add_patient(store, &first, &plan, &key), 0);
    sw_store_close(store);
    data_dir = folder;
    assert_int_equal(simulate(&broker, words, 2, out, sizeof out), CLI_FAILED);
    data_dir = nowhere;
    assert_non_null(strstr(said, "does not know 1 of the 2 patients"));
    assert_non_null(strstr(said, "auto_enroll = true"));
    assert_string_equal(out, "");
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s/stepward.db%s", folder, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
    broker_remove(&broker);
}

static void test_simulate__refuses_wishes_out_of_range(void **state)
{
    (void)state;
    static char out[4096];
    struct broker broker = {0};
    char *const wrong[][2] = {{(char[]){"--patients"}, (char[]){"0"}},
                              {(char[]){"--days"}, (char[]){"31"}},
                              {(char[]){"--rate"}, (char[]){"-1"}},
                              {(char[]){"--seed"}, (char[]){"x"}},
                              {(char[]){"--for"}, (char[]){"soon"}}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(simulate(&broker, wrong[i], 2, out, sizeof out), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_life__is_the_same_for_the_same_seed_and_another_for_another),
        cmocka_unit_test(test_life__is_always_plausible),
        cmocka_unit_test(test_life__each_kind_walks_as_its_name_says),
        cmocka_unit_test(test_life__the_rester_rests_longer_than_the_limit_until_now),
        cmocka_unit_test(test_life__the_rest_is_over_the_limit_for_the_gateway_too),
        cmocka_unit_test(test_life__the_others_come_to_their_point_before_now),
        cmocka_unit_test(test_life__of_any_five_each_is_another_kind),
        cmocka_unit_test(test_feed__sends_every_minute_once_and_none_of_the_future),
        cmocka_unit_test(test_payload__is_what_the_gateway_decodes),
        cmocka_unit_test(test_tally__sums_by_patient_and_civil_day),
        cmocka_unit_test(test_simulate__says_exactly_what_arrived),
        cmocka_unit_test(test_simulate__goes_on_live_for_as_long_as_asked),
        cmocka_unit_test(test_simulate__fails_without_a_broker),
        cmocka_unit_test(
            test_simulate__sends_nothing_of_patients_the_gateway_does_not_know),
        cmocka_unit_test(test_simulate__refuses_wishes_out_of_range),
    };
    return cmocka_run_group_tests_name("sim", tests, load_zone, unload_zone);
}
