/* command.c -- a command of the command line, run in this process; see command.h. */
#include "web/command.h"

#include <stdlib.h>
#include <string.h>

#include "stepward/plan.h"
#include "util/array.h"

#define SPEAKER "stepward: "

bool web_command_has(const struct web_command *command, const char *option,
                     bool *ret_is_flag)
{
    const struct cli_command *found = cli_command_named(command->name);
    char name[CLI_PLAN_NAME_MAX];
    *ret_is_flag = false;
    for (size_t i = 0; found && found->options[i].name; i++)
        if (strcmp(found->options[i].name, option) == 0) {
            *ret_is_flag = !found->options[i].value;
            return true;
        }
    for (size_t i = 0; found && found->takes_plan && sw_plan_field(i); i++) {
        cli_plan_option_name(sw_plan_field(i), name);
        if (strcmp(name, option) == 0)
            return true;
    }
    return false;
}

/* Takes text, which may be NULL for want of memory. */
static void push(struct web_command *command, char ***array, size_t *n, size_t *cap,
                 char *text)
{
    if (!text || sw_array_reserve(array, *n + 2, cap, sizeof **array) < 0) {
        command->has_failed = true;
        free(text);
        return;
    }
    (*array)[(*n)++] = text;
    (*array)[*n] = NULL;
}

static void push_option(struct web_command *command, char *text)
{
    const char *last = strrchr(command->name, ' ');
    if (command->n == 0)
        push(command, &command->argv, &command->n, &command->cap,
             strdup(last ? last + 1 : command->name));
    push(command, &command->argv, &command->n, &command->cap, text);
}

void web_command_option(struct web_command *command, const char *option,
                        const char *value)
{
    char *text = NULL;
    if (asprintf(&text, value ? "--%s=%s" : "--%s", option, value) < 0)
        text = NULL;
    push_option(command, text);
}

void web_command_word(struct web_command *command, const char *word)
{
    push(command, &command->words, &command->n_words, &command->cap_words,
         strdup(word));
}

/* "stepward: alert p017-… is closed already\n" is a page's sentence without its ends. */
static void trim(char *text)
{
    size_t n = strlen(SPEAKER);
    if (strncmp(text, SPEAKER, n) == 0)
        memmove(text, text + n, strlen(text) - n + 1);
    text[strcspn(text, "\n")] = '\0';
}

/* ---- what it prints ---- */

/* Memory for what it prints, and no more than WEB_LISTING_MAX of it. */
static ssize_t take_output(void *cookie, const char *bytes, size_t n)
{
    struct web_command *command = cookie;
    command->is_too_long = command->is_too_long || n > WEB_LISTING_MAX - command->n_out;
    if (command->is_too_long || sw_array_reserve(&command->out, command->n_out + n + 1,
                                                 &command->cap_out, 1) < 0)
        return 0;
    memcpy(command->out + command->n_out, bytes, n);
    command->n_out += n;
    command->out[command->n_out] = '\0';
    return (ssize_t)n;
}

/* ---- running it ---- */

/* In the command's own transaction, so that nobody changes a plan in between. */
static int may_act(const struct cli *cli, const char *id)
{
    struct web_request *request = cli->acting;
    struct board_view view;
    struct sw_patient patient;
    struct sw_plan plan;
    web_view(request, &request->place, &view);
    view.store = cli->store;
    return board_find_patient(&view, id, &patient, &plan);
}

int web_command_run(struct web_command *command, struct web_request *request,
                    bool reads)
{
    char why[SW_WHY_MAX];
    struct web_server *server = request->server;
    struct cli cli = {.config = server->config,
                      .zone = server->zone,
                      .now_s = server->now_s,
                      .rows_max = WEB_ROWS_MAX,
                      .actor = request->user.id,
                      .may_act = may_act,
                      .acting = request,
                      .store = reads ? web_reach_store(server, why) : NULL};
    if (reads && !cli.store) {
        command->err = strdup(why);
        return CLI_FAILED;
    }
    push_option(command, strdup("--")); /* no word is an option */
    for (size_t i = 0; i < command->n_words; i++)
        push_option(command, strdup(command->words[i]));
    cli.out = fopencookie(command, "w", (cookie_io_functions_t){.write = take_output});
    cli.err = open_memstream(&command->err, &command->n_err);
    int code = CLI_FAILED;
    if (cli.out && cli.err && !command->has_failed)
        code = cli_answer(&cli, command->name, (int)command->n, command->argv);
    command->is_barred = cli.is_barred;
    if (!reads)
        sw_store_close(cli.store);
    command->has_failed = (cli.out && fclose(cli.out) != 0) || command->has_failed;
    command->has_failed = (cli.err && fclose(cli.err) != 0) || command->has_failed;
    if (command->err)
        trim(command->err);
    return command->has_failed ? CLI_FAILED : code;
}

/* getopt_long() permutes argv, so what is freed are its texts in any order. */
void web_command_fini(struct web_command *command)
{
    for (size_t i = 0; i < command->n; i++)
        free(command->argv[i]);
    for (size_t i = 0; i < command->n_words; i++)
        free(command->words[i]);
    free(command->argv);
    free(command->words);
    free(command->out);
    free(command->err);
}
