/* replay.c -- walk through a patient's past, day by day, and judge on the way.
 *
 * Which minutes to judge is replay_next.c's business, where the past comes from the
 * source's, and what the alerts mean the core's.
 */
#include "records/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/walk.h"
#include "util/array.h"

static void close_book(struct day_book *book)
{
    sw_arrivals_fini(&book->arrivals);
    sw_day_set_fini(&book->set);
}

/* ---- batteries, as far as they were said ---- */

static int note_battery(struct walk *walk, const struct sw_arrival *arrival)
{
    const struct sw_replay_source *source = &walk->replay->source;
    size_t i = 0;
    while (i < walk->n_batteries &&
           walk->batteries[i].device_key != arrival->device_key)
        i++;
    if (i == WALK_DEVICES_MAX)
        return 0;
    struct sw_battery *level = &walk->batteries[i].level;
    const char *device = source->device(source->ctx, arrival->device_key);
    bool is_new = i == walk->n_batteries;
    if (is_new)
        *level = (struct sw_battery){.at_s = 0};
    walk->n_batteries += is_new;
    walk->batteries[i].device_key = arrival->device_key;
    if (device)
        strncpy(level->device.str, device, SW_ID_MAX);
    bool is_same_time = arrival->to_s == level->at_s;
    bool is_newer =
        arrival->to_s > level->at_s || (is_same_time && arrival->battery < level->pct);
    if (is_newer) {
        level->pct = arrival->battery;
        level->at_s = arrival->to_s;
    }
    return 1;
}

static int by_age(const void *a, const void *b)
{
    const struct sw_battery *x = a, *y = b;
    return (x->at_s < y->at_s) - (x->at_s > y->at_s);
}

static void look_at_batteries(struct walk *walk)
{
    struct sw_battery levels[WALK_DEVICES_MAX];
    for (size_t i = 0; i < walk->n_batteries; i++)
        levels[i] = walk->batteries[i].level;
    if (walk->n_batteries > 1)
        qsort(levels, walk->n_batteries, sizeof *levels, by_age);
    sw_facts_clear_batteries(&walk->facts);
    for (size_t i = 0; i < walk->n_batteries; i++)
        sw_facts_add_battery(&walk->facts, &levels[i],
                             sw_open_alert(walk->alerts, SW_ALERT_BATTERY));
}

/* ---- what is received ---- */

/* Everything of the book that was received by now_s; 1: something changed. */
static int hear(struct walk *walk, struct day_book *book, int64_t now_s)
{
    bool has_pain = false, has_battery = false, has_changed = false;
    int r = 0;
    for (; book->taken < book->arrivals.n; book->taken++) {
        const struct sw_arrival *arrival = &book->arrivals.items[book->taken];
        bool is_pain = arrival->kind == SW_ARRIVED_PAIN;
        if (arrival->at_s > now_s)
            break;
        r = sw_arrival_say(arrival, &book->set);
        if (r >= 0 && is_pain)
            r = sw_day_set_add_pain(&walk->scores, &arrival->pain);
        if (r >= 0 && arrival->battery >= 0)
            has_battery = note_battery(walk, arrival) > 0 || has_battery;
        if (r < 0)
            return r;
        has_changed = true;
        has_pain = has_pain || is_pain;
        if (!is_pain && arrival->at_s > walk->heard_at_s)
            walk->heard_at_s = arrival->at_s;
    }
    if (has_pain)
        sw_facts_from_pains(&walk->facts, walk->scores.pains, walk->scores.n_pains);
    if (has_battery)
        look_at_batteries(walk);
    return has_changed;
}

/* ---- days before today ---- */

static struct past_day *past_of(struct walk *walk, int32_t day)
{
    return &walk->past[day - walk->replay->from_day];
}

/* Its floor is that of its own plan. */
static void recall_valid_days(struct walk *walk)
{
    struct sw_facts *facts = &walk->facts;
    facts->n_valid_days = 0;
    if (walk->today.plan.floor == 0)
        return;
    for (size_t i = walk->n_past; i > 0 && facts->n_valid_days < SW_LOW_DAYS; i--)
        if (walk->past[i - 1].valid.day != 0)
            facts->valid_days[facts->n_valid_days++] = walk->past[i - 1].valid;
    for (int32_t i = 0; i < walk->n_before && facts->n_valid_days < SW_LOW_DAYS; i++)
        facts->valid_days[facts->n_valid_days++] = walk->before[i];
}

/* The open `unworn` of a day before: was the device worn on a day between? */
static void recall_wear(struct walk *walk)
{
    const struct sw_zone *zone = walk->replay->zone;
    const struct sw_alert *open = sw_open_alert(walk->alerts, SW_ALERT_UNWORN);
    if (!open || walk->past_unworn.worn_at_s != 0)
        return;
    int32_t its_day = sw_day_of(zone, open->span.to_s - 1);
    for (size_t i = 0; i < walk->n_past; i++)
        if (walk->past[i].day > its_day && walk->past[i].was_worn) {
            walk->past_unworn.worn_at_s = sw_day_begin(zone, walk->past[i].day);
            return;
        }
}

/* The open `over` of a day before: what that day has come to. */
static void recall_over(struct walk *walk)
{
    const struct sw_alert *open = sw_open_alert(walk->alerts, SW_ALERT_OVER);
    int32_t its_day = open ? sw_day_of(walk->replay->zone, open->opened_at_s) : 0;
    walk->facts.over_steps = 0;
    if (open && its_day != walk->today.day)
        walk->facts.over_steps = past_of(walk, its_day)->steps;
}

static void recall_days(struct walk *walk)
{
    recall_valid_days(walk);
    recall_wear(walk);
    recall_over(walk);
}

/* What the book's day says by now, for the days after it. Overwrites walk->day. */
static int recall_day(struct walk *walk, const struct day_book *book)
{
    const struct sw_alert *open = sw_open_alert(walk->alerts, SW_ALERT_UNWORN);
    const struct sw_zone *zone = walk->replay->zone;
    struct past_day *past = past_of(walk, book->day);
    int r = sw_day_compute(walk->day, zone, book->day, &book->plan, &book->set);
    if (r < 0)
        return r;
    const struct sw_day_row *row = &walk->day->row;
    past->steps = row->steps;
    past->was_worn = row->active_min + row->still_min > 0;
    past->valid = (struct sw_valid_day){.day = 0};
    if (row->valid)
        past->valid = (struct sw_valid_day){book->day, row->steps, book->plan.floor};
    if (open && sw_day_of(zone, open->span.to_s - 1) == book->day)
        walk->past_unworn = sw_unworn_of(walk->day, INT64_MAX, open->span.to_s);
    walk->day_changed = true;
    return 0;
}

static int hear_late(struct walk *walk, int64_t now_s)
{
    bool has_changed = false;
    for (size_t i = 0; i < walk->n_late; i++) {
        int r = hear(walk, &walk->late[i], now_s);
        if (r > 0)
            r = recall_day(walk, &walk->late[i]);
        if (r < 0)
            return r;
        has_changed = has_changed || walk->day_changed;
        bool is_complete = walk->late[i].taken == walk->late[i].arrivals.n;
        if (is_complete) {
            close_book(&walk->late[i]);
            walk->late[i--] = walk->late[--walk->n_late];
        }
    }
    if (has_changed)
        recall_days(walk);
    return 0;
}

/* ---- judging ---- */

static int look_at_today(struct walk *walk, int64_t now_s)
{
    int64_t again_at_s = walk->facts.again_at_s;
    bool more_began = again_at_s != 0 && now_s >= again_at_s;
    int r = 0;
    if (walk->day_changed)
        r = sw_day_compute(walk->day, walk->replay->zone, walk->today.day,
                           &walk->today.plan, &walk->today.set);
    if (r < 0)
        return r;
    if (walk->day_changed || walk->alerts_changed || more_began) {
        sw_facts_look(&walk->facts, walk->day, walk->alerts, now_s);
        walk->worn_today_s = walk->facts.alert_unworn.worn_at_s;
    }
    if (walk->alerts_changed)
        look_at_batteries(walk);
    walk->day_changed = walk->alerts_changed = false;
    return 0;
}

static struct sw_moment moment_of(const struct walk *walk, int64_t now_s)
{
    return (struct sw_moment){
        .zone = walk->replay->zone,
        .plan = &walk->today.plan,
        .today = walk->today.day,
        .now_s = now_s,
        .clock_trusted = walk_is_watched(walk, now_s),
        .alerts = walk->alerts,
        .past_unworn = walk->past_unworn,
        .worn_today_s = walk->worn_today_s,
        .heard_at_s = walk_heard_s(walk),
        .watched = walk->replay->watched,
    };
}

static int tell(struct walk *walk, const struct sw_alert_effect *effects, size_t n)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct sw_replay_event event = {&walk->alerts[effects[i].kind], &effects[i],
                                        &walk->facts};
        r = walk->replay->each(walk->replay->ctx, &event);
    }
    walk->alerts_changed = n > 0;
    return r;
}

static int judge(struct walk *walk, int64_t now_s)
{
    struct sw_alert_effect effects[SW_ALERT_KINDS];
    int r = hear_late(walk, now_s);
    if (r >= 0)
        r = hear(walk, &walk->today, now_s);
    if (r < 0)
        return r;
    walk->day_changed = walk->day_changed || r > 0;
    r = look_at_today(walk, now_s);
    if (r < 0)
        return r;
    struct sw_moment moment = moment_of(walk, now_s);
    sw_facts_complete(&walk->facts, &moment);
    sw_alerts_label(walk->alerts, &walk->patient, &walk->today.plan.therapist);
    size_t n = sw_alerts_judge(&walk->facts, walk->alerts, effects);
    if (walk->replay->judged)
        walk->replay->judged(walk->replay->ctx, &walk->facts, walk->alerts);
    return tell(walk, effects, n);
}

/* ---- a day ---- */

static int begin_day(struct walk *walk, int32_t day)
{
    const struct sw_replay_source *source = &walk->replay->source;
    struct day_book *today = &walk->today;
    *today = (struct day_book){.day = day};
    walk->begin_s = sw_day_begin(walk->replay->zone, day);
    walk->end_s = sw_day_begin(walk->replay->zone, day + 1);
    walk->day_changed = true;
    walk->facts.again_at_s = 0;
    int r = source->plan_on(source->ctx, day, &today->plan);
    if (r >= 0)
        r = source->load(source->ctx, day, &today->arrivals);
    recall_days(walk);
    return r;
}

static int judge_day(struct walk *walk)
{
    const struct sw_replay *replay = walk->replay;
    int64_t now_s = walk->begin_s;
    int r = 0;
    while (r == 0 && now_s < walk->end_s && now_s <= replay->until_s) {
        r = judge(walk, now_s);
        int64_t next_s = now_s + WALK_MINUTE_S;
        bool is_dense = replay->every_minute && now_s >= replay->every_minute_from_s;
        if (r == 0 && !is_dense)
            next_s = walk_next(walk, now_s);
        /* an open alert keeps the numbers it was last judged by */
        int64_t before_s = next_s - WALK_MINUTE_S;
        if (r == 0 && before_s > now_s && before_s <= replay->until_s &&
            walk_has_open(walk))
            r = judge(walk, before_s);
        now_s = next_s;
    }
    return r;
}

/* More is to come of today: keep its book. */
static int keep_open(struct walk *walk)
{
    int r = GROW(walk->late, walk->n_late, walk->cap_late);
    if (r < 0)
        return r;
    walk->late[walk->n_late++] = walk->today;
    walk->today = (struct day_book){.day = 0};
    return 0;
}

static int end_day(struct walk *walk)
{
    bool matters = walk->needs_days || sw_open_alert(walk->alerts, SW_ALERT_UNWORN) ||
                   sw_open_alert(walk->alerts, SW_ALERT_OVER);
    walk->past[walk->n_past++] = (struct past_day){.day = walk->today.day};
    int r = hear(walk, &walk->today, walk->end_s); /* the next minute judged */
    if (r >= 0 && matters)
        r = recall_day(walk, &walk->today);
    bool is_complete = walk->today.taken == walk->today.arrivals.n;
    if (r >= 0 && !is_complete)
        r = keep_open(walk);
    close_book(&walk->today);
    return r < 0 ? r : 0;
}

/* ---- all of it ---- */

/* Whether anyone asks which days were valid. */
static int find_floor(struct walk *walk)
{
    const struct sw_replay *replay = walk->replay;
    const struct sw_replay_source *source = &replay->source;
    struct sw_plan plan;
    int r = 0;
    for (int32_t day = replay->from_day; r >= 0 && day <= replay->to_day; day++) {
        r = source->plan_on(source->ctx, day, &plan);
        walk->needs_days = walk->needs_days || (r >= 0 && plan.floor > 0);
    }
    return r;
}

static int begin_walk(struct walk *walk)
{
    const struct sw_replay *replay = walk->replay;
    struct sw_replay_start start = {.heard_at_s = 0};
    size_t n_days = (size_t)(replay->to_day - replay->from_day + 1);
    walk->day = malloc(sizeof *walk->day);
    walk->past = calloc(n_days, sizeof *walk->past);
    if (!walk->day || !walk->past)
        return -ENOMEM;
    int r = replay->source.start(replay->source.ctx, &start);
    walk->scores = start.scores;
    if (r >= 0)
        r = find_floor(walk);
    if (r < 0)
        return r;
    walk->added_at_s = start.added_at_s;
    walk->heard_at_s = start.heard_at_s;
    walk->n_before = start.n_valid_days;
    memcpy(walk->before, start.valid_days, sizeof walk->before);
    sw_facts_from_pains(&walk->facts, walk->scores.pains, walk->scores.n_pains);
    return 0;
}

static void end_walk(struct walk *walk)
{
    for (size_t i = 0; i < walk->n_late; i++)
        close_book(&walk->late[i]);
    close_book(&walk->today);
    sw_day_set_fini(&walk->scores);
    free(walk->late);
    free(walk->past);
    free(walk->day);
    free(walk);
}

int sw_replay_patient(const struct sw_replay *replay,
                      const struct sw_patient_id *patient)
{
    struct walk *walk = calloc(1, sizeof *walk);
    if (!walk)
        return -ENOMEM;
    walk->replay = replay;
    walk->patient = *patient;
    int r = begin_walk(walk);
    for (int32_t day = replay->from_day; r == 0 && day <= replay->to_day; day++) {
        r = begin_day(walk, day);
        bool is_past = walk->begin_s <= replay->until_s;
        if (r >= 0)
            r = judge_day(walk);
        if (r == 0)
            r = is_past ? end_day(walk) : 0;
        if (!is_past)
            break;
    }
    end_walk(walk);
    return r;
}
