/* pages.c -- what a browser asks for by GET: the screens, and the files they need. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/gateway_state.h"
#include "util/fingerprint.h"
#include "web/web.h"

/* ---- screens ---- */

static const char *query_value(void *ctx, const char *name)
{
    return web_param(ctx, name);
}

static enum board_role role_of(enum sw_role role)
{
    return role == SW_ROLE_ADMIN  ? BOARD_ADMIN
           : role == SW_ROLE_WALL ? BOARD_WALL
                                  : BOARD_THERAPIST;
}

/* Of the place and the moment; who looks is still to be said. */
static struct board_view view_of(struct web_server *server, struct web_place *place)
{
    return (struct board_view){
        .config = &server->config,
        .zone = &server->zone,
        .now_s = server->now_s,
        .glances = &server->glances,
        .rows = &server->rows,
        .path = place->text,
        .query = query_value,
        .ctx = &place->query,
    };
}

void web_view(struct web_request *request, struct web_place *place,
              struct board_view *ret)
{
    *ret = view_of(request->server, place);
    ret->user = request->has_user ? request->user.id : NULL;
    ret->role = role_of(request->user.role);
    ret->sees_team = request->user.sees_team;
    ret->hides_names = request->user.hides_names;
    ret->token = *request->token ? request->token : NULL;
}

/* Since when what is stored is out of date: a gateway that stands still looks like a
 * quiet day. */
static int find_stale(const struct web_server *server, struct board_view *view)
{
    struct sw_gateway_state gateway = {.config = &server->config,
                                       .now_s = server->now_s};
    char why[SW_GATEWAY_WHY_MAX];
    int r = sw_gateway_inspect(&gateway);
    if (r == 0)
        r = sw_gateway_read(&gateway, view->store);
    if (r == 0)
        r = sw_gateway_stale_since(&gateway, view->store, view->now_s,
                                   &view->stale_since_s, why);
    return r;
}

static int draw_screen(const struct board_view *view, const struct web_place *place,
                       struct mk *page)
{
    const char *id = place->args[0];
    switch (place->route->screen) {
    case WEB_NOW:
        return board_now(view, page);
    case WEB_PATIENT:
        return board_patient(view, id, page);
    case WEB_DAY:
        return board_day(view, id, place->args[1], page);
    case WEB_PLAN:
        return board_plan(view, id, page);
    case WEB_ALERTS:
        return board_alerts(view, page);
    case WEB_CLINIC:
        return board_clinic(view, page);
    case WEB_DEVICES:
        return board_devices(view, page);
    case WEB_SYSTEM:
        return board_system(view, page);
    case WEB_NO_SCREEN:
        break;
    }
    return -ENOENT;
}

static int draw(struct web_server *server, struct board_view *view,
                const struct web_place *place, struct mk *page,
                char why[static SW_WHY_MAX])
{
    int r = 0;
    if (place->route->who == WEB_THERAPIST && view->role == BOARD_WALL)
        return -ENOENT; /* a page that is open longer than the right to it lasts */
    view->store = web_reach_store(server, why);
    if (!view->store)
        return -EIO;
    server->is_used = true;
    if (place->args[0]) /* the other screens look themselves */
        r = find_stale(server, view);
    if (r == 0)
        r = draw_screen(view, place, page);
    if (r < 0)
        snprintf(why, SW_WHY_MAX, "%s", sw_store_why(view->store, r));
    return r;
}

int web_draw(struct web_request *request, struct web_place *place, struct mk *page)
{
    struct board_view view;
    web_view(request, place, &view);
    return draw(request->server, &view, place, page, request->why);
}

int web_draw_shared(struct web_server *server, const struct web_viewer *viewer,
                    struct web_place *place, struct mk *page,
                    char why[static SW_WHY_MAX])
{
    struct board_view view = view_of(server, place);
    view.user = viewer->caseload;
    view.role = role_of(viewer->role);
    view.sees_team = viewer->sees_team;
    view.hides_names = viewer->hides_names;
    view.token = viewer->acts ? "" : NULL;
    return draw(server, &view, place, page, why);
}

static enum MHD_Result reply_failure(struct web_request *request, int r)
{
    if (r == -ENOENT)
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    if (!request->server->store)
        return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, request->why);
    sw_log(SW_LOG_ERROR, "%s: %s", request->uri, request->why);
    return web_reply_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, NULL);
}

/* Who reads is here. */
static void touch_session(const struct web_request *request)
{
    const struct web_server *server = request->server;
    if (!request->is_by_token && *request->secret)
        sw_users_touch_session(server->users, request->secret, server->now_s);
}

enum MHD_Result web_show(struct web_request *request)
{
    struct mk page = {0};
    touch_session(request);
    int r = web_draw(request, &request->place, &page);
    if (r == 0 && request->place.args[0])
        web_note_look(request, request->place.args[0]);
    if (r == 0)
        return web_reply_page(request, MHD_HTTP_OK, &page);
    mk_fini(&page);
    return reply_failure(request, r);
}

/* ---- a patient as a file ---- */

static int draw_report(struct web_request *request, struct mk *page)
{
    struct board_view view;
    web_view(request, &request->place, &view);
    view.store = web_reach_store(request->server, request->why);
    if (!view.store)
        return -EIO;
    view.is_file = true;
    view.token = NULL;
    int r = find_stale(request->server, &view);
    if (r == 0)
        r = board_patient(&view, request->place.args[0], page);
    if (r < 0)
        snprintf(request->why, sizeof request->why, "%s", sw_store_why(view.store, r));
    return r;
}

enum MHD_Result web_report(struct web_request *request)
{
    struct mk page = {0};
    const char *patient = request->place.args[0];
    touch_session(request);
    int r = draw_report(request, &page);
    if (r < 0) {
        mk_fini(&page);
        return reply_failure(request, r);
    }
    web_note_look(request, patient);
    snprintf(request->file, sizeof request->file, "%s.html", patient);
    return web_reply_page(request, MHD_HTTP_OK, &page);
}

/* ---- the files they need ---- */

/* Steps, which browsers ask for by this name. */
static const char icon[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\">"
    "<path fill=\"none\" stroke=\"#0b5a73\" stroke-width=\"2\" "
    "d=\"M1 13h4V9h4V5h4V2\"/></svg>\n";

enum MHD_Result web_asset(struct web_request *request)
{
    const struct {
        const char *name, *type, *text;
    } assets[] = {{"board.css", "text/css; charset=utf-8", sw_board_css},
                  {"board.mjs", "text/javascript; charset=utf-8", sw_board_mjs},
                  {"favicon.ico", "image/svg+xml", icon}};
    size_t i = 0;
    while (i + 1 < sizeof assets / sizeof *assets &&
           strcmp(assets[i].name, request->place.path.segments[0]) != 0)
        i++;
    const char *text = assets[i].text;
    size_t n = strlen(text);
    const char *known = web_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH);
    snprintf(request->etag, sizeof request->etag, "W/\"%016llx\"",
             (unsigned long long)sw_fingerprint("", 0, text, n));
    bool is_known = known && strstr(known, request->etag);
    return web_reply(request, is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
                     assets[i].type, strdup(is_known ? "" : text), is_known ? 0 : n);
}
