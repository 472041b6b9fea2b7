/* gateway_judge.c -- when to judge and commit, and what comes of it: done, put off, or
 * to be tried again.
 *
 * What is judged and stored is commit.c's business, how long pauses are throttle.c's.
 */
#include "daemon/gateway_private.h"
#include "stepward/fault.h"

enum { MESSAGE_US = 4 }; /* about what one takes to be taken in */

void gateway_want_commit(struct gateway *gateway, int64_t now_ms, int64_t in_ms)
{
    int64_t at_ms = now_ms + in_ms;
    if (gateway->commit_at_ms == 0 || at_ms < gateway->commit_at_ms)
        gateway->commit_at_ms = at_ms;
}

void gateway_want_commit_by_interval(struct gateway *gateway, int64_t now_ms)
{
    gateway_want_commit(gateway, now_ms, gateway->config->commit_interval_s * 1000);
}

void gateway_reload(struct gateway *gateway, int32_t today, int64_t now_ms)
{
    digest_schedule_check(&gateway->commit.digest_schedule);
    int r = ingest_load(&gateway->ingest, today);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0)
        sw_log(SW_LOG_WARNING, "cannot read the database: %s",
               sw_store_why(gateway->data.store, r));
    gateway->outbox.maybe_more = true;
    gateway_want_commit(gateway, now_ms, 0);
}

/* Messages that come faster than they can be taken in and judged one by one are judged
 * together. */
static void throttle_judging(struct gateway *gateway, int64_t took_us, bool committed)
{
    int64_t judging_us =
        committed ? 0 : took_us; /* what a commit takes is no measure */
    if (gateway->n_news > 0)
        throttle_note(&gateway->throttle, sw_clock_monotonic_us(),
                      judging_us + gateway->n_news * MESSAGE_US);
    gateway->n_news = 0;
}

void gateway_judge_and_commit(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct eval_time eval_time = {now_s, gateway_is_clock_trusted(gateway),
                                  &gateway->online_spans};
    int32_t today = sw_day_of(&gateway->zone, now_s);
    bool is_new_day =
        gateway_is_clock_trusted(gateway) && today != gateway->patients.today;
    bool due = gateway->commit_at_ms != 0 && now_ms >= gateway->commit_at_ms;
    bool committed;
    if (gateway->retry_at_ms != 0 && now_ms < gateway->retry_at_ms)
        return;
    if (check_is_awaited(&gateway->data.check)) {
        if (due || gateway->stopping)
            gateway_keep_health(gateway, now_s, now_ms);
        return;
    }
    if (echo_holds_back(&gateway->echo))
        eval_time.clock_trusted = false;
    if (is_new_day) { /* what is pending belongs to another day: store it, then judge */
        due = true;
        eval_time.clock_trusted = false;
    }
    due = due || gateway->stopping;
    if (!throttle_allows(&gateway->throttle, sw_clock_monotonic_us(), due))
        return;
    gateway_check_health(gateway, now_ms);
    gateway->commit.minute_due |= gateway->stopping;
    int64_t began_us = sw_clock_thread_us();
    int r = commit_attempt(&gateway->commit, &eval_time, due, &committed);
    throttle_judging(gateway, sw_clock_thread_us() - began_us, committed);
    if (r < 0) {
        gateway_stop_if_damaged(gateway, r);
        incidents_begin(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, now_s,
                        "cannot write the database: %.100s: %s",
                        sw_store_why(gateway->data.store, r), disk_remedy(r));
        int64_t failed_ms = sw_clock_monotonic_ms(); /* it may have waited for long */
        gateway->commit_at_ms = gateway->retry_at_ms = failed_ms + GATEWAY_RETRY_MS;
        return;
    }
    if (committed) {
        incidents_end(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, now_s,
                      "the database is written again");
        gateway->commit_at_ms = gateway->retry_at_ms = 0;
        if (gateway->safe_ms < gateway->taken_ms)
            gateway->safe_ms = gateway->taken_ms;
        gateway->outbox.maybe_more = true;
        sw_inbox_trim(gateway->data.inbox);
        FAULT_POINT(after_trim);
    }
    if (is_new_day)
        gateway_reload(gateway, today, now_ms);
}
