/* test_items.c -- messages of random items, right and wrong: what is right says the same
 * as without what is wrong, and each part that was refused is refused by itself. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

enum { ROUNDS = 5000, ITEMS_MAX = 24, PAYLOAD_MAX = 8192 };
static const int64_t NOW_S = 1774779300;
static const struct sw_receipt live = {
    .at_s = 1774779300, .oldest_s = 1772100900, .newest_s = 1774779900};

static uint32_t draw(uint32_t below)
{
    static uint64_t state = 20260330;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static const char *const side_fields[] = {"",
                                          ",\"battery\":80",
                                          ",\"battery\":null",
                                          ",\"battery\":255",
                                          ",\"battery\":\"full\"",
                                          ",\"worn\":false",
                                          ",\"worn\":\"off\"",
                                          ",\"worn\":7",
                                          ",\"device\":\"band\"",
                                          ",\"device\":\"aa:bb\""};
enum { N_SIDE_FIELDS = sizeof side_fields / sizeof *side_fields };

static const char *const wrong_items[] = {
    "7",
    "null",
    "[{\"start\":1774778400,\"steps\":5}]",
    "\"{\\\"start\\\":1774778400,\\\"steps\\\":5}\"",
    "[]",
    "{}",
    "{\"steps\":5}",
    "{\"start\":1774778400,\"seconds\":0,\"steps\":5}",
    "{\"start\":1774778400,\"steps\":\"5\"}",
    "{\"start\":1774778400,\"steps\":256}",
    "{\"start\":1774778400,\"steps\":1,\"total\":1}",
    "{\"start\":\"2026-03-29 10:00:00\",\"steps\":5}",
    "{\"start\":1774778400,\"steps\":5,\"device\":[]}",
    "{\"start\":1774778400,\"steps\":[]}",
    "{\"start\":7,\"steps\":[1,2,3]}",
    "{\"start\":1774778400,\"seconds\":90000,\"steps\":1}",
    "{\"at\":1774789300,\"total\":5}",
    "{\"at\":\"noon\",\"total\":5}",
    "{\"total\":1e300}",
    "{\"start\":1774778400,\"seconds\":1e999,\"steps\":5}",
    "{\"start\":1e999,\"steps\":5}",
};
enum { N_WRONG = sizeof wrong_items / sizeof *wrong_items };

/* A message as it came, and without what is wrong in it. */
struct message {
    char with[PAYLOAD_MAX], without[PAYLOAD_MAX];
    bool has_with, has_without;
    int32_t n_wrong;
};

static void add(char *payload, bool *has, const char *item)
{
    strcat(payload, *has ? "," : "");
    strcat(payload, item);
    *has = true;
}

static void add_both(struct message *message, const char *item)
{
    add(message->with, &message->has_with, item);
    add(message->without, &message->has_without, item);
}

/* One number of a batch in five says nothing, and one is wrong. */
static void add_batch(struct message *message, const char *begin, const char *end)
{
    static const char *const wrong[] = {"\"9\"", "900", "true", "{}", "1e999"};
    static const char *const nothing[] = {"null", "-1", "-0.5"};
    char with[PAYLOAD_MAX / ITEMS_MAX], without[PAYLOAD_MAX / ITEMS_MAX];
    bool has_with = false, has_without = false;
    strcpy(with, begin);
    strcpy(without, begin);
    for (uint32_t n = draw(8) + 1; n > 0; n--) {
        const char *item = nothing[draw(3)];
        char number[16];
        uint32_t kind = draw(5);
        if (kind == 0) {
            add(with, &has_with, wrong[draw(5)]);
            message->n_wrong++;
        } else {
            if (kind > 1) {
                snprintf(number, sizeof number, "%u.%u", draw(250), draw(10));
                item = number;
            }
            add(with, &has_with, item);
        }
        add(without, &has_without, kind == 0 ? "null" : item);
    }
    strcat(with, end);
    strcat(without, end);
    add(message->with, &message->has_with, with);
    add(message->without, &message->has_without, without);
}

static void draw_item(struct message *message)
{
    char begin[64], end[64], item[200];
    const char *side = side_fields[draw(N_SIDE_FIELDS)];
    long long start_s = NOW_S - 86400 + draw(80000);
    switch (draw(4)) {
    case 0:
        snprintf(item, sizeof item, "{\"start\":%lld,\"steps\":%u%s}", start_s,
                 draw(250), side);
        add_both(message, item);
        break;
    case 1:
        snprintf(item, sizeof item, "{\"at\":%lld,\"total\":%u%s}", start_s,
                 draw(100000), side);
        add_both(message, item);
        break;
    case 2:
        snprintf(begin, sizeof begin, "{\"start\":%lld,\"steps\":[", start_s);
        snprintf(end, sizeof end, "]%s}", side);
        add_batch(message, begin, end);
        break;
    default: {
        uint32_t wrong = draw(N_WRONG);
        bool is_batch = strstr(wrong_items[wrong], "[1,2,3]");
        add(message->with, &message->has_with, wrong_items[wrong]);
        message->n_wrong += is_batch ? 3 : 1;
    }
    }
}

static void draw_message(struct message *message)
{
    *message = (struct message){.with = "[", .without = "["};
    for (uint32_t n = draw(ITEMS_MAX) + 1; n > 0; n--)
        draw_item(message);
    strcat(message->with, "]");
    strcat(message->without, "]");
}

static bool is_same(const struct sw_sample *a, const struct sw_sample *b)
{
    if (strcmp(a->device.str, b->device.str) != 0 || a->kind != b->kind ||
        a->battery != b->battery)
        return false;
    if (a->kind == SW_SAMPLE_TOTAL)
        return a->total.at_s == b->total.at_s && a->total.total == b->total.total &&
               a->total.stamp == b->total.stamp;
    return a->reading.start_s == b->reading.start_s &&
           a->reading.seconds == b->reading.seconds &&
           a->reading.steps == b->reading.steps && a->reading.worn == b->reading.worn;
}

static int decode(const char *payload, struct sw_samples *samples)
{
    char why[SW_WHY_MAX];
    return sw_decode_steps(payload, strlen(payload), &live, samples, why);
}

static void check_part(const char *payload, const struct sw_refused_items *refused,
                       bool takes_in_others)
{
    struct sw_samples samples = {0};
    char *part = sw_steps_part(payload, strlen(payload), refused);
    assert_non_null(part);
    int r = decode(part, &samples);
    if (!takes_in_others) {
        if (r != (int)refused->refusal || samples.n != 0)
            fail_msg("%s\n%s", payload, part);
        assert_int_equal(samples.n_refused, 1);
        assert_int_equal(samples.n_items, refused->n);
    }
    free(part);
    sw_samples_fini(&samples);
}

static void test_items__wrong_ones_change_nothing_of_the_right_ones(void **state)
{
    (void)state;
    struct sw_samples with = {0}, without = {0};
    static struct message message;
    for (int round = 0; round < ROUNDS; round++) {
        draw_message(&message);
        int r = decode(message.with, &with);
        decode(message.without, &without);
        assert_int_equal(r > 0, message.n_wrong > 0);
        if (with.n != without.n)
            fail_msg("%s\n%s", message.with, message.without);
        for (size_t i = 0; i < with.n; i++)
            assert_true(is_same(&with.items[i], &without.items[i]));
        int32_t n_wrong = 0;
        for (size_t i = 0; i < with.n_refused; i++) {
            n_wrong += with.refused[i].n;
            check_part(message.with, &with.refused[i], i + 1 == SW_REFUSED_ITEMS_MAX);
        }
        assert_int_equal(n_wrong, message.n_wrong);
        assert_int_equal(with.n_items, n_wrong + (int32_t)with.n);
    }
    sw_samples_fini(&with);
    sw_samples_fini(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items__wrong_ones_change_nothing_of_the_right_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
