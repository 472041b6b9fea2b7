/* frame.c -- what all screens share: the frame of a page, forms, and who may see whom. */
#include <errno.h>
#include <string.h>

#include "board/board.h"
#include "chart/words.h"
#include "stepward/wire.h"

enum { PATH_MAX_BYTES = 2048 }; /* more than an address of ours has */

const char *board_query(const struct board_view *view, const char *name)
{
    return view->query ? view->query(view->ctx, name) : NULL;
}

bool board_sees_all(const struct board_view *view)
{
    return view->role == BOARD_ADMIN ||
           (view->role == BOARD_THERAPIST && view->sees_team);
}

bool board_may_see(const struct board_view *view, const struct sw_plan *plan)
{
    return board_sees_all(view) || (view->role == BOARD_THERAPIST &&
                                    strcmp(plan->therapist.str, view->user) == 0);
}

int board_find_patient(const struct board_view *view, const char *id,
                       struct sw_patient *ret, struct sw_plan *ret_plan)
{
    struct sw_patient_id patient;
    if (strlen(id) >= sizeof patient.str)
        return -ENOENT;
    strcpy(patient.str, id);
    int r = sw_store_find_patient(view->store, patient, ret);
    if (r == 0)
        r = sw_store_plan_on(view->store, ret->key, sw_day_of(view->zone, view->now_s),
                             ret_plan);
    if (r == SW_STORE_NONE || (r == 0 && !board_may_see(view, ret_plan)))
        return -ENOENT;
    return r;
}

static void tab_link(struct mk *m, const char *href, const char *word, bool is_current)
{
    mk_open(m, "a");
    mk_attr(m, "href", href);
    if (is_current)
        mk_attr(m, "aria-current", "page");
    mk_text(m, word);
    mk_close(m);
}

static void tabs(const struct board_view *view, struct mk *m, enum board_tab tab)
{
    static const struct {
        const char *href, *word;
    } all[] = {[BOARD_NOW] = {"/", W_NOW},
               [BOARD_ALERTS] = {"/alerts", W_ALERTS},
               [BOARD_CLINIC] = {"/clinic", W_CLINIC},
               [BOARD_DEVICES] = {"/devices", W_DEVICES},
               [BOARD_SYSTEM] = {"/system", W_SYSTEM}};
    mk_open(m, "nav");
    mk_attr(m, "aria-label", W_STEPWARD);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (view->role != BOARD_WALL || i == BOARD_NOW)
            tab_link(m, all[i].href, all[i].word, i == tab);
    mk_close(m);
}

/* Where board.mjs says what came or went; its words are here with all others. */
static void news(struct mk *m)
{
    mk_open(m, "p");
    mk_attr(m, "id", "news");
    mk_attr(m, "role", "status");
    mk_attr(m, "data-one", W_NEWS_ONE);
    mk_attr(m, "data-many", W_NEWS_MANY);
    mk_attr(m, "data-moved", W_NEWS_MOVED);
    mk_attr(m, "data-down", W_NEWS_DOWN);
    mk_flag(m, "hidden");
    mk_close(m);
}

void board_begin(const struct board_view *view, struct mk *m, const char *title,
                 enum board_tab tab)
{
    mk_doctype(m);
    mk_open(m, "html");
    mk_attr(m, "lang", "en");
    if (view->role == BOARD_WALL)
        mk_attr(m, "class", "wall");
    mk_open(m, "head");
    mk_open(m, "meta");
    mk_attr(m, "charset", "utf-8");
    mk_close(m);
    mk_open(m, "meta");
    mk_attr(m, "name", "viewport");
    mk_attr(m, "content", "width=device-width, initial-scale=1");
    mk_close(m);
    mk_open(m, "title");
    mk_textf(m, "%s – %s", title, view->config->site);
    mk_close(m);
    if (view->is_file) {
        mk_style(m, sw_board_css);
    } else {
        mk_open(m, "link");
        mk_attr(m, "rel", "stylesheet");
        mk_attr(m, "href", "/board.css");
        mk_close(m);
        mk_open(m, "script");
        mk_attr(m, "type", "module");
        mk_attr(m, "src", "/board.mjs");
        mk_close(m);
    }
    mk_close(m);
    mk_open(m, "body");
    if (!view->is_file) {
        mk_open(m, "a");
        mk_attr(m, "class", "skip");
        mk_attr(m, "href", "#main");
        mk_text(m, W_SKIP);
        mk_close(m);
    }
    if (!view->is_file && view->user) {
        mk_open(m, "header");
        mk_attr(m, "class", "bar");
        tabs(view, m, tab);
        mk_close(m);
    }
    mk_open(m, "main");
    mk_attr(m, "id", "main");
    if (!view->is_file && view->user)
        news(m);
    mk_element(m, "h1", title);
}

void board_end(const struct board_view *view, struct mk *m)
{
    mk_close(m); /* main */
    mk_open(m, "footer");
    mk_element(m, "p", W_DISCLAIMER);
    if (view->user && view->role != BOARD_WALL && view->token) {
        board_form(view, m, "/act/names");
        mk_element(m, "button", view->hides_names ? W_NAMES_SHOW : W_NAMES_HIDE);
        mk_close(m);
        board_form(view, m, "/logout");
        mk_open(m, "button");
        mk_textf(m, "%s (%s)", W_LOG_OUT, view->user);
        mk_close(m);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m); /* body */
    mk_close(m); /* html */
}

void board_hidden(struct mk *m, const char *name, const char *value)
{
    mk_open(m, "input");
    mk_attr(m, "type", "hidden");
    mk_attr(m, "name", name);
    mk_attr(m, "value", value);
    mk_close(m);
}

/* The page without what was done there last. */
static void own_path(const struct board_view *view, char out[static PATH_MAX_BYTES])
{
    snprintf(out, PATH_MAX_BYTES, "%s", view->path ? view->path : "/");
    char *at = strchr(out, '?');
    while (at && *at) {
        size_t n = 1 + strcspn(at + 1, "&"); /* with what is before it */
        if (strncmp(at + 1, "did=", 4) != 0) {
            at += n;
        } else if (at[n] == '\0') {
            *at = '\0';
        } else {
            memmove(at + 1, at + n + 1, strlen(at + n + 1) + 1);
        }
    }
}

static void open_form(const struct board_view *view, struct mk *m, const char *action,
                      const char *back)
{
    mk_open(m, "form");
    mk_attr(m, "method", "post");
    mk_attr(m, "action", action);
    board_hidden(m, "token", view->token ? view->token : "");
    board_hidden(m, "back", back);
}

void board_form(const struct board_view *view, struct mk *m, const char *action)
{
    char path[PATH_MAX_BYTES];
    own_path(view, path);
    open_form(view, m, action, path);
}

void board_alert_form(const struct board_view *view, struct mk *m, const char *action,
                      const char *alert)
{
    char path[PATH_MAX_BYTES], back[PATH_MAX_BYTES + 8 + SW_ALERT_ID_MAX];
    own_path(view, path);
    snprintf(back, sizeof back, "%s%cdid=%s", path, strchr(path, '?') ? '&' : '?',
             alert);
    open_form(view, m, action, back);
}
