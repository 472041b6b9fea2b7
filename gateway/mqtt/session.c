/* session.c -- when to connect, to subscribe, to give up and to say goodbye.
 *
 * A state machine on the caller's monotonic time: it reads the link's news, asks the
 * link, and makes events. Only the link's own thread may block. */
#include "stepward/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "mqtt/paho_client.h"

enum {
    BACKOFF_MIN_MS = 1000,
    BACKOFF_MAX_MS = 30 * 1000,
    BACKOFF_JITTER_PCT = 25, /* so that clients of one broker do not come in step */
    ATTEMPT_MS = 45 * 1000,  /* the library's own limit of 30 s can fail to fire */
    /* A connection that answers nothing for so long is half-open. Answers wait while a
     * message function waits for the disk, so this is longer than it may take. */
    STALL_MS = 30 * 1000,
    SIGNS_MS = 1000, /* between two looks for signs of life while we wait for them */
    /* Somebody may grant a right at any time, and no broker tells us. */
    ASK_AGAIN_MS = 60 * 1000,
    FLAPS_MAX = 3, /* after so many early losses in a row we suspect a twin */
};

enum sw_session_state {
    SW_SESSION_WAITING, /* until due_ms */
    SW_SESSION_ASKED,   /* the link to connect or subscribe, given up at due_ms */
    SW_SESSION_READY,
};

struct sw_session {
    struct sw_paho *link;
    enum sw_session_state state;
    bool linked;     /* we are connected, though perhaps not subscribed */
    bool closing;    /* we are linked and asked the link to close */
    bool connecting; /* Paho has not said yet what became of an attempt */
    bool session_present;
    int64_t kept_s;       /* as in the event */
    int64_t ask_again_ms; /* when to ask for refused filters again; 0: none was */
    int64_t now_ms, due_ms, linked_at_ms;
    unsigned failures, flaps;
    uint64_t signs;   /* of life from the broker, when we last looked */
    int64_t moved_ms; /* when a sign of life last came */
    bool watch_anew;
    bool has_event; /* one at a time: nothing happens until it is read */
    struct sw_session_event event;
};

int sw_session_new(struct sw_session **ret, const struct sw_session_options *options,
                   char why[static SW_WHY_MAX])
{
    struct sw_session *session = calloc(1, sizeof *session);
    if (!session)
        return -ENOMEM;
    *why = '\0';
    int r = sw_paho_new(&session->link, options, why);
    if (r < 0) {
        if (!*why)
            snprintf(why, SW_WHY_MAX, "cannot start the MQTT session: %s",
                     strerror(-r));
        free(session);
        return r;
    }
    *ret = session;
    return 0;
}

static int64_t backoff_ms(unsigned failures)
{
    int64_t base_ms = BACKOFF_MAX_MS;
    if (failures < 5 && BACKOFF_MIN_MS << failures < BACKOFF_MAX_MS)
        base_ms = BACKOFF_MIN_MS << failures;
    int64_t pct = 100 - BACKOFF_JITTER_PCT +
                  (int64_t)arc4random_uniform(2 * BACKOFF_JITTER_PCT + 1);
    return base_ms * pct / 100;
}

static void emit(struct sw_session *session, enum sw_session_event_kind kind,
                 const struct sw_paho_news *news)
{
    session->event =
        (struct sw_session_event){.kind = kind,
                                  .session_present = session->session_present,
                                  .taken_over = news->taken_over,
                                  .is_stuck = news->is_stuck,
                                  .refused = news->refused,
                                  .lowered = news->lowered,
                                  .too_large = news->is_size,
                                  .is_cut = session->kept_s >= 0,
                                  .kept_s = session->kept_s};
    memcpy(session->event.why, news->why, SW_WHY_MAX);
    session->has_event = true;
    sw_paho_poke(session->link);
}

/* Two clients with one id throw each other out for ever. A broker of MQTT 5 may say so;
 * otherwise we can only suspect it, and do not if the broker gave another reason. */
static void suspect_twin(struct sw_session *session, struct sw_paho_news *news,
                         bool is_settled)
{
    bool is_flap = news->lost && session->linked && !is_settled && !news->is_explained;
    session->flaps = is_flap ? session->flaps + 1 : 0;
    const char *client_id = session->link->options.client_id;
    const char *when = session->state == SW_SESSION_ASKED
                           ? "before the subscription is answered"
                           : "soon after each connect";
    if (news->taken_over) {
        snprintf(news->why, SW_WHY_MAX,
                 "another client uses the client id %.40s and may take its messages: "
                 "give each its own",
                 client_id);
        return;
    }
    if (session->flaps < FLAPS_MAX)
        return;
    news->taken_over = true;
    snprintf(news->why, SW_WHY_MAX,
             "the connection breaks %s: "
             "another client may use the client id %.40s (give each its own), "
             "or the broker restarts (see its log)",
             when, client_id);
}

static void go_down(struct sw_session *session, struct sw_paho_news *news)
{
    bool is_settled = session->linked &&
                      session->now_ms - session->linked_at_ms >= SW_SESSION_SETTLED_MS;
    bool is_wordless = news->lost && session->linked && !news->is_explained;
    if (is_wordless && session->state == SW_SESSION_ASKED)
        snprintf(news->why, SW_WHY_MAX,
                 "the broker hung up before it answered the subscription: see its log");
    suspect_twin(session, news, is_settled);
    if (is_settled || news->is_size) /* learning what size it takes ends soon */
        session->failures = 0;
    session->state = SW_SESSION_WAITING;
    session->due_ms = session->now_ms + backoff_ms(session->failures++);
    session->session_present = false;
    emit(session, SW_SESSION_DOWN, news);
}

static void give_up(struct sw_session *session, bool is_stuck, const char *why)
{
    struct sw_paho_news news = {.is_stuck = is_stuck};
    snprintf(news.why, SW_WHY_MAX, "%s", why);
    session->closing = session->linked;
    sw_paho_ask(session->link, SW_PAHO_CLOSE);
    go_down(session, &news);
}

/* The session goes up, or what it is subscribed to changed. Some filters may still be
 * refused, as the news say: they are asked for again. */
static void emit_subscribed(struct sw_session *session, const struct sw_paho_news *news)
{
    bool is_up = session->state == SW_SESSION_READY;
    bool is_all = !news->refused && !news->lowered;
    emit(session, is_up ? SW_SESSION_SUBSCRIBED : SW_SESSION_UP, news);
    session->watch_anew |= !is_up;
    session->state = SW_SESSION_READY;
    session->ask_again_ms = is_all ? 0 : session->now_ms + ASK_AGAIN_MS;
}

static void ask(struct sw_session *session, enum sw_paho_task task)
{
    session->state = SW_SESSION_ASKED;
    session->due_ms = session->now_ms + ATTEMPT_MS;
    session->connecting |= task == SW_PAHO_CONNECT;
    sw_paho_ask(session->link, task);
}

static void subscribe(struct sw_session *session)
{
    const struct sw_session_options *options = &session->link->options;
    if (options->n_filters > 0)
        ask(session, SW_PAHO_SUBSCRIBE);
    else
        emit_subscribed(session, &(struct sw_paho_news){0});
}

static void read_news(struct sw_session *session)
{
    struct sw_paho_news news;
    sw_paho_take_news(session->link, &news);
    bool has_given_up = session->state == SW_SESSION_WAITING && !news.connected;
    if (news.connected || news.failed || news.lost)
        session->connecting = false;
    if (news.connected) {
        session->linked = true;
        session->closing = false;
        session->linked_at_ms = session->now_ms;
        session->session_present = news.session_present;
        session->kept_s = news.kept_s;
    }
    /* A refusal while we are not connected belongs to an earlier connection. */
    bool is_refused = news.refused && !news.subscribed && session->linked;
    bool is_bad = news.lost || news.failed || is_refused;
    if (is_bad && !has_given_up)
        go_down(session, &news);
    if (news.lost)
        session->linked = session->closing = false;
    if (is_bad)
        return;
    if (news.connected && news.is_stuck) {
        give_up(session, true,
                "what is on its way to the broker is larger than what it takes now");
    } else if (news.connected) {
        subscribe(session);
    } else if (news.subscribed && session->state != SW_SESSION_WAITING) {
        emit_subscribed(session, &news);
    }
}

/* Anything that came is a sign of life, for behind a long backlog every answer is
 * late. */
static bool is_alive(struct sw_session *session)
{
    uint64_t signs;
    sw_paho_outstanding(session->link, &signs);
    bool has_come = signs != session->signs;
    session->signs = signs;
    return has_come;
}

/* Milliseconds until what is under way counts as stuck, or -1 if nothing is. */
static int64_t stall_due_ms(struct sw_session *session)
{
    uint64_t signs;
    size_t n = sw_paho_outstanding(session->link, &signs);
    if (n == 0 || is_alive(session) || session->watch_anew) {
        session->moved_ms = session->now_ms;
        session->watch_anew = false;
    }
    int64_t due_ms = session->moved_ms + STALL_MS - session->now_ms;
    if (n == 0)
        return -1;
    return due_ms > 0 ? due_ms : 0;
}

/* We look for signs of life often, to know when the last one came. */
static int ready_wait_ms(struct sw_session *session)
{
    int64_t ask_ms = session->ask_again_ms - session->now_ms;
    int64_t wait_ms = stall_due_ms(session);
    if (wait_ms > SIGNS_MS)
        wait_ms = SIGNS_MS;
    if (session->ask_again_ms != 0 && (wait_ms < 0 || ask_ms < wait_ms))
        wait_ms = ask_ms > 0 ? ask_ms : 0;
    return (int)wait_ms;
}

void sw_session_subscribe_again(struct sw_session *session)
{
    session->ask_again_ms = session->now_ms;
}

static void act_when_due(struct sw_session *session)
{
    bool is_due = session->now_ms >= session->due_ms;
    if (session->state == SW_SESSION_WAITING && is_due) {
        if (session->linked && !session->closing)
            subscribe(session);
        else
            ask(session, SW_PAHO_CONNECT);
    } else if (session->state == SW_SESSION_ASKED && is_due && session->linked &&
               is_alive(session)) {
        session->due_ms = session->now_ms + ATTEMPT_MS;
    } else if (session->state == SW_SESSION_ASKED && is_due) {
        give_up(session, false,
                session->linked ? "the broker does not answer the subscription"
                                : "the broker does not answer");
    } else if (session->state == SW_SESSION_READY && stall_due_ms(session) == 0) {
        give_up(session, false, "the broker acknowledged nothing for 30 s");
    } else if (session->state == SW_SESSION_READY && session->ask_again_ms != 0 &&
               session->now_ms >= session->ask_again_ms) {
        session->ask_again_ms = session->now_ms + ASK_AGAIN_MS;
        sw_paho_ask(session->link, SW_PAHO_SUBSCRIBE);
    }
}

int sw_session_tick(struct sw_session *session, int64_t monotonic_ms)
{
    session->now_ms = monotonic_ms;
    if (!session->has_event)
        read_news(session);
    if (!session->has_event)
        act_when_due(session);
    if (session->has_event)
        return 0;
    if (session->state == SW_SESSION_READY)
        return ready_wait_ms(session);
    int64_t wait_ms = session->due_ms - monotonic_ms;
    return wait_ms < 0 ? 0 : (int)wait_ms;
}

int sw_session_fd(const struct sw_session *session)
{
    return session->link->event_fd;
}

static bool take_event(struct sw_session *session, struct sw_session_event *ret)
{
    struct sw_completion completion;
    if (session->has_event) {
        *ret = session->event;
        session->has_event = false;
        return true;
    }
    pthread_mutex_lock(&session->link->lock);
    bool is_complete = sw_publish_queue_take(&session->link->queue, &completion);
    pthread_mutex_unlock(&session->link->lock);
    if (!is_complete)
        return false;
    *ret = (struct sw_session_event){.kind = completion.delivered ? SW_SESSION_DELIVERED
                                                                  : SW_SESSION_FAILED,
                                     .cookie = completion.cookie,
                                     .refused = *completion.refusal != '\0',
                                     .too_large = completion.is_too_large};
    memcpy(ret->why, completion.refusal, SW_WHY_MAX);
    return true;
}

bool sw_session_next(struct sw_session *session, struct sw_session_event *ret)
{
    uint64_t pokes;
    if (take_event(session, ret))
        return true;
    /* Clear first and look again after, so that a poke in between is not lost. */
    ssize_t n = read(session->link->event_fd, &pokes, sizeof pokes);
    (void)n;
    return take_event(session, ret);
}

/* The publication comes without its topic and payload, which are copied here. */
static int session_add(struct sw_session *session, const char *topic,
                       const char *payload, struct sw_publish publication)
{
    struct sw_paho *link = session->link;
    publication.link = link;
    if (session->state != SW_SESSION_READY)
        return -ENOTCONN;
    publication.topic = topic;
    publication.payload = payload;
    pthread_mutex_lock(&link->lock);
    sw_sizes_judge(link, &publication, session->now_ms);
    bool was_idle = link->queue.n_queued + link->queue.n_sent == 0;
    int r = sw_publish_queue_add(&link->queue, &publication);
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
    if (*publication.refusal)
        sw_paho_poke(link); /* its fate is known */
    session->watch_anew |= was_idle;
    return r;
}

int sw_session_publish(struct sw_session *session, const char *topic,
                       const char *payload, size_t len, bool retain, uint32_t expiry_s,
                       uint64_t cookie)
{
    return session_add(
        session, topic, payload,
        (struct sw_publish){
            .retain = retain, .len = len, .expiry_s = expiry_s, .cookie = cookie});
}

int sw_session_publish_once(struct sw_session *session, const char *topic,
                            const char *payload, size_t len, uint32_t expiry_s,
                            uint64_t cookie)
{
    return session_add(
        session, topic, payload,
        (struct sw_publish){
            .is_once = true, .len = len, .expiry_s = expiry_s, .cookie = cookie});
}

size_t sw_session_under_way(const struct sw_session *session)
{
    uint64_t signs;
    return sw_paho_outstanding(session->link, &signs);
}

/* ---- the end ----
 *
 * If the broker or a message function does not come back in time, the connection is
 * left as it is: it ends with the process, and nothing more is acknowledged. */

static bool is_idle(struct sw_session *session)
{
    uint64_t signs;
    return !session->linked || sw_paho_outstanding(session->link, &signs) == 0;
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

/* We publish the last will ourselves, because a clean disconnect makes the broker drop
 * it. */
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
        return false; /* without a goodbye the broker publishes the will */
    if (session->linked)
        sw_paho_ask(session->link, SW_PAHO_CLOSE);
    if (!wait_until(session, timer_fd, is_closed))
        return false;
    sw_paho_ask(session->link, SW_PAHO_STOP);
    return wait_until(session, timer_fd, is_ended);
}

bool sw_session_free(struct sw_session *session, int timeout_ms)
{
    if (!session)
        return true;
    if (timeout_ms < 1)
        timeout_ms = 1; /* 0 would disarm the timer */
    struct itimerspec in = {.it_value = {.tv_sec = timeout_ms / 1000,
                                         .tv_nsec = timeout_ms % 1000 * 1000000L}};
    int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (timer_fd >= 0)
        timerfd_settime(timer_fd, 0, &in, NULL);
    drop_events(session);
    bool is_shut = timer_fd >= 0 && shut(session, timer_fd);
    if (is_shut)
        sw_paho_free(session->link);
    else
        sw_paho_abandon(session->link); /* Paho uses it until the process ends */
    if (timer_fd >= 0)
        close(timer_fd);
    free(session);
    return is_shut;
}
