/* gateway_echo.c -- what the broker still says of alerts is heard and settled, before
 * anything is judged; and what it says of our session, and of what it dropped.
 *
 * How it is compared with the store is echo.c's and echo_settle.c's business.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway.h"

/* ---- what the broker says of itself, and of our session ---- */

/* A database that was restored says what was true when it was copied. */
void gateway_recall_mark(struct gateway *gateway)
{
    char *mark = NULL;
    int r = sw_store_get_meta(gateway->data.store, SW_META_MARK, &mark);
    bool is_left = r == 0 && *mark != '\0' && !gateway->data.is_renewed;
    if (is_left)
        connection_log_expect_mark(&gateway->connection_log);
    if (r == 0 && *mark != '\0') /* a crash of ours leaves none */
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "");
    free(mark);
}

/* We said goodbye, and the broker heard it: what it says of our status then waits for
 * us, if the access list lets us hear it. */
void gateway_note_mark(struct gateway *gateway)
{
    if (gateway->connection_log.up && gateway->hears_status &&
        gateway->config->broker.protocol == 5)
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "left");
}

static struct instant instant_of(const struct gateway *gateway)
{
    return (struct instant){gateway->now.wall_ms / 1000, gateway->now.monotonic_ms};
}

static void on_broker(struct gateway *gateway, const struct echo_word *word)
{
    if (word->kind == ECHO_LEFT)
        connection_log_on_mark(&gateway->connection_log);
    gateway->hears_status |= word->kind == ECHO_ONLINE;
    if (word->kind == ECHO_DROPPED &&
        broker_drops_on_message(&gateway->dropped, word->payload, word->len,
                                &gateway->incidents, gateway->now.wall_ms / 1000))
        commit_policy_want(&gateway->commit_policy, COMMIT_STATUS,
                           gateway->now.monotonic_ms);
}

/* ---- what it still says of alerts ---- */

int gateway_hear_echo(struct gateway *gateway)
{
    struct echo_word *word;
    int r = 0;
    while (r >= 0 && (word = echo_box_take(&gateway->receiver.box))) {
        shown_tests_on_word(&gateway->shown_tests, word, gateway->now.monotonic_ms);
        other_gateway_on_message(&gateway->other, word, gateway->instance,
                                 gateway->now.wall_ms / 1000,
                                 gateway->now.monotonic_ms);
        on_broker(gateway, word);
        r = echo_take(&gateway->echo, gateway->data.store, word);
        gateway->other.is_through |= gateway->echo.is_complete;
        free(word);
    }
    bool has_all_come = gateway->echo.is_complete && !gateway->echo.gave_up;
    if (has_all_come &&
        connection_log_miss_mark(&gateway->connection_log, instant_of(gateway)))
        commit_policy_want(&gateway->commit_policy, COMMIT_STATUS,
                           gateway->now.monotonic_ms);
    gateway_stop_if_damaged(gateway, r);
    return r;
}

/* ---- another gateway of this site ---- */

void gateway_check_other(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct other *other = &gateway->other;
    char who[OTHER_TEXT_MAX];
    if (!gateway->connection_log.up)
        return;
    if (other_status_is_due(other, now_ms))
        publish_status(gateway->session, gateway->config->site);
    if (other_health_is_due(other, now_ms))
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

/* One that is there is told of by itself. The same at every connect is one incident. */
static void note_strangers(struct gateway *gateway, const struct echo_found *found,
                           int64_t now_s, int64_t now_ms)
{
    enum { SAME_S = 24 * 3600 };
    const struct sw_incident *last = &gateway->incidents.last[SW_INCIDENT_SITE_SHARED];
    char who[OTHER_TEXT_MAX] = "none has told its name";
    char text[SW_WHY_MAX + OTHER_TEXT_MAX]; /* what is kept of it is cut */
    sw_log(SW_LOG_WARNING,
           "%zu alert%s at the broker, the first %s, that this database does not know: "
           "left alone, as another gateway's",
           found->n_strange, sw_plural((int64_t)found->n_strange), found->strange);
    if (other_is_there(&gateway->other, now_ms))
        return;
    bool is_another =
        gateway->other.is_known &&
        strcmp(gateway->other.said.client_id, gateway->config->broker.client_id) != 0;
    if (is_another)
        other_describe(&gateway->other, who);
    snprintf(text, sizeof text,
             "alerts at the broker (%.58s) are another gateway's: %s", found->strange,
             who);
    bool is_same =
        strncmp(last->text, text, SW_WHY_MAX - 1) == 0 && now_s - last->at_s < SAME_S;
    if (!is_same)
        incidents_note(&gateway->incidents, SW_INCIDENT_SITE_SHARED, now_s, "%s", text);
}

/* What the broker said of alerts goes into the store before anything is judged. */
void gateway_settle_echo(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct echo *echo = &gateway->echo;
    if (check_is_awaited(&gateway->data.check)) /* nothing is stored yet */
        return;
    if (echo_gives_up(echo, now_ms))
        sw_log(SW_LOG_WARNING, "the broker does not let us read our own alerts: some "
                               "may stay open there that are over");
    if (!echo_may_settle(echo, now_s) ||
        commit_policy_has_failed(&gateway->commit_policy))
        return;
    bool is_in_doubt = echo->cause == ECHO_RENEWED && echo->n_heard > 0 &&
                       other_may_come(&gateway->other, echo->asked_ms, now_ms);
    if (is_in_doubt)
        return;
    struct echo_found found;
    bool is_renewed = echo_holds_back(echo);
    echo->is_shared = other_is_there(&gateway->other, now_ms);
    int r =
        echo_settle(echo, gateway->data.store, gateway->config->site, now_s, &found);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0) /* the commit that fails too will say so, and wait */
        return;
    if (found.n_strange > 0)
        note_strangers(gateway, &found, now_s, now_ms);
    if (found.is_behind)
        patients_republish_today(&gateway->patients);
    if (found.n == 0 && !found.is_behind && !is_renewed)
        return;
    if (found.n > 0 || is_renewed)
        sw_log(SW_LOG_NOTICE, "alerts compared with the broker's: %zu differed",
               found.n);
    gateway_reload(gateway, gateway->patients.today, now_ms);
}

/* No message of the next connection can have come: that begins after this turn. */
void gateway_break_off_echo(struct gateway *gateway)
{
    echo_box_clear(&gateway->receiver.box);
    echo_break_off(&gateway->echo);
    other_break_off(&gateway->other);
    shown_tests_drop(&gateway->shown_tests);
    gateway->hears_status = false;
}

/* What cannot be sent, or is refused, is tried again until the broker tells that it is
 * cleared. */
void gateway_clear_tests(struct gateway *gateway, int64_t now_ms)
{
    const char *topic;
    while ((topic = shown_tests_due(&gateway->shown_tests, now_ms))) {
        if (sw_session_publish(gateway->session, topic, "", 0, true, 0, 0) < 0)
            return;
        sw_log(SW_LOG_NOTICE, "clearing a test alert that was left behind: %s", topic);
    }
}
