/* health.c -- how this gateway is, and who is informed: the broker's clients, the
 * database, and the note for those who cannot read it. Then what is received from
 * another gateway of the same site: two clinics that are bridged, or the old Pi beside
 * the new one.
 *
 * What counts as an incident is decided where it happens. commit.c stores the health
 * too, with every commit. What another gateway means for alerts that the broker retains
 * is the business of reconcile.c. */
#include <stdio.h>
#include <string.h>

#include "daemon/gateway.h"
#include "stepward/wire.h"

enum {
    OTHER_GONE_MS = 150 * 1000, /* it publishes its health every minute */
    OTHER_WAIT_MS = 75 * 1000,  /* wait this long for the first from a possible one */
    OTHER_ANSWER_MS = 1000,     /* at most one answer in this time */
};

/* ---- this gateway ---- */

void gateway_check_health(struct gateway *gateway, int64_t now_ms)
{
    struct sw_health *health = &gateway->health;
    int64_t now_s = sw_clock_now_s();
    health->connected = gateway->connection_log.up;
    health->clock_trusted = gateway->clock.is_trusted;
    health->uptime_s = (now_ms - gateway->started_ms) / 1000;
    health->inbox_pending = sw_inbox_pending(gateway->data.inbox);
    health->at_s = health->clock_trusted ? now_s : 0;
    incidents_fill_health(&gateway->incidents, now_s, health);
}

void gateway_publish_health(struct gateway *gateway, int64_t now_ms)
{
    gateway_check_health(gateway, now_ms);
    publish_health(gateway->session, gateway->config->site, &gateway->health);
}

/* A new problem, and its end, are published at once: to the broker's clients, and in
 * the note for those who find the database as broken as we do. */
void gateway_publish_incidents(struct gateway *gateway, int64_t now_ms)
{
    const struct sw_health *health = &gateway->health;
    const struct sw_lock_state *last = &gateway->data.note.state;
    gateway_check_health(gateway, now_ms);
    bool is_news = strcmp(health->problem, gateway->data.note.problem) != 0;
    if (is_news && gateway->connection_log.up)
        publish_health(gateway->session, gateway->config->site, health);
    /* Of what is published now, nothing waits except for the next commit. */
    bool is_current = health->connected && health->clock_trusted &&
                      !commit_policy_has_failed(&gateway->commit_policy) &&
                      !gateway->data.check.is_awaited &&
                      atomic_load(&gateway->receiver.appended) >= 0;
    struct sw_lock_state state = {.is_known = true,
                                  .has_reported = health->written_at_s != 0,
                                  .connected = health->connected,
                                  .clock_trusted = health->clock_trusted,
                                  .is_current = is_current};
    /* A state that is not current is so since the end of online time, because nobody
     * knows what happened while nobody watched. */
    bool has_ended = last->is_current || last->is_starting;
    if (!is_current)
        state.since_s =
            has_ended ? online_until_s(&gateway->online_spans) : last->since_s;
    data_note(&gateway->data, health, &state, now_ms);
}

/* ---- another gateway of this site ---- */

static void other_on_health(struct other *other, const struct notice *notice,
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

void other_on_notice(struct other *other, const struct notice *notice,
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
        other_on_health(other, notice, instance, now_s, now_ms);
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

/* At most once in OTHER_ANSWER_MS. */
static bool is_due(bool *due, int64_t *answered_ms, int64_t now_ms)
{
    if (!*due || (*answered_ms != 0 && now_ms - *answered_ms < OTHER_ANSWER_MS))
        return false;
    *due = false;
    *answered_ms = now_ms;
    return true;
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

void gateway_check_other(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct other *other = &gateway->other;
    char who[OTHER_TEXT_MAX];
    if (!gateway->connection_log.up)
        return;
    if (is_due(&other->status_due, &other->status_ms, now_ms))
        other->status_due = !publish_status(gateway->session, gateway->config->site);
    if (is_due(&other->health_due, &other->health_ms, now_ms))
        gateway_publish_health(gateway, now_ms);
    if (!other_is_there(other, now_ms)) {
        incidents_end(&gateway->incidents, SW_INCIDENT_SITE_SHARED, now_s,
                      "no other gateway is heard in site %s any more",
                      gateway->config->site);
        return;
    }
    other_describe(other, who);
    incidents_begin(&gateway->incidents, SW_INCIDENT_SITE_SHARED, now_s,
                    "another gateway works in site %s: %s", gateway->config->site, who);
}
