/* web.h -- what the files of stepward-web share: the server, a request, and answers.
 *
 *     enum MHD_Result web_log_in(struct web_request *request)    // a row of routes.c
 *     {
 *         struct mk page = {0};
 *         …
 *         return web_reply_page(request, MHD_HTTP_OK, &page);
 *     }
 *
 * One thread does everything, so nothing here is locked. libmicrohttpd cuts bytes into
 * requests; what a request may, and what it gets, is decided here.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "board/board.h"
#include "cli/cli.h"
#include "stepward/host.h"
#include "stepward/store_watch.h"
#include "stepward/users.h"
#include "web/guard.h"
#include "web/params.h"

enum {
    WEB_CONNECTIONS_MAX = 64,
    WEB_SPARE_CONNECTIONS = 16, /* beyond these; who asks for something gets a 503 */
    WEB_PER_ADDRESS_MAX = 48,   /* where each browser has an address of its own */
    WEB_STREAMS_MAX = 48,       /* of events; the rest is for pages */
    WEB_STREAMS_PER_LOG_IN =
        8, /* or token: a browser shares one among tabs of a page */
    WEB_BODY_MAX = 64 * 1024,
    WEB_HEADER_S = 10,  /* for a header to arrive */
    WEB_BODY_S = 5,     /* for a form */
    WEB_REQUEST_S = 30, /* for its answer to be taken */
    WEB_IDLE_S = 60,    /* between two requests of a connection */
    WEB_REPLY_HEADERS_MAX = 4,
};

/* ---- the server ---- */

enum {
    WEB_LOOKS = 4096,    /* four therapists who go through a thousand patients each */
    WEB_AUDIT_MAX = 256, /* rows that wait for another writer to end */
};
/* What was noted in the audit, and when: a look of somebody at a patient, a log-in that
 * failed from an address. */
struct web_look {
    uint64_t what; /* 0: nothing */
    int64_t at_s;
};
struct web_audit_row;

/* Which file it is; all zero: none. */
struct web_file {
    uint64_t device, inode;
};

struct web_stream;
struct web_connection;
struct web_server {
    struct sw_config config;
    struct sw_zone zone;
    struct sw_store *store; /* NULL while there is none: see web_reach_store() */
    struct sw_users *users;
    uint64_t users_epoch;
    /* The files that are open: others may take their place. */
    struct web_file store_file, users_file;
    struct sw_store_watch watch;
    bool has_watch;
    struct MHD_Daemon *daemon;
    bool is_tls, is_unix;
    char machine[WEB_PATH_BYTES_MAX]; /* its host name */
    int64_t now_s, now_ms;            /* read once a turn; ms: monotonic */
    struct web_connection *connections;
    size_t n_connections;
    struct web_stream *streams;
    size_t n_streams;
    bool has_woken;   /* streams have something to send */
    bool is_stopping; /* no stream begins or waits any more */
    bool is_used;     /* a page was drawn or a request ended since give_back() */
    int64_t quiet_ms; /* since when not, and memory is held; 0: it was given back */
    int64_t alive_ms; /* when the service manager heard of us; monotonic */
    int64_t draw_logged_ms;  /* when it was logged last that pages cannot be drawn */
    int64_t tries_logged_ms; /* and that log-ins are tried too often; 0: never */
    struct web_look looks[WEB_LOOKS];
    struct web_audit_row *audit; /* the oldest first */
    size_t n_audit, cap_audit;
    int64_t audit_next_ms;     /* when they may be written */
    int64_t audit_logged_ms;   /* when it was logged last that they cannot */
    struct sw_glances glances; /* of the patients in the store that is open */
    struct board_rows rows;    /* likewise */
};

/* The store, opened if it is not; it stays open until the turn's end at least. NULL, with
 * one line in why: there is none. */
struct sw_store *web_reach_store(struct web_server *server,
                                 char why[static SW_WHY_MAX]);
/* The users; NULL with why. */
struct sw_users *web_reach_users(struct web_server *server,
                                 char why[static SW_WHY_MAX]);

/* Tell the service manager that we are at work. A turn may have many requests to answer, so
 * each of them does, and WatchdogSec is for one page, not for all that came at once. */
void web_report_alive(struct web_server *server);

/* ---- places: what an address stands for, see routes.c ---- */

enum web_who {
    WEB_ANYONE,
    WEB_USER,      /* who is logged in; also a screen on the wall */
    WEB_THERAPIST, /* and admins */
};
enum web_screen {
    WEB_NO_SCREEN,
    WEB_NOW,
    WEB_PATIENT,
    WEB_DAY,
    WEB_PLAN,
    WEB_ALERTS,
    WEB_CLINIC,
    WEB_DEVICES,
    WEB_SYSTEM,
};
struct web_request;
struct web_route {
    const char *method;
    const char *pattern; /* "/patient/{id}/day/{day}" */
    enum web_who who;
    enum MHD_Result (*answer)(struct web_request *request);
    enum web_screen screen; /* that GET shows, and that /events keeps current */
    const char *command;    /* of the command line, for the API; its act for a POST */
    const char *help;       /* one line, for openapi.json */
    bool is_of_nobody;      /* its rows name no patient, and are for every therapist */
};
const struct web_route *web_route(size_t i); /* NULL after the last */

struct web_place {
    const struct web_route *route;
    struct web_path path;
    const char
        *args[WEB_SEGMENTS_MAX]; /* what stands for {…} in the pattern; in path */
    struct web_params query;
    char text[4 * WEB_PATH_BYTES_MAX]; /* path and query as sent */
};
/* Find the place of an address, "/patient/p017?days=7". 0; -EINVAL: it is none; -ENOENT:
 * there is nothing; -EACCES: but not by this method, and *ret_allowed says by which;
 * -ENOMEM. web_place_fini() follows in any case. */
int web_place_find(struct web_place *ret, const char *method, const char *address,
                   const char **ret_allowed);
void web_place_fini(struct web_place *place);
/* Write the address of a screen without what it does not understand: what differs only in
 * that is one page. False: it does not fit. */
bool web_place_address(const char *address, char *out, size_t size);

/* ---- a request ---- */

struct web_request {
    struct web_server *server;
    struct MHD_Connection *connection;
    char *uri; /* as sent */
    const char *method;
    bool is_begun;                   /* its header was seen, and its body may come */
    const char *allowed;             /* methods, where this one is not */
    int retry_s;                     /* Retry-After */
    char cookie[WEB_PATH_BYTES_MAX]; /* Set-Cookie; "": none */
    char etag[32];                   /* "": none */
    char file[SW_ID_MAX + 16]; /* the name to save the answer by; "": it is a page */
    bool closes;               /* the connection, after the answer */
    unsigned refused;     /* the status that it gets instead of its answer; 0: none */
    char why[SW_WHY_MAX]; /* words for that; "": its own */
    char *body;
    size_t n_body, cap_body;
    struct web_place place;
    struct web_params form;
    struct web_stream *stream;
    bool is_secure;             /* the browser speaks TLS, to us or in front of us */
    char address[WEB_HOST_MAX]; /* of the browser, as far as it is known */
    /* Who it is, if has_user. */
    bool has_user;
    bool is_by_token; /* of the API; else by the cookie */
    struct sw_user user;
    char secret[SW_SECRET_LEN + 1]; /* of the session, or the API's token */
    char token[SW_SECRET_LEN + 1];  /* of its forms; "": there is none */
};
enum web_cookie_kind {
    WEB_SESSION,
    WEB_VISIT, /* of who is about to log in: their form has a token too */
};
/* With TLS, "__Host-stepward": browsers take that from the host itself alone. */
const char *web_cookie_name(const struct web_request *request,
                            enum web_cookie_kind kind);
/* A header's value, or NULL. */
const char *web_header(const struct web_request *request, const char *name);
bool web_is_api(const struct web_request *request);
/* What the screens need to know of it, at a place; the store stays NULL. */
void web_view(struct web_request *request, struct web_place *place,
              struct board_view *ret);
/* Draw the place's screen: 0; -ENOENT, also where the user may no longer see it; or another
 * negative errno with request->why. */
int web_draw(struct web_request *request, struct web_place *place, struct mk *page);

/* ---- pages that several look at: viewer.c ---- */

/* All that a page depends on of who looks at it: of equal viewers the pages of one place
 * are equal, whoever they are. */
struct web_viewer {
    enum sw_role role;
    bool sees_team, hides_names;
    bool acts; /* its page has forms */
    /* Whose patients are one's own; of who has none and sees them all the same, nobody's. */
    char caseload[SW_ID_MAX + 1];
};
/* 0, or a negative errno of the store, which is open. */
int web_viewer_of(const struct web_request *request, struct web_viewer *ret);
bool web_viewer_is_same(const struct web_viewer *a, const struct web_viewer *b);
/* Draw as web_draw() does, but what is the same for all such viewers: no name of theirs is
 * in it, and the tokens of its forms are empty. Only its fragments are for browsers. */
int web_draw_shared(struct web_server *server, const struct web_viewer *viewer,
                    struct web_place *place, struct mk *page,
                    char why[static SW_WHY_MAX]);

/* ---- the audit ---- */

/* Note that the user looked at a patient; the same look within 15 minutes counts once. Acts
 * are noted by the commands that do them. */
void web_note_look(struct web_request *request, const char *patient);
/* Note that the user looked at n patients at once, by that command; the same listing within
 * 15 minutes counts once. */
void web_note_listing(struct web_request *request, const char *command, size_t n);
void web_note_log_in(struct web_request *request, enum sw_audit_act act,
                     const char *who);
/* Write what could not be written when it was noted. Milliseconds until it has to be
 * called again; -1: nothing waits. */
int web_audit_turn(struct web_server *server);
/* Write what still waits, for as long as a writer may take. */
void web_audit_end(struct web_server *server);
/* Whether it was not logged within the last minute. It is then. */
bool web_may_log(struct web_server *server, int64_t *logged_ms);

/* ---- connections, and what they may take: connections.c ---- */

void web_connection_changed(void *cls, struct MHD_Connection *connection,
                            void **socket_context,
                            enum MHD_ConnectionNotificationCode code);
enum web_waits {
    WEB_WAITS_HEADER,
    WEB_WAITS_IDLE,
    WEB_WAITS_BODY,
    WEB_WAITS_ANSWER,
    WEB_WAITS_NOTHING, /* a stream of events, which ends by itself */
};
/* The connection waits for something else now, and has its time for it. */
void web_connection_waits(const struct web_request *request, enum web_waits waits);
/* Whether more than WEB_CONNECTIONS_MAX are being answered. */
bool web_connection_is_over(const struct web_request *request);
int web_connection_fd(struct MHD_Connection *connection);
/* Whatever waits to be sent is not. */
void web_connection_end(const struct web_request *request);
/* End those that took longer than they may. */
void web_connections_check(struct web_server *server);

/* ---- streams of events: events.c ---- */

/* The database changed, or a minute began: show it to all. */
void web_streams_mark(struct web_server *server);
/* Draw what is marked, send heartbeats, end what is over. Milliseconds until it has to
 * be called again; -1: nothing waits. */
int web_streams_turn(struct web_server *server);
/* Have all of them end, and none begin; libmicrohttpd still has to run. */
void web_streams_end(struct web_server *server);
void web_stream_free(struct web_request *request);

/* ---- answers: each returns MHD_YES, or MHD_NO to end the connection ---- */

/* Frees bytes. */
enum MHD_Result web_reply(struct web_request *request, unsigned status,
                          const char *type, char *bytes, size_t n);
/* Takes what is in the page. */
enum MHD_Result web_reply_page(struct web_request *request, unsigned status,
                               struct mk *page);
/* A page with one sentence, or for the API {"error": …}; NULL: the status' own words. */
enum MHD_Result web_reply_error(struct web_request *request, unsigned status,
                                const char *words);
/* 303, with request->cookie, as pages have it. */
enum MHD_Result web_reply_see_other(struct web_request *request, const char *where);
/* Where a form wants to go back to, which is a path of ours: "/patient/p017". */
const char *web_way_back(const struct web_request *request);
/* The headers of all answers; for those that are not made by the functions above. */
void web_put_headers(const struct web_request *request, struct MHD_Response *response);
enum MHD_Result web_queue(struct web_request *request, unsigned status,
                          struct MHD_Response *response);

/* ---- the routes' answers ---- */

enum MHD_Result web_show(struct web_request *request);
/* The screen of a patient as a file, as `stepward report` makes it. */
enum MHD_Result web_report(struct web_request *request);
enum MHD_Result web_asset(struct web_request *request);
enum MHD_Result web_log_in(struct web_request *request);
enum MHD_Result web_log_out(struct web_request *request);
enum MHD_Result web_invite(struct web_request *request);
enum MHD_Result web_act(struct web_request *request);
/* The fields of an act's form, as members of openapi.json. */
void web_act_fields(FILE *out, const char *name);
enum MHD_Result web_api(struct web_request *request);
enum MHD_Result web_openapi(struct web_request *request);
enum MHD_Result web_events(struct web_request *request);

#endif
