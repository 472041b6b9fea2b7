/* connections.c -- what each connection waits for, and how long it may: a client that is
 * slow, on purpose or not, keeps nobody else waiting.
 *
 * libmicrohttpd ends connections that are silent, not those that send a byte now and
 * then; and where all are taken, newcomers wait. So each has a time for its header, its
 * body, its answer and its pauses here, which is short while all are taken. Only who has
 * sent all of a request counts as busy: half-sent ones get nobody else refused. */
#include <stdlib.h>
#include <sys/socket.h>

#include "web/web.h"

enum { FULL_MS = 1000 }; /* for what a browser owes us while others wait to come in */

struct web_connection {
    struct web_connection *next, *previous;
    struct web_server *server;
    struct MHD_Connection *connection;
    enum web_waits waits;
    int64_t since_ms;
    bool is_ended; /* by us; libmicrohttpd will notice */
};

static const int64_t time_ms[] = {
    [WEB_WAITS_HEADER] = WEB_HEADER_S * 1000, [WEB_WAITS_IDLE] = WEB_IDLE_S * 1000,
    [WEB_WAITS_BODY] = WEB_BODY_S * 1000,     [WEB_WAITS_ANSWER] = WEB_REQUEST_S * 1000,
    [WEB_WAITS_NOTHING] = INT64_MAX,
};

int web_connection_fd(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* libmicrohttpd has no call to end a connection, but sees the end of its stream. */
static void connection_end(struct web_connection *c)
{
    c->is_ended = true;
    shutdown(web_connection_fd(c->connection), SHUT_RDWR);
}

static struct web_connection *connection_begin(struct web_server *server,
                                               struct MHD_Connection *connection)
{
    struct web_connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    *c = (struct web_connection){.next = server->connections,
                                 .server = server,
                                 .connection = connection,
                                 .waits = WEB_WAITS_HEADER,
                                 .since_ms = server->now_ms};
    server->n_connections++;
    if (c->next)
        c->next->previous = c;
    server->connections = c;
    return c;
}

void web_connection_changed(void *cls, struct MHD_Connection *connection,
                            void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    struct web_server *server = cls;
    struct web_connection *c = *socket_context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = connection_begin(server, connection);
        return;
    }
    if (!c)
        return;
    if (c->next)
        c->next->previous = c->previous;
    if (c->previous)
        c->previous->next = c->next;
    else
        server->connections = c->next;
    server->n_connections--;
    free(c);
    *socket_context = NULL;
}

static struct web_connection *connection_of(const struct web_request *request)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        request->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void web_connection_waits(const struct web_request *request, enum web_waits waits)
{
    struct web_connection *c = connection_of(request);
    if (!c)
        return;
    /* The header's time began with the connection, if this is its first. */
    if (waits != WEB_WAITS_HEADER || c->waits != WEB_WAITS_HEADER)
        c->since_ms = request->server->now_ms;
    c->waits = waits;
}

void web_connection_end(const struct web_request *request)
{
    struct web_connection *c = connection_of(request);
    if (c)
        connection_end(c);
}

static bool is_busy(const struct web_connection *c)
{
    return c->waits == WEB_WAITS_ANSWER || c->waits == WEB_WAITS_NOTHING;
}

bool web_connection_is_over(const struct web_request *request)
{
    int n_busy = 0;
    for (struct web_connection *c = request->server->connections; c; c = c->next)
        n_busy += is_busy(c);
    return n_busy > WEB_CONNECTIONS_MAX;
}

void web_connections_check(struct web_server *server)
{
    bool is_full = server->n_connections >= WEB_CONNECTIONS_MAX;
    for (struct web_connection *c = server->connections; c; c = c->next) {
        int64_t may_ms = is_full && !is_busy(c) ? FULL_MS : time_ms[c->waits];
        if (!c->is_ended && server->now_ms - c->since_ms > may_ms)
            connection_end(c);
    }
}
