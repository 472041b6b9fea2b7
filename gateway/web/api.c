/* api.c -- what programs ask for: the command line's listings as JSON, by the same
 * commands, so with the same numbers and the same names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "web/command.h"
#include "web/web.h"

#define ROW_PATIENT "\"patient\":\""

/* ---- the patients of a listing ---- */

/* A patient whom rows are about. */
struct subject {
    struct sw_patient_id id;
    bool is_seen; /* the user may see them */
};

struct listing {
    const struct board_view *view;
    bool sees_rows_of_nobody;
    struct subject *subjects;
    size_t n, cap;
};

static int find_subject(struct listing *listing, const struct sw_patient_id *id,
                        const struct subject **ret)
{
    struct sw_patient patient;
    struct sw_plan plan;
    for (size_t i = listing->n; i-- > 0;) /* rows of a patient stand together */
        if (strcmp(listing->subjects[i].id.str, id->str) == 0) {
            *ret = &listing->subjects[i];
            return 0;
        }
    int r = board_find_patient(listing->view, id->str, &patient, &plan);
    if (r < 0 && r != -ENOENT)
        return r;
    /* Alerts outlive the patient who was erased: they are for those who see everybody. */
    bool is_seen = r == 0 || board_sees_all(listing->view);
    r = GROW(listing->subjects, listing->n, listing->cap);
    if (r < 0)
        return r;
    listing->subjects[listing->n] = (struct subject){*id, is_seen};
    *ret = &listing->subjects[listing->n++];
    return 0;
}

/* Whether the user may see the row: 1, 0, or a negative errno. The id is looked for as JSON
 * writes it: inside of a text its quotes would be escaped. */
static int may_see_row(struct listing *listing, const char *row, size_t n)
{
    struct sw_patient_id id = {""};
    const struct subject *subject;
    const char *at = memmem(row, n, ROW_PATIENT, strlen(ROW_PATIENT));
    if (at)
        at += strlen(ROW_PATIENT);
    if (!at || (at < row + n && *at == '"'))
        return listing->sees_rows_of_nobody;
    const char *end = memchr(at, '"', (size_t)(row + n - at));
    if (!end || (size_t)(end - at) >= sizeof id.str)
        return 0;
    memcpy(id.str, at, (size_t)(end - at));
    int r = find_subject(listing, &id, &subject);
    return r < 0 ? r : subject->is_seen;
}

/* Copy the rows, one a line, that are for the user. NULL: no memory, or the store failed. */
static char *filter_rows(struct listing *listing, const char *rows, size_t n,
                         size_t *ret_n)
{
    char *kept = NULL;
    bool is_first = true;
    int may_see = 0;
    FILE *out = open_memstream(&kept, ret_n);
    if (!out)
        return NULL;
    fputc('[', out);
    for (const char *at = rows, *end = rows + n; at < end && may_see >= 0;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        size_t n_row = len > 0 && at[len - 1] == ',' ? len - 1 : len;
        may_see = n_row > 0 && *at == '{' ? may_see_row(listing, at, n_row) : 0;
        if (may_see > 0) {
            fputs(is_first ? "\n" : ",\n", out);
            fwrite(at, 1, n_row, out);
            is_first = false;
        }
        at += len + 1;
    }
    fputs("\n]\n", out);
    if (fclose(out) == 0 && may_see >= 0)
        return kept;
    free(kept);
    return NULL;
}

static size_t count_seen(const struct listing *listing)
{
    size_t n = 0;
    for (size_t i = 0; i < listing->n; i++)
        n += listing->subjects[i].is_seen;
    return n;
}

/* ---- what is asked, and of whom ---- */

static const char *asked(const struct web_request *request, const char *name)
{
    return web_param(&request->place.query, name);
}

/* Counts of alerts have no patient: a therapist gets their own. */
static bool is_of_therapist(const struct web_request *request,
                            const struct board_view *view)
{
    return !board_sees_all(view) && asked(request, "stats");
}

/* Options of the command are given by query; how it is printed is not theirs to say.
 * NULL, or the name of a parameter that the command does not have. */
static const char *take_query(struct web_command *command,
                              const struct web_params *query)
{
    bool is_flag;
    for (size_t i = 0; i < query->n; i++) {
        const char *name = query->items[i].name, *value = query->items[i].value;
        if (strcmp(name, "format") == 0 || strcmp(name, "wide") == 0 ||
            !web_command_has(command, name, &is_flag))
            return name;
        web_command_option(command, name, is_flag ? NULL : value);
    }
    return NULL;
}

/* An alert's history has rows without a patient: whose it is, is asked first. */
static int check_history(struct web_request *request, const struct board_view *view,
                         const char *alert_id)
{
    struct sw_alert alert;
    struct sw_patient patient;
    struct sw_plan plan;
    int64_t key;
    int r = sw_store_find_alert(view->store, alert_id, &key, &alert);
    if (r == 0)
        r = board_find_patient(view, alert.patient.str, &patient, &plan);
    if (r == 0)
        web_note_look(request, patient.id.str);
    return r == SW_STORE_NONE ? -ENOENT : r;
}

static int check_patient(struct web_request *request, const struct board_view *view,
                         const char *id)
{
    struct sw_patient patient;
    struct sw_plan plan;
    int r = board_find_patient(view, id, &patient, &plan);
    if (r == 0)
        web_note_look(request, id);
    return r;
}

/* Which patients the request asks about may be none of the user's: 0, -ENOENT, or another
 * negative errno. What it may look at is noted. */
static int check_asked(struct web_request *request, const struct board_view *view)
{
    const char *named = request->place.args[0];
    const char *wanted = asked(request, "patient");
    const char *history = asked(request, "history");
    int r = named ? check_patient(request, view, named) : 0;
    if (r == 0 && wanted)
        r = check_patient(request, view, wanted);
    if (r == 0 && history)
        r = check_history(request, view, history);
    return r;
}

/* A therapist whom the user may not ask for, and one who is none: the same words, which
 * name nobody else. False: why. */
static bool check_therapist(const struct web_request *request,
                            const struct board_view *view, char why[static SW_WHY_MAX])
{
    const char *therapist = asked(request, "therapist");
    bool is_own = therapist && strcmp(therapist, view->user) == 0;
    if (!therapist || (is_own && !board_sees_all(view)))
        return true;
    bool is_there = board_sees_all(view) &&
                    sw_store_find_therapist(view->store, therapist) != SW_STORE_NONE;
    if (!is_there)
        snprintf(why, SW_WHY_MAX, "therapist: there is no %.60s that %.60s may see",
                 therapist, view->user);
    return is_there;
}

/* ---- the answer ---- */

static enum MHD_Result reply_listing(struct web_request *request,
                                     const struct board_view *view,
                                     struct web_command *command)
{
    const struct web_place *place = &request->place;
    bool is_of_one = place->args[0] || asked(request, "history");
    bool is_of_nobody = place->route->is_of_nobody || asked(request, "stats");
    struct listing listing = {
        .view = view, .sees_rows_of_nobody = board_sees_all(view) || is_of_nobody};
    size_t n = command->n_out;
    char *bytes = command->out;
    command->out = NULL;
    if (bytes && *bytes == '[' && !is_of_one) {
        char *kept = filter_rows(&listing, bytes, command->n_out, &n);
        free(bytes);
        bytes = kept;
    }
    if (bytes && !is_of_one && !is_of_nobody && !asked(request, "patient"))
        web_note_listing(request, place->route->command, count_seen(&listing));
    free(listing.subjects);
    return bytes ? web_reply(request, MHD_HTTP_OK, "application/json", bytes, n)
                 : web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
}

/* A therapist of whom no plan and no alert says anything has nothing to list. */
static bool has_nothing(const struct web_request *request,
                        const struct board_view *view)
{
    bool is_of_own = asked(request, "therapist") || is_of_therapist(request, view);
    return is_of_own && !board_sees_all(view) &&
           sw_store_find_therapist(view->store, view->user) == SW_STORE_NONE;
}

static enum MHD_Result run_and_reply(struct web_request *request,
                                     const struct board_view *view,
                                     struct web_command *command)
{
    char why[SW_WHY_MAX];
    const char *name = take_query(command, &request->place.query);
    if (name) {
        snprintf(why, sizeof why, "unknown parameter %.60s", name);
        return web_reply_error(request, MHD_HTTP_BAD_REQUEST, why);
    }
    if (!check_therapist(request, view, why))
        return web_reply_error(request, MHD_HTTP_BAD_REQUEST, why);
    if (has_nothing(request, view))
        return web_reply(request, MHD_HTTP_OK, "application/json", strdup("[\n]\n"), 4);
    if (is_of_therapist(request, view) && !asked(request, "therapist"))
        web_command_option(command, "therapist", view->user);
    web_command_option(command, "format", "json");
    if (request->place.args[0])
        web_command_word(command, request->place.args[0]);
    int code = web_command_run(command, request, true);
    /* `status` fails where the gateway is not well, and says so in its row. */
    bool has_listing = command->out && *command->out && !command->is_too_long;
    if (code == CLI_OK || (code == CLI_FAILED && has_listing))
        return reply_listing(request, view, command);
    if (command->is_too_long)
        return web_reply_error(request, MHD_HTTP_BAD_REQUEST,
                               "that is too much at once: ask for fewer days, or for "
                               "one patient");
    return web_reply_error(request,
                           code == CLI_USAGE ? MHD_HTTP_BAD_REQUEST
                                             : MHD_HTTP_INTERNAL_SERVER_ERROR,
                           command->err && *command->err ? command->err : NULL);
}

enum MHD_Result web_api(struct web_request *request)
{
    struct board_view view;
    char why[SW_WHY_MAX];
    web_view(request, &request->place, &view);
    view.store = web_reach_store(request->server, why);
    if (!view.store)
        return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, why);
    int r = check_asked(request, &view);
    if (r < 0)
        return web_reply_error(
            request, r == -ENOENT ? MHD_HTTP_NOT_FOUND : MHD_HTTP_SERVICE_UNAVAILABLE,
            NULL);
    struct web_command command = {.name = request->place.route->command};
    enum MHD_Result result = run_and_reply(request, &view, &command);
    web_command_fini(&command);
    return result;
}
