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
    *feed = (struct sim_feed){.life = life, .n = n * SIM_SENDERS};
    feed->next_s = malloc(feed->n * sizeof *feed->next_s);
    if (!feed->next_s)
        return -ENOMEM;
    for (size_t i = 0; i < feed->n; i++)
        feed->next_s[i] = from_s - from_s % 60;
    return 0;
}

void sim_feed_fini(struct sim_feed *feed)
{
    free(feed->next_s);
    *feed = (struct sim_feed){0};
}

/* Take the longest run of equal minutes from the band's next one on. False if it says
 * nothing until end_s. */
static bool sim_take_batch(struct sim_feed *feed, int64_t end_s, struct sim_batch *ret)
{
    const struct sim_life *life = feed->life;
    size_t patient = feed->turn / SIM_SENDERS;
    int band = (int)(feed->turn % SIM_SENDERS);
    int64_t at_s = feed->next_s[feed->turn], first_s;
    struct sim_minute minute = {0};
    while (at_s < end_s && !minute.is_sent) {
        minute = sim_life_band(life, patient, band, at_s);
        at_s += 60;
    }
    feed->next_s[feed->turn] = at_s;
    if (!minute.is_sent)
        return false;
    const bool worn = minute.worn;
    first_s = at_s - 60;
    for (; at_s < end_s; at_s += 60) {
        minute = sim_life_band(life, patient, band, at_s);
        if (!minute.is_sent || minute.worn != worn)
            break;
    }
    feed->next_s[feed->turn] = at_s;
    *ret = (struct sim_batch){.patient = patient,
                              .sender = band,
                              .start_s = first_s,
                              .minutes = (int32_t)((at_s - first_s) / 60),
                              .worn = worn};
    return true;
}

static bool sim_take_score(struct sim_feed *feed, int64_t end_s, struct sim_batch *ret)
{
    int64_t next_s = feed->next_s[feed->turn];
    struct sim_batch batch = {
        .patient = feed->turn / SIM_SENDERS, .sender = SIM_APP, .minutes = 1};
    feed->next_s[feed->turn] = end_s;
    if (!sim_life_pain(feed->life, batch.patient, next_s, end_s, &batch.pain))
        return false;
    batch.start_s = batch.pain.at_s;
    *ret = batch;
    return true;
}

/* The patients take turns, so that all are within an hour of each other. */
bool sim_feed_next(struct sim_feed *feed, int64_t until_s, struct sim_batch *ret)
{
    size_t n_done = 0;
    until_s -= until_s % 60;
    while (n_done < feed->n) {
        size_t turn = feed->turn;
        int64_t next_s = feed->next_s[turn];
        int64_t hour_end_s = next_s - next_s % 3600 + 3600;
        int64_t end_s = hour_end_s < until_s ? hour_end_s : until_s;
        bool is_app = turn % SIM_SENDERS == SIM_APP;
        bool is_taken = next_s < end_s && (is_app ? sim_take_score(feed, end_s, ret)
                                                  : sim_take_batch(feed, end_s, ret));
        bool is_through = feed->next_s[turn] >= end_s;
        if (is_through)
            feed->turn = (turn + 1) % feed->n;
        if (is_taken)
            return true;
        n_done = feed->next_s[turn] >= until_s ? n_done + 1 : 0;
    }
    return false;
}

static void add_score(struct sw_line *payload, const struct sw_pain *pain)
{
    sw_line_add(payload, "{\"at\":%" PRId64 ",\"score\":%.1f%s}", pain->at_s,
                pain->score, pain->flare ? ",\"flare\":true" : "");
}

static void add_readings(struct sw_line *payload, const struct sim_life *life,
                         const struct sim_batch *batch)
{
    const char *open = batch->minutes > 1 ? "[" : "", *close = *open ? "]" : "";
    int64_t last_s = batch->start_s + (batch->minutes - 1) * INT64_C(60);
    sw_line_add(payload, "{\"start\":%" PRId64 ",\"seconds\":60,\"steps\":%s",
                batch->start_s, open);
    for (int64_t at_s = batch->start_s; at_s <= last_s; at_s += 60) {
        struct sim_minute minute =
            sim_life_band(life, batch->patient, batch->sender, at_s);
        sw_line_add(payload, "%s%" PRId32, at_s > batch->start_s ? "," : "",
                    minute.steps);
    }
    sw_line_add(payload, "%s%s,\"device\":\"%s\",\"battery\":%" PRId32 "}", close,
                batch->worn ? "" : ",\"worn\":false",
                sim_band_id(batch->patient, batch->sender).str,
                sim_life_battery(life, batch->patient, batch->sender, last_s));
}

size_t sim_batch_payload(const struct sim_life *life, const struct sim_batch *batch,
                         char out[static SIM_PAYLOAD_MAX])
{
    struct sw_line payload = sw_line(out, SIM_PAYLOAD_MAX);
    if (batch->sender == SIM_APP)
        add_score(&payload, &batch->pain);
    else
        add_readings(&payload, life, batch);
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
    struct sim_sum *first =
        sum_of(tally, batch->patient, sw_day_of(life->zone, batch->start_s));
    first->messages++;
    tally->total.messages++;
    if (batch->sender == SIM_APP) {
        first->scores++;
        tally->total.scores++;
        return 0;
    }
    for (int64_t at_s = batch->start_s; at_s <= last_s; at_s += 60) {
        struct sim_sum *sum =
            sum_of(tally, batch->patient, sw_day_of(life->zone, at_s));
        struct sim_minute minute =
            sim_life_band(life, batch->patient, batch->sender, at_s);
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
