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
 * Log-ins with the same rights have the same page: it is drawn once for all of them, what
 * changed is written once, and all are sent those bytes. So there is nothing in them that
 * is somebody's own: the tokens of forms are empty, and the page puts in its own.
 *
 * A stream whose reader is slow is drawn again only when it has taken what there is. One
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
#define OVER "event: over\ndata: {}\n\n"

enum {
    PAUSE_MS = 200,  /* between two drawings: somebody may write many rows */
    RETRY_MS = 1000, /* after one that failed */
    DRAW_MS = 100,   /* of a turn; the rest is drawn in the next */
    HEARTBEAT_MS = 15 * 1000,
    STUCK_MS = 60 * 1000,   /* a reader that takes nothing for so long is gone */
    BLOCK_BYTES = 4 * 1024, /* each stream has so much of its own */
};

/* The fragments of a page as it was sent last: fingerprints of their keys and bytes. */
struct sent {
    unsigned n_holders; /* the streams it was sent to, and who is about to */
    size_t n;
    struct {
        uint64_t key, bytes;
    } of[];
};
/* What streams are to be sent. */
struct text {
    unsigned n_holders;
    size_t n;
    char *bytes;
};
/* A page as it is now. */
struct drawn {
    int r; /* -ENOENT: it is gone */
    char *bytes;
    struct mk_fragment *fragments;
    size_t n;
    struct sent *sent; /* as it will have been sent */
    /* What was written last for a stream, and for whom it is right: who was sent the same
     * before, and was told as much. */
    struct text *text;
    const struct sent *text_from;
    bool text_is_beat;
};
struct web_stream {
    struct web_stream *next;
    struct web_request *request;
    struct web_place place;
    struct sent *sent; /* NULL: nothing was sent yet */
    bool is_marked;    /* to be drawn */
    bool is_over;
    bool is_down;      /* its reader was told that it cannot be drawn */
    bool is_suspended; /* libmicrohttpd waits for us to have something */
    struct text *out;  /* what is to be sent, from `at` on; NULL: nothing */
    size_t at;
    int64_t drawn_ms, next_ms; /* next: not earlier */
    int64_t moved_ms;          /* bytes were taken, or there were none to take */
    /* Whose page it is, as of this turn. */
    bool is_checked;
    int checked; /* 0; SW_STORE_NONE: nobody's any more; or a negative errno */
    struct web_viewer viewer;
};

static void sent_drop(struct sent *sent)
{
    if (sent && --sent->n_holders == 0)
        free(sent);
}

/* Takes the bytes. NULL: out of memory. */
static struct text *text_new(char *bytes, size_t n)
{
    struct text *text = bytes ? malloc(sizeof *text) : NULL;
    if (text)
        *text = (struct text){.n_holders = 1, .n = n, .bytes = bytes};
    else
        free(bytes);
    return text;
}

static void text_drop(struct text *text)
{
    if (!text || --text->n_holders > 0)
        return;
    free(text->bytes);
    free(text);
}

/* ---- what libmicrohttpd takes ---- */

static void stream_clear(struct web_stream *stream)
{
    text_drop(stream->out);
    stream->out = NULL;
    stream->at = 0;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buffer, size_t max)
{
    struct web_stream *stream = cls;
    size_t n = stream->out ? stream->out->n - stream->at : 0;
    (void)pos;
    if (n > max)
        n = max;
    if (n > 0) {
        memcpy(buffer, stream->out->bytes + stream->at, n);
        stream->at += n;
        stream->moved_ms = stream->request->server->now_ms;
        if (stream->at == stream->out->n) /* the first one is as large as the page */
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

/* Have the reader take this, which others may hold too. */
static void stream_send(struct web_stream *stream, struct text *text)
{
    stream_clear(stream);
    stream->out = text;
    if (text)
        text->n_holders++;
    stream->moved_ms = stream->request->server->now_ms;
    stream_wake(stream);
}

static void stream_say(struct web_stream *stream, const char *words)
{
    struct text *text = text_new(strdup(words), strlen(words));
    stream_send(stream, text);
    text_drop(text);
}

/* ---- whose page it is ---- */

/* By the same log-in or token: another one of the same user may be withdrawn. */
static bool is_same_log_in(const struct web_request *a, const struct web_request *b)
{
    return a->is_by_token == b->is_by_token && strcmp(a->secret, b->secret) == 0;
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

/* Look who it is whose page is to be drawn, once a turn. */
static int check(struct web_stream *stream, char why[static SW_WHY_MAX])
{
    struct web_server *server = stream->request->server;
    if (stream->is_checked)
        return stream->checked;
    int r = check_user(stream, why);
    if (r == 0 && !web_reach_store(server, why))
        r = -EIO;
    if (r == 0) {
        r = web_viewer_of(stream->request, &stream->viewer);
        if (r < 0)
            snprintf(why, SW_WHY_MAX, "%s", sw_store_why(server->store, r));
    }
    stream->is_checked = r >= 0; /* else why has to be said again */
    stream->checked = r;
    return r;
}

static bool is_same_page(const struct web_stream *a, const struct web_stream *b)
{
    return web_viewer_is_same(&a->viewer, &b->viewer) &&
           strcmp(a->place.text, b->place.text) == 0;
}

/* ---- drawing ---- */

static uint64_t print_of(const char *bytes, size_t n)
{
    return sw_fingerprint("", 0, bytes, n);
}

static struct sent *sent_of(const struct drawn *drawn)
{
    struct sent *sent = malloc(sizeof *sent + drawn->n * sizeof sent->of[0]);
    if (!sent)
        return NULL;
    sent->n_holders = 1;
    sent->n = drawn->n;
    for (size_t i = 0; i < drawn->n; i++) {
        const struct mk_fragment *fragment = &drawn->fragments[i];
        sent->of[i].key = print_of(fragment->key, strlen(fragment->key));
        sent->of[i].bytes =
            print_of(drawn->bytes + fragment->from, fragment->to - fragment->from);
    }
    return sent;
}

static void draw(struct web_stream *stream, struct drawn *ret,
                 char why[static SW_WHY_MAX])
{
    struct mk page = {0};
    size_t n = 0;
    ret->r = web_draw_shared(stream->request->server, &stream->viewer, &stream->place,
                             &page, why);
    if (ret->r < 0) {
        mk_fini(&page);
        return;
    }
    ret->fragments = page.fragments;
    ret->n = page.n_fragments;
    page.fragments = NULL; /* mk_end() would free them */
    ret->r = mk_end(&page, &ret->bytes, &n);
    if (ret->r == 0 && !(ret->sent = sent_of(ret)))
        ret->r = -ENOMEM;
}

static void drawn_fini(struct drawn *drawn)
{
    free(drawn->bytes);
    free(drawn->fragments);
    sent_drop(drawn->sent);
    text_drop(drawn->text);
}

/* ---- what changed ---- */

/* The place of the key in what was sent, or -1. hint: where it was if nothing came or
 * went. */
static ssize_t find_sent(const struct sent *sent, size_t hint, uint64_t key)
{
    if (hint < sent->n && sent->of[hint].key == key)
        return (ssize_t)hint;
    for (size_t i = 0; i < sent->n; i++)
        if (sent->of[i].key == key)
            return (ssize_t)i;
    return -1;
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

/* Write what differs from what was sent before, NULL: nothing was. What came since is
 * named in the order alone: the page has no place for it. A fragment inside one that goes
 * out goes out with it. */
static void write_changes(FILE *out, const struct drawn *drawn,
                          const struct sent *before)
{
    const struct sent *now = drawn->sent;
    size_t end = 0;
    bool is_other = !before || now->n != before->n;
    for (size_t i = 0; i < drawn->n; i++) {
        const struct mk_fragment *fragment = &drawn->fragments[i];
        ssize_t at = before ? find_sent(before, i, now->of[i].key) : -1;
        is_other = is_other || at != (ssize_t)i;
        bool is_changed = at < 0 ? !before : before->of[at].bytes != now->of[i].bytes;
        if (!is_changed || fragment->to <= end)
            continue;
        end = fragment->to;
        fputs("event: fragment\ndata: {\"key\":", out);
        web_json_text(out, fragment->key);
        fputs(",\"html\":", out);
        web_json_bytes(out, drawn->bytes + fragment->from,
                       fragment->to - fragment->from);
        fputs("}\n\n", out);
    }
    if (is_other)
        write_order(out, drawn);
}

/* Have drawn->text be what the stream is to be sent: for most streams it is. */
static int find_changes(const struct web_stream *stream, struct drawn *drawn)
{
    char *bytes = NULL;
    size_t n = 0;
    if (drawn->text && drawn->text_from == stream->sent &&
        drawn->text_is_beat == stream->is_down)
        return 0;
    FILE *out = open_memstream(&bytes, &n);
    if (!out)
        return -ENOMEM;
    fputs(stream->is_down ? BEAT : "", out);
    write_changes(out, drawn, stream->sent);
    bool ok = fclose(out) == 0;
    text_drop(drawn->text);
    drawn->text = text_new(bytes, n);
    drawn->text_from = stream->sent;
    drawn->text_is_beat = stream->is_down;
    return ok && drawn->text ? 0 : -ENOMEM;
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
    stream_say(stream, DOWN);
    if (web_may_log(server, &server->draw_logged_ms))
        sw_log(SW_LOG_ERROR, "open pages cannot be kept current: %s", why);
}

static void stream_show(struct web_stream *stream, struct drawn *drawn, const char *why)
{
    int r = drawn->r;
    if (r == -ENOENT) {
        stream->is_over = true;
        stream_say(stream, OVER);
        return;
    }
    if (r == 0)
        r = find_changes(stream, drawn);
    if (r < 0) {
        stream_fail(stream, *why ? why : strerror(-r));
        return;
    }
    if (!stream->sent && stream->place.args[0])
        web_note_look(stream->request, stream->place.args[0]);
    if (drawn->text->n > 0)
        stream_send(stream, drawn->text);
    drawn->sent->n_holders++;
    sent_drop(stream->sent);
    stream->sent = drawn->sent;
    stream->is_down = false;
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
    return stream->is_marked && !stream->is_over && !stream->out &&
           stream->request->server->now_ms >= stream->next_ms;
}

/* Draw a page, and show it to all that are due and have the same. Each of them is checked
 * by itself: two log-ins with the same rights end at different times. */
static void draw_for(struct web_stream *first)
{
    struct web_server *server = first->request->server;
    char why[SW_WHY_MAX] = "";
    struct drawn drawn = {.r = check(first, why)};
    if (drawn.r == SW_STORE_NONE)
        drawn.r = -ENOENT;
    first->is_marked = false; /* unless it changes meanwhile */
    bool is_shared = drawn.r == 0;
    web_report_alive(server);
    if (is_shared)
        draw(first, &drawn, why);
    for (struct web_stream *s = server->streams; s; s = s->next) {
        char own_why[SW_WHY_MAX];
        if (s != first && !(is_shared && is_due(s) && check(s, own_why) == 0 &&
                            is_same_page(s, first)))
            continue;
        s->is_marked = false;
        s->drawn_ms = server->now_ms;
        s->next_ms = server->now_ms + PAUSE_MS;
        stream_show(s, &drawn, why);
    }
    drawn_fini(&drawn);
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
    for (struct web_stream *s = server->streams; s; s = s->next)
        s->is_checked = false; /* rights may have changed since */
    draw_due(server);
    for (struct web_stream *s = server->streams; s; s = s->next) {
        if (s->out || s->is_over)
            continue;
        if (now_ms - s->moved_ms >= HEARTBEAT_MS)
            stream_say(s, s->is_down ? DOWN : BEAT);
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
    sent_drop(stream->sent);
    text_drop(stream->out);
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
    stream->is_marked = true;
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
