/* reply.c -- answers as libmicrohttpd sends them: their headers, gzip, pages of errors. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "chart/words.h"
#include "web/json.h"
#include "web/web.h"

enum {
    GZIP_FROM = 1024, /* less fits one packet as it is */
    /* A page of 100 patients is 16 KB, in less than half the time in which level 5 makes
     * 12 KB of it. */
    GZIP_LEVEL = 3,
};

#define POLICY                                                                         \
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

void web_put_headers(const struct web_request *request, struct MHD_Response *response)
{
    MHD_add_response_header(response, "Content-Security-Policy", POLICY);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Referrer-Policy", "same-origin");
    MHD_add_response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    if (!request->place.route || request->place.route->answer != web_asset)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

enum MHD_Result web_queue(struct web_request *request, unsigned status,
                          struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    web_put_headers(request, response);
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response); /* libmicrohttpd keeps its own hold on it */
    return result;
}

/* The same bytes by gzip, malloc()ed; NULL: it cannot be. */
static char *squeeze(const char *bytes, size_t n, size_t *ret_n)
{
    z_stream z = {0};
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return NULL;
    uLong bound = deflateBound(&z, (uLong)n);
    char *squeezed = malloc(bound);
    char *source = NULL;
    memcpy(&source, &bytes, sizeof source); /* zlib's next_in lacks a const */
    z.next_in = (Bytef *)source;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)squeezed;
    z.avail_out = (uInt)bound;
    bool ok = squeezed && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *ret_n = z.total_out;
    deflateEnd(&z);
    if (ok)
        return squeezed;
    free(squeezed);
    return NULL;
}

static bool takes_gzip(const struct web_request *request)
{
    const char *accepted = web_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    const char *gzip = accepted ? strstr(accepted, "gzip") : NULL;
    return gzip && strncmp(gzip + 4, ";q=0,", 5) != 0 && strcmp(gzip + 4, ";q=0") != 0;
}

static struct MHD_Response *make(struct web_request *request, const char *type,
                                 char *bytes, size_t n)
{
    size_t n_squeezed = 0;
    char *squeezed =
        n >= GZIP_FROM && takes_gzip(request) ? squeeze(bytes, n, &n_squeezed) : NULL;
    if (squeezed) {
        free(bytes);
        bytes = squeezed;
        n = n_squeezed;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(n, bytes, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(bytes);
        return NULL;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Accept-Encoding, Cookie");
    if (squeezed)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    return response;
}

enum MHD_Result web_reply(struct web_request *request, unsigned status,
                          const char *type, char *bytes, size_t n)
{
    struct MHD_Response *response = bytes ? make(request, type, bytes, n) : NULL;
    if (response && request->allowed)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, request->allowed);
    if (response && status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                "Bearer realm=\"stepward\"");
    if (response && request->retry_s > 0) {
        char seconds[24];
        snprintf(seconds, sizeof seconds, "%d", request->retry_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    if (response && request->cookie[0])
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, request->cookie);
    if (response && request->etag[0]) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, request->etag);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    }
    if (response && request->file[0]) {
        char disposition[sizeof request->file + sizeof "attachment; filename=\"\""];
        snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"",
                 request->file);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION,
                                disposition);
    }
    if (response && request->closes)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    return web_queue(request, status, response);
}

enum MHD_Result web_reply_page(struct web_request *request, unsigned status,
                               struct mk *page)
{
    char *bytes = NULL;
    size_t n = 0;
    if (mk_end(page, &bytes, &n) < 0)
        return MHD_NO;
    return web_reply(request, status, "text/html; charset=utf-8", bytes, n);
}

enum MHD_Result web_reply_see_other(struct web_request *request, const char *where)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, where);
    if (response && request->cookie[0])
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, request->cookie);
    return web_queue(request, MHD_HTTP_SEE_OTHER, response);
}

/* ---- errors ---- */

static const struct {
    unsigned status;
    const char *title, *words;
} errors[] = {
    {MHD_HTTP_BAD_REQUEST, W_ERROR_400, W_ERROR_400_WORDS},
    {MHD_HTTP_UNAUTHORIZED, W_ERROR_401, W_ERROR_401_WORDS},
    {MHD_HTTP_FORBIDDEN, W_ERROR_403, W_ERROR_403_WORDS},
    {MHD_HTTP_NOT_FOUND, W_ERROR_404, W_ERROR_404_WORDS},
    {MHD_HTTP_METHOD_NOT_ALLOWED, W_ERROR_405, W_ERROR_405_WORDS},
    {MHD_HTTP_CONFLICT, W_ERROR_409, W_ERROR_409_WORDS},
    {MHD_HTTP_CONTENT_TOO_LARGE, W_ERROR_413, W_ERROR_413_WORDS},
    {MHD_HTTP_MISDIRECTED_REQUEST, W_ERROR_421, W_ERROR_421_WORDS},
    {MHD_HTTP_UNPROCESSABLE_CONTENT, W_ERROR_409, W_ERROR_409_WORDS},
    {MHD_HTTP_TOO_MANY_REQUESTS, W_ERROR_429, W_ERROR_429_WORDS},
    {MHD_HTTP_SERVICE_UNAVAILABLE, W_ERROR_503, W_ERROR_503_WORDS},
    {MHD_HTTP_INTERNAL_SERVER_ERROR, W_ERROR_500, W_ERROR_500_WORDS}, /* the last */
};

static enum MHD_Result reply_json_error(struct web_request *request, unsigned status,
                                        const char *words)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&bytes, &n);
    if (!out)
        return MHD_NO;
    fputs("{\"error\":", out);
    web_json_text(out, words);
    fputs("}\n", out);
    if (fclose(out) != 0)
        return MHD_NO;
    return web_reply(request, status, "application/json", bytes, n);
}

enum MHD_Result web_reply_error(struct web_request *request, unsigned status,
                                const char *words)
{
    struct mk page = {0};
    struct board_view view;
    size_t i = 0;
    while (i + 1 < sizeof errors / sizeof *errors && errors[i].status != status)
        i++;
    words = words ? words : errors[i].words;
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE && request->retry_s == 0)
        request->retry_s = 5;
    if (web_is_api(request))
        return reply_json_error(request, status, words);
    web_view(request, &request->place, &view);
    board_begin(&view, &page, errors[i].title, BOARD_NO_TAB);
    mk_element(&page, "p", words);
    if (status != MHD_HTTP_MISDIRECTED_REQUEST) {
        const char *back = web_way_back(request);
        mk_open(&page, "p");
        mk_open(&page, "a");
        mk_attr(&page, "class", "button");
        mk_attr(&page, "href", back);
        mk_text(&page, W_BACK);
        mk_close(&page);
        mk_close(&page);
    }
    board_end(&view, &page);
    return web_reply_page(request, status, &page);
}
