/* cli.c -- all that main() does: find the command, load the configuration, run it.
 * A command's own options are parse.c's business. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/actor.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/typed.h"
#include "stepward/host.h"
#include "util/nearest.h"

enum { LINE_MAX_BYTES = 1024 }; /* of an error; a file name and a reason fit */

/* ---- errors ---- */

__attribute__((format(printf, 2, 0))) static void
print_message(struct cli *cli, const char *format, va_list args)
{
    char line[LINE_MAX_BYTES];
    vsnprintf(line, sizeof line, format, args);
    char *typed = cli_typed(cli, line);
    char *shown = typed ? cli_shown(typed, strlen(typed), 0) : NULL;
    fflush(cli->out);
    fprintf(cli->err, "stepward: %s\n", shown ? shown : "out of memory");
    free(shown);
    free(typed);
}

int cli_fail(struct cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_message(cli, format, args);
    va_end(args);
    return CLI_FAILED;
}

int cli_usage(struct cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_message(cli, format, args);
    va_end(args);
    return CLI_USAGE;
}

bool cli_is_config_option(const char *word)
{
    return strncmp(word, "-c", 2) == 0 || strcmp(word, "--config") == 0 ||
           strncmp(word, "--config=", strlen("--config=")) == 0;
}

int cli_config_misplaced(struct cli *cli, const char *command)
{
    return cli_usage(cli, "-c FILE goes before the command: stepward -c FILE %s",
                     command);
}

/* ---- which command ---- */

/* "patient" of "patient add" is a group: the commands that begin with this word. */
static bool is_of_group(const char *name, const char *word)
{
    size_t len = strlen(word);
    return strncmp(name, word, len) == 0 && name[len] == ' ';
}

/* The command that begins at words[0]; *ret_used is how many words its name takes. */
static const struct cli_command *find_command(char *const *words, int n, int *ret_used)
{
    const struct cli_command *command;
    for (size_t i = 0; (command = cli_command(i)); i++) {
        bool is_it = strcmp(command->name, words[0]) == 0;
        bool is_both = n > 1 && is_of_group(command->name, words[0]) &&
                       strcmp(command->name + strlen(words[0]) + 1, words[1]) == 0;
        if (is_it || is_both) {
            *ret_used = is_both ? 2 : 1;
            return command;
        }
    }
    return NULL;
}

/* ctx is the word of a group, or NULL for the first words of all commands. */
static const char *command_name(const void *ctx, size_t i)
{
    const struct cli_command *command;
    for (size_t j = 0; (command = cli_command(j)); j++) {
        bool counts = !ctx || is_of_group(command->name, ctx);
        if (counts && i-- == 0)
            return ctx ? command->name + strlen(ctx) + 1 : command->name;
    }
    return NULL;
}

static int unknown_of_group(struct cli *cli, const char *group, const char *word)
{
    const char *near = word ? sw_nearest(word, command_name, group) : NULL;
    if (word && cli_is_config_option(word))
        return cli_config_misplaced(cli, group);
    if (near)
        return cli_usage(cli, "unknown command %s %s: did you mean %s %s?", group, word,
                         group, near);
    if (word)
        return cli_usage(cli, "unknown command %s %s: see `stepward %s --help`", group,
                         word, group);
    return cli_usage(cli, "%s what? See `stepward %s --help`", group, group);
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Without a configuration, a -c behind the command is taken for a misplaced option.
 * While there is one, such a word may be a value and is no mistake. */
static int run_command(struct cli *cli, const char *path, int argc, char **argv)
{
    char why[SW_WHY_MAX];
    int code;
    bool has_config = sw_config_load(&cli->config, path, SW_CONFIG_OF_OTHERS, why) >= 0;
    if (!has_config && cli->command->runs_without_config) {
        cli->config_why = why;
        code = cli->command->run(cli, argc, argv);
        cli->config_why = NULL;
        return code;
    }
    if (!has_config) {
        for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
            if (cli_is_config_option(argv[i]))
                return cli_config_misplaced(cli, cli->command->name);
        return cli_usage(cli, "%s", why);
    }
    if (sw_zone_load(&cli->zone, cli->config.timezone) < 0) {
        code = cli_fail(cli, "cannot load the time zone %s", cli->config.timezone);
        goto out;
    }
    cli->n_looks = 0;
    code = cli->command->run(cli, argc, argv);
    if (code == CLI_OK && cli->n_looks > 0)
        cli_note_looks(cli);
    sw_store_close(cli->store);
    cli->store = NULL;
    sw_zone_fini(&cli->zone);
out:
    sw_config_fini(&cli->config);
    return code;
}

/* Run the command that the words begin with, or print its help if is_help, or if the
 * words behind its name ask for it. n > 0. */
static int find_and_run(struct cli *cli, const char *path, int n, char **words,
                        bool is_help)
{
    int used = 0;
    cli->command = find_command(words, n, &used);
    if (cli->command) {
        if (is_help && used < n && !cli->command->takes_plan)
            return cli_usage(cli, "%s is one too many: stepward help %s", words[used],
                             cli->command->name);
        for (int i = used; i < n && !is_help && strcmp(words[i], "--") != 0; i++)
            is_help = asks_for_help(words[i]);
        if (!is_help)
            return run_command(cli, path, n - used + 1, words + used - 1);
        cli_help_command(cli, path, n - used, words + used);
        return CLI_OK;
    }
    if (!command_name(words[0], 0)) { /* it is no group either */
        const char *near = sw_nearest(words[0], command_name, NULL);
        if (near)
            return cli_usage(cli, "unknown command %s: did you mean %s?", words[0],
                             near);
        return cli_usage(cli, "unknown command %s: see `stepward --help`", words[0]);
    }
    if (is_help ? n == 1 : n > 1 && asks_for_help(words[1])) {
        cli_help_group(words[0], cli->out);
        return CLI_OK;
    }
    return unknown_of_group(cli, words[0], n > 1 ? words[1] : NULL);
}

/* `help today` is `today --help`, and `help` alone `--help`. */
static int help_on(struct cli *cli, const char *path, int n, char **words)
{
    if (n == 0) {
        cli_help(cli->out);
        return CLI_OK;
    }
    if (strcmp(words[0], "help") == 0 || asks_for_help(words[0])) {
        fputs("usage: stepward help [COMMAND]\n\n"
              "what a command does, and its options\n\n"
              "example:\n  stepward help patient set\n",
              cli->out);
        return CLI_OK;
    }
    if (cli_is_config_option(words[0]))
        return cli_config_misplaced(cli, "help");
    return find_and_run(cli, path, n, words, true);
}

static int parse_and_run(struct cli *cli, int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {0}};
    const char *path = sw_config_default_path();
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    /* +: stop at the command, whose options are its own */
    for (int c; (c = getopt_long(argc, argv, "+:c:h", options, NULL)) != -1;) {
        if (c == 'h') {
            cli_help(cli->out);
            return CLI_OK;
        }
        if (c == 'V') {
            fprintf(cli->out, "stepward %s\n", STEPWARD_VERSION);
            return CLI_OK;
        }
        if (c == ':')
            return cli_usage(cli, "-c needs a file");
        if (c == '?')
            return cli_usage(cli, "unknown option %s: see `stepward --help`",
                             argv[optind - 1]);
        path = optarg;
    }
    argc -= optind;
    argv += optind;
    if (argc == 0)
        return cli_usage(cli, "which command? See `stepward --help`");
    if (strcmp(argv[0], "help") == 0)
        return help_on(cli, path, argc - 1, argv + 1);
    return find_and_run(cli, path, argc, argv, false);
}

static int check_written(struct cli *cli, int code)
{
    bool is_written = fflush(cli->out) == 0 && !ferror(cli->out);
    if (code == CLI_OK && !is_written)
        code = cli_fail(cli, "cannot write the output: %s", strerror(errno));
    return code;
}

int cli_run(struct cli *cli, int argc, char **argv)
{
    cli->argv = argv;
    return check_written(cli, parse_and_run(cli, argc, argv));
}

int cli_answer(struct cli *cli, const char *name, int argc, char **argv)
{
    cli->command = cli_command_named(name);
    if (!cli->command)
        return cli_usage(cli, "unknown command %s", name);
    return check_written(cli, cli->command->run(cli, argc, argv));
}

int cli_main(struct cli *cli, int argc, char **argv)
{
    struct winsize size = {.ws_col = 0};
    bool is_terminal = isatty(STDOUT_FILENO) != 0;
    umask(S_IRWXO);           /* the database is for its group too */
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, no death */
    cli->out = stdout;
    cli->err = stderr;
    cli->now_s = sw_clock_now_s();
    cli->color = cli_wants_color(is_terminal, getenv("NO_COLOR"), getenv("TERM"));
    if (is_terminal)
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    cli->width = cli_terminal_width(is_terminal, size.ws_col, getenv("COLUMNS"));
    return cli_run(cli, argc, argv);
}
