/* other_gateway.h -- another gateway of the same site: two clinics that are bridged, or
 * the old Pi beside the new one.
 *
 *     other_gateway_on_message(&other, notice, instance, now_s, now_ms); // any notice
 *     if (other_is_there(&other, now_ms)) …      // its alerts are its own
 *     if (other_status_is_due(&other, now_ms)) … // publish again that we are online
 *     if (other_health_is_due(&other, now_ms)) … // publish who we are: it asks
 *     other_break_off(&other);                   // the connection is gone
 *
 * Retained messages may be our own from an earlier run, so only what is published while
 * we are subscribed, after our own mark, shows that another gateway is there.
 */
#ifndef DAEMON_OTHER_GATEWAY_H
#define DAEMON_OTHER_GATEWAY_H

#include "daemon/notices.h"
#include "stepward/health.h"

enum {
    OTHER_GONE_MS = 150 * 1000, /* it publishes its health every minute */
    OTHER_WAIT_MS = 75 * 1000,  /* wait this long for the first from a possible one */
    OTHER_ANSWER_MS = 1000,     /* at most one answer in this time */
    OTHER_TEXT_MAX = 140,
};

struct other {
    struct sw_health said; /* its last health, as decoded */
    bool is_known;
    int64_t since_s, heard_ms; /* 0: known only from a retained message */
    bool was_online;           /* the status was "online" before we connected */
    bool is_through;           /* our mark came back: what comes now is new */
    bool status_due, health_due;
    int64_t status_ms, health_ms; /* when each was last answered */
};

void other_gateway_on_message(struct other *other, const struct notice *notice,
                              const char *instance, int64_t now_s, int64_t now_ms);
void other_break_off(struct other *other);
bool other_is_there(const struct other *other, int64_t now_ms);
/* It may be there: a gateway that lost all data had better wait for its first
 * message. */
bool other_may_come(const struct other *other, int64_t asked_ms, int64_t now_ms);
/* Each returns true once. */
bool other_status_is_due(struct other *other, int64_t now_ms);
bool other_health_is_due(struct other *other, int64_t now_ms);
bool other_waits(const struct other *other);
/* "client id stepward-b, version 0.1.0, heard since 2026-…" */
void other_describe(const struct other *other, char out[static OTHER_TEXT_MAX]);

#endif
