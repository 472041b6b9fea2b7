/* session_end.c -- saying goodbye within a bounded time.
 *
 * If the broker or a message function does not come back in time, the connection is
 * left as it is: it ends with the process, and nothing more is acknowledged. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "mqtt/session_private.h"

static bool is_idle(struct sw_session *session)
{
    uint64_t landings;
    return !session->linked || sw_paho_outstanding(session->link, &landings) == 0;
}

static bool is_closed(struct sw_session *session)
{
    return !session->linked && !session->connecting;
}

static bool is_ended(struct sw_session *session)
{
    return sw_paho_ended(session->link);
}

static void drop_events(struct sw_session *session)
{
    struct sw_session_event dropped;
    struct sw_paho_news news;
    while (sw_session_next(session, &dropped))
        ;
    sw_paho_take_news(session->link, &news);
    if (news.connected || news.failed || news.lost)
        session->connecting = false;
    if (news.connected || news.lost)
        session->linked = !news.lost;
}

/* False if the timer fires first. */
static bool wait_until(struct sw_session *session, int timer_fd,
                       bool (*is_done)(struct sw_session *session))
{
    struct pollfd fds[] = {{.fd = session->link->event_fd, .events = POLLIN},
                           {.fd = timer_fd, .events = POLLIN}};
    for (;;) {
        drop_events(session);
        if (is_done(session))
            return true;
        if (fds[1].revents || (poll(fds, 2, -1) < 0 && errno != EINTR))
            return false;
    }
}

/* The last will, by ourselves: a clean disconnect makes the broker forget it. */
static bool publish_offline(struct sw_session *session, int timer_fd)
{
    static const char offline[] = SW_SESSION_WILL;
    const char *topic = session->link->options.will_topic;
    if (session->state == SW_SESSION_READY && session->linked && topic) {
        wait_until(session, timer_fd, is_idle);
        if (sw_session_publish(session, topic, offline, strlen(offline), true, 0, 0) <
            0)
            return false;
    }
    return wait_until(session, timer_fd, is_idle);
}

static bool shut(struct sw_session *session, int timer_fd)
{
    if (!publish_offline(session, timer_fd))
        return false; /* rather no goodbye: then the broker publishes the will */
    if (session->linked)
        sw_paho_ask(session->link, SW_PAHO_CLOSE);
    if (!wait_until(session, timer_fd, is_closed))
        return false;
    sw_paho_ask(session->link, SW_PAHO_STOP);
    return wait_until(session, timer_fd, is_ended);
}

static int timer_new(int timeout_ms)
{
    struct itimerspec in = {0};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timeout_ms < 1)
        timeout_ms = 1; /* 0 would disarm it */
    in.it_value.tv_sec = timeout_ms / 1000;
    in.it_value.tv_nsec = timeout_ms % 1000 * 1000L * 1000L;
    if (fd >= 0)
        timerfd_settime(fd, 0, &in, NULL);
    return fd;
}

bool sw_session_free(struct sw_session *session, int timeout_ms)
{
    if (!session)
        return true;
    int timer_fd = timer_new(timeout_ms);
    drop_events(session);
    bool is_shut = timer_fd >= 0 && shut(session, timer_fd);
    if (is_shut)
        sw_paho_free(session->link);
    else
        sw_paho_abandon(session->link); /* Paho still uses it: it ends with us */
    if (timer_fd >= 0)
        close(timer_fd);
    free(session);
    return is_shut;
}
