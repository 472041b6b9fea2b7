/* login.c -- logging in and out, and invitations. Passwords, and who tries too often, are
 * the users' business. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "chart/words.h"
#include "web/web.h"

enum { VISIT_BYTES = SW_SECRET_LEN / 2 };

/* ---- cookies ---- */

const char *web_cookie_name(const struct web_request *request,
                            enum web_cookie_kind kind)
{
    static const char *const names[2][2] = {
        [WEB_SESSION] = {"stepward", "__Host-stepward"},
        [WEB_VISIT] = {"stepward-visit", "__Host-stepward-visit"},
    };
    return names[kind][request->is_secure];
}

/* The next answer sets it; secret "": the browser forgets it. */
static void set_cookie(struct web_request *request, enum web_cookie_kind kind,
                       const char *secret)
{
    snprintf(request->cookie, sizeof request->cookie,
             "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             web_cookie_name(request, kind), secret,
             request->is_secure ? "; Secure" : "", *secret ? "" : "; Max-Age=0");
}

/* A page for somebody who is not logged in: its form has the token of a cookie that
 * another site can neither read nor set. */
static bool begin_visit(struct web_request *request)
{
    unsigned char random[VISIT_BYTES];
    char secret[SW_SECRET_LEN + 1];
    const char *cookies = web_header(request, MHD_HTTP_HEADER_COOKIE);
    if (!web_cookie(cookies, web_cookie_name(request, WEB_VISIT), secret,
                    sizeof secret) ||
        strlen(secret) != SW_SECRET_LEN) {
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
            return false;
        for (size_t i = 0; i < sizeof random; i++)
            snprintf(secret + 2 * i, 3, "%02x", random[i]);
        set_cookie(request, WEB_VISIT, secret);
    }
    sw_csrf_token(secret, request->token);
    return true;
}

/* ---- pages ---- */

const char *web_way_back(const struct web_request *request)
{
    const char *back = web_param(&request->form, "back");
    if (!back)
        back = web_param(&request->place.query, "back");
    bool is_ours = back && back[0] == '/' && back[1] != '/' && back[1] != '\\' &&
                   !strpbrk(back, "\r\n\t\\") && strncmp(back, "/log", 4) != 0;
    return is_ours ? back : "/";
}

static void field(struct mk *m, const char *label, const char *name, const char *type,
                  const char *complete)
{
    mk_open(m, "label");
    mk_text(m, label);
    mk_open(m, "input");
    mk_attr(m, "name", name);
    mk_attr(m, "type", type);
    mk_attr(m, "autocomplete", complete);
    mk_attr(m, "maxlength", "1024");
    mk_flag(m, "required");
    mk_close(m);
    mk_close(m);
}

/* The form of a page of one form, up to its fields. */
static void begin_form(struct web_request *request, struct board_view *view,
                       struct mk *page, const char *title, const char *words,
                       const char *action)
{
    web_view(request, &request->place, view);
    view->user = NULL;
    view->token = request->token;
    view->path = web_way_back(request);
    board_begin(view, page, title, BOARD_NO_TAB);
    if (words) {
        mk_open(page, "p");
        mk_attr(page, "role", "status");
        mk_text(page, words);
        mk_close(page);
    }
    mk_open(page, "div");
    mk_attr(page, "class", "login card");
    board_form(view, page, action);
}

static enum MHD_Result end_form(struct web_request *request, struct board_view *view,
                                struct mk *page, const char *button, unsigned status)
{
    mk_element(page, "button", button);
    mk_close(page);
    mk_close(page);
    board_end(view, page);
    return web_reply_page(request, status, page);
}

static enum MHD_Result show_log_in(struct web_request *request, unsigned status,
                                   const char *words)
{
    struct mk page = {0};
    struct board_view view;
    if (!begin_visit(request))
        return web_reply_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, NULL);
    begin_form(request, &view, &page, W_LOG_IN, words, "/login");
    field(&page, W_USER, "user", "text", "username");
    field(&page, W_PASSWORD, "password", "password", "current-password");
    return end_form(request, &view, &page, W_LOG_IN, status);
}

/* ---- answers ---- */

/* The browser has a session from now on, and goes where it wanted to. */
static enum MHD_Result enter(struct web_request *request,
                             const struct sw_secret *secret)
{
    set_cookie(request, WEB_SESSION, secret->str);
    return web_reply_see_other(request, web_way_back(request));
}

static enum MHD_Result fail(struct web_request *request, int r)
{
    sw_log(SW_LOG_ERROR, "%s", sw_users_why(request->server->users, r));
    return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
}

enum MHD_Result web_log_in(struct web_request *request)
{
    const char *user = web_param(&request->form, "user"),
               *password = web_param(&request->form, "password");
    struct sw_login login = {.id = user ? user : "",
                             .password = password ? password : "",
                             .address = request->address,
                             .now_s = request->server->now_s};
    struct sw_secret secret;
    int64_t wait_s = 0;
    char words[sizeof W_LOG_IN_WAIT + 24];
    if (strcmp(request->place.route->method, "GET") == 0 && request->has_user)
        return web_reply_see_other(request, web_way_back(request));
    if (strcmp(request->place.route->method, "GET") == 0)
        return show_log_in(request, MHD_HTTP_OK,
                           sw_users_count(request->server->users) == 0 ? W_NO_USERS
                                                                       : NULL);
    int r = sw_users_log_in(request->server->users, &login, &secret, &wait_s);
    if (r < 0)
        return fail(request, r);
    if (r != SW_LOGIN_WAIT)
        web_note_log_in(request, r == 0 ? SW_AUDIT_LOGGED_IN : SW_AUDIT_LOGIN_FAILED,
                        login.id);
    if (r == 0)
        return enter(request, &secret);
    if (r == SW_LOGIN_WRONG)
        return show_log_in(request, MHD_HTTP_FORBIDDEN, W_LOG_IN_WRONG);
    if (web_may_log(request->server, &request->server->tries_logged_ms))
        sw_log(SW_LOG_WARNING, "log-ins are tried too often from %.64s",
               *login.address ? login.address : "this machine");
    request->retry_s = (int)(wait_s < 3600 ? wait_s : 3600);
    snprintf(words, sizeof words, W_LOG_IN_WAIT, (long long)wait_s);
    return show_log_in(request, MHD_HTTP_TOO_MANY_REQUESTS, words);
}

enum MHD_Result web_log_out(struct web_request *request)
{
    int r = sw_users_end_session(request->server->users, request->secret);
    if (r < 0)
        return fail(request, r);
    web_note_log_in(request, SW_AUDIT_LOGGED_OUT, request->user.id);
    set_cookie(request, WEB_SESSION, "");
    return web_reply_see_other(request, "/login");
}

static enum MHD_Result show_invite(struct web_request *request, const char *user,
                                   unsigned status, const char *words)
{
    struct mk page = {0};
    struct board_view view;
    char title[sizeof W_INVITED + SW_ID_MAX];
    if (!begin_visit(request))
        return web_reply_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, NULL);
    snprintf(title, sizeof title, W_INVITED, user);
    begin_form(request, &view, &page, title, words, request->place.text);
    field(&page, W_PASSWORD_NEW, "password", "password", "new-password");
    field(&page, W_PASSWORD_AGAIN, "again", "password", "new-password");
    return end_form(request, &view, &page, W_PASSWORD_SET, status);
}

enum MHD_Result web_invite(struct web_request *request)
{
    struct sw_users *users = request->server->users;
    int64_t now_s = request->server->now_s;
    const char *link = request->place.args[0];
    const char *password = web_param(&request->form, "password"),
               *again = web_param(&request->form, "again");
    struct sw_user user;
    struct sw_secret secret;
    int r = sw_users_find_invite(users, link, now_s, &user);
    if (r < 0)
        return fail(request, r);
    if (r == SW_STORE_NONE)
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, W_INVITE_OVER);
    if (strcmp(request->place.route->method, "GET") == 0)
        return show_invite(request, user.id, MHD_HTTP_OK, W_INVITED_WORDS);
    const char *unfit = sw_password_unfit(password ? password : "");
    if (!unfit && (!again || strcmp(password, again) != 0))
        unfit = W_PASSWORDS_DIFFER;
    if (unfit)
        return show_invite(request, user.id, MHD_HTTP_UNPROCESSABLE_CONTENT, unfit);
    r = sw_users_take_invite(users, link, password, now_s, &user);
    if (r == 0)
        r = sw_users_new_session(users, user.id, now_s, &secret);
    if (r < 0)
        return fail(request, r);
    if (r == SW_STORE_NONE)
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, W_INVITE_OVER);
    web_note_log_in(request, SW_AUDIT_LOGGED_IN, user.id);
    return enter(request, &secret);
}
