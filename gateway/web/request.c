/* request.c -- a request from its first line to its end: whether it is meant for us, what
 * it asks for, who sent it, and whether they may. What it gets is its route's business. */
#include "web/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/array.h"

#define BEARER    "Bearer "
#define FORM_TYPE "application/x-www-form-urlencoded"

const char *web_header(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

bool web_is_api(const struct web_request *request)
{
    return request->uri && strncmp(request->uri, "/api/", 5) == 0;
}

/* ---- where it comes from ---- */

/* Write an address without its port, "127.0.0.1" or "::1"; "": it has none. */
static void format_address(const struct sockaddr *address,
                           char out[static WEB_HOST_MAX])
{
    out[0] = '\0';
    if (!address)
        return;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, out, WEB_HOST_MAX);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)address;
        inet_ntop(AF_INET6, &in->sin6_addr, out, WEB_HOST_MAX);
    }
}

/* Where the browser's connection ended at this machine, as a URL names it. */
static const char *own_address(const struct web_request *request,
                               char out[static WEB_HOST_MAX])
{
    struct sockaddr_storage own;
    socklen_t len = sizeof own;
    char text[WEB_HOST_MAX];
    if (getsockname(web_connection_fd(request->connection), (void *)&own, &len) < 0)
        return NULL;
    format_address((const void *)&own, text);
    if (!*text)
        return NULL;
    snprintf(out, WEB_HOST_MAX, strchr(text, ':') ? "[%.64s]" : "%.64s", text);
    return out;
}

static bool is_local(const char *address)
{
    return !*address || strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* A server in front of us, on this machine, says whom it speaks for and how. What others
 * say of that counts for nothing. */
static void note_browser(struct web_request *request)
{
    const struct web_server *server = request->server;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    format_address(info && !server->is_unix ? info->client_addr : NULL,
                   request->address);
    request->is_secure = server->is_tls || server->is_unix;
    if (server->is_tls || !is_local(request->address))
        return;
    const char *proto = web_header(request, "X-Forwarded-Proto");
    const char *forwarded = web_header(request, "X-Forwarded-For");
    if (proto)
        request->is_secure = strcasecmp(proto, "https") == 0;
    const char *last = forwarded ? strrchr(forwarded, ',') : NULL;
    last = last ? last + 1 + strspn(last + 1, " ") : forwarded;
    if (last && *last && strspn(last, "0123456789abcdefABCDEF.:") == strlen(last))
        snprintf(request->address, sizeof request->address, "%.64s", last);
}

static bool is_for_us(const struct web_request *request)
{
    char name[WEB_HOST_MAX], own[WEB_HOST_MAX];
    return web_host_name(web_header(request, MHD_HTTP_HEADER_HOST), name) &&
           web_host_is_ours(name, request->server->machine, own_address(request, own),
                            request->server->config.web.hosts);
}

/* ---- who sent it ---- */

static int find_by_token(struct web_request *request, struct sw_users *users,
                         const char *header)
{
    const char *secret = header + strlen(BEARER);
    int r = SW_STORE_NONE;
    if (strncasecmp(header, BEARER, strlen(BEARER)) == 0 &&
        strlen(secret) == SW_SECRET_LEN)
        r = sw_users_find_token(users, secret, request->server->now_s, &request->user);
    request->has_user = request->is_by_token = r == 0;
    if (r == 0)
        strcpy(request->secret, secret);
    return r;
}

static int find_by_cookie(struct web_request *request, struct sw_users *users)
{
    const struct web_server *server = request->server;
    const char *cookies = web_header(request, MHD_HTTP_HEADER_COOKIE);
    char secret[SW_SECRET_LEN + 1];
    if (!web_cookie(cookies, web_cookie_name(request, WEB_SESSION), secret,
                    sizeof secret))
        return SW_STORE_NONE;
    int r = sw_users_find_session(users, secret, server->config.web.idle_s,
                                  server->now_s, &request->user);
    request->has_user = r == 0;
    if (r == 0) {
        strcpy(request->secret, secret);
        sw_csrf_token(secret, request->token);
    }
    return r;
}

/* 0, SW_STORE_NONE: nobody, or a negative errno with why. */
static int find_user(struct web_request *request, char why[static SW_WHY_MAX])
{
    struct sw_users *users = web_reach_users(request->server, why);
    const char *header = web_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    request->has_user = request->is_by_token = false;
    request->secret[0] = request->token[0] = '\0';
    if (!users)
        return -EIO;
    int r = web_is_api(request) && header ? find_by_token(request, users, header)
                                          : find_by_cookie(request, users);
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_users_why(users, r));
    return r;
}

/* ---- whether they may ---- */

/* Who is not logged in is sent to the log-in, and back from there. */
static enum MHD_Result ask_to_log_in(struct web_request *request)
{
    char where[8 * WEB_PATH_BYTES_MAX] = "/login";
    size_t n = strlen(where);
    if (web_is_api(request) || request->place.route->answer == web_events ||
        strcmp(request->place.route->method, "GET") != 0)
        return web_reply_error(request, MHD_HTTP_UNAUTHORIZED, NULL);
    if (strcmp(request->uri, "/") != 0)
        n += (size_t)snprintf(where + n, sizeof where - n, "?back=");
    for (const char *at = request->uri; n > 6 && *at && n + 4 < sizeof where; at++)
        n += (size_t)snprintf(where + n, sizeof where - n,
                              strchr("&%+#=?", *at) ? "%%%02X" : "%c",
                              (unsigned char)*at);
    return web_reply_see_other(request, where);
}

static bool is_post_of_ours(const struct web_request *request)
{
    const struct web_post_origin post = {
        .host = web_header(request, MHD_HTTP_HEADER_HOST),
        .origin = web_header(request, MHD_HTTP_HEADER_ORIGIN),
        .fetch_site = web_header(request, "Sec-Fetch-Site"),
        .is_tls = request->is_secure,
    };
    /* No browser sends the API's token by itself. */
    return request->is_by_token || web_post_is_ours(&post);
}

static bool has_body(const struct web_request *request)
{
    const char *length = web_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length && strcmp(length, "0") != 0) ||
           web_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING);
}

static bool is_too_large(const struct web_request *request)
{
    const char *length = web_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return length && (strlen(length) > 9 || atol(length) > WEB_BODY_MAX);
}

/* The status for who sent it; 0: they may have what the route gives. */
static unsigned judge_user(struct web_request *request, char why[static SW_WHY_MAX])
{
    const struct web_route *route = request->place.route;
    if (find_user(request, why) < 0) {
        sw_log(SW_LOG_ERROR, "%s", why);
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (!route || route->who == WEB_ANYONE)
        return 0;
    if (!request->has_user)
        return MHD_HTTP_UNAUTHORIZED;
    bool is_barred = route->who == WEB_THERAPIST && request->user.role == SW_ROLE_WALL;
    return is_barred ? MHD_HTTP_FORBIDDEN : 0;
}

/* The status that the request gets by its header alone, perhaps with words of its own in
 * why; 0: it may have its answer, once its body has come. */
static unsigned judge_header(struct web_request *request, char why[static SW_WHY_MAX])
{
    int r = web_place_find(&request->place, request->method, request->uri,
                           &request->allowed);
    const struct web_route *route = request->place.route;
    if (web_connection_is_over(request))
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    if (!is_for_us(request))
        return MHD_HTTP_MISDIRECTED_REQUEST;
    if (route && route->answer == web_asset)
        return 0;
    unsigned refused = judge_user(request, why);
    if (r < 0 && refused != MHD_HTTP_SERVICE_UNAVAILABLE)
        return r == -EINVAL   ? MHD_HTTP_BAD_REQUEST
               : r == -ENOENT ? MHD_HTTP_NOT_FOUND
               : r == -EACCES ? MHD_HTTP_METHOD_NOT_ALLOWED
                              : MHD_HTTP_INTERNAL_SERVER_ERROR;
    if (refused)
        return refused;
    if (strcmp(route->method, "POST") == 0 && !is_post_of_ours(request))
        return MHD_HTTP_FORBIDDEN;
    return is_too_large(request) ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

/* ---- its body ---- */

static int take_body(struct web_request *request, const char *bytes, size_t n)
{
    if (request->n_body + n > WEB_BODY_MAX) {
        request->refused = MHD_HTTP_CONTENT_TOO_LARGE;
        return 0;
    }
    int r = RESERVE(request->body, request->n_body + n, request->cap_body);
    if (r < 0)
        return r;
    memcpy(request->body + request->n_body, bytes, n);
    request->n_body += n;
    return 0;
}

/* A cookie that is no secret has no token, and then none is right. */
static bool is_token(const char *given, const char *right)
{
    return given && *right && sw_secret_is_equal(given, right);
}

/* Read the form, and look for the token that pages of ours give it. */
static unsigned read_form(struct web_request *request)
{
    const char *type = web_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);
    char right[SW_SECRET_LEN + 1], secret[SW_SECRET_LEN + 1];
    if (request->n_body > 0 &&
        (!type || strncasecmp(type, FORM_TYPE, strlen(FORM_TYPE)) != 0))
        return MHD_HTTP_BAD_REQUEST;
    if (web_params_decode(&request->form, request->body ? request->body : "",
                          request->n_body) < 0)
        return MHD_HTTP_BAD_REQUEST;
    if (request->is_by_token)
        return 0;
    const char *given = web_param(&request->form, "token");
    if (!given)
        given = web_header(request, "X-Stepward-Token");
    if (request->place.route->who != WEB_ANYONE)
        return is_token(given, request->token) ? 0 : MHD_HTTP_FORBIDDEN;
    if (!web_cookie(web_header(request, MHD_HTTP_HEADER_COOKIE),
                    web_cookie_name(request, WEB_VISIT), secret, sizeof secret))
        return MHD_HTTP_FORBIDDEN;
    sw_csrf_token(secret, right);
    return is_token(given, right) ? 0 : MHD_HTTP_FORBIDDEN;
}

/* ---- libmicrohttpd's calls ---- */

void *web_request_begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct web_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->server = cls;
    request->connection = connection;
    request->uri = strdup(uri);
    web_connection_waits(request, WEB_WAITS_HEADER);
    return request;
}

static enum MHD_Result answer(struct web_request *request)
{
    bool is_post = strcmp(request->method, "POST") == 0;
    web_report_alive(request->server);
    /* The body may have taken half a minute: who sent it counts as of now. */
    if (!request->refused && is_post)
        request->refused = judge_user(request, request->why);
    if (!request->refused && is_post)
        request->refused = read_form(request);
    if (request->refused == MHD_HTTP_UNAUTHORIZED)
        return ask_to_log_in(request);
    if (request->refused)
        return web_reply_error(request, request->refused,
                               *request->why ? request->why : NULL);
    return request->place.route->answer(request);
}

/* libmicrohttpd calls first with the header, then for each piece of the body, then at the
 * end of it. An answer to the header alone ends the connection, so only what comes with a
 * body gets one: we do not read what we refuse. */
enum MHD_Result web_request_handle(void *cls, struct MHD_Connection *connection,
                                   const char *url, const char *method,
                                   const char *version, const char *upload,
                                   size_t *upload_size, void **con_cls)
{
    struct web_request *request = *con_cls;
    (void)cls, (void)connection, (void)url, (void)version;
    if (!request || !request->uri)
        return MHD_NO;
    if (!request->is_begun) {
        request->is_begun = true;
        request->method = method;
        web_connection_waits(request, WEB_WAITS_ANSWER);
        note_browser(request);
        request->refused = judge_header(request, request->why);
        if (request->refused && has_body(request))
            return answer(request);
        if (has_body(request))
            web_connection_waits(request, WEB_WAITS_BODY);
        return MHD_YES;
    }
    if (*upload_size == 0) {
        web_connection_waits(request, WEB_WAITS_ANSWER);
        return answer(request);
    }
    if (!request->refused && take_body(request, upload, *upload_size) < 0)
        return MHD_NO;
    *upload_size = 0;
    return MHD_YES;
}

void web_request_end(void *cls, struct MHD_Connection *connection, void **con_cls,
                     enum MHD_RequestTerminationCode code)
{
    struct web_request *request = *con_cls;
    (void)cls, (void)connection, (void)code;
    *con_cls = NULL;
    if (!request)
        return;
    request->server->is_used = true;
    web_stream_free(request);
    web_connection_waits(request, WEB_WAITS_IDLE);
    web_place_fini(&request->place);
    web_params_fini(&request->form);
    if (request->body)
        explicit_bzero(request->body, request->n_body); /* passwords */
    free(request->body);
    free(request->uri);
    free(request);
}
