/* health.c -- how the gateway is, and who is informed: the broker's clients, the
 * database, and the note for those who cannot read it.
 *
 * What counts as an incident is decided where it happens. commit.c stores the health
 * too, with every commit.
 */
#include <string.h>

#include "daemon/gateway.h"

void gateway_check_health(struct gateway *gateway, int64_t now_ms)
{
    struct sw_health *health = &gateway->health;
    int64_t now_s = sw_clock_now_s();
    health->connected = gateway->connection_log.up;
    health->clock_trusted = gateway_is_clock_trusted(gateway);
    health->uptime_s = (now_ms - gateway->started_ms) / 1000;
    health->inbox_pending = sw_inbox_pending(gateway->data.inbox);
    health->at_s = health->clock_trusted ? now_s : 0;
    incidents_fill_health(&gateway->incidents, now_s, health);
}

/* Of what is published now, nothing waits except for the next commit. */
static bool health_is_current(const struct gateway *gateway)
{
    return gateway->health.connected && gateway->health.clock_trusted &&
           !commit_policy_has_failed(&gateway->commit_policy) &&
           !gateway->data.check.is_awaited &&
           atomic_load(&gateway->receiver.appended) >= 0;
}

/* A state that is not current is so since the end of online time, because nobody knows
 * what happened while nobody watched. */
static struct sw_lock_state state_of(const struct gateway *gateway)
{
    const struct sw_lock_state *last = &gateway->data.note.state;
    struct sw_lock_state state = {.is_known = true,
                                  .has_reported = gateway->health.written_at_s != 0,
                                  .connected = gateway->health.connected,
                                  .clock_trusted = gateway->health.clock_trusted,
                                  .is_current = health_is_current(gateway)};
    bool has_ended = !state.is_current && (last->is_current || last->is_starting);
    if (has_ended)
        state.since_s = online_until_s(&gateway->online_spans);
    else if (!state.is_current)
        state.since_s = last->since_s;
    return state;
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
    gateway_check_health(gateway, now_ms);
    bool is_news = strcmp(gateway->health.problem, gateway->data.note.problem) != 0;
    if (is_news && gateway->connection_log.up)
        publish_health(gateway->session, gateway->config->site, &gateway->health);
    struct sw_lock_state state = state_of(gateway);
    data_note(&gateway->data, &gateway->health, &state, now_ms);
}
