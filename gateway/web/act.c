/* act.c -- what a therapist does by a form: a table of acts, each a command of the command
 * line. Which fields there are is the command's table of options; what is refused, and
 * why, the command says. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/command.h"
#include "web/json.h"
#include "web/web.h"

/* What a word of the command is, and so whose patient the act is about. Of a device the
 * command finds that out: it may have been worn by several. A patient of an alert is the
 * command's word, and the alert its option. */
enum about { NOTHING, ALERT, PATIENT, PATIENT_OF_ALERT };

static const struct act {
    const char *name, *command;
    /* The fields that become words, in order. */
    struct {
        const char *field;
        enum about about;
    } words[2];
    bool is_for_admins;
} acts[] = {
    {"ack", "ack", {{"alert", ALERT}}, false},
    {"unack", "unack", {{"alert", ALERT}}, false},
    {"shelve", "shelve", {{"alert", ALERT}}, false},
    {"unshelve", "unshelve", {{"alert", ALERT}}, false},
    {"outcome", "contact", {{"alert", PATIENT_OF_ALERT}}, false},
    {"contact", "contact", {{"patient", PATIENT}}, false},
    {"plan", "patient set", {{"patient", PATIENT}}, false},
    {"plan-accept", "plan accept", {{"patient", PATIENT}}, false},
    {"device-assign",
     "device assign",
     {{"device", NOTHING}, {"patient", PATIENT}},
     false},
    {"device-release", "device release", {{"device", NOTHING}}, false},
    {"patient-add", "patient add", {{"patient", NOTHING}}, true},
};

static const struct act *find_act(const char *name)
{
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, name) == 0 && cli_command_named(acts[i].command))
            return &acts[i];
    return NULL;
}

/* ---- whose patient it is about ---- */

/* The patient that the word is about, "": nobody yet. 0, -ENOENT, or another errno. Who
 * wears or wore a device, the command finds out. */
static int find_subject(struct web_server *server, enum about about, const char *word,
                        struct sw_patient_id *ret)
{
    struct sw_alert alert;
    int64_t key;
    if (about == PATIENT) {
        if (strlen(word) >= sizeof ret->str)
            return -ENOENT;
        strcpy(ret->str, word);
    }
    bool is_alert = about == ALERT || about == PATIENT_OF_ALERT;
    int r = is_alert ? sw_store_find_alert(server->store, word, &key, &alert) : 0;
    if (r == SW_STORE_NONE)
        return -ENOENT;
    if (r == 0 && is_alert)
        *ret = alert.patient;
    return r;
}

/* Whether the user may act on whom the word is about: 0, -ENOENT, or another errno. */
static int check_subject(struct web_request *request, enum about about,
                         const char *word, struct sw_patient_id *ret)
{
    struct board_view view;
    struct sw_patient patient;
    struct sw_plan plan;
    *ret = (struct sw_patient_id){""};
    web_view(request, &request->place, &view);
    view.store = request->server->store;
    int r = find_subject(request->server, about, word, ret);
    if (r == 0 && *ret->str)
        r = board_find_patient(&view, ret->str, &patient, &plan);
    return r;
}

/* ---- the command ---- */

/* The first word may also be called id. */
static const char *word_of(const struct act *act, size_t i,
                           const struct web_params *form)
{
    const char *word = web_param(form, act->words[i].field);
    return word || i > 0 ? word : web_param(form, "id");
}

static bool is_word(const struct act *act, const char *field)
{
    for (size_t i = 0; i < 2 && act->words[i].field; i++)
        if (strcmp(act->words[i].field, field) == 0)
            return true;
    return strcmp(field, "id") == 0;
}

/* Who acts is who is logged in, and what is printed is for nobody. */
static bool is_of_act(const char *option)
{
    static const char *const others[] = {"by", "format", "wide", "list", "days"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i], option) == 0)
            return false;
    return true;
}

/* Turn the form's fields into options; a field that is empty was not filled in. NULL, or
 * the name of a field that the command does not have. */
static const char *take_fields(struct web_command *command, const struct act *act,
                               const struct web_params *form)
{
    bool is_flag;
    char minutes[20];
    for (size_t i = 0; i < form->n; i++) {
        const char *name = form->items[i].name, *value = form->items[i].value;
        if (strcmp(name, "token") == 0 || strcmp(name, "back") == 0 ||
            is_word(act, name))
            continue;
        if (strcmp(name, "minutes") == 0 && web_command_has(command, "for", &is_flag)) {
            snprintf(minutes, sizeof minutes, "%.16sm", value);
            web_command_option(command, "for", minutes);
            continue;
        }
        if (!is_of_act(name) || !web_command_has(command, name, &is_flag))
            return name;
        if (*value)
            web_command_option(command, name, is_flag ? NULL : value);
    }
    return NULL;
}

static enum MHD_Result done(struct web_request *request, struct web_command *command)
{
    char *bytes = NULL;
    size_t n = 0;
    if (!web_is_api(request))
        return web_reply_see_other(request, web_way_back(request));
    FILE *out = open_memstream(&bytes, &n);
    if (!out)
        return MHD_NO;
    fputs("{\"done\":", out);
    web_json_bytes(out, command->out, strcspn(command->out, "\n"));
    fputs("}\n", out);
    return fclose(out) == 0
               ? web_reply(request, MHD_HTTP_OK, "application/json", bytes, n)
               : MHD_NO;
}

static enum MHD_Result act_and_answer(struct web_request *request,
                                      const struct act *act,
                                      struct web_command *command)
{
    char unknown[SW_WHY_MAX];
    for (size_t i = 0; i < 2 && act->words[i].field; i++) {
        const char *word = word_of(act, i, &request->form);
        if (!word || !*word) {
            snprintf(unknown, sizeof unknown, "%s is missing", act->words[i].field);
            return web_reply_error(request, MHD_HTTP_UNPROCESSABLE_CONTENT, unknown);
        }
        struct sw_patient_id patient;
        int r = check_subject(request, act->words[i].about, word, &patient);
        if (r < 0)
            return web_reply_error(
                request,
                r == -ENOENT ? MHD_HTTP_NOT_FOUND : MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
        bool is_of_alert = act->words[i].about == PATIENT_OF_ALERT;
        if (is_of_alert)
            web_command_option(command, act->words[i].field, word);
        web_command_word(command, is_of_alert ? patient.str : word);
    }
    const char *field = take_fields(command, act, &request->form);
    if (field) {
        snprintf(unknown, sizeof unknown, "%.60s is no field of this form", field);
        return web_reply_error(request, MHD_HTTP_BAD_REQUEST, unknown);
    }
    int code = web_command_run(command, request, false);
    if (command->is_barred)
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    if (code != CLI_OK)
        return web_reply_error(request,
                               code == CLI_USAGE ? MHD_HTTP_UNPROCESSABLE_CONTENT
                                                 : MHD_HTTP_CONFLICT,
                               command->err && *command->err ? command->err : NULL);
    return done(request, command);
}

void web_act_fields(FILE *out, const char *name)
{
    const struct act *act = find_act(name);
    const struct cli_command *command = act ? cli_command_named(act->command) : NULL;
    char option[CLI_PLAN_NAME_MAX];
    const char *comma = "";
    for (size_t i = 0; act && i < 2 && act->words[i].field; i++, comma = ",")
        fprintf(out, "%s\"%s\":{\"type\":\"string\"}", comma, act->words[i].field);
    for (size_t i = 0; command && command->options[i].name; i++)
        if (is_of_act(command->options[i].name) &&
            !is_word(act, command->options[i].name))
            fprintf(out, "%s\"%s\":{\"type\":\"string\"}", comma,
                    command->options[i].name);
    for (size_t i = 0; command && command->takes_plan && sw_plan_field(i); i++) {
        cli_plan_option_name(sw_plan_field(i), option);
        fprintf(out, "%s\"%s\":{\"type\":\"string\"}", comma, option);
    }
}

/* The user's own switch; no patient has to do with it, so it is no command. */
static enum MHD_Result switch_names(struct web_request *request)
{
    int r = sw_users_switch_names(request->server->users, request->user.id);
    if (r == 0)
        return web_reply_see_other(request, web_way_back(request));
    if (r == SW_STORE_NONE)
        return web_reply_error(request, MHD_HTTP_FORBIDDEN, NULL);
    sw_log(SW_LOG_ERROR, "%s", sw_users_why(request->server->users, r));
    return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
}

enum MHD_Result web_act(struct web_request *request)
{
    char why[SW_WHY_MAX];
    const struct web_route *route = request->place.route;
    if (!route->command && strcmp(request->place.args[0], "names") == 0)
        return switch_names(request);
    const struct act *act =
        find_act(route->command ? route->command : request->place.args[0]);
    if (!act)
        return web_reply_error(request, MHD_HTTP_NOT_FOUND, NULL);
    if (act->is_for_admins && request->user.role != SW_ROLE_ADMIN)
        return web_reply_error(request, MHD_HTTP_FORBIDDEN, NULL);
    if (!web_reach_store(request->server, why))
        return web_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, why);
    if (!request->is_by_token)
        sw_users_touch_session(request->server->users, request->secret,
                               request->server->now_s);
    struct web_command command = {.name = act->command};
    enum MHD_Result result = act_and_answer(request, act, &command);
    web_command_fini(&command);
    return result;
}
