/* replay_skip.c -- when to judge next, so that no minute is missed that matters.
 *
 * A lower bound is enough, because an extra judgement has no effect. What the clock and
 * new data bring is passed to the rules as an outlook that counts everything as it
 * would matter most. Data that may take something away from a minute (is_odd, such as
 * another device's data for the same block of minutes, or data reaching far back behind
 * the last judgement) is judged when it is received.
 */
#include <errno.h>
#include <stdlib.h>

#include "records/replay_state.h"
#include "stepward/rule.h"
#include "util/array.h"

enum {
    MINUTE_S = REPLAY_MINUTE_S,
    BACK_S = 5 * MINUTE_S, /* how far a reading may reach behind the last judgement */
    /* Still minutes this far apart make no rest, even if BACK_S between
     * them gets filled. */
    APART_S = (SW_REST_BRIDGE_MIN + 2) * MINUTE_S + BACK_S,
    AHEAD_S = 60 * MINUTE_S,   /* a device's clock may be this far ahead */
    SETTLED_S = 30 * MINUTE_S, /* so old a beginning of a rest cannot change */
};

/* ---- what each arrival may do ---- */

static int by_receipt(const void *a, const void *b)
{
    const struct sw_received *x = a, *y = b;
    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

/* What a device has sent so far. */
struct sender {
    int64_t device_key;
    int64_t end_s; /* it sent data up to here */
    bool has_total;
    struct sw_total last;
    /* The lowest total that was followed by a lower one; INT64_MAX: none. A later total
     * that reaches it may turn the totals in between into slips. */
    int64_t fell_from, most;
};
struct senders {
    struct sender *items;
    size_t n, cap;
};

static struct sender *sender_of(struct senders *senders, int64_t device_key)
{
    for (size_t i = 0; i < senders->n; i++)
        if (senders->items[i].device_key == device_key)
            return &senders->items[i];
    if (GROW(senders->items, senders->n, senders->cap) < 0)
        return NULL;
    senders->items[senders->n] = (struct sender){
        .device_key = device_key, .end_s = INT64_MIN, .fell_from = INT64_MAX};
    return &senders->items[senders->n++];
}

/* The difference to the total before; a reset counts from 0. */
static void derive_total(struct sw_received *received, struct sender *sender)
{
    const struct sw_total *total = &received->total, *last = &sender->last;
    bool grew = sender->has_total && total->total >= last->total;
    received->to_s = total->at_s;
    received->from_s = sender->has_total ? last->at_s : total->at_s;
    received->steps = grew ? total->total - last->total : total->total;
    if (!sender->has_total || total->total < 0)
        received->steps = 0;
    sender->has_total = true;
    sender->last = *total;
}

/* Whether the total may change the meaning of those before it; updates the sender. */
static bool may_mend(struct sender *sender, const struct sw_total *total)
{
    bool falls = sender->has_total && total->total < sender->last.total;
    bool mends = total->total >= sender->fell_from;
    if (falls && sender->last.total < sender->fell_from)
        sender->fell_from = sender->last.total;
    if (total->total >= sender->most) {
        sender->most = total->total;
        sender->fell_from = INT64_MAX;
    }
    return mends;
}

static void derive(struct sw_received *received, struct sender *sender)
{
    const struct sw_reading *reading = &received->reading;
    if (received->kind == SW_RECEIVED_TOTAL) {
        bool is_no_newer =
            sender->has_total && received->total.at_s <= sender->last.at_s;
        bool mends = may_mend(sender, &received->total);
        derive_total(received, sender);
        received->is_odd = is_no_newer || mends;
    } else {
        received->from_s = reading->start_s;
        received->to_s = reading->start_s + reading->seconds;
        received->steps = reading->steps;
        received->is_odd = false;
    }
    if (received->from_s < sender->end_s)
        received->is_odd = true;
    if (received->to_s > sender->end_s)
        sender->end_s = received->to_s;
}

int replay_prepare(struct sw_received_list *received_list)
{
    struct sw_received *items = received_list->items;
    struct senders senders = {.n = 0};
    bool is_sorted = true; /* as it mostly is */
    int r = 0;
    for (size_t i = 1; i < received_list->n; i++)
        is_sorted = is_sorted && items[i - 1].at_s <= items[i].at_s;
    if (!is_sorted)
        qsort(items, received_list->n, sizeof *items, by_receipt);
    for (size_t i = 0; i < received_list->n; i++) {
        struct sw_received *received = &items[i];
        if (received->kind == SW_RECEIVED_PAIN) {
            received->from_s = received->to_s = received->pain.at_s;
            continue;
        }
        struct sender *sender = sender_of(&senders, received->device_key);
        if (!sender) {
            r = -ENOMEM;
            break;
        }
        derive(received, sender);
        /* One device gives all steps of a block of minutes, so data of one device may
         * take away the steps of another. */
        for (size_t d = 0; d < senders.n; d++)
            if (&senders.items[d] != sender && senders.items[d].end_s != INT64_MIN &&
                senders.items[d].end_s > received->from_s - SW_BLOCK_MIN * 60)
                received->is_odd = true;
    }
    free(senders.items);
    return r;
}

/* ---- where the replay is ---- */

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

/* The first span that ends at at_s or later; spans.n: none does. */
static size_t span_ending_from(struct sw_spans spans, int64_t at_s)
{
    size_t low = 0, high = spans.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (spans.items[middle].to_s < at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool replay_is_online(const struct state *state, int64_t now_s)
{
    struct sw_spans spans = state->replay->online_spans;
    size_t i = span_ending_from(spans, now_s);
    return i < spans.n && spans.items[i].from_s <= now_s;
}

/* The first minute of today at or after at_s. */
static int64_t minute_from(const struct state *state, int64_t at_s)
{
    int64_t ahead_s = at_s - state->begin_s;
    return state->begin_s + (ahead_s + MINUTE_S - 1) / MINUTE_S * MINUTE_S;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When the next data for days before today is received; INT64_MAX: never. */
static int64_t next_late_s(const struct state *state)
{
    int64_t next_s = INT64_MAX;
    for (size_t i = 0; i < state->n_late; i++) {
        const struct replay_day *of_day = &state->late[i];
        if (of_day->taken < of_day->received_list.n)
            next_s = earlier(next_s, of_day->received_list.items[of_day->taken].at_s);
    }
    return next_s;
}

/* ---- what the clock brings ---- */

/* The next edge of the wake window; its end matters only to open alerts. */
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

/* The next first or last minute of a span online. */
static int64_t next_online_s(const struct state *state, int64_t now_s)
{
    struct sw_spans spans = state->replay->online_spans;
    size_t next = span_ending_from(spans, now_s + MINUTE_S);
    for (size_t i = next > 0 ? next - 1 : 0; i < spans.n; i++) {
        int64_t first_s = minute_from(state, spans.items[i].from_s);
        int64_t to_s = earlier(spans.items[i].to_s, state->end_s);
        int64_t last_s = minute_from(state, to_s + 1) - MINUTE_S;
        if (first_s > now_s)
            return first_s;
        if (last_s > now_s)
            return last_s;
    }
    return INT64_MAX;
}

/* ---- what new data brings ---- */

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

/* One whole worn minute of the day, received when it was over. */
static bool is_plain_minute(const struct state *state,
                            const struct sw_received *received)
{
    const struct sw_reading *reading = &received->reading;
    return received->kind == SW_RECEIVED_READING && reading->seconds == MINUTE_S &&
           (reading->start_s - state->begin_s) % MINUTE_S == 0 && reading->worn &&
           received->at_s >= received->to_s;
}

/* True if the minute of the i-th arrival is active whatever follows: it has steps,
 * and the five minutes that end with it hold enough. Of the minutes before, only
 * those received since the last judgement count, as nothing has been sent about them
 * again so far. */
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

/* True if the i-th arrival may have made minutes active: a minute is active by the
 * steps of at most five in a row. */
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

/* The outlook as of the last judgement, without new data. */
static struct sw_outlook outlook_of(const struct state *state, int64_t now_s)
{
    const struct sw_facts *facts = &state->facts;
    const struct sw_day_row *row = &state->day->row;
    int64_t window_min =
        row->active_min + row->still_min + row->unworn_min + row->unknown_min;
    struct sw_outlook outlook = {
        .facts = facts,
        .at_s = SW_NEVER,
        .heard_at_s = replay_heard_s(state),
        .steps = facts->steps,
        .known_min = row->active_min + row->still_min,
        .unworn_min = facts->unworn.unworn_min,
        .valid_min = earlier(SW_VALID_MIN, window_min * 2 / 3),
        .is_apart = now_s - facts->newest_known_s > APART_S + MINUTE_S,
        .is_settled =
            facts->running.to_s != 0 && facts->running.from_s <= now_s - SETTLED_S,
        .battery_pct = -1,
    };
    if (facts->newest_known_s == 0 || outlook.is_apart)
        outlook.still_from_s = now_s - BACK_S - MINUTE_S;
    else if (outlook.is_settled)
        outlook.still_from_s = facts->running.from_s;
    else
        outlook.still_from_s = last_active_end_s(state->day, now_s);
    for (int kind = 0; facts->in_window && kind < SW_ALERT_KINDS; kind++)
        if (!sw_alert_is_inhibited((enum sw_alert_kind)kind, state->alerts))
            outlook.may_open |= SW_KIND_BIT(kind);
    return outlook;
}

/* Add the i-th arrival to the outlook. */
static void stretch(struct sw_outlook *outlook, const struct state *state, size_t i)
{
    const struct sw_received *received = &state->today.received_list.items[i];
    int64_t touched_min = (received->to_s - received->from_s) / MINUTE_S + 2;
    outlook->at_s = outlook->heard_at_s = received->at_s;
    outlook->is_pain = received->kind == SW_RECEIVED_PAIN;
    outlook->is_worn = received->kind == SW_RECEIVED_TOTAL || received->reading.worn;
    outlook->battery_pct = received->battery;
    outlook->steps += received->steps;
    if (outlook->is_worn)
        outlook->known_min += touched_min;
    else
        outlook->unworn_min += touched_min;
    if (received->to_s > outlook->still_from_s && is_surely_active(state, i))
        outlook->still_from_s = received->to_s;
    outlook->may_end_rest =
        sw_alert_is_open(&state->alerts[SW_ALERT_REST]) && may_be_active(state, i);
}

/* The earliest bound of all rules. */
static int64_t bound_s(const struct sw_outlook *outlook,
                       const struct sw_alert *const open[static SW_ALERT_KINDS])
{
    int64_t due_s = SW_NEVER;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        due_s = earlier(
            due_s, sw_rule((enum sw_alert_kind)kind)->bound_s(outlook, open[kind]));
    return due_s;
}

int64_t replay_next_minute(const struct state *state, int64_t now_s)
{
    const struct sw_received_list *received_list = &state->today.received_list;
    const struct sw_alert *open[SW_ALERT_KINDS];
    if (state->alerts_changed) /* a closed alert may be due again */
        return now_s + MINUTE_S;
    /* Nothing is judged while the gateway is not connected, whatever comes. */
    if (!replay_is_online(state, now_s))
        return earlier(next_online_s(state, now_s), state->end_s);
    struct sw_outlook outlook = outlook_of(state, now_s);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        open[kind] = sw_open_alert(state->alerts, (enum sw_alert_kind)kind);
    int64_t due_s = earlier(next_edge_s(state, now_s), next_online_s(state, now_s));
    due_s = earlier(due_s, next_late_s(state));
    if (state->facts.again_at_s > now_s)
        due_s = earlier(due_s, state->facts.again_at_s);
    int64_t rules_s = bound_s(&outlook, open);
    for (size_t i = state->today.taken; i < received_list->n; i++) {
        const struct sw_received *received = &received_list->items[i];
        if (earlier(due_s, rules_s) <= received->at_s || received->at_s > state->end_s)
            break;
        stretch(&outlook, state, i);
        /* Its data may take something away, or its minutes have not begun. */
        bool reaches_back = received->from_s < now_s - BACK_S;
        bool is_ahead = received->to_s > received->at_s;
        bool is_always_judged = received->is_odd || reaches_back || is_ahead;
        rules_s = is_always_judged ? received->at_s : bound_s(&outlook, open);
        if (rules_s <= received->at_s)
            break;
    }
    due_s = earlier(earlier(due_s, rules_s), state->end_s);
    due_s = minute_from(state, due_s);
    return due_s > now_s ? earlier(due_s, state->end_s) : now_s + MINUTE_S;
}
