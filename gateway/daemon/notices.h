/* notices.h -- from Paho's thread to the loop: our own publications that come back, and
 * what the broker publishes about itself.
 *
 * The broker repeats all of this at every connect, so it need not outlive the process.
 * The inbox is for messages from others.
 */
#ifndef DAEMON_NOTICES_H
#define DAEMON_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NOTICE_MAX = 8 * 1024, /* anything longer is not ours */
    NOTICES_WAIT_S = 20,   /* for the loop to make room: well under the keep-alive */
};

enum notice_kind {
    NOTICE_ALERT,    /* payload of a retained alert */
    NOTICE_MARK,     /* its payload */
    NOTICE_BOARD,    /* topic of a retained overview, whose sum is .sum */
    NOTICE_PATIENTS, /* topic of a retained list of patients */
    /* About the status and health of gateways of this site, ours or another. */
    NOTICE_OFFLINE,         /* the status became "offline", or was cleared */
    NOTICE_ONLINE,          /* published now, as we do when we connect */
    NOTICE_ONLINE_RETAINED, /* published before we connected */
    NOTICE_HEALTH,          /* another gateway's: the payload */
    NOTICE_HEALTH_RETAINED,
    NOTICE_DROPPED, /* payload of SW_TOPIC_DROPPED */
    NOTICE_LEFT,    /* our own last will, which waited in our session */
    /* About a test alert; the payload is its topic. */
    NOTICE_TEST_SHOWN,    /* published just now */
    NOTICE_TEST_RETAINED, /* published before we connected */
    NOTICE_TEST_CLEARED,
};
struct notice {
    enum notice_kind kind;
    size_t len;
    uint64_t sum; /* of NOTICE_BOARD: see sw_overview_sum() */
    char payload[NOTICE_MAX];
};
/* A socket pair keeps notices in order, and holds as many as fit its buffer: a hundred
 * alerts or so. */
struct notices {
    int fd; /* readable when there are notices */
    int put_fd;
    /* Of Paho's thread: */
    bool is_jammed; /* it waited in vain, and does not wait again until there is room */
    bool has_lost;  /* alerts, since the last mark */
};

int notices_init(struct notices *notices);
/* Called in Paho's thread. Waits while there is no room, but not again after it waited in
 * vain; false if the notice is lost. A mark is lost with any alert before it, so that it
 * never vouches for what the loop did not get. Empty or overlong payloads are left
 * out. */
bool notices_put(struct notices *notices, enum notice_kind kind, const char *payload,
                 size_t len);
/* The same for NOTICE_BOARD. */
bool notices_put_board(struct notices *notices, const char *topic, size_t len,
                       uint64_t sum);
/* False if there is none. */
bool notices_take(struct notices *notices, struct notice *ret);
void notices_clear(struct notices *notices);
void notices_fini(struct notices *notices); /* initialised, or all zero */

#endif
