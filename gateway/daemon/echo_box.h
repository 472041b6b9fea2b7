/* echo_box.h -- what comes back of our own publications, from Paho's thread to the
 * loop.
 *
 * It is said again at every connect, so it need not outlive the process: the inbox is
 * for messages of others. What comes is decoded and compared by echo.c.
 */
#ifndef DAEMON_ECHO_BOX_H
#define DAEMON_ECHO_BOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    ECHO_BOX_MAX = 1024,     /* then who brings more waits */
    ECHO_WORD_MAX = 8 * 1024 /* what is longer is none of ours */
};

enum echo_kind {
    ECHO_ALERT, /* a retained one's payload */
    ECHO_MARK,  /* its payload */
    /* Of gateways of this site, whose it may be. */
    ECHO_OFFLINE,         /* the status says so, or was cleared */
    ECHO_ONLINE,          /* it says so now, as we do when we connect */
    ECHO_ONLINE_RETAINED, /* it said so before we connected */
    ECHO_HEALTH,          /* another's than ours: the payload */
    ECHO_HEALTH_RETAINED,
    ECHO_DROPPED, /* SW_TOPIC_DROPPED's payload */
    ECHO_LEFT,    /* the last will of ours that waited in our session */
    /* Of a test alert the topic. */
    ECHO_TEST_SHOWN,    /* published just now */
    ECHO_TEST_RETAINED, /* before we connected */
    ECHO_TEST_CLEARED,
};
struct echo_word {
    struct echo_word *next;
    enum echo_kind kind;
    size_t len;
    char payload[];
};
struct echo_box {
    pthread_mutex_t lock;
    int fd; /* readable when there are words */
    size_t n;
    struct echo_word *first, **last;
};

int echo_box_init(struct echo_box *box);
/* False: it is full now. In Paho's thread. */
bool echo_box_put(struct echo_box *box, enum echo_kind kind, const char *payload,
                  size_t len);
/* The next, NULL: none. The caller frees. */
struct echo_word *echo_box_take(struct echo_box *box);
void echo_box_clear(struct echo_box *box);
void echo_box_fini(struct echo_box *box);

#endif
