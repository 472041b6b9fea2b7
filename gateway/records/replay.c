/* replay.c -- walk through a patient's past, day by day, and judge on the way.
 *
 * Which minutes to judge is replay_skip.c's business; the past comes from the source,
 * and the core decides about alerts.
 */
#include "records/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/facts.h"
#include "records/replay_state.h"
#include "util/array.h"

int sw_received_list_add(struct sw_received_list *received_list,
                         const struct sw_received *received)
{
    int r = GROW(received_list->items, received_list->n, received_list->cap);
    if (r == 0)
        received_list->items[received_list->n++] = *received;
    return r;
}

void sw_received_list_fini(struct sw_received_list *received_list)
{
    free(received_list->items);
    *received_list = (struct sw_received_list){.n = 0};
}

static void replay_day_fini(struct replay_day *of_day)
{
    sw_received_list_fini(&of_day->received_list);
    sw_day_set_fini(&of_day->set);
}

/* ---- batteries, as far as levels were sent ---- */

static void note_battery(struct state *state, const struct sw_received *received)
{
    const struct sw_replay_source *source = &state->replay->source;
    size_t i = 0;
    while (i < state->n_batteries &&
           state->batteries[i].device_key != received->device_key)
        i++;
    if (i == REPLAY_DEVICES_MAX)
        return;
    struct sw_battery *level = &state->batteries[i].level;
    if (i == state->n_batteries) {
        const char *device = source->device(source->ctx, received->device_key);
        *level = (struct sw_battery){.at_s = 0};
        strncpy(level->device.str, device ? device : "", SW_ID_MAX);
        state->batteries[i].device_key = received->device_key;
        state->n_batteries++;
    }
    bool is_lower = received->to_s == level->at_s && received->battery < level->pct;
    if (received->to_s > level->at_s || is_lower) {
        level->pct = received->battery;
        level->at_s = received->to_s;
    }
}

static int by_age(const void *a, const void *b)
{
    const struct sw_battery *x = a, *y = b;
    return (x->at_s < y->at_s) - (x->at_s > y->at_s);
}

static void check_batteries(struct state *state)
{
    struct sw_battery levels[REPLAY_DEVICES_MAX];
    for (size_t i = 0; i < state->n_batteries; i++)
        levels[i] = state->batteries[i].level;
    if (state->n_batteries > 1)
        qsort(levels, state->n_batteries, sizeof *levels, by_age);
    sw_facts_clear_batteries(&state->facts);
    for (size_t i = 0; i < state->n_batteries; i++)
        sw_facts_add_battery(&state->facts, &levels[i],
                             sw_open_alert(state->alerts, SW_ALERT_BATTERY));
}

/* ---- what is received ---- */

/* Add the day's data that was received by now_s; 1: something changed. */
static int receive(struct state *state, struct replay_day *of_day, int64_t now_s)
{
    bool has_pain = false, has_battery = false, has_changed = false;
    int r = 0;
    for (; of_day->taken < of_day->received_list.n; of_day->taken++) {
        const struct sw_received *received =
            &of_day->received_list.items[of_day->taken];
        bool is_pain = received->kind == SW_RECEIVED_PAIN;
        if (received->at_s > now_s)
            break;
        if (received->kind == SW_RECEIVED_READING)
            r = sw_day_set_add_reading(&of_day->set, received->device_key,
                                       &received->reading);
        else if (received->kind == SW_RECEIVED_TOTAL)
            r = sw_day_set_add_total(&of_day->set, received->device_key,
                                     &received->total);
        else
            r = sw_day_set_add_pain(&of_day->set, &received->pain);
        if (r >= 0 && is_pain)
            r = sw_day_set_add_pain(&state->scores, &received->pain);
        if (r < 0)
            return r;
        if (received->battery >= 0)
            note_battery(state, received);
        has_battery = has_battery || received->battery >= 0;
        has_changed = true;
        has_pain = has_pain || is_pain;
        if (!is_pain && received->at_s > state->heard_at_s)
            state->heard_at_s = received->at_s;
    }
    if (has_pain)
        sw_facts_from_pains(&state->facts, state->scores.pains, state->scores.n_pains);
    if (has_battery)
        check_batteries(state);
    return has_changed;
}

/* ---- days before today ---- */

static struct past_day *past_of(const struct state *state, int32_t day)
{
    return &state->past[day - state->replay->from_day];
}

static int past_valid(void *ctx, int32_t today,
                      struct sw_valid_day ret[static SW_LOW_DAYS])
{
    const struct state *state = ctx;
    int n = 0;
    (void)today;
    for (size_t i = state->n_past; i > 0 && n < SW_LOW_DAYS; i--) {
        const struct past_day *past = &state->past[i - 1];
        if (past->row.valid)
            ret[n++] =
                (struct sw_valid_day){past->row.day, past->row.steps, past->floor};
    }
    for (int32_t i = 0; i < state->n_before && n < SW_LOW_DAYS; i++)
        ret[n++] = state->before[i];
    return n;
}

static int past_row(void *ctx, int32_t day, struct sw_day_row *ret)
{
    *ret = past_of(ctx, day)->row;
    return 0;
}

static int past_unworn(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret)
{
    const struct state *state = ctx;
    (void)day;
    (void)to_s;
    *ret = state->its_unworn;
    return 0;
}

static int recall_days(struct state *state)
{
    struct sw_days_before before = {past_valid, past_row, past_unworn, state};
    struct sw_eval_input input = {.zone = state->replay->zone,
                                  .plan = &state->today.plan,
                                  .today = state->today.day,
                                  .alerts = state->alerts};
    return sw_history_days(&before, &input, &state->facts, &state->past_unworn);
}

/* Note what the day's data says by now, for the days after
 * it. Overwrites state->day. */
static int recall_day(struct state *state, const struct replay_day *of_day)
{
    const struct sw_alert *open = sw_open_alert(state->alerts, SW_ALERT_UNWORN);
    const struct sw_zone *zone = state->replay->zone;
    struct past_day *past = past_of(state, of_day->day);
    int r = sw_day_compute(state->day, zone, of_day->day, &of_day->plan, &of_day->set);
    if (r < 0)
        return r;
    *past = (struct past_day){state->day->row, of_day->plan.floor};
    if (open && sw_day_of(zone, open->span.to_s - 1) == of_day->day)
        state->its_unworn = sw_unworn_of(state->day, INT64_MAX, open->span.to_s);
    state->day_changed = true;
    return 0;
}

static int receive_late(struct state *state, int64_t now_s)
{
    bool has_changed = false;
    for (size_t i = 0; i < state->n_late; i++) {
        int r = receive(state, &state->late[i], now_s);
        if (r > 0)
            r = recall_day(state, &state->late[i]);
        if (r < 0)
            return r;
        has_changed = has_changed || state->day_changed;
        bool is_complete = state->late[i].taken == state->late[i].received_list.n;
        if (is_complete) {
            replay_day_fini(&state->late[i]);
            state->late[i--] = state->late[--state->n_late];
        }
    }
    return has_changed ? recall_days(state) : 0;
}

/* ---- judging ---- */

/* Bring the facts about today up to date with what was received. */
static int refresh_facts(struct state *state, int64_t now_s)
{
    int64_t again_at_s = state->facts.again_at_s;
    bool more_began = again_at_s != 0 && now_s >= again_at_s;
    int r = 0;
    if (state->day_changed)
        r = sw_day_compute(state->day, state->replay->zone, state->today.day,
                           &state->today.plan, &state->today.set);
    if (r < 0)
        return r;
    if (state->day_changed || state->alerts_changed || more_began) {
        sw_facts_fill(&state->facts, state->day, state->alerts, now_s);
        state->worn_today_s = state->facts.alert_unworn.worn_at_s;
    }
    if (state->alerts_changed)
        check_batteries(state);
    state->day_changed = state->alerts_changed = false;
    return 0;
}

static int replay_judge(struct state *state, int64_t now_s)
{
    const struct sw_replay *replay = state->replay;
    struct sw_alert_effect effects[SW_ALERT_KINDS];
    int r = receive_late(state, now_s);
    if (r >= 0)
        r = receive(state, &state->today, now_s);
    if (r < 0)
        return r;
    state->day_changed = state->day_changed || r > 0;
    r = refresh_facts(state, now_s);
    if (r < 0)
        return r;
    struct sw_eval_input input = {
        .zone = replay->zone,
        .plan = &state->today.plan,
        .today = state->today.day,
        .now_s = now_s,
        .clock_trusted = replay_is_online(state, now_s),
        .alerts = state->alerts,
        .past_unworn = state->past_unworn,
        .worn_today_s = state->worn_today_s,
        .heard_at_s = replay_heard_s(state),
        .online_spans = replay->online_spans,
    };
    sw_facts_complete(&state->facts, &input);
    sw_alerts_label(state->alerts, &state->patient, &state->today.plan.therapist);
    size_t n = sw_alerts_judge(&state->facts, state->alerts, effects);
    state->alerts_changed = n > 0;
    if (replay->judged)
        replay->judged(replay->ctx, &state->facts, state->alerts);
    for (size_t i = 0; r == 0 && i < n; i++) {
        struct sw_replay_event event = {&state->alerts[effects[i].kind], &effects[i],
                                        &state->facts};
        r = replay->each(replay->ctx, &event);
    }
    return r;
}

/* ---- a day ---- */

/* Ids decide between devices that report as much: the smaller one counts. */
static int name_devices(struct state *state)
{
    const struct sw_replay_source *source = &state->replay->source;
    const struct sw_received_list *list = &state->today.received_list;
    int64_t named = 0; /* no device has this key */
    int r = 0;
    for (size_t i = 0; r >= 0 && i < list->n; i++) {
        const struct sw_received *received = &list->items[i];
        if (received->kind == SW_RECEIVED_PAIN || received->device_key == named)
            continue;
        named = received->device_key;
        struct sw_device_id device = {.str = ""};
        const char *id = source->device(source->ctx, named);
        strncpy(device.str, id ? id : "", SW_ID_MAX);
        r = sw_day_set_name_device(&state->today.set, named, &device);
    }
    return r;
}

static int replay_begin_day(struct state *state, int32_t day)
{
    const struct sw_replay_source *source = &state->replay->source;
    struct replay_day *today = &state->today;
    *today = (struct replay_day){.day = day};
    state->begin_s = sw_day_begin(state->replay->zone, day);
    state->end_s = sw_day_begin(state->replay->zone, day + 1);
    state->day_changed = true;
    state->facts.again_at_s = 0;
    int r = source->plan_on(source->ctx, day, &today->plan);
    if (r >= 0)
        r = source->load(source->ctx, day, &today->received_list);
    if (r >= 0)
        r = replay_prepare(&today->received_list);
    if (r >= 0)
        r = name_devices(state);
    return r < 0 ? r : recall_days(state);
}

static int judge_day(struct state *state)
{
    const struct sw_replay *replay = state->replay;
    int64_t now_s = state->begin_s;
    int r = 0;
    while (r == 0 && now_s < state->end_s && now_s <= replay->until_s) {
        r = replay_judge(state, now_s);
        int64_t next_s = now_s + REPLAY_MINUTE_S;
        bool is_dense = replay->every_minute && now_s >= replay->every_minute_from_s;
        if (r == 0 && !is_dense)
            next_s = replay_next_minute(state, now_s);
        /* an open alert keeps the evidence of its last judgement */
        int64_t before_s = next_s - REPLAY_MINUTE_S;
        if (r == 0 && before_s > now_s && before_s <= replay->until_s &&
            replay_has_open(state))
            r = replay_judge(state, before_s);
        now_s = next_s;
    }
    return r;
}

static int end_day(struct state *state)
{
    bool matters = state->needs_days || sw_open_alert(state->alerts, SW_ALERT_UNWORN) ||
                   sw_open_alert(state->alerts, SW_ALERT_OVER);
    state->past[state->n_past++] = (struct past_day){.row = {.day = state->today.day}};
    int r = receive(state, &state->today, state->end_s); /* the next minute judged */
    if (r >= 0 && matters)
        r = recall_day(state, &state->today);
    bool is_complete = state->today.taken == state->today.received_list.n;
    if (r >= 0 && !is_complete) /* more of it comes later */
        r = GROW(state->late, state->n_late, state->cap_late);
    if (r >= 0 && !is_complete) {
        state->late[state->n_late++] = state->today;
        state->today = (struct replay_day){.day = 0};
    }
    replay_day_fini(&state->today);
    return r < 0 ? r : 0;
}

/* ---- all of it ---- */

static int begin_patient(struct state *state)
{
    const struct sw_replay *replay = state->replay;
    const struct sw_replay_source *source = &replay->source;
    struct sw_replay_start start = {.heard_at_s = 0};
    struct sw_plan plan;
    size_t n_days = (size_t)(replay->to_day - replay->from_day + 1);
    state->day = malloc(sizeof *state->day);
    state->past = calloc(n_days, sizeof *state->past);
    if (!state->day || !state->past)
        return -ENOMEM;
    int r = source->start(source->ctx, &start);
    state->scores = start.scores;
    state->added_at_s = start.added_at_s;
    state->heard_at_s = start.heard_at_s;
    state->n_before = start.n_valid_days;
    memcpy(state->before, start.valid_days, sizeof state->before);
    /* Valid days matter if any plan has a floor. */
    for (int32_t day = replay->from_day; r >= 0 && day <= replay->to_day; day++) {
        r = source->plan_on(source->ctx, day, &plan);
        state->needs_days = state->needs_days || (r >= 0 && plan.floor > 0);
    }
    sw_facts_from_pains(&state->facts, state->scores.pains, state->scores.n_pains);
    return r < 0 ? r : 0;
}

static void end_patient(struct state *state)
{
    for (size_t i = 0; i < state->n_late; i++)
        replay_day_fini(&state->late[i]);
    replay_day_fini(&state->today);
    sw_day_set_fini(&state->scores);
    free(state->late);
    free(state->past);
    free(state->day);
    free(state);
}

int sw_replay_patient(const struct sw_replay *replay,
                      const struct sw_patient_id *patient)
{
    struct state *state = calloc(1, sizeof *state);
    if (!state)
        return -ENOMEM;
    state->replay = replay;
    state->patient = *patient;
    int r = begin_patient(state);
    for (int32_t day = replay->from_day; r == 0 && day <= replay->to_day; day++) {
        r = replay_begin_day(state, day);
        bool is_past = state->begin_s <= replay->until_s;
        if (r >= 0)
            r = judge_day(state);
        if (r == 0)
            r = is_past ? end_day(state) : 0;
        if (!is_past)
            break;
    }
    end_patient(state);
    return r;
}
