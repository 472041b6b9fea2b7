/* sim_feed.c -- what the simulated devices send, message by message, and the sums of
 * what the broker took, by patient and civil day: a test may hold them against the
 * gateway's own. Sending it, and again if the broker did not take it, is sim_command.c's
 * business. */
#include "simulate/sim_feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/line.h"

int sim_feed_init(struct sim_feed *feed, const struct sim_life *life, size_t n,
                  int64_t from_s)
{
    *feed = (struct sim_feed){.life = life, .n = n};
    feed->next_s = malloc(n * sizeof *feed->next_s);
    if (!feed->next_s)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        feed->next_s[i] = from_s - from_s % 60;
    return 0;
}

void sim_feed_fini(struct sim_feed *feed)
{
    free(feed->next_s);
    *feed = (struct sim_feed){0};
}

/* Take the longest run of equal minutes from the patient's next one on. False if the
 * device says nothing until end_s. */
static bool sim_take_batch(struct sim_feed *feed, size_t patient, int64_t end_s,
                           struct sim_batch *ret)
{
    int64_t at_s = feed->next_s[patient], first_s;
    struct sim_minute minute = {0};
    while (at_s < end_s && !minute.is_sent) {
        minute = sim_life_minute(feed->life, patient, at_s);
        at_s += 60;
    }
    feed->next_s[patient] = at_s;
    if (!minute.is_sent)
        return false;
    const bool worn = minute.worn;
    first_s = at_s - 60;
    for (; at_s < end_s; at_s += 60) {
        minute = sim_life_minute(feed->life, patient, at_s);
        if (!minute.is_sent || minute.worn != worn)
            break;
    }
    feed->next_s[patient] = at_s;
    *ret = (struct sim_batch){.patient = patient,
                              .start_s = first_s,
                              .minutes = (int32_t)((at_s - first_s) / 60),
                              .worn = worn};
    return true;
}

/* The patients take turns, so that all are within an hour of each other. */
bool sim_feed_next(struct sim_feed *feed, int64_t until_s, struct sim_batch *ret)
{
    size_t n_done = 0;
    until_s -= until_s % 60;
    while (n_done < feed->n) {
        size_t patient = feed->turn;
        int64_t next_s = feed->next_s[patient];
        int64_t hour_end_s = next_s - next_s % 3600 + 3600;
        int64_t end_s = hour_end_s < until_s ? hour_end_s : until_s;
        bool is_taken = next_s < end_s && sim_take_batch(feed, patient, end_s, ret);
        bool is_through = feed->next_s[patient] >= end_s;
        if (is_through)
            feed->turn = (patient + 1) % feed->n;
        if (is_taken)
            return true;
        n_done = feed->next_s[patient] >= until_s ? n_done + 1 : 0;
    }
    return false;
}

size_t sim_batch_payload(const struct sim_life *life, const struct sim_batch *batch,
                         char out[static SIM_PAYLOAD_MAX])
{
    const char *open = batch->minutes > 1 ? "[" : "", *close = *open ? "]" : "";
    struct sw_line payload = sw_line(out, SIM_PAYLOAD_MAX);
    sw_line_add(&payload, "{\"start\":%" PRId64 ",\"seconds\":60,\"steps\":%s",
                batch->start_s, open);
    for (int32_t i = 0; i < batch->minutes; i++) {
        struct sim_minute minute =
            sim_life_minute(life, batch->patient, batch->start_s + i * INT64_C(60));
        sw_line_add(&payload, "%s%" PRId32, i > 0 ? "," : "", minute.steps);
    }
    sw_line_add(&payload, "%s%s}", close, batch->worn ? "" : ",\"worn\":false");
    return payload.n;
}

/* ---- the sums ---- */

void sim_tally_fini(struct sim_tally *tally)
{
    free(tally->days);
    *tally = (struct sim_tally){0};
}

static struct sim_sum *sum_of(const struct sim_tally *tally, size_t patient,
                              int32_t day)
{
    return &tally->days[(size_t)(day - tally->first_day) * tally->n_patients + patient];
}

int sim_tally_add(struct sim_tally *tally, const struct sim_life *life,
                  const struct sim_batch *batch)
{
    int64_t last_s = batch->start_s + (batch->minutes - 1) * INT64_C(60);
    int32_t last_day = sw_day_of(life->zone, last_s);
    size_t n_days = (size_t)(last_day - tally->first_day) + 1;
    if (n_days > tally->n_days) {
        struct sim_sum *days =
            reallocarray(tally->days, n_days, tally->n_patients * sizeof *days);
        if (!days)
            return -ENOMEM;
        memset(days + tally->n_days * tally->n_patients, 0,
               (n_days - tally->n_days) * tally->n_patients * sizeof *days);
        tally->days = days;
        tally->n_days = n_days;
    }
    sum_of(tally, batch->patient, sw_day_of(life->zone, batch->start_s))->messages++;
    tally->total.messages++;
    for (int64_t at_s = batch->start_s; at_s <= last_s; at_s += 60) {
        struct sim_sum *sum =
            sum_of(tally, batch->patient, sw_day_of(life->zone, at_s));
        struct sim_minute minute = sim_life_minute(life, batch->patient, at_s);
        sum->readings++;
        sum->steps += minute.steps;
        tally->total.readings++;
        tally->total.steps += minute.steps;
    }
    return 0;
}

const struct sim_sum *sim_tally_get(const struct sim_tally *tally, size_t patient,
                                    int32_t day)
{
    bool is_reached =
        day >= tally->first_day && (size_t)(day - tally->first_day) < tally->n_days;
    return is_reached ? sum_of(tally, patient, day) : NULL;
}
