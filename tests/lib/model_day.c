/* model_day.c -- the day by the letter: every reading, the finest first, asks each of
 * its seconds.
 *
 * What may be slow is written as the contract says it. Alerts are model_alert.c's.
 */
#include "model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what was said ---- */

/* Their order is not that of the numbers. */
struct sw_device_id model_device_id(int32_t device)
{
    static const char *const ids[MODEL_DEVICES + 1] = {"", "c", "a", "b"};
    struct sw_device_id id = {.str = ""};
    strcpy(id.str, ids[device]);
    return id;
}

int said_to_set(struct sw_day_set *set, const struct said *said)
{
    struct sw_device_id id = model_device_id(said->device);
    if (said->kind != SAID_PAIN)
        assert(sw_day_set_name_device(set, said->device, &id) == 0);
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

/* A counter at an instant, at most 2^54, so that a hundred of it is no overflow: the largest that was said of it, and whether the device
 * itself said that it was then. */
struct count {
    int64_t at, n;
    int32_t day; /* of the second before */
    bool is_own, slipped;
};

static size_t counts_of(const struct sw_zone *zone, const struct said *all, size_t n,
                        int32_t device, struct count *counts)
{
    size_t m = 0;
    for (int64_t at = INT64_MIN;;) {
        const struct said *next = NULL;
        for (size_t i = 0; i < n; i++) {
            const struct sw_total *total = &all[i].total;
            if (all[i].kind != SAID_TOTAL || all[i].device != device ||
                total->at_s <= at)
                continue;
            if (!next || total->at_s < next->total.at_s ||
                (total->at_s == next->total.at_s &&
                 (total->total > next->total.total ||
                  (total->total == next->total.total && total->stamp == SW_STAMP_OWN))))
                next = &all[i];
        }
        if (!next)
            return m;
        at = next->total.at_s;
        counts[m++] = (struct count){at, next->total.total, sw_day_of(zone, at - 1),
                                     next->total.stamp == SW_STAMP_OWN, false};
    }
}

static bool is_plausible(int64_t steps, int64_t seconds)
{
    return steps <= INT64_MAX / 60 && steps * 60 <= 255 * (seconds > 60 ? seconds : 60);
}

/* Those between i and j slipped, if j makes them good. */
static void try_slip(struct count *counts, size_t i, size_t j)
{
    const struct count *from = &counts[i], *last = &counts[j - 1], *to = &counts[j];
    bool all_below = true, all_half = true;
    for (size_t k = i + 1; k < j; k++) {
        all_below = all_below && counts[k].n < from->n;
        all_half = all_half && 2 * counts[k].n >= from->n;
    }
    bool no_walk = (to->n - last->n) * 60 > 100 * (to->at - last->at);
    if (from->day == to->day && to->n >= from->n && all_below &&
        is_plausible(to->n - from->n, to->at - from->at) && (all_half || no_walk))
        for (size_t k = i + 1; k < j; k++)
            counts[k].slipped = true;
}

/* What the counter says of the time between two neighbours that remain. */
static bool difference(const struct sw_zone *zone, const struct count *from,
                       const struct count *to, struct span *ret)
{
    int64_t c0 = from->n, c1 = to->n;
    bool is_same_day = from->day == to->day;
    *ret = (struct span){from->at, to->at, c1 - c0, true};
    if (c1 == c0 && !to->is_own && to->at - from->at > 60 * 60)
        return false; /* a bridge may have said it again */
    if (c1 < c0 && 10 * c1 >= 9 * c0)
        return false; /* a correction */
    if (c1 < c0 && is_same_day && 2 * c1 >= c0)
        return false; /* so too */
    if (c1 < c0) {    /* a reset */
        int64_t midnight = sw_day_begin(zone, to->day);
        ret->a = midnight > ret->a ? midnight : ret->a;
        ret->n = c1;
    }
    return is_plausible(ret->n, ret->b - ret->a);
}

static size_t spans_of(const struct sw_zone *zone, const struct said *all, size_t n,
                       int32_t device, struct span *spans)
{
    static struct count counts[MODEL_SAID_MAX];
    size_t m = 0, n_counts = counts_of(zone, all, n, device, counts);
    for (size_t i = 0; i < n_counts; i++)
        for (size_t j = i + 2; j < n_counts; j++)
            try_slip(counts, i, j);
    for (size_t i = 0; i < n_counts; i++) {
        size_t j = i + 1;
        while (j < n_counts && counts[j].slipped)
            j++;
        if (!counts[i].slipped && j < n_counts &&
            difference(zone, &counts[i], &counts[j], &spans[m]))
            m++;
    }
    for (size_t i = 0; i < n; i++) {
        const struct sw_reading *r = &all[i].reading;
        bool wins = all[i].kind == SAID_READING && all[i].device == device;
        for (size_t k = 0; wins && k < n; k++) {
            const struct sw_reading *o = &all[k].reading;
            bool is_same = all[k].kind == SAID_READING && all[k].device == device &&
                           o->start_s == r->start_s && o->seconds == r->seconds;
            bool is_more =
                o->steps != r->steps ? o->steps > r->steps : o->worn > r->worn;
            bool is_twin = o->steps == r->steps && o->worn == r->worn && k < i;
            wins = !(is_same && (is_more || is_twin));
        }
        if (wins)
            spans[m++] =
                (struct span){r->start_s, r->start_s + r->seconds, r->steps, r->worn};
    }
    return m;
}

/* ---- minutes of one device ---- */

struct model_minute {
    int64_t steps;
    int firm, worn;
    bool sustained;
    int64_t longest; /* reading that won in it; 0: none */
};

static int64_t floor_part(int64_t n, int64_t k, int64_t of)
{
    return n / of * k + n % of * k / of; /* n * k may be no int64_t */
}

/* The span takes its turn: what is left of its part goes to the seconds that no finer
 * one has won. */
static void take_turn(const struct span *s, int64_t begin, int64_t end,
                      int32_t break_steps, bool *won, int64_t *given,
                      struct model_minute *minutes)
{
    int64_t from = s->a > begin ? s->a : begin, to = s->b < end ? s->b : end;
    int64_t length = s->b - s->a, w = 0, k = 0;
    int64_t left =
        floor_part(s->n, to - s->a, length) - floor_part(s->n, from - s->a, length);
    for (int64_t at = from; at < to; at++) {
        left -= given[at - begin];
        w += !won[at - begin];
    }
    left = left > 0 ? left : 0;
    bool firm = length <= 60 * 60 || s->n < break_steps;
    for (int64_t at = from; at < to; at++) {
        struct model_minute *m = &minutes[(at - begin) / 60];
        if (won[at - begin])
            continue;
        won[at - begin] = true;
        given[at - begin] = floor_part(left, k + 1, w) - floor_part(left, k, w);
        k++;
        m->steps += given[at - begin];
        m->firm += firm;
        m->worn += firm && s->worn;
        m->longest = length > m->longest ? length : m->longest;
        m->sustained =
            m->sustained || (firm && s->worn && length > 5 * 60 && left >= break_steps);
    }
}

static void give_minutes(struct span *spans, size_t n, int64_t begin, int64_t end,
                         int32_t break_steps, struct model_minute *minutes)
{
    static bool won[SW_DAY_MINUTES_MAX * 60];
    static int64_t given[SW_DAY_MINUTES_MAX * 60];
    memset(won, 0, sizeof(won));
    memset(given, 0, sizeof(given));
    for (; n > 0; n--) {
        size_t finest = 0;
        for (size_t i = 1; i < n; i++)
            if (is_finer(&spans[i], &spans[finest]))
                finest = i;
        if (spans[finest].a < end && spans[finest].b > begin)
            take_turn(&spans[finest], begin, end, break_steps, won, given, minutes);
        spans[finest] = spans[n - 1];
    }
}

/* ---- minutes of the patient ---- */

struct merged {
    int64_t steps;
    bool known, unworn, sustained;
};

/* 0: none says anything. */
static int32_t device_of_block(struct model_minute minutes[][SW_DAY_MINUTES_MAX],
                               int32_t from, int32_t to)
{
    int64_t sum[MODEL_DEVICES + 1] = {0}, longest[MODEL_DEVICES + 1] = {0}, most = 0;
    int32_t best = 0;
    for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
        for (int32_t i = from; i < to; i++) {
            const struct model_minute *m = &minutes[device][i];
            sum[device] += m->steps;
            longest[device] =
                m->longest > longest[device] ? m->longest : longest[device];
        }
        most = sum[device] > most ? sum[device] : most;
    }
    for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
        if (longest[device] == 0 || 4 * sum[device] < 3 * most)
            continue;
        bool is_finer_one = best && longest[device] < longest[best];
        bool is_as_fine = best && longest[device] == longest[best];
        bool is_more = best && sum[device] > sum[best];
        bool is_as_much = best && sum[device] == sum[best];
        bool is_smaller =
            strcmp(model_device_id(device).str, model_device_id(best).str) < 0;
        if (!best || is_finer_one ||
            (is_as_fine && (is_more || (is_as_much && is_smaller))))
            best = device;
    }
    return best;
}

static void merge(struct model_minute minutes[][SW_DAY_MINUTES_MAX], int32_t n,
                  struct merged *merged)
{
    for (int32_t from = 0; from < n; from += 60) {
        int32_t to = from + 60 < n ? from + 60 : n;
        int32_t best = device_of_block(minutes, from, to);
        for (int32_t i = from; i < to; i++) {
            merged[i].steps = best ? minutes[best][i].steps : 0;
            merged[i].sustained =
                best && minutes[best][i].worn >= 30 && minutes[best][i].sustained;
            for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
                merged[i].known = merged[i].known || minutes[device][i].worn >= 30;
                merged[i].unworn = merged[i].unworn || minutes[device][i].firm >= 30;
            }
        }
    }
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
        if (all[i].kind == SAID_TOTAL
                ? all[i].total.at_s > begin_s && all[i].total.at_s <= end_s
                : lies_in(&all[i], begin_s, end_s))
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
    static struct model_minute minutes[MODEL_DEVICES + 1][SW_DAY_MINUTES_MAX];
    static struct merged merged[SW_DAY_MINUTES_MAX];
    int64_t end_s = sw_day_begin(zone, day + 1);
    assert(n <= MODEL_SAID_MAX);
    memset(ret, 0, sizeof(*ret));
    memset(merged, 0, sizeof(merged));
    memset(minutes, 0, sizeof(minutes));
    ret->row.day = day;
    ret->begin_s = sw_day_begin(zone, day);
    ret->n_minutes = (int32_t)((end_s - ret->begin_s) / 60);
    ret->touched = is_touched(ret->begin_s, end_s, all, n, NULL, 0);
    for (int32_t device = 1; device <= MODEL_DEVICES; device++) {
        size_t m = spans_of(zone, all, n, device, spans);
        ret->touched =
            ret->touched || is_touched(ret->begin_s, end_s, NULL, 0, spans, m);
        give_minutes(spans, m, ret->begin_s, end_s, plan->break_steps, minutes[device]);
    }
    merge(minutes, ret->n_minutes, merged);
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
