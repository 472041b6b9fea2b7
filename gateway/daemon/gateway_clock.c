/* gateway_clock.c -- whether the wall clock is believed, and what nobody watched.
 *
 * When it may be believed is timekeeper.c's business, how messages are dated too; that
 * they wait meanwhile is gateway_take.c's.
 */
#include "daemon/gateway_private.h"

enum { MISSED_SAID_S = 15 * 60 }; /* shorter gaps are the network's everyday life */

bool gateway_is_clock_trusted(const struct gateway *gateway)
{
    return gateway->keeper.watch.trusted;
}

/* Now the time is known again: what was noted of a time to come is not true. */
static void begin_trust(struct gateway *gateway)
{
    sw_log(SW_LOG_NOTICE, "the clock is trusted");
    watched_cut(&gateway->watched, gateway->now.wall_ms / 1000);
    ward_mark_everyone(&gateway->ward);
}

/* Whatever is heard next, the last turn may be a while ago: until now we watched, by
 * the clock as it was believed then. */
static void watch_until_now(struct gateway *gateway)
{
    int64_t believed_ms = gateway->now.monotonic_ms + gateway->keeper.watch.offset_ms;
    if (gateway->watched.growing && !gateway->was_asleep)
        watched_tick(&gateway->watched, believed_ms / 1000, true);
}

void gateway_look_at_clocks(struct gateway *gateway)
{
    bool was_trusted = gateway_is_clock_trusted(gateway);
    bool is_first = !gateway->keeper.watch.begun;
    int64_t before_ms = gateway->now.monotonic_ms;
    gateway->now = sw_clock_read();
    gateway->was_asleep = gateway->now.monotonic_ms - before_ms > GATEWAY_ASLEEP_MS;
    watch_until_now(gateway);
    bool trusted = timekeeper_look(&gateway->keeper, &gateway->now,
                                   gateway->health.last_commit_at_s);
    if (trusted && !was_trusted)
        begin_trust(gateway);
    else if (!trusted && (was_trusted || is_first))
        sw_log(SW_LOG_WARNING, "the clock is not trusted: until it is, no alert is "
                               "judged, and messages wait in the inbox");
    gateway->intake.clock_trusted = trusted;
}

/* Off, or without its broker, or without a clock: silence is not counted in it. */
void gateway_say_missed(const struct watched *watched, int64_t now_s)
{
    char since[SW_INSTANT_LEN + 1];
    int64_t missed_s = watched_missed_s(watched, now_s);
    if (missed_s < MISSED_SAID_S)
        return;
    sw_instant_format(watched_until(watched), since);
    sw_log(SW_LOG_NOTICE,
           "nobody watched for %lld h %lld min, since %s: no alert is raised for that "
           "time",
           (long long)(missed_s / 3600), (long long)(missed_s % 3600 / 60), since);
}
