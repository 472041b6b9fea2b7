/* routes.c -- what is served: one table, and how an address finds its row.
 * What a row answers is in the other files; openapi.json is made of this table too. */
#include <errno.h>
#include <string.h>

#include "web/web.h"

#define GET               "GET"
#define POST              "POST"
#define ROUTE(m, p, w, a) .method = m, .pattern = p, .who = w, .answer = a

static const struct web_route routes[] = {
    {ROUTE(GET, "/", WEB_USER, web_show), .screen = WEB_NOW},
    {ROUTE(GET, "/patient/{id}", WEB_THERAPIST, web_show), .screen = WEB_PATIENT},
    {ROUTE(GET, "/patient/{id}/day/{day}", WEB_THERAPIST, web_show), .screen = WEB_DAY},
    {ROUTE(GET, "/patient/{id}/plan", WEB_THERAPIST, web_show), .screen = WEB_PLAN},
    {ROUTE(GET, "/patient/{id}/report", WEB_THERAPIST, web_report)},
    {ROUTE(GET, "/alerts", WEB_THERAPIST, web_show), .screen = WEB_ALERTS},
    {ROUTE(GET, "/clinic", WEB_THERAPIST, web_show), .screen = WEB_CLINIC},
    {ROUTE(GET, "/devices", WEB_THERAPIST, web_show), .screen = WEB_DEVICES},
    {ROUTE(GET, "/system", WEB_THERAPIST, web_show), .screen = WEB_SYSTEM},
    {ROUTE(GET, "/board.css", WEB_ANYONE, web_asset)},
    {ROUTE(GET, "/board.mjs", WEB_ANYONE, web_asset)},
    {ROUTE(GET, "/favicon.ico", WEB_ANYONE, web_asset)},
    {ROUTE(GET, "/login", WEB_ANYONE, web_log_in)},
    {ROUTE(POST, "/login", WEB_ANYONE, web_log_in)},
    {ROUTE(POST, "/logout", WEB_USER, web_log_out)},
    {ROUTE(GET, "/invite/{secret}", WEB_ANYONE, web_invite)},
    {ROUTE(POST, "/invite/{secret}", WEB_ANYONE, web_invite)},
    {ROUTE(POST, "/act/{name}", WEB_THERAPIST, web_act)},
    {ROUTE(GET, "/events", WEB_USER, web_events)},

    {ROUTE(GET, "/api/v1/today", WEB_THERAPIST, web_api), .command = "today",
     .help = "Who needs attention now, most urgent first"},
    {ROUTE(GET, "/api/v1/summary", WEB_THERAPIST, web_api), .command = "summary",
     .help = "One row per patient and day, 20,000 at most"},
    {ROUTE(GET, "/api/v1/summary/{patient}", WEB_THERAPIST, web_api),
     .command = "summary", .help = "One row per day of a patient"},
    {ROUTE(GET, "/api/v1/minutes/{patient}", WEB_THERAPIST, web_api),
     .command = "minutes", .help = "Each minute of a patient's day"},
    {ROUTE(GET, "/api/v1/alerts", WEB_THERAPIST, web_api), .command = "alerts",
     .help = "The open alerts, newest first"},
    {ROUTE(GET, "/api/v1/patients", WEB_THERAPIST, web_api), .command = "patient list",
     .help = "All patients and the plans in force today"},
    {ROUTE(GET, "/api/v1/devices", WEB_THERAPIST, web_api), .command = "device list",
     .help = "Who wears which device"},
    {ROUTE(GET, "/api/v1/status", WEB_THERAPIST, web_api), .command = "status",
     .help = "The gateway's counters", .is_of_nobody = true},
    {ROUTE(POST, "/api/v1/ack", WEB_THERAPIST, web_act), .command = "ack",
     .help = "Acknowledge an alert"},
    {ROUTE(POST, "/api/v1/unack", WEB_THERAPIST, web_act), .command = "unack",
     .help = "Undo an acknowledgement"},
    {ROUTE(POST, "/api/v1/shelve", WEB_THERAPIST, web_act), .command = "shelve",
     .help = "Publish nothing of an alert for a while"},
    {ROUTE(POST, "/api/v1/unshelve", WEB_THERAPIST, web_act), .command = "unshelve",
     .help = "Publish a shelved alert again"},
    {ROUTE(POST, "/api/v1/outcome", WEB_THERAPIST, web_act), .command = "outcome",
     .help = "Note what came of an alert"},
    {ROUTE(POST, "/api/v1/contact", WEB_THERAPIST, web_act), .command = "contact",
     .help = "Note a contact with a patient"},
    {ROUTE(POST, "/api/v1/plan", WEB_THERAPIST, web_act), .command = "plan",
     .help = "Change a patient's plan from a day on"},
    {ROUTE(POST, "/api/v1/plan-accept", WEB_THERAPIST, web_act),
     .command = "plan-accept",
     .help = "Take the next goal that is suggested, from tomorrow on"},
    {ROUTE(GET, "/api/v1/events", WEB_USER, web_events),
     .help = "Server-sent events: what changed of a page"},
    {ROUTE(GET, "/api/v1/openapi.json", WEB_USER, web_openapi),
     .help = "This description"},
};

const struct web_route *web_route(size_t i)
{
    return i < sizeof routes / sizeof *routes ? &routes[i] : NULL;
}

/* Whether the path is of that shape; what stands for {…} goes to args. */
static bool route_fits(const struct web_route *route, struct web_place *place)
{
    size_t n_args = 0, i = 0;
    for (const char *at = route->pattern + 1; *at; i++) {
        size_t len = strcspn(at, "/");
        if (i == place->path.n)
            return false;
        const char *segment = place->path.segments[i];
        if (*at == '{')
            place->args[n_args++] = segment;
        else if (strlen(segment) != len || memcmp(segment, at, len) != 0)
            return false;
        at += len + (at[len] == '/');
    }
    return i == place->path.n;
}

int web_place_find(struct web_place *ret, const char *method, const char *address,
                   const char **ret_allowed)
{
    size_t n_path = strcspn(address, "?");
    const char *query = address + n_path + (address[n_path] == '?');
    *ret_allowed = NULL;
    memset(ret, 0, sizeof *ret);
    if (strlen(address) >= sizeof ret->text)
        return -EINVAL;
    strcpy(ret->text, address);
    int r = web_path_split(&ret->path, address, n_path);
    if (r == 0)
        r = web_params_decode(&ret->query, query, strlen(query));
    if (r < 0)
        return r == -ENOMEM ? r : -EINVAL;
    if (strcmp(method, "HEAD") == 0) /* libmicrohttpd leaves the body out */
        method = GET;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!route_fits(&routes[i], ret))
            continue;
        if (strcmp(routes[i].method, method) == 0) {
            ret->route = &routes[i];
            return 0;
        }
        *ret_allowed = *ret_allowed                         ? "GET, HEAD, POST"
                       : strcmp(routes[i].method, GET) == 0 ? "GET, HEAD"
                                                            : POST;
    }
    return *ret_allowed ? -EACCES : -ENOENT;
}

/* What the screens take from their addresses; of the plan, what is tried. */
static bool is_of_screens(const char *name)
{
    static const char *const names[] = {
        "days",        "show",  "sort",      "rest_limit", "silent_after",
        "goal",        "floor", "ceiling",   "wake",       "nudge_after",
        "break_steps", "fresh", "therapist",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Pairs are as they were sent: their values are the browser's, and are encoded. */
bool web_place_address(const char *address, char *out, size_t size)
{
    size_t n = strcspn(address, "?");
    char name[32], mark = '?';
    if (n >= size)
        return false;
    memcpy(out, address, n);
    for (const char *at = address + n; *at; at += strcspn(at, "&")) {
        at++; /* the mark before it */
        size_t len = strcspn(at, "&"), n_name = strcspn(at, "&=");
        if (n_name >= sizeof name)
            continue;
        memcpy(name, at, n_name);
        name[n_name] = '\0';
        if (!is_of_screens(name))
            continue;
        if (n + 1 + len >= size)
            return false;
        out[n++] = mark;
        memcpy(out + n, at, len);
        n += len;
        mark = '&';
    }
    out[n] = '\0';
    return true;
}

void web_place_fini(struct web_place *place)
{
    web_params_fini(&place->query);
}
