/* test_hands.c -- other devices' messages: whose readings they are when devices change
 * hands, whatever came first: the reading, its commit, or the word of who wears it. */
#include "clinic_fixture.h"

#include "records/change.h"
#include "records/erase.h"

enum {
    ROUNDS = 40,
    STEPS = 30,    /* of a round: a message, an assignment, a commit, a restart */
    MINUTES = 600, /* of the day, from midnight */
};
static char band_topic[] = "band/{device}", own_topic[] = "own/{patient}/{device}";
static char total[] = "/n", at[] = "/t", none[] = "", steps[] = "/s";
static char band[] = "band", count[] = "count", own[] = "own";
static char count_topic[] = "count/{device}";
static char log_topic[] = "log", each[] = "/p", device_above[] = "^/id";
static char number[] = "/n", is_steps[] = "/k=s", is_pain[] = "/k=n";
static char mixed_topic[] = "mixed", mixed_each[] = "", device_beside[] = "/id";

enum { SOURCES = 6, MIXED = 5 };
struct hands {
    struct clinic clinic;
    struct sw_source sources[SOURCES];
    struct sw_adapters *adapters;
};

/* Sources: a counter, minutes, and minutes whose topic names the patient; then minutes
 * and scores in one payload; then minutes of several devices. */
static void open_hands(struct hands *h)
{
    const struct sw_source source = {.total = none,
                                     .steps = none,
                                     .start = none,
                                     .from = none,
                                     .to = none,
                                     .at = at,
                                     .worn = none,
                                     .battery = none};
    for (size_t i = 0; i < SOURCES; i++)
        h->sources[i] = source;
    h->sources[0].name = count;
    h->sources[0].topic = count_topic;
    h->sources[0].total = total;
    h->sources[0].has_total = true;
    h->sources[1].name = band;
    h->sources[1].topic = band_topic;
    h->sources[2].name = own;
    h->sources[2].topic = own_topic;
    for (size_t i = 1; i < 3; i++) {
        h->sources[i].steps = steps;
        h->sources[i].has_steps = true;
    }
    for (size_t i = 3; i < MIXED; i++) {
        h->sources[i].name = h->sources[i].topic = log_topic;
        h->sources[i].each = each;
        h->sources[i].has_each = true;
        h->sources[i].device = device_above;
    }
    h->sources[3].when = is_steps;
    h->sources[3].steps = number;
    h->sources[3].has_steps = true;
    h->sources[4].when = is_pain;
    h->sources[4].score = number;
    h->sources[4].has_score = true;
    h->sources[MIXED].name = h->sources[MIXED].topic = mixed_topic;
    h->sources[MIXED].each = mixed_each;
    h->sources[MIXED].has_each = true;
    h->sources[MIXED].device = device_beside;
    h->sources[MIXED].steps = steps;
    h->sources[MIXED].has_steps = true;
    open_clinic(&h->clinic);
    assert_int_equal(sw_adapters_new(&h->adapters, h->sources, SOURCES), 0);
    h->clinic.config.sources = h->sources;
    h->clinic.config.n_sources = SOURCES;
    h->clinic.ingest.adapters = h->adapters;
}

static void close_hands(struct hands *h)
{
    close_clinic(&h->clinic);
    sw_adapters_free(h->adapters);
}

static void send_at(struct hands *h, const char *topic, const char *payload,
                    int64_t at_s, bool is_retained)
{
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .retained = is_retained,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&h->clinic.ingest, &record, at_s), 0);
}
static const int64_t NOON_S = 20522 * (int64_t)86400 + 43200;
static void send(struct hands *h, const char *topic, const char *payload)
{
    send_at(h, topic, payload, NOON_S, false);
}

/* What the counter `c` showed, and what the band `b` counted, in a minute of the day.
 */
static void send_total(struct hands *h, int32_t minute, int32_t n)
{
    char payload[80];
    snprintf(payload, sizeof(payload), "{\"n\":%d,\"t\":%lld}", n,
             (long long)(DAY_S + minute * 60));
    send(h, "count/c", payload);
}
static void send_steps(struct hands *h, int32_t minute, int32_t n)
{
    char payload[80];
    snprintf(payload, sizeof(payload), "{\"s\":%d,\"t\":%lld}", n,
             (long long)(DAY_S + minute * 60));
    send(h, "band/b", payload);
}

/* As the command line does it: another connection. */
static void assign(struct hands *h, const char *device, const char *patient,
                   int32_t minute)
{
    struct sw_store *other;
    struct sw_patient found = {.key = 0};
    struct sw_device_id device_id = {{0}};
    struct sw_patient_id id = {{0}};
    char why[SW_WHY_MAX];
    strcpy(device_id.str, device);
    strcpy(id.str, patient);
    assert_int_equal(sw_store_open(&other, h->clinic.path, SW_STORE_WRITE, why), 0);
    assert_int_equal(sw_store_begin(other), 0);
    if (patient[0] != '\0')
        assert_int_equal(sw_store_find_patient(other, id, &found), 0);
    assert_int_equal(
        sw_records_assign(other, &utc, &device_id, found.key, DAY_S + minute * 60), 0);
    assert_int_equal(sw_store_commit(other), 0);
    sw_store_close(other);
}

static void commit(struct hands *h)
{
    assert_true(judge(&h->clinic, NOON_S, true));
}

static void add(struct hands *h, const char *patient)
{
    struct sw_patient new = {.added_at_s = 1};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    strcpy(new.id.str, patient);
    assert_int_equal(sw_store_add_patient(h->clinic.store, &new, &plan, &key), 0);
    assert_int_equal(ingest_load(&h->clinic.ingest, TODAY), 0);
}

static int keep_row(void *ctx, const struct sw_day_row *row)
{
    *(struct sw_day_row *)ctx = *row;
    return 0;
}
static struct sw_day_row row_of(struct hands *h, const char *patient)
{
    struct sw_day_row row;
    struct sw_patient_id id = {{0}};
    memset(&row, 0, sizeof(row));
    strcpy(id.str, patient);
    assert_int_equal(
        sw_store_each_day(h->clinic.store, &id, TODAY, TODAY, keep_row, &row), 0);
    return row;
}
static int64_t steps_of(struct hands *h, const char *patient)
{
    return row_of(h, patient).steps;
}

static int keep_newest_why(void *ctx, const struct sw_rejected *rejected)
{
    snprintf(ctx, SW_WHY_MAX, "%s: %s", sw_refusal_code(rejected->refusal),
             rejected->why);
    return 1;
}
static void check_refused(struct hands *h, const char *expected)
{
    char why[SW_WHY_MAX] = "nothing";
    commit(h);
    sw_store_each_rejected(h->clinic.store, 1, keep_newest_why, why);
    assert_string_equal(why, expected);
}

static void test_source__with_a_patient_is_as_a_native_topic(void **state)
{
    struct hands *h = *state;
    send(h, "own/p1/phone", "{\"s\":70,\"t\":1773140000}");
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 70);
    assert_int_equal(h->clinic.patients.all[0]->known.heard_at_s, NOON_S);
    h->clinic.config.auto_enroll = false;
    send(h, "own/p9/phone", "{\"s\":70,\"t\":1773140000}");
    check_refused(h, "patient: unknown patient");
    send(h, "own/a-name-of-more-than-thirty-six-letters/phone",
         "{\"s\":70,\"t\":1773140000}");
    check_refused(h, "topic: source own: what stands for {patient} is no id");
}

static void test_device__of_nobody_is_refused_until_it_is_assigned(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    send_steps(h, 100, 50);
    check_refused(h, "device: no one wore b all the time from 2026-03-10T01:40:00Z to "
                     "2026-03-10T01:41:00Z");
    send_total(h, 100, 50);
    check_refused(h, "device: nobody wore c at 2026-03-10T01:40:00Z");
    assign(h, "b", "p1", 100);
    send_steps(h, 100, 50); /* noticed at once */
    send_steps(h, 99, 50);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 50);
    assert_int_equal(h->clinic.health.rejected, 3);
}

static int print_row(void *ctx, const struct sw_rejected *rejected)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 1000 - n, "%s %s %.*s\n", sw_refusal_code(rejected->refusal),
             rejected->why, (int)rejected->payload_len, rejected->payload);
    return 0;
}

static void test_items__of_a_source_are_refused_by_themselves(void **state)
{
    struct hands *h = *state;
    char rows[1000] = "";
    add(h, "p1");
    assign(h, "b", "p1", 100);
    /* from minute 98 on: two of nobody's, two that are wrong, two that are right */
    send(h, "band/b", "{\"s\":[1,2,\"x\",900,3,4],\"t\":1773106680}");
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 7);
    assert_int_equal(h->clinic.health.rejected, 1); /* message */
    sw_store_each_rejected(h->clinic.store, 9, print_row, rows);
    assert_string_equal(
        rows, "device no one wore b all the time from 2026-03-10T01:38:00Z to "
              "2026-03-10T01:39:00Z; and 1 more, up to steps[1] "
              "{\"s\":[1,2,null,null,null,null],\"t\":1773106680}\n"
              "implausible steps[3]: 900 steps in 60 s is implausible "
              "{\"s\":[null,null,null,900,null,null],\"t\":1773106680}\n"
              "shape steps[2]: a text is not a number "
              "{\"s\":[null,null,\"x\",null,null,null],\"t\":1773106680}\n");
}

static void check_rows(struct hands *h, const char *expected)
{
    char rows[1000] = "";
    commit(h);
    sw_store_each_rejected(h->clinic.store, 9, print_row, rows);
    assert_string_equal(rows, expected);
}

static void test_sections__of_a_topic_each_refuse_their_items(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    assign(h, "w", "p1", 0);
    send(h, "log",
         "{\"id\":\"w\",\"p\":[{\"k\":\"s\",\"n\":5,\"t\":1773106680},"
         "{\"k\":\"s\",\"n\":\"x\",\"t\":1773106740},{\"k\":\"n\",\"n\":4,\"t\":"
         "1773106680},"
         "{\"k\":\"n\",\"n\":12,\"t\":1773106740},{\"k\":\"other\"}]}");
    check_rows(h,
               "shape [3].score: 12 is not in 0..10 "
               "{\"id\":\"w\",\"p\":[{\"k\":\"n\",\"n\":12,\"t\":1773106740}]}\n"
               "shape [1].steps: a text is not a number "
               "{\"id\":\"w\",\"p\":[{\"k\":\"s\",\"n\":\"x\",\"t\":1773106740}]}\n");
    assert_int_equal(h->clinic.health.rejected, 1);
    assert_int_equal(steps_of(h, "p1"), 5);
    assert_true(row_of(h, "p1").pain_max == 4);
}

static void test_sections__refuse_a_message_that_is_wrong_as_a_whole_once(void **state)
{
    struct hands *h = *state;
    send(h, "log", "{");
    check_rows(h, "json byte 0: not JSON {\n");
    assert_int_equal(h->clinic.health.rejected, 1);
}

static int print_holder(void *ctx, const struct sw_rejected *rejected)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 1000 - n, "%s: %s %.*s\n",
             *rejected->patient.str ? rejected->patient.str : "-",
             sw_refusal_code(rejected->refusal), (int)rejected->payload_len,
             rejected->payload);
    return 0;
}

struct asked_for {
    struct hands *h;
    const char *patient;
    int n, n_in_part;
};
static int count_theirs(void *ctx, const struct sw_rejected *rejected)
{
    struct asked_for *asked = ctx;
    struct sw_patient_id id = {{0}};
    strcpy(id.str, asked->patient);
    asked->n += sw_records_is_rejected_of(asked->h->clinic.store, asked->h->adapters,
                                          id, rejected, false);
    asked->n_in_part += sw_records_is_rejected_of(
        asked->h->clinic.store, asked->h->adapters, id, rejected, true);
    return 0;
}
static void check_theirs(struct hands *h, const char *patient, int n, int n_in_part)
{
    struct asked_for asked = {.h = h, .patient = patient};
    sw_store_each_rejected(h->clinic.store, 99, count_theirs, &asked);
    assert_int_equal(asked.n, n);
    assert_int_equal(asked.n_in_part, n_in_part);
}

static void test_rows__are_of_whoever_wears_the_device_of_the_items(void **state)
{
    struct hands *h = *state;
    char rows[1000] = "";
    add(h, "p1");
    add(h, "p2");
    assign(h, "a", "p1", 0);
    assign(h, "b", "p2", 0);
    send(h, "mixed",
         "[{\"id\":\"a\",\"s\":5,\"t\":1773106680},"
         "{\"id\":\"a\",\"s\":900,\"t\":1773106740},"
         "{\"id\":\"b\",\"s\":901,\"t\":1773106740},"
         "{\"id\":\"b\",\"s\":902,\"t\":1773106800},"
         "{\"id\":\"c\",\"s\":7,\"t\":1773106800}]");
    commit(h);
    sw_store_each_rejected(h->clinic.store, 9, print_holder, rows);
    assert_string_equal(
        rows, "-: device [{\"id\":\"c\",\"s\":7,\"t\":1773106800}]\n"
              "p2: implausible [{\"id\":\"b\",\"s\":901,\"t\":1773106740},"
              "{\"id\":\"b\",\"s\":902,\"t\":1773106800}]\n"
              "p1: implausible [{\"id\":\"a\",\"s\":900,\"t\":1773106740}]\n");
    check_theirs(h, "p1", 1, 1);
    check_theirs(h, "p2", 1, 1);
    assign(h, "c", "p2", 0); /* told late: then it was theirs, too */
    check_theirs(h, "p2", 2, 2);
    const struct sw_erasure erasure = {
        .site = "t", .adapters = h->adapters, .patient = {"p2"}, .now_s = NOON_S};
    assert_int_equal(sw_records_erase(h->clinic.store, &erasure), 0);
    rows[0] = '\0';
    sw_store_each_rejected(h->clinic.store, 9, print_holder, rows);
    assert_string_equal(
        rows, "p1: implausible [{\"id\":\"a\",\"s\":900,\"t\":1773106740}]\n");
}

/* Beyond sixteen they are refused as one, which nobody holds, and is of all of them. */
static void test_rows__of_many_devices_are_of_each(void **state)
{
    struct hands *h = *state;
    char payload[2000], *end = payload;
    add(h, "p1");
    add(h, "p2");
    for (int i = 0; i < 18; i++) {
        char device[8];
        snprintf(device, sizeof device, "d%d", i);
        assign(h, device, i == 17 ? "p2" : "p1", 0);
        end += sprintf(end, "%s{\"id\":\"d%d\",\"s\":900,\"t\":1773106680}",
                       i ? "," : "[", i);
    }
    strcpy(end, "]");
    send(h, "mixed", payload);
    commit(h);
    check_theirs(h, "p1", 16, 16); /* the last is of d15 to d17 */
    check_theirs(h, "p2", 1, 1);
}

static int print_missed(void *ctx, const struct sw_missed *missed)
{
    char *out = ctx;
    size_t n = strlen(out);
    snprintf(out + n, 1000 - n, "%s %d/%d +%d +%d %s\n", missed->source,
             (int)missed->n_missed, (int)missed->n_seen,
             (int)(missed->since_s - NOON_S), (int)(missed->last_s - NOON_S),
             missed->example);
    return 0;
}
static void check_missed(struct hands *h, const char *expected)
{
    char rows[1000] = "";
    commit(h);
    assert_int_equal(sw_store_each_missed(h->clinic.store, 0, print_missed, rows), 0);
    assert_string_equal(rows, expected);
}

static void test_missed__items_are_counted_by_source(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    assign(h, "a", "p1", 0);
    send(h, "mixed", "[{\"rssi\":1}]"); /* nothing at all: perhaps a neighbour's */
    send(h, "mixed", "[{\"id\":\"a\",\"s\":null,\"t\":1773106680}]");
    check_missed(h, "");
    send(h, "mixed",
         "[{\"id\":\"a\",\"s\":5,\"t\":1773106680},{\"id\":\"a\",\"n\":6},{}]");
    send_at(h, "mixed", "[{\"id\":\"a\"},{\"id\":\"a\",\"s\":5,\"t\":1773106680}]",
            NOON_S + 60, false);
    check_missed(h, "mixed 3/5 +0 +60 [0]: nothing at \"/s\"\n");
    send_at(h, "mixed", "[{\"id\":\"a\",\"s\":5,\"t\":1773106680},{}]", NOON_S + 120,
            false);
    check_missed(h, "mixed 4/7 +0 +120 [1]: nothing at \"/s\"\n");
    /* A week later it begins anew. */
    send_at(h, "mixed", "[{\"id\":\"a\",\"s\":5,\"t\":1773106680},{}]",
            NOON_S + 121 + SW_MISSED_SHOWN_S, false);
    check_missed(h, "mixed 1/2 +604921 +604921 [1]: nothing at \"/s\"\n");
}

static void test_device__without_data_is_heard_and_not_refused(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    send(h, "band/b", "{\"rssi\":-70}"); /* a neighbour's, perhaps */
    assign(h, "b", "p1", 0);
    commit(h);
    assert_int_equal(h->clinic.patients.all[0]->known.heard_at_s, 0);
    send(h, "band/b", "unavailable");
    send_at(h, "band/b", "{\"s\":-1}", NOON_S, true);
    assert_int_equal(h->clinic.patients.all[0]->known.heard_at_s, 0);
    send(h, "band/b", "{\"rssi\":-70}");
    assert_int_equal(h->clinic.patients.all[0]->known.heard_at_s, NOON_S);
    commit(h);
    assert_int_equal(h->clinic.health.rejected, 0);
    assert_int_equal(h->clinic.health.messages, 4);
}

static void test_hand_over__readings_belong_to_whoever_wore_it_then(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    add(h, "p2");
    assign(h, "b", "p1", 0);
    assign(h, "b", "p2", 200);
    send_steps(h, 250, 7);
    send_steps(h, 150, 50); /* late */
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 50);
    assert_int_equal(steps_of(h, "p2"), 7);
    send(h, "band/b", "{\"s\":[1,2,3],\"t\":1773112740}"); /* from minute 199 on */
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 51);
    assert_int_equal(steps_of(h, "p2"), 12);
    send(h, "band/b", "{\"s\":9,\"t\":1773112770}"); /* half of it is another's */
    check_refused(h, "device: no one wore b all the time from 2026-03-10T03:19:30Z to "
                     "2026-03-10T03:20:30Z");
}

static void test_hand_over__no_steps_of_a_counter_leak(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    add(h, "p2");
    assign(h, "c", "p1", 0);
    send_total(h, 100, 1000);
    send_total(h, 110, 1100);
    assign(h, "c", "p2", 120);
    send_total(h, 130, 1500); /* a baseline: 400 of them are no one's */
    send_total(h, 140, 1550);
    assign(h, "c", "p1", 150);
    send_total(h, 160, 2000);
    send_total(h, 170, 2030);
    for (int i = 0; i < 2; i++) { /* before the commit, and after a restart */
        commit(h);
        assert_int_equal(steps_of(h, "p1"), 130);
        assert_int_equal(steps_of(h, "p2"), 50);
        patients_fini(&h->clinic.patients);
        h->clinic.patients = (struct patients){.store = h->clinic.store, .zone = &utc};
        assert_int_equal(patients_load(&h->clinic.patients, TODAY), 0);
    }
}

static void test_hand_over__told_late_moves_what_is_stored_and_pending(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    add(h, "p2");
    assign(h, "b", "p1", 0);
    assign(h, "c", "p1", 0);
    send_steps(h, 310, 50); /* in another block than those of c */
    send_total(h, 100, 1000);
    send_total(h, 210, 1100);
    send_total(h, 220, 1130);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 180);
    send_steps(h, 330, 7); /* pending, as the first wearer's */
    assign(h, "b", "p2", 120);
    assign(h, "c", "p2", 120);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 0);
    assert_int_equal(steps_of(h, "p2"), 30 + 57);
    send_steps(h, 310, 50); /* the inbox was replayed */
    send_steps(h, 330, 7);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 0);
    assert_int_equal(steps_of(h, "p2"), 30 + 57);
}

static void test_release__leaves_what_is_stored_and_refuses_the_rest(void **state)
{
    struct hands *h = *state;
    add(h, "p1");
    assign(h, "b", "p1", 0);
    send_steps(h, 150, 50);
    commit(h);
    assign(h, "b", "", 100);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 50);
    send_steps(h, 160, 9);
    send_steps(h, 99, 1);
    commit(h);
    assert_int_equal(steps_of(h, "p1"), 51);
    assert_int_equal(h->clinic.health.rejected, 1);
}

/* ---- in any order ---- */

static uint32_t draw(uint32_t below)
{
    static uint64_t seed = 20260310;
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

struct event {
    enum { SAY_TOTAL, SAY_STEPS, ASSIGN } what;
    int32_t minute, n;
    const char *device, *patient;
};

static void happen(struct hands *h, const struct event *event)
{
    if (event->what == SAY_TOTAL)
        send_total(h, event->minute, event->n);
    else if (event->what == SAY_STEPS)
        send_steps(h, event->minute, event->n);
    else
        assign(h, event->device, event->patient, event->minute);
}

/* Two patients wear two devices from the first minute on, so that nothing is refused.
 */
static void begin(struct hands *h)
{
    open_hands(h);
    add(h, "p1");
    add(h, "p2");
    assign(h, "b", "p1", 0);
    assign(h, "c", "p1", 0);
}

static void restart(struct hands *h)
{
    commit(h);
    patients_fini(&h->clinic.patients);
    h->clinic.patients = (struct patients){.store = h->clinic.store, .zone = &utc};
    assert_int_equal(ingest_load(&h->clinic.ingest, TODAY), 0);
}

static struct event draw_event(int32_t minute_of_assignment)
{
    static const char *const devices[] = {"b", "c"}, *const patients[] = {"p1", "p2"};
    struct event event = {.minute = (int32_t)draw(MINUTES), .n = (int32_t)draw(100)};
    switch (draw(4)) {
    case 0:
        event.what = ASSIGN;
        event.minute = minute_of_assignment;
        event.device = devices[draw(2)];
        event.patient = patients[draw(2)];
        break;
    case 1:
        event.what = SAY_TOTAL;
        event.n = event.minute * 50 + event.n / 4;
        break;
    default:
        event.what = SAY_STEPS;
        break;
    }
    return event;
}

static void check_same(struct hands *real, struct hands *model, const char *patient,
                       int round)
{
    struct sw_day_row a = row_of(real, patient), b = row_of(model, patient);
    if (memcmp(&a, &b, sizeof(a)) != 0)
        fail_msg("round %d: %s has %lld steps, not %lld", round, patient,
                 (long long)a.steps, (long long)b.steps);
}

/* Assignments are told in their order, each until the next; the model knows them all
 * before the first reading comes. */
static void test_hands__any_order_of_readings_and_word_gives_the_same_days(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct hands real, model;
        struct event events[STEPS];
        begin(&real);
        begin(&model);
        for (int i = 0; i < STEPS; i++)
            events[i] = draw_event(MINUTES * i / STEPS);
        for (int i = 0; i < STEPS; i++)
            if (events[i].what == ASSIGN)
                happen(&model, &events[i]);
        for (int i = 0; i < STEPS; i++) {
            if (events[i].what != ASSIGN)
                happen(&model, &events[i]);
            happen(&real, &events[i]);
            if (draw(5) == 0)
                commit(&real);
            if (draw(10) == 0)
                restart(&real);
        }
        restart(&real);
        commit(&model);
        check_same(&real, &model, "p1", round);
        check_same(&real, &model, "p2", round);
        assert_int_equal(real.clinic.health.rejected, 0);
        close_hands(&real);
        close_hands(&model);
    }
}

static int set_up(void **state)
{
    *state = malloc(sizeof(struct hands));
    open_hands(*state);
    return 0;
}

static int tear_down(void **state)
{
    close_hands(*state);
    free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_source__with_a_patient_is_as_a_native_topic),
        TEST(test_device__of_nobody_is_refused_until_it_is_assigned),
        TEST(test_items__of_a_source_are_refused_by_themselves),
        TEST(test_sections__of_a_topic_each_refuse_their_items),
        TEST(test_sections__refuse_a_message_that_is_wrong_as_a_whole_once),
        TEST(test_rows__are_of_whoever_wears_the_device_of_the_items),
        TEST(test_rows__of_many_devices_are_of_each),
        TEST(test_missed__items_are_counted_by_source),
        TEST(test_device__without_data_is_heard_and_not_refused),
        TEST(test_hand_over__readings_belong_to_whoever_wore_it_then),
        TEST(test_hand_over__no_steps_of_a_counter_leak),
        TEST(test_hand_over__told_late_moves_what_is_stored_and_pending),
        TEST(test_release__leaves_what_is_stored_and_refuses_the_rest),
        cmocka_unit_test(
            test_hands__any_order_of_readings_and_word_gives_the_same_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
