/* life.c -- the events of a patient's life. What must hold after each is checked by
 * life_judge.c; that any order of what was said gives the same days, at the end. */
#include "life.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "life_judge.h"

enum {
    MAX_FUTURE_S = 600, /* the contract's defaults */
    MAX_AGE_S = 31 * 86400,
    DAYS_CHECKED_MAX = 6,
};

/* ---- the day's set, as the gateway keeps it ---- */

static void load_today(struct life *life)
{
    sw_day_set_fini(&life->set);
    said_load(&life->set, sw_day_begin(life->zone, life->today),
              sw_day_begin(life->zone, life->today + 1), life->said, life->n_said);
    life->is_stale = true;
}

static void look_at_calendar(struct life *life)
{
    int32_t today = sw_day_of(life->zone, life->now_s);
    assert(sw_day_begin(life->zone, today) <= life->now_s);
    assert(sw_day_begin(life->zone, today + 1) > life->now_s);
    if (today == life->today)
        return;
    life->today = today;
    load_today(life);
}

struct life *life_new(const struct sw_zone *zone, int32_t day)
{
    struct life *life = calloc(1, sizeof(*life));
    assert(life);
    life->zone = zone;
    life->plan = sw_plan_default();
    life->now_s = sw_day_begin(zone, day) + 10 * 3600;
    life->newest_s = life->added_at_s = life->heard_at_s = life->now_s;
    life->trusted = life->online = true;
    life->today = sw_day_of(zone, life->now_s);
    load_today(life);
    return life;
}

/* ---- time ---- */

static void watch(struct life *life, int64_t from_s, int64_t to_s)
{
    struct sw_span *last =
        life->n_online ? &life->online_spans[life->n_online - 1] : NULL;
    if (last && from_s <= last->to_s) { /* never counted twice */
        last->to_s = to_s > last->to_s ? to_s : last->to_s;
        return;
    }
    if (life->n_online < LIFE_SPANS_MAX)
        life->online_spans[life->n_online++] = (struct sw_span){from_s, to_s};
}

/* The wake time of a stretch of whole minutes, asked minute by minute. */
static void check_wake_time(const struct life *life, int64_t from_s, int64_t to_s)
{
    int64_t sum_s = 0;
    bool is_checked =
        from_s % 60 == 0 && to_s % 60 == 0 && to_s > from_s && to_s - from_s <= 86400;
    if (!is_checked)
        return;
    for (int64_t at_s = from_s; at_s < to_s; at_s += 60) {
        int32_t local = sw_local_minute(life->zone, at_s);
        if (life->plan.wake_from_min <= local && local < life->plan.wake_to_min)
            sum_s += 60;
    }
    assert(sum_s == sw_wake_seconds(life->zone, life->plan.wake_from_min,
                                    life->plan.wake_to_min, from_s, to_s));
}

void life_pass(struct life *life, int64_t seconds)
{
    int64_t from_s = life->now_s;
    life->now_s += seconds;
    if (life->online && life->trusted)
        watch(life, from_s, life->now_s);
    check_wake_time(life, from_s, life->now_s);
    look_at_calendar(life);
    life_judge(life);
}

void life_step_clock(struct life *life, int64_t seconds)
{
    int64_t earliest_s = life->added_at_s - 2 * 86400;
    life->trusted = false;
    life->now_s += seconds;
    if (life->now_s < earliest_s)
        life->now_s = earliest_s;
    look_at_calendar(life);
    life_judge(life);
}

void life_trust(struct life *life)
{
    life->trusted = life->now_s >= life->newest_s;
    life_judge(life);
}

void life_online(struct life *life, bool online)
{
    life->online = online;
    life_judge(life);
}

/* ---- what is said ---- */

static bool is_acceptable(const struct life *life, const struct said *said)
{
    const struct sw_reading *reading = &said->reading;
    int64_t from_s = said->kind == SAID_READING ? reading->start_s
                     : said->kind == SAID_TOTAL ? said->total.at_s
                                                : said->pain.at_s;
    int64_t to_s = said->kind == SAID_READING ? from_s + reading->seconds : from_s;
    bool is_plausible = said->kind != SAID_READING ||
                        !sw_is_implausible(reading->steps, reading->seconds);
    return is_plausible && from_s >= life->now_s - MAX_AGE_S &&
           to_s <= life->now_s + MAX_FUTURE_S;
}

/* A message is heard, whatever it says; nothing can be taken of this one. */
static void hear_refused(struct life *life)
{
    struct sw_refusing *refusing = &life->refusing;
    if (life->now_s > life->heard_at_s)
        life->heard_at_s = life->now_s;
    if (refusing->n == 0)
        refusing->from_s = life->now_s;
    refusing->n++;
    refusing->refusal = SW_REFUSED_FUTURE;
    refusing->fast_s = life->now_s % 7 * 60;
    if (life->now_s > refusing->to_s)
        refusing->to_s = life->now_s;
    life_judge(life);
}

void life_say(struct life *life, const struct said *said, bool retained)
{
    bool is_of_device = said->kind != SAID_PAIN && !retained;
    if (life->n_said == MODEL_SAID_MAX)
        return;
    if (!is_acceptable(life, said)) {
        if (is_of_device)
            hear_refused(life);
        return;
    }
    if (is_of_device)
        life->refusing = (struct sw_refusing){.n = 0};
    life->said[life->n_said++] = *said;
    bool is_pain_of_another_day = said->kind == SAID_PAIN &&
                                  sw_day_of(life->zone, said->pain.at_s) != life->today;
    if (!is_pain_of_another_day) {
        assert(said_to_set(&life->set, said) >= 0);
        assert(said_to_set(&life->set, said) == 0); /* said twice is said once */
    }
    if (!retained && life->now_s > life->heard_at_s)
        life->heard_at_s = life->now_s;
    life->is_stale = true;
    life_judge(life);
}

void life_plan(struct life *life, const struct sw_plan *plan)
{
    life->plan = *plan;
    life->is_stale = true;
    life_judge(life);
}

/* ---- what therapists do ---- */

void life_act(struct life *life, enum sw_alert_kind kind,
              const struct sw_action *action)
{
    struct sw_alert *alert = &life->alerts[kind], before = *alert;
    bool publish = false;
    enum sw_alert_outcome act = sw_alert_apply(alert, action, life->now_s, &publish);
    if (act != SW_OUTCOME_DONE) {
        assert(memcmp(alert, &before, sizeof(before)) == 0 && !publish);
        return;
    }
    assert(sw_alert_is_open(alert) && alert->rev == before.rev + publish);
    assert(sw_alert_apply(alert, action, life->now_s, &publish) != SW_OUTCOME_DONE);
    if (publish)
        life->told[kind] = (struct life_told){alert->state, alert->level, alert->rev};
    life_judge(life);
}

/* ---- restarts ---- */

/* An alert as the store gives it back: words and numbers. */
static void store_and_load(struct sw_alert *alert)
{
    struct sw_alert loaded = *alert;
    assert(sw_alert_kind_parse(sw_alert_kind_name(alert->kind), &loaded.kind));
    assert(sw_alert_level_parse(sw_alert_level_name(alert->level), &loaded.level));
    assert(sw_alert_state_parse(sw_alert_state_name(alert->state), &loaded.state));
    assert(sw_alert_reason_parse(sw_alert_reason_name(alert->reason), &loaded.reason));
    *alert = loaded;
}

void life_restart(struct life *life)
{
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert *alert = &life->alerts[kind];
        bool may_come_back = alert->state == SW_STATE_CLOSED &&
                             life->now_s - alert->closed_at_s < SW_SAME_ALERT_S;
        if (sw_alert_is_open(alert) || may_come_back)
            store_and_load(alert);
        else
            *alert = (struct sw_alert){0};
    }
    life->nudge = (struct sw_nudge){0};
    /* The gateway does not believe a clock that is not after its last commit. */
    if (life->now_s <= life->newest_s)
        life->now_s = life->newest_s + 1;
    look_at_calendar(life);
    load_today(life);
    life_judge(life);
}

/* ---- the end: every day, from the set in other orders ---- */

enum order { AS_LOADED, BACKWARDS_TWICE, ODD_ONES_FIRST, ORDERS };

static size_t place_in(enum order order, size_t i, size_t n)
{
    if (order == BACKWARDS_TWICE)
        return (2 * n - 1 - i) % n;
    size_t odd = n / 2; /* then the even ones, then all again */
    return i < odd ? 2 * i + 1 : i < n ? 2 * (i - odd) : i - n;
}

static void fill(const struct life *life, int64_t begin_s, int64_t end_s,
                 enum order order, struct sw_day_set *set)
{
    if (order == AS_LOADED) {
        said_load(set, begin_s, end_s, life->said, life->n_said);
        return;
    }
    for (size_t i = 0; i < 2 * life->n_said; i++) {
        const struct said *said = &life->said[place_in(order, i, life->n_said)];
        bool is_of_the_day = begin_s <= said->pain.at_s && said->pain.at_s < end_s;
        if (said->kind != SAID_PAIN || is_of_the_day)
            assert(said_to_set(set, said) >= 0);
    }
}

static void compute(const struct life *life, int32_t day, enum order order,
                    struct sw_day *ret)
{
    struct sw_day_set set = {0};
    fill(life, sw_day_begin(life->zone, day), sw_day_begin(life->zone, day + 1), order,
         &set);
    memset(ret, 0xaa, sizeof(*ret));
    assert(sw_day_compute(ret, life->zone, day, &life->plan, &set) == 0);
    sw_day_set_fini(&set);
}

static void check_orders(const struct life *life, int32_t day)
{
    static struct sw_day expected, found;
    char why[SW_WHY_MAX];
    model_day(&expected, life->zone, day, &life->plan, life->said, life->n_said);
    for (enum order order = AS_LOADED; order < ORDERS; order++) {
        compute(life, day, order, &found);
        assert(!model_differs(&found, &expected, why));
    }
}

void life_end(struct life *life)
{
    int32_t last = life->today;
    for (int32_t day = last; day > last - DAYS_CHECKED_MAX; day--)
        check_orders(life, day);
    sw_day_set_fini(&life->set);
    free(life);
}
