/* gateway_reconcile.c -- the loop's side of what comes from the broker itself: alerts
 * that it retains, what it reports of our session and of messages it dropped, and
 * whether another gateway of the site is there.
 *
 * Comparing retained alerts with the store is reconcile.c's business.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway.h"

/* ---- what the broker reports of itself, and of our session ---- */

/* Whether the broker knew the last run by another login than this one's; *ret is this
 * one's, and the caller frees it. */
static bool is_login_new(struct gateway *gateway, bool *ret_had_other, char **ret)
{
    const struct sw_config *config = gateway->config;
    char *before = NULL;
    int r = sw_store_get_meta(gateway->data.store, SW_META_LOGIN, &before);
    if (asprintf(ret, "%s\n%s", config->broker.client_id, config->broker.username) < 0)
        *ret = NULL;
    bool is_other = *ret && r == 0 && strcmp(before, *ret) != 0;
    free(before);
    *ret_had_other = is_other;
    return *ret && (r == SW_STORE_NONE || is_other);
}

void gateway_recall_login(struct gateway *gateway)
{
    char *login = NULL;
    is_login_new(gateway, &gateway->connection_log.is_renamed, &login);
    free(login);
}

/* The login is written only when it changes, so that a connect costs no write. */
void gateway_note_login(struct gateway *gateway)
{
    char *login = NULL;
    bool had_other;
    if (is_login_new(gateway, &had_other, &login))
        sw_store_put_meta(gateway->data.store, SW_META_LOGIN, login);
    free(login);
}

/* A restored database holds what was true when it was copied. */
void gateway_recall_mark(struct gateway *gateway)
{
    char *mark = NULL;
    int r = sw_store_get_meta(gateway->data.store, SW_META_MARK, &mark);
    bool is_left = r == 0 && *mark != '\0' && !gateway->data.is_renewed;
    if (is_left)
        gateway->connection_log.expects_mark = true;
    if (r == 0 && *mark != '\0') /* if the gateway crashes, it leaves no mark */
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "");
    free(mark);
}

/* We said goodbye and the broker received it. It then publishes our last will, which
 * waits in our session if the access list lets us receive it. */
void gateway_note_mark(struct gateway *gateway)
{
    if (gateway->connection_log.up && gateway->hears_status &&
        gateway->config->broker.protocol == 5)
        sw_store_put_meta(gateway->data.store, SW_META_MARK, "left");
}

/* ---- what comes ---- */

int gateway_take_notices(struct gateway *gateway)
{
    struct instant instant = {gateway->now.wall_ms / 1000, gateway->now.monotonic_ms};
    struct notice notice;
    bool is_news = false;
    int r = 0;
    while (r >= 0 && notices_take(&gateway->receiver.notices, &notice)) {
        shown_tests_on_word(&gateway->shown_tests, &notice, instant.now_ms);
        other_on_notice(&gateway->other, &notice, gateway->instance, instant.now_s,
                        instant.now_ms);
        if (notice.kind == NOTICE_LEFT)
            gateway->connection_log.expects_mark = false;
        gateway->hears_status |= notice.kind == NOTICE_ONLINE;
        is_news |=
            notice.kind == NOTICE_DROPPED &&
            broker_drops_on_message(&gateway->dropped, notice.payload, notice.len,
                                    &gateway->incidents, instant.now_s);
        r = reconcile_take(&gateway->reconcile, &notice);
        gateway->other.is_through |= gateway->reconcile.state == RECONCILE_COMPLETE;
    }
    is_news |= gateway->reconcile.state == RECONCILE_COMPLETE &&
               connection_log_miss_mark(&gateway->connection_log, instant);
    if (is_news)
        commit_policy_want(&gateway->commit_policy, COMMIT_STATUS, instant.now_ms);
    gateway_stop_if_damaged(gateway, r);
    return r;
}

/* A gateway that is there is logged separately. The same text at every connect is one
 * incident. */
static void note_strangers(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    enum { SAME_S = 24 * 3600 };
    const struct reconcile *reconcile = &gateway->reconcile;
    const struct sw_incident *last = &gateway->incidents.last[SW_INCIDENT_SITE_SHARED];
    char who[OTHER_TEXT_MAX] = "none has told its name";
    char text[SW_WHY_MAX + OTHER_TEXT_MAX]; /* cut when it is noted */
    sw_log(SW_LOG_WARNING,
           "%zu alert%s at the broker, the first %s, that this database does not know: "
           "left alone, as another gateway's",
           reconcile->n_strange, sw_plural((int64_t)reconcile->n_strange),
           reconcile->strange);
    if (other_is_there(&gateway->other, now_ms))
        return;
    bool is_another =
        gateway->other.is_known &&
        strcmp(gateway->other.said.client_id, gateway->config->broker.client_id) != 0;
    if (is_another)
        other_describe(&gateway->other, who);
    snprintf(text, sizeof text,
             "alerts at the broker (%.58s) are another gateway's: %s",
             reconcile->strange, who);
    bool is_same =
        strncmp(last->text, text, SW_WHY_MAX - 1) == 0 && now_s - last->at_s < SAME_S;
    if (!is_same)
        incidents_note(&gateway->incidents, SW_INCIDENT_SITE_SHARED, now_s, "%s", text);
}

/* ---- what it retains of alerts ---- */

/* The result is stored before anything is judged. */
void gateway_reconcile(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct reconcile *reconcile = &gateway->reconcile;
    bool was_lost = reconcile_holds_back(reconcile);
    if (gateway->data.check.is_awaited) /* nothing is stored yet */
        return;
    if (reconcile_gives_up(reconcile, now_ms))
        sw_log(SW_LOG_WARNING, "the broker does not let us read our own alerts: some "
                               "may stay open there that are over");
    bool is_in_doubt = reconcile->loss != RECONCILE_KEPT && reconcile->n_heard > 0 &&
                       other_may_come(&gateway->other, reconcile->started_ms, now_ms);
    if (!reconcile_is_ready(reconcile, now_s) || is_in_doubt ||
        commit_policy_has_failed(&gateway->commit_policy))
        return;
    int r = reconcile_finish(reconcile, other_is_there(&gateway->other, now_ms), now_s);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0) /* the commit, which fails too, logs it and waits */
        return;
    if (reconcile->n_strange > 0)
        note_strangers(gateway, now_s, now_ms);
    if (reconcile->is_behind)
        patients_republish_today(&gateway->patients);
    if (reconcile->n_changed > 0 || was_lost)
        sw_log(SW_LOG_NOTICE, "alerts compared with the broker's: %zu differed",
               reconcile->n_changed);
    if (reconcile->n_changed > 0 || was_lost || reconcile->is_behind)
        gateway_reload(gateway, gateway->patients.today, now_ms);
}

/* No message of the next connection can have come yet, because it begins after this
 * turn. */
void gateway_break_off(struct gateway *gateway)
{
    notices_clear(&gateway->receiver.notices);
    reconcile_break_off(&gateway->reconcile);
    other_break_off(&gateway->other);
    shown_tests_drop(&gateway->shown_tests);
    gateway->hears_status = false;
}

/* A clearing that cannot be sent, or is refused, is tried again until the broker
 * reports that the test alert is cleared. */
void gateway_clear_tests(struct gateway *gateway, int64_t now_ms)
{
    const char *topic;
    while ((topic = shown_tests_due(&gateway->shown_tests, now_ms))) {
        if (sw_session_publish(gateway->session, topic, "", 0, true, 0, 0) < 0)
            return;
        sw_log(SW_LOG_NOTICE, "clearing a test alert that was left behind: %s", topic);
    }
}
