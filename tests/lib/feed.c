/* feed.c -- a device that sends as fast as the broker takes it, and forgets nothing.
 *
 *     feed -p PORT [-h HOST] [-i CLIENT_ID] < lines
 *
 * Lines are TOPIC<TAB>PAYLOAD, and may keep coming. Each is published at QoS 1, up to
 * 64 are under way at a time, and again until the broker has acknowledged it, whatever
 * happens to the broker meanwhile. Ends with 0 when all of them are acknowledged, with
 * 2 for wrong usage or a line that is none. What the lines say is the test's business.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stepward/host.h"
#include "stepward/session.h"

enum {
    EXIT_USAGE = 2,
    WINDOW = SW_SESSION_IN_FLIGHT_MAX,
    LINE_MAX_LEN = 512 * 1024, /* longer than any payload that the gateway takes */
    /* The session's clock runs faster here: its patience (back-off up to 30 s) suits a
     * clinic's night, not a test that restarts the broker every second. */
    HURRY = 5,
    GOODBYE_MS = 2000,
};

enum state { FREE, WAITING, SENT };

struct message {
    enum state state;
    int64_t order; /* of its line in the input */
    char *topic;   /* one allocation with the payload */
    const char *payload;
};

struct feed {
    struct sw_session *session;
    struct message messages[WINDOW];
    int64_t n_read, n_acknowledged, n_again;
    char *input; /* LINE_MAX_LEN bytes; from at on, held are read and not yet taken */
    size_t at, held;
    bool up, is_at_end;
};

static int64_t hurried_ms(void)
{
    return HURRY * sw_clock_monotonic_ms();
}

/* ---- lines ---- */

static int take_line(struct feed *feed, struct message *message, size_t len)
{
    char *line = strndup(feed->input + feed->at, len);
    char *tab = line ? strchr(line, '\t') : NULL;
    if (!tab) {
        fprintf(stderr, "feed: line %" PRId64 " has no tab\n", feed->n_read + 1);
        free(line);
        return -EINVAL;
    }
    *tab = '\0';
    *message = (struct message){WAITING, ++feed->n_read, line, tab + 1};
    return 0;
}

/* Take lines while there is room for them; an unfinished one stays until it is whole.
 */
static int take_lines(struct feed *feed)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < WINDOW && feed->held > 0; i++) {
        char *begin = feed->input + feed->at;
        char *newline = memchr(begin, '\n', feed->held);
        size_t len = newline ? (size_t)(newline - begin) : feed->held;
        size_t used = newline ? len + 1 : len;
        bool is_whole = newline || feed->is_at_end;
        if (!is_whole)
            break;
        if (feed->messages[i].state != FREE)
            continue;
        r = take_line(feed, &feed->messages[i], len);
        feed->at += used;
        feed->held -= used;
    }
    return r;
}

static int read_input(struct feed *feed)
{
    size_t room = LINE_MAX_LEN - feed->held;
    if (room == 0)
        return -EMSGSIZE;
    memmove(feed->input, feed->input + feed->at, feed->held);
    feed->at = 0;
    ssize_t n = read(STDIN_FILENO, feed->input + feed->held, room);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -errno;
    feed->held += (size_t)n;
    feed->is_at_end = n == 0;
    return 0;
}

/* ---- messages ---- */

static struct message *first_of(struct feed *feed, enum state state)
{
    struct message *first = NULL;
    for (size_t i = 0; i < WINDOW; i++) {
        struct message *message = &feed->messages[i];
        bool is_earlier = !first || message->order < first->order;
        if (message->state == state && is_earlier)
            first = message;
    }
    return first;
}

static void publish_waiting(struct feed *feed)
{
    struct message *message;
    while (feed->up && (message = first_of(feed, WAITING))) {
        uint64_t cookie = (uint64_t)(message - feed->messages) + 1;
        if (sw_session_publish(feed->session, message->topic, message->payload,
                               strlen(message->payload), false, 0, cookie) < 0)
            return; /* an event comes when there is room */
        message->state = SENT;
    }
}

static void settle(struct feed *feed, struct message *message, bool is_delivered)
{
    if (is_delivered) {
        free(message->topic);
        *message = (struct message){0};
        feed->n_acknowledged++;
    } else {
        message->state = WAITING;
        feed->n_again++;
    }
}

static void on_event(struct feed *feed, const struct sw_session_event *event)
{
    switch (event->kind) {
    case SW_SESSION_UP:
        feed->up = true;
        break;
    case SW_SESSION_SUBSCRIBED:
        break;
    case SW_SESSION_DOWN:
        feed->up = false;
        fprintf(stderr, "feed: %s; trying again\n", event->why);
        break;
    case SW_SESSION_DELIVERED:
    case SW_SESSION_FAILED:
        settle(feed, &feed->messages[event->cookie - 1],
               event->kind == SW_SESSION_DELIVERED);
        break;
    }
}

/* ---- the loop ---- */

static bool is_over(struct feed *feed)
{
    return feed->is_at_end && feed->held == 0 && !first_of(feed, WAITING) &&
           !first_of(feed, SENT);
}

static int turn(struct feed *feed)
{
    struct sw_session_event event;
    bool wants_input = !feed->is_at_end && first_of(feed, FREE);
    struct pollfd fds[] = {
        {.fd = sw_session_fd(feed->session), .events = POLLIN},
        {.fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN},
    };
    int wait_ms = sw_session_tick(feed->session, hurried_ms());
    int r = 0;
    poll(fds, 2, wait_ms < 0 ? -1 : wait_ms / HURRY);
    if (fds[1].revents)
        r = read_input(feed);
    while (sw_session_next(feed->session, &event))
        on_event(feed, &event);
    if (r == 0)
        r = take_lines(feed);
    publish_waiting(feed);
    return r;
}

static int run(const char *uri, const char *client_id)
{
    char why[SW_WHY_MAX] = "";
    struct feed feed = {.input = malloc(LINE_MAX_LEN)};
    struct sw_session_options options = {
        .uri = uri, .client_id = client_id, .protocol = 5, .clean = true};
    int r = feed.input ? sw_session_new(&feed.session, &options, why) : -ENOMEM;
    while (r == 0 && !is_over(&feed))
        r = turn(&feed);
    if (r < 0)
        fprintf(stderr, "feed: %s %s\n", strerror(-r), why);
    fprintf(stderr, "feed: %" PRId64 " acknowledged, %" PRId64 " published again\n",
            feed.n_acknowledged, feed.n_again);
    sw_session_free(feed.session, GOODBYE_MS);
    for (size_t i = 0; i < WINDOW; i++)
        free(feed.messages[i].topic);
    free(feed.input);
    return r == -EINVAL ? EXIT_USAGE : r < 0;
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1", *port = NULL;
    char uri[256], client_id[64];
    snprintf(client_id, sizeof(client_id), "feed-%d", (int)getpid());
    for (int key; (key = getopt(argc, argv, "p:h:i:")) != -1;) {
        if (key == 'p')
            port = optarg;
        else if (key == 'h')
            host = optarg;
        else if (key == 'i')
            snprintf(client_id, sizeof(client_id), "%s", optarg);
        else
            return EXIT_USAGE;
    }
    if (!port || optind < argc) {
        fprintf(stderr, "usage: feed -p PORT [-h HOST] [-i CLIENT_ID] < lines\n");
        return EXIT_USAGE;
    }
    snprintf(uri, sizeof(uri), "mqtt://%s:%s", host, port);
    return run(uri, client_id);
}
