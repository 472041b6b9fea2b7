/* command.h -- a command of the command line, run in this process: one implementation of
 * each act, and one encoder of each number.
 *
 *     struct web_command command = {.name = "ack"};
 *     web_command_option(&command, "by", "anna");
 *     web_command_word(&command, "p017-rest-1774779300");
 *     code = web_command_run(&command, request, false);
 *     …command.out, command.err
 *     web_command_fini(&command);
 */
#ifndef WEB_COMMAND_H
#define WEB_COMMAND_H

#include "web/web.h"

/* One thread answers everybody, and a Pi has little memory. */
enum {
    WEB_ROWS_MAX = 20000, /* patients times days of a listing */
    WEB_LISTING_MAX = 16 * 1024 * 1024,
};
struct web_command {
    const char *name;
    char **argv; /* [0]: the last word of its name */
    size_t n, cap;
    char **words; /* which go behind the options */
    size_t n_words, cap_words;
    bool has_failed; /* no memory */
    bool is_barred;  /* it did nothing, as it was about a patient of others */
    char *out, *err; /* what it printed; err without "stepward: " and its end of line */
    size_t n_out, cap_out, n_err;
    bool is_too_long; /* it printed more than WEB_LISTING_MAX, and has failed */
};
/* Whether the command has that option, or a field of a plan of that name. *ret_is_flag:
 * the option takes no value. */
bool web_command_has(const struct web_command *command, const char *option,
                     bool *ret_is_flag);
void web_command_option(struct web_command *command, const char *option,
                        const char *value); /* NULL: a flag */
void web_command_word(struct web_command *command, const char *word);
/* An exit code. A command that only reads may use the server's own store. */
int web_command_run(struct web_command *command, struct web_request *request,
                    bool reads);
void web_command_fini(struct web_command *command);

#endif
