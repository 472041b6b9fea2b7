/* test_help.c -- help, man page and completions tell of the same commands and options;
 * wrong use is answered in one line with a remedy. */
#include "cli_fixture.h"
#include "stepward/rule.h"

static int set_up(void **state)
{
    *state = malloc(sizeof(struct clinic));
    clinic_init(*state);
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static int run_help(struct clinic *clinic, const struct cli_command *command)
{
    char name[64];
    snprintf(name, sizeof name, "%s", command->name);
    char *second = strchr(name, ' ');
    if (!second)
        return RUN(clinic, name, "--help");
    *second++ = '\0';
    return RUN(clinic, name, second, "--help");
}

/* prefix: "--" in help and completions, "Fl -" in mdoc. */
static void assert_tells_of(const char *text, const char *prefix, const char *name)
{
    char part[96];
    snprintf(part, sizeof part, "%s%s", prefix, name);
    assert_says(text, part);
}

static void assert_tells_all(const char *text, const struct cli_command *command,
                             const char *prefix)
{
    char name[CLI_PLAN_NAME_MAX];
    for (size_t i = 0; command->options[i].name; i++)
        assert_tells_of(text, prefix, command->options[i].name);
    for (size_t i = 0; command->takes_plan && sw_plan_field(i); i++) {
        cli_plan_option_name(sw_plan_field(i), name);
        assert_tells_of(text, prefix, name);
    }
}

static void test_help__each_command_tells_usage_options_and_an_example(void **state)
{
    struct clinic *clinic = *state;
    const struct cli_command *command;
    for (size_t i = 0; (command = cli_command(i)); i++) {
        assert_int_equal(run_help(clinic, command), CLI_OK);
        assert_says(clinic->out, "usage: stepward ");
        assert_says(clinic->out, command->name);
        assert_says(clinic->out, "\nexample:\n  stepward ");
        assert_tells_all(clinic->out, command, "--");
    }
}

static void test_help__lists_every_command_and_says_what_stepward_is_not(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "--help"), CLI_OK);
    for (size_t i = 0; cli_command(i); i++)
        assert_says(clinic->out, cli_command(i)->name);
    assert_says(clinic->out, "not an emergency or diagnostic device");
    assert_says(clinic->out, "\n  silent unusable unworn rest low over pain battery\n");
}

static void test_help__needs_no_configuration(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "today", "--help"), CLI_OK);
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "patient", "--help"), CLI_OK);
    assert_says(clinic->out, "patient add");
    assert_silent_about(clinic->out, "minutes");
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "--version"), CLI_OK);
    assert_string_equal(clinic->out, "stepward " STEPWARD_VERSION "\n");
}

/* Text without line breaks and the marks of `code`. */
static char *as_one_line(const char *text)
{
    char *line = calloc(1, strlen(text) + 1);
    size_t n = 0;
    for (; *text; text++) {
        bool is_gap = *text == ' ' || *text == '\n';
        if (*text == '`' || (is_gap && n > 0 && line[n - 1] == ' '))
            continue;
        line[n++] = is_gap ? ' ' : *text;
    }
    return line;
}

static void assert_says_all(const char *text, const struct sw_rule *rule)
{
    char *line = as_one_line(text), part[400];
    const char *const texts[] = {rule->name, rule->text->level, rule->text->raised,
                                 rule->text->closes};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *expected = as_one_line(texts[i]);
        snprintf(part, sizeof part, "%s ", expected);
        assert_says(line, part);
        free(expected);
    }
    free(line);
}

static void test_help__of_alerts_has_the_table_of_kinds(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--help"), CLI_OK);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        assert_says_all(clinic->out, sw_rule((enum sw_alert_kind)kind));
    const char *line = strstr(clinic->out, "kinds of alerts:");
    for (; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
}

/* The lines of the help that look like it are a recording. */
static void test_help__of_replay_shows_a_recording_that_can_be_replayed(void **state)
{
    struct clinic *clinic = *state;
    char path[128], *help, *rest;
    snprintf(path, sizeof path, "%s/recording", clinic->folder);
    assert_int_equal(RUN(clinic, "replay", "--help"), CLI_OK);
    help = rest = strdup(clinic->out);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (strncmp(line, "  {", 3) == 0)
            assert_true(fprintf(file, "%s\n", line) > 0);
    assert_int_equal(fclose(file), 0);
    free(help);
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--by", "event"), CLI_OK);
    unlink(path);
    assert_silent_about(clinic->out, "refused");
    assert_says(clinic->out, "opened");
}

static void test_help__of_patient_set_says_what_becomes_of_later_plans(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "set", "--help"), CLI_OK);
    assert_says(clinic->out,
                "Plans already stored for later days follow in the fields");
}

/* A patient's own, where one is named; else none, for what is left out stays. */
static void test_help__of_patient_set_has_the_patient_s_values(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--rest-limit", "2h"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--help"), CLI_OK);
    assert_says(clinic->out, "the plan of p1:\n");
    assert_says(clinic->out, "longest rest, 30m to 8h (now 2h)\n");
    assert_says(clinic->out, "steps a day to reach, 0 = none (now 6000)\n");
    assert_silent_about(clinic->out, "default 3h");
    assert_int_equal(RUN(clinic, "patient", "set", "--help"), CLI_OK);
    assert_says(clinic->out, "longest rest, 30m to 8h\n");
    assert_int_equal(RUN(clinic, "patient", "set", "nobody", "--help"), CLI_OK);
    assert_says(clinic->out, "longest rest, 30m to 8h\n");
    /* a new one takes the configuration's */
    assert_int_equal(RUN(clinic, "patient", "add", "--help"), CLI_OK);
    assert_says(clinic->out, "steps a day to reach, 0 = none (default 6000)\n");
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "patient", "add", "--help"),
                     CLI_OK);
    assert_says(clinic->out, "longest rest, 30m to 8h (default 3h)\n");
}

static void test_help__is_a_command_too(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "help"), CLI_OK);
    assert_says(clinic->out, "usage: stepward [-c FILE] COMMAND ...");
    assert_int_equal(RUN(clinic, "help", "today"), CLI_OK);
    assert_says(clinic->out, "usage: stepward today [options]\n");
    assert_int_equal(RUN(clinic, "help", "patient", "list"), CLI_OK);
    assert_says(clinic->out, "usage: stepward patient list [options]\n");
    assert_int_equal(RUN(clinic, "help", "patient"), CLI_OK);
    assert_says(clinic->out, "usage: stepward patient COMMAND ...");
    assert_int_equal(RUN(clinic, "help", "tody"), CLI_USAGE);
    assert_says(clinic->err, "did you mean today?");
    assert_int_equal(RUN(clinic, "help", "patient", "lsit"), CLI_USAGE);
    assert_says(clinic->err, "did you mean patient list?");
    assert_int_equal(RUN(clinic, "help", "help"), CLI_OK);
    assert_says(clinic->out, "usage: stepward help [COMMAND]\n");
    assert_int_equal(RUN(clinic, "help", "-c", "/nonexistent"), CLI_USAGE);
    assert_says(clinic->err, "-c FILE goes before the command: stepward -c FILE help");
}

static void assert_no_long_line(const char *text)
{
    for (; *text; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") > 80)
            fail_msg("longer than 80: %.*s", (int)strcspn(text, "\n"), text);
}

static void test_help__no_line_is_longer_than_80_columns(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "--help"), CLI_OK);
    assert_no_long_line(clinic->out);
    for (size_t i = 0; cli_command(i); i++) {
        assert_int_equal(run_help(clinic, cli_command(i)), CLI_OK);
        assert_no_long_line(clinic->out);
    }
}

/* Each row as it is, so that a change of the code's table is a change of README's. */
static void test_readme__has_the_table_of_kinds(void **state)
{
    (void)state;
    char *readme = read_text(SOURCE_DIR "/README.md");
    char row[600];
    assert_says(readme, "| kind | raised when | level | closes |\n|---|---|---|---|\n");
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_rule *rule = sw_rule((enum sw_alert_kind)kind);
        snprintf(row, sizeof row, "|\n| `%s` | %s | %s | %s |\n", rule->name,
                 rule->text->raised, rule->text->level, rule->text->closes);
        assert_says(readme, row);
    }
    free(readme);
}

static void test_man__tells_of_every_command_and_option(void **state)
{
    (void)state;
    char *man = read_text(SOURCE_DIR "/config/man/stepward.1");
    for (size_t i = 0; cli_command(i); i++) {
        assert_says(man, cli_command(i)->name);
        assert_tells_all(man, cli_command(i), "Fl -");
    }
    free(man);
}

static void assert_knows_reasons(const char *completion)
{
    static const char *const codes[] = {
#define X(name, code, remedy) code,
        SW_REFUSALS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        assert_says(completion, codes[i]);
}

static void test_completion__knows_every_command_and_option(void **state)
{
    (void)state;
    char *completion = read_text(SOURCE_DIR "/config/completions/stepward.bash");
    for (size_t i = 0; cli_command(i); i++) {
        const char *space = strchr(cli_command(i)->name, ' ');
        assert_says(completion, space ? space + 1 : cli_command(i)->name);
        assert_tells_all(completion, cli_command(i), "--");
    }
    assert_knows_reasons(completion);
    free(completion);
}

static void test_usage__the_nearest_command_or_option_is_suggested(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "sumary"), CLI_USAGE);
    assert_string_equal(clinic->err,
                        "stepward: unknown command sumary: did you mean summary?\n");
    assert_int_equal(RUN(clinic, "patient", "lsit"), CLI_USAGE);
    assert_says(clinic->err, "did you mean patient list?");
    assert_int_equal(RUN(clinic, "summary", "--dais", "3"), CLI_USAGE);
    assert_says(clinic->err, "unknown option --dais: did you mean --days?");
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--rest-limt", "2h"),
                     CLI_USAGE);
    assert_says(clinic->err, "did you mean --rest-limit?");
}

static void test_usage__wrong_use_ends_with_two_and_one_line(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "frobnicate"), CLI_USAGE);
    assert_says(clinic->err, "see `stepward --help`");
    assert_int_equal(clinic_run(clinic, (const char *const[]){NULL}), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "--frobnicate"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "-x"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "today", "-x"), CLI_USAGE);
    assert_says(clinic->err, "unknown option -x");
    assert_int_equal(RUN(clinic, "alerts", "--all=1"), CLI_USAGE);
    assert_says(clinic->err, "--all takes no value");
    assert_int_equal(RUN(clinic, "alerts", "--days"), CLI_USAGE);
    assert_says(clinic->err, "--days needs a value");
    assert_int_equal(RUN(clinic, "today\n\033[2J"), CLI_USAGE);
    assert_silent_about(clinic->err, "\033");
}

static void test_usage__a_configuration_that_is_wrong_ends_with_two(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "-c", "/nonexistent.conf", "today"), CLI_USAGE);
    assert_says(clinic->err, "/nonexistent.conf");
}

static void test_usage__the_configuration_goes_before_the_command(void **state)
{
    struct clinic *clinic = *state;
    const char says[] =
        "stepward: -c FILE goes before the command: stepward -c FILE today\n";
    assert_int_equal(RUN(clinic, "today", "-c", clinic->config), CLI_USAGE);
    assert_string_equal(clinic->err, says);
    assert_int_equal(RUN(clinic, "today", "--config", clinic->config), CLI_USAGE);
    assert_string_equal(clinic->err, says);
    assert_int_equal(RUN(clinic, "today", "--config=x.conf"), CLI_USAGE);
    assert_string_equal(clinic->err, says);
    assert_int_equal(RUN(clinic, "today", "-cx.conf"), CLI_USAGE);
    assert_string_equal(clinic->err, says);
    assert_int_equal(RUN(clinic, "patient", "-c", clinic->config, "list"), CLI_USAGE);
    assert_says(clinic->err, "stepward -c FILE patient\n");
    /* not "name one with -c", where there is none by default */
    assert_int_equal(RUN(clinic, "-c", "/nonexistent", "today", "-c", clinic->config),
                     CLI_USAGE);
    assert_string_equal(clinic->err, says);
}

static void test_empty__listings_without_a_database_say_how_to_begin(void **state)
{
    struct clinic *clinic = *state;
    static const char *const commands[] = {"today", "summary", "alerts", "rejected",
                                           "status"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        assert_int_equal(RUN(clinic, commands[i]), CLI_FAILED);
        assert_says(clinic->err,
                    "begin with `sudo -u stepward stepward patient add ID`");
    }
    assert_int_equal(RUN(clinic, "minutes", "p1"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "ack", "p1-rest-1"), CLI_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_help__each_command_tells_usage_options_and_an_example),
        TEST(test_help__lists_every_command_and_says_what_stepward_is_not),
        TEST(test_help__needs_no_configuration),
        TEST(test_help__of_alerts_has_the_table_of_kinds),
        TEST(test_help__of_replay_shows_a_recording_that_can_be_replayed),
        TEST(test_help__of_patient_set_says_what_becomes_of_later_plans),
        TEST(test_help__of_patient_set_has_the_patient_s_values),
        TEST(test_help__is_a_command_too),
        TEST(test_help__no_line_is_longer_than_80_columns),
        TEST(test_readme__has_the_table_of_kinds),
        TEST(test_man__tells_of_every_command_and_option),
        TEST(test_completion__knows_every_command_and_option),
        TEST(test_usage__the_nearest_command_or_option_is_suggested),
        TEST(test_usage__wrong_use_ends_with_two_and_one_line),
        TEST(test_usage__a_configuration_that_is_wrong_ends_with_two),
        TEST(test_usage__the_configuration_goes_before_the_command),
        TEST(test_empty__listings_without_a_database_say_how_to_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
