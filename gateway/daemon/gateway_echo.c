/* gateway_echo.c -- what the broker still says of alerts is heard and settled, before
 * anything is judged.
 *
 * How it is compared with the store is echo.c's and echo_settle.c's business.
 */
#include <stdlib.h>

#include "daemon/gateway_private.h"

int gateway_hear_echo(struct gateway *gateway)
{
    struct echo_word *word;
    int r = 0;
    while (r >= 0 && (word = echo_box_take(&gateway->echo_box))) {
        shown_tests_hear(&gateway->shown_tests, word, gateway->now.monotonic_ms);
        r = echo_take(&gateway->echo, gateway->data.store, word);
        free(word);
    }
    gateway_stop_if_damaged(gateway, r);
    return r;
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
    if (!echo_may_settle(echo, now_s) || gateway->retry_at_ms != 0)
        return;
    struct echo_found found;
    bool is_renewed = echo_holds_back(echo);
    int r =
        echo_settle(echo, gateway->data.store, gateway->config->site, now_s, &found);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0) /* the commit that fails too will say so, and wait */
        return;
    if (found.is_behind)
        ward_tell_today(&gateway->ward);
    if (found.n == 0 && !found.is_behind && !is_renewed)
        return;
    if (found.n > 0 || is_renewed)
        sw_log(SW_LOG_NOTICE, "alerts compared with the broker's: %zu differed",
               found.n);
    gateway_reload(gateway, gateway->ward.today, now_ms);
}

/* No message of the next connection can have come: that begins after this turn. */
void gateway_break_off_echo(struct gateway *gateway)
{
    echo_box_clear(&gateway->echo_box);
    echo_break_off(&gateway->echo);
    shown_tests_forget(&gateway->shown_tests);
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
