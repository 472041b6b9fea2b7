/* year.h -- a year of a made-up patient, with what happens in a year: weekends, a goal
 * that grows, a flare, a boom and the bust after it, a holiday without the band, a band
 * that is taken off or runs empty, and another one.
 *
 *     struct year year = {.store = store, .zone = &zone, .now_s = now_s, .n_days = 365};
 *     year_fill(&year, "p017", "Ada Example");
 *
 * The same every time; the days count back from that of now_s.
 */
#ifndef TESTS_YEAR_H
#define TESTS_YEAR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "records/records.h"

struct year {
    struct sw_store *store;
    const struct sw_zone *zone;
    int64_t now_s;
    int32_t n_days; /* today included */
    int64_t key;    /* of the patient */
};

/* How many days before today something happens. */
enum {
    YEAR_NEW_BAND = 19,
    YEAR_EMPTY_BAND = 9, /* from noon on */
    YEAR_BOOM = 13,
    YEAR_FLARE_FROM = 80,
    YEAR_FLARE_TO = 72,
    YEAR_HOLIDAY_FROM = 130,
    YEAR_HOLIDAY_TO = 118,
};

static inline uint32_t year_die(int32_t ago, int32_t question, uint32_t n)
{
    uint64_t x =
        (uint64_t)(ago + 1) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)question;
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((x ^ (x >> 31)) % n);
}

static inline bool year_is_flare(int32_t ago)
{
    return (ago <= YEAR_FLARE_FROM && ago >= YEAR_FLARE_TO) || ago == YEAR_BOOM - 1 ||
           ago == YEAR_BOOM - 2;
}

static inline int32_t year_goal(int32_t ago)
{
    return ago > 200   ? 3000
           : ago > 100 ? 4000
           : ago > 45  ? 4500
           : ago > 16  ? 5000
                       : 5500;
}

static inline int32_t year_steps(const struct year *year, int32_t ago, bool is_weekend)
{
    int32_t steps = year_goal(ago) - 700 + (int32_t)year_die(ago, 1, 1900);
    (void)year;
    if (is_weekend)
        steps = steps * 3 / 4;
    if (ago == YEAR_BOOM)
        return 10400;
    return year_is_flare(ago) ? steps * 2 / 5 : steps;
}

/* The steps of each minute of a day, drawn as walks until there are enough. */
static inline void year_draw(const struct year *year, int32_t ago, bool is_weekend,
                             int32_t steps[static 1500])
{
    int32_t wake = (is_weekend ? 8 * 60 + 20 : 7 * 60) + (int32_t)year_die(ago, 2, 30);
    int32_t sleep = 22 * 60 + (int32_t)year_die(ago, 3, 50);
    int32_t left = year_steps(year, ago, is_weekend);
    bool naps = year_die(ago, 4, 5) == 0 || year_is_flare(ago);
    for (int32_t i = wake; i < sleep; i++)
        if (year_die(ago, 1000 + i, 100) < 9) {
            steps[i] = 2 + (int32_t)year_die(ago, 3000 + i, 12);
            left -= steps[i];
        }
    for (int32_t walk = 0; walk < 160 && left > 0; walk++) {
        int32_t hour =
            walk < 60 ? walk * 7 % 15 : (int32_t)year_die(ago, 4000 + walk, 15);
        int32_t from = wake + hour * 60 + (int32_t)year_die(ago, 5000 + walk, 50);
        int32_t length = 1 + (int32_t)year_die(ago, 6000 + walk, 6);
        int32_t cadence = 34 + (int32_t)year_die(ago, 7000 + walk, 60);
        bool is_nap = naps && from > 12 * 60 + 40 && from < 16 * 60 + 30;
        for (int32_t i = from; !is_nap && i < from + length && left > 0; i++) {
            left += steps[i];
            steps[i] = cadence + (int32_t)year_die(ago, 8000 + i, 14);
            left -= steps[i];
        }
    }
    for (int32_t i = 12 * 60 + 40; naps && i < 16 * 60 + 30; i++)
        steps[i] = 0;
}

enum year_minute { YEAR_WORN, YEAR_OFF, YEAR_NOTHING };
static inline enum year_minute year_state(int32_t ago, int32_t minute)
{
    bool is_night = minute < 6 * 60 + 40 || minute >= 23 * 60;
    if (ago <= YEAR_HOLIDAY_FROM && ago >= YEAR_HOLIDAY_TO)
        return YEAR_NOTHING;
    if (ago == YEAR_EMPTY_BAND && minute >= 12 * 60 + 10)
        return YEAR_NOTHING;
    if (ago == YEAR_EMPTY_BAND - 1 && minute < 9 * 60 + 30)
        return YEAR_NOTHING;
    if (is_night && year_die(ago, 11, 3) > 0)
        return YEAR_OFF;
    if (year_die(ago, 12, 8) == 0 && minute >= 14 * 60 && minute < 19 * 60)
        return YEAR_OFF;
    if (minute >= 19 * 60 && minute < 19 * 60 + 25)
        return YEAR_OFF; /* charging */
    return YEAR_WORN;
}

static inline void year_put_day(const struct year *year, int32_t day, int32_t ago)
{
    static struct sw_reading readings[1500];
    static bool changed[1500];
    int32_t steps[1500] = {0};
    int64_t begin_s = sw_day_begin(year->zone, day),
            end_s = sw_day_begin(year->zone, day + 1);
    struct sw_device_id band = {"band-1"};
    size_t n = 0;
    year_draw(year, ago, day - sw_week_begin(day) >= 5, steps);
    if (ago < YEAR_NEW_BAND)
        strcpy(band.str, "band-2");
    for (int64_t at_s = begin_s; at_s < end_s && at_s < year->now_s; at_s += 60) {
        int32_t minute = sw_local_minute(year->zone, at_s);
        enum year_minute state = year_state(ago, minute);
        if (state == YEAR_NOTHING)
            continue;
        readings[n++] =
            (struct sw_reading){.start_s = at_s,
                                .seconds = 60,
                                .steps = state == YEAR_WORN ? steps[minute] : 0,
                                .worn = state == YEAR_WORN};
    }
    if (n > 0)
        assert_int_equal(
            sw_store_put_readings(year->store, year->key, &band, readings, n, changed),
            0);
}

static inline void year_put_pains(const struct year *year, int32_t day, int32_t ago)
{
    bool is_flare = year_is_flare(ago);
    if (!is_flare && year_die(ago, 20, 3) == 0)
        return;
    for (int i = 0; i < (is_flare ? 2 : 1); i++) {
        double score = is_flare ? 6 + year_die(ago, 21 + i, 3)
                                : 2 + (ago > 150) + year_die(ago, 21 + i, 5) / 2.0;
        struct sw_pain pain = {
            .at_s = sw_minute_begin(year->zone, day,
                                    9 * 60 + i * 600 + (int32_t)year_die(ago, 24, 90)),
            .score = score,
            .flare = is_flare && i == 0};
        if (pain.at_s < year->now_s)
            assert_true(sw_store_put_pain(year->store, year->key, &pain) >= 0);
    }
}

/* An alert for each rest over the limit, as the gateway would have raised it. */
static inline void year_put_alerts(const struct year *year, const char *id, int32_t day)
{
    static struct sw_day computed;
    struct sw_plan plan;
    struct sw_rest rest;
    assert_int_equal(sw_store_plan_on(year->store, year->key, day, &plan), 0);
    assert_int_equal(sw_records_day(year->store, year->zone, year->key, day, &computed),
                     0);
    for (int32_t from = 0; sw_day_next_rest(&computed, from, &rest);
         from = rest.to + 1) {
        if (sw_rest_min(rest) < plan.rest_limit_min)
            continue;
        struct sw_alert alert = {
            .therapist = plan.therapist,
            .kind = SW_ALERT_REST,
            .level = sw_rest_min(rest) >= 2 * plan.rest_limit_min ? SW_LEVEL_MEDIUM
                                                                  : SW_LEVEL_LOW,
            .state = SW_STATE_CLOSED,
            .reason = SW_REASON_MOVED,
            .rev = 2,
            .opened_at_s =
                computed.begin_s + 60 * (int64_t)(rest.from + plan.rest_limit_min),
            .updated_at_s = computed.begin_s + 60 * (int64_t)(rest.to + 1),
            .closed_at_s = computed.begin_s + 60 * (int64_t)(rest.to + 1),
            .evidence = {sw_rest_min(rest), plan.rest_limit_min, computed.row.steps},
        };
        strcpy(alert.patient.str, id);
        assert_int_equal(sw_store_put_alert(year->store, year->key, &alert,
                                            SW_STATE_NONE, "gateway", "opened"),
                         0);
    }
}

static inline void year_put_plans(const struct year *year, int32_t first, int32_t today)
{
    struct sw_plan plan = sw_plan_default();
    strcpy(plan.therapist.str, "anna");
    plan.rest_limit_min = 120;
    for (int32_t day = first; day <= today; day++) {
        int32_t goal = year_goal(today - day);
        if (goal == plan.goal)
            continue;
        plan.goal = goal;
        plan.floor = goal / 2;
        plan.ceiling = goal * 3 / 2;
        assert_int_equal(
            sw_store_put_plan(year->store, year->key, day == first ? 0 : day, &plan),
            0);
    }
}

static inline void year_fill(struct year *year, const char *id, const char *name)
{
    int32_t today = sw_day_of(year->zone, year->now_s),
            first = today - year->n_days + 1;
    struct sw_patient patient = {.added_at_s = sw_day_begin(year->zone, first)};
    struct sw_plan plan = sw_plan_default();
    strcpy(patient.id.str, id);
    strcpy(patient.name, name);
    assert_int_equal(sw_store_begin(year->store), 0);
    assert_int_equal(sw_store_add_patient(year->store, &patient, &plan, &year->key), 0);
    assert_int_equal(
        sw_store_put_heard(year->store, year->key, year->now_s - 70, SW_STAMP_RECEIPT),
        0);
    year_put_plans(year, first, today);
    for (int32_t day = first; day <= today; day++) {
        year_put_day(year, day, today - day);
        year_put_pains(year, day, today - day);
    }
    assert_int_equal(sw_store_commit(year->store), 0);
    assert_int_equal(sw_store_begin(year->store), 0);
    for (int32_t day = first; day <= today; day++) {
        assert_int_equal(sw_records_refresh(year->store, year->zone, year->key, day),
                         0);
        year_put_alerts(year, id, day);
    }
    assert_int_equal(sw_store_commit(year->store), 0);
}

#endif
