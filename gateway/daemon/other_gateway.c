/* other_gateway.c -- what was received from another gateway of the site. What to do
 * about it is the business of the gateway and reconcile.c. */
#include "daemon/other_gateway.h"

#include <stdio.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"

static void other_gateway_on_health(struct other *other, const struct notice *notice,
                                    const char *instance, int64_t now_s, int64_t now_ms)
{
    struct sw_health said;
    bool is_now = notice->kind == NOTICE_HEALTH && other->is_through;
    bool is_good = sw_decode_health(notice->payload, notice->len, &said) &&
                   strcmp(said.instance, instance) != 0;
    bool is_there = other_is_there(other, now_ms);
    if (!is_good || (is_there && !is_now))
        return;
    if (is_now && !is_there)
        other->since_s = now_s;
    if (is_now)
        other->heard_ms = now_ms;
    other->said = said;
    other->is_known = true;
}

void other_gateway_on_message(struct other *other, const struct notice *notice,
                              const char *instance, int64_t now_s, int64_t now_ms)
{
    switch (notice->kind) {
    case NOTICE_OFFLINE:
        other->status_due = true;
        break;
    case NOTICE_ONLINE_RETAINED:
        other->was_online = true;
        break;
    case NOTICE_HEALTH:
    case NOTICE_HEALTH_RETAINED:
        other_gateway_on_health(other, notice, instance, now_s, now_ms);
        break;
    case NOTICE_MARK: /* after our own: another gateway connects */
        other->health_due = other->health_due || other->is_through;
        break;
    default:
        break;
    }
}

void other_break_off(struct other *other)
{
    other->is_through = other->was_online = false;
    other->status_due = other->health_due = false;
}

bool other_is_there(const struct other *other, int64_t now_ms)
{
    return other->heard_ms != 0 && now_ms - other->heard_ms < OTHER_GONE_MS;
}

bool other_may_come(const struct other *other, int64_t asked_ms, int64_t now_ms)
{
    return other->was_online && !other_is_there(other, now_ms) &&
           now_ms - asked_ms < OTHER_WAIT_MS;
}

static bool is_due(bool *due, int64_t *answered_ms, int64_t now_ms)
{
    if (!*due || (*answered_ms != 0 && now_ms - *answered_ms < OTHER_ANSWER_MS))
        return false;
    *due = false;
    *answered_ms = now_ms;
    return true;
}

bool other_status_is_due(struct other *other, int64_t now_ms)
{
    return is_due(&other->status_due, &other->status_ms, now_ms);
}

bool other_health_is_due(struct other *other, int64_t now_ms)
{
    return is_due(&other->health_due, &other->health_ms, now_ms);
}

bool other_waits(const struct other *other)
{
    return other->status_due || other->health_due;
}

void other_describe(const struct other *other, char out[static OTHER_TEXT_MAX])
{
    char at[SW_INSTANT_LEN + 1] = "unknown";
    bool was_heard = other->heard_ms != 0;
    int64_t at_s = was_heard ? other->since_s : other->said.at_s;
    if (at_s != 0)
        sw_instant_format(at_s, at);
    snprintf(out, OTHER_TEXT_MAX, "client id %.64s, version %.20s, %s %s",
             other->said.client_id[0] ? other->said.client_id : "unknown",
             other->said.version[0] ? other->said.version : "unknown",
             was_heard ? "heard since" : "last heard", at);
}
