/* fuzz_core.c -- any bytes as a patient's life: days of 23 to 25 hours, devices that
 * overlap and repeat themselves, late data, plans that change, clocks that jump,
 * therapists, restarts. What must hold is checked by life.c against the slow model. */
#include <stdint.h>

#include "life.h"

enum {
    DAY = 20522,
    EVENTS_MAX = 96,
    BATCH_MAX = 24, /* minutes of a batch: it takes its place among MODEL_SAID_MAX */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at, *end;
};

/* The next byte; 0 after the last. */
static int32_t byte(struct bytes *bytes)
{
    return bytes->at < bytes->end ? *bytes->at++ : 0;
}

static int32_t number(struct bytes *bytes)
{
    int32_t high = byte(bytes);
    return high * 256 + byte(bytes);
}

#define COUNT(array)       (sizeof(array) / sizeof((array)[0]))
#define PICK(bytes, array) ((array)[(size_t)byte(bytes) % COUNT(array)])

/* A zone that shifts at some minute of DAY, by what real zones shift. */
static void draw_zone(struct bytes *bytes, struct sw_zone_shift shifts[static 2])
{
    static const int32_t by_s[] = {0, 3600, -3600, 1800, -1800, 3600, -3600, 7200};
    int32_t offset_s = (byte(bytes) % 105 - 48) * 900; /* -12:00..+14:00 */
    int32_t shift_s = PICK(bytes, by_s);
    int32_t minute = number(bytes) % 1440; /* midnight among them */
    shifts[0] = (struct sw_zone_shift){0, offset_s};
    shifts[1] = (struct sw_zone_shift){DAY * INT64_C(86400) + minute * 60 - offset_s,
                                       offset_s + shift_s};
}

/* Minutes ago with the low bit of the seconds' byte clear, else seconds ago. */
static int64_t moment(struct life *life, struct bytes *bytes)
{
    int32_t ago = number(bytes), second = byte(bytes);
    int64_t at_s = life->now_s + 600 - (int64_t)(ago % 2880) * 60;
    return second & 1 ? at_s - second % 60 : at_s - at_s % 60;
}

static void read_one(struct life *life, struct bytes *bytes)
{
    static const int32_t seconds[] = {60,  60,  30,   29,   1,    300,
                                      301, 900, 3600, 3601, 7200, 90000};
    int32_t how = byte(bytes);
    struct said said = {.kind = SAID_READING, .device = 1 + how % MODEL_DEVICES};
    said.reading.seconds = PICK(bytes, seconds);
    said.reading.start_s = moment(life, bytes);
    said.reading.steps = how & 8 ? number(bytes) % (said.reading.seconds * 2 + 1) : 0;
    said.reading.worn = (how & 48) != 48;
    life_say(life, &said, (how & 64) != 0);
}

/* Still, or moving, for so long up to now: what raises and ends a rest. */
static void read_lately(struct life *life, struct bytes *bytes)
{
    int32_t how = byte(bytes), minutes = 1 + byte(bytes);
    struct said said = {.kind = SAID_READING, .device = 1 + how % MODEL_DEVICES};
    said.reading.seconds = minutes * 60;
    said.reading.start_s = life->now_s - life->now_s % 60 - said.reading.seconds;
    said.reading.steps = how & 8 ? minutes * 20 : 0;
    said.reading.worn = (how & 48) != 48;
    life_say(life, &said, (how & 64) != 0);
}

static void read_batch(struct life *life, struct bytes *bytes)
{
    int32_t how = byte(bytes), n = 1 + byte(bytes) % BATCH_MAX;
    int64_t start_s = moment(life, bytes);
    for (int32_t i = 0; i < n; i++) {
        struct said said = {.kind = SAID_READING, .device = 1 + how % MODEL_DEVICES};
        int32_t steps = byte(bytes);
        said.reading = (struct sw_reading){start_s + 60 * i, 60, steps, (how & 8) == 0};
        if (steps != 255) /* no data */
            life_say(life, &said, false);
    }
}

static void read_total(struct life *life, struct bytes *bytes)
{
    int32_t how = byte(bytes);
    struct said said = {.kind = SAID_TOTAL, .device = 1 + how % MODEL_DEVICES};
    said.total.at_s = moment(life, bytes);
    said.total.total = number(bytes);
    if (how & 8) /* it grows with time */
        said.total.total += (said.total.at_s - DAY * INT64_C(86400)) / 4 + 50000;
    if (how & 16) /* as large as JSON says it exactly */
        said.total.total *= INT64_C(1) << 36;
    said.total.stamp = how & 32 ? SW_STAMP_RECEIPT : SW_STAMP_OWN;
    if (said.total.total >= 0)
        life_say(life, &said, (how & 64) != 0);
}

static void read_pain(struct life *life, struct bytes *bytes)
{
    struct said said = {.kind = SAID_PAIN};
    int32_t score = byte(bytes);
    said.pain.score = score % 101 / 10.0;
    said.pain.flare = score >= 202;
    said.pain.at_s = moment(life, bytes);
    life_say(life, &said, false);
}

static void repeat(struct life *life, struct bytes *bytes)
{
    int32_t i = byte(bytes);
    if (life->n_said > 0)
        life_say(life, &life->said[(size_t)i % life->n_said], false);
}

static void change_plan(struct life *life, struct bytes *bytes)
{
    static const int32_t from[] = {480, 0, 60, 550, 120}, to[] = {1260, 1440, 600, 790};
    static const int32_t limits[] = {180, 30, 60, 120, 480}, nudges[] = {60, 0, 1, 45};
    static const int32_t breaks[] = {30, 1, 10000, 100};
    static const int32_t silences[] = {4 * 3600, 60, 3600, 30 * 86400};
    static const int32_t freshnesses[] = {15, 5, 45, 120};
    static const int32_t ceilings[] = {0, 500, 5000};
    struct sw_plan plan = life->plan;
    plan.wake_from_min = PICK(bytes, from);
    plan.wake_to_min = PICK(bytes, to);
    plan.rest_limit_min = PICK(bytes, limits);
    plan.nudge_after_min = PICK(bytes, nudges);
    plan.break_steps = PICK(bytes, breaks);
    plan.silent_after_s = PICK(bytes, silences);
    plan.fresh_min = PICK(bytes, freshnesses);
    plan.goal = number(bytes);
    plan.ceiling = PICK(bytes, ceilings);
    life_plan(life, &plan);
}

static void act(struct life *life, struct bytes *bytes)
{
    int32_t how = byte(bytes);
    enum sw_alert_kind kind = (enum sw_alert_kind)(byte(bytes) % SW_ALERT_KINDS);
    struct sw_action action = {.by = "anna"};
    action.kind = (enum sw_action_kind)(how % SW_ACTIONS);
    action.by[0] = (char)('a' + how / SW_ACTIONS % 2);
    action.minutes = 1 + byte(bytes);
    life_act(life, kind, &action);
}

static void live(struct life *life, struct bytes *bytes)
{
    int32_t how;
    switch (byte(bytes) % 16) {
    case 0:
        life_pass(life, 60 * (1 + byte(bytes)));
        break;
    case 1:
        life_pass(life, byte(bytes));
        break;
    case 2:
        life_pass(life, 60 * number(bytes) % (3 * 86400));
        break;
    case 3:
        read_one(life, bytes);
        break;
    case 4:
        read_lately(life, bytes);
        break;
    case 5:
        read_batch(life, bytes);
        break;
    case 6:
        read_total(life, bytes);
        break;
    case 7:
        read_pain(life, bytes);
        break;
    case 8:
        repeat(life, bytes);
        break;
    case 9:
        change_plan(life, bytes);
        break;
    case 10:
        life_step_clock(life, (number(bytes) - 32768) * INT64_C(7));
        break;
    case 11:
        life_trust(life);
        break;
    case 12:
    case 13:
        act(life, bytes);
        break;
    case 14:
        life_restart(life);
        break;
    case 15:
        how = byte(bytes);
        life->is_over_budget = how & 2;
        life_online(life, how & 1);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, data + size};
    struct sw_zone_shift shifts[2];
    draw_zone(&bytes, shifts);
    struct sw_zone zone = {shifts, 2};
    struct life *life = life_new(&zone, DAY);
    for (int i = 0; i < EVENTS_MAX && bytes.at < bytes.end; i++)
        live(life, &bytes);
    life_end(life);
    return 0;
}
