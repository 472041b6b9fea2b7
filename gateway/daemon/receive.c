/* receive.c -- what happens in Paho's thread: a message is made safe, then the broker
 * may drop it. receiver.h holds what that thread may touch.
 */
#include "daemon/receiver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "daemon/receive_clock.h"
#include "daemon/shutdown.h"
#include "stepward/fault.h"
#include "stepward/host.h"
#include "stepward/wire.h"

enum {
    APPEND_TRIES = 80, /* of APPEND_WAIT_MS: well under the keep-alive */
    APPEND_WAIT_MS = 250,
};

int receiver_init(struct receiver *receiver, const char *site, const char *instance)
{
    *receiver =
        (struct receiver){.site = site, .instance = instance, .boot = sw_clock_boot()};
    atomic_init(&receiver->offset_ms, RECEIVE_CLOCK_UNKNOWN);
    atomic_init(&receiver->appended, SW_INBOX_FULL); /* until it is known */
    probe_ears_init(&receiver->ears);
    return notices_init(&receiver->notices);
}

void receiver_fini(struct receiver *receiver)
{
    if (!receiver->site)
        return;
    probe_ears_fini(&receiver->ears);
    notices_fini(&receiver->notices);
}

/* A filter covers whole levels, so it may bring messages of no source, such as Home
 * Assistant's other sensors. They are not worth space in the inbox. */
static bool is_stray(const struct receiver *receiver, const char *topic, size_t len)
{
    struct sw_origin origin;
    struct sw_topic native;
    return sw_adapters_match(receiver->adapters, topic, len, &origin) ==
               SW_MATCH_STRAY &&
           sw_topic_parse(receiver->site, topic, len, &native) == SW_TOPIC_OTHER;
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
 * none is kept, and only the first is logged. With MQTT 5 the broker does not send
 * them. */
static void ignore_retained(struct receiver *receiver,
                            const struct sw_inbox_record *record)
{
    if (receiver->told_retained)
        return;
    receiver->told_retained = true;
    sw_log(SW_LOG_WARNING,
           "ignoring what is retained on %.*s, and on others like it: an action is "
           "published without the retain flag",
           record->topic_len < SW_TOPIC_MAX ? (int)record->topic_len : SW_TOPIC_MAX,
           record->topic);
}

/* Only another gateway's health is a notice; ours is recognised by its instance. */
static void receive_on_health(struct receiver *receiver,
                              const struct sw_inbox_record *record)
{
    bool is_ours = memmem(record->payload, record->payload_len, receiver->instance,
                          SW_INSTANCE_LEN) != NULL;
    if (!is_ours)
        notices_put(&receiver->notices,
                    record->retained ? NOTICE_HEALTH_RETAINED : NOTICE_HEALTH,
                    record->payload, record->payload_len);
}

static void on_status(struct receiver *receiver, const struct sw_inbox_record *record)
{
    static const char online[] = "online", offline[] = "offline";
    bool is_online = record->payload_len == sizeof online - 1 &&
                     memcmp(record->payload, online, sizeof online - 1) == 0;
    if (!is_online)
        notices_put(&receiver->notices, NOTICE_OFFLINE, offline, sizeof offline - 1);
    else
        notices_put(&receiver->notices,
                    record->retained ? NOTICE_ONLINE_RETAINED : NOTICE_ONLINE, online,
                    sizeof online - 1);
}

static enum notice_kind test_kind(const struct sw_inbox_record *record)
{
    if (record->payload_len == 0)
        return NOTICE_TEST_CLEARED;
    return record->retained ? NOTICE_TEST_RETAINED : NOTICE_TEST_SHOWN;
}

/* Our own publications about alerts come back to us. Of these only retained ones are
 * news, and the mark behind them, test alerts, and what other gateways of the site
 * publish about themselves. If a notice cannot be taken for long, it comes again at the
 * next connect. The same is true of what the broker publishes about itself. */
static bool on_own_message(struct receiver *receiver,
                           const struct sw_inbox_record *record)
{
    struct sw_topic native;
    enum sw_topic_kind kind =
        sw_topic_parse(receiver->site, record->topic, record->topic_len, &native);
    bool is_set = kind == SW_TOPIC_ALERT_SET || kind == SW_TOPIC_SET_UNKNOWN;
    bool is_dropped = is_topic(record, SW_TOPIC_DROPPED);
    /* What waits in our session may be of our former site. */
    bool is_status = sw_topic_is_status(record->topic, record->topic_len);
    if (is_status && is_last_will(record))
        notices_put(&receiver->notices, NOTICE_LEFT, record->payload,
                    record->payload_len);
    if (is_dropped)
        notices_put(&receiver->notices, NOTICE_DROPPED, record->payload,
                    record->payload_len);
    else if (is_set && record->retained)
        ignore_retained(receiver, record);
    else if (kind == SW_TOPIC_ECHO_END)
        notices_put(&receiver->notices, NOTICE_MARK, record->payload,
                    record->payload_len);
    else if (kind == SW_TOPIC_ALERT && record->retained)
        notices_put(&receiver->notices, NOTICE_ALERT, record->payload,
                    record->payload_len);
    else if (kind == SW_TOPIC_ALERT_TEST)
        notices_put(&receiver->notices, test_kind(record), record->topic,
                    record->topic_len);
    else if (kind == SW_TOPIC_STATUS)
        on_status(receiver, record);
    else if (kind == SW_TOPIC_HEALTH)
        receive_on_health(receiver, record);
    return is_dropped || (is_set && record->retained) || is_status ||
           kind == SW_TOPIC_ECHO_END || kind == SW_TOPIC_HEALTH ||
           kind == SW_TOPIC_ALERT || kind == SW_TOPIC_ALERT_TEST ||
           kind == SW_TOPIC_ALERT_UNKNOWN;
}

/* Returning acknowledges, so return only when the message is safe in the inbox. */
void receiver_on_message(void *ctx, const char *topic, size_t topic_len,
                         const char *payload, size_t payload_len, bool retained,
                         enum sw_session_copy copy)
{
    struct receiver *receiver = ctx;
    struct sw_inbox_record record = {
        .retained = retained,
        .topic = topic,
        .topic_len = topic_len,
        .payload = payload,
        .payload_len =
            payload_len < SW_INBOX_PAYLOAD_MAX ? payload_len : SW_INBOX_PAYLOAD_MAX,
    };
    int r = 0;
    if (probe_on_message(&receiver->ears, receiver->site, topic, topic_len, payload,
                         payload_len) ||
        is_stray(receiver, topic, topic_len) || on_own_message(receiver, &record))
        return;
    record.again =
        copy == SW_COPY_OF_OURS ||
        (copy != SW_COPY_NONE && sw_inbox_was_left(receiver->inbox, &record));
    receive_clock_stamp(&record, receiver->boot, atomic_load(&receiver->offset_ms));
    for (int tries = 0; tries < APPEND_TRIES; tries++) {
        r = sw_inbox_append(receiver->inbox, &record);
        atomic_store(&receiver->appended, r);
        probe_note_jam(&receiver->ears, r != 0);
        if (r == 0) {
            FAULT_POINT(after_append);
            return;
        }
        if (r == SW_INBOX_FULL && atomic_load(&receiver->is_checking))
            tries = 0; /* a restart would only begin the check again */
        if (r == SW_INBOX_FULL)
            sw_inbox_wait_space(receiver->inbox, APPEND_WAIT_MS);
        else
            poll(NULL, 0, APPEND_WAIT_MS);
    }
    gateway_give_up("cannot append to the inbox", r < 0 ? r : -ENOSPC);
}
