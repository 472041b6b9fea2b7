/* session.c -- when to connect, to subscribe and to give up.
 *
 * A state machine on the caller's monotonic time: it reads the link's news, asks the
 * link, and makes events. What may block is the link's thread; the end of a session
 * is session_end.c's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mqtt/session_private.h"

enum {
    BACKOFF_MIN_MS = 1000,
    BACKOFF_MAX_MS = 30 * 1000,
    BACKOFF_JITTER_PCT = 25, /* so that clients of one broker do not come in step */
    ATTEMPT_MS = 45 * 1000,  /* the library's own limit of 30 s can fail to fire */
    /* No answer to what is under way: half-open. Longer than a message function may
     * wait for the disk, because answers wait for it. */
    STALL_MS = 30 * 1000,
    SIGNS_MS =
        1000, /* between two looks for signs of life, while they are waited for */
    /* Rights may be given at any time, and no broker says so. */
    ASK_AGAIN_MS = 60 * 1000,
    FLAPS_MAX = 3, /* lost before it settled: who else has our client id? */
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

/* Two clients of one id throw each other out for ever. Brokers of MQTT 5 may say so,
 * the others can only be suspected: not if the broker gave another reason. */
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
    if (is_settled || news->is_size) /* learning what it takes ends soon */
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

/* UP, or SUBSCRIBED; news: of filters that were refused, though not all. */
static void emit_subscribed(struct sw_session *session, enum sw_session_event_kind kind,
                            const struct sw_paho_news *news)
{
    bool is_all = !news->refused && !news->lowered;
    emit(session, kind, news);
    session->ask_again_ms = is_all ? 0 : session->now_ms + ASK_AGAIN_MS;
}

static void go_up(struct sw_session *session, const struct sw_paho_news *news)
{
    session->state = SW_SESSION_READY;
    session->watch_anew = true;
    emit_subscribed(session, SW_SESSION_UP, news);
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
        go_up(session, &(struct sw_paho_news){0});
}

static void note_connected(struct sw_session *session, const struct sw_paho_news *news)
{
    session->linked = true;
    session->closing = false;
    session->linked_at_ms = session->now_ms;
    session->session_present = news->session_present;
    session->kept_s = news->kept_s;
}

static void read_news(struct sw_session *session)
{
    struct sw_paho_news news;
    sw_paho_take_news(session->link, &news);
    bool is_explained = session->state == SW_SESSION_WAITING && !news.connected;
    if (news.connected || news.failed || news.lost)
        session->connecting = false;
    if (news.connected)
        note_connected(session, &news);
    /* a refusal while unlinked is an echo of an earlier connection */
    bool is_refused = news.refused && !news.subscribed && session->linked;
    bool is_bad = news.lost || news.failed || is_refused;
    if (is_bad && !is_explained)
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
    } else if (news.subscribed && session->state == SW_SESSION_ASKED) {
        go_up(session, &news);
    } else if (news.subscribed && session->state == SW_SESSION_READY) {
        emit_subscribed(session, SW_SESSION_SUBSCRIBED, &news);
    }
}

/* Anything that came is a sign of life: behind a long backlog every answer comes late.
 */
static bool is_alive(struct sw_session *session)
{
    uint64_t signs;
    sw_paho_outstanding(session->link, &signs);
    bool has_come = signs != session->signs;
    session->signs = signs;
    return has_come;
}

/* Milliseconds until what is under way counts as stuck; -1: nothing is under way. */
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

/* When a sign of life came is known by looking for it often enough. */
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

static void ask_again_when_due(struct sw_session *session)
{
    if (session->ask_again_ms == 0 || session->now_ms < session->ask_again_ms)
        return;
    session->ask_again_ms = session->now_ms + ASK_AGAIN_MS;
    sw_paho_ask(session->link, SW_PAHO_SUBSCRIBE);
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
    } else if (session->state == SW_SESSION_READY) {
        ask_again_when_due(session);
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
    struct sw_completion landing;
    if (session->has_event) {
        *ret = session->event;
        session->has_event = false;
        return true;
    }
    pthread_mutex_lock(&session->link->lock);
    bool is_landed = sw_publish_queue_take(&session->link->queue, &landing);
    pthread_mutex_unlock(&session->link->lock);
    if (!is_landed)
        return false;
    *ret = (struct sw_session_event){.kind = landing.delivered ? SW_SESSION_DELIVERED
                                                               : SW_SESSION_FAILED,
                                     .cookie = landing.cookie,
                                     .refused = *landing.refusal != '\0',
                                     .too_large = landing.is_too_large};
    memcpy(ret->why, landing.refusal, SW_WHY_MAX);
    return true;
}

bool sw_session_next(struct sw_session *session, struct sw_session_event *ret)
{
    uint64_t pokes;
    if (take_event(session, ret))
        return true;
    /* clear, then look again: a poke in between is not lost */
    ssize_t n = read(session->link->event_fd, &pokes, sizeof pokes);
    (void)n;
    return take_event(session, ret);
}

/* publication: without its topic and payload, which are copied. */
static int add(struct sw_session *session, const char *topic, const char *payload,
               struct sw_publish publication)
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
    return add(
        session, topic, payload,
        (struct sw_publish){
            .retain = retain, .len = len, .expiry_s = expiry_s, .cookie = cookie});
}

int sw_session_publish_once(struct sw_session *session, const char *topic,
                            const char *payload, size_t len, uint32_t expiry_s,
                            uint64_t cookie)
{
    return add(
        session, topic, payload,
        (struct sw_publish){
            .is_once = true, .len = len, .expiry_s = expiry_s, .cookie = cookie});
}
