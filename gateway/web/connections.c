/* connections.c -- what each connection waits for, and how long it may: a client that is
 * slow, on purpose or not, keeps nobody else waiting.
 *
 * libmicrohttpd ends connections that are silent, not those that send a byte now and
 * then; and where all are taken it turns newcomers away. So each has a time for its
 * header, its request and its pauses here; and when it becomes full, who has paused for
 * longest goes, or has been at its header for longest. */
#include <stdlib.h>
#include <sys/socket.h>

#include "web/web.h"

enum { GRACE_MS = 1000 }; /* so long a header may take before others matter more */

struct web_connection {
    struct web_connection *next, *previous;
    struct web_server *server;
    struct MHD_Connection *connection;
    enum web_waits waits;
    int64_t since_ms;
    bool is_over;  /* it came when all were busy */
    bool is_ended; /* by us; libmicrohttpd will notice */
};

static const int64_t time_ms[] = {
    [WEB_WAITS_HEADER] = WEB_HEADER_S * 1000,
    [WEB_WAITS_IDLE] = WEB_IDLE_S * 1000,
    [WEB_WAITS_ANSWER] = WEB_REQUEST_S * 1000,
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

/* Make room: end the one that pauses for longest, else the slowest with its header. */
static bool make_room(struct web_server *server)
{
    struct web_connection *found = NULL;
    for (struct web_connection *c = server->connections; c; c = c->next) {
        bool may_go =
            c->waits == WEB_WAITS_IDLE ||
            (c->waits == WEB_WAITS_HEADER && server->now_ms - c->since_ms > GRACE_MS);
        bool is_better =
            !found || (c->waits == WEB_WAITS_IDLE) > (found->waits == WEB_WAITS_IDLE);
        bool is_older =
            found && c->waits == found->waits && c->since_ms < found->since_ms;
        if (may_go && !c->is_ended && (is_better || is_older))
            found = c;
    }
    if (found)
        connection_end(found);
    return found;
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
    if (server->n_connections++ >= WEB_CONNECTIONS_MAX)
        c->is_over = !make_room(server);
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

bool web_connection_is_over(const struct web_request *request)
{
    const struct web_connection *c = connection_of(request);
    return !c || c->is_over;
}

void web_connections_check(struct web_server *server)
{
    for (struct web_connection *c = server->connections; c; c = c->next)
        if (!c->is_ended && server->now_ms - c->since_ms > time_ms[c->waits])
            connection_end(c);
}
