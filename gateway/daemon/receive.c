/* receive.c -- a message from Paho's thread to the loop: it gets its time of receipt,
 * and is made safe in the inbox before the broker may drop it. Our own publications
 * that come back become notices.
 *
 * receiver.h holds what Paho's thread may touch. Of the receive clock that is the stamp
 * alone; the rest is the loop's, as is what a message means. What must wait until the
 * clock is trusted, and how stored data is redated, is redate.c's business. */
#include "daemon/receiver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/receive_clock.h"
#include "stepward/fault.h"
#include "stepward/host.h"
#include "stepward/overview.h"
#include "stepward/wire.h"

enum {
    APPEND_TRIES = 80, /* of APPEND_WAIT_MS: well under the keep-alive */
    APPEND_WAIT_MS = 250,
    MS_PER_S = 1000,
    CLOCK_STORED_EVERY_MS = 10 * 60 * 1000, /* as last seen: for the next boot alone */
};

static const size_t NOTICE_HEAD_LEN = offsetof(struct notice, payload);

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

void gateway_give_up(const char *what, int r)
{
    sw_log(SW_LOG_ERROR,
           "%s: %s: stopping, so that the broker keeps what was not acknowledged", what,
           strerror(-r));
    _exit(1);
}

/* ---- notices: datagrams between the two threads ---- */

int notices_init(struct notices *notices)
{
    struct timeval wait = {.tv_sec = NOTICES_WAIT_S};
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    *notices = (struct notices){.fd = fds[0], .put_fd = fds[1]};
    if (setsockopt(notices->put_fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0)
        return -errno;
    return 0;
}

static bool notices_send(struct notices *notices, enum notice_kind kind,
                         const char *payload, size_t len, uint64_t sum)
{
    struct notice notice;
    ssize_t n;
    if (len == 0 || len > NOTICE_MAX)
        return true;
    memset(&notice, 0, NOTICE_HEAD_LEN); /* its padding is sent too */
    notice.kind = kind;
    notice.len = len;
    notice.sum = sum;
    memcpy(notice.payload, payload, len);
    bool vouches_falsely = kind == NOTICE_MARK && notices->has_lost;
    if (kind == NOTICE_MARK)
        notices->has_lost = false;
    if (vouches_falsely)
        return false;
    do
        n = send(notices->put_fd, &notice, NOTICE_HEAD_LEN + len,
                 MSG_NOSIGNAL | (notices->is_jammed ? MSG_DONTWAIT : 0));
    while (n < 0 && errno == EINTR);
    notices->is_jammed = n < 0;
    notices->has_lost |= n < 0 && kind == NOTICE_ALERT;
    return n >= 0;
}

bool notices_put(struct notices *notices, enum notice_kind kind, const char *payload,
                 size_t len)
{
    return notices_send(notices, kind, payload, len, 0);
}

bool notices_put_board(struct notices *notices, const char *topic, size_t len,
                       uint64_t sum)
{
    return notices_send(notices, NOTICE_BOARD, topic, len, sum);
}

bool notices_take(struct notices *notices, struct notice *ret)
{
    return recv(notices->fd, ret, sizeof *ret, MSG_DONTWAIT) > 0;
}

void notices_clear(struct notices *notices)
{
    struct notice notice;
    while (notices_take(notices, &notice))
        continue;
}

void notices_fini(struct notices *notices)
{
    if (notices->fd == notices->put_fd) /* it was never opened */
        return;
    close(notices->fd);
    close(notices->put_fd);
    *notices = (struct notices){0};
}

/* ---- Paho's thread ---- */

static bool is_text(const char *bytes, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(bytes, text, len) == 0;
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

static void put_notice(struct receiver *receiver, enum notice_kind kind,
                       const struct sw_inbox_record *record)
{
    notices_put(&receiver->notices, kind, record->payload, record->payload_len);
}

/* As put_notice(), but the payload, which may be empty, is told by the kind. */
static void put_topic(struct receiver *receiver, enum notice_kind kind,
                      const struct sw_inbox_record *record)
{
    notices_put(&receiver->notices, kind, record->topic, record->topic_len);
}

/* Our own publications about alerts come back to us, and what therapists' apps show, but
 * for MQTT 5. Of these only retained ones are news, and the mark behind them, test
 * alerts, and what other gateways of the site publish about themselves. If a notice cannot be taken for long, it comes again at the
 * next connect. The same is true of what the broker publishes about itself. Returns
 * false for a message from others, which the inbox keeps. */
static bool on_own_message(struct receiver *receiver,
                           const struct sw_inbox_record *record)
{
    struct sw_topic native;
    bool retained = record->retained;
    /* What waits in our session may be of our former site. */
    bool is_status = sw_topic_is_status(record->topic, record->topic_len);
    if (is_status && !retained &&
        is_text(record->payload, record->payload_len, SW_SESSION_WILL))
        put_notice(receiver, NOTICE_LEFT, record);
    switch (sw_topic_parse(receiver->site, record->topic, record->topic_len, &native)) {
    case SW_TOPIC_ALERT_SET:
    case SW_TOPIC_SET_UNKNOWN:
        if (retained)
            ignore_retained(receiver, record);
        return retained;
    case SW_TOPIC_ALERT:
        if (retained)
            put_notice(receiver, NOTICE_ALERT, record);
        return true;
    case SW_TOPIC_BOARD:
        if (retained && *native.patient.str)
            notices_put_board(&receiver->notices, record->topic, record->topic_len,
                              sw_overview_sum(record->payload, record->payload_len));
        return true;
    case SW_TOPIC_PATIENTS:
        if (retained && *native.therapist.str)
            put_topic(receiver, NOTICE_PATIENTS, record);
        return true;
    case SW_TOPIC_ALERT_UNKNOWN:
        return true;
    case SW_TOPIC_ALERT_TEST:
        put_topic(receiver,
                  record->payload_len == 0 ? NOTICE_TEST_CLEARED
                  : retained               ? NOTICE_TEST_RETAINED
                                           : NOTICE_TEST_SHOWN,
                  record);
        return true;
    case SW_TOPIC_ECHO_END:
        put_notice(receiver, NOTICE_MARK, record);
        return true;
    case SW_TOPIC_STATUS:
        put_topic(receiver,
                  !is_text(record->payload, record->payload_len, "online")
                      ? NOTICE_OFFLINE
                  : retained ? NOTICE_ONLINE_RETAINED
                             : NOTICE_ONLINE,
                  record);
        return true;
    case SW_TOPIC_HEALTH: /* ours is recognised by its instance, and is no news */
        if (!memmem(record->payload, record->payload_len, receiver->instance,
                    SW_INSTANCE_LEN))
            put_notice(receiver, retained ? NOTICE_HEALTH_RETAINED : NOTICE_HEALTH,
                       record);
        return true;
    default:
        break;
    }
    bool is_dropped = is_text(record->topic, record->topic_len, SW_TOPIC_DROPPED);
    if (is_dropped)
        put_notice(receiver, NOTICE_DROPPED, record);
    return is_dropped || is_status;
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
        atomic_store(&receiver->ears.is_jammed, r != 0);
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

/* ---- the receive clock: stamps that a jump of the wall clock cannot spoil ---- */

void receive_clock_init(struct receive_clock *keeper)
{
    *keeper = (struct receive_clock){.boot = sw_clock_boot()};
    receive_clock_resume(keeper, NULL, NULL);
}

void receive_clock_resume(struct receive_clock *keeper,
                          const struct sw_boot_clock *last, const struct sw_clock *now)
{
    bool is_this_boot =
        last && last->boot == keeper->boot && last->seen_ms <= now->monotonic_ms;
    keeper->past = (struct sw_boot_clock){.key = 0};
    keeper->stored_ms = RECEIVE_CLOCK_UNKNOWN;
    if (is_this_boot) {
        keeper->stored_ms = last->seen_ms;
        keeper->clock = *last;
        sw_clock_resume(&keeper->watch, last->offset_ms);
        return;
    }
    if (last)
        keeper->past = *last;
    keeper->clock = (struct sw_boot_clock){.key = keeper->past.key + 1,
                                           .boot = keeper->boot,
                                           .offset_ms = RECEIVE_CLOCK_UNKNOWN};
}

bool receive_clock_check(struct receive_clock *keeper, const struct sw_clock *now,
                         int64_t floor_s)
{
    struct sw_boot_clock *clock = &keeper->clock;
    bool trusted = sw_clock_check(&keeper->watch, now, floor_s);
    int64_t offset_ms = keeper->watch.offset_ms;
    bool is_first = clock->offset_ms == RECEIVE_CLOCK_UNKNOWN;
    keeper->is_misdated =
        trusted && !is_first && sw_clock_is_step(offset_ms, clock->offset_ms);
    keeper->is_trusted = trusted && !keeper->is_misdated;
    if (!keeper->is_trusted)
        return false;
    if (is_first)
        clock->since_ms = keeper->watch.stepped_at_ms;
    clock->offset_ms = offset_ms;
    clock->seen_ms = now->monotonic_ms;
    return true;
}

int64_t receive_clock_ahead_s(const struct receive_clock *keeper)
{
    return (keeper->clock.offset_ms - keeper->watch.offset_ms) / MS_PER_S;
}

struct sw_boot_clock receive_clock_corrected(const struct receive_clock *keeper)
{
    struct sw_boot_clock clock = keeper->clock;
    clock.has_before = true;
    clock.offset_before_ms = clock.offset_ms;
    clock.offset_ms = keeper->watch.offset_ms;
    clock.since_ms = clock.seen_ms = keeper->watch.stepped_at_ms;
    return clock;
}

void receive_clock_correct(struct receive_clock *keeper,
                           const struct sw_boot_clock *clock)
{
    keeper->clock = *clock;
    keeper->stored_ms = clock->seen_ms;
    keeper->is_misdated = false;
    keeper->is_trusted = keeper->watch.trusted;
}

bool receive_clock_is_unstored(const struct receive_clock *keeper)
{
    bool is_known = keeper->clock.offset_ms != RECEIVE_CLOCK_UNKNOWN;
    return is_known &&
           (keeper->stored_ms == RECEIVE_CLOCK_UNKNOWN ||
            keeper->clock.seen_ms - keeper->stored_ms >= CLOCK_STORED_EVERY_MS);
}

void receive_clock_committed(struct receive_clock *keeper)
{
    if (receive_clock_is_unstored(keeper))
        keeper->stored_ms = keeper->clock.seen_ms;
}

int64_t receive_clock_offset_ms(const struct receive_clock *keeper)
{
    return keeper->watch.trusted ? keeper->watch.offset_ms : RECEIVE_CLOCK_UNKNOWN;
}

void receive_clock_stamp(struct sw_inbox_record *record, uint32_t boot,
                         int64_t offset_ms)
{
    int64_t monotonic_ms = sw_clock_monotonic_ms();
    bool is_dated = offset_ms != RECEIVE_CLOCK_UNKNOWN;
    record->boot = boot;
    record->uptime_s = monotonic_ms / MS_PER_S;
    record->received_at_s = is_dated ? (monotonic_ms + offset_ms) / MS_PER_S : 0;
}

void receive_clock_date(const struct receive_clock *keeper,
                        struct sw_inbox_record *record, const struct sw_clock *now,
                        int64_t latest_s)
{
    bool is_of_boot = record->boot == keeper->boot &&
                      record->uptime_s <= now->monotonic_ms / MS_PER_S + 1;
    bool was_dated = record->received_at_s != 0;
    bool is_datable = is_of_boot && keeper->clock.offset_ms != RECEIVE_CLOCK_UNKNOWN &&
                      (keeper->is_trusted || was_dated);
    if (is_datable) {
        int64_t at_s = record->uptime_s + keeper->clock.offset_ms / MS_PER_S;
        /* What was already dated by the same clock keeps that date, so that it has the
         * same one when it is read again after a crash. */
        if (!was_dated ||
            sw_clock_is_step(record->received_at_s * MS_PER_S, at_s * MS_PER_S))
            record->received_at_s = at_s;
        return;
    }
    record->boot = 0;
    if (was_dated && record->received_at_s <= latest_s)
        return;
    record->received_at_s = now->wall_ms / MS_PER_S;
    record->retained = true;
}
