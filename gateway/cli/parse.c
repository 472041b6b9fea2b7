/* parse.c -- parses a command's options by its table.
 * cli.c finds the command; what the values mean is the command's business. */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "util/nearest.h"

enum { FIRST_VAL = 256 }; /* above every character getopt_long() may return */

void cli_plan_option_name(const struct sw_plan_field *field,
                          char out[static CLI_PLAN_NAME_MAX])
{
    snprintf(out, CLI_PLAN_NAME_MAX, "%s", field->key);
    for (char *at = out; (at = strchr(at, '_'));)
        *at = '-';
}

static const char *option_name(const void *ctx, size_t i)
{
    const struct option *options = ctx;
    return options[i].name;
}

static int report_wrong(struct cli *cli, const struct option *options, int c,
                        const char *word)
{
    const char *command = cli->command->name;
    if (c == ':' && optopt == 'o')
        return cli_usage(cli, "-o needs a value: see `stepward %s --help`", command);
    if (c == ':' && optopt >= FIRST_VAL)
        return cli_usage(cli, "--%s needs a value: see `stepward %s --help`",
                         options[optopt - FIRST_VAL].name, command);
    if (optopt >= FIRST_VAL)
        return cli_usage(cli, "--%s takes no value: see `stepward %s --help`",
                         options[optopt - FIRST_VAL].name, command);
    if (optopt == 'c' || (optopt == 0 && cli_is_config_option(word)))
        return cli_config_misplaced(cli, command);
    if (optopt != 0)
        return cli_usage(cli, "unknown option -%c: see `stepward %s --help`", optopt,
                         command);
    const char *near = sw_nearest(word + 2, option_name, options);
    if (near)
        return cli_usage(cli, "unknown option %s: did you mean --%s?", word, near);
    return cli_usage(cli, "unknown option %s: see `stepward %s --help`", word, command);
}

static bool has_prometheus(const struct cli_command *command)
{
    for (const struct cli_option *option = command->options; option->name; option++)
        if (strcmp(option->name, "format") == 0)
            return strstr(option->value, "prometheus") != NULL;
    return false;
}

static int take_format(struct cli *cli, const char *format)
{
    static const char *const names[] = {[CLI_TABLE] = "table",
                                        [CLI_CSV] = "csv",
                                        [CLI_JSON] = "json",
                                        [CLI_PROMETHEUS] = "prometheus"};
    bool has_all = has_prometheus(cli->command);
    cli->format = CLI_TABLE;
    if (!format)
        return CLI_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names - !has_all; i++)
        if (strcmp(format, names[i]) == 0) {
            cli->format = (enum cli_format)i;
            return CLI_OK;
        }
    return cli_usage(cli, "--format %s: it is table, csv%s", format,
                     has_all ? ", json or prometheus" : " or json");
}

int cli_parse(struct cli *cli, int argc, char **argv, struct cli_args *ret)
{
    const struct cli_command *command = cli->command;
    /* The command's own options, then the plan's. */
    struct option options[CLI_OPTIONS_MAX + 1] = {{0}};
    char plan_names[CLI_OPTIONS_MAX][CLI_PLAN_NAME_MAX];
    const char **values[CLI_OPTIONS_MAX], *word;
    int n = 0;
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; command->options[i].name && n < CLI_OPTIONS_MAX; i++, n++) {
        options[n].name = command->options[i].name;
        options[n].has_arg =
            command->options[i].value ? required_argument : no_argument;
        options[n].val = FIRST_VAL + n;
        values[n] = &ret->values[i];
    }
    for (size_t i = 0; command->takes_plan && sw_plan_field(i) && n < CLI_OPTIONS_MAX;
         i++, n++) {
        cli_plan_option_name(sw_plan_field(i), plan_names[i]);
        options[n].name = plan_names[i];
        options[n].has_arg = required_argument;
        options[n].val = FIRST_VAL + n;
        values[n] = &ret->plan[i];
    }
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    const char *letters = command->takes_o ? ":o:" : ":";
    for (int c; (c = getopt_long(argc, argv, letters, options, NULL)) != -1;) {
        for (int i = 0; c == 'o' && i < n; i++)
            if (strcmp(options[i].name, "out") == 0)
                c = FIRST_VAL + i;
        if (c < FIRST_VAL)
            return report_wrong(cli, options, c, argv[optind - 1]);
        *values[c - FIRST_VAL] = optarg ? optarg : "";
        const char *name = options[c - FIRST_VAL].name;
        if (!command->repeats || strcmp(name, command->repeats) != 0)
            continue;
        if (ret->n_repeated == CLI_REPEATED_MAX)
            return cli_usage(cli, "%s: that is one too many", optarg);
        ret->repeated[ret->n_repeated++] = optarg;
    }
    ret->words = argv + optind;
    ret->n_words = (size_t)(argc - optind);
    if (cli_value(cli, ret, "wide"))
        cli->width = 0;
    int code = take_format(cli, cli_value(cli, ret, "format"));
    if (code != CLI_OK)
        return code;
    if (command->words)
        return strpbrk(command->words, "[ ") ? CLI_OK : cli_one_word(cli, ret, &word);
    if (ret->n_words > 0)
        return cli_usage(cli, "%s: `stepward %s` takes options only, see --help",
                         ret->words[0], command->name);
    return CLI_OK;
}

const char *cli_value(const struct cli *cli, const struct cli_args *args,
                      const char *name)
{
    const struct cli_option *options = cli->command->options;
    for (size_t i = 0; options[i].name; i++)
        if (strcmp(options[i].name, name) == 0)
            return args->values[i];
    return NULL;
}

int cli_number(struct cli *cli, const struct cli_args *args, const char *name,
               int64_t min, int64_t max, int64_t *ret)
{
    const char *value = cli_value(cli, args, name);
    if (!value || sw_number_parse(value, min, max, ret))
        return CLI_OK;
    return cli_usage(cli, "--%s %s: it is a whole number of %" PRId64 " to %" PRId64,
                     name, value, min, max);
}

int cli_one_word(struct cli *cli, const struct cli_args *args, const char **ret)
{
    const struct cli_command *command = cli->command;
    if (args->n_words > 1)
        return cli_usage(cli, "%s is one too many: stepward %s %s", args->words[1],
                         command->name, command->words);
    if (args->n_words == 0)
        return cli_usage(cli, "which one? stepward %s %s", command->name,
                         command->words);
    *ret = args->words[0];
    return CLI_OK;
}
