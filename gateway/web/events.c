/* events.c -- open pages stay current: a stream of server-sent events for each.
 *
 * When the database changed, or a minute began, the page of each stream is drawn again,
 * and what differs from what was sent last goes out:
 *
 *     event: fragment     data: {"key": "p017", "html": "<li data-key=…"}
 *     event: order        data: ["p017", "p018"]     all keys, when others came or went
 *     event: over         data: {}                   the page, or the log-in, is gone
 *     event: beat         data: 1                    every 15 s without another one
 *     event: down         data: {}                   the page cannot be drawn now; then it
 *                                                    comes in place of beats
 *
 * Pages that are equal, because several tabs of one log-in show them, are drawn once. A
 * stream whose reader is slow is drawn again only when it has taken what there is. One
 * thread serves everybody, so what many large pages cost is spread over many turns. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/array.h"
#include "util/fingerprint.h"
#include "web/json.h"
#include "web/web.h"

/* A comment keeps the servers in between awake; the event tells the page that we are here. */
#define BEAT ":\nevent: beat\ndata: 1\n\n"
#define DOWN ":\nevent: down\ndata: {}\n\n"

enum {
    PAUSE_MS = 200,  /* between two drawings: somebody may write many rows */
    RETRY_MS = 1000, /* after one that failed */
    DRAW_MS = 100,   /* of a turn; the rest is drawn in the next */
    HEARTBEAT_MS = 15 * 1000,
    STUCK_MS = 60 * 1000,   /* a reader that takes nothing for so long is gone */
    BLOCK_BYTES = 4 * 1024, /* each stream has so much of its own */
};

/* A fragment as it was sent last: the fingerprints of its key and of its bytes. */
struct sent {
    uint64_t key, bytes;
};
/* A page as it is now. */
struct drawn {
    int r; /* -ENOENT: it, or the log-in, is gone */
    char *bytes;
    struct mk_fragment *fragments;
    size_t n;
};
struct web_stream {
    struct web_stream *next;
    struct web_request *request;
    struct web_place place;
    struct sent *sent;
    size_t n_sent;
    bool is_new;    /* nothing was sent yet */
    bool is_marked; /* to be drawn */
    bool is_over;
    bool is_down;      /* its reader was told that it cannot be drawn */
    bool is_suspended; /* libmicrohttpd waits for us to have something */
    char *out;         /* what is to be sent, from `at` on */
    size_t n_out, at;
    int64_t drawn_ms, next_ms; /* next: not earlier */
    int64_t moved_ms;          /* bytes were taken, or there were none to take */
};

/* ---- what libmicrohttpd takes ---- */

static void stream_clear(struct web_stream *stream)
{
    free(stream->out);
    stream->out = NULL;
    stream->n_out = stream->at = 0;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buffer, size_t max)
{
    struct web_stream *stream = cls;
    size_t n = stream->n_out - stream->at;
    (void)pos;
    if (n > max)
        n = max;
    if (n > 0) {
        memcpy(buffer, stream->out + stream->at, n);
        stream->at += n;
        stream->moved_ms = stream->request->server->now_ms;
        if (stream->at == stream->n_out) /* the first one is as large as the page */
            stream_clear(stream);
        return (ssize_t)n;
    }
    if (stream->is_over || stream->request->server->is_stopping)
        return MHD_CONTENT_READER_END_OF_STREAM;
    stream->is_suspended = true;
    MHD_suspend_connection(stream->request->connection);
    return 0;
}

static void stream_wake(struct web_stream *stream)
{
    if (stream->is_suspended)
        MHD_resume_connection(stream->request->connection);
    stream->is_suspended = false;
    stream->request->server->has_woken = true;
}

/* Have the reader take these bytes, which are freed after that. */
static void stream_send(struct web_stream *stream, char *bytes, size_t n)
{
    stream_clear(stream);
    stream->out = bytes;
    stream->n_out = bytes ? n : 0;
    stream->moved_ms = stream->request->server->now_ms;
    stream_wake(stream);
}

/* ---- drawing ---- */

/* By the same log-in or token: another one of the same user may be withdrawn. */
static bool is_same_log_in(const struct web_request *a, const struct web_request *b)
{
    return a->is_by_token == b->is_by_token && strcmp(a->secret, b->secret) == 0;
}

static bool is_same_page(const struct web_stream *a, const struct web_stream *b)
{
    return is_same_log_in(a->request, b->request) &&
           strcmp(a->place.text, b->place.text) == 0;
}

static bool is_barred(const struct web_request *request, const struct web_route *route)
{
    return route->who == WEB_THERAPIST && request->user.role == SW_ROLE_WALL;
}

/* Whether the log-in still holds, and opens this page with the rights it has now: 0,
 * SW_STORE_NONE, or a negative errno with why. */
static int check_user(struct web_stream *stream, char why[static SW_WHY_MAX])
{
    struct web_request *request = stream->request;
    struct web_server *server = request->server;
    struct sw_users *users = web_reach_users(server, why);
    if (!users)
        return -EIO;
    int r =
        request->is_by_token
            ? sw_users_find_token(users, request->secret, server->now_s, &request->user)
            : sw_users_find_session(users, request->secret, server->config.web.idle_s,
                                    server->now_s, &request->user);
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_users_why(users, r));
    if (r == 0 && is_barred(request, stream->place.route))
        r = SW_STORE_NONE;
    /* Nobody is at a wall to use it. That it cannot be written now hides no page. */
    if (r == 0 && !request->is_by_token && request->user.role == SW_ROLE_WALL)
        sw_users_touch_session(users, request->secret, server->now_s);
    return r;
}

static void draw(struct web_stream *stream, struct drawn *ret,
                 char why[static SW_WHY_MAX])
{
    struct web_server *server = stream->request->server;
    struct mk page = {0};
    size_t n = 0;
    ret->r = check_user(stream, why);
    if (ret->r < 0)
        return;
    if (ret->r == SW_STORE_NONE)
        ret->r = -ENOENT;
    if (ret->r == 0)
        ret->r = web_draw(stream->request, &stream->place, &page);
    if (ret->r < 0) {
        if (ret->r != -ENOENT && web_reach_store(server, why))
            snprintf(why, SW_WHY_MAX, "%s", sw_store_why(server->store, ret->r));
        mk_fini(&page);
        return;
    }
    if (stream->is_new && stream->place.args[0])
        web_note_look(stream->request, stream->place.args[0]);
    ret->fragments = page.fragments;
    ret->n = page.n_fragments;
    page.fragments = NULL; /* mk_end() would free them */
    ret->r = mk_end(&page, &ret->bytes, &n);
}

/* ---- what changed ---- */

static uint64_t print_of(const char *bytes, size_t n)
{
    return sw_fingerprint("", 0, bytes, n);
}

/* hint: where it was if nothing came or went. */
static const struct sent *find_sent(const struct web_stream *stream, size_t hint,
                                    uint64_t key)
{
    if (hint < stream->n_sent && stream->sent[hint].key == key)
        return &stream->sent[hint];
    for (size_t i = 0; i < stream->n_sent; i++)
        if (stream->sent[i].key == key)
            return &stream->sent[i];
    return NULL;
}

static void write_order(FILE *out, const struct drawn *drawn)
{
    fputs("event: order\ndata: [", out);
    for (size_t i = 0; i < drawn->n; i++) {
        fputs(i > 0 ? "," : "", out);
        web_json_text(out, drawn->fragments[i].key);
    }
    fputs("]\n\n", out);
}

/* Write what differs from what was sent, and remember it as sent. A fragment inside one
 * that goes out goes out with it. */
static int write_changes(struct web_stream *stream, const struct drawn *drawn,
                         FILE *out)
{
    struct sent *now = calloc(drawn->n + 1, sizeof *now);
    size_t end = 0;
    bool is_other = stream->is_new || drawn->n != stream->n_sent;
    if (!now)
        return -ENOMEM;
    for (size_t i = 0; i < drawn->n; i++) {
        const struct mk_fragment *fragment = &drawn->fragments[i];
        const char *html = drawn->bytes + fragment->from;
        size_t n = fragment->to - fragment->from;
        now[i].key = print_of(fragment->key, strlen(fragment->key));
        now[i].bytes = print_of(html, n);
        const struct sent *before = find_sent(stream, i, now[i].key);
        is_other = is_other || stream->sent[i].key != now[i].key;
        bool is_changed = before ? before->bytes != now[i].bytes : stream->is_new;
        if (!is_changed || fragment->to <= end)
            continue;
        end = fragment->to;
        fputs("event: fragment\ndata: {\"key\":", out);
        web_json_text(out, fragment->key);
        fputs(",\"html\":", out);
        web_json_bytes(out, html, n);
        fputs("}\n\n", out);
    }
    if (is_other)
        write_order(out, drawn);
    free(stream->sent);
    stream->sent = now;
    stream->n_sent = drawn->n;
    stream->is_new = false;
    return 0;
}

/* The page stays as it is, so it has to say that. */
static void stream_fail(struct web_stream *stream, const char *why)
{
    struct web_server *server = stream->request->server;
    stream->is_marked = true;
    stream->next_ms = server->now_ms + RETRY_MS;
    if (stream->is_down)
        return;
    stream->is_down = true;
    stream_send(stream, strdup(DOWN), strlen(DOWN));
    if (web_may_log(server, &server->draw_logged_ms))
        sw_log(SW_LOG_ERROR, "open pages cannot be kept current: %s", why);
}

static void stream_show(struct web_stream *stream, const struct drawn *drawn,
                        const char *why)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = NULL;
    int r = drawn->r == -ENOENT ? 0 : drawn->r;
    if (r == 0 && !(out = open_memstream(&bytes, &n)))
        r = -ENOMEM;
    if (r == 0 && drawn->r == -ENOENT) {
        fputs("event: over\ndata: {}\n\n", out);
        stream->is_over = true;
    } else if (r == 0) {
        fputs(stream->is_down ? BEAT : "", out);
        r = write_changes(stream, drawn, out);
    }
    if (out && fclose(out) != 0 && r == 0)
        r = -ENOMEM;
    if (r < 0) {
        free(bytes);
        stream_fail(stream, *why ? why : strerror(-r));
        return;
    }
    stream->is_down = false;
    if (n > 0)
        stream_send(stream, bytes, n);
    else
        free(bytes);
}

/* ---- all streams ---- */

void web_streams_mark(struct web_server *server)
{
    for (struct web_stream *s = server->streams; s; s = s->next)
        s->is_marked = true;
}

/* Its reader has closed the connection: libmicrohttpd does not look while it is
 * suspended, and a reader sends nothing more. */
static bool is_deserted(const struct web_stream *stream)
{
    struct pollfd fd = {.fd = web_connection_fd(stream->request->connection),
                        .events = POLLIN | POLLRDHUP};
    return stream->is_suspended && poll(&fd, 1, 0) > 0;
}

static bool is_due(const struct web_stream *stream)
{
    return stream->is_marked && !stream->is_over && stream->at == stream->n_out &&
           stream->request->server->now_ms >= stream->next_ms;
}

/* Draw a page, and show it to all that are due and have the same. */
static void draw_for(struct web_stream *first)
{
    struct web_server *server = first->request->server;
    struct drawn drawn = {0};
    char why[SW_WHY_MAX] = "";
    first->is_marked = false; /* unless it changes meanwhile */
    draw(first, &drawn, why);
    for (struct web_stream *s = server->streams; s; s = s->next) {
        if (s != first && !(is_due(s) && is_same_page(s, first)))
            continue;
        if (s != first) {
            s->is_marked = false;
            s->request->user = first->request->user;
        }
        s->drawn_ms = server->now_ms;
        s->next_ms = server->now_ms + PAUSE_MS;
        stream_show(s, &drawn, why);
    }
    free(drawn.bytes);
    free(drawn.fragments);
}

/* Draw those that wait longest, for as long as others may wait for that. */
static void draw_due(struct web_server *server)
{
    int64_t begin_ms = sw_clock_monotonic_ms();
    do {
        struct web_stream *first = NULL;
        for (struct web_stream *s = server->streams; s; s = s->next)
            if (is_due(s) && (!first || s->drawn_ms < first->drawn_ms))
                first = s;
        if (!first)
            return;
        draw_for(first);
    } while (sw_clock_monotonic_ms() - begin_ms < DRAW_MS);
}

/* End those whose readers are gone, or take nothing: libmicrohttpd would wait for them. */
static void end_deserted(struct web_server *server)
{
    for (struct web_stream *s = server->streams; s; s = s->next) {
        /* It is suspended whenever all was taken. */
        bool is_stuck = !s->is_suspended && server->now_ms - s->moved_ms > STUCK_MS;
        if (!is_stuck && !is_deserted(s))
            continue;
        s->is_over = true;
        stream_clear(s);
        web_connection_end(s->request);
        stream_wake(s);
    }
}

int web_streams_turn(struct web_server *server)
{
    int64_t now_ms = server->now_ms, wait_ms = -1;
    end_deserted(server);
    draw_due(server);
    for (struct web_stream *s = server->streams; s; s = s->next) {
        if (s->at < s->n_out || s->is_over)
            continue;
        const char *beat = s->is_down ? DOWN : BEAT;
        if (now_ms - s->moved_ms >= HEARTBEAT_MS)
            stream_send(s, strdup(beat), strlen(beat));
        int64_t next_ms = s->is_marked ? s->next_ms : s->moved_ms + HEARTBEAT_MS;
        int64_t in_ms = next_ms > now_ms ? next_ms - now_ms : 0;
        wait_ms = wait_ms < 0 || in_ms < wait_ms ? in_ms : wait_ms;
    }
    return (int)wait_ms;
}

void web_streams_end(struct web_server *server)
{
    server->is_stopping = true;
    for (struct web_stream *s = server->streams; s; s = s->next) {
        s->is_over = true;
        stream_clear(s);
        stream_wake(s);
    }
}

void web_stream_free(struct web_request *request)
{
    struct web_stream *stream = request->stream;
    if (!stream)
        return;
    for (struct web_stream **at = &request->server->streams; *at; at = &(*at)->next)
        if (*at == stream) {
            *at = stream->next;
            request->server->n_streams--;
            break;
        }
    web_place_fini(&stream->place);
    free(stream->sent);
    free(stream->out);
    free(stream);
    request->stream = NULL;
}

/* ---- the route ---- */

static int count_streams(const struct web_request *request)
{
    int n = 0;
    for (struct web_stream *s = request->server->streams; s; s = s->next)
        n += is_same_log_in(s->request, request);
    return n;
}

enum MHD_Result web_events(struct web_request *request)
{
    struct web_server *server = request->server;
    const char *page = web_param(&request->place.query, "page"), *allowed;
    char address[4 * WEB_PATH_BYTES_MAX];
    if (server->is_stopping || server->n_streams >= WEB_STREAMS_MAX)
        return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
    if (count_streams(request) >= WEB_STREAMS_PER_LOG_IN)
        return web_reply_error(request, MHD_HTTP_TOO_MANY_REQUESTS, NULL);
    if (!web_place_address(page ? page : "/", address, sizeof address))
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    struct web_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return MHD_NO;
    int r = web_place_find(&stream->place, "GET", address, &allowed);
    const struct web_route *route = r == 0 ? stream->place.route : NULL;
    if (!route || !route->screen || is_barred(request, route)) {
        web_place_fini(&stream->place);
        free(stream);
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    }
    stream->request = request;
    stream->is_new = stream->is_marked = true;
    stream->moved_ms = server->now_ms;
    stream->drawn_ms = server->now_ms - PAUSE_MS; /* it waits as long as others */
    stream->next = server->streams;
    server->streams = stream;
    server->n_streams++;
    request->stream = stream;
    web_connection_waits(request, WEB_WAITS_NOTHING);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    setsockopt(web_connection_fd(request->connection), IPPROTO_TCP, TCP_USER_TIMEOUT,
               &(unsigned){STUCK_MS}, sizeof(unsigned)); /* a reader without power */
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read, stream, NULL);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/event-stream");
    MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* nginx */
    return web_queue(request, MHD_HTTP_OK, response);
}
