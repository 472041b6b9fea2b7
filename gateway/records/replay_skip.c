/* replay_skip.c -- when to judge next, so that no minute is missed that matters.
 *
 * A bound is enough: a judgement too many has no effect. They rest on this: what a
 * device says of a time of which it said nothing before can only add to a minute, from
 * unknown to unworn to still to active, and to its steps. Everything else (is_odd, or
 * reaching far back behind the last judgement) is judged when it is received.
 */
#include "records/replay_state.h"

enum {
    MINUTE_S = REPLAY_MINUTE_S,
    BACK_S = 5 * MINUTE_S, /* a reading may reach so far behind the last judgement */
    /* Still minutes this far apart make no rest, even if BACK_S of it gets filled. */
    APART_S = (SW_REST_BRIDGE_MIN + 2) * MINUTE_S + BACK_S,
    AHEAD_S = 60 * MINUTE_S,   /* a device's clock may be ahead of the receipt */
    SETTLED_S = 30 * MINUTE_S, /* the begin of a rest: far behind what may be filled */
};

bool replay_has_open(const struct state *state)
{
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        if (sw_alert_is_open(&state->alerts[kind]))
            return true;
    return false;
}

int64_t replay_heard_s(const struct state *state)
{
    return state->heard_at_s != 0 ? state->heard_at_s : state->added_at_s;
}

bool replay_is_online(const struct state *state, int64_t now_s)
{
    struct sw_spans spans = state->replay->online_spans;
    size_t low = 0, high = spans.n;
    while (low < high) { /* the first that ends at now_s or later */
        size_t middle = low + (high - low) / 2;
        if (spans.items[middle].to_s < now_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low < spans.n && spans.items[low].from_s <= now_s;
}

int64_t replay_minute_from(const struct state *state, int64_t at_s)
{
    int64_t ahead_s = at_s - state->begin_s;
    return state->begin_s + (ahead_s + MINUTE_S - 1) / MINUTE_S * MINUTE_S;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t replay_next_late_s(const struct state *state)
{
    int64_t next_s = INT64_MAX;
    for (size_t i = 0; i < state->n_late; i++) {
        const struct replay_day *of_day = &state->late[i];
        if (of_day->taken < of_day->received_list.n)
            next_s = earlier(next_s, of_day->received_list.items[of_day->taken].at_s);
    }
    return next_s;
}

/* ---- what the clock alone brings ---- */

/* The edges of the wake window; its end matters to alerts that are open alone. */
static int64_t next_edge_s(const struct state *state, int64_t now_s)
{
    const struct sw_day *day = state->day;
    int64_t i = (now_s - day->begin_s) / MINUTE_S + 1;
    bool ends_too = replay_has_open(state);
    for (; i < day->n_minutes; i++) {
        bool is_in = day->minutes[i].in_window, was_in = day->minutes[i - 1].in_window;
        if (is_in != was_in && (is_in || ends_too))
            break;
    }
    return i < day->n_minutes ? day->begin_s + i * MINUTE_S : INT64_MAX;
}

/* The first and the last minute of a watched span. */
static int64_t next_watch_s(const struct state *state, int64_t now_s)
{
    struct sw_spans spans = state->replay->online_spans;
    size_t low = 0, high = spans.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spans.items[middle].to_s - MINUTE_S < now_s)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low > 0 ? low - 1 : 0; i < spans.n; i++) {
        int64_t first_s = replay_minute_from(state, spans.items[i].from_s);
        int64_t to_s = earlier(spans.items[i].to_s, state->end_s);
        int64_t last_s = replay_minute_from(state, to_s + 1) - MINUTE_S;
        if (first_s > now_s)
            return first_s;
        if (last_s > now_s)
            return last_s;
    }
    return INT64_MAX;
}

/* When silence may be long enough if nothing is heard. */
static int64_t silent_due_s(const struct state *state, int64_t now_s)
{
    const struct sw_facts *facts = &state->facts;
    int64_t after_s = facts->plan.silent_after_s;
    const struct sw_alert *open = sw_open_alert(state->alerts, SW_ALERT_SILENT);
    if (open && open->level == SW_LEVEL_MEDIUM)
        return INT64_MAX;
    if (open)
        return now_s + earlier(SW_SILENT_MEDIUM_S - facts->silent_s, INT32_MAX);
    if (now_s - replay_heard_s(state) < after_s)
        return replay_heard_s(state) + after_s;
    if (facts->silent_wake_s >= after_s) /* not in the window */
        return INT64_MAX;
    return now_s + after_s - facts->silent_wake_s;
}

/* ---- what is said ---- */

/* What may still be said of today before it matters. */
struct bounds {
    int64_t now_s;
    bool may_open; /* inside the wake window */
    const struct sw_alert *rest, *unworn, *low, *silent;
    int64_t rest_from_s; /* the next rest that could be long begins then or later */
    int64_t rest_due_s;  /* and is long enough no earlier than then */
    int64_t unworn_min;  /* in a row, at most; so the next two */
    int64_t steps;
    int64_t known_min;
    int64_t valid_min; /* so many known ones make a valid day */
};

static int64_t last_active_end_s(const struct sw_day *day, int64_t now_s)
{
    int64_t i = (now_s - day->begin_s) / MINUTE_S;
    if (i >= day->n_minutes)
        i = day->n_minutes - 1;
    for (; i >= 0; i--)
        if (day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_ACTIVE)
            return day->begin_s + (i + 1) * MINUTE_S;
    return day->begin_s;
}

/* When the next rest that is not over began, at the earliest. */
static int64_t rest_from_s(const struct state *state, int64_t now_s)
{
    const struct sw_facts *facts = &state->facts;
    int64_t behind_s = now_s - facts->newest_known_s;
    bool is_apart = facts->newest_known_s == 0 || behind_s > APART_S + MINUTE_S;
    bool is_settled =
        facts->running.to_s != 0 && facts->running.from_s <= now_s - SETTLED_S;
    if (is_apart)
        return now_s - BACK_S - MINUTE_S;
    return is_settled ? facts->running.from_s : last_active_end_s(state->day, now_s);
}

/* When the rest of an open alert may reach its next level. */
static int64_t rest_level_due_s(const struct state *state, int64_t now_s)
{
    const struct sw_facts *facts = &state->facts;
    const struct sw_alert *rest = &state->alerts[SW_ALERT_REST];
    bool is_apart = now_s - facts->newest_known_s > APART_S + MINUTE_S;
    bool is_another = facts->running.to_s != 0 &&
                      facts->running.from_s != rest->span.from_s &&
                      facts->running.from_s <= now_s - SETTLED_S;
    if (rest->level == SW_LEVEL_MEDIUM || is_apart || is_another)
        return INT64_MAX;
    return rest->span.from_s + (int64_t)2 * facts->plan.rest_limit_min * MINUTE_S;
}

static struct bounds bounds_of(const struct state *state, int64_t now_s)
{
    const struct sw_day_row *row = &state->day->row;
    const struct sw_plan *plan = &state->today.plan;
    int64_t window_min =
        row->active_min + row->still_min + row->unworn_min + row->unknown_min;
    struct bounds bounds = {
        .now_s = now_s,
        .may_open = state->facts.in_window,
        .rest = sw_open_alert(state->alerts, SW_ALERT_REST),
        .unworn = sw_open_alert(state->alerts, SW_ALERT_UNWORN),
        .low = sw_open_alert(state->alerts, SW_ALERT_LOW),
        .silent = sw_open_alert(state->alerts, SW_ALERT_SILENT),
        .rest_from_s = rest_from_s(state, now_s),
        .unworn_min = state->facts.unworn.unworn_min,
        .steps = state->facts.steps,
        .known_min = row->active_min + row->still_min,
        .valid_min = earlier(SW_VALID_MIN, window_min * 2 / 3),
    };
    bounds.rest_due_s =
        bounds.rest ? rest_level_due_s(state, now_s)
                    : bounds.rest_from_s + (int64_t)plan->rest_limit_min * MINUTE_S;
    return bounds;
}

/* One whole minute of the day, worn, and told when it was over. */
static bool is_plain_minute(const struct state *state,
                            const struct sw_received *received)
{
    const struct sw_reading *reading = &received->reading;
    return received->kind == SW_RECEIVED_READING && reading->seconds == MINUTE_S &&
           (reading->start_s - state->begin_s) % MINUTE_S == 0 && reading->worn &&
           received->at_s >= received->to_s;
}

/* Is the minute of the i-th arrival active, whatever follows? It is if it has steps,
 * and the five that end with it hold enough; of those before, what was received since
 * the last judgement counts: so far nothing was said of them again. */
static bool is_surely_active(const struct state *state, size_t i)
{
    const struct sw_received *items = state->today.received_list.items,
                             *last = &items[i];
    int64_t from_s = last->from_s - (SW_ACTIVE_WINDOW_MIN - 1) * MINUTE_S, steps = 0;
    if (last->steps == 0 || from_s < state->begin_s || !is_plain_minute(state, last))
        return false;
    for (size_t j = i + 1; j > state->today.taken && items[j - 1].at_s > from_s; j--) {
        const struct sw_received *other = &items[j - 1];
        bool counts = other->device_key == last->device_key &&
                      is_plain_minute(state, other) && other->from_s >= from_s;
        steps += counts ? other->steps : 0;
    }
    return steps >= state->today.plan.break_steps;
}

static bool may_be_worn(const struct sw_received *received)
{
    return received->kind == SW_RECEIVED_TOTAL || received->reading.worn;
}

/* Count the arrival in. */
static void stretch(struct bounds *bounds, const struct state *state, size_t i)
{
    const struct sw_received *received = &state->today.received_list.items[i];
    int64_t touched_min = (received->to_s - received->from_s) / MINUTE_S + 2;
    bounds->steps += received->steps;
    if (may_be_worn(received))
        bounds->known_min += touched_min;
    else
        bounds->unworn_min += touched_min;
    bool is_later = received->to_s > bounds->rest_from_s;
    if (!bounds->rest && is_later && is_surely_active(state, i)) {
        bounds->rest_from_s = received->to_s;
        bounds->rest_due_s =
            received->to_s + (int64_t)MINUTE_S * state->today.plan.rest_limit_min;
    }
}

/* Minutes are active by the steps of at most five in a row: may the i-th arrival have
 * made some? */
static bool may_be_active(const struct state *state, size_t i)
{
    const struct sw_received *items = state->today.received_list.items;
    int64_t from_s = items[i].from_s - SW_ACTIVE_WINDOW_MIN * MINUTE_S, steps = 0;
    if (items[i].steps == 0)
        return false;
    for (size_t j = i + 1; j > 0 && items[j - 1].at_s > from_s - AHEAD_S; j--)
        steps += items[j - 1].to_s > from_s ? items[j - 1].steps : 0;
    return steps >= state->today.plan.break_steps;
}

/* With the arrival counted in, may an alert open, close or rise? */
static bool may_matter(const struct bounds *bounds, const struct state *state, size_t i)
{
    const struct sw_received *received = &state->today.received_list.items[i];
    const struct sw_plan *plan = &state->today.plan;
    bool is_inhibited = bounds->silent || bounds->unworn;
    bool rest_may_be_long = bounds->may_open && !is_inhibited &&
                            received->at_s + 2 * MINUTE_S > bounds->rest_due_s;
    bool rest_may_end = bounds->rest && may_be_active(state, i);
    bool unworn_may_open =
        bounds->may_open && !bounds->unworn && bounds->unworn_min >= SW_UNWORN_MIN;
    bool unworn_may_end = bounds->unworn && may_be_worn(received);
    bool over_may_open = bounds->may_open && plan->ceiling > 0 &&
                         bounds->steps > plan->ceiling &&
                         !sw_open_alert(state->alerts, SW_ALERT_OVER);
    bool low_may_end = bounds->low && bounds->steps >= plan->floor &&
                       bounds->known_min >= bounds->valid_min;
    return bounds->silent || rest_may_be_long || rest_may_end || unworn_may_open ||
           unworn_may_end || over_may_open || low_may_end;
}

static bool is_news_of_battery(const struct state *state,
                               const struct sw_received *received)
{
    bool is_low = state->facts.battery_newest_s != 0 &&
                  state->facts.battery_pct <= SW_BATTERY_CHARGED_PCT;
    return received->battery >= 0 &&
           (is_low || received->battery <= SW_BATTERY_LOW_PCT ||
            sw_open_alert(state->alerts, SW_ALERT_BATTERY));
}

static bool is_always_judged(const struct state *state, const struct bounds *bounds,
                             const struct sw_received *received)
{
    bool reaches_back = received->from_s < bounds->now_s - BACK_S;
    bool is_ahead = received->to_s > received->at_s; /* its minutes are yet to begin */
    return received->kind == SW_RECEIVED_PAIN || received->is_odd || reaches_back ||
           is_ahead || is_news_of_battery(state, received);
}

int64_t replay_next_minute(const struct state *state, int64_t now_s)
{
    const struct sw_received_list *received_list = &state->today.received_list;
    if (state->alerts_changed) /* one that closed may be due again */
        return now_s + MINUTE_S;
    struct bounds bounds = bounds_of(state, now_s);
    int64_t silent_s = silent_due_s(state, now_s);
    int64_t due_s = earlier(next_edge_s(state, now_s), next_watch_s(state, now_s));
    due_s = earlier(due_s, replay_next_late_s(state));
    if (state->facts.again_at_s > now_s)
        due_s = earlier(due_s, state->facts.again_at_s);
    for (size_t i = state->today.taken; i < received_list->n; i++) {
        const struct sw_received *received = &received_list->items[i];
        if (earlier(due_s, silent_s) <= received->at_s || received->at_s > state->end_s)
            break;
        if (is_always_judged(state, &bounds, received)) {
            due_s = received->at_s;
            break;
        }
        stretch(&bounds, state, i);
        if (may_matter(&bounds, state, i)) {
            due_s = received->at_s;
            break;
        }
        silent_s = received->at_s + state->today.plan.silent_after_s;
    }
    due_s = earlier(earlier(due_s, silent_s), state->end_s);
    due_s = replay_minute_from(state, due_s);
    return due_s > now_s ? earlier(due_s, state->end_s) : now_s + MINUTE_S;
}
