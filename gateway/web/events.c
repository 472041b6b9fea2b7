/* events.c -- open pages stay current: a stream of server-sent events for each.
 *
 * When the database changed, or a minute began, the page of each stream is drawn again,
 * and what differs from what was sent last goes out:
 *
 *     event: fragment     data: {"key": "p017", "html": "<li data-key=…"}
 *     event: order        data: ["p017", "p018"]     all keys, when others came or went
 *     event: over         data: {}                   the page, or the log-in, is gone
 *     event: beat         data: 1                    every 15 s without another one
 *
 * Pages that are equal, because several tabs of one log-in show them, are drawn once. A
 * stream whose reader is slow is drawn again only when it has taken what there is. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/fingerprint.h"
#include "web/json.h"
#include "web/web.h"

/* A comment keeps the servers in between awake; the event tells the page that we are here. */
#define BEAT ":\nevent: beat\ndata: 1\n\n"

enum {
    PAUSE_MS = 200, /* between two drawings: somebody may write many rows */
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
    struct drawn *next;
    const struct web_stream *of; /* the first stream it was drawn for */
    int r;
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
    bool is_suspended; /* libmicrohttpd waits for us to have something */
    char *out;         /* what is to be sent, from `at` on */
    size_t n_out, at;
    int64_t drawn_ms,
        moved_ms; /* moved: bytes were taken, or there were none to take */
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
    if (stream->is_over)
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

static bool is_same_page(const struct web_stream *a, const struct web_stream *b)
{
    const struct web_request *ra = a->request, *rb = b->request;
    return ra->is_by_token == rb->is_by_token && strcmp(ra->token, rb->token) == 0 &&
           strcmp(ra->user.id, rb->user.id) == 0 &&
           strcmp(a->place.text, b->place.text) == 0;
}

/* Whether the log-in still holds, with the rights it has now. */
static int check_user(struct web_request *request)
{
    struct web_server *server = request->server;
    if (request->is_by_token)
        return sw_users_find_token(server->users, request->secret, server->now_s,
                                   &request->user);
    int r =
        sw_users_find_session(server->users, request->secret, server->config.web.idle_s,
                              server->now_s, &request->user);
    if (r == 0 && request->user.role == SW_ROLE_WALL) /* nobody is there to use it */
        r = sw_users_touch_session(server->users, request->secret, server->now_s);
    return r;
}

static void draw(struct web_stream *stream, struct drawn *ret)
{
    struct mk page = {0};
    size_t n = 0;
    ret->of = stream;
    ret->r = check_user(stream->request);
    if (ret->r == SW_STORE_NONE)
        ret->r = -ENOENT;
    if (ret->r == 0)
        ret->r = web_draw(stream->request, &stream->place, &page);
    if (ret->r < 0) {
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

/* The page of the stream, drawn for it or for one before it in this turn. */
static struct drawn *drawn_for(struct web_stream *stream, struct drawn **all)
{
    for (struct drawn *drawn = *all; drawn; drawn = drawn->next)
        if (is_same_page(drawn->of, stream))
            return drawn;
    struct drawn *drawn = calloc(1, sizeof *drawn);
    if (!drawn)
        return NULL;
    draw(stream, drawn);
    drawn->next = *all;
    *all = drawn;
    return drawn;
}

static void drawn_free(struct drawn *drawn)
{
    while (drawn) {
        struct drawn *next = drawn->next;
        free(drawn->bytes);
        free(drawn->fragments);
        free(drawn);
        drawn = next;
    }
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

static void stream_show(struct web_stream *stream, const struct drawn *drawn)
{
    char *bytes = NULL;
    size_t n = 0;
    if (drawn->r < 0 && drawn->r != -ENOENT)
        return; /* at the next change, or minute */
    FILE *out = open_memstream(&bytes, &n);
    if (!out)
        return;
    if (drawn->r == -ENOENT) {
        fputs("event: over\ndata: {}\n\n", out);
        stream->is_over = true;
    } else if (write_changes(stream, drawn, out) < 0) {
        stream->is_marked = true;
    }
    if (fclose(out) != 0 || n == 0) {
        free(bytes);
        return;
    }
    stream_send(stream, bytes, n);
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

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 || b < a ? b : a;
}

int web_streams_turn(struct web_server *server)
{
    struct drawn *all = NULL;
    int64_t now_ms = server->now_ms, wait_ms = -1;
    for (struct web_stream *s = server->streams; s; s = s->next) {
        bool is_drained = s->at == s->n_out;
        if (is_deserted(s) || (!is_drained && now_ms - s->moved_ms > STUCK_MS)) {
            s->is_over = true;
            stream_clear(s);
            stream_wake(s);
            continue;
        }
        if (!is_drained || s->is_over)
            continue;
        if (s->is_marked && now_ms - s->drawn_ms >= PAUSE_MS) {
            const struct drawn *drawn = drawn_for(s, &all);
            s->is_marked = false;
            s->drawn_ms = now_ms;
            if (drawn)
                stream_show(s, drawn);
        }
        if (s->at == s->n_out && now_ms - s->moved_ms >= HEARTBEAT_MS)
            stream_send(s, strdup(BEAT), strlen(BEAT));
        wait_ms = sooner(wait_ms, s->is_marked ? s->drawn_ms + PAUSE_MS - now_ms
                                               : s->moved_ms + HEARTBEAT_MS - now_ms);
    }
    drawn_free(all);
    return (int)wait_ms;
}

void web_streams_end(struct web_server *server)
{
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

enum MHD_Result web_events(struct web_request *request)
{
    struct web_server *server = request->server;
    const char *page = web_param(&request->place.query, "page"), *allowed;
    if (server->n_streams >= WEB_STREAMS_MAX)
        return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
    struct web_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return MHD_NO;
    int r = web_place_find(&stream->place, "GET", page ? page : "/", &allowed);
    const struct web_route *route = r == 0 ? stream->place.route : NULL;
    bool is_barred =
        route && route->who == WEB_THERAPIST && request->user.role == SW_ROLE_WALL;
    if (!route || !route->screen || is_barred) {
        web_place_fini(&stream->place);
        free(stream);
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    }
    stream->request = request;
    stream->is_new = stream->is_marked = true;
    stream->moved_ms = server->now_ms;
    stream->drawn_ms = server->now_ms - PAUSE_MS;
    stream->next = server->streams;
    server->streams = stream;
    server->n_streams++;
    request->stream = stream;
    web_connection_waits(request, WEB_WAITS_NOTHING);
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read, stream, NULL);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/event-stream");
    MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* nginx */
    return web_queue(request, MHD_HTTP_OK, response);
}
