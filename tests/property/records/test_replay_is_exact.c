/* test_replay_is_exact.c -- a replay judges few minutes, and makes of them what judging
 * every minute would.
 *
 * Draws some days of a patient around a change of the clocks: stretches of rest, of
 * activity, off the wrist and out of reach, told by minute, askew, by quarter of an
 * hour, by a counter that slips, and twice; some of it late, some of it while the gateway was away.
 * The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "draw.h"

#include "records/replay.h"

enum {
    DAY = 20522,
    DAYS = 5,
    ROUNDS = 3, /* one a zone; REPLAY_ROUNDS=300 takes a minute */
    EVENTS_MAX = 2000,
    EVENT_TEXT = 320,
};

/* The clocks change on the third day. */
static const struct sw_zone_shift spring_shifts[] = {
    {0, 3600}, {(DAY + 2) * 86400LL + 3600, 7200}};
static const struct sw_zone_shift autumn_shifts[] = {
    {0, 7200}, {(DAY + 2) * 86400LL + 3600, 3600}};
static const struct sw_zone zones[] = {
    {utc_shifts, 1}, {spring_shifts, 2}, {autumn_shifts, 2}};

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

/* ---- a life ---- */

struct life {
    const struct sw_zone *zone;
    struct sw_plan plan;
    int64_t begin_s, end_s;
    struct sw_span online_spans[4];
    size_t n_online;
    struct sw_received_list said;
    bool is_late; /* some of it is received later */
};

enum habit { BY_MINUTE, ASKEW, BY_QUARTER, BY_COUNTER, TWICE, HABITS };
enum mood { RESTING, WALKING, OFF, AWAY, MOODS };

static void say(struct life *life, struct sw_received *received)
{
    bool is_delayed = life->is_late && draw(0, 60) == 0;
    if (is_delayed)
        received->at_s += draw(1, 40) * draw(1, 60) * 60;
    received->battery = draw(0, 400) ? -1 : (int32_t)draw(5, 60);
    assert_int_equal(sw_received_list_add(&life->said, received), 0);
}

static void say_reading(struct life *life, int64_t device, int64_t start_s,
                        int32_t seconds, int32_t steps, bool worn)
{
    struct sw_received received = {.at_s = start_s + seconds,
                                   .device_key = device,
                                   .kind = SW_RECEIVED_READING,
                                   .reading = {start_s, seconds, steps, worn}};
    say(life, &received);
}

static void say_total(struct life *life, int64_t device, int64_t at_s, int64_t total)
{
    struct sw_received received = {.at_s = at_s,
                                   .device_key = device,
                                   .kind = SW_RECEIVED_TOTAL,
                                   .total = {at_s, total}};
    say(life, &received);
}

/* What was said of a minute is said again, in halves and with other steps. */
static void say_again(struct life *life, int64_t device, int64_t start_s, int32_t steps)
{
    for (int half = 0; half < 2; half++) {
        struct sw_received received = {
            .at_s = start_s + 90,
            .device_key = device,
            .kind = SW_RECEIVED_READING,
            .reading = {start_s + 30 * half, 30, steps, true}};
        say(life, &received);
    }
}

static int32_t steps_of(enum mood mood, int32_t minutes)
{
    if (mood == WALKING)
        return (int32_t)draw(0, 90) * minutes;
    bool is_burst = draw(0, 40) == 0; /* ends a rest, unless it is said again */
    if (is_burst)
        return 60;
    return draw(0, 12) ? 0 : (int32_t)draw(0, 8) * minutes;
}

static void live(struct life *life, int64_t device, enum habit habit)
{
    enum mood mood = RESTING;
    int64_t left_min = 0, total = draw(0, 9000);
    int32_t each_min = habit == BY_QUARTER   ? 15
                       : habit == BY_COUNTER ? (int32_t)draw(3, 50)
                                             : 1;
    int64_t askew_s = habit == ASKEW ? draw(1, 59) : 0;
    for (int64_t at_s = life->begin_s; at_s < life->end_s; at_s += each_min * 60) {
        left_min -= each_min;
        if (left_min <= 0) {
            mood = (enum mood)draw(0, MOODS - 1);
            left_min = draw(1, draw(0, 1) ? 30 : 400);
        }
        int32_t steps = mood == OFF ? 0 : steps_of(mood, each_min);
        total = draw(0, 300) ? total + steps : draw(0, 50);
        if (mood == AWAY)
            continue;
        int64_t slip = draw(0, 20) ? 0 : draw(0, draw(0, 1) ? total / 2 : total);
        if (habit == BY_COUNTER)
            say_total(life, device, at_s, total - slip);
        else
            say_reading(life, device, at_s + askew_s, each_min * 60, steps,
                        mood != OFF);
        if (habit == TWICE && draw(0, 14) == 0)
            say_reading(life, device, at_s - 840, 900, (int32_t)draw(0, 400), true);
        if (habit == TWICE && draw(0, 2) == 0)
            say_again(life, device, at_s, draw(0, 1) ? 0 : (int32_t)draw(0, 40));
        if (draw(0, 3000) == 0)
            say_reading(life, device, at_s, (int32_t)draw(3601, 40000),
                        (int32_t)draw(0, 2000), true);
    }
}

static void draw_plan(struct sw_plan *plan)
{
    *plan = sw_plan_default();
    plan->rest_limit_min = (int32_t)draw(30, 240);
    plan->wake_from_min = (int32_t)draw(0, 700);
    plan->wake_to_min = (int32_t)draw(plan->wake_from_min + 200, 1440);
    plan->silent_after_s = (int32_t)draw(10, 600) * 60;
    plan->fresh_min = (int32_t)draw(5, 120);
    plan->floor = draw(0, 1) ? (int32_t)draw(100, 20000) : 0;
    plan->ceiling = draw(0, 1) ? (int32_t)draw(500, 30000) : 0;
}

static void draw_life(struct life *life, int round)
{
    *life = (struct life){.zone = &zones[round % 3], .is_late = draw(0, 1) == 1};
    life->begin_s = sw_day_begin(life->zone, DAY);
    life->end_s = sw_day_begin(life->zone, DAY + DAYS);
    draw_plan(&life->plan);
    int64_t at_s = life->begin_s - 100;
    life->n_online = (size_t)draw(1, 4);
    for (size_t i = 0; i < life->n_online; i++) {
        int64_t to_s = i + 1 < life->n_online ? at_s + draw(60, 150000)
                                              : life->end_s + draw(0, 9000);
        life->online_spans[i] = (struct sw_span){at_s, to_s > at_s ? to_s : at_s};
        at_s = life->online_spans[i].to_s + draw(61, 90000);
    }
    for (int64_t device = draw(1, 2); device > 0; device--)
        live(life, device, (enum habit)draw(0, HABITS - 1));
    for (int64_t n = draw(0, 20); n > 0; n--) {
        int64_t pain_s = draw(life->begin_s, life->end_s);
        struct sw_received received = {
            .at_s = pain_s,
            .kind = SW_RECEIVED_PAIN,
            .pain = {pain_s, (double)draw(0, 100) / 10, draw(0, 20) == 0}};
        say(life, &received);
    }
}

/* ---- as a source ---- */

static int start(void *ctx, struct sw_replay_start *ret)
{
    ret->heard_at_s = ((struct life *)ctx)->begin_s - 5000;
    return 0;
}

static bool is_of_day(const struct sw_received *received, int64_t begin_s,
                      int64_t end_s)
{
    const struct sw_reading *reading = &received->reading;
    if (received->kind == SW_RECEIVED_READING)
        return reading->start_s < end_s &&
               reading->start_s + reading->seconds > begin_s;
    if (received->kind == SW_RECEIVED_PAIN)
        return received->pain.at_s >= begin_s && received->pain.at_s < end_s;
    return received->total.at_s >= begin_s - 86400 &&
           received->total.at_s < end_s + 86400;
}

static int load(void *ctx, int32_t day, struct sw_received_list *ret)
{
    struct life *life = ctx;
    int64_t begin_s = sw_day_begin(life->zone, day);
    int64_t end_s = sw_day_begin(life->zone, day + 1);
    for (size_t i = 0; i < life->said.n; i++)
        if (is_of_day(&life->said.items[i], begin_s, end_s))
            assert_int_equal(sw_received_list_add(ret, &life->said.items[i]), 0);
    return 0;
}

static int plan_on(void *ctx, int32_t day, struct sw_plan *ret)
{
    *ret = ((struct life *)ctx)->plan;
    ret->ceiling += day % 2;
    return 0;
}

static const char *device(void *ctx, int64_t device_key)
{
    (void)ctx;
    return device_key == 1 ? "one" : "two";
}

/* ---- and what becomes of it ---- */

struct story {
    char events[EVENTS_MAX][EVENT_TEXT];
    size_t n;
};

static int note(void *ctx, const struct sw_replay_event *event)
{
    struct story *story = ctx;
    const struct sw_alert *alert = event->alert;
    char at[SW_INSTANT_LEN + 1];
    assert_true(story->n < EVENTS_MAX);
    sw_instant_format(event->facts->now_s, at);
    snprintf(story->events[story->n++], EVENT_TEXT,
             "%s %s %s %s %s rev %d, %" PRId64 " %" PRId64 " %" PRId64 " of %" PRId64
             "-%" PRId64 " %s",
             at, sw_alert_kind_name(alert->kind),
             sw_alert_change_name(event->effect->change),
             sw_alert_level_name(alert->level), sw_alert_reason_name(alert->reason),
             alert->rev, alert->evidence[0], alert->evidence[1], alert->evidence[2],
             alert->span.from_s, alert->span.to_s, alert->device.str);
    return 0;
}

static void replay(struct life *life, bool every_minute, struct story *story)
{
    struct sw_patient_id patient = {"p1"};
    struct sw_replay replay = {
        .zone = life->zone,
        .from_day = DAY,
        .to_day = DAY + DAYS - 1,
        .until_s = life->end_s - 3600,
        .online_spans = {life->online_spans, life->n_online},
        .every_minute = every_minute,
        .source = {start, load, plan_on, device, life},
        .each = note,
        .ctx = story,
    };
    story->n = 0;
    assert_int_equal(sw_replay_patient(&replay, &patient), 0);
}

static void test_replay__few_minutes_say_what_all_minutes_do(void **state)
{
    (void)state;
    static struct story all, few;
    size_t told = 0;
    const char *rounds = getenv("REPLAY_ROUNDS");
    int n = rounds ? atoi(rounds) : ROUNDS;
    for (int round = 0; round < n; round++) {
        struct life life;
        uint64_t seed = state_of_draw;
        draw_life(&life, round);
        replay(&life, true, &all);
        replay(&life, false, &few);
        for (size_t i = 0; i < all.n || i < few.n; i++) {
            const char *one = i < all.n ? all.events[i] : "nothing";
            const char *other = i < few.n ? few.events[i] : "nothing";
            if (strcmp(one, other) != 0)
                fail_msg("round %d (%" PRIu64 "), event %zu\nevery minute: %s\n"
                         "few minutes:  %s",
                         round, seed, i, one, other);
        }
        told += all.n;
        sw_received_list_fini(&life.said);
    }
    printf("%zu events\n", told);
    assert_true(told > (size_t)n); /* it is about something */
}

int main(void)
{
    const char *given = getenv("STEPWARD_SEED");
    state_of_draw = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STEPWARD_SEED=%" PRIu64 "\n", state_of_draw);
    fflush(stdout);
    state_of_draw = state_of_draw * 2654435769u + 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replay__few_minutes_say_what_all_minutes_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
