/* api.c -- what programs ask for: the command line's listings as JSON, by the same
 * commands, so with the same numbers and the same names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/command.h"
#include "web/web.h"

#define ROW_PATIENT "\"patient\":\""

/* ---- rows of patients that the user does not see ---- */

/* Whether the user sees the patient of this row; a row of no patient says nothing of one.
 * The id is looked for as JSON writes it: inside of a text its quotes would be escaped. */
static bool may_see_row(const struct board_view *view, const char *row, size_t n)
{
    struct sw_patient patient;
    struct sw_plan plan;
    struct sw_patient_id id = {""};
    const char *at = memmem(row, n, ROW_PATIENT, strlen(ROW_PATIENT));
    if (!at)
        return true;
    at += strlen(ROW_PATIENT);
    const char *end = memchr(at, '"', (size_t)(row + n - at));
    if (!end)
        return false;
    if ((size_t)(end - at) >= sizeof id.str)
        return false;
    memcpy(id.str, at, (size_t)(end - at));
    return !*id.str || board_find_patient(view, id.str, &patient, &plan) == 0;
}

/* Copy a listing, a row a line, without the rows that are not for the user. NULL: no
 * memory. */
static char *filter_rows(const struct board_view *view, const char *listing, size_t n,
                         size_t *ret_n)
{
    char *kept = NULL;
    bool is_first = true;
    FILE *out = open_memstream(&kept, ret_n);
    if (!out)
        return NULL;
    fputc('[', out);
    for (const char *at = listing, *end = listing + n; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        size_t n_row = len > 0 && at[len - 1] == ',' ? len - 1 : len;
        if (n_row > 0 && *at == '{' && may_see_row(view, at, n_row)) {
            fputs(is_first ? "\n" : ",\n", out);
            fwrite(at, 1, n_row, out);
            is_first = false;
        }
        at += len + 1;
    }
    fputs("\n]\n", out);
    if (fclose(out) == 0)
        return kept;
    free(kept);
    return NULL;
}

/* ---- the command ---- */

/* Options of the command are given by query; how it is printed is not theirs to say.
 * False: the status was sent. */
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
static int check_history(const struct board_view *view, const char *alert_id)
{
    struct sw_alert alert;
    struct sw_patient patient;
    struct sw_plan plan;
    int64_t key;
    int r = sw_store_find_alert(view->store, alert_id, &key, &alert);
    if (r == 0)
        r = board_find_patient(view, alert.patient.str, &patient, &plan);
    return r == SW_STORE_NONE ? -ENOENT : r;
}

/* Which patients the request asks about may be none of the user's: 0 or -ENOENT. */
static int check_asked(struct web_request *request, const struct board_view *view)
{
    struct sw_patient patient;
    struct sw_plan plan;
    const char *named = request->place.args[0];
    const char *wanted = web_param(&request->place.query, "patient");
    const char *history = web_param(&request->place.query, "history");
    int r = named ? board_find_patient(view, named, &patient, &plan) : 0;
    if (r == 0 && wanted)
        r = board_find_patient(view, wanted, &patient, &plan);
    if (r == 0 && history)
        r = check_history(view, history);
    return r;
}

static enum MHD_Result reply_listing(struct web_request *request,
                                     const struct board_view *view,
                                     struct web_command *command)
{
    size_t n = command->n_out;
    char *bytes = command->out;
    bool is_listing = bytes && *bytes == '[';
    if (is_listing && view->role == BOARD_THERAPIST && !view->sees_team)
        bytes = filter_rows(view, command->out, command->n_out, &n);
    else
        command->out = NULL;
    return web_reply(request, MHD_HTTP_OK, "application/json", bytes, n);
}

static enum MHD_Result run_and_reply(struct web_request *request,
                                     const struct board_view *view,
                                     struct web_command *command)
{
    char unknown[SW_WHY_MAX];
    const char *name = take_query(command, &request->place.query);
    if (name) {
        snprintf(unknown, sizeof unknown, "unknown parameter %.60s", name);
        return web_reply_error(request, MHD_HTTP_BAD_REQUEST, unknown);
    }
    web_command_option(command, "format", "json");
    if (request->place.args[0])
        web_command_word(command, request->place.args[0]);
    int code = web_command_run(command, request, true);
    /* `status` fails where the gateway is not well, and says so in its row. */
    bool has_listing = command->out && *command->out;
    if (code == CLI_OK || (code == CLI_FAILED && has_listing))
        return reply_listing(request, view, command);
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
    if (request->place.args[0])
        web_note_look(request, request->place.args[0]);
    struct web_command command = {.name = request->place.route->command};
    enum MHD_Result result = run_and_reply(request, &view, &command);
    web_command_fini(&command);
    return result;
}
