/* sim_feed.c -- what the simulated devices send, message by message.
 * Sending it, and again if the broker did not take it, is the command's business. */
#include "simulate/sim_feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Where the stretch of at most an hour ends that begins at from_s. */
static int64_t stretch_end_s(int64_t from_s, int64_t until_s)
{
    int64_t hour_end_s = from_s - from_s % 3600 + 3600;
    return hour_end_s < until_s ? hour_end_s : until_s;
}

/* The longest run of minutes alike from the patient's next one; it is used up. False
 * if the device says nothing in the stretch. */
static bool take_batch(struct sim_feed *feed, size_t patient, int64_t end_s,
                       struct sim_batch *ret)
{
    int64_t at_s = feed->next_s[patient], first_s;
    struct sim_minute minute = {0}, first;
    while (at_s < end_s && !minute.is_sent) {
        minute = sim_life_minute(feed->life, patient, at_s);
        at_s += 60;
    }
    feed->next_s[patient] = at_s;
    if (!minute.is_sent)
        return false;
    first = minute;
    first_s = at_s - 60;
    for (; at_s < end_s; at_s += 60) {
        minute = sim_life_minute(feed->life, patient, at_s);
        if (!minute.is_sent || minute.worn != first.worn)
            break;
    }
    feed->next_s[patient] = at_s;
    *ret = (struct sim_batch){.patient = patient,
                              .start_s = first_s,
                              .minutes = (int32_t)((at_s - first_s) / 60),
                              .worn = first.worn};
    return true;
}

/* Round by round: all are kept within an hour of each other. */
bool sim_feed_next(struct sim_feed *feed, int64_t until_s, struct sim_batch *ret)
{
    size_t n_done = 0;
    until_s -= until_s % 60;
    while (n_done < feed->n) {
        size_t patient = feed->turn;
        int64_t next_s = feed->next_s[patient];
        int64_t end_s = stretch_end_s(next_s, until_s);
        bool is_taken = next_s < end_s && take_batch(feed, patient, end_s, ret);
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
