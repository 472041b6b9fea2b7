/* notices.h -- what comes back of our own publications, and what the broker says of
 * itself, from Paho's thread to the loop.
 *
 * It is said again at every connect, so it need not outlive the process: the inbox is
 * for messages of others.
 */
#ifndef DAEMON_NOTICES_H
#define DAEMON_NOTICES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NOTICE_MAX = 8 * 1024, /* what is longer is none of ours */
    NOTICES_WAIT_S = 20,   /* for the loop to make room: well under the keep-alive */
};

enum notice_kind {
    NOTICE_ALERT, /* a retained one's payload */
    NOTICE_MARK,  /* its payload */
    /* Of gateways of this site, whose it may be. */
    NOTICE_OFFLINE,         /* the status says so, or was cleared */
    NOTICE_ONLINE,          /* it says so now, as we do when we connect */
    NOTICE_ONLINE_RETAINED, /* it said so before we connected */
    NOTICE_HEALTH,          /* another's than ours: the payload */
    NOTICE_HEALTH_RETAINED,
    NOTICE_DROPPED, /* SW_TOPIC_DROPPED's payload */
    NOTICE_LEFT,    /* the last will of ours that waited in our session */
    /* Of a test alert the topic. */
    NOTICE_TEST_SHOWN,    /* published just now */
    NOTICE_TEST_RETAINED, /* before we connected */
    NOTICE_TEST_CLEARED,
};
struct notice {
    enum notice_kind kind;
    size_t len;
    char payload[NOTICE_MAX];
};
/* A pair of sockets keeps them in order, and holds what its buffer takes: a few hundred.
 */
struct notices {
    int fd; /* readable when there are notices */
    int put_fd;
};

int notices_init(struct notices *notices);
/* In Paho's thread. Who brings more than there is room for waits; false: in vain. What is
 * empty or too long is left out. */
bool notices_put(struct notices *notices, enum notice_kind kind, const char *payload,
                 size_t len);
/* False: there is none. */
bool notices_take(struct notices *notices, struct notice *ret);
void notices_clear(struct notices *notices);
void notices_fini(struct notices *notices); /* init'ed, or all zero */

#endif
