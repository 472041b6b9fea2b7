/* model_day.c -- the day by the letter: each second asks everything that was said.
 *
 * What may be slow is written as the contract says it. Alerts are model_alert.c's.
 */
#include "model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what was said ---- */

int said_to_set(struct sw_day_set *set, const struct said *said)
{
    switch (said->kind) {
    case SAID_READING:
        return sw_day_set_add_reading(set, said->device, &said->reading);
    case SAID_TOTAL:
        return sw_day_set_add_total(set, said->device, &said->total);
    case SAID_PAIN:
        return sw_day_set_add_pain(set, &said->pain);
    }
    return 0;
}

static const struct said *total_beside(const struct said *all, size_t n, int32_t device,
                                       int64_t at_s, bool before)
{
    const struct said *best = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct said *said = &all[i];
        if (said->kind != SAID_TOTAL || said->device != device ||
            (said->total.at_s < at_s) != before)
            continue;
        bool is_nearer = !best || (before ? said->total.at_s > best->total.at_s
                                          : said->total.at_s < best->total.at_s);
        bool is_of_instant = best && said->total.at_s == best->total.at_s;
        bool is_larger = is_of_instant && said->total.total > best->total.total;
        if (is_nearer || is_larger)
            best = said;
    }
    return best;
}

static bool lies_in(const struct said *said, int64_t begin_s, int64_t end_s)
{
    int64_t from_s = said->kind == SAID_TOTAL  ? said->total.at_s
                     : said->kind == SAID_PAIN ? said->pain.at_s
                                               : said->reading.start_s;
    int64_t length_s = said->kind == SAID_READING ? said->reading.seconds : 1;
    return from_s < end_s && from_s + length_s > begin_s;
}

void said_load(struct sw_day_set *set, int64_t begin_s, int64_t end_s,
               const struct said *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (lies_in(&all[i], begin_s, end_s))
            assert(said_to_set(set, &all[i]) >= 0);
    for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
        const struct said *before = total_beside(all, n, device, begin_s, true);
        const struct said *after = total_beside(all, n, device, end_s, false);
        assert(!before || said_to_set(set, before) >= 0);
        assert(!after || said_to_set(set, after) >= 0);
    }
}

/* ---- spans of steps: readings, and differences of counters ---- */

struct span {
    int64_t a, b, n;
    bool worn;
};

static bool is_finer(const struct span *x, const struct span *y)
{
    if (x->b - x->a != y->b - y->a)
        return x->b - x->a < y->b - y->a;
    if (x->n != y->n)
        return x->n > y->n;
    return x->a != y->a ? x->a < y->a : x->worn > y->worn;
}

/* Whether the device itself said that its counter showed so much at that instant. */
static bool said_by_device(const struct said *all, size_t n, int32_t device,
                           int64_t at_s, int64_t total)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].kind == SAID_TOTAL && all[i].device == device &&
            all[i].total.at_s == at_s && all[i].total.total == total &&
            all[i].total.stamp == SW_STAMP_OWN)
            return true;
    return false;
}

/* The difference that ends at this total; false if there is none. Of equal times the
 * larger total counts, for both ends. */
static bool difference_to(const struct sw_zone *zone, const struct said *all, size_t n,
                          const struct said *to, struct span *ret)
{
    const struct said *from = total_beside(all, n, to->device, to->total.at_s, true);
    int64_t largest = 0;
    if (!from)
        return false;
    for (size_t i = 0; i < n; i++)
        if (all[i].kind == SAID_TOTAL && all[i].device == to->device &&
            all[i].total.at_s == to->total.at_s && all[i].total.total > largest)
            largest = all[i].total.total;
    *ret = (struct span){from->total.at_s, to->total.at_s, largest - from->total.total,
                         true};
    if (ret->n < 0) { /* a reset */
        int64_t midnight = sw_day_begin(zone, sw_day_of(zone, to->total.at_s - 1));
        ret->a = midnight > ret->a ? midnight : ret->a;
        ret->n = largest;
    }
    bool is_the_same = ret->n == 0 && largest == from->total.total;
    if (is_the_same && to->total.at_s - from->total.at_s > 60 * 60 &&
        !said_by_device(all, n, to->device, to->total.at_s, largest))
        return false; /* a bridge may have said it again */
    int64_t length = ret->b - ret->a;
    return ret->n <= INT64_MAX / 60 && ret->n * 60 <= 255 * (length > 60 ? length : 60);
}

static size_t spans_of(const struct sw_zone *zone, const struct said *all, size_t n,
                       int32_t device, struct span *spans)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sw_reading *r = &all[i].reading;
        if (all[i].device != device)
            continue;
        if (all[i].kind == SAID_READING)
            spans[m++] =
                (struct span){r->start_s, r->start_s + r->seconds, r->steps, r->worn};
        if (all[i].kind == SAID_TOTAL &&
            difference_to(zone, all, n, &all[i], &spans[m]))
            m++;
    }
    return m;
}

/* ---- minutes ---- */

struct model_minute {
    int64_t steps;
    int firm, worn;
    bool sustained;
};

static const struct span *winner_at(const struct span *spans, size_t n, int64_t at)
{
    const struct span *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (spans[i].a <= at && at < spans[i].b && (!best || is_finer(&spans[i], best)))
            best = &spans[i];
    return best;
}

/* The next instant after `at` at which another span may win. */
static int64_t next_change(const struct span *spans, size_t n, int64_t at)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        next = spans[i].a > at && spans[i].a < next ? spans[i].a : next;
        next = spans[i].b > at && spans[i].b < next ? spans[i].b : next;
    }
    return next;
}

static int64_t part_until(const struct span *s, int64_t at)
{
    /* floor(n * elapsed / length), exact also where the product would not fit */
    int64_t elapsed = at - s->a, length = s->b - s->a;
    return s->n / length * elapsed + s->n % length * elapsed / length;
}

static void ask_each_second(const struct span *spans, size_t n, int64_t begin_s,
                            int64_t length_s, int32_t break_steps,
                            struct model_minute *minutes)
{
    const struct span *best = NULL;
    int64_t asked_until = INT64_MIN;
    for (int64_t at = begin_s; at < begin_s + length_s; at++) {
        if (at >= asked_until) {
            best = winner_at(spans, n, at);
            asked_until = next_change(spans, n, at);
        }
        if (!best) {
            at = asked_until - 1; /* nothing is said of the seconds until then */
            continue;
        }
        struct model_minute *m = &minutes[(at - begin_s) / 60];
        int64_t length = best->b - best->a;
        bool firm = length <= 3600 || best->n == 0;
        m->steps += part_until(best, at + 1) - part_until(best, at);
        m->firm += firm;
        m->worn += firm && best->worn;
        m->sustained = m->sustained ||
                       (firm && best->worn && length > 300 && best->n >= break_steps);
    }
}

struct merged {
    int64_t steps;
    bool known, unworn, sustained;
};

static void merge(struct merged *into, const struct model_minute *from)
{
    into->steps = from->steps > into->steps ? from->steps : into->steps;
    into->known = into->known || from->worn >= 30;
    into->unworn = into->unworn || from->firm >= 30;
    into->sustained = into->sustained || (from->worn >= 30 && from->sustained);
}

static bool is_busy(const struct merged *m, int32_t n, int32_t i, int32_t break_steps)
{
    for (int32_t w = i - 4; w <= i; w++)
        if (w >= 0 && w + 5 <= n &&
            m[w].steps + m[w + 1].steps + m[w + 2].steps + m[w + 3].steps +
                    m[w + 4].steps >=
                break_steps)
            return true;
    return false;
}

static void fill_minutes(struct sw_day *ret, const struct sw_zone *zone,
                         const struct sw_plan *plan, const struct merged *m)
{
    for (int32_t i = 0; i < ret->n_minutes; i++) {
        struct sw_minute *minute = &ret->minutes[i];
        int32_t local = sw_local_minute(zone, ret->begin_s + 60 * (int64_t)i);
        bool active = m[i].sustained || (m[i].steps > 0 && is_busy(m, ret->n_minutes, i,
                                                                   plan->break_steps));
        minute->steps = (int32_t)m[i].steps;
        minute->in_window = plan->wake_from_min <= local && local < plan->wake_to_min;
        minute->class =
            (uint8_t)(!m[i].known ? (m[i].unworn ? SW_MINUTE_UNWORN : SW_MINUTE_UNKNOWN)
                      : active    ? SW_MINUTE_ACTIVE
                                  : SW_MINUTE_STILL);
    }
}

/* ---- the row ---- */

static int32_t count(const struct sw_day *day, enum sw_minute_class class)
{
    int32_t n = 0;
    for (int32_t i = 0; i < day->n_minutes; i++)
        n += day->minutes[i].in_window && day->minutes[i].class == class;
    return n;
}

static bool is_bridged(const struct sw_day *day, int32_t from, int32_t to)
{
    for (int32_t i = from + 1; i < to; i++)
        if (!day->minutes[i].in_window || day->minutes[i].class == SW_MINUTE_ACTIVE)
            return false;
    return to - from - 1 <= 10;
}

size_t model_rests(const struct sw_day *day, struct sw_rest rests[SW_DAY_MINUTES_MAX])
{
    size_t n = 0;
    for (int32_t i = 0; i < day->n_minutes; i++) {
        if (!day->minutes[i].in_window || day->minutes[i].class != SW_MINUTE_STILL)
            continue;
        if (n == 0 || !is_bridged(day, rests[n - 1].to, i))
            rests[n++] = (struct sw_rest){i, i};
        rests[n - 1].to = i;
    }
    return n;
}

/* Of the clock hour in which minute i begins, if i is its first minute in the day. */
static bool is_active_hour(const struct sw_day *day, const struct sw_zone *zone,
                           int32_t i)
{
    int64_t at_s = day->begin_s + 60 * (int64_t)i, steps = 0;
    int32_t offset_s = sw_zone_offset(zone, at_s), inside = 0;
    if (sw_local_minute(zone, at_s) % 60 != 0)
        return false;
    for (int32_t k = i; k < i + 60 && k < day->n_minutes; k++) {
        if (sw_zone_offset(zone, day->begin_s + 60 * (int64_t)k) != offset_s)
            return false;
        inside += day->minutes[k].in_window;
        steps += day->minutes[k].steps;
    }
    return inside == 60 && steps >= 250;
}

static void fill_row(struct sw_day_row *row, const struct sw_day *day,
                     const struct sw_zone *zone, const struct sw_plan *plan)
{
    static struct sw_rest rests[SW_DAY_MINUTES_MAX];
    for (int32_t i = 0; i < day->n_minutes; i++) {
        row->steps += day->minutes[i].steps;
        row->brisk_min += day->minutes[i].steps >= 100;
        row->active_hours += is_active_hour(day, zone, i);
    }
    row->active_min = count(day, SW_MINUTE_ACTIVE);
    row->still_min = count(day, SW_MINUTE_STILL);
    row->unworn_min = count(day, SW_MINUTE_UNWORN);
    row->unknown_min = count(day, SW_MINUTE_UNKNOWN);
    int32_t known = row->active_min + row->still_min;
    int32_t window = known + row->unworn_min + row->unknown_min;
    row->coverage_pct = window ? 100 * known / window : 0;
    row->valid = window && (known >= 600 || 3 * known >= 2 * window);
    row->goal = plan->goal;
    row->goal_pct = plan->goal ? 100 * row->steps / plan->goal : 0;
    row->longest_rest_from = -1;
    for (size_t i = 0, n = model_rests(day, rests); i < n; i++) {
        int32_t length = rests[i].to - rests[i].from + 1;
        row->rests_60 += length >= 60;
        if (length <= row->longest_rest_min)
            continue;
        row->longest_rest_min = length;
        row->longest_rest_from =
            sw_local_minute(zone, day->begin_s + 60 * (int64_t)rests[i].from);
    }
}

/* The scores in order of their time; of the same time the largest. */
static void fill_pain(struct sw_day *ret, int64_t end_s, const struct said *all,
                      size_t n)
{
    double sum = 0;
    for (int64_t last = ret->begin_s - 1;;) {
        const struct said *next = NULL;
        for (size_t i = 0; i < n; i++) {
            const struct said *said = &all[i];
            if (said->kind != SAID_PAIN || said->pain.at_s <= last ||
                said->pain.at_s >= end_s)
                continue;
            if (!next || said->pain.at_s < next->pain.at_s ||
                (said->pain.at_s == next->pain.at_s &&
                 said->pain.score > next->pain.score))
                next = said;
        }
        if (!next)
            break;
        last = next->pain.at_s;
        sum += next->pain.score;
        ret->row.n_pains++;
        if (next->pain.score > ret->row.pain_max)
            ret->row.pain_max = next->pain.score;
    }
    ret->row.pain_mean = ret->row.n_pains ? sum / ret->row.n_pains : 0;
}

/* ---- the day ---- */

static bool is_touched(int64_t begin_s, int64_t end_s, const struct said *all, size_t n,
                       const struct span *spans, size_t n_spans)
{
    for (size_t i = 0; i < n; i++)
        if (lies_in(&all[i], begin_s, end_s))
            return true;
    for (size_t i = 0; i < n_spans; i++)
        if (spans[i].a < end_s && spans[i].b > begin_s)
            return true;
    return false;
}

void model_day(struct sw_day *ret, const struct sw_zone *zone, int32_t day,
               const struct sw_plan *plan, const struct said *all, size_t n)
{
    static struct span spans[MODEL_SAID_MAX + 1];
    static struct model_minute minutes[SW_DAY_MINUTES_MAX];
    static struct merged merged[SW_DAY_MINUTES_MAX];
    int64_t end_s = sw_day_begin(zone, day + 1);
    assert(n <= MODEL_SAID_MAX);
    memset(ret, 0, sizeof(*ret));
    memset(merged, 0, sizeof(merged));
    ret->row.day = day;
    ret->begin_s = sw_day_begin(zone, day);
    ret->n_minutes = (int32_t)((end_s - ret->begin_s) / 60);
    for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
        size_t m = spans_of(zone, all, n, device, spans);
        memset(minutes, 0, sizeof(minutes));
        ask_each_second(spans, m, ret->begin_s, end_s - ret->begin_s, plan->break_steps,
                        minutes);
        for (int32_t i = 0; i < ret->n_minutes; i++)
            merge(&merged[i], &minutes[i]);
        ret->touched =
            ret->touched || is_touched(ret->begin_s, end_s, all, n, spans, m);
    }
    fill_minutes(ret, zone, plan, merged);
    fill_row(&ret->row, ret, zone, plan);
    fill_pain(ret, end_s, all, n);
}

bool model_differs(const struct sw_day *day, const struct sw_day *model,
                   char why[static SW_WHY_MAX])
{
    if (day->begin_s != model->begin_s || day->n_minutes != model->n_minutes ||
        day->touched != model->touched) {
        snprintf(why, SW_WHY_MAX, "%d minutes, touched %d; the model: %d, %d",
                 day->n_minutes, day->touched, model->n_minutes, model->touched);
        return true;
    }
    for (int32_t i = 0; i < day->n_minutes; i++) {
        const struct sw_minute *a = &day->minutes[i], *b = &model->minutes[i];
        if (a->steps == b->steps && a->class == b->class &&
            a->in_window == b->in_window)
            continue;
        snprintf(why, SW_WHY_MAX, "minute %d: %d %s %d; the model: %d %s %d", i,
                 a->steps, sw_minute_class_name(a->class), a->in_window, b->steps,
                 sw_minute_class_name(b->class), b->in_window);
        return true;
    }
    snprintf(why, SW_WHY_MAX, "the row");
    return memcmp(&day->row, &model->row, sizeof(day->row)) != 0;
}
