/* The outbox, the refused messages, and what the gateway remembers of itself. */
#include "store_fixture.h"

/* ---- outbox ---- */

static int64_t next(struct fixture *f, int64_t after, const char *topic,
                    const char *payload)
{
    struct sw_outbound out;
    assert_int_equal(sw_store_next_outbound(f->store, after, &out), 0);
    assert_string_equal(out.topic, topic);
    assert_string_equal(out.payload, payload);
    assert_true(out.seq > after);
    free(out.payload);
    return out.seq;
}

static void check_none_after(struct fixture *f, int64_t after)
{
    struct sw_outbound out = {.seq = -5};
    assert_int_equal(sw_store_next_outbound(f->store, after, &out), SW_STORE_NONE);
    assert_int_equal(out.seq, -5);
}

static void test_outbox__is_read_in_the_order_of_the_puts(void **state)
{
    struct fixture *f = *state;
    check_none_after(f, 0);
    assert_int_equal(sw_store_put_outbound(f->store, "b", "", "{\"v\":1}"), 0);
    assert_int_equal(sw_store_put_outbound(f->store, "a", "", ""), 0);
    reopen(f);
    int64_t first = next(f, 0, "b", "{\"v\":1}");
    int64_t second = next(f, first, "a", "");
    check_none_after(f, second);
}

static void test_outbox__a_newer_publication_replaces_the_older(void **state)
{
    struct fixture *f = *state;
    sw_store_put_outbound(f->store, "a", "", "1");
    sw_store_put_outbound(f->store, "b", "", "1");
    int64_t old = next(f, 0, "a", "1");
    sw_store_put_outbound(f->store, "a", "", "2");
    int64_t b = next(f, old, "b", "1");
    int64_t a = next(f, b, "a", "2");
    assert_int_equal(sw_store_outbound_done(f->store, old), 0);
    assert_int_equal(next(f, b, "a", "2"), a); /* the newer one still waits */
    assert_int_equal(sw_store_outbound_done(f->store, a), 0);
    assert_int_equal(sw_store_outbound_done(f->store, a), 0);
    check_none_after(f, b);
    assert_int_equal(next(f, 0, "b", "1"), b);
}

static void
test_outbox__the_last_of_one_is_not_lost_to_the_first_of_the_next(void **state)
{
    struct fixture *f = *state;
    sw_store_put_outbound(f->store, "a", "p1-rest-1", "open");
    sw_store_put_outbound(f->store, "a", "p1-rest-1", "closed");
    sw_store_put_outbound(f->store, "a", "p1-rest-2", "open");
    int64_t closed = next(f, 0, "a", "closed");
    int64_t open = next(f, closed, "a", "open");
    check_none_after(f, open);
}

static void test_outbox__seq_grows_after_all_was_sent_and_a_restart(void **state)
{
    struct fixture *f = *state;
    int64_t last = 0;
    for (int i = 0; i < 4; i++) {
        sw_store_put_outbound(f->store, "a", "", "x");
        int64_t seq = next(f, last, "a", "x");
        sw_store_outbound_done(f->store, seq);
        last = seq;
        reopen(f);
    }
}

static void test_outbox__takes_the_longest_topic_and_no_longer(void **state)
{
    struct fixture *f = *state;
    char topic[SW_TOPIC_MAX + 1];
    memset(topic, 't', sizeof topic);
    topic[SW_TOPIC_MAX] = '\0';
    assert_int_equal(sw_store_put_outbound(f->store, topic, "", "x"), -EINVAL);
    topic[SW_TOPIC_MAX - 1] = '\0';
    assert_int_equal(sw_store_put_outbound(f->store, topic, "", "x"), 0);
    next(f, 0, topic, "x");
}

/* ---- refused messages ---- */

static struct sw_rejected refused(int64_t at_s, const char *payload)
{
    return (struct sw_rejected){
        .at_s = at_s,
        .refusal = SW_REFUSED_TOO_OLD,
        .why = "older than max_age",
        .topic = "clinic/main/patient/p1/steps",
        .payload = payload,
        .payload_len = strlen(payload),
    };
}

static int put_refused(struct fixture *f, struct sw_rejected rejected)
{
    return sw_store_put_rejected(f->store, &rejected, strlen(rejected.topic));
}

struct listed {
    struct fixture *f;
    char text[800];
    int64_t ids[16], stop_at;
    int n;
};

static int gather(void *ctx, const struct sw_rejected *r)
{
    struct listed *listed = ctx;
    char line[256];
    snprintf(line, sizeof line, "%lld %s|%s|%s|%.*s|%d\n", (long long)r->at_s,
             sw_refusal_code(r->refusal), r->why, r->topic, (int)r->payload_len,
             r->payload, r->retained);
    strcat(listed->text, line);
    listed->ids[listed->n++] = r->id;
    return listed->n == listed->stop_at ? 31 : 0;
}

static void test_rejected__is_listed_newest_first(void **state)
{
    struct fixture *f = *state;
    struct listed listed = {0};
    struct sw_rejected retained = refused(20, "");
    retained.retained = true;
    retained.refusal = SW_REFUSED_DEVICE;
    assert_int_equal(put_refused(f, refused(10, "a")), 0);
    assert_int_equal(put_refused(f, retained), 0);
    assert_int_equal(put_refused(f, refused(5, "c")), 0);
    reopen(f);
    assert_int_equal(sw_store_each_rejected(f->store, 9, gather, &listed), 0);
    assert_string_equal(
        listed.text,
        "5 too-old|older than max_age|clinic/main/patient/p1/steps|c|0\n"
        "20 device|older than max_age|clinic/main/patient/p1/steps||1\n"
        "10 too-old|older than max_age|clinic/main/patient/p1/steps|a|0\n");
}

static void test_rejected__limit_and_return_end_the_list(void **state)
{
    struct fixture *f = *state;
    struct listed listed = {0};
    for (int i = 0; i < 5; i++)
        put_refused(f, refused(i, "x"));
    assert_int_equal(sw_store_each_rejected(f->store, 3, gather, &listed), 0);
    assert_int_equal(listed.n, 3);
    listed = (struct listed){0};
    assert_int_equal(sw_store_each_rejected(f->store, 0, gather, &listed), 0);
    assert_int_equal(sw_store_each_rejected(f->store, -1, gather, &listed), 0);
    assert_int_equal(listed.n, 0);
    listed.stop_at = 2;
    assert_int_equal(sw_store_each_rejected(f->store, 9, gather, &listed), 31);
    assert_int_equal(listed.n, 2);
}

static const char hostile[] = "\xff\x00\xfe{\"steps\"";

static int check_hostile(void *ctx, const struct sw_rejected *r)
{
    int *n = ctx;
    assert_int_equal(r->payload_len, sizeof hostile);
    assert_memory_equal(r->payload, hostile, sizeof hostile);
    assert_memory_equal(r->topic, "\xc3(\x01", 4);
    assert_int_equal(r->refusal, SW_REFUSED_UTF8);
    ++*n;
    return 0;
}

static void test_rejected__keeps_bytes_that_are_no_text(void **state)
{
    struct fixture *f = *state;
    int n = 0;
    struct sw_rejected rejected = {.refusal = SW_REFUSED_UTF8,
                                   .why = "",
                                   .topic = "\xc3(\x01/cut",
                                   .payload = hostile,
                                   .payload_len = sizeof hostile};
    assert_int_equal(sw_store_put_rejected(f->store, &rejected, 3), 0);
    assert_int_equal(sw_store_each_rejected(f->store, 9, check_hostile, &n), 0);
    assert_int_equal(n, 1);
}

static int check_empty(void *ctx, const struct sw_rejected *r)
{
    int *n = ctx;
    assert_string_equal(r->topic, "");
    assert_int_equal(r->payload_len, 0);
    assert_non_null(r->payload);
    ++*n;
    return 0;
}

static void test_rejected__may_be_empty(void **state)
{
    struct fixture *f = *state;
    int n = 0;
    struct sw_rejected rejected = {.refusal = SW_REFUSED_JSON, .why = ""};
    assert_int_equal(sw_store_put_rejected(f->store, &rejected, 0), 0);
    assert_int_equal(sw_store_each_rejected(f->store, 9, check_empty, &n), 0);
    assert_int_equal(n, 1);
}

/* Forgets what it is shown and refuses it anew, as a retry that fails again. */
static int retry(void *ctx, const struct sw_rejected *r)
{
    struct listed *listed = ctx;
    struct sw_rejected again = *r;
    gather(ctx, r);
    assert_int_equal(sw_store_drop_rejected(listed->f->store, r->id), 0);
    again.why = "again";
    assert_int_equal(put_refused(listed->f, again), 0);
    assert_string_equal(r->topic, "clinic/main/patient/p1/steps");
    return 0;
}

static void test_rejected__may_be_retried_while_it_is_listed(void **state)
{
    struct fixture *f = *state;
    struct listed listed = {.f = f};
    for (int i = 0; i < 4; i++)
        put_refused(f, refused(i, "x"));
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_each_rejected(f->store, 9, retry, &listed), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(listed.n, 4);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected"
                                         " WHERE why = 'again'"),
                     4);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected"), 4);
}

static void test_forget_rejected__forgets_that_one(void **state)
{
    struct fixture *f = *state;
    struct listed listed = {0};
    for (int i = 0; i < 3; i++)
        put_refused(f, refused(i, "x"));
    sw_store_each_rejected(f->store, 9, gather, &listed);
    assert_int_equal(sw_store_drop_rejected(f->store, listed.ids[1]), 0);
    assert_int_equal(sw_store_drop_rejected(f->store, listed.ids[1]), 0);
    assert_int_equal(number_of(f->store, "SELECT sum(at_s) FROM rejected"), 2);
}

static void test_rejected__keeps_the_newest_ten_thousand(void **state)
{
    struct fixture *f = *state;
    sw_store_begin(f->store);
    for (int i = 0; i < SW_REJECTED_MAX + 25; i++)
        assert_int_equal(put_refused(f, refused(i, "x")), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected"),
                     SW_REJECTED_MAX);
    assert_int_equal(number_of(f->store, "SELECT min(at_s) FROM rejected"), 25);
}

static void test_rejected__keeps_at_most_16_mib(void **state)
{
    struct fixture *f = *state;
    enum { BIG = SW_PAYLOAD_MAX, FIT = 16 * 1024 * 1024 / (BIG + 28) };
    char *payload = malloc(BIG + 1);
    memset(payload, 'x', BIG);
    payload[BIG] = '\0';
    sw_store_begin(f->store);
    put_refused(f, refused(-1, "small"));
    for (int i = 0; i < FIT + 20; i++)
        assert_int_equal(put_refused(f, refused(i, payload)), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    free(payload);
    int64_t bytes = number_of(
        f->store, "SELECT sum(length(topic) + length(payload)) FROM rejected");
    assert_true(bytes <= 16 * 1024 * 1024);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected"), FIT);
    assert_int_equal(number_of(f->store, "SELECT max(at_s) FROM rejected"), FIT + 19);
}

static void put_of(struct fixture *f, const char *patient, int n, const char *payload)
{
    struct sw_rejected rejected = refused(0, payload);
    snprintf(rejected.patient.str, sizeof rejected.patient.str, "%s", patient);
    sw_store_begin(f->store);
    for (int i = 0; i < n; i++)
        assert_int_equal(put_refused(f, rejected), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
}

static int64_t count_of(struct fixture *f, const char *where)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM rejected WHERE %s", where);
    return number_of(f->store, sql);
}

/* What the triggers keep is what a scan finds. */
static void check_shares(struct fixture *f)
{
    assert_int_equal(
        number_of(f->store,
                  "SELECT count(*) FROM (SELECT known, holder, count(*),"
                  " sum(length(topic) + length(payload)) FROM rejected GROUP BY 1, 2"
                  " EXCEPT SELECT known, holder, n, bytes FROM rejected_share)"),
        0);
    assert_int_equal(number_of(f->store, "SELECT sum(n) FROM rejected_share"),
                     number_of(f->store, "SELECT sum(n) FROM rejected_total"));
    assert_int_equal(number_of(f->store, "SELECT sum(n) FROM rejected_total"),
                     count_of(f, "true"));
    assert_true(number_of(f->store, "SELECT min(n) FROM rejected_share") > 0);
}

static void test_rejected__who_has_most_makes_room_for_the_others(void **state)
{
    struct fixture *f = *state;
    put_of(f, "quiet", 3, "x");
    put_of(f, "loud", SW_REJECTED_MAX + 500, "x");
    assert_int_equal(count_of(f, "holder = CAST('quiet' AS BLOB)"), 3);
    assert_int_equal(count_of(f, "holder = CAST('loud' AS BLOB)"), SW_REJECTED_MAX - 3);
    put_of(f, "late", 40, "x");
    assert_int_equal(count_of(f, "holder = CAST('late' AS BLOB)"), 40);
    check_shares(f);
    /* In bytes too: a few that are large are more than many that are small. */
    char *big = calloc(1, SW_PAYLOAD_MAX + 1);
    memset(big, 'x', SW_PAYLOAD_MAX);
    put_of(f, "big", 400, big);
    free(big);
    assert_int_equal(count_of(f, "holder = CAST('quiet' AS BLOB)"), 3);
    assert_int_equal(count_of(f, "holder = CAST('late' AS BLOB)"), 40);
    assert_true(number_of(f->store, "SELECT sum(length(topic) + length(payload))"
                                    " FROM rejected") <= 16 * 1024 * 1024);
    check_shares(f);
}

static void test_rejected__strangers_have_half_the_room_at_most(void **state)
{
    struct fixture *f = *state;
    char topic[64];
    put_of(f, "p1", SW_REJECTED_MAX, "x");
    sw_store_begin(f->store);
    for (int i = 0; i < SW_REJECTED_MAX; i++) {
        struct sw_rejected rejected = refused(0, "x");
        snprintf(topic, sizeof topic, "clinic/main/patient/stranger%d/steps", i);
        rejected.topic = topic;
        assert_int_equal(put_refused(f, rejected), 0);
    }
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(count_of(f, "known"), SW_REJECTED_MAX / 2);
    assert_int_equal(count_of(f, "NOT known"), SW_REJECTED_MAX / 2);
    check_shares(f);
}

static void test_rejected__topics_count_towards_the_bytes(void **state)
{
    struct fixture *f = *state;
    char *topic = malloc(65536);
    struct sw_rejected rejected = refused(0, "");
    memset(topic, 't', 65535);
    topic[65535] = '\0';
    rejected.topic = topic;
    sw_store_begin(f->store);
    for (int i = 0; i < 300; i++)
        assert_int_equal(put_refused(f, rejected), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    free(topic);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected"), 256);
}

/* ---- health ---- */

static void test_health__is_the_last_that_was_put(void **state)
{
    struct fixture *f = *state;
    struct sw_health got = {.messages = 5}, put = {
                                                .messages = 1,
                                                .readings = 2,
                                                .rejected = 3,
                                                .inbox_pending = 4,
                                                .commits = 5,
                                                .open_alerts = 6,
                                                .uptime_s = INT64_MAX,
                                                .version = "12.34.56-rc1+debian12u1",
                                                .connected = true,
                                                .clock_trusted = false,
                                                .written_at_s = 7,
                                                .last_message_at_s = 8,
                                                .last_commit_at_s = 9,
                                            };
    memset(put.problem, 'p', sizeof put.problem - 1);
    assert_int_equal(sw_store_get_health(f->store, &got), SW_STORE_NONE);
    assert_int_equal(got.messages, 5);
    assert_int_equal(sw_store_put_health(f->store, &got), 0);
    assert_int_equal(sw_store_put_health(f->store, &put), 0);
    reopen(f);
    assert_int_equal(sw_store_get_health(f->store, &got), 0);
#define X(name, help) assert_int_equal(got.name, put.name);
    SW_HEALTH_COUNTERS(X)
#undef X
    assert_string_equal(got.version, put.version);
    assert_true(got.connected);
    assert_false(got.clock_trusted);
    assert_int_equal(got.written_at_s, 7);
    assert_int_equal(got.last_message_at_s, 8);
    assert_int_equal(got.last_commit_at_s, 9);
    assert_string_equal(got.problem, put.problem);
}

/* ---- watched ---- */

static int put_online(struct fixture *f, int64_t from_s, int64_t to_s)
{
    return sw_store_put_online(f->store, (struct sw_span){from_s, to_s});
}

static void test_watched__comes_newest_first_at_most_max(void **state)
{
    struct fixture *f = *state;
    struct sw_span spans[4];
    size_t n = 9;
    assert_int_equal(sw_store_get_online(f->store, spans, 4, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(put_online(f, 200, 300), 0);
    assert_int_equal(put_online(f, 100, 150), 0);
    assert_int_equal(put_online(f, 400, 400), 0);
    assert_int_equal(sw_store_get_online(f->store, spans, 4, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(spans[0].from_s, 400);
    assert_int_equal(spans[1].from_s, 200);
    assert_int_equal(spans[1].to_s, 300);
    assert_int_equal(spans[2].from_s, 100);
    assert_int_equal(sw_store_get_online(f->store, spans, 2, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(spans[1].from_s, 200);
    assert_int_equal(sw_store_get_online(f->store, NULL, 0, &n), 0);
    assert_int_equal(n, 0);
}

static void test_watched__a_put_from_the_same_instant_extends(void **state)
{
    struct fixture *f = *state;
    struct sw_span span;
    size_t n;
    put_online(f, 100, 150);
    put_online(f, 100, 250);
    put_online(f, 100, 200);
    assert_int_equal(sw_store_get_online(f->store, &span, 1, &n), 0);
    assert_int_equal(span.to_s, 250);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM online_span"), 1);
    assert_int_equal(put_online(f, 500, 499), -EINVAL);
}

static void test_watched__cut_forgets_what_is_later(void **state)
{
    struct fixture *f = *state;
    struct sw_span spans[4];
    size_t n;
    put_online(f, 100, 150);
    put_online(f, 200, 300);
    put_online(f, 400, 500);
    assert_int_equal(sw_store_cut_online(f->store, 250), 0);
    assert_int_equal(sw_store_get_online(f->store, spans, 4, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(spans[0].to_s, 250);
    assert_int_equal(spans[1].to_s, 150);
}

static void test_watched__is_bounded_and_keeps_the_newest(void **state)
{
    struct fixture *f = *state;
    sw_store_begin(f->store);
    for (int i = 0; i < 10050; i++)
        assert_int_equal(put_online(f, 10 * i, 10 * i + 5), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM online_span"), 10000);
    assert_int_equal(number_of(f->store, "SELECT min(from_s) FROM online_span"), 500);
}

/* ---- memos ---- */

static void test_memo__is_the_last_text_of_that_name(void **state)
{
    struct fixture *f = *state;
    char *text = NULL;
    assert_int_equal(sw_store_get_meta(f->store, "filters", &text), SW_STORE_NONE);
    assert_null(text);
    assert_int_equal(sw_store_put_meta(f->store, "filters", "a\nb"), 0);
    assert_int_equal(sw_store_put_meta(f->store, "filters", "c"), 0);
    assert_int_equal(sw_store_put_meta(f->store, "007", ""), 0);
    reopen(f);
    assert_int_equal(sw_store_get_meta(f->store, "filters", &text), 0);
    assert_string_equal(text, "c");
    free(text);
    assert_int_equal(sw_store_get_meta(f->store, "007", &text), 0);
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(sw_store_get_meta(f->store, "7", &text), SW_STORE_NONE);
}

static void test_distrusted__keeps_the_newest_in_order(void **state)
{
    struct fixture *f = *state;
    struct sw_span spans[SW_DISTRUSTED_MAX];
    size_t n = 9;
    assert_int_equal(sw_store_get_distrusted(f->store, spans, &n), 0);
    assert_int_equal(n, 0);
    for (int64_t i = 0; i < SW_DISTRUSTED_MAX + 3; i++) {
        struct sw_span span = {INT64_C(1796000000000) + i * 100,
                               INT64_C(1796000000000) + i * 100 + 60};
        assert_int_equal(sw_store_add_distrusted(f->store, span), 0);
    }
    reopen(f);
    assert_int_equal(sw_store_get_distrusted(f->store, spans, &n), 0);
    assert_int_equal(n, SW_DISTRUSTED_MAX);
    assert_int_equal(spans[0].from_s, INT64_C(1796000000000) + 300);
    assert_int_equal(spans[n - 1].to_s,
                     INT64_C(1796000000000) + (SW_DISTRUSTED_MAX + 2) * 100 + 60);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_outbox__is_read_in_the_order_of_the_puts),
        TEST(test_outbox__a_newer_publication_replaces_the_older),
        TEST(test_outbox__the_last_of_one_is_not_lost_to_the_first_of_the_next),
        TEST(test_outbox__seq_grows_after_all_was_sent_and_a_restart),
        TEST(test_outbox__takes_the_longest_topic_and_no_longer),
        TEST(test_rejected__is_listed_newest_first),
        TEST(test_rejected__limit_and_return_end_the_list),
        TEST(test_rejected__keeps_bytes_that_are_no_text),
        TEST(test_rejected__may_be_empty),
        TEST(test_rejected__may_be_retried_while_it_is_listed),
        TEST(test_forget_rejected__forgets_that_one),
        TEST(test_rejected__keeps_the_newest_ten_thousand),
        TEST(test_rejected__keeps_at_most_16_mib),
        TEST(test_rejected__who_has_most_makes_room_for_the_others),
        TEST(test_rejected__strangers_have_half_the_room_at_most),
        TEST(test_rejected__topics_count_towards_the_bytes),
        TEST(test_health__is_the_last_that_was_put),
        TEST(test_watched__comes_newest_first_at_most_max),
        TEST(test_watched__a_put_from_the_same_instant_extends),
        TEST(test_watched__cut_forgets_what_is_later),
        TEST(test_watched__is_bounded_and_keeps_the_newest),
        TEST(test_distrusted__keeps_the_newest_in_order),
        TEST(test_memo__is_the_last_text_of_that_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
