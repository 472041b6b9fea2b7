/* replay_store.c -- a patient's past from the store.
 *
 * Times of receipt are not stored, so a reading counts as received when it ended. Past
 * battery levels are not stored either, so the replay has none.
 */
#include "records/replay_store.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SPANS_MAX = 10000, /* as many as the store keeps */
    CACHED_DAYS = 7,
};

static int replay_store_plan_on(void *ctx, int32_t day, struct sw_plan *ret)
{
    const struct sw_replay_store *past = ctx;
    return sw_stored_plan_on(&past->from, day, ret);
}

static int replay_store_start(void *ctx, struct sw_replay_start *ret)
{
    struct sw_replay_store *past = ctx;
    struct sw_days_before before = sw_stored_days(&past->from);
    int32_t from_day = past->replay->from_day;
    int64_t begin_s = sw_day_begin(past->from.zone, from_day),
            key = past->from.patient->key;
    ret->added_at_s = past->from.patient->added_at_s;
    int r = sw_store_last_reported(past->from.store, key, begin_s, &ret->heard_at_s);
    if (r >= 0)
        r = sw_store_load_pains(past->from.store, key, 0, begin_s, &ret->scores);
    if (r >= 0)
        r = before.valid(before.ctx, from_day, ret->valid_days);
    if (r >= 0)
        ret->n_valid_days = r;
    return r < 0 ? r : 0;
}

/* ---- a week at once ---- */

static int fill_week_cache(struct sw_replay_store *past, int32_t from_day,
                           int32_t to_day)
{
    const struct sw_zone *zone = past->from.zone;
    struct sw_week_cache *week_cache = &past->week_cache;
    int64_t key = past->from.patient->key;
    sw_day_set_fini(&week_cache->set);
    *week_cache = (struct sw_week_cache){.from_day = from_day, .to_day = to_day};
    int r = sw_store_load_day(past->from.store, key, sw_day_begin(zone, from_day),
                              sw_day_begin(zone, to_day + 1), &week_cache->set);
    if (r < 0)
        return r;
    week_cache->patient_key = key;
    return 0;
}

/* The store loads a limited number of readings at once: if a broken device sent more,
 * load a single day. */
static int reach_for(struct sw_replay_store *past, int32_t day)
{
    const struct sw_week_cache *week_cache = &past->week_cache;
    bool is_there = week_cache->patient_key == past->from.patient->key &&
                    week_cache->from_day <= day && day <= week_cache->to_day;
    if (is_there)
        return 0;
    int r = fill_week_cache(past, day, day + CACHED_DAYS - 1);
    size_t n = 0;
    for (size_t i = 0; i < week_cache->set.n_devices; i++)
        n +=
            week_cache->set.devices[i].n_readings + week_cache->set.devices[i].n_totals;
    bool may_be_cut = r == 0 && n >= SW_DAY_READINGS_MAX;
    return may_be_cut ? fill_week_cache(past, day, day) : r;
}

/* ---- a day ---- */

/* Add the readings that reach into the day, its totals, and one total on either side, as
 * received when they ended. */
static int add_device(struct sw_received_list *ret, const struct sw_device_set *device,
                      struct sw_span day)
{
    struct sw_received received = {.device_key = device->device_key, .battery = -1};
    int r = 0;
    received.kind = SW_RECEIVED_READING;
    for (size_t i = 0; r >= 0 && i < device->n_readings; i++) {
        received.reading = device->readings[i];
        received.at_s = received.reading.start_s + received.reading.seconds;
        if (received.reading.start_s >= day.to_s) /* they are sorted by their start */
            break;
        if (received.at_s > day.from_s)
            r = sw_received_list_add(ret, &received);
    }
    received.kind = SW_RECEIVED_TOTAL;
    for (size_t i = 0; r >= 0 && i < device->n_totals; i++) {
        bool is_last = i + 1 == device->n_totals;
        received.total = device->totals[i];
        received.at_s = received.total.at_s;
        if (!is_last && device->totals[i + 1].at_s < day.from_s)
            continue;
        r = sw_received_list_add(ret, &received);
        if (received.at_s >= day.to_s)
            break;
    }
    return r;
}

static int replay_store_load(void *ctx, int32_t day, struct sw_received_list *ret)
{
    struct sw_replay_store *past = ctx;
    const struct sw_day_set *week = &past->week_cache.set;
    struct sw_span span = {sw_day_begin(past->from.zone, day),
                           sw_day_begin(past->from.zone, day + 1)};
    int r = reach_for(past, day);
    for (size_t i = 0; r >= 0 && i < week->n_devices; i++)
        r = add_device(ret, &week->devices[i], span);
    for (size_t i = 0; r >= 0 && i < week->n_pains; i++) {
        struct sw_received scored = {.at_s = week->pains[i].at_s,
                                     .kind = SW_RECEIVED_PAIN,
                                     .battery = -1,
                                     .pain = week->pains[i]};
        if (scored.at_s >= span.from_s && scored.at_s < span.to_s)
            r = sw_received_list_add(ret, &scored);
    }
    return r;
}

static const char *replay_store_device(void *ctx, int64_t device_key)
{
    const struct sw_replay_store *past = ctx;
    const struct sw_device_set *found =
        sw_day_set_find(&past->week_cache.set, device_key);
    return found ? found->device.str : NULL;
}

/* ---- all of it ---- */

int sw_replay_store_open(struct sw_replay_store *past)
{
    static const struct sw_span always = {0, INT64_MAX};
    size_t n = 0;
    past->spans = calloc(SPANS_MAX, sizeof *past->spans);
    if (!past->spans)
        return -ENOMEM;
    int r = past->is_always
                ? 0
                : sw_store_get_online(past->from.store, past->spans, SPANS_MAX, &n);
    for (size_t i = 0; i < n / 2; i++) { /* the store gives the newest first */
        struct sw_span kept = past->spans[i];
        past->spans[i] = past->spans[n - 1 - i];
        past->spans[n - 1 - i] = kept;
    }
    past->knows_watched = n > 0;
    past->online_spans =
        n > 0 ? (struct sw_spans){past->spans, n} : (struct sw_spans){&always, 1};
    return r < 0 ? r : 0;
}

int sw_replay_stored(struct sw_replay_store *past, struct sw_replay *replay,
                     const struct sw_patient *patient)
{
    past->replay = replay;
    past->from.patient = patient;
    replay->zone = past->from.zone;
    replay->online_spans = past->online_spans;
    replay->source =
        (struct sw_replay_source){replay_store_start, replay_store_load,
                                  replay_store_plan_on, replay_store_device, past};
    return sw_replay_patient(replay, &patient->id);
}

void sw_replay_store_fini(struct sw_replay_store *past)
{
    sw_day_set_fini(&past->week_cache.set);
    free(past->spans);
    past->spans = NULL;
}
