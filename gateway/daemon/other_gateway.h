/* other_gateway.h -- another gateway of the same site: two clinics that are bridged, or the old
 * Pi beside the new one.
 *
 *     other_gateway_on_message(&other, notice, instance, now_s, now_ms); // any
 *     if (other_is_there(&other, now_ms)) …              // its alerts are its own
 *     if (other_status_is_due(&other, now_ms)) …         // say again that we are
 * online if (other_health_is_due(&other, now_ms)) …         // say who we are: it asks
 *     other_break_off(&other);                           // the connection is gone
 *
 * What is retained may be our own of an earlier run, so only what is said while we
 * listen, behind our own mark, shows that somebody is there.
 */
#ifndef DAEMON_OTHER_GATEWAY_H
#define DAEMON_OTHER_GATEWAY_H

#include "daemon/notices.h"
#include "stepward/health.h"

enum {
    OTHER_GONE_MS = 150 * 1000, /* it says its health every minute */
    OTHER_WAIT_MS = 75 * 1000,  /* so long for the first, of one that may be there */
    OTHER_ANSWER_MS = 1000,     /* no more often, whoever says what */
    OTHER_TEXT_MAX = 140,
};

struct other {
    struct sw_health said; /* last, of what is decoded of it */
    bool is_known;
    int64_t since_s, heard_ms; /* 0: it is known from what is retained alone */
    bool was_online;           /* the status said so before we connected */
    bool is_through;           /* our mark came back: what comes now is said now */
    bool status_due, health_due;
    int64_t status_ms, health_ms; /* when it was answered last */
};

void other_gateway_on_message(struct other *other, const struct notice *notice,
                              const char *instance, int64_t now_s, int64_t now_ms);
void other_break_off(struct other *other);
bool other_is_there(const struct other *other, int64_t now_ms);
/* It may be there: who lost all data does better to wait for its first word. */
bool other_may_come(const struct other *other, int64_t asked_ms, int64_t now_ms);
/* Each true once. */
bool other_status_is_due(struct other *other, int64_t now_ms);
bool other_health_is_due(struct other *other, int64_t now_ms);
bool other_waits(const struct other *other);
/* "client id stepward-b, version 0.1.0, heard since 2026-…" */
void other_describe(const struct other *other, char out[static OTHER_TEXT_MAX]);

#endif
