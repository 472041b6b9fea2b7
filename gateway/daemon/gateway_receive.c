/* gateway_receive.c -- what happens in Paho's thread: a message is made safe, then the
 * broker may forget it.
 *
 * Of the gateway only what is made for two threads or never changes is touched here:
 * the inbox, the box of echoes, the ears of the probe, the adapters, the instance, the
 * offset of the clocks, the state of the disk and of the check, and told_retained. What
 * a message says is the loop's business.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "daemon/gateway_private.h"
#include "stepward/fault.h"

enum {
    APPEND_TRIES = 80, /* of APPEND_WAIT_MS: well under the keep-alive */
    APPEND_WAIT_MS = 250,
};

/* A filter takes whole levels, so what comes by it may be of no source: Home
 * Assistant's other sensors, say. It is not worth the inbox. */
static bool is_stray(const struct gateway *gateway, const char *topic, size_t len)
{
    struct sw_origin origin;
    struct sw_topic native;
    return sw_adapters_match(gateway->adapters, topic, len, &origin) ==
               SW_MATCH_STRAY &&
           sw_topic_parse(gateway->config->site, topic, len, &native) == SW_TOPIC_OTHER;
}

static void put_echo(struct gateway *gateway, enum echo_kind kind, const char *bytes,
                     size_t len)
{
    for (int i = 0; i < APPEND_TRIES; i++) {
        if (echo_box_put(&gateway->echo_box, kind, bytes, len))
            break;
        poll(NULL, 0, APPEND_WAIT_MS);
    }
}

static bool is_topic(const struct sw_inbox_record *record, const char *topic)
{
    return record->topic_len == strlen(topic) &&
           memcmp(record->topic, topic, record->topic_len) == 0;
}

static bool is_last_will(const struct sw_inbox_record *record)
{
    return !record->retained && record->payload_len == strlen(SW_SESSION_WILL) &&
           memcmp(record->payload, SW_SESSION_WILL, record->payload_len) == 0;
}

/* A retained action comes again at every connect, and somebody may retain thousands:
 * none is kept, and one is named. With MQTT 5 the broker does not send them. */
static void ignore_retained(struct gateway *gateway,
                            const struct sw_inbox_record *record)
{
    if (gateway->told_retained)
        return;
    gateway->told_retained = true;
    sw_log(SW_LOG_WARNING,
           "ignoring what is retained on %.*s, and on others like it: an action is "
           "published without the retain flag",
           record->topic_len < SW_TOPIC_MAX ? (int)record->topic_len : SW_TOPIC_MAX,
           record->topic);
}

/* Another gateway's than ours, for ours is known by its instance. */
static void on_health(struct gateway *gateway, const struct sw_inbox_record *record)
{
    bool is_ours = memmem(record->payload, record->payload_len, gateway->instance,
                          SW_INSTANCE_LEN) != NULL;
    if (!is_ours)
        put_echo(gateway, record->retained ? ECHO_HEALTH_RETAINED : ECHO_HEALTH,
                 record->payload, record->payload_len);
}

static void on_status(struct gateway *gateway, const struct sw_inbox_record *record)
{
    static const char online[] = "online", offline[] = "offline";
    bool is_online = record->payload_len == sizeof online - 1 &&
                     memcmp(record->payload, online, sizeof online - 1) == 0;
    if (!is_online)
        put_echo(gateway, ECHO_OFFLINE, offline, sizeof offline - 1);
    else
        put_echo(gateway, record->retained ? ECHO_ONLINE_RETAINED : ECHO_ONLINE, online,
                 sizeof online - 1);
}

static enum echo_kind test_kind(const struct sw_inbox_record *record)
{
    if (record->payload_len == 0)
        return ECHO_TEST_CLEARED;
    return record->retained ? ECHO_TEST_RETAINED : ECHO_TEST_SHOWN;
}

/* What we publish of alerts comes to us too. Of that only what is retained is news, the
 * mark behind it, test alerts, and what other gateways of the site say of themselves;
 * if it cannot be taken for long, it is told us at the next connect. So is
 * what the broker says of itself.
 */
static bool on_own_message(struct gateway *gateway,
                           const struct sw_inbox_record *record)
{
    struct sw_topic native;
    enum sw_topic_kind kind = sw_topic_parse(gateway->config->site, record->topic,
                                             record->topic_len, &native);
    bool is_set = kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_SET_UNKNOWN;
    bool is_dropped = is_topic(record, SW_TOPIC_DROPPED);
    /* What waits for us may be of the site that we were. */
    bool is_status = sw_topic_is_status(record->topic, record->topic_len);
    if (is_status && is_last_will(record))
        put_echo(gateway, ECHO_LEFT, record->payload, record->payload_len);
    if (is_dropped)
        put_echo(gateway, ECHO_DROPPED, record->payload, record->payload_len);
    else if (is_set && record->retained)
        ignore_retained(gateway, record);
    else if (kind == SW_TOPIC_ECHO_END)
        put_echo(gateway, ECHO_MARK, record->payload, record->payload_len);
    else if (kind == SW_TOPIC_ALERT && record->retained)
        put_echo(gateway, ECHO_ALERT, record->payload, record->payload_len);
    else if (kind == SW_TOPIC_ALERT_TEST)
        put_echo(gateway, test_kind(record), record->topic, record->topic_len);
    else if (kind == SW_TOPIC_STATUS)
        on_status(gateway, record);
    else if (kind == SW_TOPIC_HEALTH)
        on_health(gateway, record);
    return is_dropped || (is_set && record->retained) || is_status ||
           kind == SW_TOPIC_ECHO_END || kind == SW_TOPIC_HEALTH ||
           kind == SW_TOPIC_ALERT || kind == SW_TOPIC_ALERT_TEST ||
           kind == SW_TOPIC_ALERT_UNKNOWN;
}

/* Returning acknowledges: so return only when the message is safe in the inbox. */
void gateway_on_message(void *ctx, const char *topic, size_t topic_len,
                        const char *payload, size_t payload_len, bool retained,
                        enum sw_session_copy copy)
{
    struct gateway *gateway = ctx;
    struct sw_inbox_record record = {
        .retained = retained,
        .topic = topic,
        .topic_len = topic_len,
        .payload = payload,
        .payload_len =
            payload_len < SW_INBOX_PAYLOAD_MAX ? payload_len : SW_INBOX_PAYLOAD_MAX,
    };
    int r = 0;
    if (probe_on_message(&gateway->probe.ears, gateway->config->site, topic, topic_len,
                         payload, payload_len) ||
        is_stray(gateway, topic, topic_len) || on_own_message(gateway, &record))
        return;
    record.again =
        copy == SW_COPY_OF_OURS ||
        (copy != SW_COPY_NONE && sw_inbox_was_left(gateway->data.inbox, &record));
    receive_clock_stamp(&gateway->keeper, &record);
    for (int tries = 0; tries < APPEND_TRIES; tries++) {
        r = sw_inbox_append(gateway->data.inbox, &record);
        disk_appended(&gateway->disk, r);
        probe_note_jam(&gateway->probe.ears, r != 0);
        if (r == 0) {
            FAULT_POINT(after_append);
            return;
        }
        if (r == SW_INBOX_FULL && check_is_awaited(&gateway->data.check))
            tries = 0; /* a restart would only check it anew */
        if (r == SW_INBOX_FULL)
            sw_inbox_wait_space(gateway->data.inbox, APPEND_WAIT_MS);
        else
            poll(NULL, 0, APPEND_WAIT_MS);
    }
    gateway_give_up("cannot append to the inbox", r < 0 ? r : -ENOSPC);
}
